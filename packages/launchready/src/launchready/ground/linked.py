"""What a page for people tells of records: the addresses it links and sends forms to, what these forms hide, and what its elements are marked with."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, unquote

from launchready.core.ways import shape
from launchready.ground.ids import noun_of_path, parameters
from launchready.ground.marked import marked
from launchready.model.surface import PARAMETER, Endpoint
from launchready.probes.callers.forms import forms_of, inside, links_of
from launchready.probes.exchange import Exchange

_MOST = 200
_HIDDEN = ("hidden", "select")
_ID = re.compile(r"(?:(?P<of>\w+?)_?)?id", re.I)
_WHOLE = re.compile(r"(?:positive)?int(?:eger)?\d*", re.I)


def linked(page: Exchange, endpoints: Sequence[Endpoint]) -> Iterator[tuple[str, str, str]]:
    """The records that a page leads to, as (noun, field, id)."""
    if not page.ok or page.content_type != "text/html":
        return
    forms, (named, records) = forms_of(page), marked(page, endpoints)
    inside_here = (path for one in named if (path := inside(page, one)) is not None)
    addresses = list(dict.fromkeys((*links_of(page), *(form.action for form in forms), *inside_here)))[:_MOST]
    yield from _in(addresses, endpoints)
    yield from records
    for form in forms:
        for name, one in form.fields.items():
            if one.kind in _HIDDEN:
                yield from _field(name, one.value, "")


def led_to(exchange: Exchange, endpoints: Sequence[Endpoint]) -> Iterator[tuple[str, str, str]]:
    """The same for where an answer leads to."""
    if 300 <= exchange.status < 400 and (path := inside(exchange, exchange.header("location"))) is not None:
        yield from _in([path], endpoints)


def _in(addresses: Sequence[str], endpoints: Sequence[Endpoint]) -> Iterator[tuple[str, str, str]]:
    templates = [(e, shape(e.path).split("/")) for e in endpoints if "?}" not in e.path and "*" not in e.path]
    for address in addresses:
        path, _, query = address.partition("#")[0].partition("?")
        for name, value in parse_qsl(query):
            yield from _field(name, value, noun_of_path(path))
        yield from _named(path.rstrip("/").split("/"), templates)


def _field(name: str, value: str, noun: str) -> Iterator[tuple[str, str, str]]:
    found = _ID.fullmatch(name)
    if found and value and (found["of"] or noun):
        yield parameters("/{" + found["of"] + "_id}")[0][1] if found["of"] else noun, "id", value


def _named(parts: list[str], templates: Sequence[tuple[Endpoint, list[str]]]) -> Iterator[tuple[str, str, str]]:
    """The ids in an address, by the template it was made of: of those that fit, the one that leaves least open."""
    fitting = [e for e, known in templates if len(known) == len(parts) and _fits(e, known, parts)]
    closest = min(fitting, key=lambda e: e.path.count("{"), default=None)
    if closest is None:
        return
    names = parameters(closest.path)
    for part, value in zip(closest.path.rstrip("/").split("/"), parts, strict=True):
        if PARAMETER.fullmatch(part):
            name, noun = next((one for one in names if part == "{" + one[0] + "}"), ("", ""))
            snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name.strip("?*").split(":")[0]).lower()
            yield noun, snake.split("_")[-1], unquote(value)


def _fits(endpoint: Endpoint, known: Sequence[str], parts: Sequence[str]) -> bool:
    if not all(one == "{}" or one == part for one, part in zip(known, parts, strict=True)):
        return False
    numbers = {"{" + i.name + "}" for i in endpoint.inputs if i.where == "path" and _WHOLE.fullmatch(i.type)}
    pairs = zip(endpoint.path.rstrip("/").split("/"), parts, strict=True)
    return all(value.isdecimal() for part, value in pairs if part in numbers)
