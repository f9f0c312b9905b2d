"""Whether a handler gives a session to whoever names somebody: a token made for the person in the request, and no secret of theirs looked at."""

import re

from launchready.model.surface import Endpoint
from launchready.model.words import AccessVerdict, Kind
from launchready.sources.handlers import body_of

_LONGEST = 8_000
_WHO = re.compile(
    r"(?:(?:user|member|account|person|customer|employee|admin)_?-?(?:name|id|email)?|e_?-?mail|uid|login|sub|who)",
    re.I,
)
# PyJWT and jose, jsonwebtoken, jose for scripts, Flask-JWT-Extended and FastAPI's own tutorial, Simple JWT.
_MAKES = (
    r"(?:jwt|jose)\.(?:encode|sign)\(|new\s+SignJWT\(|\b(?:create|generate|make|issue|sign)_?(?:access|auth|session|jwt|id)?_?(?:token|jwt)\("
    r"|(?:AccessToken|RefreshToken)\.for_user\("
)
_MADE = re.compile(rf"(?P<name>\b\w+)\s*(?::\s*\w+)?=\s*(?:await\s+)?(?:{_MAKES})", re.I)
_AT_ONCE = re.compile(rf"(?:return\s|json\(|send\(|jsonify\()[^\n;]{{0,160}}?(?:{_MAKES})", re.I)
# What only the person knows or was sent, what another site vouches for, and a token that is no session.
_ASKS = re.compile(
    r"pass_?(?:word|wd|code|phrase)|secret\b|otp|\bpins?\b|verif|compar|check|hash|decode|creden|oauth|google|github|provider|hmac|signature|challenge|nonce"
    r"|code\b|refresh|csrf|xsrf|reset|confirm|invit|api_?key|authenticat|authoriz|session(?:\[|\.get\()|req(?:uest)?\.session|cookie|current_?user|req(?:uest)?\.user\b|anonym|guest|\bturn\b|rtc|room|stream",
    re.I,
)
_KEEPS = re.compile(r"\bINSERT\b|\.(?:add|create|save|insert\w*|upsert)\(", re.I)
_WRITES_TO = re.compile(r"send_?\w{0,30}?(?:mail|link|sms|message)|mailer|sendgrid|smtp|resend|postmark|\.mail\(", re.I)
_FINDS = re.compile(
    r"\.(?:get|find\w*|filter\w*|query|first|one\w*|scalar\w*|execute|fetch\w*|select|prepare)\(|\bSELECT\b|\b[A-Za-z_]*(?:users|accounts|members|people)\[",
    re.I,
)
_REFUSES = re.compile(r"\b40[0134]\b|not_?found|None\b|\bif\s*\(?\s*!|abort\(", re.I)
_NOT_OUT_THERE = re.compile(r"debug|develop|\bdev\b|NODE_ENV|environment|\benv\b|testing|is_?local|feature", re.I)


def named_by(endpoint: Endpoint) -> str:
    """The input of an endpoint that strangers reach which says who somebody is; empty where there is none, or what goes along is a secret."""
    if endpoint.access.verdict is not AccessVerdict.OPEN or Kind.SIGNUP in endpoint.kind:
        return ""
    names = [one.name.rpartition(".")[2] for one in endpoint.inputs if one.where in ("path", "query", "body", "form")]
    return "" if any(map(_ASKS.search, names)) else next((name for name in names if _WHO.fullmatch(name)), "")


def hands_out(endpoint: Endpoint, who: str, code: str) -> bool | None:
    """Whether it is certain that whoever gives ``who`` is given their token: the person is looked up, and whoever is nobody is refused.

    ``code`` is that of the handler. None where it gives none, asks for anything that others do not know, writes to the person, or makes the account.
    """
    body = body_of(code[:_LONGEST])
    if not re.search(rf"\b{re.escape(who)}\b", body) or not _in_the_answer(body):
        return None
    if _ASKS.search(_MADE.sub("", body)) or _KEEPS.search(body) or _WRITES_TO.search(body):
        return None
    sure = bool(_FINDS.search(body) and _REFUSES.search(body) and not _NOT_OUT_THERE.search(code))
    return sure and not endpoint.only_when


def _in_the_answer(body: str) -> bool:
    if _AT_ONCE.search(body):
        return True
    return any(
        re.search(rf"(?:return\b|json\(|send\()[^;]{{0,200}}?\b{re.escape(made['name'])}\b", body[made.end() :])
        for made in _MADE.finditer(body)
    )
