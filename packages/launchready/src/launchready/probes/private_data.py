"""Does a body hold something private? By what it holds, not by the name of the endpoint."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from launchready_guard.redact import find

from launchready.model.parsed import json_of
from launchready.probes.contacts import EMAIL, ROLE, ROLE_ON_A_PAGE, is_page, without_frame
from launchready.probes.exchange import Exchange

_HASH = re.compile(
    r"\$2[abxy]\$\d\d\$[./\w]{53}|\$argon2(?:id|i|d)\$[^\s\"']{20,}|pbkdf2[_:]sha\d+[$:][^\s\"']{20,}|scrypt[:$][^\s\"']{20,}"
)
_PRIVATE_FIELDS = {
    "password_hash": "password hashes",
    "hashed_password": "password hashes",
    "password": "passwords",
    "reset_token": "reset tokens",
    "api_key": "keys",
    "secret": "secrets",
    "secret_key": "keys",
    "access_token": "tokens",
    "refresh_token": "tokens",
    "phone": "phone numbers",
    "phone_number": "phone numbers",
    "date_of_birth": "dates of birth",
    "birthdate": "dates of birth",
    "ssn": "social security numbers",
    "iban": "bank accounts",
    "card_last4": "payment details",
    "salary": "salaries",
    "home_address": "addresses",
}
# The app's own address in its settings, not a person's in a record.
_CONTACT = re.compile(
    r"contact|support|sender|from|reply|company|organi[sz]ation|mailto|imprint|security|business|abuse", re.I
)
# An OpenAPI document, also as YAML and where it was cut.
_DESCRIBES = re.compile(r"\s*(?:---\s*)?\{?\s*[\"']?(?:openapi|swagger)[\"']?\s*:")
# What every process is started with (POSIX.1-2017, chapter 8).
_STARTED_WITH = frozenset(("HOME", "PWD", "SHELL", "USER", "LOGNAME", "LANG", "TERM", "HOSTNAME", "SHLVL", "TMPDIR"))
_ENVIRONMENT = "variables of the server's environment"
# A key of Google Maps and the like is in the page of whoever shows a map; it is kept to addresses (developers.google.com: API security best practices).
_FOR_BROWSERS = re.compile(r"AIza[\w-]{35}$")
_BY_LOOKS = ("key", "private key", "card number", "password in a URL")
_STATIC = ("text/css", "application/javascript", "text/javascript", "image/", "font/", "application/wasm")


@dataclass(frozen=True, slots=True)
class PrivateData:
    """What was seen: kinds in words, such as ``e-mail addresses``, each with how many distinct values."""

    kinds: tuple[tuple[str, int], ...]

    def __bool__(self) -> bool:
        return bool(self.kinds)

    def __str__(self) -> str:
        return ", ".join(f"{count} {kind if count > 1 else _one(kind)}" for kind, count in self.kinds)

    @property
    def worst(self) -> bool:
        """Whether credentials themselves are among it."""
        return any(
            kind in ("password hashes", "passwords", "reset tokens", "tokens", "keys", "secrets", _ENVIRONMENT)
            for kind, _ in self.kinds
        )


def _one(kind: str) -> str:
    """The kind when there is one of it: an e-mail address, a salary, a date of birth."""
    for many, one in (("addresses", "address"), ("hashes", "hash"), ("salaries", "salary"), ("dates", "date")):
        if many in kind:
            return kind.replace(many, one)
    return kind.removesuffix("s")


def private_data(exchange: Exchange, known: Collection[str] = ()) -> PrivateData:
    """Look into an answer. Documentation pages, styles and scripts hold no records and are not looked at.

    ``known`` are addresses, lower case, of whoever makes or runs the app: on a page they are nobody's data.
    """
    text = exchange.text
    if exchange.content_type.startswith(_STATIC) or not exchange.body or _DESCRIBES.match(text):
        return PrivateData(())
    found: dict[str, set[str]] = {}
    parsed = json_of(text) if "json" in exchange.content_type or text[:1] in "[{" else None
    if parsed is not None and not _is_description(parsed):
        for name, value in _fields(parsed):
            kind = _PRIVATE_FIELDS.get(name.lower())
            if kind and isinstance(value, str | int) and value not in ("", None, True, False):
                found.setdefault(kind, set()).add(str(value))
        for table in _tables(parsed):
            if _is_environment(table):
                found.setdefault(_ENVIRONMENT, set()).update(table)
    if parsed is None or not _is_description(parsed):
        if addresses := _addresses(exchange, text, parsed, known):
            found["e-mail addresses"] = addresses
        for value in _HASH.findall(text):
            found.setdefault("password hashes", set()).add(value)
        for what, value in exchange.known("leaks", _leaks):
            found.setdefault(what, set()).add(value)
    return PrivateData(tuple(sorted((kind, len(values)) for kind, values in found.items())))


def _leaks(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    """What looks like a key, a card or a password wherever it stands, with its kind."""
    text = exchange.text
    found = ((f"{one.what}s", text[one.start : one.end]) for one in find(text) if one.what in _BY_LOOKS)
    page = is_page(exchange)
    return tuple((what, value) for what, value in found if not (page and _FOR_BROWSERS.match(value)))


def _addresses(exchange: Exchange, text: str, parsed: object, known: Collection[str]) -> set[str]:
    """E-mail addresses of people: not those by which whoever runs the app wants to be reached."""
    texts = [text]
    if parsed is not None:
        texts = [value for name, value in _fields(parsed) if isinstance(value, str) and not _CONTACT.search(name)]
    elif is_page(exchange):
        texts = [without_frame(text)]
    page = exchange.content_type.startswith(("text/html", "text/plain")) and parsed is None
    role = ROLE_ON_A_PAGE if page else ROLE
    found = {one.lower() for part in texts for one in EMAIL.findall(part) if not role.match(one)}
    if page:
        found -= set(known)
    return set() if page and len(found) == 1 else found


def _is_description(parsed: object) -> bool:
    """Whether it describes an API (OpenAPI, JSON Schema) and so holds examples, not records."""
    return isinstance(parsed, dict) and any(key in parsed for key in ("openapi", "swagger", "$schema"))


def _is_environment(table: dict[str, object]) -> bool:
    """Whether a table is what a process was started with: its path, and two more of what all of them have."""
    path = table.get("PATH")
    return isinstance(path, str) and "/" in path and len(_STARTED_WITH.intersection(table)) > 1


def _tables(value: object, depth: int = 0) -> Iterator[dict[str, object]]:
    if depth > 8:
        return
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value[:200] if isinstance(value, list) else ():
        yield from _tables(inner, depth + 1)


def _fields(value: object, depth: int = 0) -> Iterator[tuple[str, object]]:
    if depth > 8:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield str(name), inner
            yield from _fields(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value[:200]:
            if isinstance(inner, str):
                yield "", inner
            yield from _fields(inner, depth + 1)
