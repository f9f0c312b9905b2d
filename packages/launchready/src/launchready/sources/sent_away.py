"""Whether a script sends away who has no session, wherever to: ``const user = await getUser(); if (!user) redirect("/welcome")``.

What is missing must be known to be the session, by where the name comes from: a row that was looked up by what a request brings is none.
"""

import re
from collections.abc import Iterator

from launchready.sources.bound_values import given_to, plainly_given_to
from launchready.sources.branches import closing as whole
from launchready.sources.refusals import refusals

_IF = re.compile(r"\bif\s*\(")
_SESSION = re.compile(
    r"""\b(?:getServerSession|getServerAuthSession|unstable_getServerSession|getSession|safeGetSession|getToken|getAuth|auth|currentUser|validateRequest
        |validateSession\w*|verifySession|getCurrentSession|getClaims|getUserSession|use\w*Session)\(
    | \.auth\.get(?:User|Session|Claims)\( | \.api\.getSession\(
    | \bget\w*(?:User|Session|Account|Viewer|Identity|Claims)\w*\(\s*(?:\)|(?:req(?:uest)?|event|ctx|context|c|cookies?|headers?)\b)""",
    re.X,
)
_KEPT = re.compile(
    r"^(?:\w+\.)?(?:locals|context|ctx|session|token)\??\.(?:user|session|account|auth|userId|currentUser)\b|^(?:\w+\.)?(?:req|request)\??\.(?:user|session|auth|account)\b"
)
# What a hook of SvelteKit keeps: `const { user } = locals`, `(locals as App.Locals)?.user ?? null`
_LOCALS = re.compile(r"^(?:\w+\.)?locals\s*$|^\(?(?:\w+\.)?locals\b[^;\n]{0,40}\.(?:user|session|account|auth)\b")
# What a client sends to say who it is (RFC 9110, 11.6.2), or a part of it: `const token = header?.split(" ")[1]`
_CREDENTIAL = re.compile(r"\bheaders?\b[^;]{0,40}\bauthorization\b", re.I)
_PART = re.compile(r"^(?P<of>\w+)\??\.(?:split|slice|substring|substr|replace|trim)\(|^\w+\(\s*(?P<given>\w+)\s*[,)]")
_CLAIM = re.compile(r"^(?P<of>\w*(?:claims|session|token|jwt|auth)\w*)\??\.", re.I)
# A cookie is a session by its name, or by that of what it is kept in.
_COOKIE = re.compile(r"\b(?:req(?:uest)?\.)?cookies?\b|[cC]ookies?(?:Store)?(?:\(|\.get\()")
_OF_SESSION = re.compile(r"(?<!csrf)(?<!csrf_)(?<!xsrf)(?:token|session|auth|jwt|\bsid\b|user)", re.I)
_MISSING = re.compile(
    r"^!\s*(?P<a>[\w.?]+(?:\[[\"'][\w-]+[\"']\])?)$|^(?P<b>[\w.?]+)\s*={2,3}\s*(?:null|undefined)$|^!\s*\(?\s*await\s+(?P<call>[\w.]+\(.*)$",
    re.S,
)
# `header !== `Bearer ${process.env.CRON_SECRET}``: what the app keeps, and nobody brings who was not told it.
_WRONG_SECRET = re.compile(
    r"^(?P<name>[\w.?]+(?:\(\s*[\"'][\w-]+[\"']\s*\))?)\s*!==?\s*(?:`Bearer \$\{)?(?:process\.env|import\.meta\.env|env)\.\w+\}?`?$"
)
# Of Passport, in every request behind its session (passportjs.org/docs: isAuthenticated).
_NOT_SIGNED_IN = re.compile(r"^!\s*(?:req|request|ctx)\??\.isAuthenticated\(\)$")
# `!["owner", "admin"].includes(session.role)`: who has no session has no rank.
_NOT_AMONG = re.compile(r"^!\s*\[(?:\s*[\"'][\w-]+[\"']\s*,?){1,20}\s*\]\.includes\(\s*(?P<name>[\w.?]+)\s*\)$")
_OF_HEADER = re.compile(r"\bheaders?\b", re.I)
_LEAVES = re.compile(
    r"""\b(?:redirect|redirectToSignIn|notFound|unauthorized|forbidden)\s*\( | \breturn\s*\{\s*(?:redirect\s*:|error\s*:|(?:success|ok)\s*:\s*false)""",
    re.X,
)
_LAST = re.compile(
    r"(?:^|[;{}\n])\s*(?:return|throw|(?:await\s+)?(?:\w+\.)?(?:redirect|redirectToSignIn|notFound|unauthorized|forbidden)\s*\()[^;]*;?\s*$"
)
# Nobody goes on behind what is thrown.
_THROWS = re.compile(r"(?:^|[;{}\n])\s*throw\b[^;]*;?$")
_EXCHANGE_WORDS = (
    *("exchangeCodeForSession", "verifyOtp", "validateAuthorizationCode"),
    *("exchange_code_for_session", "verify_otp", "authorize_access_token", "fetch_token"),
)
_EXCHANGES = re.compile(rf"\b(?:{'|'.join(_EXCHANGE_WORDS)})\(")
# A function that stands in a table under a name, such as what a tool of an assistant does: its value goes to whoever was given the table.
_NAMED = re.compile(r"\b\w+\s*:\s*(?:async\s*)?(?:\((?P<given>[^()]*)\)|(?P<one>\w+))\s*(?::[^={}]{1,80})?=>\s*\{")
_REQUEST = re.compile(r"\b(?:req|request|res|response|ctx|context|event|locals|session|cookies|headers|c)\b")
_TRY = re.compile(r"\btry\s*\{")
_CATCH = re.compile(r"\s*catch\s*(?:\([^()]*\)\s*)?\{")
_ANSWERS = re.compile(r"\bres(?:ponse)?\.(?:status|json|send|sendStatus)\(|\bnext\(\s*\w")
_GOES_ON = re.compile(r"\bnext\(\s*\)")
_FINALLY = re.compile(r"\s*finally\s*\{[^{}]*\}")
_LONGEST = 600
_BRACE, _BRACKET = re.compile(r"[{}]"), re.compile(r"[(){}\[\]]")


def sends_away(code: str, given: str = "") -> list[int]:
    """Where in a body who has no session is sent away, or told that there is an error and nothing else. ``given`` are its parameters."""
    if (
        "redirect" not in code
        and "error" not in code
        and "unauthorized(" not in code
        and "notFound(" not in code
        and "throw" not in code
    ):
        return []
    if "useContext(" in code:
        # In the browser, what is missing is what a component around it provides.
        return []
    found = []
    for match in _IF.finditer(code):
        end = closing(code, match.end() - 1)
        condition = code[match.end() : end]
        if 0 < len(condition) < 300 and _always_leaves(code, end + 1) and lacks_session(condition, f"{given}\n{code}"):
            found.append(match.start())
    inner = list(_inner(code)) if found else []
    return [at for at in found if not any(start < at < end for start, end in inner)]


def _inner(code: str) -> Iterator[tuple[int, int]]:
    """Where functions stand that are handed on in a table and get nothing of the request: nobody who calls the app hears what they give back."""
    for match in _NAMED.finditer(code):
        if match.start() and not _REQUEST.search(match["given"] or match["one"] or ""):
            depth, at = 1, match.end()
            while depth and at < len(code):
                depth += {"{": 1, "}": -1}.get(code[at], 0)
                at += 1
            yield match.end(), at


def signs_in(code: str) -> bool:
    """Whether a handler makes a session of a code that was brought, before it refuses anything: what it refuses then is the code."""
    made = _EXCHANGES.search(code) if any(word in code for word in _EXCHANGE_WORDS) else None
    if made is None:
        return False
    before = code[: made.start()]
    return not refusals(before) and not sends_away(before)


def lacks_session(condition: str, code: str) -> bool:
    """Whether a condition holds for who has no session, by where ``code`` has the name from that is asked for."""
    for term in re.split(r"\|\|", condition):
        if missing := _MISSING.match(term.strip()):
            if missing["call"]:
                return bool(_SESSION.search(missing["call"]))
            asked = missing["a"] or missing["b"]
            name = re.split(r"[.?]", asked)[0]
            if _KEPT.match(asked) or _is_session(name, code) or _CREDENTIAL.search(asked):
                return True
        if _NOT_SIGNED_IN.match(term.strip()):
            return True
        if among := _NOT_AMONG.match(term.strip()):
            asked = among["name"]
            if _KEPT.match(asked) or _is_session(re.split(r"[.?]", asked)[0], code):
                return True
        if wrong := _WRONG_SECRET.match(term.strip()):
            name = wrong["name"]
            if any(_OF_HEADER.search(value) for value in (name, *given_to(name, code))):
                return True
    return False


def _is_session(name: str, code: str) -> bool:
    values = list(given_to(name, code))
    taken = rf"\blocals\s*:\s*\{{[^{{}}]*\b{re.escape(name)}\b"
    kept = (value for value in values if _COOKIE.search(value) and _OF_SESSION.search(f"{name} {value}"))
    hooked = (value for value in values if _LOCALS.match(value.split("\n")[0].strip()))
    known = any(
        _SESSION.search(value) or _CREDENTIAL.search(value) or _of_credential(value, code) or _of_claims(value, code)
        for value in values
    )
    return known or any(kept) or any(hooked) or ("locals" in code and bool(re.search(taken, code)))


def _of_credential(value: str, code: str) -> bool:
    """Whether a value is taken out of a name that holds what the client says who it is by."""
    part = _PART.match(value.strip())
    name = (part["of"] or part["given"]) if part else ""
    return any(_CREDENTIAL.search(one) for one in plainly_given_to(name, code))


def _of_claims(value: str, code: str) -> bool:
    """Whether a value is taken out of the claims of a session: ``claims?.claims.sub``, where ``const { data: claims } = await auth.getClaims()``."""
    part = _CLAIM.match(value.strip())
    return part is not None and any(_SESSION.search(one) for one in given_to(part["of"], code))


def _always_leaves(code: str, start: int) -> bool:
    """Whether what stands behind a condition leaves, and by one of the ways out."""
    rest = code[start : start + _LONGEST].lstrip()
    if rest.startswith("{"):
        block = rest[1 : closing(rest, 0)]
        throws = _THROWS.search(block.rstrip()) and goes_no_further(code, start)
        return bool(throws or (_LEAVES.search(block) and _LAST.search(block.rstrip())))
    statement = re.split(r";|\n\s*\n", rest, maxsplit=1)[0]
    leaves = re.match(r"(?:return|throw|await|\w+\.|\w+\()", statement) and _LEAVES.search(statement)
    return bool(leaves) or (statement.startswith("throw ") and goes_no_further(code, start))


def goes_no_further(code: str, at: int) -> bool:
    """Whether what is thrown at a place ends the request: nothing in the body catches it, or what does answers and is the last of the body."""
    if always_reached(code, at, tried=False):
        return True
    for match in _TRY.finditer(code, 0, at) if always_reached(code, at) else ():
        end = whole(code, match.end() - 1)
        if end > at:
            catch = _CATCH.match(code, end + 1)
            last = whole(code, catch.end() - 1) if catch else len(code)
            caught = code[catch.end() : last].rstrip() if catch else ""
            if _GOES_ON.search(caught):
                return False
            if _LAST.search(caught):
                return True
            return bool(_ANSWERS.search(caught)) and not _FINALLY.sub("", code[last + 1 :]).strip(" \t\n};)")
    return False


def always_reached(code: str, at: int, *, tried: bool = True) -> bool:
    """Whether a place is come to whatever else holds: it stands in no block but the body, and what is ``tried``."""
    opened: list[int] = []
    for brace in _BRACE.finditer(code, 0, at):
        if brace.group() == "{":
            opened.append(brace.start())
        elif opened:
            opened.pop()
    return all(not code[:here].strip() or (tried and re.search(r"\btry\s*$", code[:here])) for here in opened)


def closing(code: str, start: int) -> int:
    """Where the bracket at ``start`` closes; the end of the code when it does not."""
    depth = 0
    for bracket in _BRACKET.finditer(code, start, start + 4 * _LONGEST):
        depth += 1 if bracket.group() in "({[" else -1
        if depth == 0:
            return bracket.start()
    return len(code)
