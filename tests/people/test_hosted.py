"""Accounts that only somebody with a rank can make or let in: an administrator of ours does both, for ordinary members."""

import json

import pytest
from launchready.model.project import Identity, Reference
from launchready.model.surface import Access, Endpoint, Input, Span
from launchready.model.words import AccessVerdict, Kind

from tests.stages.members import Asked, Body, Member, Members
from tests.support.people import gathered, reasons
from tests.support.web import Reply, serve

JSON = {"Content-Type": "application/json"}
BOSS = Identity("boss", "admin", username="boss@shop.example", password=Reference("LR_TEST_BOSS"))


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LR_TEST_BOSS", "right-horse")


def _tool() -> Members:
    """Members whom nobody can become by signing up, with an administrator."""
    app = Members([Member(1, "boss@shop.example", "boss", "right-horse", {"role": "admin"})])
    app.routes = [route for route in app.routes if route[1] != "/signup"]
    return app


def _with_choices(roles: list[str]) -> list[Endpoint]:
    fields = [Input(name, "body", "str", True) for name in ("email", "username", "password")]
    role = Input("role", "body", "str", True, tuple(roles))
    return [Endpoint("POST", "/users", "FastAPI", (Kind.OTHER,), "write", Access(), (*fields, role), Span("app.py", 1))]


def _refused(asked: Asked) -> Reply | None:
    no_admin = asked.member is None or asked.member.more.get("role") != "admin"
    return Reply(403, '{"error": "administrators only"}', JSON) if no_admin else None


@pytest.mark.parametrize(
    ("roles", "names"),
    [
        pytest.param(["admin", "employee"], ["ann", "ben", "boss"], id="with the lowest role"),
        pytest.param(
            ["admin", "developer"], ["ann", "ben", "boss"], id="with a role of the app's own beside the administrator's"
        ),
        pytest.param(["admin", "owner"], ["boss"], id="no role that is low"),
        pytest.param(["Head of HR", "HR Manager", "Finance Team"], ["ann", "ben", "boss"], id="departments"),
    ],
)
async def test_an_administrator_makes_members(roles: list[str], names: list[str]) -> None:
    app = _tool()

    @app.route("POST", "/users", "email", "username", "password", "role")
    def make(asked: Asked) -> Body:
        if refused := _refused(asked):
            return refused
        given = {name: str(asked.body.get(name, "")) for name in ("email", "username", "password", "role")}
        if given["role"] not in roles:
            return Reply(422, json.dumps({"detail": [{"loc": ["body", "role"], "msg": f"one of {roles}"}]}), JSON)
        app.members.append(Member(len(app.members) + 1, given["email"], given["username"], given["password"], {"role": given["role"]}))  # fmt: skip
        return Reply(201, json.dumps(app.members[-1].shown()), JSON)

    with serve(app) as url:
        async with gathered(url, BOSS, endpoints=_with_choices(roles)) as ground:
            assert [caller.name for caller in ground.callers] == names, reasons(ground)
            assert (ground.victim is not None) is (len(names) > 1)
            assert ("no ordinary member's session" in reasons(ground)) is (len(names) == 1)
            assert all(
                member.more["role"] in ("admin", "employee", "developer", "Finance Team") for member in app.members
            )


@pytest.mark.parametrize("makes", [True, False])
async def test_administrators_of_companies_make_the_members_of_theirs(makes: bool) -> None:
    """Whoever runs the app belongs to no company, and can add nobody to one: they make companies, each with an administrator."""
    app = _tool()

    def add(asked: Asked, role: str, company: int) -> Body:
        email, name, password = (str(asked.body.get(one, "")) for one in ("email", "username", "password"))
        if not (email and name and password):
            return Reply(400, '{"error": "email, username and password are required"}', JSON)
        more = {"role": role, "company": company}
        app.members.append(Member(len(app.members) + 1, email, name, password, more))
        return Reply(201, json.dumps(app.members[-1].shown()), JSON)

    @app.route("POST", "/users", "email", "username", "password")
    def make(asked: Asked) -> Body:
        company = asked.member.more.get("company") if asked.member else None
        if asked.member is None or asked.member.more.get("role") != "manager" or company is None or not makes:
            return Reply(403, '{"error": "managers only"}', JSON)
        return add(asked, "user", company)

    @app.route("POST", "/register", "email", "username", "password")
    def company(asked: Asked) -> Body:
        return _refused(asked) or add(asked, "manager", len(app.members) + 100)

    with serve(app) as url:
        async with gathered(url, BOSS) as ground:
            names = [caller.name for caller in ground.callers]
            assert names == (["ann", "ben", "dora", "emil", "boss"] if makes else ["ann", "ben", "boss"]), reasons(
                ground
            )
            held = {caller.name: caller.role for caller in ground.callers}
            assert (held["ann"], held.get("dora", "user")) == ("manager", "user")
            assert ("no ordinary member's session" in reasons(ground)) is not makes


def _jobs(path: str, *roles: str) -> list[Endpoint]:
    """What makes people, and what is for technicians alone."""
    fields = [Input(name, "body", "str", True) for name in ("email", "username", "password")]
    if roles:
        fields.append(Input("role", "body", "str", True, roles))
    guarded = Access(AccessVerdict.GUARDED, "role", ("technician",))
    make = Endpoint("POST", path, "Express", (Kind.OTHER,), "write", Access(), tuple(fields), Span("app.js", 1))
    return [make, Endpoint("GET", "/jobs", "Express", (Kind.OTHER,), "read", guarded, (), Span("app.js", 2))]


@pytest.mark.parametrize(
    ("path", "roles", "gives", "names"),
    [
        pytest.param("/admin/create-technician", (), "technician", ["technician", "technician-2"], id="by its address"),
        pytest.param("/users", ("member", "technician"), "", ["technician", "technician-2"], id="by a field"),
        pytest.param("/admin/create-technician", (), "member", [], id="another role is given"),
        pytest.param("/users", ("member", "admin"), "", [], id="a role that is not offered"),
    ],
)
async def test_a_role_that_only_an_administrator_gives(
    path: str, roles: tuple[str, ...], gives: str, names: list[str]
) -> None:
    """Members sign up by themselves; nobody can sign up as a technician."""
    app = Members([Member(1, "boss@shop.example", "boss", "right-horse", {"role": "admin"})])

    @app.route("POST", path, "email", "username", "password", *(("role",) if roles else ()))
    def make(asked: Asked) -> Body:
        if refused := _refused(asked):
            return refused
        email, name, password = (str(asked.body.get(one, "")) for one in ("email", "username", "password"))
        role = gives or str(asked.body.get("role"))
        if roles and role not in roles:
            return Reply(422, '{"error": "no such role"}', JSON)
        app.members.append(Member(len(app.members) + 1, email, name, password, {"role": role}))
        return Reply(201, json.dumps(app.members[-1].shown()), JSON)

    @app.route("GET", "/jobs")
    def jobs(asked: Asked) -> Body:
        known = asked.member is not None and asked.member.more.get("role") == "technician"
        return [] if known else Reply(403, '{"error": "technicians only"}', JSON)

    with serve(app) as url:
        async with gathered(url, BOSS, endpoints=_jobs(path, *roles)) as ground:
            made = [caller.name for caller in ground.callers if caller.name.startswith("technician")]
            assert made == names, reasons(ground)
            assert all(caller.role == "technician" for caller in ground.callers if caller.name in made)


async def test_who_is_named_beside_members_stays_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first one makes is what broken inputs are sent to: an administrator is named first where members may make nothing."""
    monkeypatch.setenv("LR_TEST_CLERK", "left-donkey")
    app = _tool()
    app.members.append(Member(2, "cleo@shop.example", "cleo", "left-donkey", {"role": "member"}))
    clerk = Identity("cleo", "member", username="cleo@shop.example", password=Reference("LR_TEST_CLERK"))
    with serve(app) as url:
        async with gathered(url, BOSS, clerk) as ground:
            assert [caller.name for caller in ground.callers] == ["boss", "cleo"], reasons(ground)


async def test_an_account_that_waits_is_let_in_by_an_administrator() -> None:
    app, waiting, let = _tool(), dict[str, Member](), list[str]()

    @app.route("POST", "/register", "email", "username", "password", open=True)
    def register(asked: Asked) -> Body:
        given = [str(asked.body.get(name, "")) for name in ("email", "username", "password")]
        if not all(given):
            return Reply(400, '{"error": "email, username and password are required"}', JSON)
        if any(member.email == given[0] for member in waiting.values()):
            return Reply(409, '{"error": "that address is taken"}', JSON)
        waiting[str(50 + len(waiting))] = Member(50 + len(waiting), given[0], given[1], given[2], {"role": "member"})
        return Reply(201, '{"message": "somebody will look at it"}', JSON)

    @app.route("GET", "/admin/pending")
    def pending(asked: Asked) -> Body:
        return _refused(asked) or [{"id": key, "email": one.email} for key, one in waiting.items() if key not in let]

    @app.route("POST", "/admin/users/{user_id}/approve")
    def approve(asked: Asked) -> Body:
        if refused := _refused(asked):
            return refused
        let.append(asked.ids["user_id"])
        app.members.append(waiting[asked.ids["user_id"]])
        return {"message": "let in"}

    with serve(app) as url:
        async with gathered(url, BOSS) as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben", "boss"], reasons(ground)
            assert ground.victim is not None
    with serve(app) as url:
        async with gathered(url, BOSS, make=False) as ground:
            assert [caller.name for caller in ground.callers] == ["boss"]
