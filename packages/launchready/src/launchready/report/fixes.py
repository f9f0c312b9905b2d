"""Proposed changes as a person reads them: why first, then the diff, then what is left for a person."""

from collections.abc import Iterable, Sequence

from launchready.model.fix import ByHand, Proposal
from launchready.report.paint import Paint, clean

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def render_fixes(
    files: Sequence[tuple[str, tuple[str, ...], str]], by_hand: Sequence[ByHand], apply: str, revert: str, paint: Paint
) -> str:
    """Every file with its reasons and its diff. What is no diff begins with ``#``, so that ``git apply`` takes the whole."""
    lines: list[str] = []
    for _, whys, text in files:
        for why in whys:
            lines += paint.fold(why, "#   ", "# ")
        lines += [_line(line, paint) for line in text.rstrip("\n").split("\n")] + [""]
    lines += _hands(by_hand, paint)
    if files:
        count = f"{len(files)} {'file' if len(files) == 1 else 'files'}"
        lines.append(f"# {count} would change. Nothing was written; `{apply}` writes it, `{revert}` takes it back.")
    elif not by_hand:
        lines.append("# Nothing to fix that is known here.")
    return paint.finish(lines)


def render_by_hand(by_hand: Sequence[ByHand], paint: Paint) -> str:
    """What is left for a person."""
    return paint.finish(_hands(by_hand, paint)[:-1])


def render_list(proposal: Proposal, fixes: Iterable[tuple[str, str, tuple[str, ...]]], paint: Paint) -> str:
    """One block for each fix: what it is for, which files it changes, what it leaves to a person."""
    lines: list[str] = []
    for name, title, checks in fixes:
        part = proposal.of(name)
        files = list(dict.fromkeys(change.file for change in part.changes))
        told = [f"changes {', '.join(files)}"] if files else []
        told += [f"{len(part.by_hand)} by hand"] if part.by_hand else []
        lines.append(f"  {paint(name, 'bold'):{10 + len(paint(name, 'bold')) - len(name)}} {title}")
        lines += paint.fold("; ".join(told) or "nothing to do here", " " * 13)
        lines += paint.fold(f"for {', '.join(checks)}", " " * 13) if told else []
    return paint.finish(lines)


def _hands(by_hand: Sequence[ByHand], paint: Paint) -> list[str]:
    lines: list[str] = []
    for one in by_hand:
        lines += paint.fold(f"{one.fix}, by hand: {one.place}: {one.why}", "#   ", "# ")
        lines += [f"#     {clean(line)}" for line in one.lines]
    return [*lines, ""] if lines else []


def _line(line: str, paint: Paint) -> str:
    if not paint.colour:
        # For a pipe it stays as it is: git apply needs every byte.
        return line
    colour = _COLOURS.get(line[:1])
    shown = clean(line.replace("\t", "    "))
    return paint(shown, colour) if colour and not line.startswith(("+++", "---")) else shown
