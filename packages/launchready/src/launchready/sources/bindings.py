"""Where a handler compares a record with its caller: own records, or those of the caller's workspace."""

import re
from collections.abc import Iterable

from launchready.model.surface import Endpoint, Span
from launchready.sources.branches import branch_of
from launchready.sources.handlers import body_of, handler_code
from launchready.sources.tree import Tree

OWN, TENANT = "own", "tenant"
_CALLER = r"(?:(?:self\.|this\.)?(?:req|request|ctx|context|c|g)\.(?:state\.|locals\.|session\.)?)?(?:current_?user|currentUser|user|auth|account|principal|viewer|caller|me)"
_OWNER = r"(?:owner|user|author|creator|created_by|customer|account|member)(?:_?id|Id)?"
_PLACE = r"(?:workspace|org|organi[sz]ation|tenant|team|company)(?:_?(?:id|slug|pk)|Id)?"
_ID = r"(?:\.|(?:\[|\.get\()[\"'])(?:id|pk|_id|uid|sub|user_?id|userId)\b"
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


_TENANTS = _patterns(_PLACE, rf"{_CALLER}(?:\.|(?:\[|\.get\()[\"']){_PLACE}")
_OF_SESSION = r"(?:(?:self\.)?(?:req|request|ctx|c)\.)?session(?:\.|(?:\[|\.get\()[\"'])(?:user_?id|userId|uid)\b"
_ITSELF = rf"(?:{_CALLER}{_ID}|{_OF_SESSION})"
# `post.author != auth.current_user()` (Flask-HTTPAuth) as much as `current_user` (Flask-Login).
_OWNS = _patterns(_OWNER, rf"(?:{_ITSELF}|(?:self\.)?request\.user\b|(?:\w+\.)?current_user\b)")
# `const userId = req.session.user.id;` stands for the caller from there on.
_CALLED = re.compile(
    rf"\b(?:(?:const|let|var)\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>{_ITSELF})[\"'\])]*\s*(?:;|$)", re.M
)


# Whether there is one, and how many: the record of the address is another one.
_ONLY_COUNTS = re.compile(r"[^\n;]*?\.(?:exists|count)\(\)")
_NEGATIVE = re.compile(r"!=|\bis not\b")
_NOT = re.compile(r"(?:\bnot|!)\s*\(?[\w.]*$")
# `!= owner and role == "guest"`: everybody else passes.
_SOME_ROLE = re.compile(r"(?:\band\b|&&)[^\n]*\brole\w*\s*===?\s*[\"']")


def bindings(tree: Tree, endpoints: Iterable[Endpoint], *, anywhere: bool = False) -> dict[str, Span]:
    """For endpoints with an id in their address, or ``anywhere``: where the handler compares with its caller; ``what`` is ``own`` or ``tenant``.

    Nothing is said of a handler that compares in another function: what is not seen is not claimed.
    """
    found = {}
    for endpoint in endpoints:
        if not (anywhere or "{" in endpoint.path) or not endpoint.source.line:
            continue
        code = handler_code(tree, endpoint)
        body = _spelled_out(body_of(code))
        before = code[: len(code) - len(body)].count("\n")
        if bound := _bound(body):
            what, at = bound
            line = endpoint.source.line + before + body.count("\n", 0, at)
            found[endpoint.name] = Span(endpoint.source.file, line, what)
    return found


def binds(code: str) -> bool:
    """Whether a function, such as a helper that a handler gives the id to, turns away whoever the record does not belong to."""
    return _bound(_spelled_out(code)) is not None


def _bound(body: str) -> tuple[str, int] | None:
    for what, pattern in ((TENANT, _TENANTS), (OWN, _OWNS)):
        if match := next((one for one in pattern.finditer(body) if _binds(body, one)), None):
            return what, match.start()
    return None


def _spelled_out(body: str) -> str:
    """The body with the caller's id in the place of the names it was given."""
    for one in list(_CALLED.finditer(body))[:3]:
        named = re.compile(rf"(?<![\w.$]){re.escape(one['name'])}\b(?!\s*(?::|=[^=]))")
        body = body[: one.end()] + named.sub(one["value"], body[one.end() :])
    return body


def _binds(code: str, match: re.Match[str]) -> bool:
    """Whether a comparison keeps others out, and does not only choose what they are shown."""
    branch, line_before = branch_of(code, match), code[: match.start()].rpartition("\n")[2]
    counts = _ONLY_COUNTS.match(code, match.end()) is not None and not re.search(_EQUALS, match.group())
    if branch is None:
        return not counts
    negated = bool(_NEGATIVE.search(match.group()) or _NOT.search(line_before))
    return not _SOME_ROLE.search(branch.condition) and branch.keeps_out(negated=negated)
