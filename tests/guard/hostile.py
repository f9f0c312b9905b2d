"""Requests nobody sends by accident, for the tests that compare what the guard judged with what a framework ran."""

from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from hypothesis import strategies as st

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
ODD = ("get", "Post", "PROPFIND", "QUERY", "CONNECT", "X", "G\u00c9T", "WEBSOCKET", "ANY")
_PIECES = (
    "a", "b", "A", "a.b", "items", "ITEMS", "7", "07", "-7", "7.5", "٧", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "open", "secret", "admin",
    "north", "static", "files", "de", "en", "old", "2026", "", ".", "..", "...", "%2e", "%2e%2e", "%2E%2e", "%2f", "a%2fb", "%2Fsecret", "%5c", "\\",
    "%00", "a%00", "%0a", "%0d%0a", "%", "%zz", "%c3%a9", "é", "e%CC%81", "%ff", "%ed%a0%80", "ﬀ", ";", ";a=1", "a;b", "%3b", "%3f", "%23", "+",
    " ", "%20", "~", "*", "{id}", "<id>", "$", "@", ":", "http:", "x" * 3000, "%25%32%66", "%252f", "ws", "live", "sub", "raw", "v1", "users",
)  # fmt: skip
_ROOTS = ("", "", "", "", "/app", "/a", "/secret", "/", "/app/")


class Hostile(NamedTuple):
    """``target`` is the path as it stands in the request line, ``root`` what a server says it is mounted at."""

    method: str
    target: str
    root: str

    @property
    def octets(self) -> bytes:
        """The path without its escapes."""
        return unquote_to_bytes(self.target)

    @property
    def text(self) -> str:
        """The path as ASGI servers decode it."""
        return self.octets.decode("utf-8", "replace")

    @property
    def wsgi(self) -> str:
        """The path as PEP 3333 has it."""
        return self.octets.decode("latin-1")


def requests(known: tuple[str, ...], methods: tuple[str, ...] = METHODS + ODD) -> st.SearchStrategy[Hostile]:
    """Requests around addresses that the app knows: ``known`` are some, with their parameters filled in."""
    pieces = st.one_of(st.sampled_from(_PIECES), st.sampled_from(_PIECES), st.text(max_size=3))
    free = st.lists(pieces, min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts))

    @st.composite
    def bent(draw: st.DrawFn) -> str:
        path = draw(st.sampled_from(known))
        for _ in range(draw(st.integers(0, 2))):
            at = draw(st.integers(0, len(path)))
            how = draw(st.integers(0, 6))
            piece = draw(
                st.sampled_from(
                    ("/", "//", "/./", "/../", "%2f", "%2e", "%00", ";", ";x", "?", "%20", "é", ".", "\\", "%0a")
                )
            )
            if how == 0:
                path = path[:at] + piece + path[at:]
            elif how == 1:
                path = path + piece
            elif how == 2:
                path = path.rstrip("/") if path.endswith("/") else path + "/"
            elif how == 3:
                path = path[:at] + path[at:].swapcase()
            elif how == 4 and at < len(path):
                path = path[:at] + "".join(f"%{octet:02x}" for octet in path[at].encode()) + path[at + 1 :]
            elif how == 5:
                path = path[:at] + path[at + 1 :]
            else:
                path = draw(st.sampled_from(_ROOTS)) + path
        return path

    paths = st.one_of(bent(), bent(), bent(), free)
    return st.builds(Hostile, st.sampled_from(methods), paths, st.sampled_from(_ROOTS))
