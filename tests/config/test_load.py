"""launchready.toml: what is read, and what a person is told when it is wrong."""

from datetime import date
from pathlib import Path

import pytest
from launchready.config.load import ConfigError, load_project

FULL = """
[project]
name = "Opsboard"
source = ["."]
logs = ["logs/app.log"]
[environments.staging]
url = "http://127.0.0.1:8000/"
writes = true
[environments.production]
url = "https://app.example.com"
[identities.alice]
role = "member"
tenant = "north"
login = "form"
username = "alice@example.com"
password = { env = "LR_ALICE" }
[domains]
root = "example.com"
canonical = "app.example.com"
edge = "cloudflare"
mail = ["postmark"]
ports = { http = 8080, https = 8443 }
[owners]
uptime = "Dana <dana@example.com>"
alerts = ["slack:#ops"]
[owners.attest]
HAND-9 = "Dana, 2026-01-01"
[[waivers]]
check = "LR512"
target = "GET /legacy"
reason = "read-only"
owner = "Dana"
expires = 2027-01-31
"""


def write(root: Path, text: str) -> Path:
    (root / "launchready.toml").write_text(text, encoding="utf-8")
    return root


def test_every_table_is_read(tmp_path: Path) -> None:
    project = load_project(write(tmp_path, FULL))
    assert project.name == "Opsboard"
    assert project.source == (str(tmp_path.resolve()),)
    staging, production = project.environments
    assert (staging.name, staging.url, staging.writes) == ("staging", "http://127.0.0.1:8000", True)
    assert (production.writes, production.read_only) == (False, False)
    (alice,) = project.identities
    assert alice.password is not None
    assert alice.password.env == "LR_ALICE"
    assert project.domains.ports.https == 8443
    assert project.owners.attest == {"HAND-9": "Dana, 2026-01-01"}
    assert project.waivers[0].expires == date(2027, 1, 31)


def test_a_folder_without_a_file_is_a_project_named_after_it(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    assert load_project(root).name == "shop"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[project\n", ["not valid TOML", "line 1"]),
        ('[project]\nnam = "x"\n', ["line 2", "'nam'", "did you mean 'name'"]),
        ("[project]\nname = 3\n", ["line 2", "project.name is a number", "Expected text in quotes"]),
        ('[project]\nsource = "src"\n', ["line 2", "project.source is text", '["."]']),
        ('[project]\nlogs = ["a", 3]\n', ["line 2", "project.logs[1] is a number", "logs/app.log"]),
        ('[environments.live]\nurl = "ftp://x"\n', ["line 2", "environments.live.url", "ftp://x", "https://"]),
        ('[environments.a]\nurl = "http://x:y@h"\n', ["line 2", "environments.a.url is 'http://h'", 'login = "basic"']),
        ('[environments.a]\nurl = "http://127.0.0.1:99999"\n', ["line 2", "environments.a.url", "99999"]),
        (
            '[environments.a]\noutbox = "http://[::1"\n',
            ["line 2", "environments.a.outbox", "an address of this machine"],
        ),
        (
            '[environments.a]\nurl = "http://a"\n[environments.b]\nurl = "b"\n',
            ["line 4", "environments.b.url is 'b'"],
        ),
        ('[environments]\na = { url = "a" }\n', ["line 2", "environments.a.url"]),
        ('environments."my app".writes = "yes"\n', ["line 1", "environments.my app.writes is text", "true or false"]),
        (
            '[identities.bob]\nrole = "member"\npassword = "hunter2"\n',
            ["line 3", "identities.bob.password is text", '{ env = "LR_ALICE" }'],
        ),
        (
            '[identities.al]\nrole = "admin"\npassword = { env = "A" }\n'
            '[identities.bob]\nrole = "member"\npassword = { enw = "B" }\n',
            ["line 6", "[identities.bob.password] has the key 'enw'", "did you mean 'env'"],
        ),
        ('[identities.bob]\nrol = "member"\n', ["line 2", "[identities.bob] has the key 'rol'", "did you mean 'role'"]),
        ('[identities.bob]\ntenant = "north"\n', ["line 1", "[identities.bob] lacks 'role'"]),
        ("[domains]\nports = 80\n", ["line 2", "domains.ports is a number", "{ http = 80"]),
        ('[identities.bob]\nrole = "member"\nlogin = "magic"\n', ["line 3", "magic", "form, json"]),
        (
            '[domains]\nedge = "cloudfare"\n',
            ["line 2", "domains.edge is 'cloudfare'", "cloudflare, other, none", "did you mean 'cloudflare'"],
        ),
        (
            '[[waivers]]\ncheck = "LR204"\ntarget = "*"\nreason = "r"\nowner = "o"\n',
            ["line 1", "'expires'", "required", "2027-01-31"],
        ),
        (
            '[[waivers]]\ncheck = "LR204"\ntarget = "*"\nreason = "r"\nowner = "o"\nexpires = 2027-01-01\n'
            '[[waivers]]\ncheck = "LR205"\ntarget = "*"\nreason = "r"\nowner = "o"\nexpires = "soon"\n',
            ["line 12", "waivers[1].expires", "a date without quotes"],
        ),
        (
            '[[waivers]]\ncheck = "LR204"\ntarget = "*"\nreason = " "\nowner = "o"\nexpires = 2027-01-01\n',
            ["empty reason"],
        ),
        ('[owners.attest]\n"HAND-77" = "x"\n', ["HAND-77", "HAND-7"]),
        ('[project]\nsource = ["nowhere"]\n', ["line 2", "nowhere", "not a folder"]),
    ],
)
def test_a_wrong_file_says_where_and_what_was_expected(tmp_path: Path, text: str, told: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_project(write(tmp_path, text))
    message = str(caught.value)
    assert "launchready.toml" in message
    for part in told:
        assert part in message


def test_a_password_written_into_the_file_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_project(write(tmp_path, '[identities.bob]\nrole = "member"\npassword = "hunter2"\n'))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        'password = { env = "hunter2!" }',
        'token = { env = "hunter2!" }',
        'headers = { X-Api-Key = "hunter2!" }',
        'login_headers = { Authorization = "hunter2!" }',
    ],
)
def test_a_credential_written_where_its_name_belongs_is_refused_and_not_repeated(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_project(write(tmp_path, f'[identities.bob]\nrole = "member"\n{line}\n'))
    assert "hunter2" not in str(caught.value)
    assert "LR_BOB" in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "launchready.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_project(tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('url = "https://ci.example.com"\ndisposable = true\n', ["line 3", "environments.ci.disposable", "ci.example.com is not this machine", "writes = true"]),
        ('url = "http://127.0.0.1:8000"\nwrites = false\ndisposable = true\n', ["line 4", "writes = false"]),
        ('disposable = "yes"\n', ["line 2", "environments.ci.disposable is text", "true or false"]),
    ],
)  # fmt: skip
def test_all_may_be_lost_only_where_the_place_says_so_twice_or_is_this_machine(
    tmp_path: Path, text: str, told: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_project(write(tmp_path, f"[environments.ci]\n{text}"))
    assert all(part in str(caught.value) for part in told)


def test_a_place_where_all_may_be_lost(tmp_path: Path) -> None:
    said = '[environments.{}]\nurl = "{}"\nwrites = true\n{}'
    text = said.format("demo", "https://demo.example.com", "disposable = true\n") + said.format(
        "local", "http://127.0.0.1:1", ""
    )
    demo, local = load_project(write(tmp_path, text)).environments
    assert (demo.disposable, local.disposable) == (True, False)


def test_an_environment_may_say_that_nothing_is_written_there(tmp_path: Path) -> None:
    (tmp_path / "launchready.toml").write_text('[environments.local]\nurl = "http://127.0.0.1:8000"\nwrites = false\n')
    (local,) = load_project(tmp_path).environments
    assert (local.writes, local.read_only) == (False, True)
