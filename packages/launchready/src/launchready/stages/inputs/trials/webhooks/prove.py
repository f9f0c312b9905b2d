"""Webhooks: events nobody signed, signed by somebody else, too old, and delivered twice.

Stripe, "Verify webhook signatures" and "Handle duplicate events"; Standard Webhooks, "Webhook replay attacks"; CWE-345, CWE-294.
"""

import json
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from launchready_guard.policy import Policy
from launchready_guard.schemes import SCHEMES

from launchready.core.ways import shape
from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.model.surface import Endpoint, Integration
from launchready.model.words import AccessVerdict, Confidence, Kind
from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange
from launchready.probes.paths import filled
from launchready.stages.inputs.trials.webhooks.effects import changed_twice, views
from launchready.stages.inputs.trials.webhooks.events import event_for
from launchready.stages.inputs.trials.webhooks.signing import Signer, headers, signer_of, wrongly

_MOST = 6
_OLD = 86_400
_MONEY = ("stripe", "pay", "paddle", "billing")


def hooks(ground: Ground) -> list[Endpoint]:
    """The webhooks of the app: where others send events, and not where members keep a list of their own receivers."""
    kept = {shape(e.path).rpartition("/")[0] for e in ground.endpoints if e.path.endswith("}") and e.method != "POST"}
    return [
        e
        for e in ground.endpoints
        if Kind.WEBHOOK in e.kind
        and e.method == "POST"
        and e.path.startswith("/")
        and not e.hosted
        and shape(e.path) not in kept
    ]


async def prove_webhooks(ground: Ground, policy: Policy | None, integrations: Sequence[Integration]) -> None:
    """Send each webhook what it must not take; what comes once in a run is sent once, so that each is a step."""
    if not ground.writes:
        return
    for hook in hooks(ground)[:_MOST]:
        signer = signer_of(hook, policy, integrations)
        await ground.step(f"webhook: {hook.name}", partial(_prove, ground, hook, signer))


async def _prove(ground: Ground, hook: Endpoint, signer: Signer) -> None:
    event = event_for(hook, ground, "launchready.unsigned_test")
    before = [await views(ground), await views(ground)]
    unsigned = await _send(ground, hook, event)
    if unsigned.error or unsigned.status >= 500:
        said = unsigned.error or f"it answered {unsigned.status}, so we cannot say whether it believed us"
        ground.gap(hook.name, said, "a look by a person", Harm.HOOK)
        return
    ground.count(Harm.HOOK)
    if unsigned.ok:
        ground.alarm(_believes(hook, unsigned))
        again = await _twice(ground, hook, event, {}, before)
        _count_twice(ground, hook, unsigned, again)
        return
    await _wrongly_signed(ground, hook, signer)
    await _replayed(ground, hook, signer)


async def _wrongly_signed(ground: Ground, hook: Endpoint, signer: Signer) -> None:
    event = event_for(hook, ground, "launchready.wrongly_signed_test")
    exchange = await _send(ground, hook, event, wrongly(signer, _bytes(event), int(time.time())))
    if exchange.ok:
        ground.alarm(
            Alarm(
                Harm.HOOK,
                hook.name,
                f"Anyone can send the app made-up events at {hook.name}: it takes any signature",
                "It refuses an event without a signature, and took one that was signed with a secret we made up.",
                shown(("sent an event signed with a made-up secret, and it was taken", exchange)),
                key="wrongly signed",
            )
        )


async def _replayed(ground: Ground, hook: Endpoint, signer: Signer) -> None:
    if not signer.secret:
        variable = SCHEMES[signer.scheme].variable if signer.scheme in SCHEMES else "NAME"
        give = (
            f"export {variable}=…, a secret of this environment"
            if signer.scheme
            else '[webhooks.NAME] secret = { env = "…" } in the policy'
        )
        ground.gap(
            hook.name,
            "it takes signed events only and we have no secret to sign with: old events and repeated ones were not tried",
            give,
            Harm.REPLAY,
        )
        return
    scheme, now = SCHEMES[signer.scheme], int(time.time())
    event = event_for(hook, ground, "launchready.replay_test")
    signed = headers(scheme, signer.secret, _bytes(event), now, str(event["id"]))
    before = [await views(ground), await views(ground)]
    first = await _send(ground, hook, event, signed)
    if not first.ok:
        ground.gap(
            hook.name,
            f"it answered {first.status} to an event signed with the secret in our environment",
            "the secret of this environment",
            Harm.REPLAY,
        )
        return
    again = await _twice(ground, hook, event, signed, before)
    _count_twice(ground, hook, first, again)
    if not signer.timed:
        return
    event = event_for(hook, ground, "launchready.stale_test")
    old = await _send(ground, hook, event, headers(scheme, signer.secret, _bytes(event), now - _OLD, str(event["id"])))
    ground.count(Harm.REPLAY)
    if old.ok:
        ground.alarm(
            Alarm(
                Harm.REPLAY,
                hook.name,
                f"An event from yesterday is taken at {hook.name} as if it came now",
                "Its signature is right and its time a day old. Whoever gets hold of one event, from a log say, can send it at any time later.",
                shown(("sent an event whose signed time is a day old, and it was taken", old)),
                key="stale",
            )
        )


async def _twice(
    ground: Ground,
    hook: Endpoint,
    event: dict[str, Any],
    signed: Mapping[str, str],
    before: list[list[Exchange]],
) -> tuple[Exchange, Exchange | None]:
    """The second delivery of an event, and the view that changed with each of both."""
    looks = [*before, await views(ground)]
    again = await _send(ground, hook, event, signed)
    looks.append(await views(ground))
    return again, changed_twice(looks, str(event["id"]))


def _count_twice(ground: Ground, hook: Endpoint, first: Exchange, again: tuple[Exchange, Exchange | None]) -> None:
    exchange, view = again
    if view is None and exchange.ok:
        said = "it took the same event twice; whether that counted twice did not show in what our people see"
        ground.gap(hook.name, said, "a look by a person: the id of each event must be remembered", Harm.REPLAY)
        return
    ground.count(Harm.REPLAY)
    if view is not None:
        ground.alarm(
            Alarm(
                Harm.REPLAY,
                hook.name,
                "A payment event counts again each time it is sent"
                if _about_money(hook)
                else f"An event counts again each time it is sent to {hook.name}",
                "Senders deliver the same event more than once as a matter of course, and so can whoever saw one. It had its effect both times.",
                shown(
                    ("sent an event", first),
                    ("sent the same event again", exchange),
                    ("what a member is shown after it", view),
                ),
                key="twice",
            )
        )


def _believes(hook: Endpoint, exchange: Exchange) -> Alarm:
    signed = hook.access.verdict is AccessVerdict.GUARDED and hook.access.how == "signature"
    return Alarm(
        Harm.HOOK,
        hook.name,
        "Anyone can tell the app that a payment arrived"
        if _about_money(hook)
        else f"Anyone can send the app made-up events at {hook.name}",
        "The source checks a signature; the running app does not."
        if signed
        else "It does not ask for the sender's signature.",
        shown(("sent an event nobody signed, and it was taken", exchange)),
        Confidence.PROVEN,
        "unsigned",
    )


def _about_money(hook: Endpoint) -> bool:
    return Kind.BILLING in hook.kind or any(word in hook.path.lower() for word in _MONEY)


async def _send(
    ground: Ground, hook: Endpoint, event: dict[str, Any], signed: Mapping[str, str] | None = None
) -> Exchange:
    sender = Caller("a sender", ground.guest.site)
    given = {"Content-Type": "application/json", **(signed or {})}
    return await ground.call(sender, "POST", filled(hook), body=_bytes(event), headers=given)


def _bytes(event: dict[str, Any]) -> bytes:
    return json.dumps(event).encode()
