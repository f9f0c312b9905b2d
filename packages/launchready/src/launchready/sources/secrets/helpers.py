"""Processes that search a long history along with this one.

Two threads of one process wait for each other's turn at the interpreter; two processes do not. A process of its own costs as much as some
thousand blobs, so a short history has none.
"""

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

from launchready.sources.git import Repository
from launchready.sources.secrets.blobs import Seen
from launchready.sources.secrets.runs import Runs, Until
from launchready.sources.secrets.worker import END, MORE, Job, heard

_WORKER = "launchready.sources.secrets.worker"
# New blobs for each process: with fewer, starting it and loading its rules takes longer than it saves.
WORTH = 20_000
_MOST = 3
# Seconds that a process may take for the blob it is at when the time is up.
_GRACE = 30.0
_DYING = 2.0


def wanted(blobs: int) -> int:
    """How many processes are worth their start, beside this one, for so many blobs."""
    return min(_cores() - 1, _MOST, blobs // WORTH)


def _cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Helper:
    """One such process. It loads its rules as soon as it is started."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            # -P: the folder we stand in may be the project's, whose modules are not ours.
            [sys.executable, "-P", "-m", _WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._thread: threading.Thread | None = None
        self._ended = False

    def share(self, repository: Repository, runs: Runs, until: Until, note: Callable[[list[Seen]], None]) -> None:
        """Let it search along; ``note`` is given what it has seen, in another thread."""
        self._thread = threading.Thread(target=self._talk, args=(repository, runs, until, note))
        self._thread.start()

    def finish(self, until: Until) -> str:
        """Wait until it is through. Says what became of it when it died, nothing when it ended as it should."""
        while self._thread is not None and self._thread.is_alive():
            if until.stopped or until.left < -_GRACE:
                self._process.kill()
            self._thread.join(0.2)
        if self._ended or until.over:
            return ""
        return f"a process that searched along ended early (status {self._status()}); what it had left was searched"

    def _status(self) -> int:
        try:
            return self._process.wait(_DYING)
        except subprocess.TimeoutExpired:
            # It says nothing any more, and lives.
            self._process.kill()
            return self._process.wait()

    def close(self) -> None:
        """End it, whatever it is at."""
        self._process.kill()
        if self._thread is not None:
            self._thread.join()
        with contextlib.suppress(OSError):
            self._process.communicate()

    def _talk(self, repository: Repository, runs: Runs, until: Until, note: Callable[[list[Seen]], None]) -> None:
        assert self._process.stdout is not None
        given: dict[str, str] = {}
        # A process that dies breaks the pipe, or says half a message.
        with contextlib.suppress(OSError, ValueError):
            self._say(dataclasses.asdict(Job(str(repository.root), until.left)))
            for line in self._process.stdout:
                message = json.loads(line)
                if message == END:
                    self._ended = True
                    return
                if message == MORE:
                    run = runs.take()
                    given.update(run)
                    self._say(run)
                    continue
                seen = heard(message)
                for one in seen:
                    del given[one.name]
                note(seen)
        runs.back(given.items())

    def _say(self, message: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()


@contextlib.contextmanager
def helpers(number: int) -> Iterator[list[Helper]]:
    """So many processes, none of which is left afterwards. Where none can be started there are fewer."""
    started: list[Helper] = []
    try:
        with contextlib.suppress(OSError):
            for _ in range(number):
                started.append(Helper())
        yield started
    finally:
        for helper in started:
            helper.close()
