"""Live progress on a terminal: what is announced before the run, and one line that is gone when the result comes. Silent in a pipe,
but for what nothing else would say."""

import shutil
import sys
import time
from typing import TextIO

from launchready.core.events import Announced, CheckEnded, CheckStarted, Cleaned, Event, Preparing, RunStarted, Sent
from launchready.model.words import Status
from launchready.report.paint import Paint


class Progress:
    """A listener that keeps one status line on ``stream`` while it is a terminal, below what is announced before the run."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._total = 0
        self._done = 0
        self._found = 0
        self._sent = 0
        self._running: dict[str, str] = {}
        self._started = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Take one event of the run."""
        match event:
            case Preparing(what):
                self._show(what)
                return
            case Announced(what):
                self._keep(what)
                return
            case Cleaned(what):
                # A run that was stopped has no report: this is said in a pipe, too.
                self.close()
                self._stream.write(what + "\n")
                self._stream.flush()
                return
            case Sent(requests):
                self._sent = requests
            case RunStarted(checks):
                self._total = len(checks)
            case CheckStarted(check):
                self._running[check.id] = check.title
            case CheckEnded(check, outcome):
                self._running.pop(check.id, None)
                self._done += 1
                self._found += outcome.status is Status.FAIL
        latest = next(reversed(self._running.values()), "")
        sent = f" · {self._sent} requests" if self._sent else ""
        self._show(f"{self._done} of {self._total} checks · {self._found} failed{sent} · {latest}")

    def close(self) -> None:
        """Take the line away."""
        if self._live:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()

    def _keep(self, text: str) -> None:
        """Write what stays on the screen."""
        if self._live:
            paint = Paint.here()
            self._stream.write("\r\x1b[2K" + "\n".join(paint.fold(text, "         ", "  First  ")) + "\n")
            self._stream.flush()

    def _show(self, text: str) -> None:
        if not self._live:
            return
        seconds = time.monotonic() - self._started
        line = f"  {seconds:3.0f} s · {text}"[: max(20, shutil.get_terminal_size().columns - 1)]
        encoding = self._stream.encoding or "utf-8"
        self._stream.write("\r\x1b[2K" + line.encode(encoding, "replace").decode(encoding))
        self._stream.flush()
