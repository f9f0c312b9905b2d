"""Whole bodies that are out of place: broken, of another type, in another writing, too deep (RFC 8259, RFC 9110 section 8)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

_JSON = (("Content-Type", "application/json"),)
_FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
_DEEP = 5_000


@dataclass(frozen=True, slots=True)
class Whole:
    """A body and the headers that go along. ``rank`` is its place among all deviations, the first one 0."""

    what: str
    content: bytes
    headers: tuple[tuple[str, str], ...]
    rank: int


def wholes(body: object, form: bool) -> list[Whole]:
    """Bodies to send instead of the valid one."""
    table: Mapping[str, Any] = body if isinstance(body, dict) else {}
    text = json.dumps(table)
    flat = {name: value if isinstance(value, str) else json.dumps(value) for name, value in table.items()}
    if form:
        return _forms(text, flat)
    first, rest = next(iter(table), "a"), text[1:]
    twice = json.dumps({first: 1})[:-1] + (", " + rest if table else ', "a": 2}')
    return [
        Whole("broken JSON", b'{"a": ', _JSON, 0),
        Whole("null instead of a table", b"null", _JSON, 0),
        Whole("a list instead of a table", b"[]", _JSON, 0),
        Whole("an empty body", b"", _JSON, 1),
        Whole("bytes that are no text", b'{"a": "\xff\xfe"}', _JSON, 1),
        Whole("a text instead of a table", b'"a"', _JSON, 2),
        Whole("a table without any field", b"{}", _JSON, 2),
        Whole("a table that is 5,000 tables deep", b'{"a":' * _DEEP + b"1" + b"}" * _DEEP, _JSON, 0),
        Whole("the valid fields as a form", urlencode(flat).encode(), _FORM, 3),
        Whole("an unknown character set", text.encode(), (("Content-Type", "application/json; charset=no-such"),), 4),
        Whole("a number instead of a table", b"1", _JSON, 5),
        Whole("the valid fields without a type", text.encode(), (("Content-Type", "text/plain"),), 5),
        Whole("a field that is there twice", twice.encode(), _JSON, 6),
        Whole("the valid fields in another writing (UTF-16)", text.encode("utf-16"), _JSON, 6),
        Whole("a list of nulls", b"[null]", _JSON, 0),
        Whole("a multipart body that is cut off", b'--x\r\nContent-Disposition: form-data; name="a', (("Content-Type", "multipart/form-data; boundary=x"),), 7),
        Whole("a multipart body without a boundary", b"--", (("Content-Type", "multipart/form-data"),), 2),
    ]  # fmt: skip


def bodies_of_reads() -> list[Whole]:
    """Bodies where none belongs, for calls whose meaning they do not change."""
    return [
        Whole("a multipart body without a boundary", b"--", (("Content-Type", "multipart/form-data"),), 2),
        Whole("broken JSON", b'{"a": ', _JSON, 3),
    ]


def _forms(text: str, flat: Mapping[str, str]) -> list[Whole]:
    name = next(iter(flat), "a")
    return [
        Whole("an empty body", b"", _FORM, 0),
        Whole("broken percent signs", f"{name}=%ZZ%".encode(), _FORM, 0),
        Whole("JSON instead of a form", text.encode(), _JSON, 1),
        Whole("bytes that are no text", f"{name}=".encode() + b"\xff\xfe", _FORM, 1),
        Whole("a multipart body that is cut off", b'--x\r\nContent-Disposition: form-data; name="a', (("Content-Type", "multipart/form-data; boundary=x"),), 2),
        Whole("tables instead of texts", urlencode({f"{key}[a]": value for key, value in flat.items()}).encode(), _FORM, 2),
        Whole("lists instead of texts", urlencode({f"{key}[]": value for key, value in flat.items()}).encode(), _FORM, 3),
        Whole("a text as JSON instead of a form", b'"a"', _JSON, 2),
        Whole("broken JSON", b'{"a": ', _JSON, 3),
        Whole("an unknown character set", urlencode(flat).encode(), (("Content-Type", "application/x-www-form-urlencoded; charset=no-such"),), 5),
    ]  # fmt: skip
