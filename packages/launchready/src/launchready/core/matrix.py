"""Puts the matrix together: the policy, the source, and what calls have shown."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from launchready_guard.policy import GUEST, Policy, Row

from launchready.core.policy.guess import OWN, TENANT, Drafted, Grounds, drafted
from launchready.core.policy.roles import Roles, is_ordinary, rank, roles_of, runs_it
from launchready.model.matrix import Matrix, MatrixCell, MatrixRow, Reach
from launchready.model.surface import Span, Surface
from launchready.model.words import AccessVerdict


@dataclass(frozen=True, slots=True)
class Call:
    """What one caller's calls of an endpoint have shown. ``record`` says whose record it was: own, other, foreign (another tenant's) or none."""

    endpoint: str
    who: str
    role: str
    record: str
    reach: Reach


def matrix(
    surface: Surface,
    policy: Policy | None,
    calls: Iterable[Call] = (),
    given: Iterable[str] = (),
    bound: Mapping[str, Span] | None = None,
) -> Matrix:
    """Every way in by every role.

    ``given`` are roles of identities; a caller whose role nobody knows is the least of those signed in. ``bound`` says by an
    endpoint's name where its handler compares the record with its caller.
    """
    calls = tuple(calls)
    roles = Roles(policy.roles) if policy else Roles(())
    if not roles.signed_in:
        roles = roles_of(surface, (*given, *(call.role for call in calls)))
    least = next(iter(roles.signed_in), GUEST)
    # An app's `user` is the `member` of a policy that knows no user, as it is where calls are judged.
    ordinary = next((role for role in roles.signed_in if not runs_it(role)), "")
    shown: dict[tuple[str, str], list[Call]] = defaultdict(list)
    columns = list(roles.order)
    for call in calls:
        other = (ordinary if is_ordinary(call.role) else "") or call.role or least
        role = next((one for one in columns if one.lower() == call.role.lower()), other)
        if role not in columns:
            columns.append(role)
        shown[call.endpoint, role].append(call)
    columns.sort(key=lambda role: (roles.order.index(role) if role in roles.order else rank(role), role))
    rows = []
    for one in drafted(surface.endpoints, Grounds(roles, bound=bound or {})):
        row = policy.row(one.row.method, one.row.path) if policy else None
        said = "unlisted" if row is None else "review" if row.review else "reviewed"
        cells = tuple(_cell(role, row, one, shown[one.row.route, role], roles) for role in columns)
        rows.append(
            MatrixRow(one.row.route, one.row.kind, said, one.endpoint.source.file, one.endpoint.source.line, cells)
        )
    return Matrix(tuple(columns), tuple(rows), policy is None)


def calls_of(found: Matrix) -> tuple[Call, ...]:
    """The calls that a matrix has already shown, so that they can be put beside another policy or a newer source."""
    calls = []
    for row in found.rows:
        for cell in row.cells:
            who = ", ".join(cell.identities)
            said = (("none", cell.proven), ("other", cell.others), ("foreign", cell.foreign))
            calls += [Call(row.endpoint, who, cell.role, what, got) for what, got in said if got is not Reach.UNKNOWN]
    return tuple(calls)


def _cell(role: str, row: Row | None, one: Drafted, calls: Sequence[Call], roles: Roles) -> MatrixCell:
    names = tuple(dict.fromkeys(call.who for call in calls if call.reach is not Reach.UNKNOWN))
    return MatrixCell(role, _designed(role, row), _found(role, one, roles), *_proven(calls), names)


def _designed(role: str, row: Row | None) -> Reach:
    if row is None or row.review:
        return Reach.UNKNOWN
    if not row.allows(role):
        return Reach.DENIED
    if role in row.own:
        return Reach.OWN
    return Reach.TENANT if row.tenant and role != GUEST else Reach.ALLOWED


def _found(role: str, one: Drafted, roles: Roles) -> Reach:
    access = one.endpoint.access
    if access.verdict is AccessVerdict.UNKNOWN:
        return Reach.UNKNOWN
    if access.verdict is AccessVerdict.OPEN:
        return Reach.ALLOWED
    if access.by_data:
        return Reach.UNKNOWN
    if access.how == "signature":
        # Who can sign is a sender, whom the policy calls a guest, and no role of the app.
        return Reach.UNKNOWN
    if role == GUEST:
        return Reach.DENIED
    asked = roles.of(access.roles)
    if access.roles and not asked:
        return Reach.UNKNOWN
    if asked and role not in asked:
        return Reach.DENIED
    if one.bound == OWN:
        return Reach.OWN
    return Reach.TENANT if access.tenant or one.bound == TENANT else Reach.ALLOWED


def _proven(calls: Sequence[Call]) -> tuple[Reach, Reach, Reach]:
    """The furthest any caller of the role got: at all, with records of another, and with those of another tenant."""
    foreign = _furthest(call.reach for call in calls if call.record == "foreign")
    others = _furthest(call.reach for call in calls if call.record in ("other", "foreign"))
    mine = _furthest(call.reach for call in calls if call.record not in ("other", "foreign"))
    return (Reach.ALLOWED if others is Reach.ALLOWED else mine), others, foreign


def _furthest(seen: Iterable[Reach]) -> Reach:
    got = set(seen)
    return next((one for one in (Reach.ALLOWED, Reach.DENIED, Reach.BROKEN) if one in got), Reach.UNKNOWN)
