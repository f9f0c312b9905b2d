"""What every run of calls says on a screen: its verdict, its alarms, what it could not ask and what it made."""

from collections import Counter
from collections.abc import Sequence

from launchready.model.check import Gap
from launchready.model.created import Created
from launchready.model.finding import Finding
from launchready.model.inputs import InputReport
from launchready.model.proof import ProofReport, in_words
from launchready.model.words import Decision, Severity
from launchready.report.paint import Paint, clean

_TOP, _REASONS, _LEFT = 12, 6, 6
_COLOURS = {Decision.GO: "green", Decision.NO_GO: "red", Decision.INCOMPLETE: "yellow"}


def verdict_lines(report: ProofReport | InputReport, counted: str, paint: Paint) -> list[str]:
    """What was called, and the verdict with what was ``counted``."""
    word = f"  {report.verdict.value}"
    folded = paint.fold(counted, " " * (len(word) + 4), " " * (len(word) + 4))
    folded[0] = paint(word, _COLOURS[report.verdict], "bold") + "    " + folded[0].strip()
    return [*paint.fold(f"{report.target.project} · {report.environment.name} · {report.target.url}", ""), "", *folded]


def alarm_lines(alarms: Sequence[Finding], more: str, paint: Paint) -> list[str]:
    """The alarms, the worst first; ``more`` says what lists those that are left out. Nothing when there is none."""
    if not alarms:
        return []
    lines = ["", paint("  What would hurt your customers first", "bold")]
    for number, finding in enumerate(alarms[:_TOP], 1):
        lines += _alarm(number, finding, paint)
    if len(alarms) > _TOP:
        lines += paint.fold(f"… and {len(alarms) - _TOP} more: {more}", "      ")
    return lines


def _alarm(number: int, finding: Finding, paint: Paint) -> list[str]:
    lines = paint.fold(finding.title, "      ", f"  {number:>2}  ")
    colour = "red" if finding.severity is Severity.BLOCKER else "yellow"
    lines[0] = lines[0][:6] + paint(lines[0][6:], colour)
    place = next((e.place for e in finding.evidence if e.place), "")
    waived = f"accepted by {finding.waived_by}" if finding.waived_by else ""
    route = finding.target if " /" in finding.target and finding.target not in finding.title else ""
    where = " · ".join(
        part for part in (finding.confidence.value, route, finding.detail, place, finding.check, waived) if part
    )
    return [*lines, *(paint(line, "dim") for line in paint.fold(where, "      "))]


def not_checked_lines(gaps: Sequence[Gap], paint: Paint) -> list[str]:
    """What could not be asked, the most frequent reasons first; nothing when all could."""
    if not gaps:
        return []
    counted = Counter((gap.reason, gap.give) for gap in gaps)
    first = {(gap.reason, gap.give): gap.target for gap in reversed(gaps)}
    lines = ["", paint("  Not checked", "bold")]
    for (reason, give), count in counted.most_common(_REASONS):
        target = first[reason, give]
        where = f"{target}: " if count == 1 and " /" in target and not reason.startswith(target) else ""
        many = f" ({count} endpoints)" if count > 1 else ""
        lines += paint.fold(where + reason + many + (f" — give us: {give}" if give else ""), "        ", "      ")
    if len(counted) > _REASONS:
        lines += paint.fold(f"… and {len(counted) - _REASONS} more reasons: --format markdown lists them all", "      ")
    return lines


def made_lines(made: Sequence[Created], writes: bool, paint: Paint) -> list[str]:
    """What the run made, and which of it the app still has."""
    sure = [one for one in made if one.sure]
    unseen = sum(one.unseen for one in sure)
    left = [one for one in sure if not one.removed and not one.unseen]
    said = "nothing" if writes else "nothing: this environment allows reads only"
    if sure:
        said = f"{in_words(len(sure))} for the run, {len(sure) - len(left) - unseen} removed again"
        said += f"; of {unseen} nothing shows whether the cleanup command removed them" if unseen else ""
        said += f"; still there are {len(left)}:" if left else ""
    lines = paint.fold(f"Made   {said}", "         ", "  ")
    for one in left[:_LEFT]:
        told = f"{one.path} ({one.who}, {one.route})" + (f": {one.why}" if one.why else "")
        lines += [paint(line, "dim") for line in paint.fold(clean(told), "             ", "           ")]
    if len(left) > _LEFT:
        lines.append(f"           … and {len(left) - _LEFT} more: --format markdown lists them all")
    maybe = Counter((one.route, one.why) for one in made if not one.sure and not one.removed and not one.unseen)
    if maybe:
        told = "; ".join(f"{number} by {route}: {why}" for (route, why), number in sorted(maybe.items()))
        lines += [
            paint(line, "dim")
            for line in paint.fold(clean(f"Perhaps kept as well: {told}"), "             ", "           ")
        ]
    return lines


def sent_lines(sent: str, notes: Sequence[str], paint: Paint) -> list[str]:
    """How much was sent, and what else is to be known."""
    lines = paint.fold(f"Sent   {sent}", "         ", "  ")
    for note in notes:
        lines += paint.fold(note, "         ", "  Note   ")
    return lines
