"""``launchready secrets``: in a hook and in CI, what a change brings, and nothing that was there before."""

import json
from pathlib import Path

import pytest
from launchready.demo.keys import Keys

from tests.cli.run import launchready
from tests.support.ask import git, repository, write

KEYS = Keys.make()
OLD = f'KEY = "{KEYS.sendgrid}"\n'


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return repository(tmp_path, {"mail.py": OLD, "app.py": "x = 1\n"})


def test_a_hook_stops_a_key_and_shows_no_value(app: Path) -> None:
    write(app, {"pay.py": f'x = 1\nkey = "{KEYS.stripe}"\n', "mail.py": f"# moved down\n{OLD}"})
    assert launchready("secrets", app, "--staged").returncode == 0
    git(app, "add", "-A")
    write(app, {"pay.py": "x = 1\n"})
    done = launchready("secrets", app, "--staged")
    assert done.returncode == 1
    assert "certain" in done.stdout.splitlines()[0]
    assert "pay.py:2" in done.stdout.splitlines()[0]
    assert "mail.py" not in done.stdout
    assert KEYS.stripe not in done.stdout


def test_the_first_commit_of_a_repository_can_be_searched(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {"mail.py": OLD})
    git(tmp_path, "add", "-A")
    assert launchready("secrets", tmp_path, "--staged").returncode == 1


def test_ci_sees_what_a_branch_brings_even_when_it_took_it_away_again(app: Path) -> None:
    start = git(app, "rev-parse", "HEAD").strip()
    repository(app, {"pay.py": f'key = "{KEYS.stripe}"\n'}, f"pay with {KEYS.github}")
    bringing = git(app, "rev-parse", "HEAD").strip()
    repository(app, {"pay.py": "key = 1\n"}, "take it away")
    done = launchready("secrets", app, "--since", start, "--format", "json")
    assert done.returncode == 1
    found = {row["file"]: row for row in json.loads(done.stdout)["secrets"]}
    assert set(found) == {"pay.py", f"the message of commit {bringing[:10]}"}
    assert found["pay.py"]["commit"] == bringing
    assert launchready("secrets", app, "--since", "HEAD~1").returncode == 0


def test_a_project_in_a_folder_of_the_repository_is_searched_alone(app: Path) -> None:
    write(app, {"shop/pay.py": f'key = "{KEYS.stripe}"\n', "other.py": f'key = "{KEYS.stripe}"\n'})
    git(app, "add", "-A")
    rows = json.loads(launchready("secrets", app / "shop", "--staged", "--format", "json").stdout)["secrets"]
    assert [row["file"] for row in rows] == ["pay.py"]


def test_what_may_be_a_secret_is_shown_and_stops_nothing(app: Path) -> None:
    write(app, {"seed.ts": 'const user = { password: "autumn-leaves" };\n', "tests/test_x.py": OLD})
    git(app, "add", "-A")
    done = launchready("secrets", app, "--staged")
    assert done.returncode == 0
    assert "suspected" in done.stdout
    assert "in a test or example" in done.stdout


def test_the_whole_source_and_its_waivers(app: Path) -> None:
    assert launchready("secrets", app).returncode == 1
    waiver = '[[waivers]]\ncheck = "LR132"\ntarget = "mail.py"\nreason = "revoked"\nowner = "Dana"\nexpires = {}\n'
    write(app, {"launchready.toml": waiver.format("2999-01-01")})
    done = launchready("secrets", app)
    assert done.returncode == 0
    assert "1 waived" in done.stdout
    write(app, {"launchready.toml": waiver.format("2020-01-01")})
    assert launchready("secrets", app).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--since", "nowhere"), 2, "nowhere"),
        (("--since", "--all"), 2, "--all"),
        (("--since", "HEAD", "--staged"), 2, "Give one of them"),
    ],
)
def test_bad_input_is_told(arguments: tuple[str, ...], code: int, said: str, app: Path) -> None:
    done = launchready("secrets", app, *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_where_there_is_no_file_nothing_is_called_clean(tmp_path: Path) -> None:
    done = launchready("secrets", tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "Give the folder that holds the app." in done.stderr


def test_without_git_the_files_are_searched_and_changes_are_not(tmp_path: Path) -> None:
    write(tmp_path, {"mail.py": OLD})
    assert launchready("secrets", tmp_path).returncode == 1
    assert launchready("secrets", tmp_path, "--staged").returncode == 3


def test_a_large_dump_is_searched_and_what_is_larger_is_not_called_clean(app: Path) -> None:
    (app / "dump.sql").write_text("insert into notes values (1);\n" * 200_000 + f"-- {KEYS.stripe}\n")
    (app / "film.mp4").write_bytes(b"\0" * 50_000_000)
    done = launchready("secrets", app)
    assert (done.returncode, "dump.sql:200001" in done.stdout, "film.mp4" in done.stdout) == (1, True, False)
    (app / "dump.sql").unlink()
    (app / "mail.py").unlink()
    (app / "events.csv").write_text("1,2,3,4,5,6,7\n" * 3_000_000)
    done = launchready("secrets", app)
    assert (done.returncode, "events.csv: is larger than 40 MB" in done.stdout) == (4, True)
