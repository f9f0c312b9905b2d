"""How often a password may be tried: for one account, from one address, and over many of both (OWASP ASVS 5.0, V6.3; CWE-307)."""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from launchready.ground.ground import Ground, shown
from launchready.ground.people import throwaway
from launchready.ground.result import Alarm, Harm
from launchready.model.inputs import LimitSeen
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Person
from launchready.probes.callers.values import person
from launchready.stages.inputs.trials.limits.answers import stopped
from launchready.stages.inputs.trials.limits.burst import BURST, Ask, Burst, burst, send
from launchready.stages.inputs.trials.limits.doors import Door, doors
from launchready.stages.inputs.trials.limits.kinds import nobody
from launchready.stages.inputs.trials.limits.one import Target, met, usable
from launchready.stages.inputs.trials.limits.ways import Change, replaced, spellings

NAME = "gil"
_TITLE = "Sign-in can be tried without limit"
_DETAIL = "Passwords from other sites' leaks are tried by the thousand; nothing here slows that down."
_MANY = "One password can be tried on every account"
_ONE_ADDRESS = "the limit counts addresses, and one account was not tried from many: whether each account has a limit of its own was not seen"
_GIVEN = "only accounts of real people were given, which a burst could lock: the limit per account was not checked"


async def prove_logins(ground: Ground) -> None:
    """Try wrong passwords at every way to sign in. An account of ours is used, made for it; nobody's where there is none."""
    own = await _own(ground)
    for door in await doors(ground, own, nobody()):
        if own is None:
            ground.gap(
                door.route,
                _GIVEN if ground.callers else "nobody could be signed up: the limit per account was not checked",
                "writes = true",
                Harm.SIGN_INS,
            )
        await _prove(ground, door, own if door.known else None)


async def _own(ground: Ground) -> Person | None:
    """An account that may be locked: a new one, which nothing was counted for, else the one that may be lost."""
    if not ground.writes or ground.victim is None:
        return None
    made = await throwaway(ground, NAME, person(ground.random(NAME), "g"))
    if made is None:
        return ground.victim.person
    ground.spare.append(made)
    return made.person


async def _prove(ground: Ground, door: Door, own: Person | None) -> None:
    whose = own or nobody()
    others = await _other_spellings(ground, door, own) if own is not None else []

    async def same(_: int) -> Ask | None:
        return await door.ask(_wrong(whose))

    async def other(_: int) -> Ask | None:
        return await door.ask(_wrong(nobody()))

    target = Target(
        door.route, "login", Harm.SIGN_INS, _TITLE, _DETAIL, BURST, same, other, "account", others=others,
    )  # fmt: skip
    done = await burst(ground, same, BURST)
    if not usable(ground, target, done):
        return
    ground.count(Harm.SIGN_INS)
    seen = LimitSeen(door.route, "login", done.sent)
    if not done.limited:
        ground.alarm(_unlimited(target, done, own is not None))
        ground.limits.append(seen)
        return
    if own is not None and done.stop is not None:
        seen = replace(seen, locked=await _locked(ground, door, own, done))
    seen = await met(ground, target, done, seen)
    ground.limits.append(replace(seen, locked=seen.locked and seen.per == "account"))
    if seen.per == "account":
        await _over_many(ground, replace(target, same=other, per="address", others=()))
    elif seen.per == "address" and own is not None:
        ground.gap(door.route, _ONE_ADDRESS, "a look by a person", Harm.SIGN_INS)


async def _over_many(ground: Ground, target: Target) -> None:
    """One attempt each for many accounts from one address, as whoever has a list of leaked passwords does it."""
    done = await burst(ground, target.same, BURST)
    if not usable(ground, target, done):
        return
    seen = LimitSeen(target.route, "login", done.sent)
    if done.limited:
        seen = await met(ground, replace(target, kind="logins of many"), done, seen)
    else:
        ground.alarm(
            Alarm(
                target.harm,
                target.route,
                f"{_MANY}: a limit counts attempts on one account, and none counts who makes them",
                f"{done.sent} attempts in a row, each for another account, were answered as usual. Leaked passwords are tried once each, on as many accounts as there are; "
                "a limit above that was not looked for.",
                shown((f"attempt {done.sent}, for the account number {done.sent}", done.exchanges[-1])),
                Confidence.SUSPECTED,
                "login many",
            )
        )
    ground.limits.append(seen)


async def _locked(ground: Ground, door: Door, own: Person, done: Burst) -> bool:
    """Whether the right password is refused after the burst."""
    asked = await door.ask(own)
    if asked is None:
        return False
    exchange = await send(ground, asked)
    return not door.opens(exchange) and (bool(stopped(exchange, done.usual)) or exchange.status in (401, 403, 423))


async def _other_spellings(ground: Ground, door: Door, own: Person) -> Sequence[tuple[str, Change]]:
    """Other ways to write the account's name by which its owner gets in, too."""
    found = []
    for name, value in spellings(own.email):
        asked = await door.ask(replace(own, email=value, username=own.username))
        plain = await door.ask(own)
        if asked is None or plain is None or (asked.json, asked.form) == (plain.json, plain.form):
            break  # It asks for a name, and no address.
        if door.opens(await send(ground, asked)):
            found.append((name, replaced(own.email, value)))
    return found


def _wrong(someone: Person) -> Person:
    return replace(someone, password=f"Lr-{secrets.token_hex(6)}-7bY!")


def _unlimited(target: Target, done: Burst, ours: bool) -> Alarm:
    whose = "for one account" if ours else "for an account that nobody has"
    return Alarm(
        target.harm,
        target.route,
        target.title,
        f"{done.sent} of {done.sent} attempts in a row {whose} were answered as usual. {target.detail}",
        shown((f"attempt {done.sent}, answered like the first", done.exchanges[-1])),
        key="login",
    )
