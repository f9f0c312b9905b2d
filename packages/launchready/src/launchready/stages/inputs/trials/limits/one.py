"""One endpoint: a burst, what is counted, what went out by mail, and what steps around the limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.ground.sending import LIFTED
from launchready.ground.survey import remember
from launchready.model.inputs import LimitSeen
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.limits.answers import first_number, quota, stopped
from launchready.stages.inputs.trials.limits.burst import Burst, Maker, burst, send, taken
from launchready.stages.inputs.trials.limits.post import USED_UP, Post
from launchready.stages.inputs.trials.limits.ways import Confirm, Way, ways_around
from launchready.stages.inputs.trials.limits.windows import stated_above, window
from launchready.stages.inputs.trials.limits.words import sentence

# So many mails in a row to one person, or from one sender, are a flood.
_FLOOD = 10
_FEWEST = 10
LIFTED_TO = "a run against a copy of the app whose limit is below that, or a look by a person"


@dataclass(frozen=True, slots=True)
class Target:
    """What is sent how often. ``same`` repeats a call, ``other`` makes it as or about somebody else; ``per`` is what ``same`` repeats.

    ``kind`` names the limit, ``title`` and ``detail`` what its lack means, ``letter`` a text that is in every mail it causes.
    ``begun`` are calls of the burst that were sent already, ``before`` what such a call got earlier in the run, ``makes`` who makes a record by each call, and where.
    ``whose`` is a text that is in every call of ``same``: whom it is for. ``since`` is, by what is counted, from when on
    calls can have been counted at all, where a limit was waited for. ``many`` says that this burst is for many accounts, after one for one of them.
    """

    route: str
    kind: str
    harm: Harm
    title: str
    detail: str
    times: int
    same: Maker
    other: Maker | None = None
    per: str = "address"
    letter: str = ""
    mails: bool = False
    confidence: Confidence = Confidence.PROVEN
    begun: Sequence[Exchange] = ()
    before: Exchange | None = None
    makes: tuple[Caller, Endpoint] | None = None
    whose: str = ""
    since: Mapping[str, float] = field(default_factory=dict)
    many: bool = False


async def prove_one(ground: Ground, target: Target, post: Post) -> Burst:
    """Send the burst, judge it, and take down what was met; the burst, for whoever has more to do with it."""
    if target.mails:
        target = replace(
            target, same=post.stamped(target.same), other=post.stamped(target.other) if target.other else None
        )
    before = max((await post.count(target.letter) or 0) - len(target.begun), 0)
    known = ground.sending.earlier(target.route)
    usual = target.before or (known[0] if known else None)
    done = await burst(ground, target.same, target.times, target.begun, usual)
    if target.makes is not None:
        for exchange in done.exchanges:
            if exchange.ok:
                remember(ground, *target.makes, exchange.path, exchange)
    if not usable(ground, target, done):
        return done
    ground.count(target.harm)
    mails = await post.count(target.letter, before + done.sent)
    mails = None if mails is None else mails - before
    seen = LimitSeen(target.route, target.kind, done.sent, mails=mails)
    if target.mails and not done.limited and mails and mails <= done.sent // 2:
        # It says yes to everybody and stops sending, which tells nobody anything.
        seen = replace(seen, after=mails + 1, how="no more mail", per=target.per)
    elif done.limited:
        seen = await met(ground, target, done, seen)
    elif said := stated_above(ground, target.route, done.sent):
        ground.gap(target.route, f"{said}; whether it holds was not seen", LIFTED_TO, target.harm)
    else:
        ground.alarm(_open(target, done, seen))
    ground.limits.append(seen)
    _flood(ground, target, done, mails)
    return done


def usable(ground: Ground, target: Target, done: Burst) -> bool:
    """Whether something follows from a burst; what stood in the way is noted."""
    if not done.exchanges:
        ground.gap(target.route, USED_UP, LIFTED, target.harm)
        return False
    last = done.exchanges[-1]
    if done.limited:
        return True
    if not taken(last):
        said = last.error or f"it never took what we sent as an attempt ({last.status})"
        ground.gap(target.route, said, "an identity in launchready.toml", target.harm)
        return False
    if done.sent < min(_FEWEST, target.times):
        said = f"only {done.sent} calls could be sent, each taking {last.seconds:.1f} s"
        ground.gap(
            target.route,
            said if done.cut else USED_UP,
            LIFTED,
            target.harm,
        )
        return False
    return True


async def met(
    ground: Ground, target: Target, done: Burst, seen: LimitSeen, confirm: Confirm | None = None
) -> LimitSeen:
    """The limit that a burst met, told: what is counted, and the ways around it that work, each an alarm of its own."""
    seen = await counted(ground, target, done, seen)
    if done.stop is None or done.stop.slow:
        return seen
    if done.usual is None:
        said = "it was limited already when the burst began, so how many calls it takes and what steps around it was not seen"
        ground.gap(target.route, said, LIFTED, target.harm)
        return seen
    make = target.other if seen.per == "address" and target.other is not None else target.same
    ways = await ways_around(ground, make, done.usual, confirm)
    alarm_ways(ground, target, done, seen, ways)
    return replace(seen, around=tuple(way.name for way in ways))


async def counted(ground: Ground, target: Target, done: Burst, seen: LimitSeen) -> LimitSeen:
    """The limit that a burst met, and what it counts: the address when somebody else is refused as well."""
    if done.stop is None:
        return replace(seen, how=done.told, per="address" if target.many else "")
    announced = quota(done.exchanges[-1])
    how = f"{done.stop.how} ({announced} by its headers)" if announced else done.stop.how
    seen = replace(seen, after=done.after, wait=done.stop.wait, how=how, per=target.per)
    if target.per != "address" and target.other is not None:
        asked = await target.other(0)
        if asked is not None and stopped(await send(ground, asked), done.usual):
            seen = replace(seen, per="address")
    of_all = earlier(ground, target, done, "", seen.per)
    most = first_number(announced)
    if most and done.after - 1 <= most <= done.after - 1 + of_all:
        # What its headers name fits what was seen, and is the number.
        return replace(seen, after=most + 1)
    of_these = earlier(ground, target, done, target.letter or target.whose, seen.per)
    return replace(seen, before=of_these if seen.per == "account" else of_all)


def _since(ground: Ground, target: Target, done: Burst, per: str) -> float:
    """From when on calls can have been counted: for as long as the source or the app's headers say, where that fits what it asked to wait."""
    seconds = window(ground, target.route, per, done.exchanges)
    if not seconds or (done.stop is not None and done.stop.wait > seconds + 1):
        return 0.0
    return max(target.since.get(per, 0.0), done.began - seconds - 1)


def earlier(ground: Ground, target: Target, done: Burst, whose: str, per: str) -> int:
    """How many calls of the run before the burst the app may have counted; ``whose`` is a text that is in those that count, ``per`` what is counted.

    A call that another limit refused may have been counted all the same: where many accounts were tried after one, or a limit was waited for.
    """
    since, all_of = _since(ground, target, done, per), per in target.since or target.many
    method, _, path = target.route.partition(" ")
    if "#" in path:
        known = ground.sending.earlier(target.route)
        answered = known[1] if known else 0
    else:
        site = ground.guest.site
        answered = site.answered(method, path, whose, since, done.began, refused=all_of)
    of_burst = sum(one.status not in (0, 429) for one in (target.begun if "#" not in path else done.exchanges))
    return max(answered - of_burst, 0)


def alarm_ways(ground: Ground, target: Target, done: Burst, seen: LimitSeen, ways: Sequence[Way]) -> None:
    """An alarm for each way around a limit; claimed addresses are one."""
    for key in dict.fromkeys(way.key for way in ways):
        same = [way for way in ways if way.key == key]
        named = ", ".join(way.name for way in same)
        proven = any(way.confidence is Confidence.PROVEN for way in same)
        alone = (
            ""
            if proven
            else " It was called without a proxy in front of it; a proxy that sets this header itself keeps visitors from doing so."
        )
        ground.alarm(
            Alarm(
                target.harm,
                target.route,
                f"{target.title}: its limit is stepped around by {named}",
                f"The limit was met ({sentence(seen)}); the same call with {named} was answered as before, and the plain one was still refused.{alone}",
                shown(
                    ("refused for coming too often", done.exchanges[-1]),
                    (f"answered with {same[0].name}", same[0].exchange),
                ),
                Confidence.PROVEN if proven else Confidence.SUSPECTED,
                f"{target.kind} around {key}",
            )
        )


def _open(target: Target, done: Burst, seen: LimitSeen) -> Alarm:
    last: Exchange = done.exchanges[-1]
    mails = f" {seen.mails} mails went out." if seen.mails else ""
    return Alarm(
        target.harm,
        target.route,
        target.title,
        f"{done.sent} of {done.sent} attempts in a row were answered as usual.{mails} {target.detail}",
        shown((f"attempt {done.sent}, answered like the first", last)),
        target.confidence,
        target.kind,
    )


def _flood(ground: Ground, target: Target, done: Burst, mails: int | None) -> None:
    if not target.mails:
        return
    if mails is None:
        ground.gap(
            target.route,
            "how many mails really went out was not seen",
            'mail_sink = "127.0.0.1:1025" or outbox = "…" in [environments.NAME]',
            Harm.MAIL,
        )
        return
    ground.count(Harm.MAIL)
    if mails >= _FLOOD:
        ground.alarm(
            Alarm(
                Harm.MAIL,
                target.route,
                f"{mails} mails went out in a row because one visitor asked for them",
                f"{done.sent} calls of {target.route} were followed by {mails} mails. Receivers mark them as spam, and your mail provider then stops sending for you.",
                shown((f"call {done.sent}, after which {mails} mails had come", done.exchanges[-1])),
                key=f"{target.kind} mails",
            )
        )
