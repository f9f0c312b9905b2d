"""Bursts of every kind, in the order that lets none use up what a later one needs; sign-in comes last."""

import time
from functools import partial

from launchready.ground.ground import Ground
from launchready.stages.inputs.trials.limits.burst import MOST_MAILS
from launchready.stages.inputs.trials.limits.logins import an_account, prove_logins
from launchready.stages.inputs.trials.limits.one import prove_one
from launchready.stages.inputs.trials.limits.post import Post
from launchready.stages.inputs.trials.limits.shares import time_kept_for_sign_ins
from launchready.stages.inputs.trials.limits.signups import prove_signups
from launchready.stages.inputs.trials.limits.targets import Make, targets
from launchready.stages.inputs.trials.limits.windows import note_stated

_SIGN_IN = "burst: sign-in"


async def prove_limits(ground: Ground, *, ai: bool) -> None:
    """Ask how often is too often, of each endpoint that is attacked or costs money; ``ai`` says that the app is known to use a language model. What a killed run had begun is not sent a second time."""
    if ground.journal.done(_SIGN_IN):
        return
    post = Post(ground)
    if ground.guest.site.stamps is not None:
        ground.guest.site.stamps.more(MOST_MAILS)
    # Before a burst of sign-ups uses up what the app lets one visitor make.
    own = await an_account(ground)
    for caller in ground.callers:
        # Those before may have ended a session, and a refusal for that is no limit.
        if not caller.guest and ground.accounts.doors.paths and not await ground.accounts.doors.open_to(caller):
            await ground.accounts.renew(caller)
    try:
        async with time_kept_for_sign_ins(ground, ground.sending.until - time.monotonic()):
            for name, make in targets(ground, ai=ai).items():
                await ground.step(f"burst: {name}", partial(_one, ground, post, make))
            if ground.writes:
                await ground.step("burst: sign-up", partial(prove_signups, ground, post))
        if ground.writes:
            # Attempts to sign in are no reads: they are counted, lock accounts, and may send mail.
            await ground.step(_SIGN_IN, partial(prove_logins, ground, own))
    finally:
        note_stated(ground)


async def _one(ground: Ground, post: Post, make: Make) -> None:
    target = await make(ground, post)
    if target is not None:
        await prove_one(ground, target, post)
