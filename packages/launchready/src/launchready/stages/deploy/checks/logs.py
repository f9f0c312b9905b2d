"""LR603: log files searched for passwords, tokens, card numbers and personal data."""

import asyncio
from collections import defaultdict
from pathlib import Path

from launchready_guard.redact import find

from launchready.core.check import Check, Context, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage

_LINES = ("BAR-7", "DEPLOY-5", "AUTO-5")
_MOST = 50_000_000
_LONGEST_LINE = 20_000
_PERSONAL = frozenset(("e-mail address", "card number"))


async def run(context: Context) -> Result:
    """Read each log given, the last 50 MB of a large one, line by line (OWASP Logging Cheat Sheet: data to exclude)."""
    findings, gaps, examined = [], [], 0
    for name in context.project.logs:
        path = Path(context.project.root, name)
        try:
            leaks, lines, cut = await asyncio.to_thread(_search, path)
        except OSError as error:
            gaps.append(
                Gap(name, f"{name} cannot be read: {error.strerror}", "a log file that exists, with some traffic in it")
            )
            continue
        if not lines:
            gaps.append(Gap(name, f"{name} is empty", "a log with some traffic in it"))
            continue
        if cut:
            gaps.append(Gap(name, f"{name} is larger than 50 MB; 50 MB of it were searched", "a shorter log"))
        examined += lines
        secret = {what: at for what, at in leaks.items() if what not in _PERSONAL}
        personal = {what: at for what, at in leaks.items() if what in _PERSONAL}
        findings += [_finding(name, kind, personal=kind is personal) for kind in (secret, personal) if kind]
    return Result(examined, tuple(findings), tuple(gaps))


def _search(path: Path) -> tuple[dict[str, list[tuple[int, str]]], int, bool]:
    """The lines of each kind of leak, how many lines were read, and whether some were not."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    count, size = 0, path.stat().st_size
    with path.open("rb") as file:
        if size > _MOST:
            file.seek(size - _MOST)
            file.readline()
        left = _MOST
        # A device has no size and need not end.
        while left > 0 and (raw := file.readline(_LONGEST_LINE)):
            count, left = count + 1, left - len(raw)
            line = raw.decode("utf-8", "replace").rstrip()
            for what in {leak.what for leak in find(line, emails=True)}:
                found[what].append((count, line))
        cut = size > _MOST or (left <= 0 and bool(file.read(1)))
    return dict(found), count, cut


def _finding(name: str, leaks: dict[str, list[tuple[int, str]]], *, personal: bool) -> Finding:
    kinds = sorted(leaks, key=lambda what: -len(leaks[what]))
    counted = ", ".join(f"{len(leaks[what])} × {what}" for what in kinds)
    evidence = [
        Evidence("log", f"{what}: {len(at)} lines, first in line {at[0][0]}", at[0][1][:400], name, at[0][0])
        for what, at in ((what, leaks[what]) for what in kinds)
    ]
    said = (
        "Personal data of members is in the log"
        if personal
        else "Passwords or tokens are in the log, where anyone with access to it can use them"
    )
    return Finding(
        "LR603",
        name,
        said,
        Severity.HIGH if personal and "card number" not in leaks else Severity.BLOCKER,
        Confidence.CERTAIN,
        Impact.DATA if personal else Impact.IDENTITY,
        _LINES,
        f"{counted}. Logs are copied to laptops, providers and backups, and kept for long.",
        tuple(evidence),
        "",
        "Hide these fields where the log line is made, not later (launchready_guard.redact does it), delete the old logs, and end the "
        "sessions whose tokens are in them.",
        2.0,
        "personal" if personal else "secret",
    )


CHECK = Check(
    CheckInfo(
        "LR603",
        "Logs hold no token, password or personal data",
        Stage.DEPLOY,
        _LINES,
        (Need.LOGS,),
        Severity.BLOCKER,
        Impact.IDENTITY,
        ("BAR-7", "DEPLOY-5"),
    ),
    run,
)
