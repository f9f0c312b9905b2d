"""Who gets what: the questions of the access stage, in the order that lets none destroy what a later one needs."""

from collections.abc import Sequence

from launchready_guard.policy import Policy

from launchready.ground.ground import Ground
from launchready.ground.prover import SECONDS
from launchready.ground.result import OF_INPUT, Harm
from launchready.ground.rounds import Round
from launchready.model.project import Project
from launchready.model.words import Stage
from launchready.probes.private_data import private_data
from launchready.stages.access.proof.batches import prove_batches
from launchready.stages.access.proof.beside import prove_beside
from launchready.stages.access.proof.exposure import prove_exposure
from launchready.stages.access.proof.field_roles import prove_field_roles
from launchready.stages.access.proof.fields import prove_fields
from launchready.stages.access.proof.joined import prove_joined
from launchready.stages.access.proof.kept_private import prove_kept_private
from launchready.stages.access.proof.picked import prove_picked
from launchready.stages.access.proof.reads import prove_reads
from launchready.stages.access.proof.roles import prove_role_writes, prove_roles
from launchready.stages.access.proof.sessions.prove import prove_sessions
from launchready.stages.access.proof.strangers import prove_strangers
from launchready.stages.access.proof.writes import prove_writes

# The checks that share one proof.
PROVEN = frozenset(("LR204", "LR207", "LR208", "LR209", "LR210", "LR213", "LR214", "LR215", "LR216", "LR219"))


def access_questions(
    project: Project, policy: Policy | None = None, words: Sequence[str] = (), seconds: float = SECONDS
) -> Round:
    """The round of this stage: ``policy`` says who may, ``words`` are what weak keys are guessed from."""

    async def ask(ground: Ground) -> None:
        if not ground.callers:
            if ground.writes:
                await ground.stage("strangers", lambda: prove_strangers(ground, policy))
            return
        # From what only reads to what takes most away.
        await ground.stage("reads", lambda: prove_reads(ground, policy))
        await ground.stage("roles", lambda: prove_roles(ground, policy))
        await ground.stage("fields of types", lambda: prove_field_roles(ground, policy, project))
        await ground.stage("batches", lambda: prove_batches(ground, policy))
        if ground.writes:
            await ground.stage("fields", lambda: prove_fields(ground))
            await ground.stage("what is marked as private", lambda: prove_kept_private(ground))
            await ground.step("a workspace that is named", lambda: prove_joined(ground))
            await ground.stage("writes of other roles", lambda: prove_role_writes(ground, policy))
            await ground.stage("writes beside others", lambda: prove_beside(ground, policy))
            await ground.stage("strangers", lambda: prove_strangers(ground, policy))
            await ground.stage("writes", lambda: prove_writes(ground, policy))
        await ground.stage("sessions", lambda: prove_sessions(ground, words))
        told = {call.endpoint.name for call in ground.strangers if private_data(call.exchange)}
        await ground.stage("exposure", lambda: prove_exposure(ground, told))
        await ground.stage("what callers pick", lambda: prove_picked(ground))

    return Round(Stage.ACCESS, "the proof", frozenset(Harm) - OF_INPUT, seconds, ask, "launchready prove --seconds 600")
