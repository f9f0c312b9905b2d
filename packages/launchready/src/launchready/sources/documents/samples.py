"""Valid values as an OpenAPI document shows them: its examples and defaults, else a table or list made of the types it names.

OpenAPI 3.1, Media Type Object and Parameter Object (``example``, ``examples``); JSON Schema validation, 9.2 and 9.5 (``default``, ``examples``).
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from launchready.model.surface import Sample, Span
from launchready.sources.documents.load import Library
from launchready.sources.documents.shape import mapping, sequence

# A text that is made up; whoever sends it says who they are in it.
TEXT = "Launch"
# Longer samples tell nothing more, and are sent again and again.
_LARGEST, _LONGEST, _ITEMS, _FIELDS, _DEPTH, _NODES = 2_000, 300, 2, 30, 6, 150
# What lets somebody in is nobody's business, and not what an app is asked with.
_SECRET = re.compile(r"pass(?:word|wd|phrase)?$|pwd|secret|token|credential|api_?key|authorization", re.I)
_KINDS = (("example", "example"), ("examples", "example"), ("x-example", "example"), ("default", "default"))
_BY_FORMAT = {
    "uuid": "00000000-0000-4000-8000-00000000dead",
    "email": "launch@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "date": "2027-03-01",
    "date-time": "2027-03-01T10:00:00Z",
    "time": "10:00:00",
    "duration": "P1D",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "hostname": "example.com",
}


class Samples:
    """Reads the samples of one library of documents."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def given(self, node: Any, file: str) -> tuple[Any, str]:
        """The value that a parameter, media type or schema shows, and which word says so; None and an empty text when it shows none."""
        for key, what in _KINDS:
            for value in self._values(mapping(node).get(key), key, file):
                if value not in (None, "", [], {}):
                    return value, what
        return None, ""

    def _values(self, said: Any, key: str, file: str) -> Iterator[Any]:
        if key == "examples" and isinstance(said, dict):
            # Of a media type or parameter: by name, each a table with a value or a reference to one.
            for one in said.values():
                yield self._library.follow(one, file)[0].get("value")
        elif key == "examples":
            yield from sequence(said)
        else:
            yield said

    def of_schema(self, schema: Any, file: str) -> tuple[Any, str]:
        """What a schema shows, or else a table or list made of its parts; None when it is neither."""
        followed, at = self._library.follow(schema, file)
        value, what = self.given(followed, at)
        if what:
            return value, what
        made = _Maker(self).make(followed, at, 0)
        return (made, "schema") if isinstance(made, dict | list) and made else (None, "")

    def parts(self, schema: dict[Any, Any], file: str) -> Iterator[tuple[dict[Any, Any], str]]:
        """The choices of a schema that are not null, followed."""
        for key in ("oneOf", "anyOf"):
            for part in sequence(schema.get(key)):
                found = self._library.follow(part, file)
                if found[0] and found[0].get("type") != "null":
                    yield found

    def follow(self, node: Any, file: str) -> tuple[dict[Any, Any], str]:
        """As the library follows references."""
        return self._library.follow(node, file)


class _Maker:
    """Makes one value; it ends after so many parts, however schemas name each other."""

    def __init__(self, samples: Samples) -> None:
        self._samples, self._left = samples, _NODES

    def make(self, schema: dict[Any, Any], file: str, depth: int) -> Any:
        """A value of the schema, None when there is none or it would lie too deep."""
        self._left -= 1
        value, what = self._samples.given(schema, file)
        if what:
            return value
        if choices := sequence(schema.get("enum")) or ([schema["const"]] if "const" in schema else []):
            return choices[0]
        if self._left < 0:
            return None
        if depth > _DEPTH:
            return _single(schema)
        properties = dict(self._properties(schema, file, 0))
        if properties:
            return {name: made for name, part in properties.items() if (made := self._part(part, depth)) is not None}
        for part, at in self._samples.parts(schema, file):
            return self.make(part, at, depth)
        if first := sequence(schema.get("prefixItems")):
            made_of = [self._part(self._samples.follow(part, file), depth) for part in first[:_FIELDS]]
            return None if None in made_of else made_of
        if "items" in schema or schema.get("type") == "array":
            inner, at = self._samples.follow(schema.get("items"), file)
            item = self.make(inner, at, depth + 1) if inner else None
            return [] if item is None else [item]
        return _single(schema)

    def _part(self, part: tuple[dict[Any, Any], str], depth: int) -> Any:
        return self.make(*part, depth + 1)

    def _properties(
        self, schema: dict[Any, Any], file: str, depth: int
    ) -> Iterator[tuple[str, tuple[dict[Any, Any], str]]]:
        for part in sequence(schema.get("allOf")) if depth < _DEPTH else ():
            yield from self._properties(*self._samples.follow(part, file), depth + 1)
        needed = {str(name) for name in sequence(schema.get("required"))}
        names = sorted(mapping(schema.get("properties")).items(), key=lambda item: item[0] not in needed)
        for name, part in names[:_FIELDS]:
            inner = self._samples.follow(part, file)
            if inner[0] and inner[0].get("readOnly") is not True:
                yield str(name), inner


def _single(schema: dict[Any, Any]) -> Any:
    kind = schema.get("type")
    kind = next((one for one in kind if one != "null"), "") if isinstance(kind, list) else kind
    match kind:
        case "string":
            return _BY_FORMAT.get(str(schema.get("format")), TEXT)
        case "integer" | "number":
            least = schema.get("minimum", schema.get("exclusiveMinimum"))
            return least + 1 if isinstance(least, int) and 0 < least < 1 << 31 else 1
        case "boolean":
            return False
        case "object":
            return {}
    return None


def kind_of(value: Any) -> str:
    """The type of JSON Schema that a value has, empty for null."""
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "")


def sample(name: str, value: Any, what: str, file: str, line: int) -> Sample | None:
    """The sample of an input, made small; None for nothing, for what lets somebody in, and for what is too large even so."""
    if value in (None, "", [], {}) or _SECRET.search(name):
        return None
    try:
        text = json.dumps(_small(value, 0), default=str)
    except (ValueError, RecursionError):
        return None
    return Sample(text, Span(file, line, what)) if len(text) <= _LARGEST else None


def _small(value: Any, depth: int) -> Any:
    if isinstance(value, dict):
        kept = list(value.items())[:_FIELDS] if depth < _DEPTH else []
        return {
            str(name)[:_LONGEST]: TEXT
            if isinstance(inner, str) and _SECRET.search(str(name))
            else _small(inner, depth + 1)
            for name, inner in kept
        }
    if isinstance(value, list):
        return [_small(inner, depth + 1) for inner in value[:_ITEMS]] if depth < _DEPTH else []
    return value[:_LONGEST] if isinstance(value, str) else value
