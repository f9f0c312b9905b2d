"""Which endpoints sign in or sign up by what they take and do, whatever their addresses are."""

import re
from collections.abc import Iterable
from dataclasses import replace

from launchready.model import sign_in_words
from launchready.model.surface import Endpoint
from launchready.model.words import AccessVerdict, Kind

# `POST /users` makes an account: whoever chooses a password there is signing up, unless the rights of the account are chosen too.
_PEOPLE = re.compile(
    r"(?:^|/)(?:(?:create|add|new|register|save)[-_]?)?(?:users?|accounts?|members?|customers?|clients?|people|persons?|registrations?|profiles?|subscribers?|"
    r"students?|teachers?|employees?|patients?|players?|authors?|sellers?|buyers?|owners?|"
    r"usuarios?|utilizadores|cuentas?|contas?|clientes?|utilisateurs?|comptes?|benutzer|nutzer|konten|utenti|gebruikers?)(?:/(?:create|add|new|save))?/?$"
    # The word for signing up in the languages that apps are written in besides English: `POST /registro`, `/auth/cadastro`, `/inscription`.
    r"|(?:^|/)(?:registr(?:o|ar|ar-?se|azione|ieren|ierung|eren|atie)|cadastr(?:o|ar|e-?se)|inscri(?:ption|pcion|re|ver|ver-?se)|iscri(?:zione|viti)|aanmelden|"
    r"rejestracja|kayit(?:-?ol)?|(?:crear|criar|nueva|nova)[-_]?(?:cuenta|conta)|konto[-_](?:anlegen|erstellen)|creer[-_](?:un[-_])?compte|"
    r"(?:crear|criar|registrar|cadastrar|novo|nuevo)[-_]?usuario)/?$",
    re.I,
)
_JOIN = re.compile(r"^(?:/api)?(?:/v\d+)?(?:/auth|/accounts?)?/join$", re.I)
_PASSWORD = re.compile(rf"^(?:(?:new|plain|raw|user|account)_?)?(?:{sign_in_words.PASSWORD})\d?$", re.I)
# Where a company signs up, its first account comes along: `POST /tenants` with `adminEmail` and `adminPassword`.
_WORKSPACES = re.compile(
    r"(?:^|/)(?:(?:create|add|new|register|onboard)[-_]?)?(?:tenants?|organi[sz]ations?|orgs?|workspaces?|compan(?:y|ies)|teams?|communit(?:y|ies)|clubs?|schools?|"
    r"clinics?|business(?:es)?|onboarding|onboard)(?:/(?:create|add|new|register|onboard))?/?$",
    re.I,
)
_FIRST = r"^(?:(?:admin|owner|user|account|contact|first_?user|root|manager)[._]?)?"
_FIRST_PASSWORD = re.compile(rf"{_FIRST}(?:{sign_in_words.PASSWORD})$", re.I)
_FIRST_NAME = re.compile(rf"{_FIRST}(?:e_?mail(?:_?address)?|user_?name|login)$", re.I)
_TWICE = re.compile(
    rf"^(?:(?:confirm|repeat|re_?type|verify|repetir|confirmar)\w*?_?(?:{sign_in_words.PASSWORD})\w*|(?:{sign_in_words.PASSWORD})\w*?_?-?(?:2|conf\w*|again|repeat\w*))$",
    re.I,
)
_RIGHTS = re.compile(
    r"^(?:is_?)?(?:admin|staff|superuser|owner)$|roles?(?:_?ids?)?$|permissions?$|privileges?$|^groups?$", re.I
)
_WHO = re.compile(
    rf"^(?:user_?name|user|login|(?:{sign_in_words.MAIL})(?:_?address)?|phone(?:_?number)?|identifier|nick(?:name)?|handle|{sign_in_words.ACCOUNT})$",
    re.I,
)
# These name somebody only where the code looks up an account by them: `name` is as often that of a room.
_MAY_BE_WHO = re.compile(r"^(?:(?:user|login|account)_?)?(?:name|login|identifier|id|e-?mail)(?:_?address)?$", re.I)
_BESIDE = re.compile(
    r"^(?:otp|totp|mfa_?code|two_?factor_?code|code|captcha\w*|grant_type|scope|client_id|client_secret|_token)$"
    r"|^(?:redirect|return|next|callback|remember|keep|csrf|_csrf|authenticity|intent|_action)",
    re.I,
)
_LOOKS_UP_PASSWORD = re.compile(
    r"(?<![\w.])(?:await\s+)?(?:\w+\.)?(?:log_?in|sign_?in|authenticate|(?:verify|check|compare|validate)_?(?:login|password|user|credentials?))\w*\("
    r"|\bcompare(?:Sync)?\(",
    re.I,
)
_PROVIDER = re.compile(
    r"[\"']authorization_code[\"']|\bauthorize_access_token\(|\bverify_(?:oauth2|firebase|id)_?token\(|\bverifyIdToken\(|\b(?:exchange_?code|exchangeCode)\w*\(",
)
# One of them stands in whatever does so, and is found fifty times as fast.
_OF_PROVIDER = ("authorization_code", "authorize_access_token", "token(", "verifyIdToken", "exchange")
_CHECKED = re.compile(r"\bAuthenticationForm\(|(?<![\w.])(?:auth\.)?authenticate\(")
_LETS_IN = re.compile(r"(?<![\w.])(?:auth\.|auth_)?login\(\s*(?:self\.)?request\s*,")
# A token that is brought along with each call only says who calls.
_BROUGHT = re.compile(r"\bauthorization\b|\bBearer\b", re.I)
_NEW_ACCOUNT = re.compile(r"\b(?:hash(?:Sync)?|register\w*|sign_?up\w*|create_?(?:user|account))\(", re.I)
_KNOWS_CALLER = re.compile(
    r"session|current_?user|cookie|authorization|headers|(?:req|request|ctx|context|g)\.(?:user|auth|account)", re.I
)
# Who makes an account, or gives one another password, takes the same two.
_MAKES_ACCOUNT = re.compile(r"creat|new|add|regist|sign-?_?up|enrol|insert|sav|reset|chang|updat|delet|remov|set", re.I)
_MAKES_KEY = re.compile(
    r"(?:key|token|session)s?[-_/]?(?:creat\w*|new|add)|(?:creat\w*|new|add)[-_/]?(?:api_?)?(?:key|token|session)s?",
    re.I,
)
_KEEPS = re.compile(
    r"generate_password_hash|hashpw|\bhash\w*\(|INSERT\s+INTO|UPDATE\s+\w+\s+SET|\.(?:add|save|create|insert\w*)\(",
    re.I,
)
# One password for all who run the app, and the session that says that it was typed: `if request.form["password"] == ADMIN_PASSWORD: session["admin"] = True`
_ASKS_PASSWORD = re.compile(
    r"\b(?:check_password\w*|checkpw|compare_digest|verify_password|timingSafeEqual|compare(?:Sync)?)\s*\("
    r"|(?:password|passwd|passcode|passphrase|\bpin)[\w\"'\])(.]{0,20}\s*={2,3}|={2,3}\s*[\w.\[\"'(]{0,40}(?:password|passwd|passcode|passphrase|_pin)\b",
    re.I,
)
_MARKS_SESSION = re.compile(
    r"\bsession\[[\"']\w+[\"']\]\s*=(?!=)|\bsession\.(?!permanent)\w+\s*=(?!=)|\b(?:set|add|grant|mark|start)_\w+\(\s*(?:flask\.)?session\b"
    r"|\.set_cookie\(|\b(?:res|reply|response|c|ctx)\.(?:setC|c)ookie\(|\bcookies(?:\(\)\)?)?\.set\(|\bsetCookie\(|\bjwt\.(?:sign|encode)\(|\bcreate_access_token\("
)
_READS_ROWS = re.compile(r"\.query\b|\.all\(|\bSELECT\b|\.objects\b|\.execute\(|\.find\w*\(|\bopen\(")
_NOT_SIGNUP = frozenset((Kind.ADMIN, Kind.LOGIN, Kind.PASSWORD_RESET, Kind.INVITE, Kind.SIGNUP))


def takes_sign_in(method: str, path: str, handler: str, inputs: Iterable[str], code: str) -> bool:
    """Whether an endpoint takes who somebody is and their password, with nothing but what goes along, and signs in by them.

    It does where ``code`` looks the password up. Where that happens out of sight, nothing may speak for another use: an address of
    people or of one record, a caller who is known already, an account that is made or changed. ``inputs`` are the names of what is sent beside the path.
    """
    names = [name.rpartition(".")[2] for name in inputs]
    passwords = [name for name in names if _PASSWORD.match(name)]
    if method not in ("POST", "ANY") or not passwords:
        return False
    looks_up = bool(_LOOKS_UP_PASSWORD.search(code)) and not _NEW_ACCOUNT.search(code)
    who = [name for name in names if _WHO.match(name) or (looks_up and _MAY_BE_WHO.match(name))]
    beside = [name for name in names if name not in (*who, *passwords)]
    if not who or not all(map(_BESIDE.match, beside)):
        return False
    if any(map(_TWICE.match, names)):
        # Who types a password twice chooses it.
        return False
    if looks_up and len(passwords) == 1:
        return True
    return (
        "{" not in path
        and not (_PEOPLE.search(path) or _JOIN.match(path))
        and not _MAKES_ACCOUNT.search(_MAKES_KEY.sub("", f"{path} {handler}"))
        and not _KEEPS.search(code)
        and not _KNOWS_CALLER.search(code)
    )


def signs_in_by_password(method: str, code: str) -> bool:
    """Whether a handler compares a password and marks the session of who typed it, and does nothing else. Opened with a ``GET``, the form must be all it shows."""
    if method not in ("GET", "POST", "ANY") or not _ASKS_PASSWORD.search(code) or not _MARKS_SESSION.search(code):
        return False
    return not _KEEPS.search(code) and not (method == "GET" and _READS_ROWS.search(code))


def signs_in_by_library(method: str, code: str) -> bool:
    """Whether a view lets in whose password Django's own form or ``authenticate`` has checked (docs.djangoproject.com: authentication)."""
    return method in ("POST", "ANY") and bool(_CHECKED.search(code) and _LETS_IN.search(code))


def signs_in_by_provider(code: str) -> bool:
    """Whether a handler lets somebody in whom another site has signed in: it gives that site the code it was handed, or asks whose its token is (RFC 6749, 4.1.3)."""
    may = any(word in code for word in _OF_PROVIDER)
    return may and bool(_PROVIDER.search(code)) and not _BROUGHT.search(code)


def signing_up(endpoint: Endpoint) -> Endpoint:
    """With the kind ``signup`` where it is one by what it takes: an open ``POST`` on a collection of people that is given a password, or on one of
    workspaces that is given the name and the password of the first account."""
    names = [one.name.rpartition(".")[2] for one in endpoint.inputs]
    # Whoever says who they are and types a password twice chooses it, wherever the form stands: `/members/apply`.
    twice = any(map(_TWICE.match, names)) and any(map(_WHO.match, names))
    person = (
        (twice or _PEOPLE.search(endpoint.path) or _JOIN.match(endpoint.path))
        and any(_PASSWORD.match(name) for name in names)
        and not any(_RIGHTS.search(name) for name in names)
    )
    # Who opens a workspace has all rights in it, and in no other.
    company = (
        _WORKSPACES.search(endpoint.path)
        and any(map(_FIRST_PASSWORD.match, names))
        and any(map(_FIRST_NAME.match, names))
    )
    signs_up = (
        endpoint.method == "POST"
        and not endpoint.hosted
        and endpoint.access.verdict in ((AccessVerdict.OPEN, AccessVerdict.UNKNOWN) if twice else (AccessVerdict.OPEN,))
        and "{" not in endpoint.path
        and "#" not in endpoint.path
        and not _NOT_SIGNUP.intersection(endpoint.kind)
        and (person or company)
    )
    if not signs_up:
        return endpoint
    told = {*endpoint.kind, Kind.SIGNUP} - {Kind.OTHER}
    return replace(endpoint, kind=tuple(kind for kind in Kind if kind in told))
