"""Records that are made as a visitor makes them: by the form on a page, whose answer leads to the new one and names it nowhere else."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from launchready.core.ways import matches, shape
from launchready.ground.ground import Ground, safe_reads
from launchready.ground.ids import USER_NOUNS, Records, edits, noun_of_path, parameters, removes, singular
from launchready.ground.linked import linked
from launchready.ground.result import Made
from launchready.ground.seen import Seen
from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import as_form, mend
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.forms import Form, complaints_of, fill, follow, forms_of, inside, links_of
from launchready.probes.callers.values import value_for
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away

_LOOKED_AT = 3
# A form about oneself makes no record: it leads to a page of one's own.
_MINE = re.compile(r"profile|account|settings|(?:^|/)(?:me|my|self)(?:/|$)", re.I)
# A page that changes or shows a record stands below it.
_ACTS = re.compile(r"(?<=/)(?P<id>[^/]+)/(?:edit|update|change|modify|view|show|details?)/?$", re.I)
_COUNTED = 8
_ROUNDS = 3
_TYPED = re.compile(r"<textarea\b.*?</textarea>|<input\b[^>]*>", re.S | re.I)
_LARGE = 10**9


async def make_by_page(
    ground: Ground, caller: Caller, endpoint: Endpoint, path: str, also: Mapping[str, str] = MappingProxyType({})
) -> bool:
    """Fill in the form that the page at this address shows, and remember the record; False where there is none, or it is not taken.

    ``also`` are fields to send along.
    """
    person = caller.person
    page = await _page_with(ground, caller, endpoint, path) if person is not None else ""
    # A token in the form may be good for once.
    before = await ground.call(caller, "GET", page) if page else None
    form = _form(before, path) if before is not None else None
    if before is None or form is None or person is None:
        return False
    written = f"Launch {person.marker}"
    exchange = await _filled_in(ground, caller, form, endpoint, person, also)
    where = await _taken_to(ground, caller, exchange, before, path, written)
    if where is None and (left := _addresses(form, person)):
        # An app may look at what stands at an address before it takes it, and this one is nobody's.
        form = _form(await ground.call(caller, "GET", page), path) or form
        exchange = await _filled_in(ground, caller, form, endpoint, person, {**also, **left})
        where = await _taken_to(ground, caller, exchange, before, path, written)
    if where is None:
        return False
    ground.note(endpoint, caller, "own", Seen.ALLOWED)
    ground.created.setdefault((caller.name, endpoint.name), exchange)
    found = _new(ground, _record(ground, where)) or await _listed(ground, caller, where, person.marker)
    found = found or await _appeared(ground, caller, before, where, path)
    found = found or await _numbered(ground, caller, endpoint, written)
    if found is not None and found[0] in USER_NOUNS and _MINE.search(path):
        caller.learn("id", found[1])
    elif found is not None:
        noun, value, page = found
        records = ground.records.setdefault(caller.name, Records())
        if value not in records.made_of(noun):
            records.add(noun, "id", value, made=True)
            ground.made.append(Made(caller.name, endpoint.name, _ACTS.sub(r"\g<id>", page)))
    return True


async def _page_with(ground: Ground, caller: Caller, endpoint: Endpoint, path: str) -> str:
    """Where the form stands that is sent to this address: on the page of the same address, else on one that the caller was shown; empty when on none."""
    if _has_page(ground, endpoint) and _form(await ground.get(caller, path), path) is not None:
        return path
    shown = [page for (name, _), page in ground.answers.items() if name == caller.name]
    return next((page.path for page in shown if _form(page, path) is not None), "")


async def _taken_to(
    ground: Ground, caller: Caller, exchange: Exchange, before: Exchange, path: str, written: str
) -> str | None:
    """Where the answer to a form leads, or what it sent is shown since; None where it was not taken."""
    where = _led_to(caller, exchange)
    if where is None or where.rstrip("/") == path.rstrip("/"):
        return await _shown_at(ground, caller, exchange, before, written)
    return where


def _addresses(form: Form, person: Person) -> dict[str, str]:
    """The fields that hold an address of the web and may be left empty, with nothing in them."""
    given = fill(form, person)
    return {name: "" for name, one in form.fields.items() if not one.required and given[name].startswith("https://")}


async def _filled_in(
    ground: Ground,
    caller: Caller,
    form: Form,
    endpoint: Endpoint,
    person: Person,
    instead: Mapping[str, str] = MappingProxyType({}),
) -> Exchange:
    """The answer to the form, filled in, with ``instead`` in some of its fields; once more where its page came back and says beside a field what is wrong."""
    given = fill(form, person) | _typed(form, endpoint, person) | dict(instead)
    for _ in range(_ROUNDS):
        exchange = await ground.call(caller, "POST", form.action, form=given, headers=form.headers(caller))
        again = (
            next((one for one in forms_of(exchange) if set(one.fields) >= set(form.fields)), None)
            if exchange.ok
            else None
        )
        mended = mend(dict(given), complaints_of(exchange), person) if again is not None else None
        if again is None or mended is None:
            break
        hidden = {name: one.value for name, one in again.fields.items() if one.kind == "hidden"}
        given = as_form(mended) | hidden
    return exchange


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
    target = inside(exchange, exchange.header("location"), caller.site.base)
    return None if target is None else target.partition("?")[0]


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


async def _shown_at(ground: Ground, caller: Caller, exchange: Exchange, before: Exchange, written: str) -> str | None:
    """The page on which the text of a form stands since, where the answer led nowhere: the form's own, or one that lists what was made.

    An app may fail once it has made the record, and a page may show its list and the form for the next one.
    """
    if exchange.error or 400 <= exchange.status < 500 or turned_away(exchange):
        return None
    if exchange.ok and _said(exchange).count(written) > _said(before).count(written):
        return before.path
    lists = [before.path] if exchange.status < 500 else [before.path, *_lists(ground, caller)]
    for path in dict.fromkeys(lists):
        had = before if path == before.path else ground.answers.get((caller.name, path))
        page = await follow(caller, await ground.call(caller, "GET", path))
        if had is not None and page.ok and _said(page).count(written) > _said(had).count(written):
            return path
    return None


def _lists(ground: Ground, caller: Caller) -> list[str]:
    """Pages that the caller was shown and that may list what others are: those without an id, the first page and those with few words first."""
    plain = {e.path for e in safe_reads(ground.endpoints) if "{" not in e.path}
    shown = [path for (name, path), page in ground.answers.items() if name == caller.name and page.ok and path in plain]
    return sorted(shown, key=lambda path: (path.count("/"), len(path)))[:_LOOKED_AT]


def _said(page: Exchange) -> str:
    """What a page says, without what stands in its forms to be sent again."""
    return _TYPED.sub("", page.text)


async def _appeared(
    ground: Ground, caller: Caller, before: Exchange, where: str, path: str
) -> tuple[str, str, str] | None:
    """The one record of the form's kind that a page names since, as by a button that removes it, when our text came onto that page with it."""
    page = await follow(caller, await ground.call(caller, "GET", where))
    written = f"Launch {caller.person.marker}" if caller.person else "\0"
    if page.text.count(written) <= (before.text.count(written) if before.path == page.path else 0):
        return None
    old, noun = set(linked(before, ground.endpoints)), noun_of_path(path)
    new = {value for kind, _, value in set(linked(page, ground.endpoints)) - old if kind == noun}
    known = {v for one in ground.records.values() for n, v in one.all() if n == noun}
    left = new - known
    return (noun, next(iter(left)), f"{path.rstrip('/')}/{next(iter(left))}") if len(left) == 1 else None


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
