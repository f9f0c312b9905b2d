"""What a row of the policy should say of one endpoint: what the source enforces, or the safest guess for a person to review."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from launchready_guard.policy import GUEST, Row, shape

from launchready.core.policy.roles import Roles, is_ordinary, is_role, runs_it
from launchready.core.policy.senders import scheme
from launchready.model.surface import Endpoint, Integration, Span
from launchready.model.words import ARRIVALS, FOR_STRANGERS, AccessVerdict, Kind

OWN, TENANT = "own", "tenant"
_STAFF = "staff"
# What AUTH-2 of the roadmap calls admin actions: being signed in is seldom enough for them.
_FOR_SOME = frozenset((Kind.INVITE, Kind.BILLING, Kind.SETTINGS))
_PRIVATE = frozenset((*_FOR_SOME, Kind.EXPORT, Kind.DELETE))
# The limits of these kinds are about the attempt, not about the page that shows the form.
_ATTEMPTS = ARRIVALS | {Kind.INVITE, Kind.UPLOAD, Kind.AI}
_FILES = re.compile(
    r"^/$|/(?:static|assets|public|_next)(?:/|$)|/(?:favicon\.ico|robots\.txt|sitemap[\w.]*|manifest\.(?:json|webmanifest))$|^/\.well-known/"
)
_EXPORTS = re.compile(r"export|download|dump|backup|\.csv", re.I)
# "current_user (current_user refuses, app/auth.py:49)": the name once is enough.
_TWICE = re.compile(r"^([\w.]+) \(\1 refuses, ([^()]+:\d+)\)$")
_RECORD = re.compile(r"(?:^|_)(?:id|pk|uuid|slug)$|Id$|^(?:number|user|member|account|workspace|org|team)$")
_TENANT = re.compile(r"^(?:workspace|org|organi[sz]ation|tenant|company)(?:_?(?:id|slug|uuid|pk|key))?$", re.I)


@dataclass(frozen=True, slots=True)
class Drafted:
    """A row, the place in source it comes from, and why it says what it says; ``reason`` asks a question when it is to be reviewed.

    ``doubt`` is the part of the reason that says what could not be followed; many rows may share it. ``bound`` is own or tenant
    when the handler compares the record with its caller.
    """

    row: Row
    place: str
    reason: str
    endpoint: Endpoint
    doubt: str = ""
    bound: str = ""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What rows are drafted from beside the endpoint. ``bound`` maps an endpoint's name to where its handler compares with the caller."""

    roles: Roles
    integrations: tuple[Integration, ...] = ()
    bound: Mapping[str, Span] = field(default_factory=dict)


def drafted(endpoints: Iterable[Endpoint], grounds: Grounds) -> tuple[Drafted, ...]:
    """One row for each way in, in the order of the endpoints. Those that a data service answers at its own address have none."""
    endpoints = tuple(endpoints)
    managed = {shape(one.path) for one in endpoints if one.method in ("DELETE", "PATCH")}
    said = Counter(span for one in endpoints for span in one.access.evidence)
    found: dict[tuple[str, str], Endpoint] = {}
    twice: set[tuple[str, str]] = set()
    for endpoint in endpoints:
        if endpoint.hosted or not endpoint.path.startswith(("/", "{")):
            continue
        key = (endpoint.method, shape(endpoint.path))
        known = found.setdefault(key, endpoint)
        if known.access != endpoint.access:
            twice.add(key)
            found[key] = max(known, endpoint, key=lambda one: _WEAKEST.index(one.access.verdict))
    return tuple(
        _row(_as_used(endpoint, managed), grounds, key in twice, _doubt(endpoint, said))
        for key, endpoint in found.items()
    )


def _as_used(endpoint: Endpoint, managed: Collection[str]) -> Endpoint:
    """The endpoint without the kind webhook when it only manages where webhooks go, and takes none itself."""
    access = endpoint.access
    takes = endpoint.method in ("POST", "PUT", "ANY") and not {
        shape(endpoint.path),
        shape(endpoint.path + "/{}"),
    } & set(managed)
    signed_in = access.verdict is AccessVerdict.GUARDED and access.how != "signature"
    if Kind.WEBHOOK not in endpoint.kind or (takes and not signed_in):
        return endpoint
    rest = tuple(kind for kind in endpoint.kind if kind is not Kind.WEBHOOK)
    return replace(endpoint, kind=rest or (Kind.OTHER,))


def _doubt(endpoint: Endpoint, said: Mapping[Span, int]) -> str:
    """What could not be followed: of several things, the one that fewest other endpoints share."""
    spans = [span for span in endpoint.access.evidence if span.what]
    if endpoint.access.verdict is not AccessVerdict.UNKNOWN:
        return ""
    return (
        _text(min(reversed(spans), key=lambda span: said[span]))
        if spans
        else "something on the way could not be followed"
    )


_WEAKEST = (AccessVerdict.GUARDED, AccessVerdict.UNKNOWN, AccessVerdict.OPEN)


def kind_of(endpoint: Endpoint) -> str:
    """The kind a row names: the first that is no attempt when the endpoint only reads or deletes."""
    reads = endpoint.action == "read" or endpoint.method == "DELETE"
    return next((kind.value for kind in endpoint.kind if not (reads and kind in _ATTEMPTS)), Kind.OTHER.value)


def tenant_of(endpoint: Endpoint) -> str:
    """The parameter that binds an endpoint to a workspace: the one source compares, or one of the path that is named like one."""
    if endpoint.access.tenant:
        return endpoint.access.tenant
    return next((name for name in re.findall(r"\{(\w+)\}", endpoint.path) if _TENANT.match(name)), "")


def place_of(endpoint: Endpoint) -> str:
    """``app/main.py:41``, or who else saw it."""
    source = endpoint.source
    return f"{source.file}:{source.line}" if source.file else f"seen in {', '.join(endpoint.seen_in)}"


def _row(endpoint: Endpoint, grounds: Grounds, twice: bool, doubt: str) -> Drafted:
    allow, asks, why = _who(endpoint, grounds, doubt)
    signature, known = scheme(endpoint, grounds.integrations) if Kind.WEBHOOK in endpoint.kind else ("", "")
    if _is_mark(endpoint, allow, grounds.roles):
        asks, why = True, f"{why}. staff is a mark on an account there, and no role: which of your roles carry it?"
    bound = grounds.bound.get(endpoint.name)
    tenant = bool(tenant_of(endpoint)) or (bound is not None and bound.what == TENANT)
    own = bound is not None and bound.what == OWN
    if tenant and GUEST in allow and Kind.WEBHOOK not in endpoint.kind:
        allow, asks = grounds.roles.signed_in, True
        why += f"; its address names a {tenant_of(endpoint)}, so the guess is whoever is signed in"
    elif tenant and not endpoint.access.tenant and not bound:
        asks, why = True, f"{why}; nothing seen compares {tenant_of(endpoint)} with the caller's own"
    elif not (tenant or own or asks) and _whose(endpoint, allow):
        # A row without own or tenant gives every record to every role it names: nobody may say that by accident.
        asks, why = True, f"{why}. Whose records?"
    if Kind.WEBHOOK in endpoint.kind and GUEST in allow and endpoint.access.how != "signature":
        asks = True
        why += "; " + (known or "who sends it? Name the scheme it is signed with: signature = …")
    elif known:
        why += f"; {known}"
    if bound is not None:
        what = "of their own" if own else "of the caller's workspace"
        why += f"; only records {what} ({bound.file}:{bound.line})"
    if twice:
        asks, why = True, f"{why}; declared more than once, not with the same guard"
    if endpoint.only_when:
        why += f"; only there when {endpoint.only_when}"
    row = Row(
        endpoint.method,
        endpoint.path,
        allow,
        tuple(role for role in allow if role != GUEST) if own else (),
        tenant,
        kind_of(endpoint),
        (),
        signature,
        asks,
    )
    return Drafted(row, place_of(endpoint), why, endpoint, doubt, bound.what if bound else "")


def _is_mark(endpoint: Endpoint, allow: tuple[str, ...], roles: Roles) -> bool:
    """Whether a row is for Django's ``is_staff``, in an app that has roles of its own beside it."""
    others = (role for role in roles.signed_in if role != _STAFF)
    return (
        allow == (_STAFF,) and endpoint.framework.startswith("Django") and any(not is_ordinary(one) for one in others)
    )


def _whose(endpoint: Endpoint, allow: tuple[str, ...]) -> bool:
    """Whether a record is named by an id of the address, for more people than those who run the app."""
    named = any(_RECORD.search(name) for name in re.findall(r"\{(\w+)\??\}", endpoint.path))
    return named and GUEST not in allow and not all(runs_it(role) for role in allow)


def _who(endpoint: Endpoint, grounds: Grounds, doubt: str) -> tuple[tuple[str, ...], bool, str]:
    """The roles, whether a person must look, and why."""
    access, kinds, roles = endpoint.access, set(endpoint.kind), grounds.roles
    if access.verdict is AccessVerdict.GUARDED:
        return _guarded(endpoint, grounds)
    is_open = access.verdict is AccessVerdict.OPEN
    said = "open: nothing asks who is calling" if is_open else f"not sure: {doubt}"
    if Kind.ADMIN in kinds and not kinds & {Kind.LOGIN, Kind.HEALTH}:
        return roles.high, True, f"{said}. Its address speaks of administration, so that is the guess"
    if kinds & FOR_STRANGERS or _FILES.search(endpoint.path) or Kind.WEBHOOK in kinds:
        return (GUEST,), not is_open, said if is_open else f"{said}. The guess is everybody"
    if not is_open:
        return roles.signed_in, True, f"{said}. The guess is whoever is signed in"
    if endpoint.action == "write" or kinds & _PRIVATE:
        return roles.signed_in, True, f"{said}. It {_does(endpoint)}, so the guess is whoever is signed in"
    return (GUEST,), True, f"{said}. Is it meant for everybody?"


_ASKS = {
    "signature": "a signature",
    "token": "a token",
    "permissions": "stored permissions",
    "policies": "what the policies of its tables ask for",
}


def _guarded(endpoint: Endpoint, grounds: Grounds) -> tuple[tuple[str, ...], bool, str]:
    access, kinds, roles = endpoint.access, set(endpoint.kind), grounds.roles
    said = (
        f"asks for {' or '.join(access.roles[:4]) or _ASKS.get(access.how, 'a signed-in user')}: {_evidence(endpoint)}"
    )
    if access.how == "signature":
        if Kind.WEBHOOK in kinds:
            return (GUEST,), False, said
        return roles.signed_in, True, f"{said}. A signature of whom? The guess is whoever is signed in"
    if access.by_data:
        return roles.signed_in, True, f"{said}. Whom they let in stands in the app's data: prove it by calls"
    if allow := roles.of(access.roles):
        return allow, False, said
    if asked := [name for name in access.roles if not is_role(name)]:
        return roles.signed_in, True, f"{said}. Which roles have the permission {', '.join(asked[:3])}?"
    if Kind.ADMIN in kinds and Kind.LOGIN not in kinds:
        return roles.high, True, f"{said}, no role. Its address speaks of administration, so that is the guess"
    exports = Kind.EXPORT in kinds and bool(_EXPORTS.search(endpoint.path.rstrip("/").rsplit("/", 1)[-1]))
    if (endpoint.action == "write" and kinds & _FOR_SOME) or exports:
        return roles.signed_in, True, f"{said}, no role. It {_does(endpoint)}: is it for some roles only?"
    return roles.signed_in, False, said


def _does(endpoint: Endpoint) -> str:
    names = {
        Kind.INVITE: "invites people",
        Kind.BILLING: "is about billing",
        Kind.SETTINGS: "is about settings",
        Kind.EXPORT: "exports data",
        Kind.DELETE: "deletes",
    }
    return next((said for kind, said in names.items() if kind in endpoint.kind), "changes data")


def _evidence(endpoint: Endpoint) -> str:
    span = next((one for one in endpoint.access.evidence if one.what), None)
    return _text(span) if span else "a guard"


def _text(span: Span) -> str:
    what = _TWICE.sub(r"\1, \2", span.what)
    # The evidence often names its own line already.
    return what if not span.file or re.search(r":\d+\b", what) else f"{what} ({span.file}:{span.line})"
