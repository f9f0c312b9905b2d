"""What an answer of GraphQL says about one field, told with the status that REST would have had (GraphQL October 2021, section 7)."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from launchready.probes.exchange import Exchange
from launchready.probes.graphs.arguments import Place
from launchready.probes.graphs.failures import broke

_CODES = (
    (re.compile(r"UNAUTHENTICATED|UNAUTHORIZED|AUTHENTICATION|INVALID_(?:CREDENTIALS|TOKEN)|TOKEN_EXPIRED"), 401),
    (re.compile(r"FORBIDDEN|PERMISSION|ACCESS_DENIED|NOT_ALLOWED"), 403),
    (re.compile(r"NOT_?FOUND"), 404),
    (re.compile(r"RATE|TOO_MANY"), 429),
    (re.compile(r"BAD_USER_INPUT|VALIDATION|INVALID|BAD_REQUEST|PARSE"), 422),
)
_SAYS = (
    (re.compile(r"\b(?:log(?:ged)?|sign(?:ed)?)[- ]?in\b|unauthenticated|not authenticated|authentication|credentials|(?:token|session)[^.]{0,30}(?:missing|required|invalid|expired)", re.I), 401),
    (re.compile(r"permission|forbidden|denied|not allowed|unauthori[sz]ed|not authori[sz]ed|not your|only (?:admin|the owner)|must be (?:an? )?(?:admin|owner|staff)", re.I), 403),
    (re.compile(r"not found|does ?n[o']t exist|no such|could not find|unknown id|no \w+ (?:with|matching)", re.I), 404),
    (re.compile(r"already|invalid|must |required|too (?:short|long)|at least|at most|not a valid|expected|taken|unique", re.I), 422),
    (re.compile(r"cannot read propert|is not a function|NoneType|has no attribute|undefined|internal (?:server )?error|constraint", re.I), 500),
)  # fmt: skip
_NULL = re.compile(r"cannot return null for non-nullable", re.I)
_TOO_DEEP = re.compile(
    r"depth|too (?:deep|complex|large|expensive|nested)|complexity|query cost|exceeds? the maximum", re.I
)
_NO_FIELD = re.compile(r"Cannot query field ['\"](\w+)['\"] on type ['\"](\w+)['\"]|Field ['\"](\w+)['\"] in type ['\"](\w+)['\"] is undefined")  # fmt: skip
_FAILURES = ("errors", "userErrors", "user_errors", "error")


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` and ``body`` as REST would have given them. ``deeper`` are places below the field that brought it down,
    ``too_deep`` that the app wants less asked at once, ``unknown`` (type, field) it does not have; ``ran`` that the field was resolved.
    """

    status: int
    body: bytes
    deeper: frozenset[Place] = frozenset()
    too_deep: bool = False
    unknown: frozenset[tuple[str, str]] = frozenset()
    ran: bool = False


def read(said: Any, exchange: Exchange, key: str, *, arguments: bool, mine: bool, writes: bool = False) -> Answer:
    """The answer about the field that stands under ``key``. ``mine`` means that nothing in it is nobody signed in, ``writes`` that it
    should have changed something.
    """
    if not isinstance(said, dict) or not ("data" in said or "errors" in said):
        return Answer(exchange.status, exchange.body)
    data, errors = said.get("data"), [one for one in _list(said.get("errors")) if isinstance(one, dict)]
    found = data.get(key) if isinstance(data, dict) else None
    about = [one for one in errors if not _list(one.get("path")) or _list(one.get("path"))[:1] == [key]]
    if found is not None:
        undone = writes and (
            found is False or (isinstance(found, dict) and found and not any(_filled(v) for v in found.items()))
        )
        return Answer(404 if undone else _of_payload(found), json.dumps(found).encode(), ran=True)
    if not about:
        return Answer(401 if mine else 404, b"", ran=True)
    paths = [tuple(str(p) for p in _list(one.get("path"))[1:] if not isinstance(p, int)) for one in about]
    ran = any(_list(one.get("path")) for one in about)
    texts = [text for one in about for text in _texts(one, 0)]
    unknown = {(m[1] or m[3], m[0] or m[2]) for text in texts for m in _NO_FIELD.findall(text)}
    body = json.dumps({"errors": [_plain(one) for one in about]}).encode()
    return Answer(
        _status(exchange, about, ran=ran, arguments=arguments, mine=mine, early=_never_ran(said, exchange.status)),
        body,
        frozenset(filter(None, paths)),
        not ran and any(_TOO_DEEP.search(text) for text in texts),
        frozenset(unknown),
        ran,
    )


def broken_parts(said: Any, status: int) -> bytes:
    """The errors of an answer that are those of broken resolvers, as JSON; empty when there are none."""
    errors = _list(said.get("errors")) if isinstance(said, dict) else []
    errors = [] if _never_ran(said, status) else errors
    found = [_plain(one) for one in errors if isinstance(one, dict) and broke(one)]
    return json.dumps({"errors": found}).encode() if found else b""


def _never_ran(said: Any, status: int) -> bool:
    """Whether a request was turned down before any field of it was worked out (GraphQL over HTTP, 6.4.1): 400, and nothing of data or of a place.

    The values of variables are read first, and what a type says of one that it cannot read may sound like a programming error.
    """
    if status != 400 or not isinstance(said, dict) or said.get("data") is not None:
        return False
    return not any(isinstance(one, dict) and one.get("path") for one in _list(said.get("errors")))


def _status(
    exchange: Exchange, errors: Sequence[Mapping[str, Any]], *, ran: bool, arguments: bool, mine: bool, early: bool
) -> int:
    if exchange.status in (401, 403, 404, 429):
        return exchange.status
    for one in errors:
        if _NULL.search(str(one.get("message", ""))):
            return 404 if arguments and not mine else 401
    for one in errors:
        code = _code(one)
        for pattern, status in _CODES:
            if pattern.search(code):
                return status
    if not early and any(broke(one) for one in errors):
        return 500
    for one in errors:
        for said, status in _SAYS:
            if said.search(str(one.get("message", ""))):
                return status
    if exchange.status >= 500:
        return exchange.status
    # A field that was looked at and gives nothing but words of its own keeps it from whoever asked.
    return 403 if ran else 400


def _texts(error: Any, depth: int) -> Iterator[str]:
    """The messages of an error: some servers put those of the parser and the validator into the extensions of one of their own."""
    if isinstance(error, dict) and depth < 5:
        for name, value in error.items():
            if name == "message" and isinstance(value, str):
                yield value
            elif name != "path":
                yield from _texts(value, depth + 1)
    elif isinstance(error, list) and depth < 5:
        for one in error[:100]:
            yield from _texts(one, depth + 1)


def _code(error: Mapping[str, Any]) -> str:
    extensions = error.get("extensions")
    table = extensions if isinstance(extensions, dict) else {}
    named = (
        table.get("code"),
        table.get("classification"),
        table.get("category"),
        error.get("code"),
        error.get("errorType"),
    )
    return " ".join(str(one).upper() for one in named if isinstance(one, str))


def _plain(error: Mapping[str, Any]) -> object:
    """The message, and what the extensions tell of fields, without the path: that is the field's own and no input's."""
    extensions = error.get("extensions")
    inner = (
        {k: v for k, v in extensions.items() if isinstance(v, dict | list) and "stack" not in k.lower()}
        if isinstance(extensions, dict)
        else {}
    )
    return {"message": error.get("message", ""), "extensions": inner} if inner else error.get("message", "")


def _of_payload(found: Any) -> int:
    """200, or 422 for a payload that tells of errors and brings nothing (the convention of Relay's and Shopify's mutations)."""
    if not isinstance(found, dict):
        return 200
    failed = any(found.get(name) not in (None, [], {}, "") for name in _FAILURES)
    failed = failed or found.get("success") is False or found.get("ok") is False
    return 422 if failed else 200


def _filled(pair: tuple[str, Any]) -> bool:
    """Whether a field of a payload says anything but no."""
    return pair[0] != "__typename" and pair[1] not in (None, False, "", [], {})


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
