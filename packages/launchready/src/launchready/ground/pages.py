"""Records that are made as a visitor makes them: by the form on a page, whose answer leads to the new one and names it nowhere else."""

from urllib.parse import urljoin, urlsplit

from launchready.core.ways import matches, shape
from launchready.ground.ground import Ground
from launchready.ground.ids import Records, parameters
from launchready.ground.result import Made
from launchready.ground.seen import Seen
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.forms import Form, fill, forms_of, links_of
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away

_LOOKED_AT = 3


async def make_by_page(ground: Ground, caller: Caller, endpoint: Endpoint, path: str) -> bool:
    """Fill in the form that the page at this address shows, and remember the record; False where there is none, or it is not taken."""
    person = caller.person
    if person is None or not _has_page(ground, endpoint) or _form(await ground.get(caller, path), path) is None:
        return False
    # A token in the form may be good for once.
    form = _form(await ground.call(caller, "GET", path), path)
    if form is None:
        return False
    given = fill(form, person)
    exchange = await ground.call(caller, "POST", form.action, form=given, headers=form.headers(caller))
    where = _led_to(caller, exchange)
    if where is None or where.rstrip("/") == path.rstrip("/"):
        return False
    ground.note(endpoint, caller, "own", Seen.ALLOWED)
    ground.created.setdefault((caller.name, endpoint.name), exchange)
    found = _record(ground, where) or await _listed(ground, caller, where, person.marker)
    if found is not None:
        noun, value, page = found
        records = ground.records.setdefault(caller.name, Records())
        if value not in records.made_of(noun):
            records.add(noun, "id", value, made=True)
            ground.made.append(Made(caller.name, endpoint.name, page))
    return True


def _has_page(ground: Ground, endpoint: Endpoint) -> bool:
    return any(e.method == "GET" and shape(e.path) == shape(endpoint.path) for e in ground.endpoints)


def _form(page: Exchange, path: str) -> Form | None:
    """The form of a page that is sent to the page's own address."""
    for form in forms_of(page) if page.ok else ():
        own = form.action.split("?")[0].rstrip("/") == path.rstrip("/")
        if form.method == "POST" and own and not form.has_password and not form.captcha:
            return form
    return None


def _led_to(caller: Caller, exchange: Exchange) -> str | None:
    """The address on this site that a taken form leads to."""
    if not 300 <= exchange.status < 400 or turned_away(exchange):
        return None
    target = urlsplit(urljoin(exchange.url, exchange.header("location")))
    if target.netloc != urlsplit(exchange.url).netloc or not target.path.startswith(caller.site.base):
        return None
    return target.path.removeprefix(caller.site.base)


def _record(ground: Ground, path: str) -> tuple[str, str, str] | None:
    """Of what kind a page shows a record, its id, and the page; None for a page without one."""
    if any("{" not in e.path and e.path.rstrip("/") == path.rstrip("/") for e in ground.endpoints):
        return None
    for endpoint in ground.endpoints:
        last = endpoint.path.rstrip("/").rsplit("/", 1)[-1]
        if endpoint.method == "GET" and endpoint.path.count("{") == 1 and "{" in last and matches(endpoint.path, path):
            return parameters(endpoint.path)[-1][1], path.rstrip("/").rsplit("/", 1)[-1], path
    return None


async def _listed(ground: Ground, caller: Caller, path: str, marker: str) -> tuple[str, str, str] | None:
    """The newest record that a page links and whose own page has our marker in it."""
    links = dict.fromkeys(link.split("?")[0] for link in links_of(await ground.call(caller, "GET", path)))
    found = [one for link in links if (one := _record(ground, link)) is not None]
    found.sort(key=lambda one: int(one[1]) if one[1].isdecimal() else 0, reverse=True)
    for one in found[:_LOOKED_AT]:
        if marker.lower() in (await ground.call(caller, "GET", one[2])).text.lower():
            return one
    return None
