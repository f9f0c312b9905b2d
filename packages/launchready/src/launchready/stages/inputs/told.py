"""A run of broken inputs and bursts told as facts: what was answered how, what is alarming, which rules and limits are wanted."""

from collections.abc import Mapping, Sequence

from launchready_guard.policy import Policy

from launchready.core.limits.table import limit_table
from launchready.ground.evidence import Evidence
from launchready.ground.tidy import notes
from launchready.model.audit import Audit
from launchready.model.check import Gap
from launchready.model.inputs import SCHEMA, Answered, InputCounts, InputReport, Tried
from launchready.model.proof import Created, Whom
from launchready.model.words import Confidence, Decision, Status
from launchready.sources.manifests import dependencies
from launchready.sources.tree import Tree
from launchready.stages.inputs.boundary.rules import boundary_rules


def told(audit: Audit, evidence: Evidence, policy: Policy | None, tree: Tree | None) -> InputReport:
    """The report of one run of this stage alone."""
    proof = evidence.proof
    tried = proof.inputs if proof else ()
    packages: Mapping[str, str] = dependencies(tree) if tree else {}
    endpoints = evidence.ground.endpoints if evidence.ground else audit.surface.endpoints
    gaps = _gaps(audit)
    return InputReport(
        SCHEMA,
        audit.tool,
        audit.started,
        audit.seconds,
        audit.target,
        audit.environment,
        _verdict(audit, gaps),
        evidence.ground is not None and evidence.ground.writes,
        (Whom("guest"), *(Whom(*who, proof.fill.get(who[0], "")) for who in proof.people)) if proof else (),
        _counts(tried, len(audit.findings)),
        audit.findings,
        gaps,
        boundary_rules(endpoints, tried, packages),
        limit_table(endpoints, policy, proof.limits if proof else ()),
        tuple(Created(made.who, made.route, made.place, made.removed) for made in proof.made) if proof else (),
        audit.coverage.requests,
        tuple(note for note in audit.notes if not (proof and note in notes(proof)[proof.resumed :])),
    )


def _counts(tried: Sequence[Tried], alarms: int) -> InputCounts:
    def answered(*kinds: Answered) -> int:
        return sum(one.answered in kinds for one in tried)

    return InputCounts(
        len({one.route for one in tried}),
        len(tried),
        answered(Answered.REFUSED),
        answered(Answered.TAKEN),
        answered(Answered.KEPT),
        answered(Answered.CRASHED, Answered.LEAKED, Answered.SLOW),
        alarms,
    )


def _verdict(audit: Audit, gaps: tuple[Gap, ...]) -> Decision:
    found = [finding for finding in audit.findings if not finding.waived_by]
    if any(finding.counts for finding in found):
        return Decision.NO_GO
    crashed = any(outcome.status is Status.ERROR for outcome in audit.outcomes)
    suspected = any(finding.confidence is Confidence.SUSPECTED for finding in found)
    return Decision.INCOMPLETE if gaps or crashed or suspected else Decision.GO


def _gaps(audit: Audit) -> tuple[Gap, ...]:
    found: dict[tuple[str, str], Gap] = {}
    for outcome in audit.outcomes:
        gaps = outcome.gaps
        if outcome.status in (Status.NOT_CHECKED, Status.ERROR):
            gaps = (Gap(outcome.check, outcome.reason, outcome.give),)
        for gap in gaps:
            found.setdefault((gap.target, gap.reason), gap)
    return tuple(found.values())
