"""The ways to sign in, each as a call that can be repeated for anybody: routes by JSON or form, and forms of pages."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from launchready.ground.ground import Ground
from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import as_form
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.doors import says_error
from launchready.probes.callers.forms import Form, asks_again
from launchready.probes.callers.from_pages import asks_for_origin, learn_origin
from launchready.probes.callers.sending import asks_for_token, fetch_token
from launchready.probes.callers.signin import PAGE, credentials, filled_in, login_forms, login_routes
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away
from launchready.stages.inputs.trials.limits.burst import Ask, send

_PASSWORD = re.compile(r"pass(?:word|wd|phrase|code)?$|^pwd$|^pin$|^otp$", re.I)
_SAYS_WRONG = re.compile(
    r"(?:wrong|invalid|incorrect|bad|unknown|no (?:active )?(?:account|user)).{0,40}(?:password|credential|e-?mail|user|login|account)",
    re.I,
)
_WANTS_MORE = re.compile(r"required|missing|not provided|must (?:be|have)", re.I)
_SHAPES = 6
_MOST = 3


@dataclass(frozen=True, slots=True)
class Door:
    """One way to sign in. ``ask`` makes the call for a person, ``opens`` says whether an answer let them in, ``known`` that an account of ours came in here."""

    route: str
    ask: Callable[[Person], Awaitable[Ask | None]]
    opens: Callable[[Exchange], bool]
    known: bool = False


async def doors(ground: Ground, own: Person | None, nobody: Person) -> list[Door]:
    """The ways in, those of routes first; ``own`` is an account of ours, by which the shape of each is found."""
    found = [await _by_route(ground, endpoint, own, nobody) for endpoint in login_routes(ground.endpoints)[:_MOST]]
    pages = await _by_pages(ground, own, nobody) if PAGE in ground.accounts.first or not any(found) else []
    # One address may be that of a page and of its form; what let an account of ours in is the way.
    by_page = {door.route for door in pages if door.known}
    kept = [door for door in found if door is not None and (door.known or door.route not in by_page)]
    return [*kept, *(door for door in pages if door.route not in {one.route for one in kept})]


def tries_passwords(ground: Ground, route: str, answer: Exchange) -> bool:
    """Whether a route that let nobody of ours in takes a password at all, by its fields or by what it says; not where it wants something else first."""
    if _SAYS_WRONG.search(answer.text[:600]) or answer.status == 401:
        return not _WANTS_MORE.search(answer.text[:600])
    endpoint = next((one for one in ground.endpoints if one.name == route), None)
    takes = endpoint is not None and any(_PASSWORD.search(given.name) for given in endpoint.inputs)
    # What the app has not at this address looks at no password.
    there = answer.status not in (404, 405, 501)
    return takes and there and not (answer.status == 400 and _WANTS_MORE.search(answer.text[:600]))


async def _by_route(ground: Ground, endpoint: Endpoint, own: Person | None, nobody: Person) -> Door | None:
    verb = "POST" if endpoint.method == "ANY" else endpoint.method
    shapes = len(credentials(endpoint, own or nobody))
    last = ground.accounts.shapes.get((endpoint.name, "auto"), 0)
    token = Caller("a stranger", ground.guest.site)

    def door(number: int, known: bool) -> Door:
        async def ask(person: Person) -> Ask | None:
            bodies = credentials(endpoint, person)
            body, form = bodies[min(number, len(bodies) - 1)]
            caller = token if token.writing or token.cookies else Caller("a stranger", ground.guest.site)
            if form:
                return Ask(caller, verb, endpoint.path, form=as_form(body))
            return Ask(caller, verb, endpoint.path, json=body)

        return Door(endpoint.name, ask, _let_in, known)

    page = False
    for number in sorted(range(shapes), key=lambda number: number != last)[:_SHAPES]:
        one = door(number, own is not None)
        asked = await one.ask(own or nobody)
        assert asked is not None
        exchange = await send(ground, asked)
        if asks_for_origin(exchange) and await learn_origin(token, verb, endpoint.path):
            exchange = await send(ground, asked)
        if asks_for_token(exchange) and not token.writing:
            await token.send("GET", endpoint.path)
            await fetch_token(token, ground.endpoints)
            asked = await one.ask(own or nobody)
            assert asked is not None
            exchange = await send(ground, asked)
        if own is None and exchange.ok and turned_away(exchange):
            return None  # The address of a page: its form is filled in instead.
        if own is None and exchange.status not in (400, 404, 405, 415, 422) and not exchange.error:
            return door(number, False)
        if own is not None and _let_in(exchange):
            return one
        if exchange.status in (404, 405, 501) and exchange.content_type != "application/json":
            return None
        if exchange.status == 429:
            return door(number, False)
        page = page or (exchange.ok and turned_away(exchange))
    return None if page else door(last, False)


async def _by_pages(ground: Ground, own: Person | None, nobody: Person) -> list[Door]:
    found = []
    for form in (
        await login_forms(Caller("a stranger", ground.guest.site), ground.endpoints, ground.accounts.doors.leads)
    )[:_MOST]:
        for name in ("username", "email"):
            door = _page(ground, form, name)
            asked = await door.ask(own or nobody)
            if asked is None:
                break
            if own is None or door.opens(await send(ground, asked)):
                found.append(Door(door.route, door.ask, door.opens, own is not None))
                break
    return found


def _page(ground: Ground, form: Form, name: str) -> Door:
    async def ask(person: Person) -> Ask | None:
        caller = Caller("a stranger", ground.guest.site)
        given = await filled_in(caller, form, person, getattr(person, name))
        return None if given is None else Ask(caller, "POST", form.action, form=given, headers=form.headers(caller))

    where = form.action.partition("?")[0].rstrip("/")
    takes = (e.name for e in ground.endpoints if e.method in ("POST", "ANY") and e.path.rstrip("/") == where)
    return Door(
        next(takes, f"POST {form.action}"), ask, lambda exchange: _let_in(exchange) and not asks_again(exchange, form)
    )


def _let_in(exchange: Exchange) -> bool:
    return (exchange.ok or 300 <= exchange.status < 400) and not turned_away(exchange) and not says_error(exchange)
