"""The time that a history may take begins when the rules are loaded: the first load on a machine compiles them."""

import time
from pathlib import Path

from launchready.demo.keys import Keys
from launchready.sources.git import Repository
from launchready.sources.secrets.detector import Detector
from launchready.sources.secrets.history import search

from tests.support.ask import git, write

KEYS = Keys.make()
SECONDS = 2.0


class FirstOnAMachine(Detector):
    """A detector whose rules are loaded later than a search may last."""

    def load(self) -> None:
        """Load the rules late."""
        with self._lock:
            if self._engine is None:
                time.sleep(SECONDS * 1.2)
        super().load()


def test_a_first_load_takes_nothing_of_the_time_to_search(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    write(tmp_path, {"app.py": f'KEY = "{KEYS.stripe}"\n', "more.py": "number = 1\n"})
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    there = Repository.open(tmp_path)
    assert there is not None
    found = search(there, FirstOnAMachine(), SECONDS, processes=0)
    assert (found.blobs, found.left_out, [kept.path for kept in found.secrets]) == (2, (), ["app.py"])
