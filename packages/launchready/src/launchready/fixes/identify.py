"""Says how the guard can know who calls, by what the source shows: a signed token, a signed session, or a function for a person to fill in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from launchready_guard.policy import GUEST, Policy
from tree_sitter import Node

from launchready.fixes import identities
from launchready.fixes.apps import App
from launchready.fixes.naming import dotted
from launchready.fixes.python import Source, arguments, keyword, literal, place
from launchready.fixes.subject import Subject
from launchready.fixes.work import Work
from launchready.sources.facts.nodes import text_of
from launchready.sources.facts.shape import Expr

_SECRET = ("HS256", "HS384", "HS512")
_ROLES = ("role", "roles")
_SUBJECTS = ("sub", "user_id", "uid", "id")
_SESSIONS = ("user_id", "_user_id", "user", "uid", "username")
_COOKIE = re.compile(r"\bcookies(?:\.get\(|\[)\s*[\"'](?P<name>\w*(?:sess|token|auth|sid|jwt|user)\w*)[\"']", re.I)
_WAYS = re.compile(
    r"\bjwt\.decode\(|\blogin_user\(|\bHTTPTokenAuth\b|\bHTTPBasicAuth\b|\bJWTManager\b|\bSessionMiddleware\b(?![\"'])|\bAPIKeyHeader\b|\bBaseAuthentication\b"
    r"|\bTokenAuthentication\b|\bJWTAuthentication\b|\bflask_session\b"
)
_TOKENS = re.compile(r"jwt|HTTPTokenAuth|HTTPBasicAuth|JWTManager|APIKeyHeader|flask_session")
_BEARER = re.compile(r"HTTPBearer|OAuth2PasswordBearer|[\"']bearer\b", re.I)


@dataclass(frozen=True, slots=True)
class Who:
    """``expression`` is what ``identify=`` gets, ``imports`` what it needs; ``body`` is a module that has to be written first and ``gives`` the
    name it is asked for, empty when the expression is enough. ``asks`` is what a person must fill in there, empty when nothing is left open."""

    expression: str
    imports: tuple[str, ...]
    said: str
    body: str = ""
    asks: str = ""
    gives: str = "identify"


def who_calls(subject: Subject, work: Work, policy: Policy, entry: str, app: App) -> Who:
    """The best answer for the file ``entry`` in which the guard is added to ``app``."""
    roles = _roles(policy)
    token = _token(subject, work, entry)
    if token is not None:
        if "exp" not in token.claims:
            work.hand(
                token.place,
                "No exp was seen where tokens are made. The guard takes no token that never ends.",
                'claims["exp"] = int(time.time()) + 8 * 3600',
            )
        return _by_token(token, policy, roles)
    session = _session(subject, work, entry, app)
    if session is not None:
        return _by_session(session, policy, roles)
    return stub(subject, work, policy)


def stub(subject: Subject, work: Work, policy: Policy) -> Who:
    """A function for a person to fill in, with the places where the source knows who calls."""
    places = list(_ways(subject, work))
    told = "".join(f"    # The source does it in {one}.\n" for one in places[:6])
    body = identities.STUB.format(told=told, roles=_listed(_roles(policy)))
    return Who("identify", (), "how the app knows who calls was not understood", body, "Say in identify() who calls")


@dataclass(frozen=True, slots=True)
class _Token:
    key: str
    imports: tuple[str, ...]
    algorithm: str
    claims: frozenset[str]
    place: str
    bearer: bool
    cookie: str


@dataclass(frozen=True, slots=True)
class _Kept:
    key: str
    imports: tuple[str, ...]
    style: str
    names: frozenset[str]
    place: str
    cookie: str = ""


def _by_token(token: _Token, policy: Policy, roles: tuple[str, ...]) -> Who:
    given = [token.key]
    if token.algorithm != "HS256":
        given.append(f'algorithm="{token.algorithm}"')
    subject = next((name for name in _SUBJECTS if name in token.claims), "")
    role = next((name for name in _ROLES if name in token.claims), "")
    if subject not in ("", "sub"):
        given.append(f'subject="{subject}"')
    if role not in ("", "role"):
        given.append(f'role="{role}"')
    tenant = policy.claim if policy.claim and policy.claim in token.claims else ""
    if tenant and tenant != "tenant":
        given.append(f'tenant="{tenant}"')
    bearer = f"Bearer({', '.join(given)})"
    said = f"tokens signed with {token.key} ({token.place}), which must have 32 bytes or more"
    lacks = []
    if not role and len(roles) != 1:
        lacks.append("its role")
    if any(row.tenant for row in policy.rows) and not tenant:
        lacks.append(f"its {policy.claim or 'tenant'}")
    if not token.bearer:
        lacks.append("whether it comes as Authorization: Bearer")
    if token.cookie:
        lacks.append(f"who has which session (the app reads the cookie {token.cookie})")
    if not subject:
        lacks.append("which claim names the account")
    imports = ("from launchready_guard import Bearer", *token.imports)
    if role and not lacks:
        return Who(bearer, imports, said)
    whole = "\n".join(
        ("from launchready_guard import Bearer, Call, Identity", *(("", *token.imports) if token.imports else ()))
    )
    if not lacks:
        return Who("identify", (), said, identities.ONE_ROLE.format(imports=whole, made=bearer, role=roles[0]))
    asks = f"The token says who calls, and not {' nor '.join(lacks)}"
    told = f"{asks}: look that up for the account in `known.subject`.\n    "
    return Who(
        "identify", (), said, identities.HALF.format(imports=whole, made=bearer, told=told, roles=_listed(roles)), asks
    )


def _by_session(kept: _Kept, policy: Policy, roles: tuple[str, ...]) -> Who:
    subject = next((name for name in _SESSIONS if name in kept.names), "")
    role = next((name for name in _ROLES if name in kept.names), "")
    tenant = policy.claim if policy.claim in kept.names else ""
    said = f"sessions signed with {kept.key} ({kept.place})"
    lacks = [] if subject else ["the account"]
    if not role and len(roles) != 1:
        lacks.append("the role")
    if any(row.tenant for row in policy.rows) and not tenant:
        lacks.append(f"the {policy.claim or 'tenant'}")
    style = "" if kept.style == "starlette" else f', style="{kept.style}"'
    cookie = f", cookie={kept.cookie}" if kept.cookie else ""
    expression = f"Session({kept.key}, signed_in{style}{cookie})"
    imports = ("from launchready_guard import Session", *kept.imports)
    if lacks:
        asks = f"The session does not say {' nor '.join(lacks)}"
        return Who(
            expression,
            imports,
            said,
            identities.HALF_SESSION.format(told=asks, roles=_listed(roles)),
            asks,
            "signed_in",
        )
    held = f'str(said.get("{role}"))' if role else f'"{roles[0]}"'
    parts = [f'str(said["{subject}"])', f"frozenset({{{held}}})"]
    parts += [f'frozenset({{str(said.get("{tenant}"))}})'] if tenant else []
    body = identities.SESSION.format(subject=subject, made=f"Identity({', '.join(parts)}, cookie=True)")
    return Who(expression, imports, said, body, "", "signed_in")


def _roles(policy: Policy) -> tuple[str, ...]:
    used = {role for row in policy.rows for role in (*row.allow, *row.own)}
    return tuple(role for role in policy.roles if role != GUEST and role in used)


def _listed(roles: tuple[str, ...]) -> str:
    return ", ".join(roles) or "none"


def _token(subject: Subject, work: Work, entry: str) -> _Token | None:
    """How tokens are verified, when there is one way of it and its key has a name that can be imported."""
    found: dict[tuple[str, str], _Token] = {}
    bearer = False
    for path in subject.python:
        text = work.text(path) or ""
        bearer = bearer or bool(_BEARER.search(text))
        if "jwt" not in text:
            continue
        source = Source(text)
        for call in source.calls("jwt.decode"):
            said = [*arguments(call), *filter(None, (keyword(call, "key"),))]
            key = said[1] if len(said) > 1 else None
            algorithm = _algorithm(subject, path, keyword(call, "algorithms") or (said[2] if len(said) > 2 else None))
            if key is None or not algorithm:
                continue
            imports = _importable(subject, source, path, text_of(key), entry)
            if imports is None:
                continue
            found[text_of(key), algorithm] = _Token(
                text_of(key), imports, algorithm, frozenset(), place(path, call), False, ""
            )
    if len(found) != 1:
        return None
    one = next(iter(found.values()))
    return _Token(
        one.key, one.imports, one.algorithm, _claims(subject, work), one.place, bearer, _cookie(subject, work)
    )


def _cookie(subject: Subject, work: Work) -> str:
    """The cookie that the app itself looks into to know who calls; empty when it reads none of that name."""
    for path in subject.python:
        if found := _COOKIE.search(work.text(path) or ""):
            return found["name"]
    return ""


def _algorithm(subject: Subject, path: str, node: Node | None) -> str:
    """The one algorithm a token may have; empty when it is no secret's, several, or cannot be read."""
    if node is None:
        return ""
    if node.type in ("list", "tuple") and node.named_children:
        named = {_algorithm(subject, path, one) for one in node.named_children} - {"none"}
        return named.pop() if len(named) == 1 else ""
    value = literal(node)
    if value is None and node.type in ("identifier", "attribute"):
        value = subject.resolver.text(path, Expr("name", text_of(node)))
    return value if value in (*_SECRET, "none") else ""


def _importable(subject: Subject, source: Source, path: str, name: str, entry: str) -> tuple[str, ...] | None:
    """The import lines that make an expression of one file mean the same in another; None when it is no name of the module."""
    if not re.fullmatch(r"[A-Za-z_]\w*(?:\.\w+)*", name):
        return None
    head = name.split(".")[0]
    module = subject.resolver.module(path)
    known = module.imports.get(head) if module else None
    if known is not None and known.symbol:
        target = subject.resolver.python_file(path, known.module)
        inner = subject.resolver.python_file(path, f"{known.module}.{known.symbol}")
        if target is None and inner is None:
            return None
        whose = (
            dotted(subject, target, entry)
            if target is not None
            else dotted(subject, inner or "", entry).rpartition(".")[0]
        )
        alias = head if known.symbol == head else f"{known.symbol} as {head}"
        return (f"from {whose} import {alias}",)
    if any(source.scope(node) is None for node in source.assigned(head)):
        return (f"from {dotted(subject, path, entry)} import {head}",)
    return None


def _claims(subject: Subject, work: Work) -> frozenset[str]:
    """The names of the claims that tokens are made with: in the function that signs them, and where it is called."""
    found: set[str] = set()
    makers: set[str] = set()
    for path in subject.python:
        if "jwt" not in (text := work.text(path) or ""):
            continue
        source = Source(text)
        for call in source.calls("jwt.encode"):
            scope = source.scope(call)
            found |= set(_keys(source, scope if scope is not None else call))
            named = scope.child_by_field_name("name") if scope is not None else None
            if named is not None:
                makers.add(text_of(named))
    for path in subject.python:
        text = work.text(path) or ""
        if not any(f"{maker}(" in text for maker in makers):
            continue
        source = Source(text)
        for call in source.calls(*makers):
            found |= set(_keys(source, call))
    return frozenset(found)


def _keys(source: Source, within: Node) -> Iterator[str]:
    for pair in source.nodes("pair", within=within):
        if (name := literal(pair.child_by_field_name("key"))) is not None:
            yield name
    for assignment in source.nodes("assignment", within=within):
        left = assignment.child_by_field_name("left")
        if left is not None and left.type == "subscript":
            name = literal(left.child_by_field_name("subscript"))
            if name is not None:
                yield name


def _ways(subject: Subject, work: Work) -> Iterator[str]:
    for path in subject.python:
        text = work.text(path) or ""
        for name in dict.fromkeys(_WAYS.findall(text)):
            at = text.index(name)
            yield f"{path}:{text.count(chr(10), 0, at) + 1} ({name.rstrip('(')})"


def _session(subject: Subject, work: Work, entry: str, app: App) -> _Kept | None:
    """The signed session of Starlette or Flask, when it is the only way in that the source shows."""
    found: list[_Kept] = []
    names: set[str] = set()
    for path in subject.python:
        text = work.text(path) or ""
        names |= set(re.findall(r"\bsession(?:\.get\(|\.pop\(|\[)\s*[\"'](\w+)[\"']", text))
        if "login_user(" in text and "flask_login" in text:
            names.add("_user_id")
        if app.framework == "Flask" or "SessionMiddleware" not in text:
            continue
        source = Source(text)
        for call in source.calls("add_middleware", "Middleware"):
            first = arguments(call)[:1]
            key = keyword(call, "secret_key")
            if key is not None and first and text_of(first[0]).endswith("SessionMiddleware"):
                named = keyword(call, "session_cookie")
                cookie = text_of(named) if named is not None and literal(named) else ""
                found += [replace(one, cookie=cookie) for one in _kept(subject, source, path, key, entry)]
    if any(_TOKENS.search(way) for way in _ways(subject, work)):
        return None
    if app.framework == "Flask":
        # Wherever the key comes from, Flask has it there.
        renamed = any("SESSION_COOKIE_NAME" in (work.text(path) or "") for path in subject.python)
        cookie = f'{app.name}.config["SESSION_COOKIE_NAME"]' if renamed else ""
        found = [_Kept(f'{app.name}.config["SECRET_KEY"]', (), "flask", frozenset(), f"{app.file}:{app.line}", cookie)]
    if len(found) != 1 or not names:
        return None
    return replace(found[0], names=frozenset(names))


def _kept(subject: Subject, source: Source, path: str, key: Node, entry: str) -> list[_Kept]:
    text = text_of(key)
    if re.fullmatch(r"os\.environ\[[\"']\w+[\"']\]", text):
        imports: tuple[str, ...] | None = ("import os",)
    else:
        imports = _importable(subject, source, path, text, entry) if key.type in ("identifier", "attribute") else None
    return [] if imports is None else [_Kept(text, imports, "starlette", frozenset(), place(path, key))]
