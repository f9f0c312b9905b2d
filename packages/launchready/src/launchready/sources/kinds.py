"""What an endpoint is for, and whether it writes: by its path, its method and the name and code of its handler."""

import re
from collections.abc import Iterable

from launchready.model.words import Kind

_WORDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        Kind.LOGIN,
        re.compile(
            r"(?:^|/)(?:(?!last|first|recent|prev)[a-z]+[-_])?(?:(?:log[-_]?in|sign[-_]?in)(?:[-_](?:admin|user|member|customer|seller|with|by|via|verify))*(?:[-_](?:link|code|options|verification|e?-?mail|user-?name|phone|mobile|otp|password|google|github|facebook|apple))?|authenticate|sessions?/new)(?:/|$)|(?:^|/)magic[-_]?(?:link|generate|code|auth|log-?in|sign-?in)(?:[-_](?:send|request|generate|verify))?(?:/|$)|(?:^|/)(?:(?:better|next)-)?auth(?:/(?:\{\w+\}|\*{1,2}\w*))?$|(?:^|_)(?:log_?in|sign_?in)(?:_|$)|(?:^|[/._])(?:log|sign)_?in_?(?:user|account|member|admin|customer)(?:/|$)",
            re.I,
        ),
    ),
    (
        Kind.SIGNUP,
        re.compile(
            r"(?:^|/)(?:(?:e-?mail|phone|mobile|user|customer|student)[-_])?(?:sign[-_]?up|register|registration)(?:[-_](?:(?:with|by)[-_])?(?:e-?mail|user-?name|phone|mobile|password))?(?:/|$)|(?:^|/)auth/(?:create|new)(?:[-_]?(?:user|account))?/?$|(?:^|_)(?:sign_?up|register)(?:_(?!(?:for|to)_|devices?$|push|tokens?$|webhooks?$|vehicles?$|items?$|assets?$|products?$|sales?$|visits?$)|$)"
            r"|(?:^|[/._])(?:sign-?_?up|register)-?_?(?:new-?_?)?(?:user|account|member|customer)(?:/|$)",
            re.I,
        ),
    ),
    (
        Kind.PASSWORD_RESET,
        re.compile(
            r"forgot|forget[-_]?pass|lost[-_]?pass|reset-?_?password|password-?_?reset|password/(?:reset|forgot|email)|password[-_]?remind|remind[-_]?password|recover"
            # A code by mail or text message stands in for the password: it is asked for and shown by who is not signed in.
            r"|(?:^|/)(?:(?:re-?)?send|request|generate|verify|validate)[-_]?otp(?:/|$)|(?:^|/)otp/(?:(?:re-?)?send|request|generate|verify|validate)(?:/|$)",
            re.I,
        ),
    ),
    (Kind.INVITE, re.compile(r"invit", re.I)),
    (Kind.WEBHOOK, re.compile(r"web-?_?hooks?(?:/|$|_)|(?:^|/)hooks?(?:/|$)|stripe/(?:events?|callback)", re.I)),
    (Kind.ADMIN, re.compile(r"(?:^|/)(?:admin|superuser|backoffice|staff|internal)(?:/|$)|(?:^|_)admin(?:_|$)", re.I)),
    (Kind.EXPORT, re.compile(r"export|download-?all|\.csv|dump|backup", re.I)),
    (
        Kind.BILLING,
        re.compile(
            # To alerts, topics and feeds one subscribes for nothing.
            r"^(?!.*(?:alert|topic|notification|push|feed|hook|event|thread|channel|newsletter|mailing|share|post|comment|document|issue)[\w/{}.-]*subscription).*subscription|billing|invoice|payment|checkout|(?:^|/|pricing[-_]?|billing[-_]?|price[-_]?)plans?(?:/|$)|payout",
            re.I,
        ),
    ),
    (Kind.UPLOAD, re.compile(r"upload|avatar|attachment|(?:^|/)(?:files?|documents?|media|images?)(?:/|$)", re.I)),
    (Kind.SEARCH, re.compile(r"search|(?:^|/)find(?:/|$)|autocomplete|suggest", re.I)),
    (Kind.SETTINGS, re.compile(r"settings|preferences|(?:^|/)config(?:/|$)", re.I)),
    (Kind.AI, re.compile(r"(?:^|/)(?:ai|chat|assistant|completions?|prompt|llm|agents?|copilot)(?:/|$)", re.I)),
    (Kind.HEALTH, re.compile(r"(?:^|/)(?:health\w*|ping|status|ready|readyz|live|livez|version|metrics|up)$", re.I)),
    (Kind.DOCS, re.compile(r"(?:^|/)(?:docs|redoc|openapi\.json|swagger[\w.-]*|api-docs)(?:/|$)", re.I)),
)
# The actions of Rails' sessions, and of Devise, whatever their addresses are: `POST /users/password` mails a link (github.com/heartcombo/devise).
_ACTIONS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.LOGIN, re.compile(r"(?:^|/)sessions#(?:new|create)$")),
    (
        Kind.SIGNUP,
        re.compile(r"(?:^|/)(?:devise|auth|users?|accounts?|admins?|members?)/registrations#(?:new|create)$"),
    ),
    (
        Kind.PASSWORD_RESET,
        re.compile(
            r"(?:^|/)passwords#(?:new|create)$|(?:^|/)(?:devise|auth|users?|accounts?|admins?|members?)/(?:passwords|confirmations|unlocks)#\w+$"
        ),
    ),
)
# Views of Django REST framework and Simple JWT that give out, renew and check tokens, for whoever brings what they ask for
# (django-rest-framework-simplejwt.readthedocs.io).
_TOKEN_VIEWS = re.compile(
    r"(?:TokenObtain\w*|TokenRefresh\w*|TokenVerify|TokenBlacklist|ObtainAuthToken)(?:View)?(?:\.post)?$"
)
# Who registers for an event or a course makes no account; who joins a workspace does.
_FOR_SOMETHING = re.compile(
    r"(?i:\{(?!(?:org|tenant|workspace|team|company|account|client|site|app|realm)\w*\})(?:\w+_)?(?:id|pk|uuid)\})"
    r"|\{(?!org|tenant|workspace|team|company|account|client|site|app|realm)\w+Id\}"
)
# Where a provider of payments reports what was paid, under a name of its own: `POST /mpesa/callback`, `/payment/ipn`.
_PAID = re.compile(
    r"(?:pesa|stk|pay\w*|momo|razor\w*|flutterwave|midtrans|khalti|esewa|sslcommerz|iyzico|mollie)[\w-]*/(?:[\w-]+/)?"
    r"(?:callback|notify|notifications?|ipn|confirmation)/?$|(?:^|/)ipn/?$"
    r"|(?:^|/)(?:payments?|pay|checkout|transaction)[-_]?(?:callback|notify|notification|ipn)/?$",
    re.I,
)
# What makes or changes a webhook at a provider receives none: `POST /paypal/webhooks/setup`.
_SETS_UP = re.compile(r"hooks?/(?:setup|set-up|register|unregister|configure|config|settings|subscribe)/?$", re.I)
# To make a session or a token is to sign in; to list or to end them is not.
_MAKES_SESSION = re.compile(r"(?:^|/)(?:token|sessions?)(?:/|$)", re.I)
# `/reset` alone may be of a password, of a view or of a demo: whose it is shows in what stands before it, or in what it is given.
_RESET = re.compile(r"(?:^|/(?P<before>[^/]*))/reset(?:-confirm|/confirm)?(?:/\{[^{}]*\})*/?$", re.I)
_ACCOUNT = re.compile(r"^(?:auth|accounts?|login|identity)$", re.I)
_NOWHERE = re.compile(r"^(?:|api|v\d+|rest|users?|members?|me|tokens?|sessions?|\{[^{}]*\})$", re.I)
_OF_PASSWORD = re.compile(r"passw|pwd", re.I)
_OF_PERSON = re.compile(r"passw|pwd|token|e-?mail|code", re.I)
_SQL_WRITES = re.compile(r"\b(?:INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\b", re.I)
_SQL_WORDS = ("insert", "update", "delete")
_ORM_WRITES = re.compile(
    # To end the caller's own session, as a logout does, changes no data.
    r"\b(?:db|session|tx|transaction)\.(?:commit|add|delete)\s*\(|\.(?:deleteOne|deleteMany|insertOne|updateOne|findByIdAndDelete)\s*\("
    r"|(?<!\bsession)\.destroy\s*\(|(?<!\bsession)(?<!\bcache)\.delete\(\s*\)"
)
# One of them stands in whatever does so.
_ORM_WORDS = (".commit", ".add", ".delete", ".insertOne", ".updateOne", ".findByIdAndDelete", ".destroy")
# A GET that saves and shows nothing, but leads elsewhere, is a button: `/tasks/{id}/complete`. Where a page is shown, it may count its readers.
_SAVES = re.compile(r"\.save\s*\(|\bobjects\b[^\n]{0,200}\.update\s*\(")
_LEADS_ON = re.compile(r"\breturn\s+(?:\w+\.)?(?:redirect|HttpResponseRedirect|RedirectResponse)\s*\(")
_SHOWS = re.compile(r"\breturn\s+(?!(?:\w+\.)?(?:redirect|HttpResponseRedirect|RedirectResponse)\s*\()[^\s]")
# PHP: a record is deleted, or what it is worth is set to something that stands in the code (laravel.com/docs: eloquent).
_PHP_WRITES = re.compile(
    r"(?<=[\w)\]])(?<!tokens\(\))->(?:delete|forceDelete)\(\s*\)\s*;|(?<=[\w)\]])->\w*(?:status|state|approved?|accepted|rejected|active|paid|role)\w*\s*=(?!=)\s*(?:[\"'\d]|true|false)[^;]*;[\s\S]{0,600}?->save\(\s*\)",
    re.I,
)
# Who comes back from a letter or another site with a token changes what is theirs.
_COMES_BACK = re.compile(
    r"\b(?:token|oauth\w*|log_?in(?:_user)?|log_?out(?:_user)?|confirm\w*|verif\w*|activat\w*)\b|token\s*\(", re.I
)
# What runs only when a form was sent, in Python. Flask-WTF's `validate_on_submit` is false for a GET (flask-wtf.readthedocs.io, Form.is_submitted).
_SENT = r"(?:\w+\.validate_on_submit\(\)|\w+\.is_submitted\(\)|(?:\w+\.)?request\.method\s*==\s*[\"'](?:POST|PUT|PATCH|DELETE)[\"'])"
_WHEN_SENT = re.compile(rf"^[ \t]*(?:el)?if\s+(?!.*\b(?:or|not)\b)[^\n]*{_SENT}[^\n]*:\s*$")
_UNLESS_SENT = re.compile(
    rf"^[ \t]*if\s+(?:not\s+{_SENT}|(?:\w+\.)?request\.method\s*(?:==\s*[\"']GET|!=\s*[\"'](?:POST|PUT|PATCH|DELETE))[\"'])\s*:\s*$"
)


def kinds_of(
    method: str, path: str, handler: str, inputs: Iterable[str] = (), *, files: bool = False
) -> tuple[Kind, ...]:
    """The kinds of an endpoint, in vocabulary order; ``(OTHER,)`` when nothing tells. ``inputs`` are the names of what it reads, and
    ``files`` says whether a file is among them."""
    found = [kind for kind, pattern in _WORDS if pattern.search(path) or (handler and pattern.search(handler))]
    found += [kind for kind, pattern in _ACTIONS if "#" in handler and pattern.search(handler)]
    if Kind.SIGNUP in found and _FOR_SOMETHING.search(path):
        found.remove(Kind.SIGNUP)
    if method in ("POST", "ANY") and (_MAKES_SESSION.search(path) or _TOKEN_VIEWS.search(handler)):
        found.append(Kind.LOGIN)
    if Kind.WEBHOOK in found and _SETS_UP.search(path):
        found.remove(Kind.WEBHOOK)
    if Kind.HEALTH in found and method in ("POST", "PUT", "PATCH", "DELETE"):
        # `PUT /orders/{id}/status` changes the order.
        found.remove(Kind.HEALTH)
    if method in ("POST", "ANY") and _PAID.search(path):
        found.append(Kind.WEBHOOK)
    if Kind.PASSWORD_RESET not in found and _resets_password(path, inputs):
        found.append(Kind.PASSWORD_RESET)
    if files:
        found.append(Kind.UPLOAD)
    if method == "DELETE" or re.search(r"(?:^|[/=])(?:bulk[-_])?(?:delete|remove|destroy)(?:/|$)", path, re.I):
        found.append(Kind.DELETE)
    return tuple(kind for kind in Kind if kind in found) or (Kind.OTHER,)


def _resets_password(path: str, inputs: Iterable[str]) -> bool:
    reset = _RESET.search(path)
    if reset is None:
        return False
    before = reset["before"] or ""
    given = [*inputs, *re.findall(r"\{(\w+)", reset[0])]
    asks = _OF_PERSON if _NOWHERE.match(before) else _OF_PASSWORD
    return bool(_ACCOUNT.match(before)) or any(asks.search(name) for name in given)


def _writes(code: str) -> bool:
    lowered = code.lower()
    if any(word in lowered for word in _SQL_WORDS) and _SQL_WRITES.search(code):
        return True
    if any(word in code for word in _ORM_WORDS) and _ORM_WRITES.search(code):
        return True
    if "->" in code and _PHP_WRITES.search(code) and not _COMES_BACK.search(code):
        return True
    return bool(
        (".save" in code or "objects" in code)
        and _SAVES.search(code)
        and _LEADS_ON.search(code)
        and not _SHOWS.search(code)
        and not _COMES_BACK.search(code)
    )


def action_of(method: str, code: str) -> str:
    """``read`` or ``write``. A GET writes when its handler plainly changes data, in what of it a GET gets to."""
    if method in ("GET", "HEAD", "OPTIONS"):
        if not _writes(code):
            return "read"
        reached = _without_sent(code) if "_submit" in code or "request.method" in code else code
        return "write" if _writes(reached) else "read"
    return "write"


def _without_sent(code: str) -> str:
    """Python code without the branches that only a sent form gets to, and without what stands behind the return of all else."""
    lines = code.split("\n")
    kept: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        end = _end_of_block(lines, at)
        if _WHEN_SENT.match(line) and end > at + 1:
            at = end
            continue
        if _UNLESS_SENT.match(line) and end > at + 1 and _ends(lines[at + 1 : end]):
            return "\n".join([*kept, *lines[at + 1 : end]])
        kept.append(line)
        at += 1
    return "\n".join(kept)


def _end_of_block(lines: list[str], at: int) -> int:
    """The line behind the block that line ``at`` opens. The first line of a body has lost its indentation, those of its block have not."""
    inside = next((_indent(line) for line in lines[at + 1 :] if line.strip()), 0)
    behind = (here for here, line in enumerate(lines[at + 1 :], at + 1) if line.strip() and _indent(line) < inside)
    return next(behind, len(lines)) if inside else at + 1


def _ends(block: list[str]) -> bool:
    """Whether a block leads nowhere but out."""
    inside = _indent(next(line for line in block if line.strip()))
    last = [line for line in block if line.strip() and _indent(line) == inside][-1].strip()
    return last.startswith(("return", "raise", "abort(")) or (
        last in (")", "}", "]") and any("return" in one for one in block)
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
