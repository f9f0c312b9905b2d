"""Addresses that the proxy, the guard and the app behind must read alike; those that can be read in two ways are refused.

RFC 3986, section 6.2.2 says which spellings mean the same; servers undo them at different places or not at all (CWE-22, CWE-436). What browsers and
careful programs send is in normal form already.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from launchready_guard.routes import Match, Route

# Parts of a path (RFC 3986, section 3.3) and what browsers leave as it is; no semicolon, which some servers cut a path at.
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,=:@/%\[\]|^-]*")
_QUERY = re.compile(r"[^\x00-\x20\x7f#]*")
_DOTS = re.compile(r"/\.{1,2}(?:/|\Z)")
# With the byte order mark, which other languages count as a blank.
_BLANK = re.compile(r"/[\s\ufeff]|[\s\ufeff](?:/|\Z)")
_ESCAPE = re.compile(r"%(.{0,2})", re.DOTALL)
_HEX = re.compile(r"[0-9A-Fa-f]{2}")
# Letters that need no escape, and those that part paths or end them.
_UNCLEAR = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/\\;")


class UnclearError(Exception):
    """An address that can be read in two ways; the message says what about it."""


def clear(target: str) -> tuple[str, str, str]:
    """The path as it was sent, the path decoded, and the query. Raises :class:`UnclearError`."""
    path, _, query = target.partition("?")
    if not _PATH.fullmatch(path):
        raise UnclearError("the path holds a letter that has no place there")
    if "//" in path or _DOTS.search(path):
        raise UnclearError("the path holds an empty part or dots")
    if not _QUERY.fullmatch(query):
        raise UnclearError("the query holds a letter that has no place there")
    for escape in _ESCAPE.finditer(path):
        if not _HEX.fullmatch(escape[1]):
            raise UnclearError("the path holds a percent sign that starts nothing")
        value = int(escape[1], 16)
        if value < 32 or value == 127 or value in _UNCLEAR:
            raise UnclearError("the path hides a letter behind a percent sign")
    try:
        decoded = unquote_to_bytes(path).decode()
    except UnicodeDecodeError as error:
        raise UnclearError("the path is not UTF-8") from error
    if any(_HEX.match(escape[1]) for escape in _ESCAPE.finditer(decoded)):
        raise UnclearError("the path is encoded twice")
    if _BLANK.search(decoded):
        raise UnclearError("a part of the path begins or ends with a blank")
    return path, decoded, query


class Lenient:
    """The same routes as a lenient router reads them: capital or small letters, a slash at the end or none."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = [
            (route, re.compile(route.pattern.pattern.removesuffix(r"\Z") + r"/?\Z", re.DOTALL | re.IGNORECASE))
            for route in routes
        ]

    def agrees(self, match: Match, method: str, *paths: str) -> bool:
        """Whether such a router takes these spellings of a path to the route that was found."""
        return all(self._first(method, path) is match.route for path in paths)

    def _first(self, method: str, path: str) -> Route | None:
        return next((route for route, pattern in self._routes if route.takes(method) and pattern.match(path)), None)
