"""Cookies that only say who one is, beside a session or without one: ``loggedIn=true; userId=7; role=user`` (CWE-565, CWE-784)."""

import re
from dataclasses import replace
from urllib.parse import unquote

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone, telling
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.whoami import low
from launchready.stages.access.proof.sessions.carried import opened_by, unwatched
from launchready.stages.access.proof.sessions.unsigned import known_of

# What has more letters, or a digit among many, may be a secret.
_WORD = re.compile(r"[A-Za-z_-]{1,24}|\d{1,9}")
_TRIED = 3


async def prove_plain_cookies(ground: Ground, caller: Caller) -> None:
    """Whether a door opens to cookies that anybody can write, without what the app gave the caller as a secret; then whether a rank is believed."""
    if len(caller.cookies) > 1:
        await _alone(ground, caller)
    for one in ground.callers:
        if one is not caller and low(one.role):
            await _ranked(ground, one)
            return


async def _alone(ground: Ground, caller: Caller) -> None:
    plain = _plain(caller)
    if not plain or len(plain) == len(caller.cookies) + len(caller.headers):
        # Where each is one, what is done with a single part says it.
        return
    other = next((one for one in ground.callers if one is not caller and one.person), None)
    made = _as(plain, caller, other) if other is not None else plain
    nobody = Caller(f"{caller.name}-forged", caller.site, cookies=dict(made))
    exchange = await opened_by(ground, nobody)
    if exchange is None:
        return
    ground.count(Harm.TOKEN)
    names = ", ".join(plain)
    as_them = (
        other is not None and other.person is not None and any(s in exchange.text.lower() for s in other.person.signs)
    )
    answered = f", and is answered as {other.name}" if as_them and other is not None else ""
    ground.alarm(
        Alarm(
            Harm.TOKEN,
            "site",
            "Anyone can sign in as anyone: cookies that only say who one is are believed",
            f"Whoever writes the cookies {names} needs no session: there is no secret in them. Written for "
            f"{other.name if other is not None else caller.name}, who did not sign in for it, they open {exchange.path}{answered}.",
            shown(("cookies of our own making", exchange)),
            key="plain cookies",
        )
    )


async def _ranked(ground: Ground, member: Caller) -> None:
    """Give a member the words of the cookies of somebody who stands above, and ask for what the member is refused."""
    for boss in (one for one in ground.callers if not one.guest and not low(one.role)):
        mine, theirs = _plain(member), _plain(boss)
        said = {**known_of(boss)}.values()
        words = {n: v for n, v in theirs.items() if mine.get(n) != v and unquote(v) not in said}
        shut = [
            path
            for (name, path), given in ground.answers.items()
            if name == boss.name
            and alone(given) is Seen.ALLOWED
            and (refused := ground.answers.get((member.name, path))) is not None
            and alone(refused) is Seen.DENIED
        ]
        for path in shut[:_TRIED] if words else ():
            risen = replace(member, name=f"{member.name}-risen", person=None, cookies={**member.cookies, **words})
            exchange = await unwatched(ground, risen, "GET", path)
            told = telling(ground.answers[boss.name, path])
            if alone(exchange) is not Seen.ALLOWED or 2 * len(told & telling(exchange)) < len(told):
                continue
            ground.count(Harm.TOKEN)
            names = ", ".join(f"{name}={value}" for name, value in words.items())
            ground.alarm(
                Alarm(
                    Harm.TOKEN,
                    "site",
                    f"Any member can make themselves {boss.role}: a cookie that says so is believed",
                    f"{member.name} is refused {path}, and with the cookie {names}, which holds no secret, it opens.",
                    shown(
                        (f"{member.name} is refused", ground.answers[member.name, path]), ("with the cookie", exchange)
                    ),
                    key="rank in a cookie",
                )
            )
            return


def _plain(caller: Caller) -> dict[str, str]:
    """The cookies that hold a word, a number or what everybody may know of the caller."""
    known = set(known_of(caller).values())
    return {n: v for n, v in caller.cookies.items() if unquote(v) in known or _WORD.fullmatch(unquote(v))}


def _as(plain: dict[str, str], caller: Caller, other: Caller) -> dict[str, str]:
    """The same cookies with what is known of another account in the place of the caller's own."""
    mine, theirs = known_of(caller), known_of(other)
    by = {value: theirs[name] for name, value in mine.items() if name in theirs}
    # A number that no page tells stands in the other's cookie of the same name.
    return {n: by.get(unquote(v)) or (other.cookies.get(n, v) if v.isdecimal() else v) for n, v in plain.items()}
