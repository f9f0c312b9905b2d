"""A long history is searched by several processes, and what they find together is what one finds alone."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from launchready.demo.keys import Keys
from launchready.sources.git import Repository
from launchready.sources.secrets.blobs import Blobs, Seen, look
from launchready.sources.secrets.detector import Detector
from launchready.sources.secrets.helpers import helpers, wanted
from launchready.sources.secrets.history import StoppedError, search
from launchready.sources.secrets.runs import Run, Runs, Until
from launchready.sources.secrets.searched import Searched

from tests.support.ask import git

KEYS = Keys.make()
VERSIONS = 1500


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Many versions of two files, one with a name that is no UTF-8; every fiftieth holds a key, and every hundredth another one."""
    root = tmp_path_factory.mktemp("long")
    git(root, "init", "-q", "-b", "main")
    stream: list[bytes] = []
    for number in range(1, VERSIONS + 1):
        held = KEYS.stripe if number % 100 == 0 else KEYS.github if number % 50 == 0 else "none"
        text = f'number = {number}\nKEY = "{held}"\n'.encode()
        name = b"app.py" if number % 2 else b'"caf\\351.py"'
        parent = b"from :%d\n" % (number - 1) if number > 1 else b""
        stream.append(
            b"commit refs/heads/main\nmark :%d\ncommitter A <a@example.com> %d +0000\ndata 6\nchange\n%s"
            b"M 100644 inline %s\ndata %d\n%s\n" % (number, 1_700_000_000 + number, parent, name, len(text), text)
        )
    subprocess.run(["git", "-C", root, "fast-import", "--quiet"], input=b"".join(stream), check=True)
    there = Repository.open(root)
    assert there is not None
    return there


def _blobs(there: Repository) -> Run:
    where = there.log().paths
    return [(name, where[name]) for name in there.blobs()]


def _by_another(there: Repository, runs: Runs, until: Until) -> tuple[dict[str, Seen], str]:
    """What one process beside this one saw of the runs, and what became of it."""
    seen: dict[str, Seen] = {}
    with helpers(1) as (other,):
        other.share(there, runs, until, lambda some: seen.update({one.name: one for one in some}))
        return seen, other.finish(until)


def test_another_process_sees_in_each_version_what_this_one_sees(long: Repository) -> None:
    until = Until(90)
    seen, trouble = _by_another(long, Runs(_blobs(long), until), until)
    detector = Detector()
    blobs = Blobs(long, detector, Runs(_blobs(long), until))
    alone = {one.name: one for some in look(blobs, detector, until) for one in some}
    assert (trouble, seen) == ("", alone)
    assert sum(bool(one.hits) for one in seen.values()) == VERSIONS // 50


def test_threads_take_each_version_once_from_what_one_git_reads(long: Repository) -> None:
    until = Until(90)
    blobs = Blobs(long, Detector(), Runs(_blobs(long), until))
    with ThreadPoolExecutor(4) as pool:
        taken = [name for names in pool.map(lambda _: _taken(blobs), range(4)) for name in names]
    assert sorted(taken) == sorted(name for name, _ in _blobs(long))


def _taken(blobs: Blobs) -> list[str]:
    return [name for some in iter(blobs.take, []) for name, _, _ in some]


def test_a_search_that_ends_early_reads_no_more_for_anybody(long: Repository) -> None:
    stop = threading.Event()
    until = Until(90, stop)
    detector = Detector()
    blobs = Blobs(long, detector, Runs(_blobs(long), Until(90)))
    searching = look(blobs, detector, until)
    assert next(searching)
    stop.set()
    assert list(searching) == []
    assert blobs.take() == []


def test_several_processes_find_what_one_finds(long: Repository) -> None:
    alone = search(long, Detector(), processes=0)
    assert {kept.hit.value for kept in alone.secrets} == {KEYS.stripe, KEYS.github}
    assert search(long, Detector(), processes=2) == alone


def test_what_they_found_is_remembered(long: Repository, tmp_path: Path) -> None:
    first = search(long, Detector(), searched=Searched(tmp_path), processes=1)
    again = Searched(tmp_path)
    blobs = dict(_blobs(long))
    _, unknown = again.recall(blobs, lambda names: long.contents(names, 1000))
    assert unknown == []
    assert search(long, Detector(), searched=again) == first


@pytest.fixture
def instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets another command run in place of the interpreter; ``"$@"`` are its arguments."""

    def put(command: str) -> None:
        script = tmp_path / "python"
        script.write_text(f'#!/bin/sh\nPYTHON="{sys.executable}"\n{command}\n')
        script.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(script))

    return put


def test_what_a_process_that_dies_has_left_is_given_back(long: Repository, instead: Callable[[str], None]) -> None:
    # Enough for its first words, and for half of what it has to say.
    cut = "import os\nleft = 30000\nwhile left: left -= os.write(1, os.read(0, left))"
    instead(f'"$PYTHON" "$@" | "$PYTHON" -c "{cut}"')
    until = Until(90)
    runs = Runs(_blobs(long), until)
    seen, trouble = _by_another(long, runs, until)
    left = [name for run in runs for name, _ in run]
    assert "ended early" in trouble
    assert 0 < len(seen) < VERSIONS
    assert sorted([*seen, *left]) == sorted(name for name, _ in _blobs(long))


@pytest.mark.parametrize("command", ["exit 3", "kill -9 $$", "echo no JSON", "exec sleep 600 >&-"])
def test_nothing_is_lost_with_a_process_that_never_works(
    long: Repository, instead: Callable[[str], None], command: str
) -> None:
    alone = search(long, Detector(), processes=0)
    instead(command)
    found = search(long, Detector(), processes=1)
    assert (found.secrets, found.blobs, found.left_out) == (alone.secrets, alone.blobs, ())
    (note,) = found.notes
    assert "ended early" in note


def test_a_process_that_cannot_be_started_is_not_needed(
    long: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    assert search(long, Detector(), processes=1).blobs == VERSIONS


def test_the_time_is_up_for_all(long: Repository) -> None:
    found = search(long, Detector(), seconds=0, processes=1)
    assert (found.blobs, found.notes) == (0, ())
    (why,) = found.left_out
    assert why.startswith(f"{VERSIONS:,} of {VERSIONS:,} file versions were not searched")


def test_a_search_that_is_stopped_leaves_no_process(long: Repository, instead: Callable[[str], None]) -> None:
    # It would be at its first blob for ever.
    instead("exec sleep 600")
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    with pytest.raises(StoppedError):
        search(long, Detector(), stop=stop, processes=1)
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "sleep 600" not in running


def test_a_process_ends_when_whoever_asked_is_gone(long: Repository) -> None:
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "launchready.sources.secrets.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"root": str(long.root), "seconds": 600}).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline()) == "more"
        process.stdin.close()
        process.stdout.close()
        assert process.wait(60) is not None


def test_a_module_of_the_project_is_never_loaded(
    long: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("from pathlib import Path\nPath('loaded').touch()\n")
    monkeypatch.chdir(tmp_path)
    assert search(long, Detector(), processes=1).notes == ()
    assert not (tmp_path / "loaded").exists()


def test_a_short_history_has_one_process() -> None:
    assert wanted(5000) == 0
