"""The authentication file of Web Fuzzing Commons: read into launchready.toml, written from it, and used."""

from pathlib import Path

import pytest
import yaml
from launchready.config.load import load_project

from tests.cli.run import launchready
from tests.people import apps
from tests.support.people import gathered, reasons, serve_asgi

FILE = """
auth:
  - name: foo
    loginEndpointAuth:
      payloadRaw: '{"email": "ada@example.com", "password": "right-horse", "client_secret": "cs-998877"}'
    x-launchready: {role: manager, tenant: north}
  - name: bar
    loginEndpointAuth:
      payloadUserPwd: {username: ada@example.com, password: right-horse, usernameField: email, passwordField: password}
  - name: fixed
    fixedHeaders:
      - {name: Authorization, value: Bearer tok-1234567890}
  - name: pair
    fixedHeaders:
      - {name: Authorization, value: Basic YWRhOnBhc3MtNTU1}
  - name: made
    createUsers:
      endpoint: /api/signup
      verb: POST
      contentType: application/json
      payloadRaw: '{"email": "{$mail}", "password": "{$password}", "accept_terms": true}'
      generators: [{placeHolder: "{$mail}", postfix: "@example.com"}, {placeHolder: "{$password}", minLength: 12}]
authTemplate:
  loginEndpointAuth:
    endpoint: /api/login
    verb: POST
    contentType: application/json
    token: {extractFrom: body, extractSelector: /data/credentials/accessToken, sendIn: header, sendName: Authorization, sendTemplate: "Bearer {token}"}
"""
SECRETS = ("right-horse", "tok-1234567890", "pass-555", "YWRhOnBhc3MtNTU1", "cs-998877")


@pytest.fixture
def imported(tmp_path: Path) -> Path:
    (tmp_path / "auth.yaml").write_text(FILE, encoding="utf-8")
    (tmp_path / "launchready.toml").write_text('[project]\nname = "Shop"\n', encoding="utf-8")
    done = launchready("identities", "import", tmp_path / "auth.yaml", tmp_path, "--env-file", tmp_path / "secrets.sh")
    assert done.returncode == 0, done.stderr
    assert not any(secret in done.stdout + done.stderr for secret in SECRETS)
    return tmp_path


async def test_an_imported_file_signs_in(imported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (imported / "launchready.toml").read_text()
    assert not any(secret in text for secret in SECRETS)
    assert (imported / "secrets.sh").stat().st_mode & 0o077 == 0
    for line in (imported / "secrets.sh").read_text().splitlines():
        name, _, value = line.removeprefix("export ").partition("=")
        monkeypatch.setenv(name, value.strip("'"))
    project = load_project(imported)
    assert [(i.name, i.role, i.tenant) for i in project.identities][:2] == [
        ("foo", "manager", "north"),
        ("bar", "member", ""),
    ]
    with serve_asgi(apps.json_app()) as url:
        async with gathered(url, *project.identities[:2], make=False) as ground:
            assert [caller.name for caller in ground.callers] == ["foo", "bar"], reasons(ground)


async def test_an_imported_sign_up_makes_an_account(imported: Path) -> None:
    (made,) = [one for one in load_project(imported).identities if one.name == "made"]
    with serve_asgi(apps.workspace_app("none")) as url:
        async with gathered(url, made) as ground:
            assert ground.callers[0].name == "made", reasons(ground)


def test_what_is_exported_reads_back_the_same(imported: Path) -> None:
    before = load_project(imported).identities
    file = imported / "again.yaml"
    done = launchready("identities", "export", imported, "-o", file)
    assert done.returncode == 0
    assert "pair: HTTP Basic needs its password encoded: export with --values" in done.stderr
    assert not any(secret in file.read_text() for secret in SECRETS)
    other = imported / "other"
    other.mkdir()
    assert launchready("identities", "import", file, other).returncode == 0
    after = load_project(other).identities
    kept = [one for one in before if one.name != "pair"]
    for old, new in zip(kept, after, strict=True):
        assert (old.name, old.role, old.tenant, old.login_path) == (new.name, new.role, new.tenant, new.login_path)
        assert (old.password, old.token, old.token_at, old.username) == (
            new.password,
            new.token,
            new.token_at,
            new.username,
        )
        assert (old.login_body, old.signup) == (new.login_body, new.signup)


def test_values_are_exported_only_when_asked_and_for_nobody_else_to_read(imported: Path) -> None:
    file = imported / "whole.yaml"
    done = launchready(
        "identities", "export", imported, "--values", "-o", file, LR_FIXED_TOKEN="tok-1234567890", LR_PAIR="pass-555"
    )
    assert done.returncode == 0
    assert file.stat().st_mode & 0o077 == 0
    fixed = {
        one["name"]: one["fixedHeaders"][0]["value"]
        for one in yaml.safe_load(file.read_text())["auth"]
        if "fixedHeaders" in one
    }
    assert fixed == {"fixed": "Bearer tok-1234567890", "pair": "Basic YWRhOnBhc3MtNTU1"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("auth:\n- name: a\n  loginEndpoint: {}\n", ["auth[0]", "'loginEndpoint'", "did you mean 'loginEndpointAuth'"]),
        ("auth:\n- name: a\n", ["auth[0]", "fixedHeaders", "loginEndpointAuth"]),
        ("auth: []\n", ["auth is missing or empty"]),
        ("auth:\n- fixedHeaders: []\n", ["auth[0] has no name"]),
        ("auth:\n- name: a\n  loginEndpointAuth: {endpoint: login}\n", ["endpoint is 'login'", "/login"]),
        (
            "auth:\n- name: a\n  loginEndpointAuth: {endpoint: /l, token: {extractFrom: cookie, extractSelector: x, sendIn: header, sendName: y}}\n",
            ["extractFrom is 'cookie'", "body or header"],
        ),
        ("auth: [\n", ["not valid YAML"]),
        ("- a\n", ["the file is list"]),
    ],
)
def test_a_wrong_file_names_the_key_and_the_nearest_valid_one(tmp_path: Path, text: str, told: list[str]) -> None:
    (tmp_path / "auth.yaml").write_text(text, encoding="utf-8")
    done = launchready("identities", "import", tmp_path / "auth.yaml", tmp_path)
    assert done.returncode == 2
    for part in told:
        assert part in done.stderr
    assert not (tmp_path / "launchready.toml").exists()


def test_an_identity_that_is_there_already_is_not_overwritten(imported: Path) -> None:
    before = (imported / "launchready.toml").read_text()
    done = launchready("identities", "import", imported / "auth.yaml", imported)
    assert done.returncode == 2
    assert "foo" in done.stderr
    assert (imported / "launchready.toml").read_text() == before
