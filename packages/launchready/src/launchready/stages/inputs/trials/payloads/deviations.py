"""One thing at a time out of place in a valid request: which deviations there are, and which of them go first.

Pure: nothing is sent here. The order is by what finds faults, round by round over the fields, so that a small number covers them all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from launchready.model.surface import Endpoint, Input
from launchready.stages.inputs.trials.payloads.forms import PAGES_OWN
from launchready.stages.inputs.trials.payloads.inside import Place, envelope, places_of
from launchready.stages.inputs.trials.payloads.kinds import Holds, holds
from launchready.stages.inputs.trials.payloads.nonsense import Nonsense, marked, nonsense_for
from launchready.stages.inputs.trials.payloads.values import IMPOSSIBLE, Bad, in_address, in_json, in_path
from launchready.stages.inputs.trials.payloads.whole import bodies_of_reads, wholes

MOST = 40
# A field that is missing, and one that is there twice, have their place among the values.
_GONE, _TWICE = 2, 5
# With more fields than this not every one can begin with the same value: three of them go round.
_WIDE, _TURNS = 8, 3


@dataclass(frozen=True, slots=True)
class Deviation:
    """``where`` is path, query, header, body, form or whole; ``place`` the way to the field, empty for the whole.

    ``within`` means that the body has nothing there, and takes the field from what its description shows.
    ``value`` is put there, or ``raw`` as it is: JSON text in a body, percent-encoded text in an address or form. ``gone`` leaves the field out,
    ``twice`` gives it twice. A whole body has ``content`` and ``headers``. ``wrong`` says what it means when the app keeps it.
    """

    where: str
    place: Place
    what: str
    value: object = None
    raw: str = ""
    gone: bool = False
    twice: bool = False
    content: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    wrong: Nonsense | None = None
    rank: int = 0
    within: bool = False

    @property
    def field(self) -> str:
        """The dotted name of the field."""
        return ".".join(map(str, self.place))

    @property
    def in_address(self) -> bool:
        """Whether it is outside of the body."""
        return self.where in ("path", "query", "header")

    @property
    def lacks(self) -> bool:
        """Whether a field of the body is missing or null: what breaks most."""
        return self.where == "body" and (self.gone or (self.value is None and not self.raw and not self.twice))

    def marked(self, mark: str) -> "Deviation":
        """The same with a mark of the run in the text that no customer can want kept."""
        if self.wrong is None:
            return self
        wrong = marked(self.wrong, mark)
        return replace(self, value=wrong.value, wrong=wrong)

    def plain(self, *, form: bool) -> bool:
        """Whether the value is all there is to it: given once, and in the type that the endpoint takes."""
        usual = "application/x-www-form-urlencoded" if form else "application/json"
        return not self.twice and not self.within and all(value == usual for _, value in self.headers)

    @property
    def contrived(self) -> bool:
        """Whether nobody sends it by accident."""
        return self.where == "whole" and self.rank > 2

    @property
    def shown(self) -> str:
        """What was put in, shortened, as it is written."""
        if self.gone or self.twice:
            return ""
        if self.content is not None:
            text = self.content.decode("utf-8", "backslashreplace")
        else:
            text = self.raw or ascii(self.value)
        return text if len(text) <= 60 else f"{text[:60]}… ({len(text):,} characters)"

    @property
    def said(self) -> str:
        """``a zero byte in title``: what is out of place, in words."""
        names = {"path": "the address", "query": f"?{self.field}=", "header": f"the header {self.field}"}
        return f"{self.what} in {names.get(self.where, self.field)}" if self.place else self.what


def deviations(
    endpoint: Endpoint,
    body: object,
    form: bool,
    path: Mapping[str, str],
    *,
    inner: Mapping[str, Any] | None = None,
    most: int | None = MOST,
) -> list[Deviation]:
    """Those of one request, first those that find most. ``body`` is the valid one, None when it has none; ``path`` the values of its
    parameters; ``inner`` what its fields may hold besides; ``most`` None means all."""
    takes = endpoint.method in ("POST", "PUT", "PATCH")
    if endpoint.method == "DELETE":
        return removals(endpoint, path)
    found: list[Deviation] = []
    for name, known in path.items():
        given = _given(endpoint, name, ("path",))
        kind = holds(name, given, int(known) if known.isdigit() else known)
        found += [_bad("path", (name,), one, rank) for rank, one in enumerate(in_path(kind))]
    for given in endpoint.inputs:
        if given.where == "query":
            found += _of_text("query", (given.name,), holds(given.name, given), given)
        elif given.where == "header":
            found += _of_header(given.name)
    if takes:
        found += [
            Deviation("whole", (), one.what, content=one.content, headers=one.headers, rank=one.rank)
            for one in wholes(body, form)
        ]
        found += _of_body(endpoint, body, inner or {}, form=form)
    found.sort(key=lambda one: one.rank)
    return found if most is None else found[:most]


def _of_body(endpoint: Endpoint, body: object, inner: Mapping[str, Any], *, form: bool) -> Iterator[Deviation]:
    """Those of each field, then those inside of tables and lists, which come after as many of the others."""
    places, top = places_of(body), len(envelope(body)) + 1
    wide = len(places) > _WIDE
    for number, (place, value) in enumerate(places):
        name = str(next(part for part in reversed(place) if isinstance(part, str)))
        if form and PAGES_OWN.search(name):
            continue
        given = _given(endpoint, _named(place), ("body", "form"))
        kind = holds(name if isinstance(place[-1], str) else "", given if isinstance(place[-1], str) else None, value)
        of_field = _of_text("form", place, kind, given) if form else _of_json(place, kind, given, number if wide else 0)
        yield from (replace(one, rank=one.rank + _later(place, top)) for one in of_field)
    for name, shown in () if form else inner.items():
        yield Deviation("body", (name,), "what its description shows", shown, rank=1)
        for number, (place, value) in enumerate(places_of({name: shown})[1:]):
            kind = holds(str(place[-1]) if isinstance(place[-1], str) else "", None, value)
            for one in _of_json(place, kind, None, number):
                if one.wrong is None:
                    yield replace(one, rank=one.rank + _later(place, top), within=True)


def _later(place: Place, top: int) -> int:
    """How many ranks later the values at a place come: those of a list or table after those of the fields themselves."""
    return min(max(len(place) - top, 0), 2)


def _named(place: Place) -> str:
    return ".".join(part for part in place if isinstance(part, str))


def _of_header(name: str) -> list[Deviation]:
    first, bad = (1, _CONDITIONS) if name.lower() in _CONDITIONAL else (3, _HEADERS)
    return [_bad("header", (name,), one, first + rank) for rank, one in enumerate(bad)]


def removals(endpoint: Endpoint, path: Mapping[str, str]) -> list[Deviation]:
    """Those of a DELETE, none of which can name a record that is there; ``path`` has the id that is nobody's."""
    found = [
        _bad("path", (name,), one, rank)
        for name in path
        for rank, one in enumerate(in_path(Holds.TEXT))
        if one.what in IMPOSSIBLE
    ]
    headers = [given.name for given in endpoint.inputs if given.where == "header"]
    for name in headers:
        found += _of_header(name)
    found += [
        Deviation("whole", (), one.what, content=one.content, headers=one.headers, rank=2) for one in bodies_of_reads()
    ]
    return sorted(found, key=lambda one: one.rank)


# Conditions on what is there (RFC 9110, 13.1): a list of quoted tags or a star, which parsers like to tell by their first letter.
_CONDITIONAL = frozenset(("if-match", "if-none-match"))
_CONDITIONS = (
    Bad("a star and more", "*x"),
    Bad("a tag without quotes", "abc"),
    Bad("a tag that is a word", '"abc"'),
    Bad("two tags", '"1", "2"'),
    Bad("an empty tag", '""'),
)
_HEADERS = (
    Bad("nothing", ""),
    Bad("a number of twenty digits", "99999999999999999999"),
    Bad("a word", "abc"),
    Bad("a letter beyond ASCII", "\u00e9"),
)


def _of_json(place: Place, kind: Holds, given: Input | None, turn: int = 0) -> list[Deviation]:
    """``turn`` is the number of a field among many: its neighbours begin with another of the first values, so that few requests see them all."""
    wrong = nonsense_for(place[-1], kind, given) if isinstance(place[-1], str) else []
    bad = [one for one in in_json(kind) if one.raw or not any(one.value == other.value for other in wrong)]
    turn %= _TURNS
    bad = [*bad[turn:_TURNS], *bad[:turn], *bad[_TURNS:]]
    found = [_bad("body", place, one, rank) for rank, one in enumerate(bad)]
    found.append(Deviation("body", place, "nothing where a value belongs", gone=True, rank=_GONE))
    found += [
        Deviation("body", place, one.what, one.value, wrong=one, rank=1 + 2 * rank) for rank, one in enumerate(wrong)
    ]
    return found


def _of_text(where: str, place: Place, kind: Holds, given: Input | None) -> list[Deviation]:
    found = [_bad(where, place, one, rank) for rank, one in enumerate(in_address(kind))]
    found.append(Deviation(where, place, "the same parameter twice", twice=True, rank=_TWICE))
    if where == "form":
        found.append(Deviation(where, place, "nothing where a value belongs", gone=True, rank=_GONE))
        found += [
            Deviation(where, place, one.what, one.value, wrong=one, rank=1 + 2 * rank)
            for rank, one in enumerate(nonsense_for(str(place[-1]), kind, given))
        ]
    elif given is not None and given.required:
        found.append(Deviation(where, place, "nothing where a value belongs", gone=True, rank=_GONE))
    return found


def _bad(where: str, place: Place, one: Bad, rank: int) -> Deviation:
    return Deviation(where, place, one.what, one.value, one.raw, rank=rank)


def _given(endpoint: Endpoint, name: str, places: tuple[str, ...]) -> Input | None:
    """The input of that name; one of the last part of it where a whole table around it is no input of its own."""
    inputs = [one for one in endpoint.inputs if one.where in places]
    exact = next((one for one in inputs if one.name.rstrip("?*") == name.rstrip("?*")), None)
    return exact or next((one for one in inputs if one.name == name.rsplit(".", 1)[-1]), None)


def emptied(todo: Sequence[Deviation], *, form: bool) -> list[Deviation]:
    """The deviations, with whole bodies that hold no valid field: whoever reads them in spite of their writing has nothing to make a record of."""
    empty = {one.what: one.content for one in wholes({}, form)}
    return [replace(one, content=empty.get(one.what, one.content)) if one.where == "whole" else one for one in todo]
