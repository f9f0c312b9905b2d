"""Requests per second of the prover and of schemathesis against the same app, one after the other in one run, beside the most that the app answers.

    python bench/prover/rate.py [--app opsboard capital prefect label-studio directus …] [--runs N] [--workers N …] [--seconds N]
    python bench/prover/rate.py --folder bench/prover/quick --asgi main:app
    python bench/prover/rate.py --folder FOLDER --start "COMMAND {port}" [--before COMMAND] [--openapi /openapi.json | --openapi ""]

The app is Opsboard as it was left, one of ``bench/inputs/catalogue.py``, or any that is on this machine: an ASGI app, as the quick one beside this
file which does nothing but answer, or one that a command serves on a loopback port. It is started anew for each run, and only what reaches it
between the first request and the last counts: not the start of a tool, nor the reading of a source. An ASGI app counts for itself, any other
is called through ``bench/inputs/wire.py``. Where accounts come with the app, both tools are given them, else neither is; each chooses its own calls.

The processor seconds of the busiest of the app's processes tell the ceiling: it answers no faster than that, whoever asks, as long as a process
keeps one core busy. What it waits for, such as a database beside it, is not in it, so the true ceiling may be lower and is not higher.
"""

import argparse
import json
import os
import re
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "inputs"))
import catalogue
from catalogue import APPS, App
from launchready.demo.build import materialise
from launchready.report.openapi import render_openapi
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree
from serving import Running, fresh
from sides import ENDS_IT, document, schemathesis, source, wait
from wire import Wire

COUNTED = Path(__file__).with_name("counted.py")
TIMES = 5
# Seconds that a tool may take beside its calls: to read a large source or document, and to tidy up.
_READS = 180.0
# The line of the prover's report that tells its requests, its seconds and how many requests a proven row took.
_SENT = re.compile(r"^ *Sent .*", re.M)


@dataclass(frozen=True, slots=True)
class Run:
    """What one tool sent: how many requests, in how many seconds from the first to the last, the processor seconds of the app's busiest process
    for them, and its own, start and reading of source and document among them. ``told`` is what it says itself of what it sent."""

    requests: int
    seconds: float
    worked: float
    spent: float
    told: str = ""

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds if self.seconds else 0.0

    @property
    def most(self) -> float:
        """The requests of this kind that the app answers per second at most."""
        return self.requests / self.worked if self.requests and self.worked else float("inf")

    def __str__(self) -> str:
        each, own = (1000 * one / self.requests if self.requests else 0.0 for one in (self.worked, self.spent))
        return (
            f"{self.requests:6} requests in {self.seconds:6.1f} s: {self.rate:6.0f} a second of {self.most:6.0f} at most ({self.rate / self.most:4.0%});"
            f" the app worked {each:.1f} ms for each, the tool {own:.1f} ms"
        )


def measured(tool: Callable[[Running, str, Path], list[str]], running: Running, asgi: bool, longest: float) -> Run:
    """One run of a tool against an app that is up."""
    with tempfile.TemporaryDirectory(prefix="rate-") as scratch, _counted(running, asgi) as (url, told):
        command, before = tool(running, url, Path(scratch)), running.processor()
        told()
        spent = _spent()
        said = Path(scratch, "said.txt")
        with said.open("wb") as out:
            process = subprocess.Popen(command, cwd=scratch, stdout=out, stderr=subprocess.DEVNULL)
            wait(process, longest)
        requests, seconds = told()
        after = running.processor()
        worked = max(now - before.get(pid, 0.0) for pid, now in after.items())
        line = _SENT.search(said.read_text(errors="replace"))
        return Run(requests, seconds, worked, _spent() - spent, line[0].strip() if line else "")


def _spent() -> float:
    """The processor seconds of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def _counted(running: Running, asgi: bool) -> Iterator[tuple[str, Callable[[], tuple[int, float]]]]:
    """Where to call the app, and what tells how much reached it since it last told, and in how many seconds."""
    if asgi:
        url = f"http://127.0.0.1:{running.port}"
        yield url, lambda: _asked(url)
        return
    with Wire.before(running.port) as wire:

        def told() -> tuple[int, float]:
            times = [call.at for call in wire.calls if call.method != "?"]
            wire.calls.clear()
            return len(times), times[-1] - times[0] if times else 0.0

        yield wire.url, told


def _asked(url: str) -> tuple[int, float]:
    with urllib.request.urlopen(f"{url}/-counted", timeout=5) as answer:
        found: dict[str, float] = json.loads(answer.read())
    return int(found["requests"]), found["seconds"]


def ours(running: Running, url: str, scratch: Path, seconds: float) -> list[str]:
    """The prover, with nothing configured but the accounts that come with the app."""
    root, parts = source(running, scratch)
    program = [str(Path(sys.executable).with_name("launchready")), "prove"]
    if parts != (".",) or running.people.identities:
        # Written beside the app's files, never into them.
        folders = json.dumps([str((root / part).resolve()) for part in parts])
        lines = [f"[project]\nsource = {folders}"]
        for one in running.people.identities:
            lines.append(f"[identities.{one.name}]\nrole = {json.dumps(one.role)}\nlogin = {json.dumps(one.login)}")
            lines += [f"username = {json.dumps(one.username)}"] if one.username else []
            lines += [f"{name} = {{ env = {json.dumps(held.env)} }}" for name, held in (("token", one.token), ("password", one.password)) if held]  # fmt: skip
            lines += [f"header = {json.dumps(one.header)}\ntemplate = {json.dumps(one.template)}"] if one.token else []
        root = scratch / "project"
        root.mkdir()
        (root / "launchready.toml").write_text("\n".join(lines) + "\n")
    return [*program, str(root), "--url", url, "--no-store", "--exit-zero", "--seconds", str(seconds), "--requests", "60000"]  # fmt: skip


def theirs(running: Running, url: str, scratch: Path, workers: str) -> list[str]:
    """schemathesis as it is, with its workers; what would end the session it is given is left out."""
    file = scratch / "openapi.json"
    file.write_text(json.dumps(document(running) if running.app.document else emitted(running.app)))
    headers = [word for name, value in running.people.headers.items() for word in ("-H", f"{name}: {value}")]
    program = [str(schemathesis()), "run", str(file), "--url", url + running.app.prefix, "--workers", workers]
    return [*program, *headers, *(("--exclude-path-regex", ENDS_IT) if headers else ())]


def emitted(app: App) -> object:
    """The OpenAPI of an app that has none of its own, as ``launchready surface --format openapi`` writes it from its source."""
    return json.loads(render_openapi(read_surface(Tree.read(app.root, app.parts)), app.name))


def verdaccio() -> App:
    """Verdaccio, which is Express, and has no OpenAPI. Its source is copied: what stands in node_modules is somebody else's, and not read."""
    app, copied = catalogue._of_package("verdaccio", "", ""), catalogue.CACHE / "verdaccio"
    for part in map(Path, app.parts):
        shutil.copytree(part, copied / part.name, ignore=shutil.ignore_patterns("node_modules"), dirs_exist_ok=True)
    return replace(app, root=copied, parts=(".",))


def label_studio_2() -> App:
    """Label Studio as it is served to customers: two workers of gunicorn, each with threads, which keep connections."""
    app = catalogue.label_studio()
    start = (app.start[0], "-m", "gunicorn", "-w", "2", "-k", "gthread", "-b", "127.0.0.1:{port}", "core.wsgi:application")  # fmt: skip
    return replace(app, name="label-studio-2", start=start)


def prefect_2() -> App:
    """Prefect's server in two workers of uvicorn."""
    app = catalogue.prefect()
    return replace(app, name="prefect-2", start=(*app.start, "--workers", "2"))


# Beside those of the comparison of inputs: without an OpenAPI of their own, or served by several processes.
FURTHER = {"verdaccio": verdaccio, "label-studio-2": label_studio_2, "prefect-2": prefect_2}


def app_of(name: str, given: argparse.Namespace, scratch: Path) -> App:
    """The app of that name, or that of ``--folder``."""
    folder, asgi, environment = given.folder, given.asgi, {"PORT": "{port}"}
    if name == "opsboard":
        built = materialise("unsafe", Path(tempfile.mkdtemp(prefix="opsboard-", dir=scratch), "app"))
        folder, asgi, environment = built.source, "app.main:app", dict(built.env)
    elif name:
        return {**APPS, **FURTHER}[name]()
    folder = folder.resolve()
    start = (given.python, str(COUNTED), asgi, "{port}") if asgi else tuple(shlex.split(given.start))
    before = (tuple(shlex.split(given.before)),) if given.before else ()
    return App(name or folder.name, False, folder, (".",), folder, start, given.openapi, "", environment, before)


def _compared(name: str, given: argparse.Namespace, scratch: Path) -> None:
    """Measure both tools on one app and print what each did, and how they stand to each other."""
    tools: dict[str, Callable[[Running, str, Path], list[str]]] = {
        "launchready": lambda running, url, where: ours(running, url, where, given.seconds)
    }
    for number in given.workers:
        tools[f"schemathesis, {number}"] = partial(theirs, workers=number)
    runs: Mapping[str, list[Run]] = {tool: [] for tool in tools}
    for _ in range(given.runs):
        for tool, command in tools.items():
            app = app_of(name, given, scratch)
            with fresh(app, scratch) as running:
                longest = given.seconds + (_READS if tool == "launchready" else 0.0)
                one = measured(command, running, COUNTED.as_posix() in app.start, longest)
            runs[tool].append(one)
            print(f"{app.name:12} {tool:16}{one}; load {os.getloadavg()[0]:.0f}", flush=True)
            if one.told:
                print(f"{'':12} {one.told}", flush=True)
    mine, *others = (statistics.median(run.rate for run in runs[tool]) for tool in tools)
    most = statistics.median(run.most for run in runs["launchready"])
    print(f"{app.name}: median {mine:.0f} a second, {mine / most:.0%} of what the app answers")
    for workers, other in zip(given.workers, others, strict=True):
        if not other:
            print(f"schemathesis with {workers} workers sent nothing: no ratio")
            continue
        said = "can be reached" if most >= TIMES * other else "is more than the app answers"
        print(f"against {other:.0f} a second with {workers} workers: ratio {mine / other:.1f} of {most / other:.1f} at most; {TIMES} times as many ({TIMES * other:.0f}) {said}")  # fmt: skip


def options(said: str | None) -> argparse.ArgumentParser:
    """Which app is measured, and for how long."""
    options = argparse.ArgumentParser(description=(said or "").splitlines()[0])
    options.add_argument("--app", nargs="*", choices=("opsboard", *APPS, *FURTHER), default=["opsboard"])
    options.add_argument("--seconds", type=float, default=300.0, help="the longest that a tool may take")
    options.add_argument("--folder", type=Path, help="an app's source")
    options.add_argument("--asgi", default="", help="MODULE:APP in that folder")
    options.add_argument("--python", default=sys.executable, help="the app's own Python")
    options.add_argument("--start", default="", help="the command that serves it; {port} and {data}, a fresh folder, are filled in")  # fmt: skip
    options.add_argument("--before", default="", help="a command to run first")
    options.add_argument(
        "--openapi",
        default="/openapi.json",
        help="the path of its OpenAPI; empty where it has none, and one is written from its source",
    )
    return options


def main() -> int:
    """Measure and print; always ends with 0, since a busy machine is nobody's fault."""
    parser = options(__doc__)
    parser.add_argument("--workers", nargs="*", default=["1", "4"], help="of schemathesis; 1 is its default")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    if given.folder and not (given.asgi or given.start):
        parser.error("--folder needs --asgi or --start")
    with tempfile.TemporaryDirectory(prefix="launchready-rate-") as scratch:
        # A database that runs as another user keeps its files in there.
        Path(scratch).chmod(0o755)
        for name in [""] if given.folder else given.app:
            _compared(name, given, Path(scratch))
    return 0


if __name__ == "__main__":
    sys.exit(main())
