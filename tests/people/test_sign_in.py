"""Identities of the project file, signed in by each way there is."""

from pathlib import Path

import pytest
from launchready.model.project import Identity, Reference
from starlette.types import ASGIApp

from tests.people import apps
from tests.support.people import gathered, reasons, serve_asgi

PASSWORD = Reference("LR_TEST_ADA")
ADA = "ada@example.com"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LR_TEST_ADA", "right-horse")
    monkeypatch.setenv("LR_TEST_KEY", "k-0123456789")
    monkeypatch.delenv("LR_TEST_UNSET", raising=False)


def ada(**more: object) -> Identity:
    given: dict[str, object] = {"username": ADA, "password": PASSWORD} | more
    return Identity("ada", "member", **given)  # type: ignore[arg-type]


ODD = {
    "login": "json",
    "login_path": "PUT /knock",
    "login_body": '{"realm": "staff", "visitor": {"handle": "{username}", "word": "{password}"}}',
    "token_at": "/answer/0/ticket",
    "header": "X-Pass",
    "template": "P {token}",
}


@pytest.mark.parametrize(
    ("app", "identity"),
    [
        pytest.param(apps.json_app(), ada(login="json"), id="json"),
        pytest.param(apps.json_app(), ada(), id="json, found by itself"),
        pytest.param(apps.json_app("/knock"), ada(login="json", login_path="/knock"), id="json at an odd address"),
        pytest.param(apps.provider_app(), ada(), id="json that names where users are kept"),
        pytest.param(apps.form_app(), ada(login="form"), id="form with a CSRF token"),
        pytest.param(apps.form_app(), ada(), id="form, found by itself"),
        pytest.param(apps.oauth_app(), ada(login="oauth2"), id="oauth2 password grant"),
        pytest.param(apps.oauth_app(), ada(login="oauth2", login_path="/connect/token"), id="oauth2 with its path"),
        pytest.param(apps.basic_app(), ada(login="basic"), id="basic"),
        pytest.param(apps.basic_app(), ada(), id="basic, found by itself"),
        pytest.param(apps.odd_app(), ada(**ODD), id="a path, a body and a place of its own"),
        pytest.param(
            apps.key_app("X-API-Key", "header"),
            ada(login="api-key", token=Reference("LR_TEST_KEY"), password=None),
            id="api key",
        ),
        pytest.param(
            apps.key_app("X-Acme", "header"),
            ada(login="api-key", header="X-Acme", token=Reference("LR_TEST_KEY"), password=None),
            id="api key in a header of its own",
        ),
        pytest.param(
            apps.key_app("key", "query"),
            ada(login="api-key", query="key", token=Reference("LR_TEST_KEY"), password=None),
            id="api key in the query",
        ),
        pytest.param(
            apps.key_app("X-Acme", "header"),
            ada(headers={"X-Acme": Reference("LR_TEST_KEY")}, password=None),
            id="fixed headers",
        ),
    ],
)
async def test_an_identity_is_signed_in_by_its_way(app: ASGIApp, identity: Identity) -> None:
    with serve_asgi(app) as url:
        async with gathered(url, identity, make=False) as ground:
            assert [caller.name for caller in ground.callers] == ["ada"], reasons(ground)
            (caller,) = ground.callers
            door = await caller.send("GET", ground.accounts.doors.paths[0])
            assert door.ok
            assert ADA in door.text
            assert "k-0123456789" not in door.url + door.path


@pytest.mark.parametrize(
    ("app", "identity", "told"),
    [
        pytest.param(
            apps.json_app(), ada(password=Reference("LR_TEST_KEY")), ["401", "LR_TEST_KEY"], id="wrong password"
        ),
        pytest.param(
            apps.json_app(), ada(password=Reference("LR_TEST_UNSET")), ["LR_TEST_UNSET is not set"], id="not set"
        ),
        pytest.param(apps.json_app(), ada(login_path="/nowhere"), ["POST /nowhere", "404"], id="no such path"),
        pytest.param(
            apps.json_app(),
            ada(login="bearer", password=None, token=Reference("LR_TEST_KEY")),
            ["opens no door", "/api/me"],
            id="a token that is not valid",
        ),
        pytest.param(apps.json_app(), ada(password=None), ["neither password nor token"], id="nothing given"),
    ],
)
async def test_an_identity_that_cannot_sign_in_is_told_and_left_out(
    app: ASGIApp, identity: Identity, told: list[str]
) -> None:
    with serve_asgi(app) as url:
        async with gathered(url, identity, make=False) as ground:
            assert ground.callers == []
            for part in told:
                assert part in reasons(ground)
            assert "right-horse" not in reasons(ground)


HOOKS = """
import http.client, json
def sign_in(given):
    print("noise on standard output")
    host = given["url"].removeprefix("http://")
    call = http.client.HTTPConnection(host)
    call.request("POST", "/api/login", json.dumps({"email": given["username"], "password": given["password"]}),
                 {"Content-Type": "application/json"})
    said = json.load(call.getresponse())
    return {"headers": {"Authorization": "Bearer " + said["data"]["credentials"]["accessToken"]}}
def crash(given):
    raise RuntimeError("no tenant for " + given["password"])
def leave(given):
    raise SystemExit("enough")
def nothing(given):
    return {}
def odd(given):
    return object()
"""


async def test_a_hook_signs_in(tmp_path: Path) -> None:
    (tmp_path / "hooks.py").write_text(HOOKS, encoding="utf-8")
    with serve_asgi(apps.json_app()) as url:
        async with gathered(url, ada(login="hook:hooks:sign_in"), make=False, root=tmp_path) as ground:
            assert [caller.name for caller in ground.callers] == ["ada"], reasons(ground)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("crash", ["hooks.crash", "RuntimeError: no tenant for ***", "hooks.py", "Mend the hook"]),
        ("leave", ["hooks.leave", "enough"]),
        ("nothing", ["hooks.nothing", "no header, cookie or query"]),
        ("odd", ["hooks.odd", "not JSON serializable"]),
        ("missing", ["hooks.missing", "AttributeError"]),
    ],
)
async def test_a_hook_that_fails_is_a_clear_message(tmp_path: Path, function: str, told: list[str]) -> None:
    (tmp_path / "hooks.py").write_text(HOOKS, encoding="utf-8")
    with serve_asgi(apps.json_app()) as url:
        async with gathered(url, ada(login=f"hook:hooks:{function}"), make=False, root=tmp_path) as ground:
            assert ground.callers == []
            for part in told:
                assert part in reasons(ground)
            assert "right-horse" not in reasons(ground)
