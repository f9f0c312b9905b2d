"""Values of policy.toml: what a slip is answered with, and where it stands."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NoReturn

from launchready_guard.policy.model import SUBJECTS, Limit, PolicyError

PLACE = re.compile(r"(?:path|query|header|body|cookie):[\w.-]+")
_WINDOWS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_UNITS = {"B": 1, "KB": 1000, "MB": 1_000_000, "GB": 1_000_000_000}
_LIMIT = re.compile(r"(\d+)\s*/\s*(\d+)?\s*(second|minute|hour|day)s?(?:\s+per\s+(\w+))?")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "": (
        "roles",
        "tenant",
        "owner",
        "limits",
        "endpoint",
        "cors",
        "redact",
        "guard",
        "clients",
        "webhooks",
        "headers",
        "body",
    ),
    "roles": ("order",),
    "tenant": ("claim", "param", "across"),
    "owner": ("param",),
    "cors": ("origins", "credentials"),
    "redact": ("fields",),
    "guard": ("observe", "hosts", "unlisted", "csrf"),
    "clients": ("behind", "hops", "proxies", "header"),
    "webhook": ("scheme", "secret", "tolerance"),
    "endpoint": ("route", "allow", "own", "tenant", "kind", "limit", "signature", "review", "why", "body", "observe"),
}


class Reader:
    """Reads values of one file and says where one is wrong."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._lines = name, text.splitlines()

    def wrong(
        self, key: str, said: str, expected: str, given: str = "", valid: Iterable[str] = (), after: int = 0
    ) -> NoReturn:
        """Raise :class:`PolicyError` with the line where ``key`` stands, at or after line ``after``."""
        near = get_close_matches(given, list(valid), 1, 0.5) if given else []
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise PolicyError(f"Read {self._name}{self._line(key, after)}: {said}. Expected {expected}.{hint}")

    def keys(self, where: str, table: Mapping[str, Any], after: int = 0) -> None:
        """Refuse keys that mean nothing: a misspelt rule must not pass for one."""
        for key in table:
            if key not in _KEYS[where]:
                place = f"[{where}]" if where else "the file"
                self.wrong(key, f"{place} has the key {key!r}, which means nothing here", "one of " + ", ".join(_KEYS[where]),
                           key, _KEYS[where], after)  # fmt: skip

    def table(self, raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """The table of this name, or an empty one."""
        found = raw.get(key, {})
        if not isinstance(found, dict):
            self.wrong(key, f"{key} is {found!r}", f"a table: [{key}]")
        if key in _KEYS:
            self.keys(key, found)
        return dict(found)

    def text(self, key: str, value: Any, after: int = 0) -> str:
        """A text."""
        if not isinstance(value, str):
            self.wrong(key.split(".")[-1], f"{key} is {value!r}", "a text", after=after)
        return str(value)

    def flag(self, key: str, value: Any, after: int = 0) -> bool:
        """True or false."""
        if not isinstance(value, bool):
            self.wrong(key.split(".")[-1], f"{key} is {value!r}", "true or false", after=after)
        return bool(value)

    def names(self, key: str, value: Any, after: int = 0) -> tuple[str, ...]:
        """A list of texts."""
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.wrong(
                key.split(".")[-1], f"{key} is {value!r}", 'a list of texts such as ["member", "admin"]', after=after
            )
        return tuple(value)

    def limits(self, key: str, value: Any, after: int = 0) -> tuple[Limit, ...]:
        """``5/minute per account, 30/minute per address``."""
        found = []
        for part in self.text(key, value, after).split(","):
            match = _LIMIT.fullmatch(part.strip())
            if not match or not int(match[1]) or (match[4] or "address") not in SUBJECTS:
                self.wrong(
                    key.split(".")[-1],
                    f"{key} is {value!r}",
                    '"5/minute per account, 30/minute per address"',
                    after=after,
                )
            else:
                found.append(Limit(int(match[1]), int(match[2] or 1) * _WINDOWS[match[3]], match[4] or "address"))
        return tuple(found)

    def places(self, key: str, value: Any) -> tuple[str, ...]:
        """Where a request says something: ``path:workspace_id``."""
        found = self.names(key, value)
        for place in found:
            if not PLACE.fullmatch(place):
                self.wrong(place, f"{key} has {place!r}", '"path:NAME", "query:NAME", "header:NAME" or "body:NAME"')
        return found

    def size(self, key: str, value: Any, after: int = 0) -> int:
        """Bytes: ``"10 MB"``."""
        match = re.fullmatch(r"(\d+)\s*(B|KB|MB|GB)", value) if isinstance(value, str) else None
        if not match or not int(match[1]):
            self.wrong(key.split(".")[-1], f"{key} is {value!r}", 'a size such as "500 KB" or "10 MB"', after=after)
        return int(match[1]) * _UNITS[match[2]]

    def seconds(self, key: str, value: Any) -> int:
        """``"5 minutes"``."""
        match = re.fullmatch(r"(\d+)\s*(second|minute|hour|day)s?", value) if isinstance(value, str) else None
        if not match or not int(match[1]):
            self.wrong(key.split(".")[-1], f"{key} is {value!r}", 'a time such as "5 minutes"')
        return int(match[1]) * _WINDOWS[match[2]]

    def number(self, key: str, value: Any) -> int:
        """A whole number, not below 0."""
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.wrong(key.split(".")[-1], f"{key} is {value!r}", "a whole number such as 1")
        return value

    def one_of(self, key: str, value: Any, valid: Iterable[str], after: int = 0) -> str:
        """One of some words."""
        words = tuple(valid)
        if value not in words:
            self.wrong(str(value), f"{key} is {value!r}", "one of " + ", ".join(words), str(value), words, after)
        return str(value)

    def at(self, route: str) -> int:
        """The line before the one where a route stands; 0 when it stands nowhere."""
        return next((n for n, line in enumerate(self._lines) if route and f'"{route}"' in line), 0)

    def _line(self, key: str, after: int) -> str:
        pattern = re.compile(rf"(?:^|[\s.{{,\[\"']){re.escape(key)}(?:$|[\s=\].\"',])")
        for number, line in enumerate(self._lines[after:], after + 1):
            if pattern.search(line.split("#")[0]):
                return f", line {number}"
        return ""
