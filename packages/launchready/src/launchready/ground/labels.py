"""Texts that came into a list of texts along with the records of the run, such as the tags of an article: a row of its own that no answer tells of."""

from collections.abc import Iterator, Mapping

from launchready.ground.ground import Ground
from launchready.ground.ids import USER_NOUNS, noun_of_path
from launchready.ground.listings import Listing, listings
from launchready.ground.naming import LABEL, holds, texts
from launchready.ground.removal import removed
from launchready.ground.result import Made
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import parsed


async def look_for_labels(ground: Ground, people: Mapping[str, Caller]) -> None:
    """Note and remove what lists of texts hold that has a mark of the run in it."""
    for listing, caller in _lists(ground, people):
        listed = await listing.read(ground, caller, listing.at)
        people_made = {
            text
            for signed in ground.journal.signed.values()
            for text in (signed.person.email, signed.person.username, signed.person.name)
        }
        # A list may show what records are called: those that are still there are noted as such.
        known = people_made | {value for made in ground.made if not made.removed for _, value in made.names}
        for text in texts(parsed(listed)) if listed is not None else ():
            if holds(text, ground.marks) and text not in known:
                known.add(text)
                made = Made(caller.name, f"GET {listing.at}", f"{listing.at}/{text}", names=((LABEL, text),))
                ground.made.append(await removed(ground, made, people))


def _lists(ground: Ground, people: Mapping[str, Caller]) -> Iterator[tuple[Listing, Caller]]:
    """Lists that were seen to be of texts, and who saw them."""
    looked = [(name, one) for (name, _), one in ground.answers.items()]
    looked += [(ground.guest.name, one.exchange) for one in ground.strangers]
    seen = dict[str, str]()
    for name, one in looked:
        if one.ok and any(True for _ in texts(parsed(one))):
            seen.setdefault(one.path.partition("?")[0].rstrip("/"), name)
    for listing in listings(ground.endpoints):
        caller = people.get(seen.get(listing.at, ""))
        if listing.method == "GET" and caller is not None and noun_of_path(listing.at) not in USER_NOUNS:
            yield listing, caller
