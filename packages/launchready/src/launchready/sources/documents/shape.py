"""What a document that describes an API gives: its operations, the hosts it names, and where each stands."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from launchready.model.surface import Access, Endpoint, Input, Span
from launchready.sources.frameworks.common import join
from launchready.sources.kinds import action_of, kinds_of

_UNKNOWN = Access()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as written: its path has no base yet. ``action`` is empty when the method tells it."""

    method: str
    path: str
    line: int
    inputs: tuple[Input, ...] = ()
    access: Access = _UNKNOWN
    name: str = ""
    action: str = ""
    confidence: float = 0.7


@dataclass(frozen=True, slots=True)
class Document:
    """A document of one ``form`` (``openapi``, ``graphql``, ``har``, ``postman``).

    ``bases`` are the paths its operations may stand below, the likeliest first. ``hosts`` are the absolute hosts it names,
    empty when it names none, and ``notes`` says what of it could not be read.
    """

    path: str
    form: str
    operations: tuple[Operation, ...]
    bases: tuple[str, ...] = ("",)
    hosts: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def endpoints(self, base: str) -> Iterator[Endpoint]:
        """Its operations below ``base``."""
        for one in self.operations:
            path = join(base, one.path)
            yield Endpoint(
                one.method,
                path,
                self.form,
                kinds_of(one.method, path, one.name, [given.name for given in one.inputs]),
                one.action or action_of(one.method, ""),
                replace(one.access, evidence=tuple(Span(self.path, s.line, s.what) for s in one.access.evidence)),
                one.inputs,
                Span(self.path, one.line, one.name),
                one.confidence,
                (self.form,),
            )


def split_server(url: str) -> tuple[str, str]:
    """The host (lower case, empty when there is none) and the path of a server URL.

    ``https://api.example.com/v1`` gives ``("api.example.com", "/v1")``; ``//host/edge`` its path; a bare ``api.example.com`` no path.
    A URL that no parser accepts gives two empty strings.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return "", ""
    if not parts.scheme and not parts.netloc and not parts.path.startswith("/") and "." in parts.path.split("/")[0]:
        return parts.path.split("/")[0].lower(), "/" + "/".join(parts.path.split("/")[1:])
    return host, parts.path if parts.path.startswith("/") else f"/{parts.path}"


def mapping(value: Any) -> dict[Any, Any]:
    """``value`` when it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """``value`` when it is a list, else an empty one."""
    return value if isinstance(value, list) else []
