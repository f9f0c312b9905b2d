"""LR333 and LR337: webhooks that believe whoever calls them, and those that count an event again."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.prover import Prover
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.finding import Finding
from launchready.model.words import Impact, Need, Severity, Stage
from launchready.probes.http import Site
from launchready.stages.inputs.trials.webhooks.prove import hooks

_LINES = ("BAR-3", "BAR-1", "INPUT-1", "SURF-1")
_TITLES = {
    "LR333": "Webhooks take signed events only",
    "LR337": "Each event of a webhook counts once, and while it is new",
}
_MEANINGS = {
    "LR333": {
        Harm.HOOK: Meaning(
            Severity.BLOCKER,
            Impact.MONEY,
            _LINES,
            "Verify the provider's signature over the raw body and its time before reading it (Stripe: Webhook.construct_event), refuse "
            "with 400, and remember event ids so that each counts once.",
        )
    },
    "LR337": {
        Harm.REPLAY: Meaning(
            Severity.HIGH,
            Impact.MONEY,
            ("BAR-3", "INPUT-1", "INPUT-3"),
            "Refuse events whose signed time is more than five minutes old, and keep the id of each event in a table with a unique index, in the "
            "transaction that acts on it: the second one then does nothing.",
        )
    },
}


def _asking(check: str) -> Callable[[Context], Awaitable[Result]]:
    async def run(context: Context) -> Result:
        context.get(Site).require_active()
        if not context.environment.writes:
            raise NotCheckedError(
                "this environment allows reads only", f"writes = true in [environments.{context.environment.name}]"
            )
        result = await findings(check, context, _MEANINGS[check], ())
        ground = context.get(Prover).ground
        if ground is None or not ground.endpoints:
            raise NotCheckedError("the app's endpoints are not known", "the app's source")
        if not hooks(ground):
            raise NotApplicableError("the source shows no webhook")
        return replace(result, findings=tuple(_weighed(one) for one in result.findings))

    return run


def _weighed(found: Finding) -> Finding:
    """What a made-up event can change is money where the webhook is about payments, else data."""
    money = "payment" in found.title or any(word in found.target.lower() for word in ("stripe", "pay", "billing"))
    return found if money else replace(found, impact=Impact.DATA)


CHECKS = tuple(
    Check(
        CheckInfo(
            name,
            _TITLES[name],
            Stage.INPUTS,
            next(iter(_MEANINGS[name].values())).roadmap,
            (Need.URL,),
            next(iter(_MEANINGS[name].values())).severity,
            Impact.MONEY,
        ),
        _asking(name),
    )
    for name in _TITLES
)
