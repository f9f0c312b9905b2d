"""How a file goes along: as a part of a form, as text inside of JSON (RFC 4648, RFC 2397), or with an operation of GraphQL.

The last follows the GraphQL multipart request specification: ``operations`` with null where the file goes, ``map`` which part that is, then the part.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any

from launchready.model.surface import Endpoint, Input
from launchready.probes.callers.bodies import put
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange
from launchready.probes.multipart import File, encode

_SAYS_SO = re.compile(r"base_?64|b64|data_?ur[il]", re.I)
_OF_A_FILE = re.compile(
    r"^(?:\w+[_.])?(?:file|image|img|photo|picture|avatar|document|attachment|logo|signature|scan|thumbnail|cover|icon|pdf|csv|audio|video)"
    r"(?P<inside>_?(?:data|contents?|bytes|string|body|blob|encoded))?$",
    re.I,
)
_NO_TEXT = re.compile(r"bool|int|number|float|list|array|dict|object|url|uuid|date|\[", re.I)
_NAME = re.compile(r"^(?:original_?)?file_?name$", re.I)
_KIND = re.compile(r"^(?:mime|content|media|file)_?type$", re.I)
# No file that is sent is shorter than this in Base64: a program of a magic number and a token.
_SHORTEST = 24
# A server that takes forms for operations may want to know that it was no page of another site that sent one.
_NO_PAGE = {"Apollo-Require-Preflight": "true"}


class Wire(StrEnum):
    """``FORM`` is ``multipart/form-data``, ``BODY`` the file and nothing else, ``DATA_URL`` and ``BASE64`` a text in a JSON body, ``GRAPHQL`` an operation,
    ``TUS`` the protocol of that name, ``STEPS`` several calls that belong together, ``SIGNED`` an address that the app signs for each file."""

    FORM = "form"
    BODY = "body"
    DATA_URL = "data url"
    BASE64 = "base64"
    GRAPHQL = "graphql"
    TUS = "tus"
    STEPS = "steps"
    SIGNED = "signed"

    @property
    def is_text(self) -> bool:
        """Whether the file is written into a text."""
        return self in (Wire.DATA_URL, Wire.BASE64)


def files_in(answer: Exchange) -> Iterator[bytes]:
    """The files that stand in JSON as Base64 or as data URLs, or as the numbers of a buffer of Node (``{"type": "Buffer", "data": […]}``)."""
    said = parsed(answer)
    for _, value in leaves(said):
        text = value.rpartition(";base64,")[2] if isinstance(value, str) and len(value) >= _SHORTEST else ""
        with suppress(ValueError):
            if text:
                yield b64decode(text, validate=True)
    for numbers in _buffers(said):
        with suppress(ValueError, TypeError):
            yield bytes(numbers)


def _buffers(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, dict) and value.get("type") == "Buffer" and isinstance(value.get("data"), list):
        yield value["data"]
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _buffers(inner)


def fields_of_text(endpoint: Endpoint) -> tuple[tuple[str, ...], bool]:
    """The fields of a JSON body that hold a file as text, and whether their names say so: a bare ``image`` may as well be an address."""
    texts = [
        one for one in endpoint.inputs if one.where == "body" and not one.choices and not _NO_TEXT.search(one.type)
    ]
    sure = [one.name for one in texts if _sure(one)]
    maybe = [one.name for one in texts if one.name not in sure and _OF_A_FILE.search(_last(one.name))]
    return tuple(sure or maybe), bool(sure)


def _sure(one: Input) -> bool:
    found = _OF_A_FILE.search(_last(one.name))
    said = _SAYS_SO.search(one.name) or re.search(r"byte|b(?:ase_?)?64", one.type, re.I)
    return bool(said or (found and found["inside"]))


def _last(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name.rsplit(".", 1)[-1])


def written(file: File, wire: Wire) -> str:
    """The file as a text; a file without a name is a text already, which stands where a file should be."""
    if file.name is None:
        return file.content.decode("utf-8", "replace")
    text = b64encode(file.content).decode()
    return f"data:{file.media_type or 'application/octet-stream'};base64,{text}" if wire is Wire.DATA_URL else text


def in_json(body: Mapping[str, Any], control: str, file: File | None, wire: Wire) -> dict[str, Any]:
    """The body with the file in it, and its name and type where there are fields for them; without the field where there is no file."""
    given: dict[str, Any] = json.loads(json.dumps(dict(body)))
    if file is None:
        given.pop(control.split(".")[0], None)
        return given
    for name in given:
        if _NAME.match(name) and file.name is not None:
            given[name] = file.name
        elif _KIND.match(name) and file.media_type:
            given[name] = file.media_type
    put(given, tuple(control.split(".")), written(file, wire))
    return given


def takes_names(body: Mapping[str, Any]) -> bool:
    """Whether a body has a field for the name of its file."""
    return any(_NAME.match(name) for name in body)


def as_operation(
    caller: Caller, method: str, path: str, beside: Mapping[str, Any], control: str, file: File | None
) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of the request by which a field of GraphQL gets a file; ``control`` is the name of its argument."""
    graph = caller.site.graphs[path.partition("#")[0]]
    root = graph.root_at(method, path)
    assert root is not None
    from launchready.probes.graphs.arguments import flat_names, leaves_of

    leaves = {leaf.place: leaf for leaf in leaves_of(root.field)}
    place = flat_names(list(leaves.values()))[control]
    asked = graph.asked(method, path, {name: value for name, value in beside.items() if name != control})
    variables = dict(asked.variables) if asked is not None else {}
    many = leaves[place].many
    put(variables, place, [None] if many else None)
    operations = {"query": graph.text(root, list(variables), caller.name), "variables": variables}
    if file is None or file.name is None:
        put(variables, place, None if file is None else file.content.decode("utf-8", "replace"))
        return json.dumps(operations).encode(), {"Content-Type": "application/json"}
    at = ".".join(("variables", *place, *(("0",) if many else ())))
    fields = {"operations": json.dumps(operations), "map": json.dumps({"0": [at]})}
    body, kind = encode(fields, [("0", file)])
    return body, {"Content-Type": kind, **_NO_PAGE}
