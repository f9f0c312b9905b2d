"""Who brought a secret and who took it away, where branches meet."""

from pathlib import Path

import pytest
from launchready.demo.keys import Keys
from launchready.sources.git import Repository
from launchready.sources.secrets.changes import since
from launchready.sources.secrets.detector import Detector
from launchready.sources.secrets.history import Kept, search

from tests.support.ask import git, repository

KEYS = Keys.make()
HELD = f'x = 1\nKEY = "{KEYS.stripe}"\n'


def _found(root: Path) -> Kept:
    there = Repository.open(root)
    assert there is not None
    (kept,) = search(there, Detector()).secrets
    assert kept.hit.value == KEYS.stripe
    return kept


def _head(root: Path) -> str:
    return git(root, "rev-parse", "HEAD").strip()


def _merge(root: Path, branch: str, *arguments: str) -> str:
    git(root, "merge", "-q", "--no-ff", "-m", f"merge {branch}", *arguments, branch)
    return _head(root)


@pytest.fixture
def forked(tmp_path: Path) -> Path:
    """``main`` and ``side`` with a commit each after the one they share; on ``side``."""
    repository(tmp_path, {"a.py": "x = 1\n", "other.py": "y = 1\n"})
    git(tmp_path, "branch", "side")
    repository(tmp_path, {"main.py": "on_main = 1\n"}, "main goes on")
    git(tmp_path, "checkout", "-q", "side")
    repository(tmp_path, {"side.py": "on_side = 1\n"}, "side goes on")
    return tmp_path


def test_a_secret_of_a_branch_merged_later_came_with_the_commit_of_the_branch(forked: Path) -> None:
    repository(forked, {"a.py": HELD}, "oops")
    came = _head(forked)
    git(forked, "checkout", "-q", "main")
    repository(forked, {"main.py": "on_main = 2\n"}, "main goes on")
    _merge(forked, "side")
    kept = _found(forked)
    assert (kept.commit, kept.path, kept.in_head, kept.last) == (came, "a.py", True, "")


def test_a_secret_of_a_branch_never_merged_is_not_gone(forked: Path) -> None:
    repository(forked, {"a.py": HELD}, "oops")
    came = _head(forked)
    git(forked, "checkout", "-q", "main")
    kept = _found(forked)
    assert (kept.commit, kept.in_head, kept.last) == (came, False, "")


def test_a_secret_only_a_merge_holds_came_with_the_merge(forked: Path) -> None:
    git(forked, "checkout", "-q", "main")
    git(forked, "merge", "-q", "--no-ff", "--no-commit", "side")
    repository(forked, {"a.py": HELD}, "merge")
    came = _head(forked)
    assert _found(forked).commit == came
    repository(forked, {"a.py": "x = 1\n"}, "clean")
    assert (_found(forked).commit, _found(forked).last) == (came, _head(forked))


def test_a_merge_that_takes_a_secret_out_of_both_sides_is_named(tmp_path: Path) -> None:
    repository(tmp_path, {"a.py": HELD})
    came = _head(tmp_path)
    git(tmp_path, "checkout", "-q", "-b", "side")
    repository(tmp_path, {"a.py": HELD + "z = 3\n"}, "side")
    git(tmp_path, "checkout", "-q", "main")
    repository(tmp_path, {"b.py": "b = 1\n"}, "main")
    git(tmp_path, "merge", "-q", "--no-ff", "--no-commit", "side")
    repository(tmp_path, {"a.py": "x = 1\nz = 3\n"}, "merge")
    kept = _found(tmp_path)
    assert (kept.commit, kept.last, kept.in_head) == (came, _head(tmp_path), False)


def test_a_removal_in_a_branch_is_told_with_that_commit_and_not_with_the_merge(tmp_path: Path) -> None:
    repository(tmp_path, {"a.py": HELD})
    git(tmp_path, "checkout", "-q", "-b", "side")
    repository(tmp_path, {"a.py": "x = 1\n"}, "taken out")
    went = _head(tmp_path)
    git(tmp_path, "checkout", "-q", "main")
    repository(tmp_path, {"b.py": "b = 1\n"}, "main goes on")
    assert _found(tmp_path).in_head
    _merge(tmp_path, "side")
    kept = _found(tmp_path)
    assert (kept.last, kept.in_head) == (went, False)


def test_a_branch_from_before_the_removal_does_not_remove_it_again(tmp_path: Path) -> None:
    repository(tmp_path, {"a.py": HELD})
    git(tmp_path, "branch", "old")
    repository(tmp_path, {"a.py": "x = 1\n"}, "taken out")
    went = _head(tmp_path)
    git(tmp_path, "checkout", "-q", "old")
    repository(tmp_path, {"old.py": "o = 1\n"}, "old goes on")
    git(tmp_path, "checkout", "-q", "main")
    _merge(tmp_path, "old")
    kept = _found(tmp_path)
    assert (kept.last, kept.in_head) == (went, False)


def test_a_moved_file_is_told_by_where_the_secret_came_in(tmp_path: Path) -> None:
    repository(tmp_path, {"old/a.py": HELD})
    came = _head(tmp_path)
    (tmp_path / "new").mkdir()
    git(tmp_path, "mv", "old/a.py", "new/a.py")
    git(tmp_path, "commit", "-q", "-m", "moved")
    kept = _found(tmp_path)
    assert (kept.commit, kept.path, kept.in_head) == (came, "old/a.py", True)


def test_what_the_other_side_already_had_is_not_new_since_a_revision(forked: Path) -> None:
    git(forked, "checkout", "-q", "main")
    repository(forked, {"a.py": HELD}, "oops")
    start = _head(forked)
    git(forked, "checkout", "-q", "side")
    _merge(forked, "main")
    git(forked, "checkout", "-q", "main")
    _merge(forked, "side")
    there = Repository.open(forked)
    assert there is not None
    assert since(there, Detector(), start).found == ()
    git(forked, "checkout", "-q", "-b", "late")
    git(forked, "merge", "-q", "--no-commit", "side")
    repository(forked, {"b.py": f'KEY = "{KEYS.sendgrid}"\n'}, f"with {KEYS.github}")
    late = Repository.open(forked)
    assert late is not None
    assert [one.file for one in since(late, Detector(), start).found] == [
        "b.py",
        f"the message of commit {_head(forked)[:10]}",
    ]


def test_what_a_repository_says_of_itself_changes_nothing_that_is_read(tmp_path: Path) -> None:
    repository(tmp_path, {"a.py": HELD})
    came = _head(tmp_path)
    held = git(tmp_path, "rev-parse", "HEAD:a.py").strip()
    repository(tmp_path, {"a.py": "x = 1\n"}, "clean")
    clean = git(tmp_path, "rev-parse", "HEAD:a.py").strip()
    for key, value in {
        "log.showRoot": "false",
        "log.showSignature": "true",
        "gpg.program": str(tmp_path / "run-me"),
        "color.ui": "always",
        "diff.relative": "true",
        "log.diffMerges": "off",
    }.items():
        git(tmp_path, "config", key, value)
    git(tmp_path, "replace", held, clean)
    kept = _found(tmp_path)
    assert (kept.commit, kept.last) == (came, _head(tmp_path))
