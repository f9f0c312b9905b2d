"""Errors of an app's own that answer 401 or 403, whatever they are called: ``class TokenMissing(AppError): status_code = 401``."""

import re
from collections.abc import Iterator

from launchready.sources.facts.shape import Expr, Function
from launchready.sources.found import Found
from launchready.sources.refusals import refuses
from launchready.sources.resolver import Resolver

_RAISED = re.compile(r"\b(?:raise\s+|throw\s+(?:new\s+)?|next\(\s*new\s+)(?P<name>[A-Za-z_][\w.]*)")
_STATUS = re.compile(r"^(?:status|code|status_?code|http_?status|http_?code)$", re.I)
_SAYS = re.compile(r"\b(?:HTTP_)?40[13]\b|\b(?:HTTP_40[13]_)?(?:UNAUTHORI[SZ]ED|FORBIDDEN|Unauthori[sz]ed|Forbidden)\b")
# `super("...", 401)`, `super().__init__(status_code=403)`, `this.statusCode = 401`
_MADE = re.compile(
    r"\bsuper\s*\(\)?(?:\.__init__\()?[^;\n]{0,200}?\b(?:HTTP_)?(?:40[13]|UNAUTHORI[SZ]ED|FORBIDDEN)(?:_\w+)?\b"
    r"|\b(?:this|self)\.(?:status|code|status_?[cC]ode|http_?[sS]tatus|http_?[cC]ode)\s*=\s*[\w.]*(?:40[13]|UNAUTHORI[SZ]ED|FORBIDDEN)"
)
# `badRequest("Sign in first", 401)`, where the function throws with the status that it is given, or answers with it: `return fail(401, "…")`.
_CALLED = re.compile(r"(?<![\w.])(?P<name>[A-Za-z_]\w*)\(\s*[^()\n;]{0,160}?(?<![\w\"'])40[13](?![\w\"'])")
_THROWS = re.compile(r"\b(?:throw|raise)\b")
_SENDS = r"\.(?:status|code|sendStatus|writeHead)\(\s*{0}\b|\.statusCode\s*=\s*{0}\b"
_MAKES = r"\b(?:Response(?:\.json)?|\w+\.json|json)\([\s\S]{{0,300}}?(?:\bstatus(?:\s*:\s*{0})?\s*[,}}]|,\s*{0}\s*\))"
_GIVEN_BACK = re.compile(r"(?:\breturn|=>)\s*(?:await\s+)?\(?$")
# `return unauthorized();`, where all that the function does is to answer so.
_ANSWERED = re.compile(
    r"\breturn\s+(?:await\s+)?(?P<name>(?=\w*(?:unauth|forbid|den(?:y|ied)|40[13]|not_?(?:auth|allow|signed)))[A-Za-z_]\w*)\(",
    re.I,
)
# One of them stands in such a name.
_NAMED = ("unauth", "forbid", "deny", "denied", "401", "403", "not")
_CONDITION = re.compile(r"\bif\b|\?\s*[^.:?]+:")
_DEEPEST = 3


class Denials:
    """Knows the errors of one tree, each looked at once."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._known: dict[tuple[str, str], bool] = {}

    def raised(self, path: str, code: str) -> Iterator[re.Match[str]]:
        """Where a body of a file raises one of them."""
        for match in _RAISED.finditer(code) if "raise" in code or "throw" in code or "next(" in code else ():
            key = (path, match["name"])
            if key not in self._known:
                self._known[key] = self._denies(self._resolver.find(*key), _DEEPEST)
            if self._known[key]:
                yield match

        for match in _CALLED.finditer(code) if "401" in code or "403" in code else ():
            found = self._resolver.find(path, match["name"])
            function = found.function if found else None
            status = next((one.name for one in function.params if _STATUS.match(one.name)), "") if function else ""
            if function is None or not status or function.is_class:
                continue
            sends = re.search(_SENDS.format(status), function.code)
            # What is only made is an answer where it is given back.
            makes = re.search(_MAKES.format(status), function.code) and _GIVEN_BACK.search(code[: match.start()])
            if _THROWS.search(function.code) or sends or makes:
                yield match

        lowered = code.lower()
        for match in _ANSWERED.finditer(code) if any(word in lowered for word in _NAMED) else ():
            found = self._resolver.find(path, match["name"])
            function = found.function if found else None
            if found is None or function is None or function.is_class or _CONDITION.search(function.code):
                continue
            if refuses(function.code) or any(self.raised(found.path, function.code)):
                yield match

    def _denies(self, found: Found | None, hops: int) -> bool:
        if found is None:
            return False
        if found.binding is not None:
            # `not_signed_in = HTTPException(status_code=401)`
            value = found.binding.value
            return value.kind == "call" and any(_says(one) for name, one in value.named if _STATUS.match(name))
        owner = found.function
        if owner is None or not owner.is_class:
            return False
        said = [field.default for field in owner.fields if _STATUS.match(field.name) and field.default is not None]
        if said:
            return any(_says(one) for one in said)
        makes = next((one for one in owner.methods if one.name in ("__init__", "constructor")), None)
        given = [one.default for one in makes.params if _STATUS.match(one.name) and one.default] if makes else []
        if given:
            # `constructor(message, statusCode = Status.UNAUTHORIZED)`: what it answers with unless it is told otherwise.
            return any(_says(one) for one in given)
        if makes is not None and re.search(r"\bsuper\b", makes.code) and _settles(makes):
            return bool(_MADE.search(makes.code))
        return hops > 0 and any(
            self._denies(self._resolver.find(found.path, base.text), hops - 1) for base in owner.bases if base.text
        )


def _says(value: Expr) -> bool:
    return bool(_SAYS.search(value.text))


def _settles(makes: Function) -> bool:
    """Whether a constructor says a status of its own, and does not only hand on what it is given."""
    return bool(_MADE.search(makes.code) or re.search(r"\b[45]\d\d\b", makes.code))
