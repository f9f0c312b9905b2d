"""A policy drafted from a surface: right where the source is clear, a question where it is not, and always a file the guard can read."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from launchready.core.policy.compare import Sort, compare
from launchready.core.policy.draft import Subject, draft_text
from launchready.core.policy.guess import Drafted, Grounds, drafted
from launchready.core.policy.merge import GONE, merge
from launchready.core.policy.roles import Roles, is_ordinary, roles_of, runs_it
from launchready.model.surface import Access, Endpoint, Input, Integration, Span, Surface
from launchready.model.words import AccessVerdict
from launchready.sources.kinds import action_of, kinds_of
from launchready_guard.policy import Policy, parse_policy

OPEN, GUARDED, UNKNOWN = AccessVerdict.OPEN, AccessVerdict.GUARDED, AccessVerdict.UNKNOWN


def endpoint(
    name: str, verdict: AccessVerdict, *roles: str, how: str = "", tenant: str = "", said: str = "a guard"
) -> Endpoint:
    method, _, path = name.partition(" ")
    how = how or ("" if verdict is not GUARDED else "role" if roles else "authenticated")
    access = Access(verdict, how, roles, tenant, (Span("app/auth.py", 7, said),) if verdict is not OPEN else ())
    inputs = tuple(Input(part, "path") for part in ("id", "workspace_id") if f"{{{part}}}" in path)
    return Endpoint(
        method,
        path,
        "FastAPI",
        kinds_of(method, path, ""),
        action_of(method, ""),
        access,
        inputs,
        Span("app/main.py", 3),
    )


def rows_of(*endpoints: Endpoint, integrations: tuple[Integration, ...] = ()) -> dict[str, Drafted]:
    roles = sorted({role for one in endpoints for role in one.access.roles})
    surface = Surface(endpoints, roles=tuple(roles))
    return {row.row.route: row for row in drafted(endpoints, Grounds(roles_of(surface), integrations))}


def text_of(*endpoints: Endpoint) -> str:
    roles = tuple(sorted({role for one in endpoints for role in one.access.roles}))
    surface = Surface(endpoints, roles=roles)
    grounds = Grounds(roles_of(surface))
    return draft_text(Subject("app", surface, grounds, drafted(endpoints, grounds)))


def test_roles_stand_in_the_order_people_mean() -> None:
    surface = Surface(roles=("owner", "ROLE_ADMIN", "driver", "manager", "viewer", "keys:read", "anonymous"))
    assert roles_of(surface).order == ("guest", "viewer", "driver", "manager", "ROLE_ADMIN", "owner")
    assert roles_of(Surface(roles=("manager",))).order == ("guest", "member", "manager")
    assert roles_of(Surface(), ["Teacher"]).order == ("guest", "member", "Teacher")


def test_a_guard_is_taken_as_it_stands_and_a_doubt_is_a_question() -> None:
    rows = rows_of(
        endpoint("GET /admin/users", GUARDED, "admin"),
        endpoint("GET /me", GUARDED),
        endpoint("GET /orders/{id}", GUARDED),
        endpoint("GET /w/{workspace_id}/tasks", GUARDED, tenant="workspace_id"),
        endpoint("POST /login", OPEN),
        endpoint("GET /directory", OPEN),
        endpoint("POST /admin/jobs", OPEN),
        endpoint("GET /w/{workspace_id}/export", OPEN),
        endpoint("GET /reports", UNKNOWN),
    )
    said = {route: (row.row.allow, row.row.review, row.row.tenant) for route, row in rows.items()}
    assert said == {
        "GET /admin/users": (("admin",), False, False),
        "GET /me": (("member", "admin"), False, False),
        "GET /orders/{id}": (("member", "admin"), True, False),
        "GET /w/{workspace_id}/tasks": (("member", "admin"), False, True),
        "POST /login": (("guest",), False, False),
        "GET /directory": (("guest",), True, False),
        "POST /admin/jobs": (("admin",), True, False),
        "GET /w/{workspace_id}/export": (("member", "admin"), True, True),
        "GET /reports": (("member", "admin"), True, False),
    }
    assert "Whose records?" in rows["GET /orders/{id}"].reason


def test_a_webhook_names_its_sender_when_something_tells() -> None:
    stripe = Integration("Stripe", "payments")
    rows = rows_of(
        endpoint("POST /hooks/payments", GUARDED, how="signature"),
        endpoint("POST /hooks/github", OPEN),
        endpoint("POST /hooks/other", OPEN),
        endpoint("POST /webhooks", GUARDED),
        endpoint("DELETE /webhooks/{id}", GUARDED),
        integrations=(stripe,),
    )
    assert [(row.row.signature, row.row.review, row.row.kind) for row in rows.values()] == [
        ("stripe", False, "webhook"),
        ("github", True, "webhook"),
        ("", True, "webhook"),
        ("", False, "other"),
        ("", True, "delete"),
    ]


def test_a_permission_is_no_role() -> None:
    (row,) = rows_of(endpoint("GET /keys", GUARDED, "keys:read")).values()
    assert row.row.allow == ("member",)
    assert row.row.review
    assert "keys:read" in row.reason


def test_a_mark_on_accounts_is_asked_about_where_the_app_has_roles_of_its_own() -> None:
    desk = replace(endpoint("GET /desk", GUARDED, "staff"), framework="Django")
    asked = rows_of(desk, endpoint("POST /events", GUARDED, "chair"))["GET /desk"]
    assert (asked.row.allow, asked.row.review) == (("staff",), True)
    assert "which of your roles carry it?" in asked.reason
    assert not rows_of(desk)["GET /desk"].row.review
    assert not rows_of(replace(desk, framework="Express"), endpoint("POST /events", GUARDED, "chair"))[
        "GET /desk"
    ].row.review


def test_what_many_rows_wait_for_is_asked_once() -> None:
    text = text_of(*(endpoint(f"GET /p{n}", UNKNOWN, said="middleware Gate refuses some requests") for n in range(9)))
    assert text.count("middleware Gate") == 1
    assert "(a) 9 rows wait for one answer" in text


_TEXT = st.text(st.characters(codec="utf-8"), max_size=30)


@given(paths=st.lists(_TEXT, min_size=1, max_size=6), said=_TEXT, role=_TEXT)
def test_whatever_an_app_is_called_the_file_can_be_read(paths: list[str], said: str, role: str) -> None:
    endpoints = [endpoint(f"GET /{path}", GUARDED, role, said=said) for path in paths]
    policy = parse_policy(text_of(*endpoints))
    assert {row.path for row in policy.rows} <= {one.path for one in endpoints}
    assert all(policy.row("GET", one.path) for one in endpoints)


def _merged(text: str, *endpoints: Endpoint) -> tuple[str, Policy]:
    policy = parse_policy(text)
    rows = drafted(endpoints, Grounds(Roles(policy.roles)))
    done = merge(text, policy, rows, "policy.toml").text
    return done, parse_policy(done)


REVIEWED = """# Ours.
[roles]
order = ["guest", "member", "admin"]

# Decided with Dana.
[[endpoint]]
route   =  "GET /old"
allow = [ "admin" ]   # on purpose
why = "asked by support"

# a guess
[[endpoint]]
route = "GET /unsure"
allow = ["guest"]
review = true

[[endpoint]]
route = "GET /gone"
allow = ["member"]

[cors]
origins = []
"""


def test_a_merge_keeps_what_was_reviewed_byte_for_byte() -> None:
    text, policy = _merged(
        REVIEWED, endpoint("GET /old", OPEN), endpoint("GET /unsure", GUARDED, "admin"), endpoint("GET /new", GUARDED)
    )
    kept = REVIEWED[: REVIEWED.index("# a guess")]
    assert text.startswith(kept)
    assert REVIEWED[REVIEWED.index("[cors]") :] in text
    unsure, new, gone = policy.row("GET", "/unsure"), policy.row("GET", "/new"), policy.row("GET", "/gone")
    assert unsure is not None and unsure.allow == ("admin",) and unsure.review
    assert new is not None and new.allow == ("member", "admin") and new.review
    assert gone is not None and not gone.review
    assert text.count(GONE) == 1
    assert text.index(GONE) < text.index('"GET /gone"')


def test_a_merge_done_twice_changes_nothing_more() -> None:
    now = (endpoint("GET /old", OPEN), endpoint("GET /new", GUARDED))
    once, _ = _merged(REVIEWED, *now)
    twice, _ = _merged(once, *now)
    assert twice.replace("new: ", "") == once.replace("new: ", "")
    back, _ = _merged(twice, *now, endpoint("GET /gone", GUARDED), endpoint("GET /unsure", OPEN))
    assert GONE not in back


def _sorts(text: str, *endpoints: Endpoint) -> list[tuple[Sort, str]]:
    policy = parse_policy(text)
    return [(one.sort, one.route) for one in compare(policy, drafted(endpoints, Grounds(Roles(policy.roles))))]


POLICY = """
[roles]
order = ["guest", "member", "manager", "admin"]
[[endpoint]]
route = "GET /a/{id}"
allow = %s
"""


def test_a_policy_and_a_code_that_agree_have_no_difference() -> None:
    assert _sorts(POLICY % '["admin"]', endpoint("GET /a/{other}", GUARDED, "admin")) == []
    assert _sorts(POLICY % '["guest"]', endpoint("GET /a/{id}", OPEN)) == []
    assert _sorts(POLICY % '["member", "manager", "admin"]', endpoint("GET /a/{id}", GUARDED)) == []
    # What could not be followed is compared with nothing; neither is "a manager, or whose own it is".
    assert _sorts(POLICY % '["admin"]', endpoint("GET /a/{id}", UNKNOWN)) == []
    own = '["member", "manager"]\nown = ["member"]'
    assert _sorts(POLICY % own, endpoint("GET /a/{id}", GUARDED, "manager")) == []


def test_each_difference_is_named_for_what_it_is() -> None:
    weaker = [(Sort.CODE_WEAKER, "GET /a/{id}")]
    assert _sorts(POLICY % '["admin"]', endpoint("GET /a/{id}", OPEN)) == weaker
    assert _sorts(POLICY % '["admin"]', endpoint("GET /a/{id}", GUARDED)) == weaker
    assert _sorts(POLICY % '["admin"]', endpoint("GET /a/{id}", GUARDED, "manager", "admin")) == weaker
    assert _sorts(POLICY % '["guest"]\nsignature = "stripe"', endpoint("GET /a/{id}", OPEN)) == weaker
    generous = [(Sort.POLICY_WEAKER, "GET /a/{id}")]
    assert _sorts(POLICY % '["guest"]', endpoint("GET /a/{id}", GUARDED)) == generous
    assert _sorts(POLICY % '["manager", "admin"]', endpoint("GET /a/{id}", GUARDED, "admin")) == generous
    everyone = '["member", "manager", "admin"]'
    assert _sorts(POLICY % everyone, endpoint("GET /a/{id}", GUARDED, tenant="id")) == generous
    assert _sorts(POLICY % '["guest"]', endpoint("GET /b", OPEN)) == [
        (Sort.UNLISTED, "GET /b"),
        (Sort.GONE, "GET /a/{id}"),
    ]
    assert _sorts(POLICY % '["guest"]\nreview = true', endpoint("GET /a/{id}", GUARDED)) == [
        (Sort.REVIEW, "GET /a/{id}")
    ]


def test_any_method_and_kinds_that_only_show_a_form() -> None:
    rows = rows_of(endpoint("ANY /a", GUARDED), endpoint("GET /a", OPEN), endpoint("GET /login", OPEN))
    assert rows["GET /login"].row.kind == "other"
    text = text_of(*(row.endpoint for row in rows.values()))
    found = parse_policy(text).row("GET", "/a")
    assert found is not None and found.method == "GET"
    assert 'kind = "login"' not in text
    assert "[limits]" not in text


def test_participants_are_ordinary_and_coordinators_run_it() -> None:
    assert is_ordinary("participant")
    assert is_ordinary("volunteer")
    assert runs_it("coordinator")
    assert not is_ordinary("coordinator")
