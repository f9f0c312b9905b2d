"""LR212: the running app, called with tokens we made up."""

import base64
import hashlib
import hmac
import json
import secrets
import time

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.exchange import Exchange
from launchready.probes.guest import GuestCall, GuestSweep
from launchready.probes.http import Site

_MOST = 5


async def run(context: Context) -> Result:
    """Call endpoints that refuse strangers again, with tokens nobody issued (RFC 8725, sections 2.1 and 3.1)."""
    site = context.get(Site)
    site.require_active()
    refusing = [call for call in await context.get(GuestSweep).results() if call.exchange.status in (401, 403)]
    if not refusing:
        raise NotCheckedError(
            "no endpoint answered 401 or 403 to a stranger, so there is nothing a token would open", ""
        )
    refusing.sort(key=lambda call: ("{" in call.endpoint.path, call.endpoint.path))
    for call in refusing[:_MOST]:
        for kind, token in _tokens().items():
            exchange = await site.send("GET", call.exchange.path, headers={"Authorization": f"Bearer {token}"})
            if exchange.ok:
                return Result(len(refusing[:_MOST]), (_finding(call, kind, exchange),))
    return Result(len(refusing[:_MOST]))


def _tokens() -> dict[str, str]:
    claims = {
        "sub": "1",
        "id": 1,
        "user_id": 1,
        "role": "admin",
        "iat": int(time.time()),
        "exp": int(time.time()) + 600,
    }
    made = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    signature = hmac.new(secrets.token_bytes(32), made.encode(), hashlib.sha256).digest()
    return {
        "signed with a key of our own": f"{made}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}",
        "without any signature (alg none)": f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}.",
    }


def _part(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _finding(call: GuestCall, kind: str, exchange: Exchange) -> Finding:
    return Finding(
        "LR212",
        "site",
        f"Anyone can sign in as anyone: {call.endpoint.name} accepts a token {kind}",
        Severity.BLOCKER,
        Confidence.PROVEN,
        Impact.IDENTITY,
        ("AUTH-1", "BAR-1"),
        "Without a token it refuses; with one we made up, it answers as user 1.",
        (call.exchange.evidence("without a token"), exchange.evidence(f"with a token {kind}")),
        "",
        "Verify every token on the server, with your key and one fixed algorithm, before believing anything it says.",
        1.0,
    )


CHECK = Check(
    CheckInfo(
        "LR212",
        "The running app refuses made-up tokens",
        Stage.ACCESS,
        ("AUTH-1", "BAR-1"),
        (Need.URL,),
        Severity.BLOCKER,
        Impact.IDENTITY,
    ),
    run,
)
