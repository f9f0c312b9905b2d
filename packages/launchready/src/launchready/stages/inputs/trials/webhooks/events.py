"""A made-up event: shaped like those of the usual senders, saying of itself that it is a test, and about nobody but us."""

import secrets
import time
from typing import Any

from launchready.ground.ground import Ground
from launchready.ground.tidy import keeps_people
from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import build
from launchready.probes.callers.caller import Caller

# Not a sum that an app has anyway: it is looked for in what the app shows afterwards.
AMOUNT = 421_173


def event_for(endpoint: Endpoint, ground: Ground, kind: str) -> dict[str, Any]:
    """An event of this type, with the fields that the endpoint names, about the first account that was made for the run."""
    someone = next((one.person for one in ground.callers if one.person), None) or ground.stand_in("h")
    ours = next((one for one in ground.callers if one.name in ground.journal.signed), None)
    about = _about(ground, ours) if ours is not None else {}
    return build(endpoint, someone, optional=True) | {
        "id": f"evt_launchready_{secrets.token_hex(6)}",
        "object": "event",
        "type": kind,
        "created": int(time.time()),
        "livemode": False,
        "data": {
            "object": {
                "id": f"launchready_test_{secrets.token_hex(4)}",
                "amount": AMOUNT,
                "amount_total": AMOUNT,
                "currency": "eur",
                "status": "succeeded",
                **about,
                "metadata": about,
            }
        },
    }


def _about(ground: Ground, ours: Caller) -> dict[str, Any]:
    """Who is meant: the account, and its workspace where this run made that one."""
    email = ours.person.email if ours.person else ""
    said: dict[str, Any] = {"email": email, "customer_email": email}
    for value in sorted(ours.known("id"))[:1]:
        said |= {"user_id": _number(value), "client_reference_id": value}
    if any(keeps_people(made) and made.who == ours.name for made in ground.made):
        for value in sorted(ours.known("tenant"))[:1]:
            said |= {f"{name}_id": _number(value) for name in ("workspace", "organization", "team", "tenant")}
    return said


def _number(value: str) -> int | str:
    return int(value) if value.isdigit() else value
