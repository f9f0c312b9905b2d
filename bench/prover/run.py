"""Proves the access of real running apps with zero configuration, and prints what was proven, denied, not checked and wrong.

    python bench/prover/run.py [--only label-studio directus verdaccio apache-superset opsboard opsboard-guarded]
    python bench/prover/run.py --app NAME=FOLDER --start "COMMAND {port}" [--before COMMAND] [--project launchready.toml]

The named apps are installed by their own package managers into a folder of the cache and started with SQLite, as for
``bench/surface/apps.py``. Any other app is one that is already on this machine: its folder, and the command that serves it on
a loopback port. Every check of the access stage runs with no configuration but that of ``--project``.

``judged.toml`` beside this file says of each alarm that a person looked at whether it is true. Alarms nobody judged are
printed as they are. Ends with 1 when an app did not start, or when more than 2 % of the judged alarms are false.
"""

import argparse
import asyncio
import contextlib
import importlib
import os
import shlex
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from launchready.config.load import load_project
from launchready.core.check import Context
from launchready.core.registry import select
from launchready.core.runner import run_checks
from launchready.ground.ground import DANGEROUS
from launchready.ground.prover import Prover
from launchready.ground.result import Proof
from launchready.ground.seen import Seen
from launchready.model.finding import Finding
from launchready.model.project import Environment, Identity, Project
from launchready.model.words import Confidence, Status
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.sources.emptying import emptying
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree
from launchready.stages.access.proof.questions import access_questions
from launchready.stages.access.proof.sessions.words import key_words
from launchready.stages.session import all_checks
from people import MAKERS

HERE = Path(__file__).parent
ALLOWED_FALSE = 0.02
CHECK_SECONDS = 900.0
HEADER = ("app", "signed in as", "rows proven", "denied", "not checked", "alarms", "true", "false", "requests", "seconds", "requests / row")  # fmt: skip
_DENIED = (Seen.DENIED, Seen.HIDDEN, Seen.EMPTY)


@dataclass(frozen=True, slots=True)
class Measured:
    """One app's run. ``notes`` are what could not be asked, with the reason."""

    name: str
    proof: Proof | None
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Served:
    """An app that is up: where its source is, its URL (empty when it did not start), and accounts made for it beforehand."""

    name: str
    folder: Path
    parts: tuple[str, ...]
    url: str
    people: tuple[Identity, ...] = ()


async def prove(
    name: str, folder: Path, parts: tuple[str, ...], url: str, project: Project, seconds: float
) -> Measured:
    """Run the access stage against the app that is up at ``url``."""
    tree = Tree.read(folder, parts)
    surface = read_surface(tree)
    environment = Environment("bench", url=url, writes=True)
    async with Site.open(url, seconds=20, budget=60_000) as site:
        empties = emptying(tree, surface.endpoints)
        guest = GuestSweep(site, surface, lambda one: one.name in empties or bool(DANGEROUS.search(one.path)))
        prover = Prover(
            site, surface, guest, project, environment, [access_questions(project, None, key_words(tree), seconds)]
        )
        resources: Mapping[type, object] = {Site: site, GuestSweep: guest, Prover: prover, Tree: tree}
        context = Context(project, environment, folder, surface, resources)
        outcomes = await run_checks(select(all_checks(), ("access",)), context, seconds=CHECK_SECONDS)
        proof = None
        with contextlib.suppress(Exception):
            proof = await prover.proof()
    notes = [f"{o.check}: {o.reason}" for o in outcomes if o.status in (Status.NOT_CHECKED, Status.ERROR)]
    if proof is not None:
        notes += [f"{gap.target}: {gap.reason}" for _, gap in proof.gaps]
    return Measured(name, proof, tuple(f for o in outcomes for f in o.findings), tuple(notes))


def row(measured: Measured, judged: Mapping[tuple[str, str, str], bool]) -> tuple[str, ...]:
    """The table's row: a row of the matrix is an endpoint called as one caller on one kind of record."""
    proof = measured.proof
    if proof is None:
        return (measured.name, "nobody", *("–" for _ in HEADER[2:]))
    counts = Counter(
        "denied" if c.seen in _DENIED else "allowed" if c.seen is Seen.ALLOWED else "open" for c in proof.cells
    )
    proven = counts["denied"] + counts["allowed"]
    verdicts = [judged.get((measured.name, f.check, f.target)) for f in measured.findings]
    per_row = f"{proof.requests / proven:.1f}" if proven else "–"
    return (
        measured.name,
        ", ".join(f"{who} ({role or 'no role'})" for who, role, _ in proof.people) or "nobody",
        str(proven),
        str(counts["denied"]),
        str(counts["open"]),
        str(len(verdicts)),
        str(verdicts.count(True)),
        str(verdicts.count(False)),
        str(proof.requests),
        f"{proof.seconds:.1f}",
        per_row,
    )


def judgements() -> dict[tuple[str, str, str], bool]:
    """What a person said of each alarm: (app, check, route) to whether it is true."""
    file = HERE / "judged.toml"
    listed = tomllib.loads(file.read_text()).get("alarm", []) if file.exists() else []
    return {(one["app"], one["check"], one["route"]): one["verdict"] == "true" for one in listed}


def _surface_bench() -> ModuleType:
    """``bench/surface/apps.py``, which installs and serves the apps that come as packages."""
    sys.path.insert(0, str(HERE.parent / "surface"))
    return importlib.import_module("apps")


@contextlib.contextmanager
def _own(apps: ModuleType, given: argparse.Namespace, scratch: Path) -> Iterator[Served]:
    """The app of ``--app``, served by ``--start``."""
    name, _, folder = given.app.partition("=")
    port = apps._free_port()
    root = Path(folder).resolve()
    fill = {"port": str(port), "scratch": str(scratch), "folder": str(root)}
    start, before = (tuple(part.format(**fill) for part in shlex.split(text)) for text in (given.start, given.before))
    app = apps.App(
        name,
        root,
        (".",),
        apps.Target("", "", root),
        serve=start,
        environment={"PORT": str(port)},
        before=(before,) if before else (),
    )
    with apps.served(app, port) as up:
        yield Served(name, root, (".",), up.url)


@contextlib.contextmanager
def _packaged(apps: ModuleType, name: str, scratch: Path) -> Iterator[Served]:
    port = apps._free_port()
    app = apps.APPS[name](port, scratch)
    with apps.served(app, port) as up:
        maker = MAKERS.get(name)
        people = maker(up.url, app.environment, app.serve) if maker and up.url else ()
        yield Served(name, app.root, app.parts, up.url, people)


def _show(measured: Measured, judged: Mapping[tuple[str, str, str], bool], notes: bool) -> None:
    for finding in measured.findings:
        verdict = judged.get((measured.name, finding.check, finding.target))
        word = {True: "true", False: "FALSE", None: "not judged"}[verdict]
        sure = "" if finding.confidence is Confidence.PROVEN else f" ({finding.confidence.value})"
        print(f"    {finding.check} {finding.target}{sure} [{word}] {finding.title}")
        for line in (finding.detail, *finding.reproduction.splitlines()) if notes else ():
            print(f"        {line}")
    for note in measured.notes if notes else ():
        print(f"    - {note}")


def main() -> int:
    """Print one row for each app."""
    apps = _surface_bench()
    packaged = ("label-studio", "directus", "verdaccio", "apache-superset", "opsboard", "opsboard-guarded")
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--only", nargs="*", choices=packaged, default=list(packaged))
    options.add_argument("--app", default="", help="NAME=FOLDER of an app on this machine")
    options.add_argument(
        "--start", default="", help="the command that serves it; {port}, {folder} and {scratch} are filled in"
    )
    options.add_argument("--before", default="", help="a command to run first")
    options.add_argument("--project", default="", help="a launchready.toml to use")
    options.add_argument("--seconds", type=float, default=300.0, help="the longest a proof may take")
    options.add_argument(
        "--notes", action="store_true", help="print what each alarm rests on, and what could not be asked"
    )
    given = options.parse_args()
    judged = judgements()
    rows, false, total, ended = [], 0, 0, 0
    for name in [""] if given.app else given.only:
        with tempfile.TemporaryDirectory(prefix="launchready-prover-") as scratch:
            serving = _own(apps, given, Path(scratch)) if given.app else _packaged(apps, name, Path(scratch))
            with serving as app:
                called = app.name
                if not app.url:
                    print(f"{called}: it did not start", file=sys.stderr)
                    ended = 1
                    continue
                project = (
                    load_project(Path(given.project))
                    if given.project
                    else Project(called, str(app.folder), identities=app.people)
                )
                measured = asyncio.run(prove(called, app.folder, app.parts, app.url, project, given.seconds))
        rows.append(row(measured, judged))
        print(called)
        _show(measured, judged, given.notes)
        verdicts = [judged.get((called, f.check, f.target)) for f in measured.findings]
        false, total = false + verdicts.count(False), total + len(verdicts) - verdicts.count(None)
    print("| " + " | ".join(HEADER) + " |")
    print("|" + "---|" * len(HEADER))
    for cells in rows:
        print("| " + " | ".join(cells) + " |")
    if total:
        print(f"\n{false} of {total} judged alarms are false ({false / total:.1%})")
    return 1 if ended or (total and false / total > ALLOWED_FALSE) else 0


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    sys.exit(main())
