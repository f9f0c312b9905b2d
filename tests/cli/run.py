"""Runs the command line as a person does: its own process, real output, real exit code."""

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TextIO

from tests.support import loaded

_PROGRAM = Path(sys.executable).with_name("launchready")
# For what hangs: an audit alone may take five minutes on a busy machine.
_SECONDS = 600


def launchready(
    *arguments: str | Path, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``launchready`` and return what it printed and how it ended."""
    command = [str(_PROGRAM), *map(str, arguments)]
    asked = {"command": command, "folder": str(cwd or Path.cwd()), "environment": os.environ | environment}
    with socket.socket(socket.AF_UNIX) as line, _told() as out, _told() as err:
        line.settimeout(_SECONDS)
        line.connect(_loaded())
        socket.send_fds(line, [b"."], [out.fileno(), err.fileno()])
        line.sendall(json.dumps(asked).encode() + b"\n")
        with line.makefile() as said:
            process = int(said.readline())
            try:
                code = int(said.readline())
            except TimeoutError:
                os.kill(process, signal.SIGKILL)
                raise
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, code, out.read(), err.read())


@functools.cache
def _loaded() -> str:
    """Where runs are asked for, as long as this process lasts."""
    folder = tempfile.TemporaryDirectory(prefix="loaded-")
    path = f"{folder.name}/ask"
    process = subprocess.Popen(
        [sys.executable, loaded.__file__, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/"
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n", "the command line cannot be loaded"

    def end() -> None:
        process.communicate()
        folder.cleanup()

    atexit.register(end)
    return path


def _told() -> TextIO:
    """A file for what a run prints, read from its start: a pipe that nobody reads stops a run which prints much."""
    return tempfile.TemporaryFile("w+", encoding="utf-8")
