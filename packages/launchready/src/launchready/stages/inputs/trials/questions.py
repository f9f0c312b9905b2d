"""Broken inputs and bursts: the questions of the inputs stage, the gentle ones first."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial

from launchready_guard.policy import Policy

from launchready.ground.ground import Ground
from launchready.ground.result import OF_INPUT, OF_LIMITS
from launchready.ground.rounds import Round
from launchready.model.inputs import StatedLimit
from launchready.model.surface import Integration
from launchready.model.words import Stage
from launchready.stages.inputs.trials.graphs import prove_graphs
from launchready.stages.inputs.trials.injection.prove import prove_injection
from launchready.stages.inputs.trials.limits.prove import prove_limits
from launchready.stages.inputs.trials.limits.shares import LONGER
from launchready.stages.inputs.trials.payloads.alarms import raise_ended
from launchready.stages.inputs.trials.payloads.losing import try_what_may_be_lost
from launchready.stages.inputs.trials.payloads.trying import try_payloads
from launchready.stages.inputs.trials.slow import prove_slowness
from launchready.stages.inputs.trials.uploads.prove import prove_uploads
from launchready.stages.inputs.trials.webhooks.prove import prove_webhooks

SECONDS = 120.0
LIMIT_SECONDS = 120.0
# What is sent for which checks. A run of some checks sends nothing for the others.
_INJECTION, PAYLOADS = frozenset(("LR303",)), frozenset(("LR301", "LR302", "LR304", "LR307"))
_SLOW, _UPLOADS, _GRAPHS = frozenset(("LR305",)), frozenset(("LR343",)), frozenset(("LR306",))
_WEBHOOKS = frozenset(("LR333", "LR337"))
LIMITED = frozenset(("LR331", "LR332", "LR334", "LR335", "LR336"))
TRIED = _INJECTION | PAYLOADS | _SLOW | _UPLOADS | _GRAPHS | _WEBHOOKS


def input_questions(
    checks: Collection[str] = TRIED,
    seconds: float = SECONDS,
    *,
    deep: bool = False,
    policy: Policy | None = None,
    integrations: Sequence[Integration] = (),
) -> Round:
    """The round of this stage for these ``checks``; ``deep`` sends every deviation there is instead of those that find most.

    ``policy`` and ``integrations`` tell how webhooks are signed.
    """
    parts: tuple[tuple[str, frozenset[str], Callable[[Ground], Awaitable[None]]], ...] = (
        # First, since it says more of a quote that breaks something than that it does.
        ("injection", _INJECTION, prove_injection),
        # Before others use up how many files one may send.
        ("uploads", _UPLOADS, lambda ground: prove_uploads(ground, deep=deep)),
        ("payloads", PAYLOADS, lambda ground: try_payloads(ground, deep=deep)),
        ("slow texts", _SLOW, prove_slowness),
        ("limits of GraphQL", _GRAPHS, prove_graphs),
        ("webhooks", _WEBHOOKS, lambda ground: prove_webhooks(ground, policy, integrations)),
    )

    async def ask(ground: Ground) -> None:
        for name, of, part in parts:
            if not of.isdisjoint(checks):
                await ground.stage(name, partial(part, ground))
        if ground.sending.ended is not None:
            raise_ended(ground, ground.sending.ended)

    return Round(
        Stage.INPUTS, "the broken inputs", OF_INPUT - OF_LIMITS, seconds, ask, "launchready inputs --seconds 600"
    )


def losing_questions(seconds: float = SECONDS, *, deep: bool = False) -> Round:
    """What may be asked only where everything may be lost: nothing of the app has to stand afterwards, so it comes after all the rest."""

    async def ask(ground: Ground) -> None:
        await ground.stage("what may be lost", partial(try_what_may_be_lost, ground, deep=deep))

    return Round(
        Stage.INPUTS,
        "what may be lost",
        OF_INPUT - OF_LIMITS,
        seconds,
        ask,
        "launchready inputs --seconds 600",
        last=True,
    )


def limit_questions(
    seconds: float = LIMIT_SECONDS,
    *,
    integrations: Sequence[Integration] = (),
    stated: Mapping[str, Sequence[StatedLimit]] | None = None,
) -> Round:
    """The bursts, which come last: whoever is limited afterwards has nothing left to ask. ``integrations`` tell whether the app uses a language model,
    ``stated`` which limits the source sets."""

    async def ask(ground: Ground) -> None:
        ground.stated = stated or {}
        # No stage: nobody's session is needed after it.
        await prove_limits(ground, ai=any(one.kind == "ai" for one in integrations))

    return Round(Stage.INPUTS, "the bursts", OF_LIMITS, seconds, ask, LONGER, last=True)
