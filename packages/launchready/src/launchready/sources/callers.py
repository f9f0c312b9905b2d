"""Whether a refusal looks at who is calling: one that does not protects a record, not the door."""

import re

from launchready.sources.facts.shape import Expr, Function

# A refusal that does not look at the caller protects a record, not the door.
ABOUT_THE_CALLER = re.compile(
    r"""user|account|principal|identity|viewer|actor|claims?\b|jwt|token|auth(?!or(?!i))|role|permission|scope|credential
    |api_?key|cookie|\bheaders?\b|secret|password|owner|tenant|member|admin|signed_?in|logged_?in|session(?:\[|\.get|\?\.|\.is)
    # Laravel's gates ask about whoever is signed in, and say no to strangers (laravel.com/docs: authorization).
    |\bGate::""",
    re.X | re.I,
)
_ASKS = re.compile(r"\b(?:if|elif|unless|when|case)\b")
_WORD = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w{2,}(?![\w\"'])")
# `if (!params?.token)`: a part of the address, which is always there.
_OF_ADDRESS = re.compile(r"if\s*\(\s*!\s*params\b(?:\??\.\w+)?(?:\s*\|\|\s*!\s*params\b(?:\??\.\w+)?)*\s*\)")
# The name of the server that a request asks for (RFC 9110, 7.2), or of the program that sends it: everybody may send what is let pass.
_OF_HOST = re.compile(
    r"!\s*\w*(?:hosts?|hostnames?|agents?)(?:\??\.(?:has|includes)\(|\s*(?:\|\||\)))|\b(?:user_?agent|host(?:_?name)?)\b(?=\W*(?:[=!]==?|\.(?:includes|startsWith|endsWith|match)\())",
    re.I,
)
# `request.client.host in settings.blocked_ips`, `blacklist.has(req.ip)`, `if not request.client`
_BLOCKED = re.compile(
    r"\b(?:client|remote_?addr|ip|ip_?addr\w*|host)\b[^\n]{0,40}?(?<!not)\s+in\s+[\w.]*(?:block|ban(?:ned|_)|deny|denied|black)\w*"
    r"|(?:block|banned|deny|denied|black)\w*\.(?:includes|has)\(\s*[\w.]*ip\w*\s*\)|\bnot\s+request\.client\s*:|!\s*req\.ip\s*\)",
    re.I,
)
_CROSS_SITE = re.compile(
    r"\w*(?:csrf|xsrf|cross-?site|same_?origin)\w*|\b\w*origin(?!al)\w*|\brefer(?:r)?er\b|sec-fetch-site", re.I
)
# Whether the service, the firm or an address is let be served at all: the same for everybody who calls from there.
_OF_EVERYBODY = re.compile(
    r"maintenance|lock_?down|suspend|\bblock(?:ed|list)|(?:ip|address(?:es)?)_?(?:block|ban|allow|white|black)|\b\w*blocked\b|rate_?limit|too_?many|\bcountry|\bgeo",
    re.I,
)
_CREDENTIALS = re.compile(r"user|session|auth(?!or)|role|jwt|api_?key|secret|account", re.I)
_LETS = re.compile(
    r"(?:allow_?(?:anonymous|guests?|public|unauthenticated)|optional(?:_?auth)?|skip_?auth|is_?public|anonymous)$",
    re.I,
)
_ASKS_FOR = re.compile(
    r"(?:required|require_?auth|auth_?required|credentials_?required|require_?(?:user|session|login))$", re.I
)
_WORD_OR_TWO = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*(?!\s*=)")
_CREDENTIAL = re.compile(r"token|session|jwt|cred|key|password|secret|request|cookie|header|auth|current", re.I)
_MISSING_RECORD = re.compile(r"\bif\s+(?:not\s+)?(?P<name>\w+)(?:\s+is\s+None)?\s*:")
# How far before a refusal its condition stands, in characters.
_NEAR = 400
# The whole request, by the names handlers give it.
REQUESTS = frozenset(("req", "request", "ctx", "websocket"))
GIVEN_ON = REQUESTS | {"r", "c"}


# The rank of somebody, and what a request names people by.
_RANKED = re.compile(
    r"(?<![\w.])(\w+)(\??\.)(?:roles?|is_?(?:admin|staff|superuser|moderator|owner)|permissions?|user_?type|account_?type)\b(?!\s*=[^=])",
    re.I,
)
# One of them stands in each of these, and is found thirty times as fast.
_RANKS = ("role", "admin", "staff", "superuser", "moderator", "owner", "permission", "_type", "rtype", "ttype")
_SENT = r"\breq(?:uest)?\??\.(?:body|params|query|json|form|args|get_json)\b"
_OF_CALLER = re.compile(
    r"\b(?:req(?:uest)?|ctx|context|session|g)\??\.(?!body|params|query|json|form|args|get_json)\w+|current_?user", re.I
)
# The state of something, alone in a condition, and what that something is called when it is the caller.
_STATE = re.compile(
    r"(?:if|elif|unless)\s*\(?\s*(?:not\s+|!)?\s*(?P<of>\w+)\??\.(?:is_?)?(?:active|enabled|disabled|archived|deleted(?:_?at)?|suspended|status|expired|locked|"
    # `if share.token_expiry and share.token_expiry < now`: a link that has ended has ended for everybody.
    r"ready|published|frozen|\w*expir(?:y|e[sd]|ation)\w*)\b(?P<rest>[^:{\n]*)",
    re.I,
)
_PERSON = re.compile(
    r"user|account|member|person|principal|identity|profile|admin|owner|session|token|key|cred|customer|employee|caller|subject|\bme\b",
    re.I,
)
# One letter that nobody writes, in the place of the rank of somebody else.
_OTHERS = "\u01c0"


def without_others(code: str) -> str:
    """Code in which the rank of somebody whom the request itself names is none: ``user.role``, where ``user = await User.findById(req.body.userId)``."""
    lowered = code.lower()
    if not any(word in lowered for word in _RANKS):
        return code
    names = {name for name, _ in _RANKED.findall(code)}
    others = {name for name in names if _named_by_request(code, name)}
    return (
        _RANKED.sub(lambda found: f"{found[1]}{found[2]}{_OTHERS}" if found[1] in others else found[0], code)
        if others
        else code
    )


def asks_another(code: str, place: int) -> bool:
    """Whether the condition that leads to ``place`` is about the rank of somebody whom the request names, in code without those ranks."""
    before = code[max(place - _NEAR, 0) : place]
    starts = [match.start() for match in _ASKS.finditer(before)]
    return bool(starts) and _OTHERS in before[starts[-1] :]


def of_record(code: str, place: int) -> bool:
    """Whether the condition that leads to ``place`` is the state of a record, which is the same for everybody: ``if not tenant.is_active``."""
    before = code[max(place - _NEAR, 0) : place]
    starts = [match.start() for match in _ASKS.finditer(before)]
    if starts and _OF_ADDRESS.match(before[starts[-1] :]):
        return True
    state = _STATE.match(before[starts[-1] :]) if starts else None
    if state is None or _PERSON.search(state["of"]):
        return False
    # The fields of the record itself say nothing of who asks, whatever they are called.
    rest = re.sub(rf"(?<![\w.]){state['of']}\??\.\w+", "", state["rest"])
    return not ABOUT_THE_CALLER.search(rest)


def of_another_site(condition: str) -> bool:
    """Whether a condition asks where a request comes from or goes to, and nothing about who sends it."""
    if _OF_HOST.search(condition) and not _CREDENTIALS.search(_OF_HOST.sub("", condition)):
        return True
    return bool(_CROSS_SITE.search(condition)) and not _CREDENTIALS.search(_CROSS_SITE.sub("", condition))


def of_everybody(condition: str) -> bool:
    """Whether a condition, spelled out, asks whether anybody is served at all: maintenance, a blocked address, a firm that is suspended."""
    return bool(_OF_EVERYBODY.search(condition)) and not _CREDENTIALS.search(condition)


def lets_anybody(call: Expr) -> bool:
    """Whether a guard is told by its options to let strangers pass: ``requireTier(req, "rooms", { allowAnonymous: true })``, ``{ required: false }``."""
    return any(
        (value.text == "true" and _LETS.match(name)) or (value.text == "false" and _ASKS_FOR.match(name))
        for item in call.items
        if item.kind == "dict"
        for name, value in item.named
    )


def of_cross_site(code: str, place: int) -> bool:
    """Whether what is refused at ``place`` is a request from another site: every visitor of this one is let pass."""
    before = code[max(place - _NEAR, 0) : place]
    starts = [match.start() for match in _ASKS.finditer(before)]
    condition = before[starts[-1] :] if starts else ""
    if of_another_site(condition):
        return True
    said = code[place : place + 200].split("\n\n")[0]
    return bool(_CROSS_SITE.search(said)) and not _CREDENTIALS.search(_CROSS_SITE.sub("", condition))


def of_blocked(code: str, place: int) -> bool:
    """Whether what is refused at ``place`` is an address on the network that is on a list of blocked ones: it may be anybody's, and most are not."""
    before = code[max(place - _NEAR, 0) : place]
    starts = [match.start() for match in _ASKS.finditer(before)]
    return bool(starts and _BLOCKED.search(before[starts[-1] :]))


def of_missing(function: Function, place: int) -> bool:
    """Whether a handler says at ``place`` that the record is not there which the address names: ``user = find(user_id)``, ``if not user``."""
    if not function.decorators:
        return False
    asked = next(reversed([*_MISSING_RECORD.finditer(function.code, 0, place)]), None)
    if asked is None or _ASKS.search(function.code, asked.end(), place):
        return False
    found = re.search(
        rf"(?<![\w.]){asked['name']}\s*(?::[^=\n]{{1,60}})?=(?!=)\s*(?:await\s+)?[\w.]+\((?P<given>[^()]*)\)",
        function.code,
    )
    given = set(_WORD_OR_TWO.findall(found["given"])) if found else set()
    named = {one.name for one in function.params if one.default is None or one.default.kind != "call"}
    return bool(given & named) and not any(_CREDENTIAL.search(word) for word in given)


def _named_by_request(code: str, name: str) -> bool:
    given = re.search(
        rf"(?<![\w.]){re.escape(name)}\s*(?::[^=\n]{{1,60}})?=(?!=)\s*(?:await\s+)?[\w.]+\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)",
        code,
    )
    if given is None or _OF_CALLER.search(given[1]):
        return False
    words = [
        word
        for word in _WORD.findall(given[1])
        if re.search(rf"(?<![\w.]){word}\b[^\n;=]{{0,80}}=(?!=)\s*{_SENT}", code)
    ]
    return bool(re.search(_SENT, given[1]) or words)


def about_caller(function: Function) -> bool:
    """Whether anything in a function is about the caller."""
    named = " ".join(param.name for param in function.params)
    return bool(ABOUT_THE_CALLER.search(function.code) or ABOUT_THE_CALLER.search(named))


def hands_caller(function: Function, call: Expr) -> bool:
    """Whether a call is given the caller, or the whole request."""
    given = [item.text for item in (*call.items, *(value for _, value in call.named))]
    if any(text in GIVEN_ON for text in given):
        return True
    return _is_about(function.code, " ".join(given), {param.name for param in function.params}, 1)


def asks_caller(function: Function, place: int) -> bool:
    """Whether the condition that leads to the refusal at ``place`` looks at the caller, directly or by what its names were given."""
    code = function.code
    before = code[max(place - _NEAR, 0) : place]
    starts = [match.start() for match in _ASKS.finditer(before)]
    inside = before[starts[-1] :] if starts else ""
    if not inside or inside.count("}") > inside.count("{"):
        return about_caller(function)
    return _is_about(code, inside, {param.name for param in function.params}, 2)


def _is_about(code: str, text: str, params: set[str], hops: int) -> bool:
    if ABOUT_THE_CALLER.search(text):
        return True
    for name in dict.fromkeys(_WORD.findall(text)) if hops else ():
        if name in params:
            continue
        given = re.search(rf"\b{re.escape(name)}\b[^\n=;]{{0,60}}=(?!=)([^\n;]{{1,200}})", code)
        if given and _is_about(code, given.group(1), params, hops - 1):
            return True
    return False
