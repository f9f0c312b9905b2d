"""How often a password may be tried: for one account, from one address, and over many of both (OWASP ASVS 5.0, V6.3; CWE-307)."""

import secrets
from dataclasses import dataclass, field, replace

from launchready.ground.closing import accounts_can_go
from launchready.ground.ground import Ground, shown
from launchready.ground.people import throwaway
from launchready.ground.result import Alarm, Harm
from launchready.model.inputs import LimitSeen
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.signin import login_routes
from launchready.probes.callers.values import person
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.limits.answers import stopped
from launchready.stages.inputs.trials.limits.burst import BURST, Ask, Burst, burst, send
from launchready.stages.inputs.trials.limits.doors import Door, doors, tries_passwords
from launchready.stages.inputs.trials.limits.mailing import nobody
from launchready.stages.inputs.trials.limits.one import Target, alarm_ways, counted, met, usable
from launchready.stages.inputs.trials.limits.ways import Change, Confirm, Way, spellings, ways_around
from launchready.stages.inputs.trials.limits.windows import Patience, stated_above, stated_for
from launchready.stages.inputs.trials.payloads.accounts import BY_INPUT

NAME = "gil"
# The window of most limits on sign-in, for an app that does not say how long to wait.
_MINUTE = 60.0
_TITLE = "Sign-in can be tried without limit"
_DETAIL = "Passwords from other sites' leaks are tried by the thousand; nothing here slows that down."
_MANY = "One password can be tried on every account"
_ONE_ADDRESS = "the limit counts addresses, and one account was not tried from many: whether each account has a limit of its own was not seen"
_NOBODY = "nobody could be signed up: the limit per account was not checked"
_GIVEN = "only accounts of real people were given, which a burst could lock: the limit per account was not checked"


async def an_account(ground: Ground) -> Person | None:
    """An account that may be locked: one which nothing was counted for, else the one that may be lost; None when there is none."""
    if not ground.writes or ground.victim is None:
        return None
    made = None if accounts_can_go(ground) else await _made_before(ground)
    made = made or await throwaway(ground, NAME, person(ground.random(NAME), "g"))
    if made is None:
        ground.journal.unsign(NAME)
        return ground.victim.person
    ground.spare.append(made)
    return made.person


async def _made_before(ground: Ground) -> Caller | None:
    """An account that a broken input made by the way and that nothing was tried with: where none can end, there need not be one more."""
    for signed in ground.journal.signed.values():
        someone = signed.person
        ours = any(mark in someone.email.lower() for mark in ground.marks) and someone.email.isprintable()
        if signed.name.startswith(BY_INPUT) and ours:
            caller = Caller(NAME, ground.guest.site, someone)
            if await ground.accounts.still_there(caller):
                return caller
    return None


async def prove_logins(ground: Ground, own: Person | None) -> None:
    """Try wrong passwords at every way to sign in, for ``own``, an account of ours, or for nobody's where there is none."""
    limits, found = _Limits(), await doors(ground, own, nobody())
    shut = own is not None and found and not any(door.known for door in found)
    # Who is refused with the right password may have come too often: what was tried before used the limit up.
    if own is not None and shut and await limits.over(ground, await _once(ground, found[0], own)):
        found = await doors(ground, own, nobody())
    if not found and login_routes(ground.endpoints):
        name = login_routes(ground.endpoints)[0].name
        ground.gap(name, "it never took what we sent as an attempt", "an identity in launchready.toml", Harm.SIGN_INS)
    for door in found:
        if own is None:
            said = _GIVEN if ground.callers else _NOBODY
            ground.gap(door.route, said, "writes = true, and a sign-up that is open", Harm.SIGN_INS)
        await _prove(ground, door, own if door.known else None, limits)


@dataclass(slots=True)
class _Limits:
    """What may still be waited for limits, and the way in whose limit was met."""

    patience: Patience = field(default_factory=Patience)
    met_at: str = ""

    async def over(self, ground: Ground, done: Burst) -> bool:
        """Whether the limit that stood in the way of the first attempt was waited for."""
        if self.met_at or done.stop is None or done.sent > 1:
            return False
        return await self.patience.wait(ground, done.stop.wait or _MINUTE)

    async def fresh(self, ground: Ground, target: Target) -> Target:
        """The target, after a wait for what the run itself had used up of its limits, where the source says how long they last."""
        return replace(target, since=await self.patience.fresh(ground, target.route))


async def _prove(ground: Ground, door: Door, own: Person | None, limits: _Limits) -> None:
    whose = own or nobody()

    async def same(_: int) -> Ask | None:
        return await door.ask(_wrong(whose))

    async def other(_: int) -> Ask | None:
        return await door.ask(_wrong(nobody()))

    target = Target(
        door.route, "login", Harm.SIGN_INS, _TITLE, _DETAIL, BURST, same, other, "account", whose=whose.marker
    )
    target = await limits.fresh(ground, target)
    first = None if door.known else ground.sending.earlier(door.route)
    done = await burst(ground, same, BURST, before=first[0] if first else None)
    if await limits.over(ground, done):
        done = await burst(ground, same, BURST)
    if not usable(ground, target, done):
        return
    if not (done.limited or door.known or tries_passwords(ground, door.route, done.exchanges[0])):
        said = "it was not seen to try a password, so no attempt was made"
        ground.gap(door.route, said, "an identity in launchready.toml", Harm.SIGN_INS)
        return
    ground.count(Harm.SIGN_INS)
    seen = LimitSeen(door.route, "login", done.sent)
    if not done.limited:
        ground.alarm(_unlimited(target, done, own is not None, stated_above(ground, door.route, done.sent)))
        ground.limits.append(seen)
        return
    if done.stop is not None and done.sent == 1 and limits.met_at:
        said = f"{done.stop.how} at the first call, since it shares the limit of {limits.met_at}"
        ground.limits.append(replace(seen, after=1, how=said, wait=done.stop.wait))
        return
    limits.met_at = door.route
    known: list[Way] = []
    if own is not None and done.stop is not None:
        known, locked = await _right_password(ground, door, own, done)
        seen = replace(seen, locked=locked)
    seen = await counted(ground, target, done, seen)
    seen = replace(seen, locked=seen.locked and seen.per == "account")
    # What was met stands, also when the time is over before the rest was asked.
    place = len(ground.limits)
    ground.limits.append(seen)
    # Ways around come after both bursts, since they are counted, too.
    many = replace(target, same=other, other=None, per="address", many=True)
    if seen.per == "account":
        many = await limits.fresh(ground, many)
    of_many = await _over_many(ground, many, done) if seen.per == "account" else None
    if done.usual is not None and done.stop is not None and not done.stop.slow:
        make = same if seen.per == "account" else other
        known += await ways_around(ground, make, done.usual, _confirming(ground, door, own))
        alarm_ways(ground, target, done, seen, known)
    ground.limits[place] = replace(seen, around=tuple(way.name for way in known))
    if of_many is not None:
        found = LimitSeen(door.route, "login", of_many.sent)
        ground.limits.append(await met(ground, many, of_many, found, _confirming(ground, door, own)))
    elif seen.per == "address" and own is not None:
        ground.gap(door.route, _ONE_ADDRESS, "a look by a person", Harm.SIGN_INS)


async def _once(ground: Ground, door: Door, who: Person) -> Burst:
    """One call, beside what such calls got earlier in the run."""

    async def make(_: int) -> Ask | None:
        return await door.ask(who)

    known = ground.sending.earlier(door.route)
    return await burst(ground, make, 1, before=known[0] if known else None)


async def _over_many(ground: Ground, target: Target, one: Burst) -> Burst | None:
    """One attempt each for many accounts from one address, as whoever has a list of leaked passwords does it; the burst when it met a limit."""
    done = await burst(ground, target.same, BURST, before=one.usual)
    if not usable(ground, target, done):
        return None
    if done.limited:
        return done
    ground.limits.append(LimitSeen(target.route, "login", done.sent, per="address"))
    if any(limit.count > done.sent for limit in stated_for(ground, target.route, "address")):
        # There is one, above what was tried.
        return None
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
    return None


async def _right_password(ground: Ground, door: Door, own: Person, done: Burst) -> tuple[list[Way], bool]:
    """What the right password does while wrong ones are refused: the ways around that it shows, and whether it is refused as well."""

    async def refused() -> bool:
        wrong = await door.ask(_wrong(own))
        return wrong is not None and done.stop is not None and bool(stopped(await send(ground, wrong), done.usual))

    async def gets_in_again(whom: Person) -> bool:
        # Once may be because a place had just come free, which is taken then.
        return await refused() and await _enters(ground, door, whom) is not None and await refused()

    right = await _enters(ground, door, own)
    if right is not None:
        # Held back answers keep nobody out who knows the password, and slow down who guesses it.
        guessed = done.stop is not None and not done.stop.slow and await gets_in_again(own)
        return ([Way("the right password, which still gets in", "right password", right)] if guessed else []), False
    found = []
    for name, value in spellings(own.email):
        whom = replace(own, email=value)
        entered = await _enters(ground, door, whom)
        if entered is not None and await gets_in_again(whom):
            found.append(Way(name, name, entered))
    return found, True


def _confirming(ground: Ground, door: Door, own: Person | None) -> Confirm | None:
    """Whether the right password gets in by a change, None where we have no account."""
    if own is None:
        return None

    async def confirm(change: Change) -> bool:
        asked = await door.ask(own)
        changed = change(asked) if asked is not None else None
        return changed is not None and door.opens(await send(ground, changed))

    return confirm


async def _enters(ground: Ground, door: Door, who: Person) -> Exchange | None:
    asked = await door.ask(who)
    exchange = await send(ground, asked) if asked is not None else None
    return exchange if exchange is not None and door.opens(exchange) else None


def _wrong(someone: Person) -> Person:
    return replace(someone, password=f"Lr-{secrets.token_hex(6)}-7bY!")


def _unlimited(target: Target, done: Burst, ours: bool, above: str) -> Alarm:
    """``above`` says which limit the source sets beyond what was tried: there is one then, and it lets many passwords through."""
    whose = "for one account" if ours else "for an account that nobody has"
    return Alarm(
        target.harm,
        target.route,
        f"{done.sent} passwords can be tried in a row" if above else target.title,
        f"{done.sent} of {done.sent} attempts in a row {whose} were answered as usual. {f'{above[0].upper()}{above[1:]}.' if above else target.detail}",
        shown((f"attempt {done.sent}, answered like the first", done.exchanges[-1])),
        Confidence.SUSPECTED if above else Confidence.PROVEN,
        "login",
    )
