"""One request and what came back."""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from launchready.model.addresses import parts_of
from launchready.model.evidence import Evidence
from launchready.probes.multipart import as_curl

_T = TypeVar("_T")
_SHOWN_HEADERS = ("content-type", "location", "www-authenticate", "access-control-allow-origin", "set-cookie", "server")
# What is longer is a file of its reader's own in a shell line.
_LONGEST_SHOWN = 100_000
DROPPED = "the server closed the connection without an answer"
LATE = "no answer within"
AWAY = "nothing listens there"
SESSION_HEADERS = {
    "authorization": "AUTHORIZATION",
    "cookie": "COOKIE",
    "x-api-key": "API_KEY",
    "x-access-token": "TOKEN",
    "x-auth-token": "TOKEN",
    "x-token": "TOKEN",
    "#token": "TOKEN",
}
# A session that is no header, but an argument of fields of GraphQL: how callers keep it, and what stands in its place in what is shown.
ARGUMENT, ARGUMENT_SHOWN = "#token", "<the token of whoever asks>"


def variable(name: str) -> str:
    """The name of an identity as it stands in the name of a shell variable."""
    return re.sub(r"\W", "_", name).upper()


@dataclass(frozen=True, slots=True)
class Exchange:
    """``headers`` maps lower-case names to all their values; ``body`` is cut to 1 MiB; ``seconds`` is wall time.

    ``error`` is empty when the server answered; otherwise it says what we did, what happened and what to do, and
    ``status`` is 0. ``caller`` names the identity whose session was sent along, empty for a stranger. ``wire`` is the exchange as it was sent,
    where this one tells it in other words, as for a field of GraphQL: whoever shows or repeats it takes that.
    """

    method: str
    url: str
    path: str
    status: int = 0
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0
    error: str = ""
    sent_headers: Mapping[str, str] = field(default_factory=dict)
    sent_body: bytes = b""
    caller: str = ""
    wire: "Exchange | None" = None
    # What was read out of it, by the name of what: the same answers are looked through for every record that is tried.
    _known: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def known(self, what: str, read: Callable[["Exchange"], _T]) -> _T:
        """What ``read`` makes of this exchange and nothing else, read once."""
        if what not in self._known:
            self._known[what] = read(self)
        found: _T = self._known[what]
        return found

    @property
    def real(self) -> "Exchange":
        """The exchange as it was sent."""
        return self.wire or self

    @property
    def text(self) -> str:
        """The body as text; bytes that are none become replacement characters."""
        return self.known("text", lambda one: one.body.decode("utf-8", "replace"))

    @property
    def ok(self) -> bool:
        """Whether the server answered with 2xx."""
        return 200 <= self.status < 300

    @property
    def content_type(self) -> str:
        """The media type without parameters, lower case."""
        return self.header("content-type").split(";")[0].strip().lower()

    @property
    def dropped(self) -> bool:
        """Whether the server cut the line instead of answering."""
        return DROPPED in self.error

    @property
    def late(self) -> bool:
        """Whether nothing came until the time was over, and the line was not cut before."""
        return LATE in self.error

    @property
    def away(self) -> bool:
        """Whether nothing listened at the address."""
        return AWAY in self.error

    def header(self, name: str) -> str:
        """The first value of a header, or an empty string."""
        values = self.headers.get(name.lower(), ())
        return values[0] if values else ""

    @property
    def other_slash(self) -> str:
        """The same path with or without its last slash, when a redirect asks for nothing else; otherwise empty."""
        if not 300 <= self.status < 400:
            return ""
        here, there = parts_of(self.url).path, parts_of(self.header("location"), self.url).path
        if here == there or here.rstrip("/") != there.rstrip("/"):
            return ""
        path, mark, query = self.path.partition("?")
        return (path.rstrip("/") + "/" if there.endswith("/") else path.rstrip("/")) + mark + query

    def curl(self) -> str:
        """A command that repeats the request."""
        if self.wire is not None:
            return self.wire.curl()
        parts = ["curl", "-i"]
        if self.method != "GET":
            parts += ["-X", self.method]
        variables = []
        files = self.sent_body and "multipart/form-data" in self.sent_headers.get("Content-Type", "")
        for name, value in self.sent_headers.items():
            if files and name == "Content-Type":
                continue
            if self.caller and name.lower() in SESSION_HEADERS:
                # Double quotes, so that the shell puts the session in.
                variables.append(f'-H "{name}: ${SESSION_HEADERS[name.lower()]}_{variable(self.caller)}"')
            else:
                parts += ["-H", f"{name}: {value}"]
        if files:
            variables += as_curl(self.sent_body, self.sent_headers["Content-Type"])
        elif self.sent_body:
            long = len(self.sent_body) > _LONGEST_SHOWN
            parts += ["--data-binary", "@FILE" if long else self.sent_body.decode("utf-8", "backslashreplace")]
        quoted = [shlex.quote(part) for part in parts]
        if self.caller:
            session = f"""'"${SESSION_HEADERS[ARGUMENT]}_{variable(self.caller)}"'"""
            quoted = [part.replace(ARGUMENT_SHOWN, session) for part in quoted]
        return " ".join([*quoted, *variables, shlex.quote(self.url)])

    def evidence(self, what: str) -> Evidence:
        """The exchange as evidence: request line, status, telling headers, start of the body."""
        if self.wire is not None:
            return self.wire.evidence(what)
        lines = [f"> {self.method} {self.path}"]
        lines += [f"> {name}: {value}" for name, value in self.sent_headers.items()]
        if self.sent_body:
            lines += [">", "> " + self.sent_body[:300].decode("utf-8", "backslashreplace")]
        if self.error:
            lines.append(f"! {self.error}")
        else:
            lines.append(f"< {self.status}")
            lines += [f"< {name}: {value}" for name in _SHOWN_HEADERS for value in self.headers.get(name, ())]
            lines.append(self.text[:600])
        return Evidence("exchange", what, "\n".join(lines))
