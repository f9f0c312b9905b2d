"""Reads ahead: a second process reads the facts of files that will be asked for, while the first makes sense of those it has.

Parsing holds the interpreter's lock, so that threads would gain nothing. The process is started and not forked: an audit reads its surface
in a thread, and the fork of a process with threads may wait for ever for a lock that nobody holds. No result depends on it: what it has not
read when it is wanted is read by whoever wants it, and where it cannot be started, that is everything.
"""

import contextlib
import os
import pickle
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from launchready.sources import worker
from launchready.sources.likely import Likely
from launchready.sources.tree import CODE, Tree
from launchready.sources.worker import LENGTH, framed

# To start a process takes as long as reading this many bytes of source.
_WORTH = 1_000_000
# As many files as keep the process busy until it is looked after again, which is so many seconds later.
_ASKED, _EVERY = 6, 0.002
# What was read and is not wanted yet may take as much room (bytes) as the files that a tree keeps.
_ROOM = 64_000_000
# A pipe (64 kB at least) holds that much and six paths before whoever writes into it has to wait.
_SMALL = 40_000
# What Linux gives at most: who reads ahead need not wait until somebody takes what it has.
_PIPE = 1_000_000

Imports = Callable[[str, Any], Iterator[str]]


class Ahead:
    """The files that were read ahead, and those to read next."""

    def __init__(self, root: str = "", process: subprocess.Popen[bytes] | None = None) -> None:
        self._root = root
        self._process = process
        self._named: deque[list[str]] = deque()
        self._imports: Imports = lambda path, facts: iter(())
        # Whose imports were not looked at yet: files that the caller has, and those that were named and are here.
        self._following: list[tuple[str, Any]] = []
        self._arrived: list[str] = []
        self._followed: set[str] = set()
        self._likely = Likely()
        # Asked for on either side: nothing is read twice but what comes too late.
        self._begun: set[str] = set()
        # The process answers in the order in which it was asked.
        self._asked: deque[str] = deque()
        self._prepared: dict[str, bytes] = {}
        self._late: dict[str, bytes] = {}
        # What was prepared and is being done.
        self._doing = ""
        self._answers = bytearray()
        self._read: dict[str, bytes] = {}
        self._facts: dict[str, Any] = {}
        self._room = _ROOM
        self._due = 0.0

    @property
    def works(self) -> bool:
        """Whether it is of use to say what will be asked for."""
        return self._process is not None

    def expect(self, paths: Iterable[str]) -> None:
        """These will be asked for, in this order and after those said before. They are read from the last to the first, to meet whoever asks half-way."""
        self._named.append(list(paths))
        self.advance()

    def follow_by(self, imports: Imports) -> None:
        """``imports`` gives the files that one imports, by its path and its facts: they may be asked for."""
        self._imports = imports

    def follow(self, path: str, facts: Any) -> None:
        """What this file imports may be asked for. Nobody looks for it before there is nothing better to read; then what most import comes first."""
        if self._process is not None:
            self._following.append((path, facts))

    def prepare(self, key: str, function: Callable[..., Any], *given: Any, late: bool = False) -> None:
        """Have ``function`` called after what was prepared before, and before any more files are read: ``late``, before those that nobody named.

        :meth:`finished` gives what it returned. What it is given must be small when pickled.
        """
        if self._process is not None and len(request := framed((function, given))) <= _SMALL:
            (self._late if late else self._prepared)[key] = request
            self.advance()

    def claim(self, key: str) -> bool:
        """Whether nobody began what was prepared by this name, so that whoever asks does it; the process leaves it alone from now on."""
        self.advance()
        self._prepared.pop(key, None)
        self._late.pop(key, None)
        return key not in self._begun

    def finished(self, key: str) -> Any:
        """What was prepared by this name, as soon as it is there; None says to do it."""
        while self._process is not None and key in self._asked:
            self._receive(wait=True)
        return self._opened(key)

    def take(self, key: str) -> Any:
        """The facts of the file of this path when they were read ahead; None says to read it."""
        self._begun.add(key)
        self.advance()
        while self._process is not None and self._asked and key == self._asked[0]:
            self._receive(wait=True)
        return self._facts.pop(key, None) or self._opened(key)

    def _opened(self, key: str) -> Any:
        answer = self._read.pop(key, None)
        if answer is None:
            return None
        self._room += len(answer)
        return pickle.loads(answer)

    def advance(self) -> None:
        """Collect what was read, and ask for more: to be called often, for nobody else does."""
        if self._process is None or (now := time.monotonic()) < self._due:
            return
        # Only now: the process is to start before what it is asked for is imported here.
        from launchready.sources.facts.read import read_facts

        self._due = now + _EVERY
        self._receive(wait=False)
        while self._process is not None and self._room > 0 and len(self._asked) < _ASKED:
            if self._prepared or self._doing in self._asked:
                # Files would wait for as long as it takes, and whoever asks does not.
                self._next_of(self._prepared)
                return
            if path := self._named_next():
                self._arrived.append(path)
            elif self._late:
                self._next_of(self._late)
                return
            elif not (path := self._likely_next()):
                return
            self._begin(path, framed((read_facts, (self._root, path))))

    def _begin(self, key: str, request: bytes) -> None:
        assert self._process is not None
        self._begun.add(key)
        self._asked.append(key)
        self._send(self._process, request)

    def _next_of(self, prepared: dict[str, bytes]) -> None:
        """Begin with the first that was prepared, unless the process is at something."""
        if prepared and not self._asked:
            self._doing = next(iter(prepared))
            self._begin(self._doing, prepared.pop(self._doing))

    def _named_next(self) -> str | None:
        while self._named:
            while self._named[0]:
                if (path := self._named[0].pop()) not in self._begun:
                    return path
            self._named.popleft()
        return None

    def _likely_next(self) -> str | None:
        for path in [path for path in self._arrived if path in self._read]:
            # Early, for it may be long until somebody takes it.
            self._facts[path] = self._opened(path)
            self._following.append((path, self._facts[path]))
        self._arrived = [path for path in self._arrived if path in self._asked]
        for path, facts in self._following:
            if path not in self._followed:
                self._followed.add(path)
                for imported in self._imports(path, facts):
                    self._likely.add(imported)
        self._following.clear()
        likely = self._likely.pop()
        while likely is not None and likely in self._begun:
            likely = self._likely.pop()
        return likely

    def _send(self, process: subprocess.Popen[bytes], request: bytes) -> None:
        assert process.stdin is not None
        try:
            process.stdin.write(request)
            process.stdin.flush()
        except OSError:
            self.close()

    def _receive(self, *, wait: bool) -> None:
        assert self._process is not None and self._process.stdout is not None
        answers = self._process.stdout.fileno()
        os.set_blocking(answers, wait)
        try:
            more = os.read(answers, 1_000_000)
        except BlockingIOError:
            return
        if not more:
            self.close()
        self._answers += more
        start = 0
        while len(self._answers) >= (begin := start + LENGTH.size):
            end = begin + LENGTH.unpack_from(self._answers, start)[0]
            if end > len(self._answers):
                break
            answer = bytes(self._answers[begin:end])
            self._room -= len(answer)
            self._read[self._asked.popleft()] = answer
            start = end
        del self._answers[:start]

    def close(self) -> None:
        """End the process, whatever it is at."""
        process, self._process = self._process, None
        self._following.clear()
        self._facts.clear()
        if process is not None:
            process.kill()
            with contextlib.suppress(OSError):
                process.communicate()


@contextlib.contextmanager
def reading_ahead(tree: Tree, worth: int = _WORTH) -> Iterator[Ahead]:
    """Reads ahead in a tree with at least ``worth`` bytes of code, where there is a second processor and pipes can be asked what they hold."""
    code = [file for file in tree.files if file.suffix in CODE]
    suffixes = sorted({file.suffix for file in code})
    ahead = Ahead(str(tree.root), _started(suffixes) if sum(file.size for file in code) >= worth else None)
    try:
        yield ahead
    finally:
        ahead.close()


def _started(suffixes: list[str]) -> subprocess.Popen[bytes] | None:
    if sys.platform == "win32" or not sys.executable or (os.cpu_count() or 1) < 2:
        return None
    # -P: the folder that we are in may be that of the project, whose modules are not ours to run.
    command = [sys.executable, "-P", "-m", worker.__name__, *suffixes]
    with contextlib.suppress(OSError):
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pipesize=_PIPE
        )
    return None
