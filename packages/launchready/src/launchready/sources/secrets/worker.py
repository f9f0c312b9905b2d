"""The process that searches a history along with the one that was asked for it: ``python -m launchready.sources.secrets.worker``.

It is told a :class:`Job` on standard input and answers on standard output, a line of JSON for each message. Whenever git has gone through
what it has, it says ``MORE`` and is given a run of blobs, an empty one when there is none; what it has searched it says a few hundred blobs
at a time, and ``END`` at last. Secrets go through these pipes and nowhere else.
"""

import dataclasses
import json
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from launchready.sources.git import Repository
from launchready.sources.secrets.blobs import Blobs, Seen, look
from launchready.sources.secrets.detector import Detector, Hit
from launchready.sources.secrets.runs import Run, Until

MORE = "more"
END = "end"
_TOGETHER = 300


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """What to search, and for how many seconds."""

    root: str
    seconds: float


def told(seen: Iterable[Seen]) -> list[object]:
    """What was seen, as JSON can say it. Nearly all blobs hold nothing; of those the name alone says all."""
    return [
        [one.name, one.exact, [dataclasses.astuple(hit) for hit in one.hits]] if one.hits else one.name for one in seen
    ]


def heard(rows: Iterable[Any]) -> list[Seen]:
    """What was seen, from its JSON."""
    return [Seen(row, (), True) if isinstance(row, str) else _held(*row) for row in rows]


def _held(name: str, exact: bool, hits: list[Any]) -> Seen:
    return Seen(name, tuple(_hit(*fields) for fields in hits), exact)


def _hit(
    tier: str,
    what: str,
    line: int,
    value: str,
    money: bool,
    test_mode: bool,
    signing: bool,
    lines: list[int],
    span: list[int],
) -> Hit:
    return Hit(tier, what, line, value, money, test_mode, signing, tuple(lines), (span[0], span[1]))


class _Pipes:
    """Standard input and output, a message a line. Two threads speak."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def say(self, message: object) -> None:
        line = json.dumps(message).encode() + b"\n"
        try:
            with self._lock:
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
        except OSError:
            # Nobody hears us any more, and nobody would answer the thread that asks for more. Git ends when its pipes do.
            os._exit(1)

    def hear(self) -> Any:
        """The next message, None when whoever asked is gone."""
        line = sys.stdin.buffer.readline()
        return json.loads(line) if line else None

    def runs(self) -> Iterator[Run]:
        """What we are given, asked for as it is needed."""
        while True:
            self.say(MORE)
            run = self.hear()
            if not run:
                return
            yield [(name, path) for name, path in run]


def main() -> None:
    """Search what we are given."""
    # Ctrl-C reaches all processes of a terminal; whoever asked decides what becomes of us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    detector = Detector()
    threading.Thread(target=detector.load, daemon=True).start()
    pipes = _Pipes()
    asked = pipes.hear()
    if asked is None:
        return
    job = Job(**asked)
    repository = Repository(Path(job.root), "", False, False)
    done: list[Seen] = []
    for seen in look(Blobs(repository, detector, pipes.runs()), detector, Until(job.seconds)):
        done += seen
        if len(done) >= _TOGETHER:
            pipes.say(told(done))
            done = []
    pipes.say(told(done))
    pipes.say(END)


if __name__ == "__main__":
    main()
