"""Runs an app of a test as a process of its own, and asks about it."""

import asyncio
import contextlib
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from launchready.model.check import Outcome
from launchready.model.project import Environment, Project
from launchready.stages.inputs.trials.questions import SECONDS
from launchready.stages.session import Request, audit

_STARTS = 30.0


@contextlib.contextmanager
def _running(command: Sequence[str], folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = subprocess.Popen([*command, str(port)], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _wait(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + _STARTS
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        assert process.poll() is None, process.communicate()[1].decode()
        assert time.monotonic() < until, "the app did not start"
        time.sleep(0.05)


def outcomes(
    folder: Path, name: str, app: str, *checks: str, disposable: bool = False, seconds: float = SECONDS
) -> dict[str, Outcome]:
    """What these checks say of an app, which is written to ``folder`` and started there; broken inputs are sent for ``seconds``."""
    (folder / name).write_text(app)
    command = [sys.executable, name] if name.endswith(".py") else ["node", name]
    with _running(command, folder) as url:
        project = Project("app", str(folder), source=(".",))
        place = Environment("local", url, writes=True, disposable=disposable)
        done = asyncio.run(audit(Request(project, place, checks=checks, input_seconds=seconds)))
    return {one.check: one for one in done.outcomes if one.check in checks}


def sign_ins(folder: Path, name: str, app: str) -> Outcome:
    """What is told of the sign-in of an app."""
    return outcomes(folder, name, app, "LR331")["LR331"]


def told(outcome: Outcome, per: str) -> tuple[int, int]:
    """The least and the most that is said to be let through of what is counted per ``per``."""
    note = next(one for one in outcome.notes if f", per {per}" in one)
    if found := re.search(r"between (\d+) and (\d+) are let through", note):
        return int(found[1]), int(found[2])
    if found := re.search(r"at most (\d+) are let through", note):
        return 0, int(found[1])
    found = re.search(r": (\d+) (?:is|are) let through", note)
    assert found is not None, note
    return int(found[1]), int(found[1])
