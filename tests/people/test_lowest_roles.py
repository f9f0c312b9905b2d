"""The role that somebody is brought into a workspace with."""

import pytest
from launchready.model.surface import Access, Endpoint, Input, Span
from launchready.model.words import AccessVerdict, Kind
from launchready.probes.callers.members import roles_to_have


def _endpoint(path: str, roles: tuple[str, ...], *fields: str, kind: Kind = Kind.OTHER) -> Endpoint:
    inputs = tuple(Input(name, "body", "str", True) for name in fields)
    return Endpoint(
        "POST", path, "Flask", (kind,), "write", Access(AccessVerdict.GUARDED, roles=roles), inputs, Span("", 0, "")
    )


@pytest.mark.parametrize(
    ("roles", "wanted"),
    [
        (("Admin", "Employee"), ("Employee",)),
        (("Admin", "Employee", "Manager"), ("Employee", "Manager")),
        (("admin", "employee", "customer"), ("customer",)),
        (("admin",), ("member",)),
    ],
)
def test_the_lowest_role_is_that_of_those_who_have_nobody_below_them(
    roles: tuple[str, ...], wanted: tuple[str, ...]
) -> None:
    known = [
        _endpoint("/company/invite", ("Admin",), "email", "role", kind=Kind.INVITE),
        *(_endpoint(f"/of/{role}", (role,)) for role in roles),
    ]
    assert roles_to_have(known) == wanted
