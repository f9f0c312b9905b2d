"""What an endpoint is for, and whether it writes: by its path, its method and the name and code of its handler."""

import re
from collections.abc import Iterable

from launchready.model.words import Kind

_WORDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        Kind.LOGIN,
        re.compile(
            r"(?:^|/)(?:log-?in|sign-?in|token|sessions?|authenticate)(?:/|$)|(?:^|/)auth(?:/\{\w+\})?$|(?:^|_)(?:log_?in|sign_?in)(?:_|$)",
            re.I,
        ),
    ),
    (
        Kind.SIGNUP,
        re.compile(r"(?:^|/)(?:sign-?up|register|registration)(?:/|$)|(?:^|_)(?:sign_?up|register)(?:_|$)", re.I),
    ),
    (
        Kind.PASSWORD_RESET,
        re.compile(r"forgot|reset-?_?password|password-?_?reset|password/(?:reset|forgot|email)|recover", re.I),
    ),
    (Kind.INVITE, re.compile(r"invit", re.I)),
    (Kind.WEBHOOK, re.compile(r"web-?_?hooks?(?:/|$|_)|(?:^|/)hooks?(?:/|$)|stripe/(?:events?|callback)", re.I)),
    (Kind.ADMIN, re.compile(r"(?:^|/)(?:admin|superuser|backoffice|staff|internal)(?:/|$)|(?:^|_)admin(?:_|$)", re.I)),
    (Kind.EXPORT, re.compile(r"export|download-?all|\.csv|dump|backup", re.I)),
    (Kind.BILLING, re.compile(r"billing|subscription|invoice|payment|checkout|plans?(?:/|$)|payout", re.I)),
    (Kind.UPLOAD, re.compile(r"upload|avatar|attachment|(?:^|/)(?:files?|documents?|media|images?)(?:/|$)", re.I)),
    (Kind.SEARCH, re.compile(r"search|(?:^|/)find(?:/|$)|autocomplete|suggest", re.I)),
    (Kind.SETTINGS, re.compile(r"settings|preferences|(?:^|/)config(?:/|$)", re.I)),
    (Kind.AI, re.compile(r"(?:^|/)(?:ai|chat|assistant|completions?|prompt|llm|agents?|copilot)(?:/|$)", re.I)),
    (Kind.HEALTH, re.compile(r"(?:^|/)(?:health\w*|ping|status|ready|readyz|live|livez|version|metrics|up)$", re.I)),
    (Kind.DOCS, re.compile(r"(?:^|/)(?:docs|redoc|openapi\.json|swagger[\w.-]*|api-docs)(?:/|$)", re.I)),
)
# `/reset` alone may be of a password, of a view or of a demo: whose it is shows in what stands before it, or in what it is given.
_RESET = re.compile(r"(?:^|/(?P<before>[^/]*))/reset(?:-confirm|/confirm)?(?:/\{[^{}]*\})*/?$", re.I)
_ACCOUNT = re.compile(r"^(?:auth|accounts?|login|identity)$", re.I)
_NOWHERE = re.compile(r"^(?:|api|v\d+|rest|users?|members?|me|\{[^{}]*\})$", re.I)
_OF_PASSWORD = re.compile(r"passw|pwd", re.I)
_OF_PERSON = re.compile(r"passw|pwd|token|e-?mail|code", re.I)
_SQL_WRITES = re.compile(r"\b(?:INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\b", re.I)
_ORM_WRITES = re.compile(
    r"\b(?:db|session|tx|transaction)\.(?:commit|add|delete)\s*\(|\.(?:deleteOne|deleteMany|insertOne|updateOne|findByIdAndDelete|destroy)\s*\("
)


def kinds_of(method: str, path: str, handler: str, inputs: Iterable[str] = ()) -> tuple[Kind, ...]:
    """The kinds of an endpoint, in vocabulary order; ``(OTHER,)`` when nothing tells. ``inputs`` are the names of what it reads."""
    found = [kind for kind, pattern in _WORDS if pattern.search(path) or (handler and pattern.search(handler))]
    if Kind.PASSWORD_RESET not in found and _resets_password(path, inputs):
        found.append(Kind.PASSWORD_RESET)
    if method == "DELETE" or re.search(r"(?:^|/)(?:delete|remove|destroy)(?:/|$)", path, re.I):
        found.append(Kind.DELETE)
    return tuple(kind for kind in Kind if kind in found) or (Kind.OTHER,)


def _resets_password(path: str, inputs: Iterable[str]) -> bool:
    reset = _RESET.search(path)
    if reset is None:
        return False
    before = reset["before"] or ""
    given = [*inputs, *re.findall(r"\{(\w+)", reset[0])]
    asks = _OF_PERSON if _NOWHERE.match(before) else _OF_PASSWORD
    return bool(_ACCOUNT.match(before)) or any(asks.search(name) for name in given)


def action_of(method: str, code: str) -> str:
    """``read`` or ``write``. A GET writes when its handler plainly changes data."""
    if method in ("GET", "HEAD", "OPTIONS"):
        return "write" if _SQL_WRITES.search(code) or _ORM_WRITES.search(code) else "read"
    return "write"
