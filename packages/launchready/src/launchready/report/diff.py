"""Changes as a unified diff that ``git apply`` takes, once for each file; keys that were found stay hidden in it."""

import difflib
from collections.abc import Iterable, Iterator, Mapping

from launchready.model.fix import Proposal


def diffs(proposal: Proposal, secrets: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Each file with the sentences that say why it changes, and its diff. ``secrets`` are shown as dots: those of a file in it, those of
    ``""`` everywhere."""
    for file, (before, after) in proposal.files.items():
        whys = tuple(dict.fromkeys(f"{one.fix}: {one.why}" for one in proposal.changes if one.file == file))
        hidden = {*secrets.get("", ()), *secrets.get(file, ())} - {""}
        yield file, whys, _masked(unified(file, before, after), sorted(hidden, key=len, reverse=True))


def unified(file: str, before: bytes | None, after: bytes) -> str:
    """The diff of one file, with three lines around each change."""
    old, new = _lines(before or b""), _lines(after)
    said: list[str] = []
    names = ("/dev/null" if before is None else f"a/{file}", f"b/{file}")
    for line in difflib.unified_diff(old, new, *names):
        said.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return f"diff --git a/{file} b/{file}\n" + ("new file mode 100644\n" if before is None else "") + "".join(said)


def _lines(content: bytes) -> list[str]:
    # Lines end where git ends them: what str.splitlines splits at besides stands inside of lines.
    *whole, rest = content.decode("utf-8").split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])


def _masked(text: str, hidden: Iterable[str]) -> str:
    for value in hidden:
        text = text.replace(value, f"…({len(value)} characters)…")
    return text
