"""Records that are made as a visitor makes them: by the form on a page, whose answer leads to the new one and names it nowhere else."""

import re
from urllib.parse import urljoin, urlsplit

from launchready.core.ways import matches, shape
from launchready.ground.ground import Ground, safe_reads
from launchready.ground.ids import USER_NOUNS, Records, edits, noun_of_path, parameters, removes, singular
from launchready.ground.result import Made
from launchready.ground.seen import Seen
from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import as_form
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.forms import Form, fill, follow, forms_of, links_of
from launchready.probes.callers.values import value_for
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away

_LOOKED_AT = 3
# A form about oneself makes no record: it leads to a page of one's own.
_MINE = re.compile(r"profile|account|settings|(?:^|/)(?:me|my|self)(?:/|$)", re.I)
_COUNTED = 8
_LARGE = 10**9


async def make_by_page(ground: Ground, caller: Caller, endpoint: Endpoint, path: str) -> bool:
    """Fill in the form that the page at this address shows, and remember the record; False where there is none, or it is not taken."""
    person = caller.person
    if person is None or not _has_page(ground, endpoint) or _form(await ground.get(caller, path), path) is None:
        return False
    # A token in the form may be good for once.
    form = _form(await ground.call(caller, "GET", path), path)
    if form is None:
        return False
    given = fill(form, person) | _typed(form, endpoint, person)
    exchange = await ground.call(caller, "POST", form.action, form=given, headers=form.headers(caller))
    where = _led_to(caller, exchange)
    if where is None or where.rstrip("/") == path.rstrip("/"):
        return False
    ground.note(endpoint, caller, "own", Seen.ALLOWED)
    ground.created.setdefault((caller.name, endpoint.name), exchange)
    found = _new(ground, _record(ground, where)) or await _listed(ground, caller, where, person.marker)
    found = found or await _numbered(ground, caller, endpoint, f"Launch {person.marker}")
    if found is not None and found[0] in USER_NOUNS and _MINE.search(path):
        caller.learn("id", found[1])
    elif found is not None:
        noun, value, page = found
        records = ground.records.setdefault(caller.name, Records())
        if value not in records.made_of(noun):
            records.add(noun, "id", value, made=True)
            ground.made.append(Made(caller.name, endpoint.name, page))
    return True


async def look_for_new(ground: Ground, caller: Caller, endpoint: Endpoint, exchange: Exchange) -> bool:
    """Remember the record that a server action made and did not name, by the newest link of the page that it leads to, or that lists such records."""
    person, noun = caller.person, noun_of_path(endpoint.path)
    lists = [e.path for e in safe_reads(ground.endpoints) if "{" not in e.path and noun_of_path(e.path) == noun]
    for where in dict.fromkeys((*filter(None, (_led_to(caller, exchange),)), *lists)):
        found = await _listed(ground, caller, where, person.marker) if person is not None else None
        if found is not None and found[0] == noun:
            ground.records.setdefault(caller.name, Records()).add(noun, "id", found[1], made=True)
            ground.made.append(Made(caller.name, endpoint.name, f"{endpoint.path}/{found[1]}"))
            return True
    return False


def _has_page(ground: Ground, endpoint: Endpoint) -> bool:
    return any(e.method == "GET" and shape(e.path) == shape(endpoint.path) for e in ground.endpoints)


def _form(page: Exchange, path: str) -> Form | None:
    """The form of a page that is sent to the page's own address."""
    for form in forms_of(page) if page.ok else ():
        own = form.action.split("?")[0].rstrip("/") == path.rstrip("/")
        if form.method == "POST" and own and not form.has_password and not form.captcha:
            return form
    return None


def _typed(form: Form, endpoint: Endpoint, person: Person) -> dict[str, str]:
    """Fields that a page takes as text and the source makes something else of, such as a number."""
    kinds = {one.name: one for one in endpoint.inputs if one.type and one.where in ("form", "body")}
    texts = [name for name, one in form.fields.items() if one.kind in ("text", "") and name in kinds]
    return as_form({name: value_for(kinds[name], person) for name in texts})


def _led_to(caller: Caller, exchange: Exchange) -> str | None:
    """The address on this site that a taken form leads to."""
    if not 300 <= exchange.status < 400 or turned_away(exchange):
        return None
    target = urlsplit(urljoin(exchange.url, exchange.header("location")))
    if target.netloc != urlsplit(exchange.url).netloc or not target.path.startswith(caller.site.base):
        return None
    return target.path.removeprefix(caller.site.base)


def _record(ground: Ground, path: str) -> tuple[str, str, str] | None:
    """Of what kind a page shows a record, or lets it be edited, its id, and the page; None for a page without one."""
    parts = path.rstrip("/").split("/")
    if any("{" not in e.path and e.path.rstrip("/") == path.rstrip("/") for e in ground.endpoints):
        return None
    for endpoint in sorted(ground.endpoints, key=lambda e: (edits(e), e.path.count("{"))):
        known = endpoint.path.rstrip("/").split("/")
        last = max((at for at, part in enumerate(known) if "{" in part), default=-1)
        shows = last == len(known) - 1 or (edits(endpoint) and last == len(known) - 2)
        if (
            endpoint.method == "GET"
            and endpoint.action == "read"
            and shows
            and not removes(endpoint)
            and matches(endpoint.path, path)
        ):
            return parameters(endpoint.path)[-1][1], parts[last], path
    return None


def _new(ground: Ground, found: tuple[str, str, str] | None) -> tuple[str, str, str] | None:
    """The record, unless somebody was shown it before: what a form leads to may be what the new one belongs to."""
    known = found is not None and any(one.knows(found[0], found[1]) for one in ground.records.values())
    return None if known else found


async def _listed(ground: Ground, caller: Caller, path: str, marker: str) -> tuple[str, str, str] | None:
    """The newest record that a page links, whose own page has our marker in it and that nobody was shown before."""
    page = await follow(caller, await ground.call(caller, "GET", path))
    links = dict.fromkeys(link.split("?")[0] for link in links_of(page))
    found = [one for link in links if (one := _new(ground, _record(ground, link))) is not None]
    found.sort(key=lambda one: int(one[1]) if one[1].isdecimal() else 0, reverse=True)
    for one in found[:_LOOKED_AT]:
        if marker.lower() in (await ground.call(caller, "GET", one[2])).text.lower():
            return one
    return None


async def _numbered(ground: Ground, caller: Caller, endpoint: Endpoint, text: str) -> tuple[str, str, str] | None:
    """A record of the kind that the form's address speaks of, which no page links, found by counting: its own page has the text that was sent."""
    words = {singular(word) for word in re.split(r"[^A-Za-z0-9]+", endpoint.path)}
    for read in ground.endpoints:
        named = parameters(read.path)
        if read.method != "GET" or read.action != "read" or len(named) != 1 or named[0][1] not in words or edits(read):
            continue
        if not read.path.rstrip("/").endswith("}"):
            continue
        noun = named[0][1]
        known = [int(v) for one in ground.records.values() for n, v in one.all() if n == noun and v.isdecimal()]
        start = max((number for number in known if number < _LARGE), default=0) + 1
        for number in range(start, start + _COUNTED):
            path = ground.path_of(read, caller, str(number))
            if path and text in (await ground.call(caller, "GET", path)).text:
                return noun, str(number), path
    return None
