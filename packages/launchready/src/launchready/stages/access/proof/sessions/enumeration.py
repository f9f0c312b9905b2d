"""Whether sign-in, reset and sign-up tell who has an account: by status, by text, and by the time they take (CWE-204, CWE-208)."""

import re
import secrets
import time
from dataclasses import replace
from statistics import median
from typing import Any

from launchready.ground.closing import ACCOUNT, TWICE
from launchready.ground.ground import Ground, shown
from launchready.ground.mann_whitney import differ
from launchready.ground.result import Alarm, Harm, Made
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence, Kind
from launchready.probes.callers.bodies import as_form, build, fields_of, is_form, mend
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.doors import says_error
from launchready.probes.callers.forms import Form, fill, forms_of
from launchready.probes.callers.signup import IS_THERE, taken_again
from launchready.probes.callers.tokens import tokens_in
from launchready.probes.callers.values import person
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.sessions.carried import unwatched

_ROUNDS = 3
_SAMPLES = 15
# Refused for another reason than the address, such as a form's token that is missing.
_UNASKED = (403, 404, 405, 415)
_FEWEST = 8
_KEPT = 25.0
_LONGEST = 15.0
_READ, _COMPARED = 20_000, 2000
_KINDS = frozenset((Kind.LOGIN, Kind.PASSWORD_RESET))


async def prove_enumeration(ground: Ground, caller: Caller) -> None:
    """Ask with a known and an unknown address; what differs tells who has an account."""
    if caller.person is None:
        return
    for endpoint in ground.endpoints:
        kinds = _KINDS.intersection(endpoint.kind)
        if endpoint.method == "POST" and kinds and "{" not in endpoint.path and not endpoint.hosted:
            await _by_answer(ground, caller, endpoint, Kind.LOGIN in kinds)
    await _by_sign_up(ground, caller)


async def prove_timing(ground: Ground, caller: Caller) -> None:
    """Time sign-in and reset for an address that has an account and for others, in turn. ``caller`` is an account of ours: it may be locked."""
    if caller.person is None:
        return
    told = {alarm.route for alarm in ground.alarms if alarm.harm is Harm.ENUMERATION}
    for endpoint in ground.endpoints:
        kinds = _KINDS.intersection(endpoint.kind)
        if (
            endpoint.method != "POST"
            or not kinds
            or "{" in endpoint.path
            or endpoint.hosted
            or endpoint.name in told
            or any(re.search(r"token|code|otp", field.name, re.I) for field in fields_of(endpoint))
        ):
            continue
        await _by_time(ground, endpoint, replace(caller.person, password=f"Lr-{secrets.token_hex(5)}-9aZ!"))


async def _by_answer(ground: Ground, caller: Caller, endpoint: Endpoint, signs_in: bool) -> None:
    assert caller.person is not None
    nobody = _somebody_like(caller.person, "z")
    wrong = replace(caller.person, password=nobody.password)
    known = await _ask(ground, endpoint, wrong)
    unknown = await _ask(ground, endpoint, nobody)
    if known is None or unknown is None or {known.status, unknown.status} & {0, 429}:
        return
    if known.status >= 500 or unknown.status >= 500:
        return
    if _wants_address(endpoint, known, wrong):
        _say_wants_address(ground, endpoint)
        return
    if signs_in and not _says_yes(unknown):
        await _without_password(ground, caller, endpoint, known, unknown)
    if known.status == unknown.status and known.status in _UNASKED:
        said = f"it answered {known.status} to an address that has an account and to one that has none, before it looked at either"
        ground.gap(endpoint.name, said, "", Harm.ENUMERATION)
        return
    ground.count(Harm.ENUMERATION)
    if (known.status, _plain(known, wrong, nobody)) != (unknown.status, _plain(unknown, wrong, nobody)):
        ground.alarm(
            Alarm(
                Harm.ENUMERATION,
                endpoint.name,
                f"Anyone can find out who has an account: {endpoint.name} answers differently",
                "The same request with an address that has an account, and with one that has none.",
                shown(("has an account", known), ("has none", unknown)),
            )
        )


async def _without_password(
    ground: Ground, caller: Caller, endpoint: Endpoint, wrong: Exchange, unknown: Exchange
) -> None:
    """Whether an account of ours is entered with another password, or with none: ``if password and not right(password)`` lets the latter pass."""
    assert caller.person is not None
    what, entered = "a wrong password", wrong
    if not _says_yes(wrong):
        what, empty = "an empty password", await _ask(ground, endpoint, replace(caller.person, password=""), rounds=1)
        if empty is None or not _says_yes(empty):
            return
        entered = empty
    proven = await _enters(ground, caller, entered)
    ground.alarm(
        Alarm(
            Harm.TOKEN,
            endpoint.name,
            f"Anyone can sign in as anyone: {endpoint.name} says yes to {what}",
            f"The address of an account of ours, with {what}.",
            shown((what, entered), ("no account", unknown)),
            Confidence.PROVEN if proven else Confidence.SUSPECTED,
            "wrong password",
        )
    )


def _says_yes(answer: Exchange) -> bool:
    return answer.ok and not says_error(answer) and bool(tokens_in(answer))


async def _by_sign_up(ground: Ground, caller: Caller) -> None:
    """Sign up once more with the address that has an account. Most apps tell, so a person is only asked to look."""
    endpoint, body, first = ground.accounts.signups.get(caller.name, (None, {}, None))
    if endpoint is None or first is None or caller.person is None or not ground.writes:
        return
    other = person(secrets.token_hex(4), "y")
    again = _swapped(body, caller.person, replace(other, email=caller.person.email))
    if again == body:
        return
    stranger = Caller("a stranger", ground.guest.site)
    sent: dict[str, Any] = {"form": as_form(again)} if is_form(endpoint) else {"json": again}
    exchange = await unwatched(ground, stranger, endpoint.method, endpoint.path, **sent)
    if taken_again(first, exchange):
        called = f"{ACCOUNT}{other.username}, with the address of {caller.name}"
        ground.made.append(Made("a stranger", endpoint.name, called, sure=False, why=TWICE))
    if exchange.status in (0, 429) or exchange.status >= 500 or exchange.status == first.status:
        return
    if IS_THERE.search(exchange.text[:2000]):
        ground.alarm(
            Alarm(
                Harm.ENUMERATION,
                endpoint.name,
                f"Anyone can find out who has an account: {endpoint.name} says that an address is taken",
                "Signing up with an address that has an account is refused in words. The other way is to answer the same and to write to the address.",
                shown(("signs up with an address that has an account", exchange)),
                Confidence.SUSPECTED,
            )
        )


def _swapped(body: dict[str, Any], was: Person, now: Person) -> dict[str, Any]:
    """The body with everything about one person replaced, where it differs, by another's."""
    return {
        name: _swapped(value, was, now)
        if isinstance(value, dict)
        else {was.username: now.username, was.marker: now.marker, was.name: now.name}.get(value, value)
        if isinstance(value, str)
        else value
        for name, value in body.items()
    }


async def _by_time(ground: Ground, endpoint: Endpoint, someone: Person) -> None:
    """Interleaved, so that whatever slows the app down slows all groups alike; a third group is the control."""
    times: tuple[list[float], list[float], list[float]] = ([], [], [])
    shown_to: dict[int, Exchange] = {}
    began, late = time.monotonic(), False
    for turn in range(_SAMPLES + 1):
        if late:
            break
        for group in ((0, 1, 2), (2, 0, 1), (1, 2, 0))[turn % 3]:
            asked = someone if group == 0 else _somebody_like(someone, someone.marker[-1:])
            exchange = await _ask(ground, endpoint, asked, rounds=1)
            if exchange is None or time.monotonic() > ground.until - _KEPT:
                return
            late = time.monotonic() - began > _LONGEST
            if exchange.error or exchange.status in (423, 429) or exchange.status >= 500:
                tries = sum(map(len, times))
                when = f"after {tries} {'try' if tries == 1 else 'tries'}" if tries else "before it could be timed"
                ground.gap(
                    endpoint.name,
                    f"it stopped answering {when} ({exchange.status or exchange.error}), so the time it takes was not compared",
                    "a run against a copy of the app whose limits are lifted"
                    if exchange.status in (423, 429)
                    else "an app that answers this call",
                    Harm.ENUMERATION,
                )
                return
            if exchange.status in _UNASKED:
                return
            if group == 0 and _wants_address(endpoint, exchange, someone):
                _say_wants_address(ground, endpoint)
                return
            # The first turn warms up what is made once.
            if turn:
                times[group].append(exchange.seconds)
                shown_to[group] = exchange
    if len(times[0]) < _FEWEST:
        ground.gap(
            endpoint.name, "it is too slow for its time to be compared in the time there is", "", Harm.ENUMERATION
        )
        return
    ground.count(Harm.ENUMERATION)
    if not differ(*times):
        return
    known, unknown = (f"{1000 * median(times[group]):.0f} ms" for group in (0, 1))
    ground.alarm(
        Alarm(
            Harm.ENUMERATION,
            endpoint.name,
            f"Who has an account may be told by the time {endpoint.name} takes",
            f"Over {len(times[0])} turns the median was {known} for an address that has an account, {unknown} for addresses that have none, and two groups "
            "of the latter were alike (Mann-Whitney U test). It is a measurement, so a person must look.",
            shown(("has an account", shown_to[0]), ("has none", shown_to[1])),
            Confidence.SUSPECTED,
            "time",
        )
    )


def _somebody_like(known: Person, sign: str) -> Person:
    """Somebody who has no account and is asked for in the same form: by an address, or by a name where no address is known."""
    nobody = person(secrets.token_hex(4), sign)
    return nobody if "@" in known.email else replace(nobody, email=nobody.username)


def _wants_address(endpoint: Endpoint, exchange: Exchange, known: Person) -> bool:
    """Whether a name was refused as it is written, before anybody looked for its account."""
    asks = any("mail" in field.name.lower() for field in fields_of(endpoint))
    return asks and "@" not in known.email and exchange.status in (400, 422)


def _say_wants_address(ground: Ground, endpoint: Endpoint) -> None:
    said = "it takes an address, and of the accounts that are signed in only a name is known"
    ground.gap(endpoint.name, said, 'username = "ADDRESS" in [identities]', Harm.ENUMERATION)


async def _enters(ground: Ground, caller: Caller, answer: Exchange) -> bool:
    """Whether a token of the answer opens a door."""
    for token in tokens_in(answer)[:2]:
        if await ground.accounts.doors.try_token(Caller(f"{caller.name}-wrong-password", caller.site), token):
            return True
    return False


async def _ask(ground: Ground, endpoint: Endpoint, someone: Person, rounds: int = _ROUNDS) -> Exchange | None:
    body = build(endpoint, someone)
    stranger = Caller("a stranger", ground.guest.site)
    form = is_form(endpoint)
    named = any(value in (someone.email, someone.username) for value in body.values()) or any(
        re.search("user|email|login|account", field.name, re.I) for field in fields_of(endpoint)
    )
    page = await _form_of(ground, stranger, endpoint) if form or not fields_of(endpoint) else None
    if page is not None and (named or page.has_password or not fields_of(endpoint)):
        given = fill(page, someone)
        # Whatever the field before the password is called, it is for who signs in.
        given |= {
            name: someone.username for name in page.names() if given[name] not in (someone.email, someone.username)
        }
        return await unwatched(ground, stranger, "POST", endpoint.path, form=given, headers=page.headers(stranger))
    if not named and fields_of(endpoint):
        return None
    if not named:
        body = {"email": someone.email, "password": someone.password}
    exchange = Exchange(endpoint.method, "", endpoint.path)
    for _ in range(rounds):
        exchange = await unwatched(
            ground, stranger, "POST", endpoint.path, **({"form": as_form(body)} if form else {"json": body})
        )
        mended = mend(body, exchange, someone) if exchange.status in (400, 422) else None
        if mended is None:
            break
        body = mended
    return exchange


async def _form_of(ground: Ground, stranger: Caller, endpoint: Endpoint) -> Form | None:
    """The form that stands at the address it is sent to, with what it hides: without that it is shown again, whoever is asked for."""
    if not any(e.method == "GET" and e.path == endpoint.path for e in ground.endpoints):
        return None
    page = await unwatched(ground, stranger, "GET", endpoint.path)
    return next((one for one in forms_of(page) if one.action == endpoint.path and one.method == "POST"), None)


def _plain(exchange: Exchange, *asked: Person) -> str:
    """The text without what is different every time: whoever was asked for, numbers and long random strings.

    All of them are left out of each answer: ``admin`` is the name of an account and a word of every page about it.
    """
    text = exchange.text[:_READ]
    for value in (value for one in asked for value in (one.email, one.username, one.marker)):
        text = text.replace(value, "@")
    # Cut where a random string stood, what is left of it would be short enough to count.
    return re.sub(r"[\w+/=-]{16,}(?:\.[\w+/=-]+)*|\d+", "#", text)[:_COMPARED] + exchange.header("location")
