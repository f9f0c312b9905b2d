"""The matrix on its pages: what differs is said, what an app calls its routes is only text, and nothing is loaded."""

import csv
import io
import json
import re
from dataclasses import replace

from launchready.core.codec import decode, encode
from launchready.core.matrix import Call, calls_of, matrix
from launchready.model.matrix import Matrix, Reach
from launchready.model.surface import Access, Endpoint, Span, Surface
from launchready.model.words import AccessVerdict, Kind
from launchready.report import render
from launchready.report.matrix import render_matrix
from launchready_guard.policy import parse_policy

from tests.report.sample import HOSTILE, audit

POLICY = parse_policy(
    """
[roles]
order = ["guest", "member", "admin"]
[[endpoint]]
route = "GET /mine/{id}"
allow = ["member", "admin"]
own = ["member"]
[[endpoint]]
route = "GET /w/{workspace_id}"
allow = ["member", "admin"]
tenant = true
[[endpoint]]
route = "GET /admin"
allow = ["admin"]
"""
)


def endpoint(path: str, verdict: AccessVerdict, *roles: str) -> Endpoint:
    access = Access(verdict, "role" if roles else "authenticated", roles)
    return Endpoint("GET", path, "FastAPI", (Kind.OTHER,), "read", access, (), Span("app/main.py", 3))


SURFACE = Surface(
    (
        endpoint("/admin", AccessVerdict.GUARDED, "admin"),
        endpoint("/mine/{id}", AccessVerdict.GUARDED),
        endpoint("/w/{workspace_id}", AccessVerdict.GUARDED),
    ),
    roles=("admin",),
)


def told(*calls: Call) -> Matrix:
    return matrix(SURFACE, POLICY, calls)


def state(found: Matrix, endpoint: str, role: str) -> tuple[Reach, Reach, Reach, bool]:
    cell = next(cell for row in found.rows if row.endpoint == endpoint for cell in row.cells if cell.role == role)
    return cell.designed, cell.found, cell.proven, cell.exceeds


def test_calls_that_got_further_than_designed_are_told_from_those_that_did_not() -> None:
    found = told(
        Call("GET /admin", "bob", "member", "none", Reach.ALLOWED),
        Call("GET /admin", "guest", "guest", "none", Reach.DENIED),
        Call("GET /mine/{id}", "bob", "", "own", Reach.ALLOWED),
        Call("GET /mine/{id}", "carol", "member", "other", Reach.DENIED),
        Call("GET /w/{workspace_id}", "bob", "member", "foreign", Reach.ALLOWED),
    )
    assert state(found, "GET /admin", "member") == (Reach.DENIED, Reach.DENIED, Reach.ALLOWED, True)
    assert state(found, "GET /admin", "guest") == (Reach.DENIED, Reach.DENIED, Reach.DENIED, False)
    assert state(found, "GET /mine/{id}", "member") == (Reach.OWN, Reach.ALLOWED, Reach.ALLOWED, False)
    assert state(found, "GET /w/{workspace_id}", "member")[3]
    worse = told(
        Call("GET /mine/{id}", "bob", "member", "own", Reach.ALLOWED),
        Call("GET /mine/{id}", "carol", "member", "other", Reach.ALLOWED),
    )
    assert state(worse, "GET /mine/{id}", "member")[3]
    # A workspace's records may be shown to a colleague.
    inside = told(Call("GET /w/{workspace_id}", "bob", "member", "other", Reach.ALLOWED))
    assert not state(inside, "GET /w/{workspace_id}", "member")[3]


def test_a_user_is_the_member_of_a_policy_that_knows_no_user() -> None:
    found = told(
        Call("GET /mine/{id}", "bob", "user", "own", Reach.ALLOWED),
        Call("GET /admin", "eve", "auditor", "none", Reach.ALLOWED),
    )
    assert state(found, "GET /mine/{id}", "member") == (Reach.OWN, Reach.ALLOWED, Reach.ALLOWED, False)
    # What no word tells stays a role of its own, which the policy lets in nowhere.
    assert {cell.role for row in found.rows for cell in row.cells} == {"guest", "member", "admin", "auditor"}
    assert state(found, "GET /admin", "auditor")[3]


def test_what_was_proven_once_is_shown_beside_a_newer_policy() -> None:
    found = told(
        Call("GET /admin", "bob", "member", "none", Reach.ALLOWED),
        Call("GET /mine/{id}", "carol", "member", "foreign", Reach.DENIED),
    )
    assert matrix(SURFACE, POLICY, calls_of(found)) == found


def test_an_app_that_calls_its_roles_otherwise_still_has_its_columns() -> None:
    found = told(Call("GET /admin", "eve", "auditor", "none", Reach.DENIED))
    assert found.roles == ("guest", "member", "admin", "auditor")
    assert state(found, "GET /admin", "auditor") == (Reach.DENIED, Reach.DENIED, Reach.DENIED, False)


def test_the_matrix_is_part_of_an_audit_and_of_one_stored_before_there_was_any() -> None:
    done = audit()
    assert decode(encode(done)) == done
    old = json.loads(encode(done))
    del old["matrix"]
    assert decode(json.dumps(old).encode()).matrix == Matrix()


def test_what_an_app_calls_its_routes_is_only_text() -> None:
    hostile = Surface((endpoint("/" + HOSTILE, AccessVerdict.OPEN, HOSTILE), endpoint("/=cmd", AccessVerdict.OPEN)))
    found = matrix(hostile, None, [Call("GET /=cmd", HOSTILE, HOSTILE, "none", Reach.ALLOWED)])
    page = render_matrix(found, "html", HOSTILE, HOSTILE)
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert not re.search(r"\x1b|\u202e", page)
    assert not re.search(r"(?:src|href)=[\"'](?!#)", page)
    for form in ("terminal", "markdown", "csv"):
        assert not re.search(r"\x1b|\u202e|\x00", render_matrix(found, form, HOSTILE))
    rows = list(csv.reader(io.StringIO(render_matrix(found, "csv", HOSTILE))))
    assert not any(value.startswith(("=", "+", "-", "@")) for row in rows for value in row)


def test_the_report_of_an_audit_shows_it() -> None:
    done = replace(audit(), matrix=told(Call("GET /admin", "bob", "member", "none", Reach.ALLOWED)))
    page = render(done, "html")
    assert '<section id="matrix"' in page
    assert "called as bob" in page
    assert 'id="matrix"' not in render(audit(), "html")
