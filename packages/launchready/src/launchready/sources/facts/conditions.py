"""The conditions that statements of a file stand under: a router that is mounted only in development is no way in elsewhere."""

import re
from itertools import accumulate

from msgspec import structs

from launchready.sources.facts.shape import Expr

_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*")
_STRINGS = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`")
# Words of a condition that name nothing of the program.
_WORDS = frozenset(
    (
        "is",
        "not",
        "None",
        "and",
        "or",
        "in",
        "len",
        "typeof",
        "undefined",
        "null",
        "length",
        "True",
        "true",
        "instanceof",
    )
)
# True wherever an app is served.
_ALWAYS = re.compile(
    r"^(?:True$|true$|__name__\s*==|(?:typing\.)?TYPE_CHECKING$|sys\.version_info|require\.main\s*===|import\.meta\.main$)"
)
_LONGEST = 90


def condition(text: str, outer: str = "", holds: bool = True) -> str:
    """A condition in one line, together with the ``outer`` one it stands in; what holds wherever an app is served is left out."""
    said = " ".join(text.split()).strip()
    if said.startswith("(") and said.endswith(")") and "(" not in said[1:-1]:
        said = said[1:-1]
    if not said or _ALWAYS.search(said):
        return outer
    if len(said) > _LONGEST:
        said = said[: _LONGEST - 1] + "…"
    if not holds:
        said = f"not ({said})"
    return f"{outer} and {said}" if outer and said not in outer else said


def under(call: Expr, when: str) -> Expr:
    """A call that runs only when ``when`` holds. ``if router: app.include(router)`` asks for nothing but its own parts: that is no condition."""
    if not when:
        return call
    parts = (call.text, *(item.text for item in call.items), *(value.text for _, value in call.named))
    own = {prefix for name in _NAME.findall(" ".join(parts)) for prefix in accumulate(name.split("."), "{}.{}".format)}
    asked = set(_NAME.findall(_STRINGS.sub("", when))) - _WORDS
    return call if asked and asked <= own else structs.replace(call, when=when)
