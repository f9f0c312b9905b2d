"""`launchready fix` shows, writes only when told to, and takes back exactly what it wrote."""

import json
import subprocess
from pathlib import Path

from tests.cli.run import launchready
from tests.fixes.folder import files_of, fixed, folder
from tests.support.ask import git, repository

OPEN = 'from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\n\napp = FastAPI(debug=True)\napp.add_middleware(CORSMiddleware, allow_origins=["*"])\n'
# Without the search for secrets, which takes longer than all else; what a patch is does not depend on it.
QUICK = ("cors", "errors")


def test_without_apply_nothing_is_written(tmp_path: Path) -> None:
    folder(tmp_path, {"main.py": OPEN})
    before = files_of(tmp_path)
    done = launchready("fix", tmp_path)
    assert done.returncode == 1, done.stderr
    assert '+app.add_middleware(CORSMiddleware, allow_origins=["https://app.example.com"])' in done.stdout
    assert "# cors: Only the app's own pages may read its answers" in done.stdout
    assert files_of(tmp_path) == before
    assert not (tmp_path / ".launchready").exists()


def test_what_is_shown_is_a_patch_that_git_takes(tmp_path: Path) -> None:
    repository(folder(tmp_path, {"main.py": OPEN}), {})
    shown = launchready("fix", *QUICK, tmp_path).stdout
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=shown, text=True, check=True)
    by_git = files_of(tmp_path)
    git(tmp_path, "checkout", "-q", ".")
    git(tmp_path, "clean", "-fdq")
    fixed(tmp_path, *QUICK)
    assert files_of(tmp_path) == by_git


def test_git_diff_shows_what_was_said_and_revert_takes_it_back(tmp_path: Path) -> None:
    repository(folder(tmp_path, {"main.py": OPEN, "requirements.txt": "fastapi\n"}), {})
    before = files_of(tmp_path)
    shown = launchready("fix", *QUICK, tmp_path).stdout
    fixed(tmp_path, *QUICK)
    git(tmp_path, "add", "-AN", ".")
    real = git(tmp_path, "diff")
    assert _changed(real) == _changed(shown)
    git(tmp_path, "reset", "-q")
    assert launchready("fix", *QUICK, tmp_path).returncode in (0, 4), "what was applied is still proposed"

    done = launchready("fix", tmp_path, "--revert")
    assert done.returncode == 0, done.stderr
    assert files_of(tmp_path) == before
    assert git(tmp_path, "status", "--porcelain") == ""
    again = launchready("fix", tmp_path, "--revert")
    assert again.returncode == 3
    assert "no fix was applied" in again.stderr


def _changed(diff: str) -> list[str]:
    return sorted(
        line for line in diff.split("\n") if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))
    )


def test_a_change_made_since_is_not_lost(tmp_path: Path) -> None:
    folder(tmp_path, {"main.py": OPEN})
    fixed(tmp_path, "cors")
    (tmp_path / "main.py").write_text((tmp_path / "main.py").read_text() + "\nmine = 1\n")
    before = files_of(tmp_path)
    done = launchready("fix", tmp_path, "--revert")
    assert done.returncode == 2
    assert "main.py" in done.stderr and "changed after the fix" in done.stderr
    assert files_of(tmp_path) == before


def test_the_record_is_for_its_owner_and_out_of_git(tmp_path: Path) -> None:
    repository(folder(tmp_path, {"main.py": OPEN}), {})
    fixed(tmp_path)
    (record,) = (tmp_path / ".launchready" / "fixes").glob("*.json")
    assert record.stat().st_mode & 0o077 == 0
    assert ".launchready" not in git(tmp_path, "status", "--porcelain")


def test_a_check_leads_to_its_fix(tmp_path: Path) -> None:
    folder(tmp_path, {"main.py": OPEN})
    done = launchready("fix", "lr221", tmp_path)
    assert "allow_origins" in done.stdout
    assert "debug=" not in "".join(line for line in done.stdout.splitlines() if line.startswith("+"))
    assert "launchready fix cors" in launchready("explain", "LR221").stdout


def test_list_says_what_there_is(tmp_path: Path) -> None:
    folder(tmp_path, {"main.py": OPEN})
    done = launchready("fix", "--list", tmp_path)
    assert done.returncode == 1
    assert "changes main.py" in done.stdout
    assert "nothing to do here" in done.stdout


def test_json_has_the_same(tmp_path: Path) -> None:
    folder(tmp_path, {"main.py": OPEN})
    told = json.loads(launchready("fix", "cors", tmp_path, "--format", "json").stdout)
    (file,) = told["files"]
    assert file["file"] == "main.py"
    assert file["diff"].startswith("diff --git a/main.py b/main.py")
    assert told["by_hand"] == []


def test_wrong_words_get_an_answer(tmp_path: Path) -> None:
    folder(tmp_path, {"main.py": OPEN})
    near = launchready("fix", "gard", tmp_path)
    assert (near.returncode, "Did you mean guard?" in near.stderr) == (2, True)
    none = launchready("fix", "LR501", tmp_path)
    assert (none.returncode, "launchready explain LR501" in none.stderr) == (3, True)
    nowhere = launchready("fix", "cors", tmp_path / "nowhere")
    assert (nowhere.returncode, "there is no such folder" in nowhere.stderr) == (2, True)
    both = launchready("fix", tmp_path, "--apply", "--revert")
    assert both.returncode == 2


def test_a_folder_without_such_an_app_is_nothing_to_check(tmp_path: Path) -> None:
    folder(tmp_path, {"index.js": "console.log(1)\n"})
    done = launchready("fix", tmp_path)
    assert done.returncode == 3, done.stdout


def test_whatever_is_not_changed_stays_byte_for_byte(tmp_path: Path) -> None:
    odd = "\ufeff# -*- coding: utf-8 -*-\r\nfrom fastapi import FastAPI\r\nfrom fastapi.middleware.cors import CORSMiddleware\r\n\r\napp = FastAPI( )  # ü\r\napp.add_middleware(CORSMiddleware,\r\n\tallow_origins = ['*'],)\r\nx = 'a\u2028b'"
    folder(tmp_path, {"main.py": odd})
    fixed(tmp_path, "cors")
    assert (tmp_path / "main.py").read_bytes() == odd.replace("['*']", "['https://app.example.com']").encode()


def test_what_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    folder(tmp_path, {"main.py": OPEN, "broken.py": "from fastapi import FastAPI\napp = FastAPI(debug=True\ndef (:\n"})
    (tmp_path / "latin.py").write_bytes(b"from fastapi import FastAPI\n# \xe9\napp = FastAPI(debug=True)\n")
    (tmp_path / "link.py").symlink_to(tmp_path / "main.py")
    before = files_of(tmp_path)
    done = fixed(tmp_path)
    after = files_of(tmp_path)
    # The link shows what main.py holds.
    assert {name for name in before if before[name] != after[name]} == {"main.py", "link.py"}
    assert (tmp_path / "link.py").is_symlink()
    assert "latin.py" in done.stdout and "UTF-8" in done.stdout
    assert "broken.py" in done.stdout
