"""Broken inputs and bursts: the questions of the inputs stage, the gentle ones first."""

from collections.abc import Sequence

from launchready_guard.policy import Policy

from launchready.ground.ground import Ground
from launchready.ground.result import OF_INPUT, OF_LIMITS
from launchready.ground.rounds import Round
from launchready.model.surface import Integration
from launchready.model.words import Stage
from launchready.stages.inputs.trials.limits.prove import prove_limits
from launchready.stages.inputs.trials.webhooks.prove import prove_webhooks

SECONDS = 120.0
LIMIT_SECONDS = 120.0
# The checks that bursts are sent for.
LIMITED = frozenset(("LR331", "LR332", "LR334", "LR335", "LR336"))


def input_questions(
    seconds: float = SECONDS,
    *,
    deep: bool = False,
    policy: Policy | None = None,
    integrations: Sequence[Integration] = (),
) -> Round:
    """The round of this stage; ``deep`` sends every deviation there is instead of those that find most.

    ``policy`` and ``integrations`` tell how webhooks are signed.
    """

    async def ask(ground: Ground) -> None:
        await ground.stage("webhooks", lambda: prove_webhooks(ground, policy, integrations))

    return Round(Stage.INPUTS, "the broken inputs", OF_INPUT - OF_LIMITS, seconds, ask)


def limit_questions(seconds: float = LIMIT_SECONDS, *, integrations: Sequence[Integration] = ()) -> Round:
    """The bursts, which come last: whoever is limited afterwards has nothing left to ask. ``integrations`` tell whether the app uses a language model."""

    async def ask(ground: Ground) -> None:
        # No stage: nobody's session is needed after it.
        await prove_limits(ground, ai=any(one.kind == "ai" for one in integrations))

    return Round(Stage.INPUTS, "the bursts", OF_LIMITS, seconds, ask, last=True)
