"""A proof told as facts: every row with who got what, what is alarming, what could not be asked."""

from collections.abc import Iterable

from launchready.core.part import part_gaps, part_verdict
from launchready.ground.evidence import Evidence
from launchready.ground.result import Cell, Harm, Proof
from launchready.ground.seen import Seen, alone
from launchready.ground.tidy import created, notes
from launchready.model.audit import Audit
from launchready.model.check import Gap
from launchready.model.proof import SCHEMA, Counts, ProofReport, ProvenRow, Whom
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.questions import PROVEN

# What a stranger gets belongs to the matrix as well.
GUEST_CHECKS = ("LR201", "LR203")
CHECKS = (*GUEST_CHECKS, *sorted(PROVEN))
OPEN, NOT_CHECKED = "open", Seen.UNKNOWN.value
_OF_OTHERS = (Harm.READS, Harm.CHANGES, Harm.DELETES)


def told(audit: Audit, evidence: Evidence) -> ProofReport:
    """The report of one run."""
    rows = _rows(audit, evidence)
    gaps = _gaps(audit, {row.route for row in rows if row.who == "guest" and row.seen != NOT_CHECKED})
    proof = evidence.proof
    alarms = tuple(finding for finding in audit.findings if finding.check in CHECKS)
    return ProofReport(
        SCHEMA,
        audit.tool,
        audit.started,
        audit.seconds,
        audit.target,
        audit.environment,
        part_verdict(audit, CHECKS, gaps),
        evidence.ground is not None and evidence.ground.writes,
        (Whom("guest"), *(Whom(*who, proof.fill.get(who[0], "")) for who in proof.people)) if proof else (),
        Counts(
            sum(row.seen == Seen.ALLOWED for row in rows),
            sum(row.seen in (Seen.DENIED, Seen.HIDDEN, Seen.EMPTY, Seen.BROKEN) for row in rows),
            sum(row.seen == OPEN for row in rows),
            sum(row.seen == NOT_CHECKED for row in rows) + len({gap.target for gap in gaps if " /" in gap.target}),
            len(alarms),
        ),
        alarms,
        gaps,
        rows,
        created(proof),
        audit.coverage.requests,
        tuple(note for note in audit.notes if not (proof and note in notes(proof)[proof.resumed :])),
    )


def _rows(audit: Audit, evidence: Evidence) -> tuple[ProvenRow, ...]:
    found: dict[tuple[str, str, str], ProvenRow] = {}
    strangers = {
        finding.target for finding in audit.findings if finding.check in GUEST_CHECKS and not finding.waived_by
    }
    for cell in evidence.proof.cells if evidence.proof else ():
        row = ProvenRow(cell.route, cell.who, cell.role, cell.record, cell.seen.value, _alarming(cell, evidence.proof))
        if cell.who == "guest" and cell.seen is Seen.ALLOWED:
            row = ProvenRow(cell.route, "guest", "guest", cell.record, OPEN, cell.route in strangers)
        found[row.route, row.who, row.record] = row
    let_in = {row.route for row in found.values() if row.who != "guest" and row.seen == Seen.ALLOWED.value}
    for call in evidence.calls:
        name, seen = call.endpoint.name, alone(call.exchange)
        if any((name, "guest", record) in found for record in ("own", "other")):
            continue
        if seen is Seen.HIDDEN and "{" in call.endpoint.path:
            seen = Seen.UNKNOWN
        if seen is Seen.UNKNOWN and _led_away(call.exchange) and name in let_in:
            # Wherever a stranger is led: members got the page, and they got none of it.
            seen = Seen.DENIED
        said = OPEN if seen in (Seen.ALLOWED, Seen.EMPTY) else seen.value
        found[name, "guest", "none"] = ProvenRow(name, "guest", "guest", "none", said, name in strangers)
    for name in strangers:
        if not any((name, "guest", record) in found for record in ("none", "own", "other")):
            found[name, "guest", "none"] = ProvenRow(name, "guest", "guest", "none", OPEN, True)
    return tuple(found[key] for key in sorted(found))


def _led_away(exchange: Exchange) -> bool:
    """Whether an answer only names another address of the app, and not its own with or without a slash."""
    return exchange.status in (301, 302, 303, 307, 308) and not exchange.other_slash


def _alarming(cell: Cell, proof: Proof | None) -> bool:
    if cell.seen is not Seen.ALLOWED or cell.who == "guest" or proof is None:
        return False
    harms = _OF_OTHERS if cell.record == "other" else (Harm.ROLE,)
    return any(alarm.route == cell.route and alarm.harm in harms for alarm in proof.alarms)


def _gaps(audit: Audit, answered: Iterable[str]) -> tuple[Gap, ...]:
    known = set(answered)
    found: dict[tuple[str, str], Gap] = {}
    for check, gap in part_gaps(audit):
        if check not in GUEST_CHECKS or gap.target not in known:
            found.setdefault((gap.target, gap.reason), gap)
    return tuple(found.values())
