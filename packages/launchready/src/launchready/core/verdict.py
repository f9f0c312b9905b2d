"""The verdict: GO only with no blocker and nothing of the minimum bar left unproven."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from launchready.model.audit import Coverage, LineState
from launchready.model.check import Outcome
from launchready.model.finding import Finding
from launchready.model.roadmap import roadmap
from launchready.model.words import Confidence, Decision, Proof, Severity, Status

SETTLED = (Proof.PROVEN, Proof.ATTESTED, Proof.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision and the sentences that explain it."""

    decision: Decision
    reasons: tuple[str, ...]


def judge(findings: Sequence[Finding], outcomes: Sequence[Outcome], lines: Mapping[str, LineState]) -> Judgement:
    """Decide. Nothing that did not run ever counts in favour."""
    blockers = sum(finding.blocks for finding in findings)
    bar = [state for line, state in lines.items() if roadmap()[line].bar]
    failed = sum(state.proof is Proof.FAILED for state in bar)
    if blockers or failed:
        reasons = []
        if blockers:
            reasons.append(f"{blockers} launch {'blocker' if blockers == 1 else 'blockers'}")
        if failed:
            reasons.append(f"{failed} of {len(bar)} lines of the minimum bar failed")
        return Judgement(Decision.NO_GO, tuple(reasons))
    reasons = []
    if not any(outcome.status in (Status.PASS, Status.FAIL, Status.MANUAL) for outcome in outcomes):
        reasons.append("nothing could be checked")
    open_bar = sum(state.proof not in SETTLED for state in bar)
    if open_bar:
        reasons.append(f"{open_bar} of {len(bar)} lines of the minimum bar are not checked")
    if crashed := sum(outcome.status is Status.ERROR for outcome in outcomes):
        reasons.append(f"{crashed} of our own checks crashed")
    suspected = sum(
        f.severity is Severity.BLOCKER and f.confidence is Confidence.SUSPECTED and not f.waived_by for f in findings
    )
    if suspected:
        reasons.append(f"{suspected} possible launch blockers need a person to look")
    if reasons:
        return Judgement(Decision.INCOMPLETE, tuple(reasons))
    return Judgement(Decision.GO, ("no blocker, and the whole minimum bar is proven",))


def coverage(outcomes: Sequence[Outcome], lines: Mapping[str, LineState], checks: int, requests: int) -> Coverage:
    """Count what was asked and how it ended."""

    def ended(status: Status) -> int:
        return sum(outcome.status is status for outcome in outcomes)

    bar = [state.proof for line, state in lines.items() if roadmap()[line].bar]
    failed, settled = bar.count(Proof.FAILED), sum(proof in SETTLED for proof in bar)
    return Coverage(
        checks=checks,
        ran=ended(Status.PASS) + ended(Status.FAIL) + ended(Status.MANUAL),
        passed=ended(Status.PASS),
        failed=ended(Status.FAIL),
        manual=ended(Status.MANUAL),
        not_applicable=ended(Status.NOT_APPLICABLE),
        not_checked=checks - len(outcomes) + ended(Status.NOT_CHECKED),
        errors=ended(Status.ERROR),
        bar_proven=settled,
        bar_failed=failed,
        bar_not_checked=len(bar) - failed - settled,
        bar_total=len(bar),
        requests=requests,
    )
