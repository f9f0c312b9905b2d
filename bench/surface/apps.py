"""How much of what real apps register our reading of source finds, and whether *guarded* and *open* hold when a stranger calls.

    python bench/surface/apps.py [--only NAME …] [--misses]

Each app is installed by its own package manager into a folder of the cache and asked for its route table by the code behind
``launchready surface --from-app``. Where it starts with SQLite it is served on loopback, and every GET is called once without
credentials: refused means guarded, a 2xx means open, anything else decides nothing. Not counted are files, what libraries
register by themselves (their handlers are not in the source: documentation, the pages of an admin site), other spellings of the
same operation (``/x.{format}``), what source says is there only under a condition, and files of the package that belong to
another process than the one that was asked. A guard that only a setting brings is *unknown* in the source; where the app is served
with that setting, it is recognised when we name the condition. Roles are scored where the app has them: against the permissions
its own objects hold (Superset), or by calling each operation as each role (Opsboard).
"""

import argparse
import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import roles
from installed import APPS, App, Served
from launchready.core.check import NotCheckedError
from launchready.demo.server import running
from launchready.model.surface import Endpoint, Surface
from launchready.model.words import Kind
from launchready.probes.guest import GuestCall, GuestSweep
from launchready.probes.http import Site
from launchready.sources.fromapp.ask import FromAppError, ask
from launchready.sources.fromapp.reconcile import reconciled
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

_STARTS_WITHIN = 90.0


@contextlib.contextmanager
def served(app: App, port: int) -> Iterator[Served]:
    """The app, up."""
    if app.name.startswith("opsboard"):
        with running(app.name.split()[-1]) as demo:
            yield Served(demo.url, demo.password)
        return
    if not app.serve:
        yield Served()
        return
    for step in app.before:
        subprocess.run(
            step, cwd=app.target.folder, env=os.environ | app.environment, check=True, capture_output=True, timeout=600
        )
    process = subprocess.Popen(
        app.serve,
        cwd=app.target.folder,
        env=os.environ | app.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Served(f"http://127.0.0.1:{port}" if _answers(port, process) else "")
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int, process: "subprocess.Popen[bytes]") -> bool:
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.3)
    return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _counts(endpoint: Endpoint, app: App) -> bool:
    asked = "app" in endpoint.seen_in
    elsewhere = not asked and not endpoint.source.file.startswith(app.within)
    file = endpoint.source.file
    by_library = endpoint.seen_in == ("app",) and bool(file) and not app.owns(file)
    spelling = endpoint.seen_in == ("app",) and endpoint.path.endswith(("{format}", "{_format}"))
    conditional = bool(endpoint.only_when) and not asked
    return not (elsewhere or by_library or spelling or conditional or endpoint.source.what == "static files")


async def _called(url: str, surface: Surface) -> tuple[GuestCall, ...]:
    async with Site.open(url, seconds=20) as site:
        return await GuestSweep(site, surface).results()


def measure(app: App, port: int, misses: bool) -> None:
    """Print what source and the app's own table share, and how our word on access stands against a stranger's calls."""
    tree = Tree.read(app.root, app.parts)
    source = read_surface(tree)
    table = ask(app.target, app.root, python=app.python, seconds=120, more=app.environment)
    surface = reconciled(source, table)
    counted = [e for e in surface.endpoints if _counts(e, app)]
    both = [e for e in counted if {"source", "app"} <= set(e.seen_in)]
    only_app = [e.name for e in counted if e.seen_in == ("app",)]
    only_source = [e for e in counted if "source" in e.seen_in and "app" not in e.seen_in]
    recall = len(both) / max(1, len(both) + len(only_app))
    precision = len(both) / max(1, len(both) + len(only_source))
    print(
        f"{app.name:<18} recall {recall:.3f}  precision {precision:.3f}  ({len(both)} of {len(both) + len(only_app)} operations)"
    )
    if misses:
        for name in only_app:
            print(f"    - {name}")
        for one in only_source:
            print(f"    + {one.name}  {one.source.file}:{one.source.line}")
    with served(app, port) as up:
        if not up.url:
            print("               not served: it needs a service that is not here")
            return
        guards(app, up, Surface(endpoints=tuple(both)), misses)
        if app.asks is not None:
            said = roles.scored(both, app.asks(both, up))
            share = f"{said.right / said.bound:.3f}" if said.bound else "none"
            print(
                f"               roles {share} ({said.right} of {said.bound}), {said.wrong} named where none is asked"
            )
            for line in said.misses if misses else ():
                print(f"    % {line}")


def guards(app: App, up: Served, registered: Surface, misses: bool) -> None:
    """Call every GET as a stranger, and print how our word on access stands against the answers."""
    counts: Counter[str] = Counter()
    # A path with a part that is not known is no address: whatever answers there may be another operation.
    known = replace(registered, endpoints=tuple(one for one in registered.endpoints if "?}" not in one.path))
    for call in asyncio.run(_called(up.url, known)):
        # A page that asks for a password refuses strangers, unless it is the login page itself.
        own = Kind.LOGIN in call.endpoint.kind and call.exchange.ok
        truth = "open" if own or call.answered else "guarded" if call.refused else ""
        access = call.endpoint.access
        verdict = "guarded" if app.setting and app.setting in access.guarded_when else access.verdict.value
        if truth:
            counts[f"{verdict} and is {truth}"] += 1
        if truth and verdict != truth and misses:
            print(f"    ! {call.endpoint.name}: we say {verdict}, a stranger got {call.exchange.status}")
    guarded = sum(count for what, count in counts.items() if what.endswith("is guarded"))
    said = counts["guarded and is guarded"]
    wrong = counts["guarded and is open"]
    if not counts:
        print("               no GET decided")
        return
    recognised = f"{said} of {guarded} guarded recognised ({said / guarded:.3f})" if guarded else "none is guarded"
    opened = sum(count for what, count in counts.items() if what.endswith("is open"))
    print(f"               {recognised}, {wrong} of {opened} open called guarded")


def main() -> int:
    """Print a line or two for each app; 1 when one of them could not be asked."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--only", nargs="*", choices=tuple(APPS), default=list(APPS))
    options.add_argument(
        "--misses", action="store_true", help="name what source missed (-), added (+) and got wrong (! access, % roles)"
    )
    given = options.parse_args()
    ended = 0
    for name in given.only:
        with tempfile.TemporaryDirectory(prefix="launchready-apps-") as scratch:
            port = _free_port()
            try:
                measure(APPS[name](port, Path(scratch)), port, given.misses)
            except (FromAppError, NotCheckedError, OSError, subprocess.CalledProcessError) as error:
                print(f"{name:<14} {error}")
                ended = 1
    return ended


if __name__ == "__main__":
    sys.exit(main())
