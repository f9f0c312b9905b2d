"""How long a person waits for ``launchready --help``, and an app for its guard, over an empty interpreter.

Runs them in turn, so that a busy machine slows all, and prints the medians, their differences and their ratios.
``python bench/startup.py [--runs N] [--json]``
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

PYTHON = sys.executable
# What is measured, and its aim in milliseconds over an empty interpreter.
COMMANDS = {
    "empty interpreter": ([PYTHON, "-c", "pass"], 0.0),
    "launchready --help": ([str(Path(PYTHON).with_name("launchready")), "--help"], 60.0),
    "import the guard": ([PYTHON, "-c", "import launchready_guard"], 30.0),
    "import Guard": ([PYTHON, "-c", "from launchready_guard import Guard, Bearer"], 0.0),
}
# The first run compiles what is imported and keeps it, as on a person's machine, even where this shell says otherwise.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def once(command: list[str]) -> float:
    """The milliseconds of one run."""
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, env=ENVIRONMENT, check=True)
    return (time.perf_counter() - began) * 1000


def main() -> int:
    """Measure and print; always ends with 0, since a busy machine is nobody's fault."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--runs", type=int, default=30, help="runs of each (default 30)")
    options.add_argument("--json", action="store_true", help="print JSON")
    given = options.parse_args()
    for command, _ in COMMANDS.values():
        once(command)
    runs = [[once(command) for command, _ in COMMANDS.values()] for _ in range(given.runs)]
    found = {}
    for at, (name, (_, aim)) in enumerate(COMMANDS.items()):
        over = statistics.median(run[at] - run[0] for run in runs)
        best = min(run[at] for run in runs) - min(run[0] for run in runs)
        full = statistics.median(run[at] for run in runs)
        found[name] = {
            "ms": full,
            "over_ms": over,
            "best_over_ms": best,
            "ratio": full / statistics.median(run[0] for run in runs),
            "aim_ms": aim,
        }
    if given.json:
        print(json.dumps({name: {key: round(value, 2) for key, value in one.items()} for name, one in found.items()}))
        return 0
    for name, one in found.items():
        aim = f"   (aim: {one['aim_ms']:.0f} ms over it)" if one["aim_ms"] else ""
        print(
            f"{name:20} {one['ms']:6.1f} ms   {one['ratio']:.1f} x   over it {one['over_ms']:5.1f} ms, best {one['best_over_ms']:5.1f} ms{aim}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
