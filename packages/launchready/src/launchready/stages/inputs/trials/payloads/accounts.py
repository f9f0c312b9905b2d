"""Accounts that a sign-up made of values out of place: noted, so that they are removed like those of the run's own people."""

import re
from typing import Any
from urllib.parse import parse_qsl

from launchready.ground.ground import Ground
from launchready.ground.ids import is_text
from launchready.ground.journal import Signed
from launchready.model.parsed import json_of
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.tokens import leaves
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.payloads.deviations import Deviation
from launchready.stages.inputs.trials.payloads.examples import Example

_WHO = re.compile("mail|user|login|handle|nick|phone", re.I)
# How callers are named whose account a broken input made.
BY_INPUT = "input-"


def makes_account(one: Example) -> bool:
    """Whether a call makes an account, whatever its address says: a POST with a password and a name or an address to sign in with."""
    names = [name.lower() for name in one.body] if isinstance(one.body, dict) else []
    return one.endpoint.method == "POST" and all(
        any(word in name for name in names for word in words) for words in (("pass",), ("mail", "user", "login"))
    )


def tells_who(one: Deviation) -> bool:
    """Whether what is out of place is what tells one account from another."""
    return bool(_WHO.search(one.field))


def note_account(ground: Ground, one: Example, answer: Exchange) -> None:
    """Note the account that an exchange made, if the names and the password it was made with can be told from what was sent."""
    person = account_of(one, answer)
    if person is not None:
        name = f"{BY_INPUT}{len(ground.journal.signed)}"
        ground.journal.sign(Signed(name, person, one.endpoint.name))


async def page_of(ground: Ground, person: Person) -> Exchange | None:
    """The first page of their own that a new account is shown after signing in; None when it cannot sign in."""
    caller = Caller("input", ground.guest.site, person)
    return await ground.accounts.doors.open_to(caller) if await ground.accounts.still_there(caller) else None


def account_of(one: Example, answer: Exchange) -> Person | None:
    """Whose account a sign-up made, by what was sent."""
    text = answer.sent_body.decode("utf-8", "replace")
    sent: Any = dict(parse_qsl(text)) if one.form else json_of(text)
    given = {
        re.sub(r"[^a-z]", "", name.lower()): value for name, value in leaves(sent) if isinstance(value, str) and value
    }
    email, username = given.get("email", ""), given.get("username", given.get("login", ""))
    password = given.get("password", given.get("passwd", ""))
    if not password or not (email or username) or not is_text(email + username + password):
        return None
    marker = (username or email).partition("@")[0]
    return Person(marker, email, username or email, password, marker)
