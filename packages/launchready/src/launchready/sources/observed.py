"""The surface with what a walk through the site saw: who asked for what, and whose scripts its pages load."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from launchready.core.ways import matches, merged, template
from launchready.model.surface import Access, Endpoint, Input, Integration, Span, Surface, Unread
from launchready.sources.integrations import rules
from launchready.sources.kinds import action_of, kinds_of


@dataclass(frozen=True, slots=True)
class Observation:
    """One request that a visitor's browser made of the site: names of inputs, never values."""

    who: str
    method: str
    path: str
    page: str
    query: tuple[str, ...] = ()
    body: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ThirdPartyScript:
    """A script from another host, and the page that loaded it for a visitor."""

    who: str
    address: str
    page: str


def with_observed(
    surface: Surface, observations: Iterable[Observation], scripts: Iterable[ThirdPartyScript], gaps: Iterable[str]
) -> Surface:
    """``surface`` merged with what was seen: ``seen_in`` gains ``browser``. What nobody else knows is added as *unknown* access."""
    rows: dict[tuple[str, str], Endpoint] = {}
    known = list(surface.endpoints)
    for one in observations:
        at = _known(known, one)
        if at is not None:
            known[at] = replace(known[at], seen_in=tuple(dict.fromkeys((*known[at].seen_in, "browser"))))
            continue
        made = _made(one)
        rows.setdefault((made.method, made.path), made)
    added, unread = _third_parties(surface, list(scripts))
    return replace(
        surface,
        endpoints=merged(known, rows.values()),
        integrations=added,
        unread=(*surface.unread, *(Unread(".", gap) for gap in gaps), *unread),
    )


def _known(known: list[Endpoint], one: Observation) -> int | None:
    fits = [
        at
        for at, endpoint in enumerate(known)
        if endpoint.method in (one.method, "ANY") and not endpoint.hosted and matches(endpoint.path, one.path)
    ]
    # A fixed segment is a better fit than a parameter, as in every router.
    return min(fits, key=lambda at: known[at].path.count("{"), default=None)


def _made(one: Observation) -> Endpoint:
    path = template(one.path)
    where = f"asked for by {one.page} in the browser of {one.who}"
    names = [Input(name, "path", "", True) for name in re.findall(r"\{(\w+)\}", path)]
    names += [Input(name, "query") for name in one.query] + [Input(name, "body") for name in one.body]
    return Endpoint(
        one.method,
        path,
        "",
        kinds_of(one.method, path, "", [one.name for one in names]),
        action_of(one.method, ""),
        Access(evidence=(Span("", 0, where),)),
        tuple(names),
        Span("", 0, where),
        0.8,
        ("browser",),
    )


def _third_parties(surface: Surface, scripts: list[ThirdPartyScript]) -> tuple[tuple[Integration, ...], list[Unread]]:
    found = {one.name: one for one in surface.integrations}
    strangers: dict[str, ThirdPartyScript] = {}
    for script in scripts:
        rule = next((rule for rule in rules() if rule.scripts and rule.scripts.search(script.address)), None)
        if rule is None:
            strangers.setdefault(script.address.split("/")[2], script)
            continue
        span = Span("", 0, f"{script.page} loads {script.address} for {script.who}")
        known = found.get(rule.name) or Integration(rule.name, rule.kind, (), rule.verify)
        if span not in known.evidence:
            found[rule.name] = replace(known, evidence=(*known.evidence, span))
    unread = [
        Unread(".", f"pages load scripts of {host}, a third party we do not know: {one.address} on {one.page}")
        for host, one in sorted(strangers.items())
    ]
    return tuple(sorted(found.values(), key=lambda one: one.name)), unread
