"""Runs an app of a test as a process of its own, and asks about it."""

import asyncio
import contextlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from launchready.model.check import Outcome
from launchready.model.project import Environment, Project
from launchready.stages.inputs.trials.questions import SECONDS
from launchready.stages.request import Request
from launchready.stages.session import audit

from tests.support.ports import free_port, listening


@contextlib.contextmanager
def _running(command: Sequence[str], folder: Path) -> Iterator[str]:
    port = free_port()
    with tempfile.TemporaryFile() as said:
        # A file, since a pipe that nobody reads stops an app which prints much.
        process = subprocess.Popen([*command, str(port)], cwd=folder, stdout=subprocess.DEVNULL, stderr=said)

        def printed() -> str:
            said.seek(0)
            return said.read().decode(errors="replace")

        try:
            listening(port, process, printed)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


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
