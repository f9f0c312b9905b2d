"""The two sides: schemathesis by its command, and the inputs stage by the library, each against an app that was started fresh for it."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalogue import CACHE
from launchready.ground.prover import Prover
from launchready.ground.result import Proof
from launchready.model.audit import Audit
from launchready.model.project import Environment, Project
from launchready.probes.databases.kept import Kept
from launchready.stages.request import Request
from launchready.stages.session import run
from serving import Running, State
from wire import Call, Wire

# Requests bound the audit, not the time: other work shares the machine.
_SECONDS, _BUDGET = 1200.0, 12_000
# What ends the session of the account both are given, or gives it another key: schemathesis would go on as a stranger.
ENDS_IT = "reset-token|logout|token/(blacklist|rotate)|session-policy"
# The checks that tell of server errors: of bodies, and of addresses.
_OF_CRASHES = ("LR301", "LR303")


@dataclass(frozen=True, slots=True)
class Side:
    """What one tool did: the calls on the wire, its wall time, what the app held before and after, whether the app was up at the end.

    ``told`` are the operations it named to its user as failing with a server error, ``endpoints`` those it knew besides the document.
    ``undone`` says what was put back in the database, by table; None where none was named."""

    calls: tuple[Call, ...]
    seconds: float
    before: State
    after: State
    alive: bool
    told: frozenset[str]
    endpoints: tuple[str, ...] = ()
    audit: Audit | None = None
    proof: Proof | None = None
    undone: Mapping[str, int] | None = None


def document(running: Running) -> dict[str, Any]:
    """The app's own OpenAPI, asked for as the account both tools get."""
    url = f"http://127.0.0.1:{running.port}{running.app.document}"
    with urllib.request.urlopen(
        urllib.request.Request(url, headers=dict(running.people.headers)), timeout=60
    ) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def schemathesis() -> Path:
    """The command, in an environment of its own with the newest release."""
    folder = CACHE / "venvs" / "schemathesis"
    if not (folder / "ready").exists():
        subprocess.run((sys.executable, "-m", "venv", folder), check=True)
        subprocess.run((folder / "bin" / "pip", "install", "-q", "schemathesis"), check=True)
        (folder / "ready").touch()
    return folder / "bin" / "st"


def theirs(running: Running, scratch: Path, examples: int, phases: str, longest: float, seed: int = 1) -> Side:
    """Its ``phases`` with ``examples`` test cases an operation, asked for server errors alone: what else it can find costs it no request
    and hides no operation. What ends its session is left out. Nothing is shrunk, so that no request goes into making an example smaller. After ``longest`` seconds it is
    interrupted as by Ctrl-C, and writes its report."""
    file, report = scratch / f"{running.app.name}-openapi.json", scratch / f"{running.app.name}-report.json"
    file.write_text(json.dumps(document(running)))
    with Wire.before(running.port) as wire:
        command = [
            str(schemathesis()), "run", str(file), "--url", wire.url + running.app.prefix, "--checks", "not_a_server_error",
            "--continue-on-failure", "--max-examples", str(examples), "--seed", str(seed), "--no-shrink", "--workers", "1", "--phases", phases, "--exclude-path-regex", ENDS_IT,
            "--suppress-health-check", "all", "--generation-database", "none", "--request-timeout", "20", "--no-color",
            "--report", "json", "--report-json-path", str(report),
            *(word for name, value in running.people.headers.items() for word in ("-H", f"{name}: {value}")),
        ]  # fmt: skip
        before, began = running.state(), time.monotonic()
        out = scratch / f"{running.app.name}-schemathesis.txt"
        with out.open("wb") as log:
            process = subprocess.Popen(
                command, cwd=scratch, stdout=log, stderr=log, env=os.environ | {"COLUMNS": "200"}
            )
            wait(process, longest)
        seconds = time.monotonic() - began
        return Side(tuple(wire.calls), seconds, before, running.state(), running.alive, _told(report))


def wait(process: "subprocess.Popen[bytes]", longest: float) -> None:
    """Wait for a tool, and interrupt it as by Ctrl-C after ``longest`` seconds."""
    try:
        process.wait(longest)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _told(report: Path) -> frozenset[str]:
    """The operations of its JSON report that failed with a server error."""
    # It opens the file when it begins: what was killed before its end has left it empty.
    text = report.read_text() if report.exists() else ""
    failures = json.loads(text)["failures"] if text.strip() else []
    return frozenset(name for one in failures if one["type"] == "ServerError" for name in one["operations"])


def source(running: Running, scratch: Path) -> tuple[Path, tuple[str, ...]]:
    """The folder that the audit reads, and which parts of it: the app's source; the document alone where there is none; a copy of both where
    the app serves its document at an address that nobody would look at, as somebody would who has it."""
    app = running.app
    if app.parts and not app.given:
        return app.root, app.parts
    root = scratch / f"{app.name}-source"
    if app.parts and not root.exists():
        shutil.copytree(app.root, root, ignore=shutil.ignore_patterns("node_modules"))
    root.mkdir(exist_ok=True)
    (root / "openapi.json").write_text(json.dumps(document(running)))
    return root, (".",)


def ours(running: Running, scratch: Path, *, deep: bool = False) -> Side:
    """One audit of the inputs stage, with nothing configured but the account, and that all there may be lost."""
    app = running.app
    root, parts = source(running, scratch)
    with Wire.before(running.port) as wire:
        # Every start of an app is there for one tool alone.
        environment = Environment(
            "bench", url=wire.url, writes=True, disposable=True, cleanup=running.cleanup(), database=running.named()
        )
        project = Project(app.name, str(root), parts, environments=(environment,), identities=running.people.identities)
        request = Request(project, environment, ("inputs",), deep=deep, input_seconds=_SECONDS, requests=_BUDGET)
        before, began = running.state(), time.monotonic()
        audit, resources = asyncio.run(run(request))
        seconds = time.monotonic() - began
        prover = resources.get(Prover)
        told = frozenset(found.target for found in audit.findings if found.check in _OF_CRASHES)
        ground = prover.ground if isinstance(prover, Prover) else None
        known = tuple(one.name for one in ground.endpoints if "#" not in one.path) if ground else ()
        made = prover.made if isinstance(prover, Prover) else None
        kept = resources.get(Kept)
        undone = kept.undone if isinstance(kept, Kept) else None
        return Side(
            tuple(wire.calls), seconds, before, running.state(), running.alive, told, known, audit, made, undone
        )
