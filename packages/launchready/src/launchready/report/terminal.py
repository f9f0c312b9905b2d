"""The first screen: the verdict in words, what would hurt customers first, what was not checked, what to do next."""

from collections import defaultdict
from dataclasses import dataclass

from launchready.model.audit import Audit
from launchready.model.roadmap import roadmap
from launchready.model.words import Decision, Proof, Severity, Status
from launchready.report.paint import Paint
from launchready.report.ranking import Row, rows

_TOP = 10
_COLOURS = {Decision.GO: "green", Decision.NO_GO: "red", Decision.INCOMPLETE: "yellow"}


@dataclass(frozen=True, slots=True)
class Call:
    """How a person calls us: ``program``, the ``path`` of the app as they would type it, whether the run was ``kept``, and the checks that
    have ``fixes``."""

    program: str = "launchready"
    path: str = ""
    kept: bool = True
    fixes: frozenset[str] = frozenset()

    def __call__(self, command: str, options: str = "") -> str:
        """A command about this app, ready to be copied."""
        return " ".join(part for part in (self.program, command, self.path, options) if part)


def render(audit: Audit, paint: Paint | None = None, call: Call = Call()) -> str:
    """The screen as text, for the place standard output goes to unless ``paint`` says otherwise."""
    paint = paint or Paint.here()
    lines = [*paint.fold(_title(audit), ""), "", *_verdict(audit, paint), ""]
    lines += _surface(audit, paint)
    found = rows(audit)
    top = found[:_TOP]
    if top:
        lines += [paint("  What would hurt your customers first", "bold")]
        for row in top:
            lines += _row(row, paint)
        rest = len(found) - len(top)
        if rest > 0:
            lines += paint.fold(f"… and {rest} more" + _see(call, "report", "--open"), "      ")
    elif audit.coverage.ran:
        lines += paint.fold("Nothing was found among what could be checked.", "  ")
    lines += ["", *_not_checked(audit, paint, call), *_notes(audit, paint), *_next(top, paint, call)]
    return paint.finish(lines)


def _title(audit: Audit) -> str:
    parts = [
        audit.target.project,
        audit.environment.name,
        f"{_count(audit.coverage.ran, 'check')} in {audit.seconds:.0f} s",
    ]
    return " · ".join(parts)


def _verdict(audit: Audit, paint: Paint) -> list[str]:
    cover = audit.coverage
    bar = f"minimum bar: {cover.bar_proven} of {cover.bar_total} proven"
    if cover.bar_failed:
        bar += f", {cover.bar_failed} failed"
    if cover.bar_not_checked:
        bar += f", {cover.bar_not_checked} not checked"
    blockers = sum(finding.blocks for finding in audit.findings)
    said = f"{_count(blockers, 'launch blocker')} · {bar}"
    if not blockers and audit.verdict is Decision.NO_GO:
        failed = [line for line, state in audit.roadmap.items() if roadmap()[line].bar and state.proof is Proof.FAILED]
        said = f"no launch blocker, but {', '.join(failed)} of the minimum bar failed · {bar}"
    leads = (row.finding for row in rows(audit))
    possible = sum(one.severity is Severity.BLOCKER and not one.blocks for one in leads)
    if possible:
        said += f" · {_count(possible, 'possible blocker')} to look at"
    word = f"  {audit.verdict.value}"
    folded = paint.fold(said, " " * (len(word) + 4), " " * (len(word) + 4))
    folded[0] = paint(word, _COLOURS[audit.verdict], "bold") + "    " + folded[0].strip()
    if not audit.complete:
        folded += paint.fold("This run was stopped before it ended.", " " * (len(word) + 4))
    return folded


def _surface(audit: Audit, paint: Paint) -> list[str]:
    surface = audit.surface
    if not surface.files_read:
        return []
    understood = [f"{f.name} ({_count(f.endpoints, 'endpoint')})" for f in surface.frameworks if f.endpoints]
    named = [f.name for f in surface.frameworks if not f.endpoints]
    said = "Understood: " + (", ".join(understood) or "no framework's routes")
    if named:
        said += ". Recognised only: " + ", ".join(named)
    said += f". {_count(surface.files_read, 'file')} read"
    files = sum(unread.file != "." for unread in surface.unread)
    if files:
        said += f", {files} not or only partly"
    return [*paint.fold(said + ".", "  "), ""]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _row(row: Row, paint: Paint) -> list[str]:
    finding = row.finding
    sure = finding.confidence.value
    colour = "red" if finding.blocks else "yellow"
    place = next((e.place for e in finding.evidence if e.place), "")
    tag = sure if finding.blocks else f"{sure}, {row.weight}"
    lines = paint.fold(finding.title, "      ", f"  {row.number:>2}  ")
    lines[0] = lines[0][:6] + paint(lines[0][6:], colour)
    where = " · ".join(part for part in (tag, row.places, place if place != finding.target else "", row.checks) if part)
    return [*lines, *(paint(line, "dim") for line in paint.fold(where, "      "))]


def _not_checked(audit: Audit, paint: Paint, call: Call) -> list[str]:
    # One endpoint counts once, however many checks could not ask it.
    reasons: defaultdict[str, set[str]] = defaultdict(set)
    told: dict[str, tuple[str, str]] = {}
    for outcome in audit.outcomes:
        if outcome.status in (Status.NOT_CHECKED, Status.ERROR):
            told.setdefault(outcome.reason, (outcome.give, "checks"))
            reasons[outcome.reason].add(outcome.check)
        for gap in outcome.gaps if outcome.status is not Status.NOT_CHECKED else ():
            told.setdefault(gap.reason, (gap.give, "endpoints" if " /" in gap.target else "places"))
            reasons[gap.reason].add(gap.target)
    if not reasons:
        return []
    lines = [paint("  Not checked", "bold")]
    crashed = {outcome.reason for outcome in audit.outcomes if outcome.status is Status.ERROR}
    first = sorted(reasons.items(), key=lambda item: (item[0] not in crashed, -len(item[1])))
    for reason, targets in first[:6]:
        give, what = told[reason]
        many = f" ({len(targets)} {what})" if len(targets) > 1 else ""
        lines += paint.fold(f"{reason}{many}" + (f" — give us: {give}" if give else ""), "        ", "      ")
    if len(reasons) > 6:
        rest = len(reasons) - 6
        lines += paint.fold(
            f"… and {rest} more {'reason' if rest == 1 else 'reasons'}" + _see(call, "roadmap"), "      "
        )
    return [*lines, ""]


def _notes(audit: Audit, paint: Paint) -> list[str]:
    return [line for note in audit.notes for line in paint.fold(note, "         ", "  Note   ")]


def _see(call: Call, command: str, options: str = "") -> str:
    return f": {call(command, options)}" if call.kept else ""


def _next(top: list[Row], paint: Paint, call: Call) -> list[str]:
    steps = [call("report", "--open")] if call.kept else []
    if top:
        steps.append(f"{call.program} explain {top[0].finding.check}")
    # What lies only in the history has no line that could be changed.
    mended = next(
        (
            row.finding.check
            for row in top
            if row.finding.check in call.fixes and any(e.file for e in row.finding.evidence)
        ),
        "",
    )
    if mended and call.kept:
        steps.append(call(f"fix {mended}"))
    if call.kept:
        steps.append(call("roadmap"))
    return next_lines(steps, paint)


def next_lines(steps: list[str], paint: Paint) -> list[str]:
    """What to do next: on one line where that is wide enough, else each on a line of its own, so that it can be copied."""
    if sum(len(step) + 5 for step in steps) > paint.width - 9:
        return [
            line
            for step in steps
            for line in paint.fold(step, "         ", "  Next   " if step is steps[0] else None, typed=True)
        ]
    return paint.fold("     ".join(steps), "         ", "  Next   ", typed=True) if steps else []
