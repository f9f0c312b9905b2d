"""Confirms an address by the letter the app sent: follows its link, or hands its code back."""

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from launchready.model.addresses import parts_of
from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import named_fields
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.forms import fill, follow, forms_of
from launchready.probes.callers.mailbox import WAIT
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away

if TYPE_CHECKING:
    from launchready.probes.callers.accounts import Accounts

_LINK = re.compile(r"https?://[^\s\"'<>)\]]+|(?<![\w/:.])/[\w./-]+\?[\w=&%.~+-]+")
_VERIFY = re.compile(r"verif|confirm|activat|validate-?e?mail|email-?token", re.I)
_PLAUSIBLE = re.compile(
    rf"{_VERIFY.pattern}|[?&](?:[\w-]*(?:token|code|key|hash|signature))=|/[\w:-]{{16,}}(?:/|$)", re.I
)
_NOT = re.compile(r"resend|send|request|unsubscribe|password|reset", re.I)
_TOKEN = re.compile(r"token|code|key|otp|pin|hash|uid|signature", re.I)
_CODE = re.compile(
    r"(?<![\w/=.-])(?:\d{4,8}|[A-Z0-9]{3,5}-[A-Z0-9]{3,5}|(?=[A-Z]*\d)[A-Z0-9]{6,8}|[A-Za-z0-9_-]{20,}(?:\.[\w-]+)*)(?![\w/=@-])"
)
_TYPED = frozenset(("text", "number", "tel", ""))
_MOST = 6


async def confirm(accounts: "Accounts", caller: Caller, signup: Exchange, wait: float = WAIT) -> bool:
    """Whether a letter came and something it holds was taken; ``signup`` is the answer to the sign-up it follows."""
    if not accounts.mail or caller.person is None:
        return False
    done, page = False, await follow(caller, signup)
    for letter in reversed(await accounts.mail.to(caller.person.email, wait)):
        for link in dict.fromkeys(_LINK.findall(letter)):
            if _PLAUSIBLE.search(link) and not _NOT.search(parts_of(link).path):
                done = await _open(accounts, caller, link.rstrip(".,;")) or done
        if done:
            return True
        for code in _codes(letter, caller.person.email):
            if await _type(caller, page, code) or await hand_back(accounts, caller, {"token": code}):
                return True
    return done


def _codes(letter: str, address: str) -> list[str]:
    """What may be a code, the likeliest first: alone on its line, then behind the word, then anywhere after the address."""
    rest = letter[max(0, letter.lower().find(address.lower())) :].replace(address, "")
    alone = [line.strip() for line in rest.splitlines() if _CODE.fullmatch(line.strip())]
    named = re.findall(rf"(?:code|token|pin)\b[^\n]{{0,30}}?[:=\s]\s*({_CODE.pattern})", rest, re.I)
    return list(dict.fromkeys((*alone, *named, *_CODE.findall(rest))))[:_MOST]


async def _type(caller: Caller, page: Exchange, code: str) -> bool:
    """Type a code into the page that asks for one; that page comes again when the code was wrong."""
    person = caller.person
    assert person is not None
    for form in forms_of(page):
        fields = [name for name, one in form.fields.items() if one.kind in _TYPED and _TOKEN.search(name)]
        if form.method == "POST" and not form.has_password and len(fields) == 1:
            sent = await caller.send(
                "POST", form.action, form=fill(form, person) | {fields[0]: code}, headers=form.headers(caller)
            )
            return 300 <= sent.status < 400
    return False


async def _open(accounts: "Accounts", caller: Caller, link: str) -> bool:
    """Open a link at this site whatever host it names, and press the one button of the page it leads to."""
    person = caller.person
    assert person is not None
    parts = parts_of(link)
    if not parts.scheme:
        return False
    path = parts.path.removeprefix(caller.site.base) or "/"
    exchange = await caller.send("GET", path + (f"?{parts.query}" if parts.query else ""))
    landed = await follow(caller, exchange)
    if turned_away(landed):
        return False
    for form in forms_of(landed):
        if form.method == "POST" and not form.has_password and (_VERIFY.search(form.action) or landed is exchange):
            pressed = await caller.send("POST", form.action, form=fill(form, person), headers=form.headers(caller))
            return pressed.status < 400
    spa = landed.ok and "html" in landed.content_type and not _knows(accounts, path)
    if landed.ok and not spa:
        return True
    # The link is one of the page in front, which would call the API with what the link holds.
    values = dict(parse_qsl(parts.query))
    if not values and (last := path.rstrip("/").split("/")[-1]):
        values = {"token": last}
    return bool(values) and await hand_back(accounts, caller, values)


def _knows(accounts: "Accounts", path: str) -> bool:
    first = path.split("/")[1:3]
    return any(
        e.method in ("GET", "ANY") and e.path.split("/")[1 : len(first) + 1][:1] == first[:1]
        for e in accounts.endpoints
    )


async def hand_back(accounts: "Accounts", caller: Caller, values: dict[str, str]) -> bool:
    """Give a code to the endpoints that confirm addresses."""
    routes = [e for e in accounts.endpoints if _VERIFY.search(e.path) and not _NOT.search(e.path) and not e.hosted]
    for endpoint in routes[:_MOST]:
        exchange = await _hand(caller, endpoint, values)
        if exchange.ok or 300 <= exchange.status < 400:
            return True
    return False


async def _hand(caller: Caller, endpoint: Endpoint, values: dict[str, str]) -> Exchange:
    person = caller.person
    assert person is not None
    secret = next((value for name, value in values.items() if _TOKEN.search(name)), next(iter(values.values()), ""))
    path = re.sub(r"\{([^{}]*)\}", lambda m: values.get(m[1], secret), endpoint.path)
    if endpoint.method in ("GET", "ANY"):
        names = [one.name for one in endpoint.inputs if one.where == "query"] or ["token"]
        query = "&".join(f"{name}={values.get(name, person.email if 'mail' in name else secret)}" for name in names)
        return await caller.send("GET", path if "{" in endpoint.path else f"{path}?{query}")
    named = [one.name for one in named_fields(endpoint)] or ["token", "email"]
    body = {name: values.get(name, person.email if "mail" in name.lower() else secret) for name in named}
    return await caller.send(endpoint.method, path, json=body)
