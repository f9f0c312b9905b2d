"""The inputs of an app that a value can be put into one at a time, beside a request that is right otherwise."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from launchready.ground.ground import DANGEROUS, Ground, safe_reads
from launchready.ground.ids import parameters
from launchready.ground.sending import together
from launchready.ground.survey import remember_made
from launchready.model.inputs import Answered, Tried
from launchready.model.surface import Endpoint, Input
from launchready.model.words import Kind
from launchready.probes.callers.bodies import Body, as_form, is_form, named_fields, put
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.callers.values import person as stand_in
from launchready.probes.callers.values import value_for
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away
from launchready.probes.paths import filled

NO_TEXT = re.compile(
    r"\b(?:bool\w*|file|dict|object|list|array|set|tuple|map(?:ping)?|date\w*|time|uuid|enum)\b|\[", re.I
)
_NUMBER = re.compile(r"\b(?:int|integer|number|float|decimal|long|short|double|bigint|positive_?int)\b", re.I)
_COMPUTES = re.compile(r"search|query|filter|find|look-?up|check|validate|preview|render|calc|estimate|quote", re.I)
# Such a POST answers with what it made of the text, whatever the source does for it.
_ANSWERS = re.compile(r"/(?:render|preview|calc\w*|eval(?:uate)?|estimate|convert|format|validate|look-?up)$", re.I)
# What a request is called that has nothing out of place.
RIGHT = "a value that is right"
MOST_PLACES, _MOST_ENDPOINTS, _SHOWN = 14, 80, 120


@dataclass(frozen=True, slots=True)
class Place:
    """One input of an endpoint as one caller fills it; ``where`` is path, query, header, body or form.

    ``path`` is the address with the caller's own ids, or with ``{name}`` where the value goes; ``beside`` are the other values of the
    query, ``body`` those of the body. ``writes`` means that a request may change something. ``plain`` is the answer to the request
    without a value of our own, None when it was not asked.
    """

    endpoint: Endpoint
    caller: Caller
    where: str
    given: Input
    path: str
    beside: Mapping[str, str] = field(default_factory=dict)
    body: Body = field(default_factory=dict)
    form: bool = False
    writes: bool = False
    plain: Exchange | None = None

    @property
    def name(self) -> str:
        """The input's name, dotted where it is nested."""
        return self.given.name

    @property
    def number(self) -> bool:
        """Whether it is declared to be a number."""
        return bool(_NUMBER.search(self.given.type))

    @property
    def last_name(self) -> str:
        """Its name in snake case, without the tables it stands in."""
        return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", self.name.split(".")[-1]).lower().replace("-", "_")

    def __str__(self) -> str:
        places = {"query": f"?{self.name}=", "path": f"{{{self.name}}} in the address"}
        return places.get(self.where, f"{self.name} in the body")

    async def ask(self, ground: Ground, value: object, what: str, name: str = "") -> Exchange:
        """The request with this value, under another ``name`` where one is given; noted as ``what``. Values that are no text go into a body only."""
        path, text = self.path, value if isinstance(value, str) else json.dumps(value)
        sent: dict[str, Any] = {}
        if self.where == "path":
            path = path.replace("{" + self.name + "}", quote(text, safe=""), 1)
        if self.where == "query":
            pairs = {**self.beside, name or self.name: text}
            path += ("&" if "?" in path else "?") + "&".join(
                f"{quote(n, safe='[]$')}={quote(v, safe='')}" for n, v in pairs.items()
            )
        elif self.beside:
            path += "?" + "&".join(f"{quote(n)}={quote(v, safe='')}" for n, v in self.beside.items())
        if self.where in ("body", "form") or self.body:
            body: Body = json.loads(json.dumps(self.body))
            if self.where in ("body", "form"):
                put(body, tuple(self.name.split(".")), value)
            sent = {"form": as_form(body)} if self.form else {"json": body}
        exchange = await ground.call(self.caller, self.endpoint.method, path, **sent)
        if self.writes and exchange.ok and self.endpoint.method == "POST":
            await remember_made(ground, self.caller, self.endpoint, self.path, exchange)
        if what == RIGHT:
            return exchange
        ground.inputs.append(
            Tried(
                self.endpoint.name, self.caller.name, self.where, self.name, what, f"{name}={text}"[:_SHOWN] if name else text[:_SHOWN],
                exchange.status, answered(exchange),
            )
        )  # fmt: skip
        return exchange


def answered(exchange: Exchange) -> Answered:
    """What an answer is as far as its status tells."""
    if exchange.error or exchange.status == 429:
        return Answered.UNKNOWN
    if exchange.status >= 500:
        return Answered.CRASHED
    return Answered.TAKEN if exchange.status < 400 else Answered.REFUSED


async def read_places(ground: Ground) -> list[Place]:
    """The inputs of everything that only reads: query, path and body, as a stranger where one is let in, else as a member who is."""
    reads = [*safe_reads(ground.endpoints), *_asking_posts(ground)][:_MOST_ENDPOINTS]
    found = await together([lambda e=e: _of_read(ground, e) for e in reads], at_once=6)  # type: ignore[misc]
    return [place for some in found for place in some]


def words(place: Place) -> Iterator[str]:
    """Values for a place that may find something: what the caller is known by, then words of the answer without a filter."""
    person, name = place.caller.person, place.last_name
    if place.given.choices:
        yield from place.given.choices[:1]
    if re.search(r"mail", name) and person:
        yield person.email
    if re.search(r"user|login|author|owner|name|handle", name) and person:
        yield person.username
    yield from sorted(place.caller.known(place.name))
    said = parsed(place.plain) if place.plain is not None else None
    same = [str(value) for key, value in leaves(said) if key.lower() == name and isinstance(value, str | int)]
    yield from [value for value in same if value][:2]
    if place.number or re.search(r"(?:^|_)id$", name):
        yield from ("2", "1")
    rows = [(key, value) for key, value in leaves(said) if isinstance(value, str) and value]
    texts = [value for _, value in rows]
    if place.plain is not None and said is None:
        texts = re.sub(r"<(?:head|script|style)\b.*?</|<[^>]*>", "\n", place.plain.text, flags=re.S).splitlines()
    for text in texts[:60]:
        if found := re.search(r"[A-Za-z][a-z]{3,19}", text):
            yield found.group(0)


def _asking_posts(ground: Ground) -> list[Endpoint]:
    """POSTs that only ask: those that the source or the schema calls reads, searches, and where writes are allowed, what is called by nothing else."""
    return [
        e for e in ground.endpoints
        if e.method == "POST" and not e.hosted and Kind.LOGIN not in e.kind and not DANGEROUS.search(e.path)
        and (((e.action == "read" or Kind.SEARCH in e.kind) and _COMPUTES.search(e.path)) or (ground.writes and _ANSWERS.search(e.path)))
    ]  # fmt: skip


async def _of_read(ground: Ground, endpoint: Endpoint) -> list[Place]:
    given = [*endpoint.inputs, *_arguments(ground, endpoint)]
    inputs = [one for one in given if one.where in ("query", "body", "form") and not NO_TEXT.search(one.type)]
    ids = parameters(endpoint.path)
    if not inputs and not ids:
        return []
    owner = ground.callers[0] if ground.callers else None
    path = endpoint.path if not ids else (ground.path_of(endpoint, owner) if owner else None) or filled(endpoint)
    someone = (owner.person if owner else None) or nobody()
    beside = {
        one.name: _text(value_for(one, someone)) for one in inputs if one.where == "query" and one.required and "#" not in path
    }  # fmt: skip
    body: Body = {}
    for one in named_fields(endpoint):
        if one.required or endpoint.method == "POST":
            put(body, tuple(one.name.split(".")), value_for(one, someone))
    base = Place(endpoint, ground.guest, "", Input("", ""), path, beside, body, is_form(endpoint))
    asked = []
    for caller in (ground.guest, *ground.callers[:4]):
        plain = await _plain(ground, replace(base, caller=caller))
        if not plain.error and not turned_away(plain):
            asked.append(replace(base, caller=caller, plain=plain))
        if plain.ok and asked:
            break
    if not asked:
        return []
    # Some apps tell strangers that there is nothing.
    base = asked[-1] if plain.ok else asked[0]
    found = [
        replace(base, where=one.where, given=one, beside={n: v for n, v in beside.items() if n != one.name})
        for one in inputs
    ]
    return [*found[:MOST_PLACES], *_of_path(base)]


def _arguments(ground: Ground, endpoint: Endpoint) -> list[Input]:
    """The texts and numbers that a field of GraphQL may be given: a query's endpoint names only the records it is about."""
    graph = ground.guest.site.graphs.get(endpoint.path.partition("#")[0]) if "#" in endpoint.path else None
    root = next((one for one in graph.roots if one.endpoint.path == endpoint.path), None) if graph else None
    if root is None or endpoint.inputs:
        return []
    from launchready.probes.graphs.arguments import leaves_of

    kinds = {"String": "", "ID": "", "Int": "int", "Float": "number"}
    named = {place[-1] for _, place in root.places}
    return [
        Input(leaf.name, "body", kinds[leaf.type.name])
        for leaf in leaves_of(root.field)
        if leaf.type.name in kinds and not leaf.many and leaf.name not in named
    ]


async def _plain(ground: Ground, base: Place) -> Exchange:
    """The request without a value of our own, sent once for all parts that begin with it."""
    if base.endpoint.method != "GET" or base.body or "#" in base.path:
        return await base.ask(ground, "", RIGHT)
    beside = "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in base.beside.items())
    return await ground.get(base.caller, base.path + (f"?{beside}" if beside else ""))


def _of_path(base: Place) -> Iterator[Place]:
    """The parameters of the address, each open in turn while the others keep their values."""
    kinds = {one.name: one for one in base.endpoint.inputs if one.where == "path"}
    template = base.endpoint.path.split("/")
    whole = base.path.split("?")[0].split("/")
    if len(template) != len(whole):
        return
    for index, part in enumerate(template):
        if match := re.fullmatch(r"\{([^{}?*:]+)(?::[^{}]*)?\}", part):
            opened = "/".join((*whole[:index], "{" + match[1] + "}", *whole[index + 1 :]))
            yield replace(base, where="path", given=kinds.get(match[1], Input(match[1], "path")), path=opened)


def own_value(place: Place) -> str:
    """The value that stood in the address where the place is open now; empty for other places."""
    if place.where != "path" or place.plain is None:
        return ""
    index = place.path.split("/").index("{" + place.name + "}")
    return place.plain.path.split("?")[0].split("/")[index]


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def nobody() -> Person:
    """Somebody whom no app knows, for what has to be filled in."""
    return stand_in("00", "t")
