"""LR413: plain HTTP and every other host lead to the one canonical address."""

import asyncio
import re
from difflib import SequenceMatcher

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.edge import Edge, Journey

_TITLE = re.compile(r"<title[^>]*>\s*(.*?)\s*</title", re.I | re.S)
_PASSWORD = re.compile(r"<input[^>]+type=.?password", re.I)
_SAME = 0.9
_COMPARED = 4000


async def run(context: Context) -> Result:
    """Visit every host over both schemes, and follow it to where visitors end."""
    edge = context.get(Edge)
    canonical = edge.canonical
    if not canonical:
        raise NotCheckedError(
            "no canonical host is named, so any of them may win", '[domains] canonical = "app.example.com"'
        )
    names = await asyncio.gather(*(edge.name(host) for host in edge.hosts))
    reachable = [name.host for name in names if name.addresses]
    if canonical not in reachable:
        raise NotCheckedError(f"the canonical host {canonical} has no address", "a canonical host that is in DNS")
    trips = [(scheme, host) for host in reachable for scheme in ("http", "https")]
    journeys = dict(zip(trips, await asyncio.gather(*(edge.journey(*trip) for trip in trips)), strict=True))
    home = journeys["https", canonical]
    gaps = [
        Gap(host, journey.end.error, "a host that answers from here")
        for (_, host), journey in journeys.items()
        if journey.end.error
    ]
    if not home.end.error and home.end.status >= 500:
        gaps.append(Gap(canonical, f"it answers {home.end.status}, so no page can be compared", "an app that is up"))
    plain = {host: j for (scheme, host), j in journeys.items() if j.arrived[0] == "http" and j.end.ok}
    lost = {host: j for (_, host), j in journeys.items() if j.lost and host != canonical}
    doubles = {
        host: j
        for (scheme, host), j in journeys.items()
        if scheme == "https" and j.arrived != ("https", canonical) and not (j.end.error or j.lost) and _same(j, home)
    }
    findings = [_plain(plain), _doubles(doubles, canonical), _lost(lost, canonical), _moved(home, canonical)]
    return Result(
        len(journeys) - sum(bool(journey.end.error) for journey in journeys.values()),
        tuple(finding for finding in findings if finding),
        tuple(gaps),
        notes=tuple(journey.said for journey in journeys.values() if not journey.end.error),
    )


def _same(journey: Journey, home: Journey) -> bool:
    """Whether a visitor would take the page for the app: a sign-in form, the same title, or nearly the same text."""
    if not journey.end.ok or not home.end.ok:
        return journey.end.ok and bool(_PASSWORD.search(journey.end.text))
    mine, theirs = journey.end.text, home.end.text
    titles = [found.group(1) for found in map(_TITLE.search, (mine, theirs)) if found]
    if _PASSWORD.search(mine) or (len(titles) == 2 and titles[0] and titles[0] == titles[1]):
        return True
    return SequenceMatcher(None, mine[:_COMPARED], theirs[:_COMPARED], autojunk=False).quick_ratio() >= _SAME


def _plain(journeys: dict[str, Journey]) -> Finding | None:
    if not journeys:
        return None
    first = next(iter(journeys))
    return Finding(
        "LR413",
        first,
        f"Passwords can travel unencrypted: plain HTTP is served at {', '.join(journeys)}",
        Severity.HIGH,
        Confidence.PROVEN,
        Impact.IDENTITY,
        ("EDGE-3", "EDGE-2", "BAR-10"),
        "Whoever shares the network reads what members type, the session cookie included.",
        tuple(journey.end.evidence("a page over plain HTTP") for journey in list(journeys.values())[:3]),
        journeys[first].end.curl(),
        "Answer every plain HTTP request with 308 and the same path on https (Cloudflare: Always Use HTTPS).",
        0.5,
        "http",
    )


def _doubles(journeys: dict[str, Journey], canonical: str) -> Finding | None:
    if not journeys:
        return None
    first = next(iter(journeys))
    return Finding(
        "LR413",
        first,
        f"The app answers under several names, each with a sign-in of its own: {', '.join(journeys)} beside {canonical}",
        Severity.MEDIUM,
        Confidence.PROVEN,
        Impact.REPUTATION,
        ("EDGE-2", "EDGE-F1"),
        "Members are signed in under one name and not under the other, and search engines see the same pages twice.",
        tuple(journey.end.evidence("a page, not a redirect") for journey in list(journeys.values())[:3]),
        journeys[first].end.curl(),
        f"Redirect every other host to https://{canonical} with 308 and the same path.",
        0.5,
        "hosts",
    )


def _lost(journeys: dict[str, Journey], canonical: str) -> Finding | None:
    if not journeys:
        return None
    first = next(iter(journeys))
    return Finding(
        "LR413",
        first,
        f"Customers who type {', '.join(journeys)} do not reach {canonical}: they are sent {journeys[first].lost}",
        Severity.MEDIUM,
        Confidence.PROVEN,
        Impact.AVAILABILITY,
        ("EDGE-2",),
        "The redirects end somewhere else than at the one address that should win.",
        tuple(journey.end.evidence(journey.said) for journey in list(journeys.values())[:3]),
        journeys[first].end.curl(),
        f"Redirect the host to https://{canonical} in one step, or take it out of [domains] hosts when it is another site.",
        0.5,
        "lost",
    )


def _moved(home: Journey, canonical: str) -> Finding | None:
    if home.end.error or (not home.lost and home.arrived == ("https", canonical)):
        return None
    where = home.lost or f"to {home.end.url}"
    return Finding(
        "LR413",
        canonical,
        f"The address everybody should end at, {canonical}, sends customers away: {where}",
        Severity.HIGH,
        Confidence.PROVEN,
        Impact.AVAILABILITY,
        ("EDGE-2", "EDGE-F1", "EDGE-F2"),
        "Either the redirects go in circles, as with SSL set to Flexible at the edge, or another host is the canonical one.",
        (home.end.evidence(home.said),),
        home.hops[0].curl(),
        "Set SSL to Full (strict) at the edge, end every redirect at the canonical host, or name the other host in [domains] canonical.",
        0.5,
        "canonical",
    )


CHECK = Check(
    CheckInfo(
        "LR413",
        "Plain HTTP and every other host lead to the canonical address",
        Stage.EDGE,
        ("EDGE-2", "EDGE-F1", "EDGE-F2", "EDGE-3", "HAND-3", "BAR-10"),
        (Need.DOMAIN,),
        Severity.HIGH,
        Impact.IDENTITY,
        ("EDGE-2", "EDGE-F1"),
    ),
    run,
)
