"""The report as one HTML file: it loads nothing, sends nothing and can be printed."""

import base64
import hashlib
from collections import defaultdict
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from launchready.model.audit import Audit, LineState
from launchready.model.check import Measure
from launchready.model.roadmap import roadmap
from launchready.model.words import Proof, Stage, Status
from launchready.report.matrix_view import view
from launchready.report.paint import clean, clean_lines
from launchready.report.ranking import rows
from launchready.report.riskmap import NARROW, risk_map

_TEMPLATES = Path(__file__).parent / "templates"
_STAGES = {
    Stage.SURFACE: "Attack surface",
    Stage.ACCESS: "Identity and authorization",
    Stage.INPUTS: "Inputs and abuse",
    Stage.EDGE: "Edge and DNS",
    Stage.MAIL: "Mail",
    Stage.SECRETS: "Secrets",
    Stage.DEPLOY: "Deployment and observability",
    Stage.HANDOVER: "Handover",
    Stage.AI: "AI features",
}


def render(audit: Audit) -> str:
    """The page. Every text of the audited app is escaped; scripts other than our own are forbidden by the page's own policy."""
    script, style = _read("report.js"), _read("report.css") + "\n" + _read("matrix.css")
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"plain": clean, "text": clean_lines}
    found = rows(audit)
    return environment.get_template("report.html").render(
        audit=audit,
        rows=found,
        top=found[:10],
        matrix=view(audit.matrix),
        map=Markup(risk_map(found) + risk_map(found, NARROW)),
        blockers=sum(finding.blocks for finding in audit.findings),
        bar=[(line, state) for line, state in audit.roadmap.items() if roadmap()[line].bar],
        stages=_by_stage(audit),
        gaps=_gaps(audit),
        left=[made for made in audit.made if not made.removed],
        waived=[finding for finding in audit.findings if finding.waived_by],
        measured=[_measured(m, m.target) for o in audit.outcomes for m in o.measures if m.target is not None],
        tables=[table for outcome in audit.outcomes for table in outcome.tables],
        hours=_hours(sum(row.finding.hours for row in found)),
        blocker_hours=_hours(sum(row.finding.hours for row in found if row.finding.blocks)),
        titles={check.id: check.title for check in audit.checks},
        style=Markup(style),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8").strip()


def _by_stage(audit: Audit) -> list[tuple[str, list[tuple[str, LineState]], int, int]]:
    grouped: dict[Stage, list[tuple[str, LineState]]] = defaultdict(list)
    for line, state in audit.roadmap.items():
        if not roadmap()[line].bar:
            grouped[roadmap()[line].stage].append((line, state))
    settled = (Proof.PROVEN, Proof.ATTESTED, Proof.NOT_APPLICABLE)
    return [
        (
            _STAGES.get(stage, stage.value.title()),
            lines,
            sum(state.proof in settled for _, state in lines),
            sum(state.proof is Proof.FAILED for _, state in lines),
        )
        for stage, lines in grouped.items()
    ]


def _gaps(audit: Audit) -> list[tuple[str, str, list[str]]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for outcome in audit.outcomes:
        if outcome.status in (Status.NOT_CHECKED, Status.ERROR, Status.MANUAL) and not outcome.attested_by:
            found[outcome.reason, outcome.give].append(outcome.check)
        elif outcome.status is not Status.NOT_CHECKED:
            for gap in outcome.gaps:
                found[gap.reason, gap.give].append(f"{gap.target} ({outcome.check})")
    return [(reason, give, what) for (reason, give), what in found.items()]


def _measured(measure: Measure, target: float) -> tuple[Measure, int, bool]:
    """A measure, the length of its bar in percent of twice its target, and whether it is past the target."""
    return measure, min(100, round(50 * measure.value / target)), measure.value > target


def _hours(hours: float) -> str:
    return f"{hours:.0f} hours" if hours >= 2 else f"{hours:g} hour"
