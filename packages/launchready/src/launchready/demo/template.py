"""One code base, two variants: which lines of the Opsboard template belong to which.

A line ``#> unsafe OB-07`` or ``#> guarded`` (``//>`` in JavaScript, ``<!--> … -->`` in HTML and Markdown) begins lines of one variant,
``#> end`` lines of both. ``#> only guarded`` on the first line gives the whole file to one variant.
"""

import re

_MARK = re.compile(r"^\s*(?:#>|//>|<!-->)\s*(only\s+)?(unsafe|guarded|end)\b[^\n]*$")
VARIANTS = ("unsafe", "guarded")


def lines_of(variant: str, text: str) -> str | None:
    """The text of one variant without any marker, None when the whole file belongs to the other one."""
    kept: list[str] = []
    part = "end"
    for number, line in enumerate(text.split("\n")):
        mark = _MARK.match(line)
        if mark is None:
            if part in ("end", variant):
                kept.append(line)
        elif mark.group(1):
            if number == 0 and mark.group(2) != variant:
                return None
        else:
            part = mark.group(2)
    return "\n".join(kept)
