"""Which operation a request on the wire belongs to: that of the longest literal match among the templates that are known."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_PARAMETER = re.compile(r"\\\{[^{}]*\\\}")


def of_document(document: Mapping[str, Any], prefix: str) -> list[str]:
    """``GET /bookings/{id}`` of every operation of an OpenAPI document, below ``prefix``."""
    return [f"{method.upper()} {prefix}{path}" for path, item in document.get("paths", {}).items()
            for method in item if method in _METHODS]  # fmt: skip


class Operations:
    """Names of operations, and the one a call belongs to. Parameters are the same whatever they are called, and so is a path with a slash at its end."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names: dict[str, str] = {}
        for name in names:
            self.names.setdefault(_blank(name), name)
        found = [
            (_weight(name), name.split(" ", 1)[0], _pattern(name.split(" ", 1)[1]), name)
            for name in self.names.values()
        ]
        self._patterns = sorted(found, key=lambda one: one[0], reverse=True)

    def __len__(self) -> int:
        return len(self.names)

    def known(self, name: str) -> str:
        """The name under which an operation is kept, itself when it is not."""
        return self.names.get(_blank(name), name)

    def of(self, method: str, target: str) -> str:
        """The operation, empty when none is known there."""
        path = urlsplit(target).path if target.startswith("http") else target.partition("?")[0].partition("#")[0]
        for _, verb, pattern, name in self._patterns:
            if verb == method and pattern.fullmatch(path):
                return name
        return ""


def _blank(name: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", name).rstrip("/")


def _weight(name: str) -> tuple[int, int]:
    parts = name.split("/")
    return sum("{" not in part for part in parts), len(re.sub(r"\{[^{}]*\}", "", name))


def _pattern(path: str) -> re.Pattern[str]:
    """A parameter takes one segment; the last one takes what follows as well, since frameworks have parameters that hold slashes.
    A slash at the end makes no other operation."""
    escaped = re.escape(path.rstrip("/"))
    last = list(_PARAMETER.finditer(escaped))
    ends = bool(last) and last[-1].end() == len(escaped)
    one = _PARAMETER.sub("[^/]*", escaped)
    return re.compile(one[: -len("[^/]*")] + ".*" if ends else f"{one}/?", re.DOTALL)
