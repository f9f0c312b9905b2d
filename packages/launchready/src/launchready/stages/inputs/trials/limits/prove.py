"""Bursts of every kind, in the order that lets none use up what a later one needs; sign-in comes last."""

from launchready.ground.ground import Ground
from launchready.stages.inputs.trials.limits.kinds import targets
from launchready.stages.inputs.trials.limits.logins import an_account, prove_logins
from launchready.stages.inputs.trials.limits.one import prove_one
from launchready.stages.inputs.trials.limits.post import Post
from launchready.stages.inputs.trials.limits.signups import prove_signups


async def prove_limits(ground: Ground) -> None:
    """Ask how often is too often, of each endpoint that is attacked or costs money."""
    post = Post(ground)
    # Before a burst of sign-ups uses up what the app lets one visitor make.
    own = await an_account(ground)

    async def one(name: str) -> None:
        target = await makers[name](ground, post)
        if target is not None:
            await prove_one(ground, target, post)

    makers = targets(ground)
    for name in makers:
        # What a killed run had begun is not sent a second time.
        await ground.step(f"burst: {name}", lambda name=name: one(name))  # type: ignore[misc]
    if ground.writes:
        await ground.step("burst: sign-up", lambda: prove_signups(ground, post))
    await ground.step("burst: sign-in", lambda: prove_logins(ground, own))
