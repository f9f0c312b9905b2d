"""What is remembered of a searched history: which versions hold nothing, where in the others a secret stands, and never the secret."""

from pathlib import Path

import pytest
from launchready.demo.keys import Keys
from launchready.sources.git import Repository
from launchready.sources.secrets.detector import Detector
from launchready.sources.secrets.history import History, search
from launchready.sources.secrets.searched import Searched

from tests.support.ask import git, repository

KEYS = Keys.make()


def _search(root: Path, kept: Path, detector: Detector | None = None) -> History:
    there = Repository.open(root)
    assert there is not None
    return search(there, detector or Detector(), searched=Searched(kept))


def _folder(root: Path) -> Path:
    root.mkdir()
    return root


def test_what_was_searched_is_not_searched_again(tmp_path: Path) -> None:
    root, kept = _folder(tmp_path / "app"), tmp_path / "cache"
    repository(root, {"a.py": "x = 1\n", "b.py": f'x = 2\nKEY = "{KEYS.stripe}"\n'}, f"with {KEYS.github}")
    repository(root, {"c.py": f'KEY = "{KEYS.stripe}"\nOTHER = "{KEYS.sendgrid}"\n'}, "second")
    git(root, "tag", "-a", "v1", "-m", f"log in with {KEYS.sendgrid}")
    first = _search(root, kept)
    detector = Detector()
    second = _search(root, kept, detector)
    assert first == second
    assert first.blobs == 3
    assert {one.hit.value for one in second.secrets} == {KEYS.stripe, KEYS.github, KEYS.sendgrid}
    # The rules are not even loaded.
    assert not detector.ready


def test_no_value_is_kept(tmp_path: Path) -> None:
    root, kept = _folder(tmp_path / "app"), tmp_path / "cache"
    repository(root, {"a.py": f'KEY = "{KEYS.stripe}"\n'}, f"with {KEYS.github}")
    assert len(_search(root, kept).secrets) == 2
    (file,) = kept.iterdir()
    assert file.stat().st_mode & 0o077 == 0
    body = file.read_bytes()
    assert all(key.encode()[at : at + 8] not in body for key in (KEYS.stripe, KEYS.github) for at in (0, 8, 16))


def test_a_new_version_is_searched(tmp_path: Path) -> None:
    root, kept = _folder(tmp_path / "app"), tmp_path / "cache"
    repository(root, {"a.py": f'KEY = "{KEYS.stripe}"\n'})
    (before,) = _search(root, kept).secrets
    repository(root, {"a.py": "x = 1\n", "b.py": f'KEY = "{KEYS.sendgrid}"\n'}, "second")
    came = git(root, "rev-parse", "HEAD").strip()
    found = {one.hit.value: one for one in _search(root, kept).secrets}
    assert set(found) == {KEYS.stripe, KEYS.sendgrid}
    assert (found[KEYS.stripe].commit, found[KEYS.stripe].last) == (before.commit, came)
    assert not before.last
    assert found[KEYS.sendgrid].commit == came


def test_a_rewritten_history_is_told_as_it_is_now(tmp_path: Path) -> None:
    root, kept = _folder(tmp_path / "app"), tmp_path / "cache"
    repository(root, {"a.py": "x = 1\n"})
    repository(root, {"b.py": f'KEY = "{KEYS.stripe}"\n'}, "oops")
    (first,) = _search(root, kept).secrets
    git(root, "commit", "-q", "--amend", "-m", "oops, said in other words", "--date", "2030-01-01T00:00:00Z")
    (amended,) = _search(root, kept).secrets
    # The reflog still has the commit before.
    assert amended.commit == first.commit
    assert amended.in_head
    git(root, "reflog", "expire", "--expire=now", "--all")
    (rewritten,) = _search(root, kept).secrets
    assert rewritten.commit == git(root, "rev-parse", "HEAD").strip()
    git(root, "reset", "-q", "--hard", "HEAD~1")
    git(root, "reflog", "expire", "--expire=now", "--all")
    (left,) = _search(root, kept).secrets
    assert (left.commit, left.in_head) == ("", False)
    assert _search(root, tmp_path / "new").secrets == (left,)


def test_another_repository_with_the_same_file_knows_its_own_commits(tmp_path: Path) -> None:
    kept = tmp_path / "cache"
    commits = []
    for name in ("one", "two"):
        root = _folder(tmp_path / name)
        repository(root, {"a.py": f'KEY = "{KEYS.stripe}"\n'}, name)
        (found,) = _search(root, kept).secrets
        assert found.hit.value == KEYS.stripe
        commits.append((found.commit, git(root, "rev-parse", "HEAD").strip()))
    assert all(said == true for said, true in commits)


def test_a_secret_that_is_not_where_it_stands_in_the_bytes_is_found_each_time(tmp_path: Path) -> None:
    root, kept = _folder(tmp_path / "app"), tmp_path / "cache"
    (root / "a.ini").write_bytes(f"\ufeffkey = {KEYS.stripe}\r\n".encode("utf-16-le"))
    repository(root, {})
    first = _search(root, kept).secrets
    assert [one.hit.value for one in first] == [KEYS.stripe]
    assert _search(root, kept).secrets == first


@pytest.mark.parametrize("body", [b"", b"\x93\xc0", b"nonsense"])
def test_a_broken_memory_only_costs_time(body: bytes, tmp_path: Path) -> None:
    root, kept = _folder(tmp_path / "app"), tmp_path / "cache"
    repository(root, {"a.py": f'KEY = "{KEYS.stripe}"\n'})
    first = _search(root, kept)
    (file,) = kept.iterdir()
    file.write_bytes(body)
    assert _search(root, kept) == first


def test_a_memory_that_cannot_be_used_only_costs_time(tmp_path: Path) -> None:
    root = _folder(tmp_path / "app")
    repository(root, {"a.py": f'KEY = "{KEYS.stripe}"\n'})
    for _ in range(2):
        assert _search(root, root / "a.py" / "no-folder").secrets
