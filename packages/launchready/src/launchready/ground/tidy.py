"""Removes what the run made: records by their own DELETE, then the throwaway accounts. What stays is listed."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from launchready.ground.closing import ACCOUNT, account_ended
from launchready.ground.ground import Ground
from launchready.ground.ids import noun_of_path
from launchready.ground.journal import Signed
from launchready.ground.labels import look_for_labels
from launchready.ground.on_pages import look_for_linked, look_for_shown, put_back
from launchready.ground.removal import above, addresses, names, removed
from launchready.ground.result import UNSEEN, Made, Proof
from launchready.ground.sending import together
from launchready.ground.strays import UNTOLD, look_for_people, look_for_strays
from launchready.model.created import Created
from launchready.model.proof import in_words
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.workspaces import TENANT

_SHOWN, _MARKS, _WIDE = 3, 8, 60
ANYBODY = f"{ACCOUNT}of each name that was tried in vain"


async def tidy(ground: Ground) -> None:
    """Remove the records newest first, then the accounts, and note which are left."""
    await tidy_records(ground)
    await look_for_shown(ground, people_of(ground))
    await look_for_people(ground, people_of(ground))
    await tidy_accounts(ground)


async def tidy_first(ground: Ground, asking: Caller) -> None:
    """What can be removed before whoever asks may lose what they are let do: all of it, when ``asking`` is none of the run's own accounts."""
    if asking.identity is not None:
        await tidy(ground)
    else:
        await tidy_records(ground, keep=keeps_people)
        await look_for_people(ground, people_of(ground))


async def tidy_records(ground: Ground, keep: Callable[[Made], bool] = lambda made: False) -> None:
    """Remove the records newest first, but for those to ``keep``, look whether they are gone, and note which are left."""
    ground.sending.rested()
    left = len(ground.made) + 1
    # What held others could not go before them.
    while (now := sum(not made.removed and not keep(made) for made in ground.made)) and now < left:
        left = now
        await take_away(ground, 0, keep)
    await look_for_strays(ground, people_of(ground))
    await look_for_labels(ground, people_of(ground))
    await look_for_linked(ground, people_of(ground))
    await put_back(ground, people_of(ground))
    _went_along(ground)


async def tidy_accounts(ground: Ground, chosen: Callable[[Signed], bool] = lambda signed: True) -> None:
    """Remove the throwaway accounts that are ``chosen``, and note which are left; those that were tried already stay as noted."""
    people = people_of(ground)
    noted = {made.path for made in ground.made}
    accounts = [
        one for one in ground.journal.signed.values() if chosen(one) and ACCOUNT + one.person.email not in noted
    ]
    known = ground.signed | people
    callers = [known.get(one.name) or Caller(one.name, ground.guest.site, one.person) for one in accounts]
    ground.made += await together(
        [partial(account_ended, ground, caller, one, people) for caller, one in zip(callers, accounts, strict=True)]
    )
    if ground.accounts.by_sign_in and ANYBODY not in {made.path for made in ground.made}:
        why = "a sign-in makes one for whoever it does not know"
        ground.made.append(Made("a stranger", "sign-in", ANYBODY, sure=False, why=why))
    _went_along(ground)


def note_accounts(ground: Ground) -> None:
    """Note the throwaway accounts that nobody came to remove as left: whatever stopped the run, they are there."""
    noted = {made.path for made in ground.made}
    left = [one for one in ground.journal.signed.values() if ACCOUNT + one.person.email not in noted]
    ground.made += [Made(one.name, one.route or "sign-up", ACCOUNT + one.person.email) for one in left]


async def take_away(ground: Ground, since: int, keep: Callable[[Made], bool] = lambda made: False) -> None:
    """Remove the records made after the first ``since``, newest first, but for those to ``keep``. What cannot be removed is tried once more at the end."""
    people = people_of(ground)
    for index in reversed(range(since, len(ground.made))):
        made = ground.made[index]
        if made.removed or keep(made) or made.path.startswith(ACCOUNT) or made.why == UNTOLD:
            continue
        made = ground.made[index] = await removed(ground, made, people)
        for records in ground.records.values() if made.removed else ():
            for _, value in names(made):
                records.forget(noun_of_path(above(made)), value)


def keeps_people(made: Made) -> bool:
    """Whether a record is a workspace: whoever is asked as is somebody in it."""
    return any(TENANT.fullmatch(part) for part in made.route.rstrip("/").split("/")[-1:])


def _went_along(ground: Ground) -> None:
    """Note as removed what stood in a record of the run that is gone: nobody gets to it any more."""
    gone = tuple(f"{address}/" for made in ground.made if made.removed for address in addresses(made))
    for index, made in enumerate(ground.made):
        if not made.removed and gone and made.path.startswith(gone):
            ground.made[index] = replace(made, removed=True, why="it went with what it stood in")


def people_of(ground: Ground) -> dict[str, Caller]:
    """Everybody who may be asked to remove something, by name."""
    known = (ground.guest, *ground.callers, *filter(None, (ground.victim, ground.visitor)), *ground.spare)
    return {caller.name: caller for caller in known}


def created(proof: Proof | None) -> tuple[Created, ...]:
    """What was made, as it is reported."""
    return tuple(
        Created(made.who, made.route, made.place, made.removed, made.sure, _why(made), made.why == UNSEEN)
        for made in (proof.made if proof else ())
    )


def _why(made: Made) -> str:
    return "; ".join(filter(None, (made.held, made.why))) if not made.removed else made.why


def notes(proof: Proof) -> tuple[str, ...]:
    """Sentences on what was made and what of it is left, and on an earlier run that was taken up again."""
    found = []
    if proof.resumed:
        found.append("An earlier run had been stopped; this one went on from there and sent none of its writes again.")
    sure = [made for made in proof.made if made.sure]
    left = [made for made in sure if not made.removed]
    if sure and not left:
        found.append(f"Made for the proof and removed again: {in_words(len(sure))}.")
    elif left:
        # Accounts first: whoever cleans up by hand begins with them. The report lists all.
        left.sort(key=lambda made: not made.path.startswith(ACCOUNT))
        named = "; ".join(f"{_short(made.place)} ({made.route} as {made.who})" for made in left[:_SHOWN])
        more = f"; and {len(left) - _SHOWN} more, in the report" if len(left) > _SHOWN else ""
        found.append(
            f"Made for the proof: {in_words(len(sure))}. The app gave no way to remove {len(left)} of them: {named}{more}."
        )
    if unsure := Counter((made.route, made.why) for made in proof.made if not made.sure and not made.removed):
        routes = "; ".join(f"{number} by {route}: {why}" for (route, why), number in sorted(unsure.items())[:_SHOWN])
        found.append(f"Perhaps also made by this run and kept: {routes}.")
    return tuple(found)


def _short(place: str) -> str:
    """An address that a value out of place made long, cut where nobody reads on."""
    return place if len(place) <= _WIDE else f"{place[:_WIDE]}…"


def about_left(proof: Proof, line: str = "") -> tuple[str, ...]:
    """One sentence on what stays: what came of the owner's cleanup command, else what to look for; nothing where nothing stays. ``line`` is what the
    owner would write to have the database put back, empty where that is not to be had."""
    if proof.cleaned:
        return (proof.cleaned,)
    if not proof.markers or not any(made.sure and not made.removed for made in proof.made):
        return ()
    more = " …" if len(proof.markers) > _MARKS else ""
    return (
        f"To remove what stayed, search the app's data for {' or '.join(proof.markers[:_MARKS])}{more}: every account and nearly every text of this run "
        "holds it, but for values out of place. "
        'Or name a command that does it after each run: cleanup = ["…"] in [environments.NAME] of launchready.toml.'
        + (f" Or have the database put back after each run: {line}" if line else ""),
    )
