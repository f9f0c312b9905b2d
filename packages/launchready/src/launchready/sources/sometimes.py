"""Whether code with braces refuses only in some state of a record: ``if (post.isHidden) { if (!isAdmin) return denied(); }`` lets the rest pass."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from launchready.sources.branches import closing, opening
from launchready.sources.callers import ABOUT_THE_CALLER
from launchready.sources.of_settings import NAMES, WORDS, asks_settings
from launchready.sources.python_ends import done_at_login
from launchready.sources.refusals import refusals

_STATE = re.compile(r"^\s*(?:!\s*(?P<missing>\w+)|!?\s*(?P<record>\w+)\??\.\w+)(?=\s*$|\s*(?:&&|[=!]==?))")
_LOADED = r"\b(?:const|let|var)\s+{}\b[^=;\n]*=\s*await\s+(?P<call>[\w.]+\([^;]{{0,200}})"
_WHO = re.compile(r"session|auth|current|viewer|identity|verif", re.I)
_PYTHON_IF = re.compile(r"^(?P<indent>[ \t]*)(?:el)?if\s+(?P<condition>[^\n]+?):[ \t]*(?:#[^\n]*)?$", re.M)
# `catch (error) { if (isForbidden(error)) { …; return next(); } … }`: what was refused is answered all the same.
_ANSWERS_ALL_THE_SAME = re.compile(
    r"\bcatch\s*\(\w+\)\s*\{\s*if\s*\([^{}]*(?:Forbidden|Unauthori[sz]ed)[^{}]*\)\s*\{[\s\S]{0,200}?(?:return\s+next\(\s*\)|\bres\.(?:json|send)\()",
    re.I,
)
_BARE_RETURN = re.compile(
    r"\bif\s*\((?P<condition>(?:[^()]|\([^()]*\))*)\)\s*\{?\s*return\s*(?:;|\}|undefined\b|(?=\n))"
)
# `if (!key) return next()`: who brings nothing passes, before anything is refused.
_PASSES_STRANGERS = re.compile(
    r"""\bif\s*\(\s*(?:!\s*[\w.?!]+|[\w.?]+\s*={2,3}\s*(?:null|undefined)|(?:typeof\s+)?[\w.?]+\s*={2,3}\s*["']undefined["'])\s*\)\s*
        \{?\s*(?:return\s+)?(?:await\s+)?next\(\s*\)
    | \bif\s+(?:not\s+[\w.]+|[\w.]+\s+is\s+None)\s*:\s*return\s+await\s+call_next\(""",
    re.X,
)
# `if (!token) { if (logs) { … } return next(); }`: the same with more in the block.
_BROUGHT_NOTHING = re.compile(r"\s*(?:!\s*(?P<not>[\w.?]+)|(?P<name>[\w.?]+)\s*={2,3}\s*(?:null|undefined))\s*", re.I)
_BROUGHT = re.compile(r"token|user|session|auth|jwt|cookie|credential|bearer|claims|key$|identity", re.I)
_ENDS_PASSING = re.compile(r"\breturn\s+(?:await\s+)?next\(\s*\)\s*;?\s*$")
# `if (!maintenance && healthy) { await next(); return; }`
_LETS_PASS = re.compile(
    r"\bif\s*\((?P<condition>(?:[^()]|\([^()]*\))*)\)\s*(?:\{\s*)?(?:return\s+)?(?:await\s+)?next\(\s*\)"
)
_ASKED_OF_NOBODY = r"\b(?:const|let|var)\s+{}\s*=\s*(?:await\s+)?(?P<call>[\w.]+)\(\s*\)"
_OPENS = re.compile(r"\bif\s*\((?P<condition>(?:[^()]|\([^()]*\))*)\)\s*\{")
# What says who calls is looked at further on.
_FIRST = 8
_SAYS_WHO = frozenset(("authorization", "cookie"))
_ENVIRONMENT = re.compile(r"process\.env|import\.meta\.env|\bis_?(?:dev|test|prod)", re.I)
_SENT_HEADER = re.compile(
    r"""^\(?\s*(?:\w+\.)*(?:headers\s*(?:\?\.)?\[\s*["'](?P<a>[\w-]+)["']\s*\]|headers\.get\(\s*["'](?P<b>[\w-]+)["']\s*\)|header\(\s*["'](?P<c>[\w-]+)["']\s*\))
        (?:\s*={2,3}\s*["'](?:true|1|yes)["'])?\s*\)?$""",
    re.X | re.I,
)
_LETS_GO_ON = re.compile(r"\breturn\s+(?:await\s+)?next\(|\bnext\(\s*\)|\breturn\s+true\b")
_ENDS_BARE = re.compile(r"\breturn\s*;?\s*$")
_ASKS = re.compile(r"\b(?:if|unless|switch|case|when|or|and|else)\b|\?|&&|\|\|")
_SHOWS = re.compile(r"\breturn\b(?!\s*(?:;|NextResponse\.)?\s*\w*[rR]edirect)")
_SIGNATURE = re.compile(r"(?!!)[\w.$\[\]\"'?-]*(?:sig\b|signature|hmac)[\w.$\[\]\"'?-]*", re.I)
_ELSE = re.compile(r"else\s*(?:if\s*\([^{}]*\)\s*)?\{")
_SAYS_NO = re.compile(r"\bthrow\b|\b[45]\d\d\b|\breject\b|\bnext\(\s*\w")
_BEFORE_BLOCK = re.compile(r"(?:(?P<word>\w+)\s*)?$")
_OWN = re.compile(r"\bif\s*\([^;{}]*$")


def answers_all_the_same(code: str) -> bool:
    """Whether what was refused is caught, and answered."""
    return bool(_ANSWERS_ALL_THE_SAME.search(code))


def only_sometimes(code: str, places: Sequence[int]) -> bool:
    """Whether every one of some places stands under a condition about what a record is like, or that it is missing."""
    return bool(places) and all(_in_some_state(code, place) for place in places)


def asked_when_sent(code: str, places: Sequence[int]) -> bool:
    """Whether a signature is looked at only when one was sent: ``if (secret && signature) { verify(…) }`` and nothing for who leaves it out."""
    return bool(places) and all(any(_when_sent(code, one) for one in conditions_at(code, at)) for at in places)


def _when_sent(code: str, condition: str) -> bool:
    terms = [term.strip() for term in condition.split("&&")]
    signed = next((term for term in terms if _SIGNATURE.fullmatch(term)), "")
    if not signed or "||" in condition:
        return False
    # `if (!signature) return refused`, before or behind it, or what is said otherwise.
    name = re.escape(signed)
    return not re.search(
        rf"!\s*{name}(?![\w.\[])|{name}\s*={{2,3}}\s*(?:undefined|null|[\"']{{2}})", code
    ) and not _refuses_else(code, condition)


def _refuses_else(code: str, condition: str) -> bool:
    opened = re.search(rf"\bif\s*\(\s*{re.escape(condition.strip())}\s*\)\s*\{{", code)
    if opened is None:
        return True
    rest = code[closing(code, opened.end() - 1) + 1 :].lstrip()
    return bool(_ELSE.match(rest) and _SAYS_NO.search(rest[: closing(rest, rest.index("{"))]))


_ENDS_SESSION = re.compile(
    r"\bsession\??\.(?:destroy|end|clear|delete|invalidate)\w*\(|\b(?:sign|log)_?out\w*\(|cookies?(?:\([^()]*\))*\)*\.delete\(|\b(?:clearCookie|deleteSession|invalidateSession)\w*\(",
    re.I,
)
_SAME = re.compile(r"(?<![!=<>])={2,3}(?!=)")
_NOT_THERE = re.compile(r"!|\b(?:null|undefined|false|expired|invalid|None)\b|[\"']{2}", re.I)


def ends_at_login(code: str, refusal: "re.Match[str]") -> bool:
    """Whether a way to the login page is where everybody ends: nothing was asked before it, as behind a link that confirms an address."""
    away = re.match(r"redirect|RedirectResponse|HttpResponseRedirect|\w+\s*=\s*[\w.]*url_", refusal.group(), re.I)
    if away is None:
        return False
    at = refusal.start()
    return (
        _ASKS.search(code, 0, at) is None
        or _last_of_all(code, at)
        or done_at_login(code, at)
        or _signed_out_before(code, at)
    )


def _signed_out_before(code: str, at: int) -> bool:
    """Whether it is where somebody goes whose session was just ended, for that two things are the same: ``if (id === me) { session.destroy(); redirect("/login") }``.

    Where something is missing or wrong, the same lines are a refusal that clears up behind it.
    """
    own = code[max(code.rfind("{", 0, at), at - 400, 0) : at]
    condition = next(conditions_at(code, at), None) if _ENDS_SESSION.search(own) else None
    return condition is not None and bool(_SAME.search(condition)) and not _NOT_THERE.search(condition)


def _last_of_all(code: str, at: int) -> bool:
    """Whether whoever comes so far is sent there, and whoever does not was sent there before."""
    own = re.split(r"[;{}]", code[max(0, at - 200) : at])[-1]
    inside = next(conditions_at(code, at), None) is not None or _OWN.search(own)
    return "{" in code and not inside and not _SHOWS.search(code, 0, at)


def returns_before(code: str) -> str:
    """The condition under which a hook returns with nothing before it refuses anything, and so lets the request pass; empty for none.

    ``if (!token) return;`` in a hook is no refusal; in a handler it may be one, which somebody else has answered.
    """
    first = min((match.start() for match in refusals(code)), default=0)
    bare = _BARE_RETURN.search(code, 0, first)
    return bare["condition"] if bare else ""


def passes_before(code: str, places: Sequence[int]) -> bool:
    """Whether who brings nothing is let pass before anything is refused."""
    first = min(places, default=0)
    at_once = (one["condition"] for one in _LETS_PASS.finditer(code, 0, first))
    return (
        _PASSES_STRANGERS.search(code, 0, first) is not None
        or any(map(_brought_nothing, at_once))
        or _passed_without(code, first)
    )


def _passed_without(code: str, first: int) -> bool:
    """Whether a block before ``first`` goes on for who brought nothing: ``if (!token) { …; return next(); }``"""
    return any(
        _brought_nothing(condition) and _ENDS_PASSING.search(block.rstrip()[-40:]) and not refusals(block)
        for condition, block in _blocks(code, first)
    )


def _brought_nothing(condition: str) -> bool:
    """Whether a condition says that no token, session or account came with the request."""
    # `if (type !== "mutation" || !ctx.user)`: one of several is enough.
    found = (_BROUGHT_NOTHING.fullmatch(one) for one in condition.split("||"))
    return any(one is not None and _BROUGHT.search(one["not"] or one["name"]) is not None for one in found)


def passes_in_some_state(code: str) -> bool:
    """Whether a middleware lets everybody pass in some state of the app, such as while it is not maintained, before it refuses anybody.

    The state is what calls give that are handed nothing: they cannot know who is asking.
    """
    first = min((match.start() for match in refusals(code)), default=0)
    for one in _LETS_PASS.finditer(code, 0, first):
        names = [name for name in NAMES.findall(one["condition"]) if name not in WORDS]
        bound = [re.search(_ASKED_OF_NOBODY.format(re.escape(name)), code) for name in names]
        if names and all(
            call and not (_WHO.search(call["call"]) or ABOUT_THE_CALLER.search(call["call"])) for call in bound
        ):
            return True
    return False


def passes_by_header(code: str) -> bool:
    """Whether a middleware lets whoever sends some header pass."""
    return next(headers_that_pass(code), None) is not None


def headers_that_pass(code: str) -> Iterator[tuple[int, str, str]]:
    """Where whoever sends a header is let pass, its name, and what is done: ``if (req.headers["x-bypass-auth"]) { req.user = owner; return next(); }``.

    A header that is compared with something that is kept is a key, and what holds outside of production alone is another matter.
    """
    if "headers" not in code and ".header(" not in code:
        return
    for opened, name in islice(_asking_headers(code), _FIRST):
        block = code[opened.end() : closing(code, opened.end() - 1)]
        if _LETS_GO_ON.search(block) and not _ENVIRONMENT.search(" ".join(conditions_at(code, opened.start()))):
            yield opened.start(), name, block


def _asking_headers(code: str) -> "Iterator[tuple[re.Match[str], str]]":
    """The conditions that ask for nothing but headers, and the name of the first."""
    for opened in _OPENS.finditer(code):
        terms = [_SENT_HEADER.match(term.strip()) for term in re.split(r"&&|\|\|", opened["condition"])]
        names = [(one["a"] or one["b"] or one["c"]).lower() if one else "authorization" for one in terms]
        if _SAYS_WHO.isdisjoint(names):
            yield opened, names[0]


def returns_on_the_way(code: str) -> list[str]:
    """The conditions under which a hook returns with nothing before the last that it refuses: ``if (isPublic(path)) { …; return; }``"""
    last = max((match.start() for match in refusals(code)), default=0)
    bare = [match["condition"] for match in _BARE_RETURN.finditer(code, 0, last)]
    return bare + [
        condition for condition, block in _blocks(code, last) if _ENDS_BARE.search(block) and not refusals(block)
    ]


def _blocks(code: str, last: int) -> Iterator[tuple[str, str]]:
    for match in _OPENS.finditer(code, 0, last):
        yield match["condition"], code[match.end() : closing(code, match.end() - 1)]


def by_setting(code: str, at: int) -> bool:
    """Whether the condition of a refusal asks for settings of the app alone, so that nobody or everybody is refused."""
    last = next(reversed([*_PYTHON_IF.finditer(code, 0, at)]), None)
    if last is not None:
        line = code[code.rfind("\n", 0, at) + 1 : at]
        inside = len(line) - len(line.lstrip()) > len(last["indent"])
        return inside and asks_settings(code, last["condition"])
    around = list(conditions_at(code, at))
    own = _OWN.search(re.split(r"[;{}]", code[max(0, at - 200) : at])[-1])
    return asks_settings(code, own.group()[2:].lstrip(" (") if own else around[0] if around else "")


def _in_some_state(code: str, at: int) -> bool:
    around = list(conditions_at(code, at))
    statement = re.split(r"[;{}]", code[max(0, at - 200) : at])[-1]
    outer = (
        around if _OWN.search(statement) else around[1:] if around and not _state_of_record(code, around[0]) else around
    )
    return any(_state_of_record(code, condition) for condition in outer)


def _state_of_record(code: str, condition: str) -> bool:
    """Whether a condition asks what a record is like that was loaded before, and nothing about who is asking."""
    found = _STATE.match(condition)
    if found is None or ABOUT_THE_CALLER.search(condition) or _WHO.search(condition):
        return False
    loaded = re.search(_LOADED.format(re.escape(found["missing"] or found["record"])), code)
    return loaded is not None and not (
        ABOUT_THE_CALLER.search(loaded["call"].split("(")[0]) or _WHO.search(loaded["call"].split("(")[0])
    )


def conditions_at(code: str, at: int) -> Iterator[str]:
    """The conditions of the ``if`` blocks around a place, the innermost first, up to the function it stands in."""
    depth = 0
    for place in range(at - 1, -1, -1):
        if code[place] == "}":
            depth += 1
        elif code[place] == "{" and depth:
            depth -= 1
        elif code[place] == "{":
            before = code[:place].rstrip()
            if before.endswith("=>"):
                return
            if not before.endswith(")"):
                continue
            start = opening(before)
            word = _BEFORE_BLOCK.search(before[:start])
            if word is None or word["word"] not in ("if", "for", "while", "switch", "catch"):
                return
            if word["word"] == "if":
                yield before[start + 1 : -1]
