"""One request and what came back."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from launchready.model.evidence import Evidence

_SHOWN_HEADERS = ("content-type", "location", "www-authenticate", "access-control-allow-origin", "set-cookie", "server")


@dataclass(frozen=True, slots=True)
class Exchange:
    """``headers`` maps lower-case names to all their values; ``body`` is cut to 1 MiB; ``seconds`` is wall time.

    ``error`` is empty when the server answered; otherwise it says what we did, what happened and what to do, and
    ``status`` is 0.
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

    @property
    def text(self) -> str:
        """The body as text; bytes that are none become replacement characters."""
        return self.body.decode("utf-8", "replace")

    @property
    def ok(self) -> bool:
        """Whether the server answered with 2xx."""
        return 200 <= self.status < 300

    @property
    def content_type(self) -> str:
        """The media type without parameters, lower case."""
        return self.header("content-type").split(";")[0].strip().lower()

    def header(self, name: str) -> str:
        """The first value of a header, or an empty string."""
        values = self.headers.get(name.lower(), ())
        return values[0] if values else ""

    def curl(self) -> str:
        """A command that repeats the request."""
        parts = ["curl", "-i"]
        if self.method != "GET":
            parts += ["-X", self.method]
        for name, value in self.sent_headers.items():
            parts += ["-H", f"{name}: {value}"]
        if self.sent_body:
            parts += ["--data-binary", self.sent_body.decode("utf-8", "backslashreplace")]
        return " ".join(shlex.quote(part) for part in [*parts, self.url])

    def evidence(self, what: str) -> Evidence:
        """The exchange as evidence: request line, status, telling headers, start of the body."""
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
