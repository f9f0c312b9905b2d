"""Signs in as accounts whose passwords stand in the app's own code: whoever reads it can, and the proof has a role it could not get by signing up."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote_plus

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.model.project import Identity
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.puts import put_routes
from launchready.probes.callers.signin import login_routes
from launchready.probes.callers.values import person
from launchready.probes.callers.whoami import low
from launchready.probes.exchange import Exchange
from launchready.sources.seeded import Seeded
from launchready.sources.seeded_settings import ENVIRONMENT
from launchready.sources.told_accounts import README

_TRIED, _ABOVE, _MEMBERS = 6, 2, 2


async def sign_in_seeded(ground: Ground, accounts: Sequence[Seeded], mark: str) -> list[Caller]:
    """Sessions of one account for each higher role, and of ordinary ones where fewer than two members could sign up. An alarm for each higher one that
    the app let in. None where an account is signed in to by putting it: that makes whichever is named."""
    if any(one.name in ground.accounts.first for one in put_routes(ground.endpoints)):
        return []
    known = {(caller.person.email, caller.person.username) for caller in ground.callers if caller.person}
    names = {name for pair in known for name in pair}
    found = list[Caller]()
    for index, account in enumerate(sorted(accounts, key=lambda one: (low(one.role), not one.starts))[:_TRIED]):
        members = sum(low(caller.role) for caller in (*ground.callers, *found))
        above = {caller.role for caller in (*ground.callers, *found) if not low(caller.role)}
        enough = members >= _MEMBERS if low(account.role) else account.role in above or len(above) >= _ABOVE
        if enough or account.login in names:
            continue
        caller = _caller(ground, account, f"{mark}{index}", {one.name for one in (*ground.callers, *found)})
        if not low(account.role) and not account.here:
            ground.count(Harm.SEEDED)
        if not await ground.accounts.sign_in(caller):
            continue
        found.append(caller)
        exchange = ground.accounts.logins.get(caller.name)
        if not low(account.role) and exchange is not None and not account.here:
            _raise(ground, account, exchange)
    return found


def _caller(ground: Ground, account: Seeded, mark: str, taken: set[str]) -> Caller:
    """Somebody of the app's own, as an identity of the project file is: nothing of theirs is ended with the run."""
    name = account.role or "member"
    name = next(one for one in (name, *(f"{name}-{number}" for number in range(2, 20))) if one not in taken)
    address = account.login if "@" in account.login else ""
    someone = replace(
        person(mark, "s"),
        email=address or account.login,
        username=account.also or account.login,
        password=account.password,
    )
    identity = Identity(name, account.role, username=account.login)
    return Caller(name, ground.guest.site, someone, role=account.role, identity=identity)


def _raise(ground: Ground, account: Seeded, exchange: Exchange) -> None:
    where = f"{account.file}:{account.line}"
    ways = login_routes(ground.endpoints)
    route = next(
        (one.name for one in ways if one.path == exchange.path.partition("?")[0]), f"{exchange.method} {exchange.path}"
    )
    script = (
        ""
        if account.starts
        else " It is told to whoever tries the app out: look whether production has that account."
        if README.search(account.file) or ENVIRONMENT.search(account.file)
        else " That file looks like a script that fills a copy for trying the app out: look whether production ever runs it."
    )
    # A report is passed on to more people than the source is.
    body = exchange.sent_body
    for written in (account.password, quote_plus(account.password)):
        body = body.replace(written.encode(), b"PASSWORD")
    exchange = replace(exchange, sent_body=body)
    ground.alarm(
        Alarm(
            Harm.SEEDED,
            route,
            f"Whoever has read the source can sign in as {account.role}: the password of {account.login} stands in it",
            f"It stands in {where}, and the app that was called took it.{script}",
            shown((f"signs in as {account.login} with the password of {where}", exchange)),
            Confidence.PROVEN if account.starts else Confidence.SUSPECTED,
            key=account.login,
        )
    )
