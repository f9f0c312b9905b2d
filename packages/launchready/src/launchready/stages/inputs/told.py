"""A run of broken inputs and bursts told as facts: what was answered how, what is alarming, which rules and limits are wanted."""

from collections.abc import Mapping, Sequence

from launchready_guard.policy import Policy

from launchready.core.limits.table import limit_table
from launchready.core.part import part_gaps, part_verdict
from launchready.ground.evidence import Evidence
from launchready.ground.tidy import created, notes
from launchready.model.audit import Audit
from launchready.model.inputs import SCHEMA, Answered, InputCounts, InputReport, Tried
from launchready.model.proof import Whom
from launchready.sources.manifests import dependencies
from launchready.sources.tree import Tree
from launchready.stages.inputs.boundary.rules import boundary_rules


def told(audit: Audit, evidence: Evidence, policy: Policy | None, tree: Tree | None) -> InputReport:
    """The report of one run of this stage alone."""
    proof = evidence.proof
    tried = proof.inputs if proof else ()
    packages: Mapping[str, str] = dependencies(tree) if tree else {}
    endpoints = evidence.ground.endpoints if evidence.ground else audit.surface.endpoints
    gaps = tuple({(gap.target, gap.reason): gap for _, gap in reversed(part_gaps(audit))}.values())[::-1]
    return InputReport(
        SCHEMA,
        audit.tool,
        audit.started,
        audit.seconds,
        audit.target,
        audit.environment,
        part_verdict(audit, {finding.check for finding in audit.findings}, gaps),
        evidence.ground is not None and evidence.ground.writes,
        (Whom("guest"), *(Whom(*who, proof.fill.get(who[0], "")) for who in proof.people)) if proof else (),
        _counts(tried, len(audit.findings)),
        audit.findings,
        gaps,
        boundary_rules(endpoints, tried, packages, evidence.ground.examples if evidence.ground else {}),
        limit_table(endpoints, policy, proof.limits if proof else ()),
        created(proof),
        audit.coverage.requests,
        tuple(note for note in audit.notes if not (proof and note in notes(proof)[proof.resumed :])),
    )


def _counts(tried: Sequence[Tried], alarms: int) -> InputCounts:
    # That a file is kept is what an upload is for.
    files = sum(one.where == "file" and one.answered is Answered.KEPT for one in tried)

    def answered(*kinds: Answered) -> int:
        return sum(one.answered in kinds for one in tried)

    return InputCounts(
        len({one.route for one in tried}),
        len(tried),
        answered(Answered.REFUSED),
        answered(Answered.TAKEN) + files,
        answered(Answered.KEPT) - files,
        answered(Answered.CRASHED, Answered.LEAKED, Answered.SLOW),
        alarms,
    )
