"""The owner's cleanup command, run once at the end where something stayed; then the run looks again, and believes nothing else."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from launchready.core.check import NotCheckedError
from launchready.ground.closing import ACCOUNT
from launchready.ground.command import Ended, in_words, started
from launchready.ground.ground import Ground
from launchready.ground.leftovers import as_json
from launchready.ground.removal import names, shown
from launchready.ground.result import UNSEEN, Made
from launchready.ground.sending import OutOfTimeError
from launchready.ground.strays import UNTOLD
from launchready.model.project import Environment
from launchready.probes.callers.caller import Caller

SECONDS = 60.0
GONE = "the cleanup command removed it"
SHOWS = "the cleanup command was run, and the app still shows it"
# So many may be asked who see a record, and so long is looked, each time.
_ASKED, LOOKING = 3, 30.0


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What came of it, as a sentence; ``well`` says that the command ended with 0 and nothing is shown any more."""

    said: str
    well: bool


async def clean_up(
    ground: Ground, place: Environment, root: str, people: Mapping[str, Caller], looking: float = LOOKING
) -> Cleaned | None:
    """Hand what stays to the cleanup command, and note what became of it; None where there is no command, or nothing stays."""
    left = [index for index, made in enumerate(ground.made) if not made.removed]
    if not place.cleanup or not ground.writes or all(ground.made[index].why == UNTOLD for index in left):
        return None
    asked = await seers(ground, left, people, looking)
    given = as_json(ground, place, (ground.made[index] for index in left))
    ended = await started(place.cleanup, root, given, SECONDS)
    ground.sending.until = time.monotonic() + looking
    for index in left:
        ground.made[index] = await _again(ground, ground.made[index], asked.get(index, ()))
    return _told(place, [ground.made[index] for index in left], ended)


async def seers(
    ground: Ground, left: Sequence[int], people: Mapping[str, Caller], looking: float
) -> dict[int, list[Caller]]:
    """Who sees each thing now: that nobody sees it later says something only of what was seen before.

    Those come first whose session ends with no account of the run.
    """
    found = dict[int, list[Caller]]()
    ground.sending.until = time.monotonic() + looking
    for index in left:
        made = ground.made[index]
        askers = _askers(ground, made, people)
        try:
            found[index] = [one for one in askers if await sees(ground, made, one)]
        except (OutOfTimeError, NotCheckedError):
            break
    return found


def _askers(ground: Ground, made: Made, people: Mapping[str, Caller]) -> list[Caller]:
    if made.path.startswith(ACCOUNT):
        signed = ground.journal.signed.get(made.who)
        return [Caller(f"{made.who}-again", ground.guest.site, signed.person)] if signed else []
    lasting = [one for name, one in people.items() if name != made.who and (one.guest or one.identity is not None)]
    asked = [*lasting[:_ASKED], *(one for name, one in people.items() if name == made.who)]
    # A copy is nobody whose session has to be kept alive: it may end with the account.
    copies = (
        replace(one, headers=dict(one.headers), cookies=dict(one.cookies), query=dict(one.query)) for one in asked
    )
    return list(copies) if names(made) else []


async def sees(ground: Ground, made: Made, caller: Caller) -> bool | None:
    """Whether somebody is shown it, or can sign in with it; None when nothing tells."""
    if made.path.startswith(ACCOUNT):
        return await ground.accounts.still_there(caller)
    return await shown(ground, made, caller)


async def _again(ground: Ground, made: Made, seers: Sequence[Caller]) -> Made:
    try:
        for one in seers:
            seen = await sees(ground, made, one)
            if seen is not None:
                return _shows(made) if seen else replace(made, removed=True, why=GONE)
    except (OutOfTimeError, NotCheckedError):
        return _unseen(made)
    return _unseen(made)


def _shows(made: Made) -> Made:
    return made if made.why == UNTOLD else replace(made, why=SHOWS)


def _unseen(made: Made) -> Made:
    return made if made.why == UNTOLD else replace(made, why=UNSEEN)


def _told(place: Environment, left: Sequence[Made], ended: Ended) -> Cleaned:
    left = [made for made in left if made.why != UNTOLD]
    counted = {why: sum(made.why == why for made in left) for why in (GONE, SHOWS, UNSEEN)}
    parts = (
        f"{counted[GONE]} gone",
        f"{counted[SHOWS]} still shown",
        f"{counted[UNSEEN]} that nothing shows either way",
    )
    told = ", ".join(parts)
    command = f"The cleanup command of [environments.{place.name}], {in_words(place.cleanup)},"
    if ended.why:
        output = f" It said: {ended.output}" if ended.output else " It said nothing."
        said = f"{command} {ended.why}. Of {len(left)} things that stayed, looked at again: {told}.{output}"
    else:
        said = f"{command} was run for {len(left)} things that stayed. Looked at again: {told}."
    return Cleaned(said, not ended.why and not counted[SHOWS])
