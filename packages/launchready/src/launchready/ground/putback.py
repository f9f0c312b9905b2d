"""The app's database put back as it was, where the project file names it; then the run looks again, as after a cleanup command."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from launchready.core.check import NotCheckedError
from launchready.ground.cleanup import LOOKING, seers, sees
from launchready.ground.ground import Ground
from launchready.ground.removal import names
from launchready.ground.result import Made
from launchready.ground.sending import OutOfTimeError
from launchready.probes.callers.caller import Caller
from launchready.probes.databases.kept import Kept, PutBack

BACK = "the database was put back as it was"
STILL = "the database was put back, and the app still shows it"


async def put_back(ground: Ground, kept: Kept, people: Mapping[str, Caller], looking: float = LOOKING) -> PutBack:
    """Put the rows back, and note what became of each thing that stayed."""
    left = [index for index, made in enumerate(ground.made) if not made.removed]
    seen = await seers(ground, left, people, looking)
    done = await asyncio.to_thread(kept.put_back)
    ground.sending.until = time.monotonic() + looking
    for index in left if done.touched and not done.why else ():
        ground.made[index] = await _again(ground, ground.made[index], seen.get(index, ()), done)
    return done


async def _again(ground: Ground, made: Made, asked: Sequence[Caller], done: PutBack) -> Made:
    """Whoever saw it before says most; where nobody can look any more, that its row is none of those that stayed."""
    try:
        for one in asked:
            shown = await sees(ground, made, one)
            if shown is not None:
                return replace(made, why=STILL) if shown else replace(made, removed=True, why=BACK)
    except (OutOfTimeError, NotCheckedError):
        pass
    stayed = any(value in done.stayed for _, value in names(made))
    return made if stayed else replace(made, removed=True, why=BACK)
