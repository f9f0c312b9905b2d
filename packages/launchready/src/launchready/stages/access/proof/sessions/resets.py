"""Reset links: single-use, ending, bound to one account, not guessable, and never in the answer itself
(OWASP Forgot Password Cheat Sheet; OWASP ASVS 5.0, V6.4; CWE-640)."""

import re
import secrets
from dataclasses import replace
from typing import Any

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence, Kind
from launchready.probes.callers.bodies import as_form, build, fields_of, is_form, mend
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.doors import says_error
from launchready.probes.callers.tokens import claims
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.sessions.carried import unwatched
from launchready.stages.access.proof.sessions.guessable import first_guesses
from launchready.stages.access.proof.sessions.letters import (
    MAIL,
    TOKEN,
    Letters,
    Mailed,
    compare,
    found_in,
    takes_token,
)

_FORGOT = re.compile(r"forgot|request|recover|lost|email", re.I)
_RESET = re.compile(r"forgot|reset|recover|lost[-_]?password", re.I)
_PASSWORD = re.compile(r"pass(?:word|wd|phrase)?|pwd", re.I)
_ACCOUNT = re.compile(r"e-?mail|user|account|login", re.I)
_ROUNDS = 3


def asks_for_resets(ground: Ground) -> bool:
    """Whether anything in the app sends reset links."""
    return any(_asks(endpoint) for endpoint in ground.endpoints)


async def prove_resets(ground: Ground, caller: Caller, other: Caller | None, letters: Letters) -> None:
    """Ask for reset links of an account of ours and use them; its password is changed on the way. ``other`` is another such account."""
    asks = sorted((e for e in ground.endpoints if _asks(e)), key=lambda e: not _FORGOT.search(e.path))
    if not asks or caller.person is None:
        return
    first = await _ask(ground, asks[0], caller.person, letters)
    if not first.answer.ok or says_error(first.answer):
        ground.gap(asks[0].name, f"asking for a reset link answered {first.answer.status}", "", Harm.RESET)
        return
    sets = [e for e in ground.endpoints if _sets(e)]
    if first.token:
        await _judge(ground, asks[0], sets, first, caller, other, letters)
    elif not await _guess(ground, asks[0], sets, first, caller):
        ground.gap(asks[0].name, "reset links go out by mail, and the mail was not read", MAIL, Harm.RESET)


async def _ask(ground: Ground, ask: Endpoint, person: Person, letters: Letters) -> Mailed:
    await letters.mark(person.email)
    return await found_in(await _send(ground, ask, person, {}), person, letters)


async def _judge(
    ground: Ground,
    ask: Endpoint,
    sets: list[Endpoint],
    first: Mailed,
    caller: Caller,
    other: Caller | None,
    letters: Letters,
) -> None:
    assert caller.person is not None
    ground.count(Harm.RESET)
    used, route = await _uses(ground, sets, first, caller)
    if first.told:
        proof = [("asks for a reset link", first.answer)]
        if used is not None:
            proof.append(("sets a new password with what the answer held", used))
        ground.alarm(
            Alarm(
                Harm.RESET,
                ask.name,
                "Anyone can take over any account: asking for a reset link answers with the link itself",
                "The token that belongs into the owner's mailbox stands in the answer to whoever asks.",
                shown(*proof),
                Confidence.PROVEN if used is not None else Confidence.SUSPECTED,
                "in the answer",
            )
        )
    again = await works(ground, route, first.token, caller) if route is not None else None
    if used is not None and route is not None and again is not None:
        ground.alarm(
            Alarm(
                Harm.RESET,
                route.name,
                "A reset link works again and again: whoever finds it in a mailbox or a log takes the account over",
                "The same token set a second password, and signing in with that worked.",
                shown(("sets a password", used), ("sets another with the same token", again)),
                key="twice",
            )
        )
    second = await _ask(ground, ask, caller.person, letters)
    third = await _ask(ground, ask, caller.person, letters)
    made = [one for one in (first, second, third) if one.token]
    if len(made) > 1:
        compare(ground, ask, made, _facts(caller), "A reset link")
    if route is None:
        said = "no endpoint was found that takes them" if not sets else "none of ours was taken"
        ground.gap(ask.name, f"reset tokens were seen, and {said}", "", Harm.RESET)
    elif other is not None and third.token:
        await _takes_over(ground, route, third.token, other)
    _lives(ground, ask, first.token, first.answer)


async def _uses(
    ground: Ground, sets: list[Endpoint], mailed: Mailed, caller: Caller
) -> tuple[Exchange | None, Endpoint | None]:
    for route in sets:
        used = await works(ground, route, mailed.token, caller)
        if used is not None:
            return used, route
    return None, None


def _lives(ground: Ground, ask: Endpoint, token: str, asked: Exchange) -> None:
    said = claims(token)
    if said and "exp" not in said:
        ground.alarm(
            Alarm(
                Harm.RESET,
                ask.name,
                "A reset link never runs out",
                "Its token has no exp claim (RFC 7519, section 4.1.4).",
                shown(("asks for a reset link", asked)),
                Confidence.CERTAIN,
                "no end",
            )
        )
    elif not said:
        ground.gap(
            ask.name,
            "whether a reset link runs out was not waited for",
            "a test of your own with a link that is too old",
            Harm.RESET,
        )


async def _guess(ground: Ground, ask: Endpoint, sets: list[Endpoint], asked: Mailed, caller: Caller) -> bool:
    """Try the few tokens that careless code would have made just now; True when one set a new password."""
    for route in sets[:1]:
        for guess in first_guesses(_facts(caller), asked.moment):
            used = await works(ground, route, guess, caller)
            if used is not None:
                ground.alarm(
                    Alarm(
                        Harm.RESET,
                        ask.name,
                        "Anyone can take over any account: the token of a reset link was guessed",
                        "It is made of what everybody knows, such as the id and the time; with our guess a new password was set, and signing in with it worked.",
                        shown(("asks for a reset link", asked.answer), ("sets a password with a guess", used)),
                        key="guessable",
                    )
                )
                return True
    return False


async def _takes_over(ground: Ground, route: Endpoint, token: str, other: Caller) -> None:
    """Try a token of one account on another, where the request names whose it is."""
    if not any(_ACCOUNT.search(field.name) and not _PASSWORD.search(field.name) for field in fields_of(route)):
        return
    used = await works(ground, route, token, other)
    if used is not None:
        ground.alarm(
            Alarm(
                Harm.RESET,
                route.name,
                "Anyone can take over any account: a reset link of one's own sets the password of another",
                f"A token of one account, sent with the address of {other.name}, set the password of {other.name}, and signing in with it worked.",
                shown(("sets another's password", used)),
                key="bound",
            )
        )


async def works(ground: Ground, route: Endpoint, token: str, whose: Caller) -> Exchange | None:
    """Set a new password with the token; the exchange when signing in with it works afterwards."""
    assert whose.person is not None
    now = replace(whose.person, password=f"Lr-{secrets.token_hex(6)}-5cX!")
    used = await _send(ground, route, now, {"token": token, "id": next(iter(whose.known("id")), "")})
    if (not used.ok and not 300 <= used.status < 400) or says_error(used):
        return None
    fresh = Caller(f"{whose.name}-after-reset", whose.site, now)
    if not await ground.accounts.sign_in(fresh):
        return None
    whose.person = now
    return used


async def _send(ground: Ground, route: Endpoint, person: Person, values: dict[str, str]) -> Exchange:
    stranger = Caller("a stranger", ground.guest.site)
    path = re.sub(r"\{([^}]*)\}", lambda m: values.get("id" if _is_id(m[1]) else "token", ""), route.path)
    body = build(route, person)
    if not fields_of(route):
        body = {"token": values["token"], "password": person.password} if values else {"email": person.email}
    exchange = Exchange(route.method, "", path)
    for _ in range(_ROUNDS):
        body = _filled(body, person, values)
        sent: dict[str, Any] = {"form": as_form(body)} if is_form(route) else {"json": body}
        exchange = await unwatched(ground, stranger, route.method, path, **sent)
        mended = mend(body, exchange, person) if exchange.status in (400, 422) else None
        if mended is None:
            break
        body = mended
    return exchange


def _filled(body: dict[str, Any], person: Person, values: dict[str, str]) -> dict[str, Any]:
    filled: dict[str, Any] = {}
    for name, value in body.items():
        if isinstance(value, dict):
            filled[name] = _filled(value, person, values)
        elif _PASSWORD.search(name) and not TOKEN.search(name):
            filled[name] = person.password
        elif TOKEN.search(name) and values.get("token"):
            filled[name] = values["token"]
        elif _is_id(name) and values.get("id"):
            filled[name] = values["id"]
        else:
            filled[name] = value
    return filled


def _is_id(name: str) -> bool:
    return bool(re.search(r"^(?:u?id|user_?id|uidb64|account_?id|pk)$", name, re.I))


def _asks(endpoint: Endpoint) -> bool:
    names = [field.name for field in fields_of(endpoint)]
    return (
        endpoint.method == "POST"
        and "{" not in endpoint.path
        and not endpoint.hosted
        and bool(_RESET.search(endpoint.path) or Kind.PASSWORD_RESET in endpoint.kind)
        and not re.search(r"confirm|verify|change|reset[-_]?(?:db|data)", endpoint.path, re.I)
        and not any(_PASSWORD.search(name) or TOKEN.search(name) for name in names)
    )


def _sets(endpoint: Endpoint) -> bool:
    return (
        endpoint.method in ("POST", "PUT", "PATCH")
        and not endpoint.hosted
        and bool(_RESET.search(endpoint.path) or Kind.PASSWORD_RESET in endpoint.kind)
        and takes_token(endpoint)
        and (not fields_of(endpoint) or any(_PASSWORD.search(field.name) for field in fields_of(endpoint)))
    )


def _facts(caller: Caller) -> list[str]:
    """What strangers know of an account."""
    person = caller.person
    named = [person.email, person.username] if person else []
    return [*sorted(caller.known("id"))[:1], *named]
