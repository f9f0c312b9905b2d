"""Broken inputs and bursts: the questions of the inputs stage, the gentle ones first."""

from launchready.ground.ground import Ground
from launchready.ground.result import OF_INPUT
from launchready.ground.rounds import Round
from launchready.model.words import Stage
from launchready.stages.inputs.trials.payloads.trying import try_payloads

SECONDS = 120.0
# Checks that the round answers: bursts of others wait for it.
TRIED = frozenset(("LR301", "LR302", "LR303", "LR304"))


def input_questions(seconds: float = SECONDS, *, deep: bool = False) -> Round:
    """The round of this stage; ``deep`` sends every deviation there is instead of those that find most."""

    async def ask(ground: Ground) -> None:
        """Bursts come last: whoever is limited afterwards has nothing left to ask."""
        await ground.stage("payloads", lambda: try_payloads(ground, deep=deep))

    return Round(Stage.INPUTS, "the broken inputs", OF_INPUT, seconds, ask)
