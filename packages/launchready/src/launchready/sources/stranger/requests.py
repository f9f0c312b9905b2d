"""What a stranger's request holds: no credential, and of the identity what some middleware put there, or nothing."""

import re

from launchready.sources.stranger.values import NOTHING, UNKNOWN, Value, const, empty, part

REQUESTS = re.compile(r"_?(?:req|request|ctx|context|event)\d?$")
_REPLIES = re.compile(r"_{0,2}(?:res|response|reply)\d?$")
_NEXTS = re.compile(r"_{0,2}(?:next|done)\d?$")
_IDENTITY = re.compile(
    r"^(?:remote|current|auth|authenticated|logged_?in|token)?_?(?:user|account\w*|principal|identity|member|actor|viewer|caller|claims|auth|authInfo)(?:_?id)?$",
    re.I,
)
_CREDENTIAL = re.compile(
    r"^(?:authorization|(?:access_?|bearer_?|auth_?|session_?|refresh_?)?(?:token|jwt)|x-api-key|api_?key|session_?id|sid|credentials?)$",
    re.I,
)
_HOLDERS = re.compile(r"^(?:state|locals|session|req|request|raw|ctx|context|headers|cookies|signedCookies|var)$")
_ASKS = re.compile(r"^(?:is(?:Un)?Authenticated|isLoggedIn|hasRole|can|allows|may)$")
_LOOKS_UP = re.compile(r"^(?:get|header|cookie|param|getHeader|getCookie)$")
GUEST, NOBODY = "guest", "nobody"


def parameter(name: str) -> Value | None:
    """What a handler is given under a name, None when the name says nothing."""
    if REQUESTS.match(name):
        return Value("request")
    if _REPLIES.match(name):
        return Value("reply")
    return Value("next") if _NEXTS.match(name) else None


def identity(name: str) -> bool:
    """Whether a part of a request is who is calling, by its name."""
    return bool(_IDENTITY.match(name))


def looked_up(of: Value, name: str, mode: str) -> Value:
    """A part of the request. ``mode`` says what is known of the identity: that of a ``guest`` is there, or ``nobody`` has any."""
    if name in of.fields:
        return of.fields[name]
    if _IDENTITY.match(name):
        return Value("there", True, name) if mode == GUEST else Value("nothing", True, name)
    if _CREDENTIAL.match(name):
        return empty(name)
    if _HOLDERS.match(name):
        of.fields[name] = Value("request")
        return of.fields[name]
    return UNKNOWN


def asked(of: Value, name: str, given: list[Value], mode: str) -> Value | None:
    """What a method of the request answers; None when it is not about the caller."""
    if _ASKS.match(name):
        return const(name.startswith("isUn"), Value("there", True, name))
    key = given[0].const if _LOOKS_UP.match(name) and given and given[0].kind == "const" else None
    return (
        looked_up(of, key, mode) if isinstance(key, str) and (_IDENTITY.match(key) or _CREDENTIAL.match(key)) else None
    )


def member(of: Value, name: str, mode: str) -> Value:
    """A part of any value, as far as it needs no class."""
    match of.kind:
        case "request":
            return looked_up(of, name, mode)
        case "reply":
            return looked_up(of, name, mode) if name == "locals" else of
        case "thing":
            found = of.fields.get(name)
            return found if found is not None else UNKNOWN if of.more or of.made is not None else NOTHING
        case "empty":
            return const(0, of) if name == "length" else part(of, name)
        case "there" if of.about:
            return part(of, name)
        case "nothing":
            return of
    return Value("unknown", of.about, of.label, of.stored) if of.about else UNKNOWN
