"""What shows that a body knows who calls, although it may refuse nobody: it looks at the caller, or takes apart what says who that is."""

import re
from functools import lru_cache

_DECODES = re.compile(
    r"\b(?:jwt\.(?:decode|verify)|jwtVerify|verify_jwt|verifyToken|getServerSession|supabase\.auth\.getUser)\b"
)
# One of them stands in whatever does so, and is found ten times as fast.
_DECODE_WORDS = ("jwt", "verifyToken", "getServerSession", "auth.getUser")
_KNOWS_CALLER = re.compile(
    r"""(?:(?=[.?]) | \b(?=[rcgsS])) (?:
    \b(?:req|request|ctx|context)(?:\.state|\.locals)?\??\.(?:user|account|auth|principal|identity|currentUser|current_user|member|actor|
        viewer|claims|jwt|session\??\.user)\w*\b
    | \bres\.locals\.(?:user|auth|account)\w*\b | \bcurrent_user\b | \?\(@(?:current_)?user\b | \bg\.(?:user|current_user|identity)\b
    | \b(?:c|ctx)\.(?:Get|MustGet|GetString|GetU?[Ii]nt\w*|Locals)\(\s*["'](?:user|uid|account|claims|role|auth|identity|member) | \.Context\(\)\.Value\( | \bSecurityContextHolder\b
    | \bsession(?:\[|\.get\()\s*["'](?:user|uid|account|admin|role|logged))""",
    re.X,
)


@lru_cache(maxsize=64)
def knows_caller(code: str) -> str:
    """Where a body looks at the caller, empty where it does not. It is asked twice of most, and of the same shortly after."""
    found = _KNOWS_CALLER.search(code)
    return found.group() if found else ""


def decodes(code: str) -> str:
    """Where a body takes a session or a token apart, empty where it does not."""
    found = _DECODES.search(code) if any(word in code for word in _DECODE_WORDS) else None
    return found.group() if found else ""
