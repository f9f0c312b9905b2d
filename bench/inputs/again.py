"""Runs an app that keeps everything in memory and starts it anew when it is told to: the way its owner has it as it was.

    python bench/inputs/again.py run FILE COMMAND …
    python bench/inputs/again.py now FILE PORT

``FILE`` holds the process id of the first. The second, a cleanup command, comes back when the new app takes connections on ``PORT``.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

_STARTS_WITHIN = 30.0


def run(file: Path, command: list[str]) -> int:
    """Keep the app running: anew after SIGHUP, and no more after SIGTERM."""
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGHUP, signal.SIGTERM))
    file.write_text(str(os.getpid()))
    while True:
        app = subprocess.Popen(command, preexec_fn=_unblocked)
        told = signal.sigwait((signal.SIGHUP, signal.SIGTERM))
        app.terminate()
        app.wait()
        if told == signal.SIGTERM:
            return 0
        Path(f"{file}.ended").touch()


def now(file: Path, port: int) -> int:
    """Have the app started anew, and wait until it is there."""
    ended = Path(f"{file}.ended")
    ended.unlink(missing_ok=True)
    os.kill(int(file.read_text()), signal.SIGHUP)
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until:
        if ended.exists():
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                pass
            else:
                return 0
        time.sleep(0.1)
    return 1


def _unblocked() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGHUP, signal.SIGTERM))


if __name__ == "__main__":
    what, where, *rest = sys.argv[1:]
    sys.exit(run(Path(where), rest) if what == "run" else now(Path(where), int(rest[0])))
