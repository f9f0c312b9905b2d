"""Guards of NestJS that a stranger passes, and that only tell the handler who calls (docs.nestjs.com/recipes/passport: extending guards)."""

import re

from launchready.sources.facts.shape import Function
from launchready.sources.sometimes import conditions_at

# `if (!authHeader) { return true; }`, before the strategy is asked.
_PASSES_WITHOUT = re.compile(
    # Whatever header it is: `if (!request.headers[IMPERSONATED]) return true`.
    r"\bif\s*\(\s*!\s*(?:[\w.$?]*\bheaders(?:\?\.)?\[(?P<header>[^\[\]]+)\]|(?P<name>[\w.$]*(?:\?\.\w+)*))\s*\)\s*\{?\s*return\s+(?:true\b|Promise\.resolve\(\s*true)"
)
_BROUGHT = re.compile(r"auth|token|cookie|bearer|jwt|credential|session|api_?key|user$|account$", re.I)
# What a decorator of the route says decides there: `const asked = this.reflector.get(…)`
_BY_METADATA = re.compile(r"\b(?:const|let|var)\s+(\w+)\b[^=;]{0,120}=\s*(?:this\s*\.\s*)?reflector\b")
# `catch { return true; }`: what was refused passes all the same.
_CAUGHT = re.compile(r"\bcatch\s*(?:\(\s*\w+(?:\s*:\s*\w+)?\s*\)\s*)?\{[^{}]{0,300}\breturn\s+true\b")
_THROWS = re.compile(r"\bthrow\b")
_WAITED = re.compile(r"\bsuper\s*\.\s*handleRequest\s*\(")
_USER_AT = 1
_NEAR = 300
_ONE_LINE = re.compile(r"\bif\s*\((?P<condition>[^;{}]*)\)\s*$")


def lets_strangers_pass(guard: Function) -> bool:
    """Whether who brings nothing passes a guard that is made of ``AuthGuard``, or one that looks at the request by itself."""
    named = {method.name: method for method in guard.methods}
    handles, asks = named.get("handleRequest"), named.get("canActivate")
    if handles is not None and not _refuses_nobody_there(handles):
        return True
    if asks is None:
        return False
    metadata = set(_BY_METADATA.findall(asks.code))
    return bool(_CAUGHT.search(asks.code)) or any(
        one["header"] or (one["name"] not in metadata and _BROUGHT.search(one["name"]))
        for one in _PASSES_WITHOUT.finditer(asks.code)
    )


def _refuses_nobody_there(handles: Function) -> bool:
    """Whether ``handleRequest(err, user)`` throws where there is no user; the one it inherits does."""
    code = handles.code
    if _WAITED.search(code) or len(handles.params) <= _USER_AT:
        return True
    user = re.escape(handles.params[_USER_AT].name)
    missing = re.compile(rf"!\s*{user}\b|\b{user}\s*={{2,3}}\s*(?:null|undefined|false)|isEmpty\(\s*{user}\b")
    for thrown in _THROWS.finditer(code):
        before = re.split(r"[;{}]", code[max(0, thrown.start() - _NEAR) : thrown.start()])[-1]
        own = _ONE_LINE.search(before)
        around = (*((own["condition"],) if own else ()), *conditions_at(code, thrown.start()))
        # `return user ?? fail()` has none; behind `if (user) return user;` nothing is asked any more.
        if not around or any(missing.search(one) for one in around):
            return True
    return False
