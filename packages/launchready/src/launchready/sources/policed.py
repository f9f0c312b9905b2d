"""What a policy says of each endpoint that the guard stands before: the row is the evidence, beside the line that puts the guard in."""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready_guard.policy import GUEST, Policy, PolicyError, Row, parse_policy

from launchready.model.surface import Access, Endpoint, Span
from launchready.model.words import AccessVerdict
from launchready.sources.tree import Tree


def with_policy(tree: Tree, endpoints: tuple[Endpoint, ...], name: str, place: Span) -> tuple[Endpoint, ...]:
    """The endpoints with what the policy file of this name adds, ``place`` being where the guard is put in; as they are where it does not parse."""
    file = min((one.path for one in tree.named(name)), key=lambda path: (path.count("/"), path), default="")
    text = tree.text(file) if file else None
    try:
        policy = parse_policy(text or "", file)
    except PolicyError:
        # LR231 says what is wrong with it; the guard does not start with it.
        return endpoints
    lines = {match[1]: (text or "").count("\n", 0, match.start()) + 1 for match in _rows(text or "")}
    return tuple(_asked(one, policy, Span(file, 0), lines, place) for one in endpoints)


def _rows(text: str) -> Iterator["re.Match[str]"]:
    return re.finditer(r"^\s*route\s*=\s*[\"']([^\"'\n]+)[\"']", text, re.M)


def _asked(endpoint: Endpoint, policy: Policy, file: Span, lines: dict[str, int], place: Span) -> Endpoint:
    settings = policy.settings
    row = policy.row(endpoint.method, endpoint.path)
    if endpoint.hosted or not endpoint.path.startswith("/"):
        return endpoint
    if row is None or row.review:
        if "unlisted" in settings.observe or endpoint.method == "ANY":
            return endpoint
        closed = Span(
            file.file, lines.get(row.route, 1) if row else 1, "the guard lets nobody through without a reviewed row"
        )
        return replace(endpoint, access=Access(AccessVerdict.GUARDED, "role", evidence=(closed, place)))
    if row.observe or "access" in settings.observe:
        return endpoint
    return replace(endpoint, access=_access(endpoint, row, policy, Span(file.file, lines.get(row.route, 1)), place))


def _access(endpoint: Endpoint, row: Row, policy: Policy, at: Span, place: Span) -> Access:
    before = endpoint.access
    if row.signature and "signature" not in policy.settings.observe:
        signed = replace(at, what=f"the guard verifies the {row.signature} signature, its time, and that it comes once")
        return Access(AccessVerdict.GUARDED, "signature", evidence=(signed, place))
    if row.public:
        return before
    asked = replace(at, what=f"the guard asks for {' or '.join(row.allow)}")
    everybody = {role for one in policy.rows for role in one.allow} - {GUEST}
    # A row for all who have an account asks for no role.
    some = bool(everybody - set(row.allow))
    bound = row.tenant and "tenant" not in policy.settings.observe
    tenant = before.tenant or (_tenant(policy, endpoint.path) if bound else "")
    roles = tuple(role for role in row.allow if not before.roles or role in before.roles) or row.allow
    return Access(
        AccessVerdict.GUARDED,
        "role" if some or before.how == "role" else before.how or "authenticated",
        roles if some or before.roles else (),
        tenant,
        (*(before.evidence if before.verdict is AccessVerdict.GUARDED else ()), asked, place),
    )


def _tenant(policy: Policy, path: str) -> str:
    """The parameter of the address that the guard compares. What a header or a body may leave out binds nothing."""
    named = (one.partition(":")[2] for one in policy.params if one.startswith("path:"))
    return next((name for name in named if f"{{{name}}}" in path), "")
