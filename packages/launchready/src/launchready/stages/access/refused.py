"""What source alone says strangers or members can do, beside what they got in the same run."""

from collections.abc import Iterable
from dataclasses import replace

from launchready_guard.policy import GUEST

from launchready.ground.result import Cell
from launchready.ground.seen import Seen
from launchready.model.check import Outcome
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Status
from launchready.probes.guest import GuestCall

# Checks that say of an endpoint, by source alone, that nobody is refused there.
_BY_SOURCE = frozenset(("LR102",))
# A check that asks of an endpoint, by source alone, whether others' records are kept from a member.
_ASKED = "LR105"
_SAID = (
    " This run was refused there as a stranger and let in as a member, so something keeps strangers out that the source did not show: "
    "a person must look whether it always does."
)


def doubted(outcomes: Iterable[Outcome], cells: Iterable[Cell], strangers: Iterable[GuestCall]) -> tuple[Outcome, ...]:
    """The outcomes, with what is *certain* by source only suspected where strangers were refused and a member was not.

    That a stranger was refused is no proof that everybody is, and so the finding stays for a person to look at.
    """
    got: dict[tuple[str, bool], set[Seen]] = {}
    for cell in cells:
        got.setdefault((cell.route, cell.role == GUEST), set()).add(cell.seen)
    for call in strangers:
        seen = Seen.DENIED if call.refused else Seen.ALLOWED if call.answered else Seen.UNKNOWN
        got.setdefault((call.endpoint.name, True), set()).add(seen)
    kept = {
        route
        for (route, stranger), seen in got.items()
        if stranger and Seen.DENIED in seen and not seen & {Seen.ALLOWED, Seen.EMPTY}
        if Seen.ALLOWED in got.get((route, False), ())
    }
    return tuple(
        replace(outcome, findings=tuple(_weaker(one) if one.target in kept else one for one in outcome.findings))
        if outcome.check in _BY_SOURCE
        else outcome
        for outcome in outcomes
    )


def answered(outcomes: Iterable[Outcome], cells: Iterable[Cell]) -> tuple[Outcome, ...]:
    """The outcomes without the questions that the run has an answer to: where a member was refused another's record, and nobody was let in to one."""
    got: dict[str, set[Seen]] = {}
    for cell in cells:
        if cell.record == "other" and cell.role != GUEST:
            got.setdefault(cell.route, set()).add(cell.seen)
    refused = {route for route, seen in got.items() if seen <= {Seen.DENIED, Seen.HIDDEN}}
    return tuple(_without(outcome, refused) if outcome.check == _ASKED else outcome for outcome in outcomes)


def _without(outcome: Outcome, refused: set[str]) -> Outcome:
    settled = [
        one.target for one in outcome.findings if one.target in refused and one.confidence is Confidence.SUSPECTED
    ]
    if not settled:
        return outcome
    left = tuple(one for one in outcome.findings if one.target not in settled)
    said = f"by source alone, {', '.join(settled)} could have given others' records; this run asked for one as another member, and was refused"
    status = outcome.status if left else Status.PASS
    return replace(outcome, status=status, findings=left, notes=(*outcome.notes, said))


def _weaker(finding: Finding) -> Finding:
    if finding.confidence is not Confidence.CERTAIN:
        return finding
    title = finding.title.replace(" can ", " can perhaps ", 1)
    return replace(finding, title=title, confidence=Confidence.SUSPECTED, detail=finding.detail + _SAID)
