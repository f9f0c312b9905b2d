"""Where a handler compares a record with its caller: own records, or those of the caller's workspace."""

import re
from collections.abc import Iterable

from launchready.model.surface import Endpoint, Span
from launchready.sources.handlers import body_of, handler_code
from launchready.sources.tree import Tree

OWN, TENANT = "own", "tenant"
_CALLER = r"(?:(?:self\.|this\.)?(?:req|request|ctx|context|c)\.(?:state\.|locals\.)?)?(?:current_?user|currentUser|user|auth|account|principal|viewer|caller|me)"
_OWNER = r"(?:owner|user|author|creator|created_by|customer|account|member)(?:_?id|Id)?"
_PLACE = r"(?:workspace|org|organi[sz]ation|tenant|team|company)(?:_?(?:id|slug|pk)|Id)?"
_ID = r"(?:\.|\[[\"'])(?:id|pk|_id|uid|sub|user_?id|userId)\b"
_EQUALS = r"(?:[=!]==?|\bis(?: not)?\b)"
_SQL = r"\s*=\s*(?:\?|%s|%\(\w+\)s|\$\d+|:\w+)"
_FINDS = r"(?:filter(?:_by)?|get_object_or_404|where|find\w*|get|exclude|first\w*|delete\w*|update\w*)\("


def _patterns(field: str, value: str) -> re.Pattern[str]:
    """A comparison, a query by keyword, or SQL with the caller's value among its parameters."""
    return re.compile(
        rf"\b{field}[\"'\]]*\s*{_EQUALS}\s*{value}|{value}[\"'\]]*\s*{_EQUALS}\s*(?:\w+\.)?\w*\b{field}\b"
        rf"|\b{_FINDS}[^;]{{0,200}}?\b{field}[\"']?\s*[=:]\s*{value}"
        rf"|\b{field}{_SQL}[^;]{{0,200}}?{value}",
        re.S,
    )


_TENANTS = _patterns(_PLACE, rf"{_CALLER}(?:\.|\[[\"']){_PLACE}")
_OWNS = _patterns(_OWNER, rf"(?:{_CALLER}{_ID}|(?:self\.)?request\.user\b|current_user\b)")


def bindings(tree: Tree, endpoints: Iterable[Endpoint]) -> dict[str, Span]:
    """For endpoints with an id in their address: where the handler compares with its caller; ``what`` is ``own`` or ``tenant``.

    Nothing is said of a handler that compares in another function: what is not seen is not claimed.
    """
    found = {}
    for endpoint in endpoints:
        if "{" not in endpoint.path or not endpoint.source.line:
            continue
        code = handler_code(tree, endpoint)
        body = body_of(code)
        before = code[: len(code) - len(body)].count("\n")
        for what, pattern in ((TENANT, _TENANTS), (OWN, _OWNS)):
            if match := pattern.search(body):
                line = endpoint.source.line + before + body.count("\n", 0, match.start())
                found[endpoint.name] = Span(endpoint.source.file, line, what)
                break
    return found
