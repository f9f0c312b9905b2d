"""LR333: a webhook that believes whoever calls it."""

import secrets

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.surface import Endpoint
from launchready.model.words import AccessVerdict, Confidence, Impact, Kind, Need, Severity, Stage
from launchready.probes.exchange import Exchange
from launchready.probes.http import Site
from launchready.probes.paths import filled

_LINES = ("BAR-3", "BAR-1", "INPUT-1", "SURF-1")


async def run(context: Context) -> Result:
    """Send an event nobody signed, with an id that says what it is. A 2xx means that it was believed."""
    hooks = [one for one in context.surface.by_kind(Kind.WEBHOOK) if one.method == "POST" and one.path.startswith("/")]
    if not hooks:
        if not context.surface.endpoints:
            raise NotCheckedError("the app's endpoints are not known", "the app's source")
        raise NotApplicableError("the source shows no webhook")
    site = context.get(Site)
    site.require_active()
    if not context.environment.writes:
        raise NotCheckedError(
            "this environment allows reads only", f"writes = true in [environments.{context.environment.name}]"
        )
    findings, gaps, examined = [], [], 0
    for hook in hooks:
        event = {
            "id": f"evt_launchready_{secrets.token_hex(6)}",
            "object": "event",
            "type": "launchready.unsigned_test",
            "livemode": False,
            "data": {"object": {"id": "launchready_test"}},
        }
        exchange = await site.send("POST", filled(hook), json=event)
        if exchange.error or exchange.status >= 500:
            gaps.append(
                Gap(
                    hook.name,
                    exchange.error or f"it answered {exchange.status}, so we cannot say whether it believed us",
                    "a look by a person",
                )
            )
            continue
        examined += 1
        if exchange.ok:
            findings.append(_finding(hook, exchange))
    return Result(examined, tuple(findings), tuple(gaps))


def _finding(hook: Endpoint, exchange: Exchange) -> Finding:
    money = Kind.BILLING in hook.kind or any(
        word in hook.path.lower() for word in ("stripe", "pay", "paddle", "billing")
    )
    evidence = [exchange.evidence("sent an event nobody signed, and it was taken")]
    if hook.source.line:
        evidence.append(Evidence("file", hook.source.what, "", hook.source.file, hook.source.line))
    signed = hook.access.verdict is AccessVerdict.GUARDED and hook.access.how == "signature"
    return Finding(
        "LR333",
        hook.name,
        "Anyone can tell the app that a payment arrived"
        if money
        else f"Anyone can send the app made-up events at {hook.name}",
        Severity.BLOCKER,
        Confidence.PROVEN,
        Impact.MONEY if money else Impact.DATA,
        _LINES,
        "The source checks a signature; the running app does not."
        if signed
        else "It does not ask for the sender's signature.",
        tuple(evidence),
        exchange.curl(),
        "Verify the provider's signature over the raw body and its time before reading it (Stripe: Webhook.construct_event), refuse "
        "with 400, and remember event ids so that each counts once.",
        2.0,
    )


CHECK = Check(
    CheckInfo(
        "LR333",
        "Webhooks take signed events only",
        Stage.INPUTS,
        _LINES,
        (Need.URL,),
        Severity.BLOCKER,
        Impact.MONEY,
    ),
    run,
)
