"""What a run leaves in the app, in the words its owner can find it by: for the cleanup command, and for whoever does it by hand."""

import json
from collections.abc import Iterable

from launchready.ground.closing import ACCOUNT
from launchready.ground.ground import Ground
from launchready.ground.ids import noun_of_path
from launchready.ground.naming import holds
from launchready.ground.removal import above, names
from launchready.ground.result import Made
from launchready.ground.strays import UNTOLD
from launchready.model.project import Environment
from launchready.probes.callers.values import person

SCHEMA = 1


def markers(ground: Ground) -> tuple[str, ...]:
    """What stands in the texts of this run, the one that nearly all hold first; none that another is a part of. The case may differ."""
    common = person(ground.random("people"), "").marker
    found = sorted(ground.marks - {common})
    kept = [one for one in found if not any(other in one for other in (common, *found) if other != one)]
    return (common, *kept)


def markers_of_left(ground: Ground) -> tuple[str, ...]:
    """As few of them as find what stays: one that its address or its names hold, else that of whoever made it."""
    marks, found = markers(ground), dict[str, None]()
    for made in ground.made:
        if not made.removed and made.why != UNTOLD:
            signed = ground.journal.signed.get(made.who)
            texts = [made.path, *(value for _, value in names(made)), signed.person.marker if signed else ""]
            found |= dict.fromkeys([one for one in marks if any(one in text.lower() for text in texts)][:1])
    return tuple(sorted(found, key=marks.index))


def as_json(ground: Ground, place: Environment, left: Iterable[Made]) -> bytes:
    """What stays, as the cleanup command gets it: ``left`` is of the run, ``perhaps`` may be."""
    made, marks = list(left), markers(ground)
    mails = {signed.person.email for signed in ground.journal.signed.values()}
    said = {
        "schema": SCHEMA,
        "environment": place.name,
        "url": place.url,
        "markers": marks,
        # An address that a broken input made up may be somebody else's as well; it stands beside its account alone.
        "emails": sorted(mail for mail in mails if holds(mail, marks)),
        "left": [_told(ground, one) for one in made if one.why != UNTOLD],
        "perhaps": [_told(ground, one) for one in made if one.why == UNTOLD],
    }
    return json.dumps(said, indent=1).encode()


def _told(ground: Ground, made: Made) -> dict[str, object]:
    known = {one.name: one for one in (*ground.callers, *ground.signed.values(), *ground.spare)}
    caller, signed = known.get(made.who), ground.journal.signed.get(made.who)
    someone = signed.person if signed else caller.person if caller else None
    account = made.path.startswith(ACCOUNT)
    fields = names(made) if not account else ()
    ids = sorted(caller.known("id", "userid")) if account and caller else [value for _, value in fields]
    return {
        "kind": "account" if account else noun_of_path(above(made)),
        "route": made.route,
        "address": "" if account else made.path,
        "ids": ids,
        "fields": dict(fields),
        "identity": made.who,
        "marker": someone.marker if someone else "",
        "email": made.path.removeprefix(ACCOUNT) if account else someone.email if someone else "",
        "username": someone.username if someone else "",
        "sure": made.sure,
        "why": "; ".join(filter(None, (made.held, made.why))),
    }
