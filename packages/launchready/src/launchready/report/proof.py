"""A proof as one screen, and as JSON, CSV, Markdown and HTML."""

import csv
import io
from collections import Counter
from collections.abc import Sequence

import msgspec

from launchready.model.check import Gap
from launchready.model.created import Created
from launchready.model.finding import Finding
from launchready.model.proof import ProofReport, in_words
from launchready.model.words import Decision, Severity
from launchready.report.paint import Paint, clean, clean_lines
from launchready.report.proof_html import render_html
from launchready.report.terminal import Call, next_lines

PROOF_FORMATS = ("text", "json", "html", "csv", "markdown")
_TOP, _LEFT = 12, 6
COLOURS = {Decision.GO: "green", Decision.NO_GO: "red", Decision.INCOMPLETE: "yellow"}


def render_proof(proof: ProofReport, form: str, paint: Paint | None = None, call: Call | None = None) -> str:
    """The proof in one of ``PROOF_FORMATS``."""
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(proof), indent=2).decode() + "\n"
    if form == "csv":
        return _csv(proof)
    if form == "markdown":
        return _markdown(proof)
    if form == "html":
        return render_html(proof)
    return _text(proof, paint or Paint.here(), call or Call())


def said_of(proof: ProofReport) -> str:
    """``74 rows proven: 50 allowed, 14 refused, 10 open to everybody; 9 not checked``."""
    counts = proof.counts
    alarms = f"{counts.alarms} {'alarm' if counts.alarms == 1 else 'alarms'}"
    parts = f"{counts.allowed} allowed, {counts.denied} refused, {counts.open} open to everybody"
    return f"{alarms} · {counts.proven} rows proven: {parts} · {counts.not_checked} not checked"


def sent_of(proof: ProofReport) -> str:
    """``391 requests in 31 s, 5.3 for each proven row``."""
    each = f", {proof.requests / proof.counts.proven:.1f} for each proven row" if proof.counts.proven else ""
    return f"{proof.requests} requests in {proof.seconds:.0f} s{each}"


def _text(proof: ProofReport, paint: Paint, call: Call) -> str:
    lines = [*paint.fold(f"{proof.target.project} · {proof.environment.name} · {proof.target.url}", ""), ""]
    word = f"  {proof.verdict.value}"
    folded = paint.fold(said_of(proof), " " * (len(word) + 4), " " * (len(word) + 4))
    folded[0] = paint(word, COLOURS[proof.verdict], "bold") + "    " + folded[0].strip()
    lines += [*folded, "", paint("  Called as", "bold")]
    for who in proof.people:
        role = " of ".join(
            part
            for part in (who.role or ("nobody signed in" if who.name == "guest" else "a member"), who.tenant)
            if part
        )
        lines += paint.fold(f"{who.name:<10}{role}", "                ", "      ")
    if not proof.people:
        lines.append("      nobody")
    if proof.alarms:
        lines += ["", paint("  What would hurt your customers first", "bold")]
        for number, finding in enumerate(proof.alarms[:_TOP], 1):
            lines += alarm_lines(number, finding, paint)
        if len(proof.alarms) > _TOP:
            lines += paint.fold(
                f"… and {len(proof.alarms) - _TOP} more: {call('prove', '--format html --output proof.html')}", "      "
            )
    elif proof.counts.proven:
        lines += ["", "  Nobody got what is not theirs, among what could be asked."]
    lines += [*not_checked_lines(proof.not_checked, paint), ""]
    lines += made_lines(proof.made, proof.writes, paint)
    lines += paint.fold(f"Sent   {sent_of(proof)}", "         ", "  ")
    for note in proof.notes:
        lines += paint.fold(note, "         ", "  Note   ")
    steps = [] if proof.tests else [call("prove", "--emit-tests tests/access")]
    if proof.alarms:
        steps.append(f"{call.program} explain {proof.alarms[0].check}")
    if any(finding.reproduction for finding in proof.alarms):
        steps.append("--format html shows how to see each alarm yourself")
    lines += next_lines(steps, paint)
    return paint.finish(lines)


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


def made_rows(made: Sequence[Created]) -> list[str]:
    """The same as a list in Markdown, what is still there first."""
    rows = []
    for one in sorted(made, key=lambda one: (one.removed, not one.sure)):
        state = (
            "removed" if one.removed else "not seen" if one.unseen else "still there" if one.sure else "perhaps kept"
        )
        rows.append(
            f"- {cell(one.path)} as {cell(one.who)} by {cell(one.route)} ({state}{f': {cell(one.why)}' if one.why else ''})"
        )
    return rows


def alarm_lines(number: int, finding: Finding, paint: Paint) -> list[str]:
    """One alarm for the screen, with its number in the list."""
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
    for (reason, give), count in counted.most_common(6):
        target = first[reason, give]
        where = f"{target}: " if count == 1 and " /" in target and not reason.startswith(target) else ""
        many = f" ({count} endpoints)" if count > 1 else ""
        lines += paint.fold(where + reason + many + (f" — give us: {give}" if give else ""), "        ", "      ")
    if len(counted) > 6:
        lines += paint.fold(f"… and {len(counted) - 6} more reasons: --format markdown lists them all", "      ")
    return lines


def _csv(proof: ProofReport) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("route", "who", "role", "record", "seen", "alarm"))
    for row in proof.rows:
        # A leading quote keeps a spreadsheet from taking a text of the app for a formula.
        cells = (row.route, row.who, row.role, row.record, row.seen, "yes" if row.alarm else "")
        table.writerow("'" + cell if cell[:1] in ("=", "+", "-", "@") else cell for cell in cells)
    return out.getvalue()


def _markdown(proof: ProofReport) -> str:
    lines = [f"# {proof.verdict.value}: {cell(proof.target.project)}, called directly", "", f"{said_of(proof)}.", ""]
    people = ", ".join(f"{who.name} ({who.role or 'guest'})" for who in proof.people) or "nobody"
    lines += [f"Called as {cell(people)}. {sent_of(proof)}.", ""]
    if proof.alarms:
        lines += ["## Alarms", ""]
    for finding in proof.alarms:
        lines += [
            f"### {cell(finding.title)}",
            "",
            f"{finding.confidence.value} · {finding.check} · {cell(finding.detail)}",
            "",
        ]
        if finding.reproduction:
            fence = "~~~~"
            lines += [f"{fence}sh", clean_lines(finding.reproduction).replace(fence, ""), fence, ""]
        lines += [f"Fix: {cell(finding.fix)}", ""]
    if proof.not_checked:
        lines += ["## Not checked", "", "| what | why | give us |", "|---|---|---|"]
        lines += [f"| {cell(gap.target)} | {cell(gap.reason)} | {cell(gap.give)} |" for gap in proof.not_checked]
        lines.append("")
    lines += ["## Rows", "", "| endpoint | called as | whose record | got | |", "|---|---|---|---|---|"]
    lines += [
        f"| {cell(row.route)} | {cell(row.who)} | {row.record} | {row.seen} | {'**alarm**' if row.alarm else ''} |"
        for row in proof.rows
    ]
    if proof.made:
        lines += ["", "## Made by the run", ""]
        lines += made_rows(proof.made)
    return "\n".join(lines) + "\n"


def cell(text: str) -> str:
    """A text that Markdown leaves as it is, in a table too."""
    for mark in "\\`*_|<>[]":
        text = text.replace(mark, "\\" + mark)
    return clean(text).replace("@", "@\u200b")
