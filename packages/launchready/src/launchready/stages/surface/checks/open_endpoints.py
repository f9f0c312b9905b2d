"""LR102: an endpoint that changes or hands out private data has no guard in source."""

import re
from collections.abc import Collection

from launchready.config.policy import load_policy
from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.core.ways import BY_ACCESS, told_once
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.surface import Endpoint
from launchready.model.words import AccessVerdict, Confidence, Impact, Kind, Need, Severity, Stage
from launchready.sources.doing import Doing
from launchready.sources.first_account import first_only
from launchready.sources.forgotten import forgotten, on_purpose
from launchready.sources.left_behind import left_behind
from launchready.sources.lookups import only_looks_up
from launchready.sources.server_behind import ASKS_BEHIND, BROUGHT_ALONG, HANDS_ON
from launchready.sources.tree import Tree
from launchready.sources.visitors import (
    by_address,
    by_link,
    comes_back,
    for_visitors,
    limited_for_all,
    mails_the_firm,
    only_counts,
    only_pays,
)
from launchready.stages.surface.harmless import BY_TOKEN, PRIVATE, RECORDS, SAYS_LITTLE, harmless

_ASKED_ELSEWHERE = re.compile(r"^/(?:rest/v1|functions/v1|api/collections)(?:/|$)")
# Django's own, wherever it stands: an address may be in any language (docs.djangoproject.com: authentication views).
_SIGN_OUT_VIEW = "LogoutView"
_SIGNS_OUT = re.compile(r"(?:log|sign)[-_]?out(?:Action)?(?:/|$)", re.I)
_CALCULATES = re.compile(
    r"valid|preview|check|calculat|estimat|pars|convert|search|query|lookup|filter|(?:^|/)(?:get|list|find|fetch)[-_]|ping|echo|render|format|(?:^|[/_-])pdf\b",
    re.I,
)
_LOOKS = re.compile(
    r"(?<![\w.])@(?:current_)?user\b|\bcurrent_?user\b|\b(?:req|request|ctx|context)\.(?:user|auth|session)\b|\bAuth::(?:user|check|id)\b|\bauth\(\)->",
    re.I,
)
_BROUGHT = re.compile(r"token|code|otp|key")
# What a link that was mailed holds in its path: `/accounts/confirm-email/{key}/`.
_MAILED = re.compile(
    r"(?:confirm|verif|activat)\w*[-_/]?(?:e-?mail|account|address|registration)|(?:e-?mail|account|registration)\w*[-_/](?:confirm|verif|activat)",
    re.I,
)
_MAILED_KEY = re.compile(r"^(?:key|hash|nonce|uidb?\d*|signature|signed_\w+)$", re.I)
_KEEPS = re.compile(
    r"\.(?:create|createMany|insert|insertOne|save|update\w*|upsert|delete\w*|destroy)\(\s*(?![^)]*model:)"
)
# What is paid for by the call, whoever calls.
_AI = re.compile(
    r"openai|anthropic|\bgemini\b|generative_?ai|(?:generate|stream)(?:Text|Object)\(|completions\.create|\bgroq\b|mistral|replicate\.run|\bllm\b",
    re.I,
)
_PERSONAL = re.compile(
    r"(?:^|/)(?:(?:get|list|fetch)-?_?)?(?:all-?_?)?(?:users?|employees?|customers?|clients?|patients?|leads?|applicants?|candidates?|orders?|invoices?|"
    r"payments?|payrolls?|salar(?:y|ies)|transactions?|attendances?)(?:/(?:all|list))?(?:/\{(?:id|\w+_?[iI]d|uuid|pk)\})?/?$",
    re.I,
)
# What every page asks for before it sends a form.
_FORM_TOKEN = re.compile(r"(?:^|/)(?:get[-_]?)?(?:csrf|xsrf)(?:[-_]?(?:token|cookie))?/?$", re.I)
# To ask for a letter or a code again, or for the first time, is for who cannot sign in yet.
_SENDS_CODE = re.compile(
    r"(?:^|/)(?:re-?_?send|send|request)[-_]?(?:[a-z]+[-_]){0,3}(?:verification|confirmation|activation|otp|code|magic[-_]?link)(?:[-_]?(?:e-?mail|code|link|sms))?/?$"
    r"|(?:^|/)(?:\w+_)?(?:otp|verification|activation)[-_]?(?:code)?/(?:re-?_?send|send|request)/?$",
    re.I,
)
# A letter is asked for again, and nothing is brought but an address: `POST /email/resend { email }`.
_SENDS_AGAIN = re.compile(r"(?:^|/)re-?_?send(?:[-_]?(?:e-?mail|link))?/?$", re.I)
_OF_ONESELF = re.compile(r"^(?:e-?_?mail(?:_?address)?|user_?name|phone(?:_?number)?)$", re.I)
_BEARS = re.compile(
    r"\bAuthorization[\"']?\s*:\s*(?:`Bearer \$\{\s*|[\"']Bearer [\"']\s*\+\s*)(?P<name>\w*(?:token|session|jwt)\w*)\b(?!\.)",
    re.I,
)
# Whose records nobody opens to strangers on purpose, and what is asked of them that says nothing about anybody.
_ABOUT_PEOPLE = re.compile(
    r"(?:^|/)(?:patients?|pacientes?|users?|usuarios?|employees?|empleados?|funcionarios?|customers?|clientes?|students?|alunos?|alumnos?|members?|"
    r"medical[-_]?records?|prontuarios?|prescriptions?|payrolls?|salar(?:y|ies)|payslips?|appointments?|citas?|messages?|"
    # What people write to the firm or to each other.
    r"chats?|conversations?|inquir(?:y|ies)|enquir(?:y|ies)|leads?)(?:/|$)",
    re.I,
)
_TEAM = re.compile(r"^(?!.*admin).*(?:^|/)staff(?:/\{\w+\})?/?$", re.I)
# What is sent in from outside, where the app shows strangers the form for it at the same address: `GET` and `POST /tickets/submit`.
_SENT_IN = re.compile(r"(?:^|/)(?:submit|report|apply|enquire|inquire)(?:[-_]\w+)*/?$", re.I)
# What a visitor of a shop fills before there is an account: whose it is, source alone does not tell.
_CART = re.compile(r"(?:^|[/_-])(?:cart|basket)s?(?:$|[/_-])|(?<=[a-z])(?:Cart|Basket)s?(?=[A-Z]|$)")
# Who has no account says with each booking who they are; whether the firm takes them from visitors, source alone does not tell.
_BOOKS = re.compile(
    r"(?:^|[/_-])(?:(?:submit|create|make|add|new|send)[-_]?)?(?:book(?:ings?)?|reserv(?:e|ations?)|appointments?|rsvps?)(?:[-_]?action)?/?$",
    re.I,
)
_NAME = re.compile(r"(?:^|_)name$|[a-z]Name$")
_REACHED_AT = re.compile(r"e?-?mail|phone|mobile", re.I)
_STAFF = frozenset((Kind.ADMIN, Kind.EXPORT, Kind.DELETE))
_PUBLIC = frozenset((Kind.LOGIN, Kind.SIGNUP, Kind.PASSWORD_RESET, Kind.WEBHOOK, Kind.HEALTH, Kind.DOCS))


async def run(context: Context) -> Result:
    """Judge every endpoint that source shows as open. What a data service answers is asked of the data itself: LR111, LR121 to LR126.

    Functions of the app that such a service runs, such as those of Convex, are the app's own.
    """
    endpoints = [one for one in context.surface.endpoints if not (one.hosted and _ASKED_ELSEWHERE.search(one.path))]
    if not endpoints and context.surface.endpoints:
        raise NotApplicableError("every way in that was found is answered by a data service: see LR121 to LR126")
    if not endpoints:
        raise NotCheckedError("no endpoint was found in the source", "source of a framework we read, or --url")
    tree, policy = context.get(Tree), load_policy(context.project)
    doing = Doing(tree)
    alone = forgotten(endpoints)
    open_ones = [(one, doing.code(one)) for one in told_once(endpoints) if _matters(one, alone)]
    told = [
        (one, code)
        for one, code in open_ones
        if not (harmless(tree, one, code) or (one.action == "write" and doing.only_answers(one, code)))
        and (_matters(one) or (RECORDS.search(code) and not on_purpose(code)))
    ]
    forms = {
        one.path
        for one in endpoints
        if one.method in ("GET", "ANY") and one.access.verdict is AccessVerdict.OPEN and _SENT_IN.search(one.path)
    }
    decided = [one.name for one, _ in told if policy is not None and policy.opens(one.method, one.path)]
    note = f"open to everybody by a reviewed row of the policy: {', '.join(decided)}"
    return Result(
        len(endpoints),
        tuple(
            _finding(one, code, forms, doing, left=left_behind(tree, one, endpoints))
            for one, code in told
            if one.name not in decided
        ),
        notes=(note,) if decided else (),
    )


def _matters(endpoint: Endpoint, alone: Collection[str] = ()) -> bool:
    if endpoint.access.verdict is not AccessVerdict.OPEN:
        return False
    if _PUBLIC.intersection(endpoint.kind):
        # Who makes an account for oneself is a stranger by right; who makes one of staff is not.
        return _makes_staff(endpoint)
    signs_out = _SIGNS_OUT.search(endpoint.path) or endpoint.source.what == _SIGN_OUT_VIEW
    if signs_out or endpoint.method in ("OPTIONS", "HEAD") or comes_back(endpoint):
        # Browsers ask these before a call, and every server answers them.
        return False
    names = " ".join(field.name.lower() for field in endpoint.inputs)
    # A code in an address may be anybody's to know, such as that of a coupon; a token is not.
    secret = " ".join(
        field.name.lower() for field in endpoint.inputs if field.where != "path" or "token" in field.name.lower()
    )
    if _FORM_TOKEN.search(endpoint.path) or (endpoint.method == "POST" and _SENDS_CODE.search(endpoint.path)):
        return False
    if endpoint.method == "POST" and _SENDS_AGAIN.search(endpoint.path) and endpoint.inputs:
        return not all(_OF_ONESELF.search(field.name) for field in endpoint.inputs)
    if _MAILED.search(endpoint.path) and any(_MAILED_KEY.search(field.name) for field in endpoint.inputs):
        return False
    if endpoint.action == "read" and PRIVATE.intersection(endpoint.kind) == {Kind.INVITE} and "token" in secret:
        # What an invitation says is shown to whoever has it.
        return False
    if (_BROUGHT.search(names) and "password" in names) or (_BROUGHT.search(secret) and BY_TOKEN.search(endpoint.path)):
        # What was mailed or handed out before is what lets people in here: the second half of a reset or an invitation, a session renewed.
        return False
    told = endpoint.action == "write" or bool(PRIVATE.intersection(endpoint.kind)) or _of_people(endpoint)
    return told or endpoint.name in alone


def _makes_staff(endpoint: Endpoint) -> bool:
    return endpoint.method == "POST" and Kind.ADMIN in endpoint.kind and Kind.SIGNUP in endpoint.kind


def _of_people(endpoint: Endpoint) -> bool:
    """Whether a read hands out records of people or their money, by its address: ``GET /employees``, ``GET /orders/{id}``."""
    # What a page shows, it mostly asks for afterwards.
    page = endpoint.source.file.endswith((".tsx", ".jsx", ".vue", ".svelte", ".astro"))
    shown = endpoint.source.what in ("page", "loader") or page
    named = bool(_PERSONAL.search(endpoint.path) or _ABOUT_PEOPLE.search(endpoint.path))
    reads = endpoint.method == "GET" and endpoint.action == "read"
    return reads and named and not shown and not for_visitors(endpoint) and not SAYS_LITTLE.search(endpoint.path)


def _hands_on(code: str, endpoint: Endpoint, doing: Doing) -> bool:
    """Whether what the caller brought goes on to the server behind: its cookie or header, or a token that a helper or a client takes out of them."""
    borne = _BEARS.search(code)
    given = doing.gives(endpoint, code, borne["name"]) if borne else ""
    brought = HANDS_ON.search(code) or BROUGHT_ALONG.search(given)
    return bool(brought and ASKS_BEHIND.search(code)) or doing.asks_behind(endpoint, code)


def _plain(endpoint: Endpoint, code: str, doing: Doing) -> bool:
    """Whether what it does is plain.

    A page about prices or settings may be meant for everybody, a file handed out may be a sample, and a POST may only calculate.
    A handler that looks at who is calling may do something else for strangers.
    """
    if _makes_staff(endpoint):
        # The first of an app is made so, and a code may be asked for.
        return False
    if (_CART.search(endpoint.path) or _booked_by_visitors(endpoint)) and Kind.ADMIN not in endpoint.kind:
        return False
    if endpoint.source.what == BY_ACCESS and endpoint.action == "write":
        # What it gives back to a stranger was worked out.
        return True
    if _LOOKS.search(code) or _hands_on(code, endpoint, doing) or (endpoint.method == "POST" and only_pays(code)):
        return False
    if endpoint.action == "write":
        named = _CALCULATES.search(f"{endpoint.path} {endpoint.source.what}")
        return endpoint.method != "POST" or not (named or only_looks_up(endpoint.source.file, code))
    if Kind.ADMIN in endpoint.kind:
        # `GET /staff/{id}` may show who works there, as the page of a team does.
        return not _TEAM.search(endpoint.path)
    return bool(_STAFF.intersection(endpoint.kind)) and (not code or bool(RECORDS.search(code)))


def _booked_by_visitors(endpoint: Endpoint) -> bool:
    """Whether whoever books says with it what they are called and where they are reached: ``POST /book`` with a name and an address."""
    names = [one.name for one in endpoint.inputs]
    return (
        endpoint.method == "POST"
        and bool(_BOOKS.search(endpoint.path))
        and any(map(_NAME.search, names))
        and any(map(_REACHED_AT.search, names))
    )


def _finding(endpoint: Endpoint, code: str, forms: Collection[str], doing: Doing, *, left: bool) -> Finding:
    shown = endpoint.method == "POST" and endpoint.path in forms and not PRIVATE.intersection(endpoint.kind)
    told = endpoint.method in ("POST", "ANY") and (only_counts(code) or limited_for_all(code) or mails_the_firm(code))
    sent = for_visitors(endpoint) or shown or told
    linked = by_link(code) or (by_address(endpoint.path, code) and not _STAFF.intersection(endpoint.kind))
    first = endpoint.method == "POST" and first_only(code, endpoint.path)
    plain = _plain(endpoint, code, doing) and not (endpoint.only_when or sent or linked or first or left)
    asks_ai = endpoint.method == "POST" and (Kind.AI in endpoint.kind or bool(_AI.search(f"{endpoint.path} {code}")))
    asks_ai = asks_ai and not _KEEPS.search(code)
    money = Kind.BILLING in endpoint.kind or asks_ai
    does = (
        "use the AI that you pay for"
        if asks_ai
        else "change data"
        if endpoint.action == "write"
        else "read what it shows"
        if linked
        else "read what is meant for staff"
    )
    return Finding(
        "LR102",
        endpoint.name,
        f"Anyone on the internet can {does} through {endpoint.name}"
        if plain
        else f"Anyone on the internet can send {endpoint.name}: right for a form of visitors that is limited"
        if sent
        else f"Whoever has a link with its token can {does} through {endpoint.name}"
        if linked
        else f"Whoever comes first can make the first account through {endpoint.name}"
        if first
        else f"Anyone on the internet can perhaps {'change' if endpoint.action == 'write' else 'read'} what is not meant for them "
        f"through {endpoint.name}",
        Severity.MEDIUM if sent or linked else Severity.BLOCKER,
        Confidence.CERTAIN if endpoint.confidence >= 0.9 and plain else Confidence.SUSPECTED,
        Impact.MONEY if money else Impact.IDENTITY if Kind.ADMIN in endpoint.kind else Impact.DATA,
        ("BAR-1", "SURF-F2"),
        "Everything between the internet and this handler was followed in the source, and nothing refuses a stranger."
        + (
            f" It is registered only when {endpoint.only_when}: make sure that this is never so for your customers."
            if endpoint.only_when
            else ""
        ),
        (
            Evidence(
                "file",
                f"{endpoint.source.what} is reached without a guard",
                "",
                endpoint.source.file,
                endpoint.source.line,
            ),
            *(Evidence("file", span.what, "", span.file, span.line) for span in endpoint.access.evidence[:2]),
        ),
        fix='Where it is for everybody, say so: a reviewed row of policy.toml with allow = ["guest"], and a limit. Else ask who is calling, as your other routes do.'
        if sent or linked
        else "Add the sign-in dependency or middleware that your other routes use, then check the role.",
    )


CHECK = Check(
    CheckInfo(
        "LR102",
        "Endpoints that change or hand out private data have a guard",
        Stage.SURFACE,
        ("SURF-3", "SURF-F2", "BAR-1"),
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
