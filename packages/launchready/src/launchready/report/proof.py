"""A proof as one screen, and as JSON, CSV, Markdown and HTML."""

import csv
import io

import msgspec

from launchready.model.proof import ProofReport
from launchready.report.escaped import markdown, spreadsheet
from launchready.report.paint import Paint
from launchready.report.proof_html import render_html
from launchready.report.run_markdown import alarms, made_rows, not_checked
from launchready.report.run_screen import alarm_lines, made_lines, not_checked_lines, sent_lines, verdict_lines
from launchready.report.terminal import Call, next_lines

PROOF_FORMATS = ("text", "json", "html", "csv", "markdown")


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
    lines = [*verdict_lines(proof, said_of(proof), paint), "", paint("  Called as", "bold")]
    width = max((len(who.name) + 2 for who in proof.people), default=0)
    for who in proof.people:
        role = " of ".join(
            part
            for part in (who.role or ("nobody signed in" if who.name == "guest" else "a member"), who.tenant)
            if part
        )
        lines += paint.fold(f"{who.name:<{max(width, 10)}}{role}", "                ", "      ")
    if not proof.people:
        lines.append("      nobody")
    lines += alarm_lines(proof.alarms, call("prove", "--format html --output proof.html"), paint)
    if not proof.alarms and proof.counts.proven:
        lines += ["", "  Nobody got what is not theirs, among what could be asked."]
    lines += [*not_checked_lines(proof.not_checked, paint), ""]
    lines += made_lines(proof.made, proof.writes, paint)
    lines += sent_lines(sent_of(proof), proof.notes, paint)
    steps = [] if proof.tests else [call("prove", "--emit-tests tests/access")]
    if proof.alarms:
        steps.append(f"{call.program} explain {proof.alarms[0].check}")
    if any(finding.reproduction for finding in proof.alarms):
        steps.append("--format html shows how to see each alarm yourself")
    lines += next_lines(steps, paint)
    return paint.finish(lines)


def _csv(proof: ProofReport) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("route", "who", "role", "record", "seen", "alarm"))
    for row in proof.rows:
        cells = (row.route, row.who, row.role, row.record, row.seen, "yes" if row.alarm else "")
        table.writerow(map(spreadsheet, cells))
    return out.getvalue()


def _markdown(proof: ProofReport) -> str:
    lines = [
        f"# {proof.verdict.value}: {markdown(proof.target.project)}, called directly",
        "",
        f"{said_of(proof)}.",
        "",
    ]
    people = ", ".join(f"{who.name} ({who.role or 'guest'})" for who in proof.people) or "nobody"
    lines += [f"Called as {markdown(people)}. {sent_of(proof)}.", ""]
    lines += [*alarms(proof.alarms), *not_checked(proof.not_checked)]
    lines += ["## Rows", "", "| endpoint | called as | whose record | got | |", "|---|---|---|---|---|"]
    lines += [
        f"| {markdown(row.route)} | {markdown(row.who)} | {row.record} | {row.seen} | {'**alarm**' if row.alarm else ''} |"
        for row in proof.rows
    ]
    if proof.made:
        lines += ["", *made_rows(proof.made)]
    return "\n".join(lines) + "\n"
