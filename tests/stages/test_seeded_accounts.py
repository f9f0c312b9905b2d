"""LR216: the administrator that the code makes signs in with the password that stands there, and calls what is for administrators."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from launchready.core.check import Context
from launchready.model.audit import Audit
from launchready.model.check import Outcome
from launchready.model.project import Environment, Project
from launchready.model.words import Confidence, Severity, Status
from launchready.probes.http import Site
from launchready.stages.access.checks.seeded_accounts import CHECK
from launchready.stages.request import Request
from launchready.stages.session import audit
from launchready.stages.session import run as audited

from tests.support.club import Club, Member, said, takes
from tests.support.web import Got, Reply, serve

WORD = "Hunter" + "2020"
KEY = "kestrel-" + "rep-8841"
SEED = f"User.create({{ email: 'boss@club.example', password: '{WORD}', role: 'admin' }});"


class Ruled(Club):
    """A club with one administrator from the start, and a page that is theirs alone."""

    def __init__(self) -> None:
        super().__init__(self.rules, {"/api/admin/people": {"get": {}}}, [Member(1, "boss@club.example", WORD, "Boss")])

    def rules(self, club: Club, got: Got, who: Member | None) -> Reply | None:
        if who and got.path == "/api/me" and got.method == "GET":
            return said(200, {**who.shown, "role": "admin" if who.id == 1 else "user"})
        if got.path == "/api/admin/people" and who:
            return said(200, {"people": 2}) if who.id == 1 else said(403, {"detail": "for administrators"})
        return None


async def run(root: Path, club: Club, name: str, text: str) -> Audit:
    (root / "src").mkdir()
    (root / "src" / name).write_text(text)
    with serve(club) as url:
        environment = Environment("local", url, writes=True)
        return await audit(
            Request(Project("club", str(root), source=("src",)), environment, checks=("LR216", "LR208"), seconds=20)
        )


def ended(done: Audit, check: str) -> Outcome:
    return next(outcome for outcome in done.outcomes if outcome.check == check)


@pytest.mark.parametrize(("name", "sure"), [("server.js", True), ("seed.js", False)])
async def test_the_password_of_the_source_opens_the_app(tmp_path: Path, name: str, sure: bool) -> None:
    club = Ruled()
    (finding,) = ended(await run(tmp_path, club, name, SEED), "LR216").findings
    assert finding.target == "POST /api/login"
    assert "boss@club.example" in finding.title
    assert f"src/{name}:1" in finding.detail
    assert finding.confidence is (Confidence.PROVEN if sure else Confidence.SUSPECTED)
    assert (finding.severity is Severity.BLOCKER) is sure
    assert WORD not in repr(finding)
    assert ("GET", "/api/admin/people", "Boss") in club.calls
    # It is not the run's to end.
    assert any(one.id == 1 for one in club.members)


async def test_a_password_that_was_changed_since_opens_nothing(tmp_path: Path) -> None:
    club = Ruled()
    club.members[0].password = "Changed" + "since-1"
    done = ended(await run(tmp_path, club, "server.js", SEED), "LR216")
    assert (done.status, done.findings) == (Status.PASS, ())


async def test_an_app_without_such_accounts_is_not_asked(tmp_path: Path) -> None:
    done = ended(await run(tmp_path, Ruled(), "server.js", "User.create({ email, password });"), "LR216")
    assert done.status is Status.NOT_APPLICABLE


async def test_an_account_that_the_readme_tells_is_asked_about(tmp_path: Path) -> None:
    club = Ruled()
    told = f"Admin: boss@club.example\\\nPassword: {WORD}\n"
    (finding,) = ended(await run(tmp_path, club, "README.md", told), "LR216").findings
    assert finding.confidence is Confidence.SUSPECTED
    assert "told to whoever tries the app out" in finding.detail
    assert ("GET", "/api/admin/people", "Boss") in club.calls


_SETTINGS = 'CHIEF = os.getenv("ADMIN_EMAIL", "boss@club.example")\nWORD = os.environ.get("ADMIN_PASSWORD", "{word}")\n'


async def test_an_account_that_is_the_default_of_two_settings_opens_the_app(tmp_path: Path) -> None:
    club = Ruled()
    (finding,) = ended(await run(tmp_path, club, "main.py", _SETTINGS.format(word=WORD)), "LR216").findings
    assert (finding.confidence, finding.severity) == (Confidence.PROVEN, Severity.BLOCKER)
    assert "src/main.py:2" in finding.detail
    assert ("GET", "/api/admin/people", "Boss") in club.calls


@pytest.mark.parametrize("name", [".env", ".env.example"])
async def test_an_account_of_a_file_of_settings_signs_in_and_only_a_sample_is_told(tmp_path: Path, name: str) -> None:
    club = Ruled()
    told = f"SMTP_USER=mails@club.example\nSMTP_PASSWORD=Letters2020\nADMIN_EMAIL=boss@club.example\nADMIN_PASSWORD={WORD}\n"
    done = ended(await run(tmp_path, club, name, told), "LR216")
    assert ("GET", "/api/admin/people", "Boss") in club.calls
    assert not any(b"mails@" in repr(call).encode() for call in club.calls)
    if name == ".env":
        assert done.status is Status.NOT_APPLICABLE
    else:
        assert [one.confidence for one in done.findings] == [Confidence.SUSPECTED]


class Wary(Ruled):
    """Nobody can sign up, and after three sign-ins that were refused the door is shut for all who come from there, as django-axes has it."""

    failed: int = 0

    def sign_up(self, got: Got) -> Reply:
        return said(404, {"detail": "no such page"})

    def sign_in(self, got: Got) -> Reply:
        answer = super().sign_in(got) if self.failed < 3 else said(403, {"detail": "too many tries"})
        self.failed += answer.status == 401
        return answer

    def description(self) -> dict[str, Any]:
        told = super().description()
        del told["paths"]["/api/signup"]
        return told


async def test_whom_the_source_names_is_signed_in_before_a_door_shuts_for_strangers(tmp_path: Path) -> None:
    club = Wary()
    (finding,) = ended(await run(tmp_path, club, "server.js", SEED), "LR216").findings
    assert finding.confidence is Confidence.PROVEN
    assert ("GET", "/api/admin/people", "Boss") in club.calls


class Hosted(Wary):
    """Who runs it adds the others, and is led to the list of them: ``is_staff`` is a box on that page."""

    failed: int = -1000

    def rules(self, club: Club, got: Got, who: Member | None) -> Reply | None:
        if got.path == "/api/members" and got.method == "POST" and who:
            given = json.loads(got.body)
            if who.id != 1 or "@" not in given.get("email", ""):
                return said(403, {"detail": "for administrators"})
            if any(one.email == given["email"] for one in club.members):
                return said(409, {"detail": "that address is taken"})
            club.last += 1
            club.members.append(Member(club.last, given["email"], given["password"], str(given.get("is_staff"))))
            return Reply(303, "", {"Location": "/api/members"})
        if got.path == "/api/members" and who:
            return said(200, [one.shown for one in club.members]) if who.id == 1 else said(403, {"detail": "no"})
        return super().rules(club, got, who)

    def description(self) -> dict[str, Any]:
        told = super().description()
        box = {"type": "boolean"}
        told["paths"]["/api/members"] = {
            "get": {},
            "post": takes(email={"type": "string"}, password={"type": "string"}, is_staff=box),
        }
        return told


async def test_members_whom_somebody_of_the_source_adds_are_no_staff(tmp_path: Path) -> None:
    club = Hosted()
    done = ended(await run(tmp_path, club, "server.js", SEED), "LR208")
    assert {name for _, _, name in club.calls} == {"", "Boss", "None"}
    assert not any("no ordinary member" in gap.reason for gap in done.gaps)


async def test_who_signed_in_is_told_also_where_the_run_may_send_no_more_for_keys(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "server.js").write_text(SEED)
    (tmp_path / "src" / "keys.py").write_text(f'if request.headers.get("X-Api-Key") != "{KEY}":\n    abort(401)\n')
    with serve(Ruled()) as url:
        environment = Environment("local", url, writes=True)
        project = Project("club", str(tmp_path), source=("src",))
        _, known = await audited(Request(project, environment, checks=("LR208",), seconds=20))
        site = cast("Site", known[Site])
        site.budget = site.requests
        done = await CHECK.run(Context(project, environment, tmp_path, resources=known))
    assert [one.confidence for one in done.findings] == [Confidence.PROVEN]
    assert any("budget" in gap.reason for gap in done.gaps)


_TOLD = """
boss, made = User.objects.get_or_create(email="boss@club.example", defaults={{"username": "boss", "is_staff": True}})
if made:
    boss.{told}
    boss.save()
"""


@pytest.mark.parametrize(
    "text",
    [
        _TOLD.format(told=f'set_password("{WORD}")'),
        _TOLD.format(told=f'password = generate_password_hash("{WORD}")'),
        f'User.objects.create_superuser("boss@club.example", "boss@club.example", "{WORD}")\n',
    ],
    ids=["set_password", "assigned", "create_superuser"],
)
async def test_a_password_that_is_told_to_an_account_once_it_is_made(tmp_path: Path, text: str) -> None:
    club = Ruled()
    (finding,) = ended(await run(tmp_path, club, "server.py", text), "LR216").findings
    assert finding.confidence is Confidence.PROVEN
    assert ("GET", "/api/admin/people", "Boss") in club.calls


@pytest.mark.parametrize(
    "told", ["set_password(form.password.data)", "set_password(os.environ['BOSS'])", "password = new_password"]
)
async def test_a_password_that_comes_from_elsewhere_stands_nowhere(tmp_path: Path, told: str) -> None:
    done = ended(await run(tmp_path, Ruled(), "server.py", _TOLD.format(told=told)), "LR216")
    assert done.status is Status.NOT_APPLICABLE


async def test_an_account_that_a_sign_in_makes_was_not_there(tmp_path: Path) -> None:
    """Where an account is put at its own address, as in CouchDB and registries of packages, signing in makes it."""
    made: dict[str, str] = {}

    def registry(got: Got) -> Reply:
        name = got.path.partition("/-/user/org.couchdb.user:")[2]
        if got.path == "/openapi.json":
            body = {
                "properties": {"name": {"type": "string"}, "password": {"type": "string"}},
                "required": ["name", "password"],
            }
            put = {"requestBody": {"content": {"application/json": {"schema": body | {"type": "object"}}}}}
            return said(
                200, {"openapi": "3.1.0", "paths": {"/-/user/{org_couchdb_user}": {"put": put}, "/-/me": {"get": {}}}}
            )
        if got.method == "PUT" and name:
            word = json.loads(got.body)["password"]
            return (
                said(201, {"token": f"token-of-{name}-0123456789"})
                if made.setdefault(name, word) == word
                else said(401, {})
            )
        who = got.headers.get("authorization", "").removeprefix("Bearer token-of-").removesuffix("-0123456789")
        return said(200, {"name": who}) if got.path == "/-/me" and who in made else said(401, {})

    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "server.js").write_text(SEED)
    with serve(registry) as url:
        environment = Environment("local", url, writes=True)
        done = await audit(
            Request(Project("registry", str(tmp_path), source=("src",)), environment, checks=("LR216",), seconds=20)
        )
    assert len(made) >= 2
    assert "boss@club.example" not in made
    assert ended(done, "LR216").findings == ()


_COMPARED = (
    f'if data["username"] == "boss-admin@club.example" and data["password"] == "{WORD}":\n    session["who"] = 1\n'
)


async def test_an_account_that_a_condition_of_the_code_lets_in(tmp_path: Path) -> None:
    club = Ruled()
    club.members[0].email = "boss-admin@club.example"
    (finding,) = ended(await run(tmp_path, club, "server.py", _COMPARED), "LR216").findings
    assert finding.confidence is Confidence.PROVEN
    assert ("GET", "/api/admin/people", "Boss") in club.calls


def keyed(header: str, value: str) -> Callable[[Got], Reply]:
    """An app that one key opens."""

    def answer(got: Got) -> Reply:
        if got.path == "/openapi.json":
            return said(200, {"openapi": "3.1.0", "paths": {"/reports": {"get": {}}, "/": {"get": {}}}})
        if got.path == "/reports":
            return said(200, [{"id": 1}]) if got.headers.get(header) == value else said(401, {"detail": "no key"})
        return said(200, {"ok": True})

    return answer


_WAYS = {
    "a header": (f'if request.headers.get("X-Api-Key") != "{KEY}":\n    abort(401)\n', "x-api-key", KEY),
    "a parameter": (f'if x_report_key != "{KEY}":\n    raise HTTPException(401)\n', "x-report-key", KEY),
    "bearer": (f'if authorization == "Bearer {KEY}":\n    return admin\n', "authorization", f"Bearer {KEY}"),
    "a fallback": (
        f'API_KEY = os.getenv("API_KEY", "{KEY}")\n\n\nif not hmac.compare_digest(api_key, API_KEY):\n    abort(401)\n',
        "x-api-key",
        KEY,
    ),
}


async def asked_with_keys(root: Path, code: str, header: str, value: str) -> Outcome:
    (root / "src").mkdir()
    (root / "src" / "app.py").write_text(code)
    with serve(keyed(header, value)) as url:
        environment = Environment("local", url)
        request = Request(Project("desk", str(root), source=("src",)), environment, checks=("LR216",), seconds=20)
        return ended(await audit(request), "LR216")


@pytest.mark.parametrize("way", _WAYS)
async def test_a_key_that_the_code_compares_with_opens_the_app(tmp_path: Path, way: str) -> None:
    code, header, value = _WAYS[way]
    (finding,) = (await asked_with_keys(tmp_path, code, header, value)).findings
    assert (finding.target, finding.severity) == ("GET /reports", Severity.BLOCKER)
    assert "app.py" in finding.title
    assert KEY not in repr(finding)


async def test_a_key_that_the_running_app_does_not_take_is_none(tmp_path: Path) -> None:
    code = f'API_KEY = os.getenv("API_KEY", "{KEY}")\nif x_api_key != API_KEY:\n    abort(401)\n'
    done = await asked_with_keys(tmp_path, code, "x-api-key", "another-" + "key-9910")
    assert (done.status, done.findings) == (Status.PASS, ())


async def test_where_any_key_will_do_the_one_in_the_source_opens_nothing_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(f'if x_api_key == "{KEY}":\n    pass\n')

    def answer(got: Got) -> Reply:
        if got.path == "/openapi.json":
            return said(200, {"openapi": "3.1.0", "paths": {"/reports": {"get": {}}}})
        return said(200, []) if "x-api-key" in got.headers else said(401, {})

    with serve(answer) as url:
        project = Project("desk", str(tmp_path), source=("src",))
        done = await audit(Request(project, Environment("local", url), checks=("LR216",), seconds=20))
    assert ended(done, "LR216").findings == ()
