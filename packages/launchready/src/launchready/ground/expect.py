"""Who may: by the reviewed policy where there is one, else by what the source and the addresses themselves say."""

import re

from launchready_guard.policy import GUEST, Policy

from launchready.core.policy.roles import runs_it
from launchready.ground.ids import TENANT_NOUNS, USER_NOUNS, parameters
from launchready.model.surface import Endpoint
from launchready.model.words import AccessVerdict, Confidence, Kind
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.whoami import low

_ADMIN = re.compile(
    r"(?:^|[/_.-])(?:admin|administration|superuser|staff|backoffice|back-office|internal|management)(?:$|[/_.-])", re.I
)
_TOOL = re.compile(r"(?:^|[/_.-])(?:debug|logging|server-?logs|audit-?logs)(?:$|[/_.-])", re.I)
HIGH = re.compile(r"admin|owner|super|staff|root|manager|moderator|chef|employee|operator", re.I)
_OWNER = "owner"
PRIVATE_NOUNS = re.compile(
    r"order|invoice|payment|message|note|document|file|address|card|basket|cart|wallet|transaction|report|ticket|booking|reservation|"
    r"appointment|record|vehicle|account|token|key|secret|session|device|notification|conversation|chat|bill|subscription|memory|draft|bank|"
    r"loan|deposit|transfer|statement|claim|prescription|patient|salary|payroll|contract|setting|preference",
    re.I,
)


def may_call(endpoint: Endpoint, caller: Caller, policy: Policy | None) -> tuple[bool | None, str]:
    """Whether the caller's role may call the endpoint at all, and by whose word; None when nobody said."""
    row = policy.row(*endpoint.name.split(" ", 1)) if policy else None
    if policy and row is not None and not row.review and (role := role_in(policy, caller)) is not None:
        return row.allows(role), f"the policy allows {', '.join(row.allow) or 'nobody'}"
    if caller.guest:
        return None, ""
    roles = endpoint.access.roles
    if roles and endpoint.access.verdict is AccessVerdict.GUARDED:
        if caller.role in {role.lower() for role in roles}:
            return True, ""
        if not caller.role and any(role.lower() == _OWNER for role in roles):
            # Whoever signed up may own the workspace that was made for them, and the app said nothing of it.
            return None, ""
        if caller.founder and _at_home(endpoint, caller):
            # What the app calls them elsewhere says nothing of the workspace that they made.
            return None, ""
        # `can_read:Employee` is a permission, and whose it is stands somewhere else.
        if low(caller.role) and all(HIGH.search(role) and not re.search(r"[:.]", role) for role in roles):
            return False, f"the source asks for {' or '.join(roles)}"
        return None, ""
    if low(caller.role) and (Kind.ADMIN in endpoint.kind or _ADMIN.search(endpoint.path)):
        return False, "it is an address of the administration"
    if low(caller.role) and tool_page(endpoint):
        return False, "it is an address for those who run the app"
    return None, ""


def _at_home(endpoint: Endpoint, caller: Caller) -> bool:
    """Whether the call is about a workspace, which is the caller's own where they are asked as themselves."""
    named = any(noun in TENANT_NOUNS for _, noun in parameters(endpoint.path))
    return bool(named or caller.place or endpoint.access.tenant)


def role_in(policy: Policy, caller: Caller) -> str | None:
    """The caller's role as the policy writes it, ``ADMIN`` for an ``admin``; None when the policy knows no such role.

    Whoever is an ordinary member, or has no role that anybody told us, is the least of those signed in.
    """
    if caller.guest:
        return GUEST
    named = next((role for role in policy.roles if role.lower() == caller.role.lower()), None)
    if named is not None or not low(caller.role):
        return named
    return next((role for role in policy.roles if role != GUEST and not runs_it(role)), "")


def tool_page(endpoint: Endpoint) -> bool:
    """Whether a read is for those who run the app, going by its address alone."""
    return endpoint.action == "read" and "{" not in endpoint.path and bool(_TOOL.search(endpoint.path))


def shared(endpoint: Endpoint, policy: Policy | None, first: Caller, other: Caller) -> tuple[bool | None, str]:
    """Whether a record of ``first`` is meant for ``other`` as well; None when nobody said."""
    row = policy.row(*endpoint.name.split(" ", 1)) if policy else None
    if policy and row is not None and not row.review and (role := role_in(policy, other)) is not None:
        if row.public and not row.own and not row.tenant:
            return True, "the policy makes it public"
        if role in row.own:
            return False, f"the policy keeps records of {', '.join(row.own)} to themselves"
        if row.tenant:
            same = one_tenant(first, other)
            return (None if same is None else same), "the policy binds it to the workspace"
        return row.allows(role), "the policy allows every record"
    if one_tenant(first, other) is False:
        return False, f"{other.name} is in another workspace"
    if low(first.role) and not low(other.role) and HIGH.search(other.role):
        # Where everybody is an administrator of something of their own, nobody is one of the others'.
        return True, f"{other.name} is {other.role}, and {first.name} an ordinary member"
    return None, ""


def sure_of_write(
    endpoint: Endpoint, policy: Policy | None, owner: Caller, other: Caller, noun: str
) -> Confidence | None:
    """How sure it is that ``other`` must not change a record of ``owner``; None when they may."""
    meant, _ = shared(endpoint, policy, owner, other)
    if meant is not None:
        return None if meant else Confidence.PROVEN
    return None if one_tenant(owner, other) is True and noun not in USER_NOUNS else Confidence.PROVEN


def one_tenant(first: Caller, other: Caller) -> bool | None:
    """Whether two callers are of one workspace; None when the app knows no workspaces."""
    if first.tenant and other.tenant:
        return first.tenant == other.tenant
    mine, theirs = first.known("tenant"), other.known("tenant")
    if not mine or not theirs:
        return None
    return bool(mine & theirs)
