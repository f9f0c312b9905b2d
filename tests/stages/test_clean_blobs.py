"""What is remembered of a searched history: that versions were clean, never what others hold."""

from pathlib import Path

from launchready.demo.keys import Keys
from launchready.sources.git import Repository
from launchready.sources.secrets.clean import CleanBlobs
from launchready.sources.secrets.detector import Detector
from launchready.sources.secrets.history import search

from tests.support.ask import git, repository

KEYS = Keys.make()


def test_clean_versions_are_not_read_again_and_secrets_are_found_again(tmp_path: Path) -> None:
    root, kept = tmp_path / "app", tmp_path / "cache"
    root.mkdir()
    repository(root, {"a.py": "x = 1\n", "b.py": f'KEY = "{KEYS.stripe}"\n'})
    detector, there = Detector(), Repository.open(root)
    assert there is not None
    first = search(there, detector, clean=CleanBlobs(kept))
    left = CleanBlobs(kept).unknown(there.blobs())
    second = search(there, detector, clean=CleanBlobs(kept))
    assert first == second
    assert first.blobs == 2
    assert [one.hit.value for one in second.secrets] == [KEYS.stripe]
    assert left == [git(root, "rev-parse", "HEAD:b.py").strip()]


def test_a_new_version_is_searched_and_no_value_is_kept(tmp_path: Path) -> None:
    root, kept = tmp_path / "app", tmp_path / "cache"
    root.mkdir()
    repository(root, {"a.py": "x = 1\n"})
    there = Repository.open(root)
    assert there is not None
    search(there, Detector(), clean=CleanBlobs(kept))
    repository(root, {"a.py": f'KEY = "{KEYS.stripe}"\n'}, "oops")
    again = Repository.open(root)
    assert again is not None
    assert [one.path for one in search(again, Detector(), clean=CleanBlobs(kept)).secrets] == ["a.py"]
    assert all(KEYS.stripe.encode() not in file.read_bytes() for file in kept.iterdir())


def test_a_cache_that_cannot_be_used_only_costs_time(tmp_path: Path) -> None:
    root = tmp_path / "app"
    root.mkdir()
    repository(root, {"a.py": f'KEY = "{KEYS.stripe}"\n'})
    there = Repository.open(root)
    assert there is not None
    for _ in range(2):
        assert search(there, Detector(), clean=CleanBlobs(root / "a.py" / "no-folder")).secrets
