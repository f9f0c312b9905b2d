"""Broken inputs and bursts as one screen, as JSON and as Markdown."""

import msgspec

from launchready.core.limits.table import met
from launchready.model.inputs import BoundaryRules, FieldRule, InputReport
from launchready.report.escaped import markdown
from launchready.report.limits import limits_markdown
from launchready.report.paint import Paint
from launchready.report.run_markdown import alarms, fenced, made_rows, not_checked
from launchready.report.run_screen import alarm_lines, made_lines, not_checked_lines, sent_lines, verdict_lines
from launchready.report.terminal import Call, next_lines

INPUT_FORMATS = ("text", "json", "markdown")
_LIMITS, _RULES = 12, 8


def render_inputs(report: InputReport, form: str, paint: Paint | None = None, call: Call | None = None) -> str:
    """The report in one of ``INPUT_FORMATS``."""
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"
    if form == "markdown":
        return _markdown(report)
    return _text(report, paint or Paint.here(), call or Call())


def counted(report: InputReport) -> str:
    """``9 alarms · 812 values out of place sent to 31 endpoints: 701 refused, 90 taken, 14 kept, 7 broke something``."""
    counts = report.counts
    alarms = f"{counts.alarms} {'alarm' if counts.alarms == 1 else 'alarms'}"
    parts = f"{counts.refused} refused, {counts.taken} taken, {counts.kept} kept, {counts.crashed} broke something"
    return f"{alarms} · {counts.sent} values out of place sent to {counts.endpoints} endpoints: {parts}"


def _text(report: InputReport, paint: Paint, call: Call) -> str:
    lines = verdict_lines(report, counted(report), paint)
    lines += alarm_lines(report.alarms, "--format markdown lists them all", paint)
    if not report.alarms and report.counts.sent:
        lines += ["", "  Nothing that was sent broke the app or was kept, among what could be asked."]
    lines += [*_limits(report, paint), *_rules(report, paint), *not_checked_lines(report.not_checked, paint), ""]
    lines += made_lines(report.made, report.writes, paint)
    lines += sent_lines(f"{report.requests} requests in {report.seconds:.0f} s", report.notes, paint)
    steps = [call("inputs", "--documents launch/")]
    steps += [] if report.tests else [call("inputs", "--emit-tests tests/inputs")]
    if report.alarms:
        steps.append(f"{call.program} explain {report.alarms[0].check}")
    lines += next_lines(steps, paint)
    return paint.finish(lines)


def _limits(report: InputReport, paint: Paint) -> list[str]:
    seen = [one for row in report.limits for one in row.seen]
    if not seen:
        return []
    lines = ["", paint("  Limits met", "bold")]
    for one in seen[:_LIMITS]:
        lines += paint.fold(f"{one.route}: {met(one)}", "        ", "      ")
    if len(seen) > _LIMITS:
        lines.append(f"      … and {len(seen) - _LIMITS} more: --documents DIR writes them all")
    return lines


def _rules(report: InputReport, paint: Paint) -> list[str]:
    wanting = [one for one in report.rules if any(field.missing for field in one.fields)]
    if not wanting:
        return []
    lines = ["", paint("  Rules that are missing", "bold")]
    for one in wanting[:_RULES]:
        said = "; ".join(f"{field.name}: {_rule(field)}" for field in one.fields if field.missing)
        lines += paint.fold(f"{one.route}: {said}", "        ", "      ")
    if len(wanting) > _RULES:
        lines.append(f"      … and {len(wanting) - _RULES} more: --documents DIR writes them all, as code")
    return lines


def _rule(field: FieldRule) -> str:
    """``an e-mail address of at most 254 characters``."""
    words = {
        "email": "an e-mail address", "url": "an address of a page", "uuid": "a UUID", "integer": "a whole number", "number": "a number",
        "boolean": "true or false", "date": "a date", "datetime": "a time with its zone", "list": "a list", "table": "a table", "file": "a file",
        "any": "a value", "text": "a text",
    }  # fmt: skip
    if field.choices:
        return "one of " + ", ".join(field.choices)
    said = words[field.type]
    unit = " characters" if field.type in ("text", "email", "url") else ""
    least, most = (
        None if bound is None else f"{bound:g}" if abs(bound) < 1e6 else f"{bound:.0f}"
        for bound in (field.least, field.most)
    )
    if least is not None and most is not None:
        return f"{said} {'of ' if unit else 'from '}{least} to {most}{unit}"
    if most is not None:
        return f"{said} of at most {most}{unit}"
    return f"{said} of at least {least}{unit}" if least is not None else said


def rules_markdown(report: InputReport) -> str:
    """The validation rules at the boundary: for each endpoint its fields, what the app does today, and what is missing as code."""
    lines = [
        f"# What {markdown(report.target.project)} takes",
        "",
        "For each endpoint, what its fields should hold, and what the app did with what they must not. *Wanted* comes from the source where it says "
        "something, else from names and types: read it before you take it over.",
        "",
    ]
    for one in report.rules:
        lines += _endpoint(one)
    return "\n".join(lines) + "\n"


def _endpoint(one: BoundaryRules) -> list[str]:
    place = f" · `{one.file}:{one.line}`" if one.file else ""
    lines = [f"## {markdown(one.route)}", ""]
    lines += [place.removeprefix(" · "), ""] if place else []
    lines += ["| field | in | wanted | refused today | taken | broke it or was kept |", "|---|---|---|---|---|---|"]
    for field in one.fields:
        wanted = _rule(field) + (", required" if field.required else "")
        bad = (*field.crashed, *field.kept)
        said = (", ".join(parts) for parts in (field.refused, field.taken, bad))
        lines.append(
            f"| {markdown(field.name)} | {field.where} | {markdown(wanted)} | {' | '.join(markdown(text) for text in said)} |"
        )
    if one.code:
        lines += ["", f"What is missing, for {one.library}:", "", *fenced(one.code)]
    return [*lines, ""]


def _markdown(report: InputReport) -> str:
    lines = [
        f"# {report.verdict.value}: what {markdown(report.target.project)} does with broken inputs",
        "",
        f"{counted(report)}.",
        "",
    ]
    lines += [*alarms(report.alarms), *not_checked(report.not_checked)]
    if report.made:
        lines += [*made_rows(report.made), ""]
    limits = (
        limits_markdown(report.target.project, report.limits).replace("\n## ", "\n### ").replace("# How", "## How", 1)
    )
    return (
        "\n".join(lines)
        + "\n"
        + limits
        + "\n"
        + rules_markdown(report).replace("\n## ", "\n### ").replace("# What", "## What", 1)
    )
