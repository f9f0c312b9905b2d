"""What was found at one place, in the words of the finding."""

from collections.abc import Sequence
from dataclasses import dataclass

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.model.words import Confidence
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.injection.places import Place

_TITLES = {
    "sql": "Text a visitor types becomes part of a database query at {route}",
    "xpath": "Text a visitor types becomes part of an XML query at {route}",
    "ldap": "Text a visitor types becomes part of a directory query at {route}",
    "nosql": "Whoever calls {route} can give the database conditions in place of values",
    "entry": "Anyone can sign in without the password: {route} takes a condition in its place",
    "command": "Text a visitor types is run as a command on your server at {route}",
    "template": "Text a visitor types is run as code of a page template at {route}",
    "header": "A link to {route} can put headers of a stranger's choice into your answers",
    "redirect": "A link to {route} sends your customers on to any other website",
    "script": "A link to {route} can run a stranger's script in your customers' browsers",
    "file": "Files outside of their folder are given out at {route}",
    "fetched": "Your server calls any address that is typed at {route}, and shows what it finds there: your own network among it",
    "fetch": "Your server calls any address that is typed at {route}, those of your own network among them",
    "order": "Any column can be sorted by at {route}, among them passwords",
    "page": "One call of {route} hands out the whole table",
    "wildcard": "A star finds everybody at {route}, where only an exact value should find anybody",
}


@dataclass(frozen=True, slots=True)
class Told:
    """``kind`` is the engine or the way (see the titles), ``said`` what decided it, ``pairs`` the answers with their words."""

    kind: str
    said: str
    pairs: Sequence[tuple[str, Exchange]]
    sure: bool = True


def raise_alarm(ground: Ground, place: Place, told: Told) -> None:
    """The finding, under a key that tells the input."""
    route = place.endpoint.name
    who = "a stranger" if place.caller.guest else "a member"
    ground.alarm(
        Alarm(
            Harm.INJECTION,
            route,
            _TITLES[told.kind].format(route=route),
            f"Done as {who}, by {place}: {told.said}.",
            shown(*told.pairs),
            Confidence.PROVEN if told.sure else Confidence.SUSPECTED,
            f"{told.kind} {place.name}",
        )
    )
