"""Finds secrets in one file's bytes: provider formats by Kingfisher's rules, and settings whose name says what they are."""

import math
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from launchready.sources.places import is_built
from launchready.sources.secrets.classify import is_money, is_placeholder, is_public, is_test_mode, name_of

_SIGNING = re.compile(
    r"""^[ \t]*(?:export\s+|const\s+|let\s+|var\s+|self\.|app\.)?
    (?P<name>(?:\w+[._])?(?:SECRET_?KEY|JWT_?SECRET(?:_?KEY)?|JWT_?KEY|SESSION_?SECRET|COOKIE_?SECRET|SIGNING_?KEY|TOKEN_?SECRET|AUTH_?SECRET|APP_?SECRET))
    \s*(?::\s*[\w.\[\]| ]+)?\s*=\s*(?P<q>["'])(?P<value>[^"'\n]{4,200})(?P=q)""",
    re.X | re.M | re.I,
)
_KEYED = re.compile(
    r"""(?:app\.config\[\s*["'](?:SECRET_KEY|JWT_SECRET_KEY)["']\s*\]\s*=\s*|\bsecret\s*:\s*|\.secret_key\s*=\s*|jwt\.(?:sign|verify|encode|decode)\([^\n"']{1,80},\s*)
    (?P<q>["'])(?P<value>[^"'\n]{4,200})(?P=q)""",
    re.X,
)
_SETTING = re.compile(
    r"^[ \t]*(?:export\s+)?(?P<name>[A-Z][A-Z0-9_]*(?:SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|SERVICE_ROLE_KEY)[A-Z0-9_]*)[ \t]*=[ \t]*"
    r"(?P<q>[\"']?)(?P<value>[^\s\"'#]{8,})(?P=q)",
    re.M,
)
_ENV_FILE = re.compile(r"(?:^|/)(?:\.env(?:\.[\w-]+)*|[\w-]+\.env)$")
_ENV_SHAPE = re.compile(r"example|sample|template|dist$|defaults?$|schema|test|ci$", re.I)
_PUBLIC_NAME = re.compile(r"PUBLI(?:C|SHABLE)|ANON|^VITE_.*(?:SITE_?KEY|CLIENT_ID)")
_WORD = re.compile(rb"[A-Za-z0-9+/]")
_LOCAL = re.compile(
    rb"@(?:localhost|127\.|0\.0\.0\.0|\[::1\]|host\b|example|(?:db|database|postgres(?:ql)?|mysql|mongo(?:db)?|redis|rabbitmq)[:/])"
)
_SECONDS = 20.0
_NEEDED = (b"secret", b"jwt", b"signing")
_REACH = 320
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Hit:
    """One secret in one file. ``tier`` is ``provider`` (its format proves what it is) or ``named`` (its name says so).

    ``value`` is the secret itself: it stays in memory and never reaches a report.
    """

    tier: str
    what: str
    line: int
    value: str = field(repr=False)
    money: bool = False
    test_mode: bool = False


def is_env_file(path: str) -> bool:
    """Whether a path is an environment file that holds real values: ``.env``, ``.env.production``, not ``.env.example``."""
    name = path.rsplit("/", 1)[-1]
    return bool(_ENV_FILE.search(path)) and not _ENV_SHAPE.search(name.removeprefix(".env").removesuffix(".env"))


class NotScannedError(Exception):
    """A file could not be searched in time, or not at all: it must not pass for one that holds nothing."""


class Detector:
    """Kingfisher's rules, loaded once. The first load on a machine compiles them (seconds); later ones read a cache."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine: tuple[Any, Any] | None = None

    def _loaded(self) -> tuple[Any, Any]:
        """The engine's input type and scanner; loaded when the first file is searched, for often none has to be."""
        with self._lock:
            if self._engine is None:
                import kingfisher_sdk

                rules = kingfisher_sdk.Rules(confidence="low")
                self._engine = kingfisher_sdk.ScanInput, kingfisher_sdk.DetectionScanner(rules, base64=False)
            return self._engine

    def scan(self, path: str, content: bytes) -> tuple[Hit, ...]:
        """The secrets in a file, one per value, in line order. Keys made to be public are left out.

        Raises :class:`NotScannedError` when it cannot be searched in time.
        """
        found: dict[str, Hit] = {}
        for native in self._native(path, content):
            rule, value = native.rule_id, native.secret
            if not native.visible or is_public(value) or is_placeholder(value) or not _stands_alone(native, content):
                continue
            if "generic" in rule and ("uri" not in rule or _entropy(value) < 2.8 or _is_local(native, content)):
                continue
            hit = Hit("provider", name_of(rule), native.location["line"], value, is_money(rule), is_test_mode(value))
            found.setdefault(value, hit)
        if b"\0" not in content[:8192] and len(content) < 1_000_000 and not is_built(path):
            for hit in _named(path, content):
                found.setdefault(hit.value, hit)
        return tuple(sorted(found.values(), key=lambda hit: (hit.line, hit.what)))

    def _native(self, path: str, content: bytes) -> list[Any]:
        make_input, scanner = self._loaded()
        try:
            found: list[Any] = scanner.scan_input(make_input(path, content), timeout=_SECONDS)
        except (RuntimeError, TimeoutError, ValueError) as error:
            raise NotScannedError(f"{path}: {error}") from error
        return found


def _named(path: str, content: bytes) -> list[Hit]:
    if is_env_file(path):
        return _matches(_SETTING, content, 0, len(content), env=True)
    if not path.endswith((".py", ".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx", ".rb", ".php", ".go")):
        return []
    # A history has gigabytes of code and few such lines: finding those first costs a hundredth of matching everywhere.
    return [
        hit
        for start, end in _windows(content)
        for pattern in (_SIGNING, _KEYED)
        for hit in _matches(pattern, content, start, end, env=False)
    ]


def _windows(content: bytes) -> list[tuple[int, int]]:
    """The stretches of whole lines that hold a word every pattern needs, a little past it for arguments on the next line."""
    lower, found = content.lower(), []
    for word in _NEEDED:
        at = lower.find(word)
        while at >= 0:
            start = lower.rfind(b"\n", 0, at) + 1
            end = lower.find(b"\n", at + _REACH)
            end = len(lower) if end < 0 else end
            found.append((start, min(end, at + _LONGEST)))
            at = lower.find(word, end)
    return found


def _matches(pattern: re.Pattern[str], content: bytes, start: int, end: int, *, env: bool) -> list[Hit]:
    text, hits = content[start:end].decode("utf-8", "replace"), []
    for match in pattern.finditer(text):
        value, name = match.group("value"), match.groupdict().get("name") or "signing secret"
        if is_placeholder(value) or is_public(value) or (env and _PUBLIC_NAME.search(name)) or _is_reference(value):
            continue
        line = content.count(b"\n", 0, start) + text.count("\n", 0, match.start("value")) + 1
        hits.append(Hit("named", f"Value of {name}" if pattern is not _KEYED else "Signing secret", line, value))
    return hits


def _stands_alone(native: Any, content: bytes) -> bool:
    """Whether the value is a word of its own: inside encoded data, any format of a key turns up by chance."""
    if native.is_base64_encoded:
        return True
    start, end = native.location["start_offset"], native.location["end_offset"]
    return not _WORD.match(content[end : end + 1]) and not _WORD.match(content[max(start - 1, 0) : start])


def _is_local(native: Any, content: bytes) -> bool:
    end = native.location["end_offset"]
    return bool(_LOCAL.match(content[end : end + 60]))


def _is_reference(value: str) -> bool:
    return value.startswith(("process.env", "os.environ", "$", "{", "/", "http")) or (value.isupper() and "_" in value)


def _entropy(value: str) -> float:
    counts = Counter(value)
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())
