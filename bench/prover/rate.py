"""Requests per second of the prover and of schemathesis, counted by the app they call, one after the other in one run.

    python bench/prover/rate.py --schemathesis PROGRAM [--runs N] [--workers N]
    python bench/prover/rate.py --schemathesis PROGRAM --folder bench/prover/quick --asgi main:app
    python bench/prover/rate.py --schemathesis PROGRAM --folder FOLDER --asgi MODULE:APP [--python PYTHON] [--openapi /openapi.json]

The app is Opsboard as it was left, the quick one beside this file, which does nothing but answer, or any ASGI app that is on this machine. It
is started anew for each run, and only what reaches it between the first request and the last counts: not the start of a tool, nor the reading of a
source. Both see the same app with nobody's configuration; each chooses its own calls. What the app itself worked for each request is printed beside
it: one process of it answers no faster than that, whoever asks.
"""

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from launchready.demo.build import materialise

COUNTED = Path(__file__).with_name("counted.py")


@contextlib.contextmanager
def served(folder: Path, asgi: str, python: str, environment: Mapping[str, str]) -> Iterator[str]:
    """The app on a free loopback port, for the length of a with-block."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [python, str(COUNTED), asgi, str(port)],
        cwd=folder,
        env=os.environ | dict(environment),
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                _asked(url)
                break
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


def rate(command: list[str], url: str) -> tuple[int, float, float]:
    """How many requests one run of a tool sent to the app, in how many seconds, and how many of these the app worked for them."""
    _asked(url)
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(command, cwd=scratch, capture_output=True, check=False)
    told = _asked(url)
    return int(told["requests"]), told["seconds"], told["worked"]


def _asked(url: str) -> dict[str, float]:
    with urllib.request.urlopen(f"{url}/-counted", timeout=5) as answer:
        found: dict[str, float] = json.loads(answer.read())
    return found


def main() -> int:
    """Measure and print; always ends with 0, since a busy machine is nobody's fault."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--schemathesis", required=True, help="the program to compare with")
    options.add_argument("--workers", default="4", help="of schemathesis")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--folder", type=Path, help="an app's source")
    options.add_argument("--asgi", default="app.main:app")
    options.add_argument("--python", default=sys.executable, help="the app's own Python")
    options.add_argument("--openapi", default="/openapi.json")
    given = options.parse_args()
    ours = str(Path(sys.executable).with_name("launchready"))
    rates: dict[str, list[float]] = {"launchready": [], "schemathesis": []}
    for _ in range(given.runs):
        for name, seen in rates.items():
            with tempfile.TemporaryDirectory(prefix="rate-") as scratch:
                folder, environment = given.folder and given.folder.resolve(), {}
                if folder is None:
                    built = materialise("unsafe", Path(scratch, "opsboard"))
                    folder, environment = built.source, built.env
                with served(folder, given.asgi, given.python, environment) as url:
                    command = {
                        "launchready": [ours, "prove", str(folder), "--url", url, "--no-store", "--exit-zero"],
                        "schemathesis": [given.schemathesis, "run", url + given.openapi, "--workers", given.workers],
                    }[name]
                    requests, seconds, worked = rate(command, url)
            seen.append(requests / seconds if seconds else 0.0)
            each = 1000 * worked / requests if requests else 0.0
            said = f"{name:13} {requests:6} requests in {seconds:6.1f} s: {seen[-1]:6.0f} a second; the app worked {each:.1f} ms for each"
            print(said, flush=True)
    mine, other = (statistics.median(seen) for seen in rates.values())
    print(f"median {mine:.0f} against {other:.0f} a second: ratio {mine / other if other else 0:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
