"""The first screen: the verdict in words, what would hurt customers first, what was not checked, what to do next."""

from collections import Counter

from launchready.model.audit import Audit
from launchready.model.words import Decision, Severity, Status
from launchready.report.paint import Paint
from launchready.report.ranking import Row, rows

_TOP = 10
_COLOURS = {Decision.GO: "green", Decision.NO_GO: "red", Decision.INCOMPLETE: "yellow"}


def render(audit: Audit, paint: Paint | None = None) -> str:
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
            lines += paint.fold(f"… and {rest} more: launchready report --format html", "      ")
    elif audit.coverage.ran:
        lines += paint.fold("Nothing was found among what could be checked.", "  ")
    lines += ["", *_not_checked(audit, paint), *_notes(audit, paint), *_next(audit, top, paint)]
    return paint.finish(lines)


def _title(audit: Audit) -> str:
    parts = [audit.target.project, audit.environment.name, f"{audit.coverage.ran} checks in {audit.seconds:.0f} s"]
    return " · ".join(parts)


def _verdict(audit: Audit, paint: Paint) -> list[str]:
    cover = audit.coverage
    bar = f"minimum bar: {cover.bar_proven} of {cover.bar_total} proven"
    if cover.bar_failed:
        bar += f", {cover.bar_failed} failed"
    if cover.bar_not_checked:
        bar += f", {cover.bar_not_checked} not checked"
    blockers = sum(finding.blocks for finding in audit.findings)
    said = f"{blockers} launch {'blocker' if blockers == 1 else 'blockers'} · {bar}"
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
    understood = [f"{f.name} ({f.endpoints} endpoints)" for f in surface.frameworks if f.endpoints]
    named = [f.name for f in surface.frameworks if not f.endpoints]
    said = "Understood: " + (", ".join(understood) or "no framework's routes")
    if named:
        said += ". Recognised only: " + ", ".join(named)
    said += f". {surface.files_read:,} files read"
    files = sum(unread.file != "." for unread in surface.unread)
    if files:
        said += f", {files} not or only partly"
    return [*paint.fold(said + ".", "  "), ""]


def _row(row: Row, paint: Paint) -> list[str]:
    finding = row.finding
    sure = finding.confidence.value
    colour = "red" if finding.severity is Severity.BLOCKER else "yellow"
    place = next((e.place for e in finding.evidence if e.place), "")
    tag = sure if finding.severity is Severity.BLOCKER else f"{sure}, {finding.severity.value}"
    lines = paint.fold(finding.title, "      ", f"  {row.number:>2}  ")
    lines[0] = lines[0][:6] + paint(lines[0][6:], colour)
    where = " · ".join(part for part in (tag, row.places, place if place != finding.target else "", row.checks) if part)
    return [*lines, *(paint(line, "dim") for line in paint.fold(where, "      "))]


def _not_checked(audit: Audit, paint: Paint) -> list[str]:
    reasons: Counter[str] = Counter()
    told: dict[str, tuple[str, str]] = {}
    for outcome in audit.outcomes:
        if outcome.status in (Status.NOT_CHECKED, Status.ERROR):
            told.setdefault(outcome.reason, (outcome.give, "checks"))
            reasons[outcome.reason] += 1
        for gap in outcome.gaps if outcome.status is not Status.NOT_CHECKED else ():
            told.setdefault(gap.reason, (gap.give, "endpoints" if " /" in gap.target else "places"))
            reasons[gap.reason] += 1
    if not reasons:
        return []
    lines = [paint("  Not checked", "bold")]
    for reason, count in reasons.most_common(6):
        give, what = told[reason]
        many = f" ({count} {what})" if count > 1 else ""
        lines += paint.fold(f"{reason}{many}" + (f" — give us: {give}" if give else ""), "        ", "      ")
    if len(reasons) > 6:
        lines += paint.fold(f"… and {len(reasons) - 6} more reasons: launchready roadmap", "      ")
    return [*lines, ""]


def _notes(audit: Audit, paint: Paint) -> list[str]:
    return [line for note in audit.notes for line in paint.fold(note, "         ", "  Note   ")]


def _next(audit: Audit, top: list[Row], paint: Paint) -> list[str]:
    steps = ["launchready report --open"]
    if top:
        steps.append(f"launchready explain {top[0].finding.check}")
    steps.append("launchready roadmap")
    return paint.fold("     ".join(steps), "         ", "  Next   ")
