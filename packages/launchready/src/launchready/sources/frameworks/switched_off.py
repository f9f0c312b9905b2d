"""A guard that a function makes by what it is given, and that is given ``false`` here: ``authenticate("jwt", "Sign in first", false)``.

``if (!user && isStrict) throw …`` refuses nobody where ``isStrict`` is false: the same middleware is there to know the caller, and no more.
"""

import re

from launchready.sources.facts.shape import Expr, Function

_OFF = frozenset(("false", "undefined", "null"))
_CONDITION = re.compile(r"\bif\s*\((?P<asks>(?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*)\)")
# What is missing where a stranger calls: `!user`, `!req.session?.id`, `user == null`
_MISSING = re.compile(r"!\s*[A-Za-z_$]|[!=]==?\s*(?:null|undefined)\b")
_REFUSES = re.compile(r"\b(?:401|403)\b|\bthrow\b|\bredirect\(|Unauthori[sz]ed|Forbidden", re.I)
_BRANCH = 200


def switched_off(function: Function, call: Expr) -> str:
    """The parameter without which the function refuses no stranger, where the call leaves it out by its word; empty where there is none."""
    off = [param.name for param, given in zip(function.params, call.items, strict=False) if given.text in _OFF]
    for name in off:
        word = re.compile(rf"(?<![\w$.!]){re.escape(name)}(?![\w$.])")
        bound = free = False
        for one in _CONDITION.finditer(function.code):
            if not _MISSING.search(one["asks"]) or not _REFUSES.search(function.code[one.end() : one.end() + _BRANCH]):
                continue
            bound, free = bound or bool(word.search(one["asks"])), free or not word.search(one["asks"])
        if bound and not free:
            return name
    return ""
