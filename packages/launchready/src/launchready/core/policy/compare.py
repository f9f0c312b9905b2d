"""Where the policy and the code differ, each with the line that makes them agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from launchready_guard.policy import GUEST, Policy, Row, shape

from launchready.core.policy.draft import row_lines, toml
from launchready.core.policy.guess import Drafted
from launchready.core.policy.roles import Roles, is_role
from launchready.model.surface import Endpoint
from launchready.model.words import AccessVerdict, Kind


class Sort(StrEnum):
    """What kind of difference it is, the worst first."""

    CODE_WEAKER = "code-weaker"
    POLICY_WEAKER = "policy-weaker"
    UNLISTED = "unlisted"
    GONE = "gone"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Difference:
    """``said`` is one sentence; ``write`` the lines to put into the policy, empty when the code is what has to change."""

    sort: Sort
    route: str
    said: str
    place: str = ""
    write: str = ""


def compare(policy: Policy, rows: Sequence[Drafted]) -> tuple[Difference, ...]:
    """Every difference, the worst first. What source could not be followed in is compared with nothing."""
    found = []
    for drafted in rows:
        listed = _listed(policy, drafted)
        if not listed:
            found.append(
                Difference(
                    Sort.UNLISTED,
                    drafted.row.route,
                    drafted.reason,
                    drafted.place,
                    "\n".join(row_lines(drafted.row)),
                )
            )
        for row in listed:
            found += [_review(row, drafted)] if row.review else _differences(policy, row, drafted)
    known = {(drafted.row.method, shape(drafted.row.path)) for drafted in rows}
    for row in policy.rows:
        like = shape(row.path)
        if not any(at == like and (row.method in (verb, "ANY") or verb == "ANY") for verb, at in known):
            found.append(Difference(Sort.GONE, row.route, "no route of the code answers to it"))
    return tuple(sorted(found, key=lambda one: (tuple(Sort).index(one.sort), one.route.split(" ")[::-1])))


def _listed(policy: Policy, drafted: Drafted) -> list[Row]:
    if drafted.row.method == "ANY":
        return [row for row in policy.rows if shape(row.path) == shape(drafted.row.path)]
    row = policy.row(drafted.row.method, drafted.row.path)
    return [row] if row else []


def _review(row: Row, drafted: Drafted) -> Difference:
    said = drafted.reason if drafted.row.review else "drafted without a doubt, and marked review by hand"
    return Difference(Sort.REVIEW, row.route, said, drafted.place, f"allow = {toml(row.allow)}")


def _differences(policy: Policy, row: Row, drafted: Drafted) -> list[Difference]:
    endpoint = drafted.endpoint
    found = _who(policy, row, endpoint)
    if endpoint.access.verdict is AccessVerdict.GUARDED:
        if endpoint.access.how == "signature" and row.public and not row.signature:
            write = f"signature = {toml(drafted.row.signature or 'the name of its scheme')}"
            found.append((Sort.POLICY_WEAKER, "policy: everybody · code: whoever signs", write))
        if endpoint.access.tenant and not row.tenant:
            said = f"policy: every workspace · code: the caller's own, by {endpoint.access.tenant}"
            found.append((Sort.POLICY_WEAKER, said, "tenant = true"))
    return [Difference(sort, row.route, said, drafted.place, write) for sort, said, write in found]


def _who(policy: Policy, row: Row, endpoint: Endpoint) -> list[tuple[Sort, str, str]]:
    access, roles = endpoint.access, Roles(policy.roles)
    allowed = ", ".join(row.allow) or "nobody"
    if access.verdict is AccessVerdict.OPEN:
        if row.signature:
            said = f"policy: whoever signs as {row.signature} · code: everybody"
            return [(Sort.CODE_WEAKER, said, "")]
        if not row.public:
            return [(Sort.CODE_WEAKER, f"policy: {allowed} · code: everybody", "")]
        return []
    if access.verdict is not AccessVerdict.GUARDED or access.how == "signature" or access.by_data:
        return []
    asked, named = roles.of(access.roles), [name for name in access.roles if is_role(name)]
    if row.public:
        if Kind.WEBHOOK in endpoint.kind and row.signature:
            return []
        wants = " or ".join(access.roles) or "a signed-in caller"
        write = f"allow = {toml(asked or roles.signed_in)}"
        return [(Sort.POLICY_WEAKER, f"policy: everybody · code: {wants}", write)]
    if named and not asked:
        said = f"policy: has no such role · code: {', '.join(named)}"
        return [(Sort.POLICY_WEAKER, said, f"order = {toml((*policy.roles, *named))}, below [roles]")]
    if named:
        return _by_role(row, asked, allowed)
    if not access.roles and set(row.allow) < set(roles.signed_in):
        said = f"policy: {allowed} · code: whoever is signed in, as far as it was read"
        return [(Sort.CODE_WEAKER, said, "")]
    return []


def _by_role(row: Row, asked: tuple[str, ...], allowed: str) -> list[tuple[Sort, str, str]]:
    said, found = f"policy: {allowed} · code: {', '.join(asked)}", []
    # "A manager, or whose own it is": the second half is seldom a guard that source shows.
    if any(role not in asked and role not in (GUEST, *row.own) for role in row.allow):
        found.append((Sort.POLICY_WEAKER, said, f"allow = {toml(asked)}"))
    if any(role not in row.allow for role in asked):
        found.append((Sort.CODE_WEAKER, said, ""))
    return found
