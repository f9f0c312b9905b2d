"""The call of an endpoint that is known to be taken, as one that can be sent again and again."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from launchready.ground.ground import Ground
from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import as_form, mend
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.sending import asks_for_token, fetch_token
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.limits.burst import Ask, send

_ROUNDS = 4


async def first(ground: Ground, ask: Ask, endpoint: Endpoint, person: Person) -> tuple[Ask, Exchange]:
    """Send a call, mended by what the app complains about, until it is taken; the call as it was sent last, and its answer."""
    exchange = await send(ground, ask)
    for _ in range(_ROUNDS):
        if asks_for_token(exchange) and not ask.caller.writing:
            await ask.caller.send("GET", endpoint.path)
            if not await fetch_token(ask.caller, ground.endpoints) and not ask.caller.cookies:
                break
        elif exchange.status in (400, 422) and (body := mend(_body(ask), exchange, person)) is not None:
            ask = replace(ask, form=as_form(body)) if ask.form is not None else replace(ask, json=body)
        elif exchange.status in (400, 415, 422) and isinstance(ask.json, dict):
            ask = replace(ask, json=None, form=as_form(ask.json))
        else:
            break
        exchange = await send(ground, ask)
    return ask, exchange


def again(exchange: Exchange, caller: Caller) -> Ask:
    """The call that got this answer."""
    kind = next((value for name, value in exchange.sent_headers.items() if name.lower() == "content-type"), "")
    text = exchange.sent_body.decode("utf-8", "replace")
    ask = Ask(caller, exchange.method, exchange.path)
    if "json" in kind:
        return replace(ask, json=json.loads(text))
    if "urlencoded" in kind:
        return replace(ask, form=dict(parse_qsl(text, keep_blank_values=True)))
    return replace(ask, raw=exchange.sent_body or None, headers={"Content-Type": kind} if kind else {})


def with_text(ask: Ask, old: str, new: str) -> Ask:
    """The call with one text for another wherever it stands in its body."""
    if ask.json is not None:
        return replace(ask, json=json.loads(json.dumps(ask.json).replace(old, new)))
    if ask.form is not None:
        return replace(ask, form={name: value.replace(old, new) for name, value in ask.form.items()})
    return ask


def body_of(body: Mapping[str, Any], *, form: bool) -> dict[str, Any]:
    """The arguments of a call with this body."""
    return {"form": as_form(body)} if form else {"json": dict(body)}


def _body(ask: Ask) -> dict[str, Any]:
    return dict(ask.form) if ask.form is not None else dict(ask.json) if isinstance(ask.json, dict) else {}
