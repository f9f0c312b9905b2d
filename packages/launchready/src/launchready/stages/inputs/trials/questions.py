"""Broken inputs and bursts: the questions of the inputs stage, the gentle ones first."""

from launchready.ground.ground import Ground
from launchready.ground.result import OF_INPUT
from launchready.ground.rounds import Round
from launchready.model.words import Stage
from launchready.stages.inputs.trials.graphs import prove_graphs
from launchready.stages.inputs.trials.injection.prove import prove_injection
from launchready.stages.inputs.trials.slow import prove_slowness

SECONDS = 120.0


def input_questions(seconds: float = SECONDS, *, deep: bool = False) -> Round:
    """The round of this stage; ``deep`` sends every deviation there is instead of those that find most."""

    async def ask(ground: Ground) -> None:
        """Bursts come last: whoever is limited afterwards has nothing left to ask."""
        await ground.stage("injection", lambda: prove_injection(ground))
        await ground.stage("slow texts", lambda: prove_slowness(ground))
        await ground.stage("limits of GraphQL", lambda: prove_graphs(ground))

    return Round(Stage.INPUTS, "the broken inputs", OF_INPUT, seconds, ask)
