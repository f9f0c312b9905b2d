"""Where every roadmap line stands, from the outcomes of the checks that serve it."""

from collections.abc import Mapping, Sequence

from launchready.model.audit import LineState
from launchready.model.check import CheckInfo, Outcome
from launchready.model.roadmap import Line, roadmap
from launchready.model.words import Proof, Severity, Status

# What no check can prove because it is a page for people: somebody must read it and put their name to it.
_MADE = {
    "SURF-D1": "the risk map of `launchready report`",
    "SURF-D2": "the go / no-go list of `launchready report`",
    "TOOL-3": "the hours beside each finding of `launchready report`",
    "HAND-D1": "the checklist of `launchready handover`",
}


def line_states(
    checks: Sequence[CheckInfo], outcomes: Sequence[Outcome], attested: Mapping[str, str]
) -> dict[str, LineState]:
    """One state per roadmap line, in roadmap order.

    A line is *failed* by any finding that names it and counts (neither waived nor only suspected); no launch stops at one of low weight, so a
    line of the minimum bar waits for a person then. It is *proven* only
    when a check that claims to prove it passed and no check serving it was left incomplete. ``attested`` maps a line id to
    its named owner; whoever waived all that was found there is one too. Everything else is *not checked*, with the first reason there is.
    """
    by_check = {outcome.check: outcome for outcome in outcomes}
    states: dict[str, LineState] = {}
    for line in roadmap().values():
        serving = [check for check in checks if line.id in check.roadmap or line.id in check.proves]
        states[line.id] = _state(line, serving, by_check, attested.get(line.id, ""))
    return states


def _state(line: Line, serving: Sequence[CheckInfo], by_check: Mapping[str, Outcome], owner: str) -> LineState:
    ids = tuple(check.id for check in serving)
    ended = [by_check[check.id] for check in serving if check.id in by_check]
    naming = [f for o in by_check.values() for f in o.findings if line.id in f.roadmap and not f.waived_by]
    counting = [one for one in naming if one.counts and not (line.bar and one.severity is Severity.LOW)]
    if counting:
        return LineState(Proof.FAILED, line.title, ids, min(counting, key=lambda finding: finding.rank).title)
    if owner:
        return LineState(Proof.ATTESTED, line.title, ids, owner=owner)
    for outcome in ended:
        if outcome.status is Status.MANUAL and outcome.attested_by:
            return LineState(Proof.ATTESTED, line.title, ids, outcome.reason, owner=outcome.attested_by)
    if naming:
        give = f"a look at {naming[0].check} in the report: mend it, or waive it with a reason"
        return LineState(Proof.NOT_CHECKED, line.title, ids, f"a person must look: {naming[0].title}", give)
    for outcome in ended:
        if outcome.status is Status.MANUAL or not outcome.complete:
            gap = outcome.gaps[0] if outcome.gaps else None
            reason = outcome.reason or (gap.reason if gap else "")
            return LineState(Proof.NOT_CHECKED, line.title, ids, reason, outcome.give or (gap.give if gap else ""))
    if len(ended) < len(serving):
        missing = ", ".join(check.id for check in serving if check.id not in by_check)
        return LineState(Proof.NOT_CHECKED, line.title, ids, f"{missing} did not run", "a whole run, without --stage")
    if ended and all(outcome.status is Status.NOT_APPLICABLE for outcome in ended):
        return LineState(Proof.NOT_APPLICABLE, line.title, ids, ended[0].reason)
    accepted = [f for o in ended for f in o.findings if line.id in f.roadmap and f.waived_by]
    if accepted:
        return LineState(Proof.ATTESTED, line.title, ids, "an accepted risk", owner=accepted[0].waived_by)
    if any(
        line.id in check.proves and by_check[check.id].status is Status.PASS
        for check in serving
        if check.id in by_check
    ):
        return LineState(Proof.PROVEN, line.title, ids)
    if any(outcome.status is Status.PASS for outcome in ended):
        return LineState(
            Proof.NOT_CHECKED,
            line.title,
            ids,
            "nothing wrong was found, but no check alone proves it: a named owner must stand for it",
            f'[owners.attest] "{line.id}" = "NAME, DATE"',
        )
    reason = f"this is made for you: {_MADE[line.id]}" if line.id in _MADE else "no check of this run covers it"
    return LineState(Proof.NOT_CHECKED, line.title, ids, reason, f'[owners.attest] "{line.id}" = "NAME, DATE"')
