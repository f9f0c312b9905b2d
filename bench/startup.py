"""How long a person waits for ``launchready --help``, over an empty interpreter.

Runs both in turn, so that a busy machine slows both, and prints the medians, their difference and their ratio.
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

LIMIT_MS = 60.0
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
    empty = [sys.executable, "-c", "pass"]
    ours = [str(Path(sys.executable).with_name("launchready")), "--help"]
    for command in (empty, ours):
        once(command)
    pairs = [(once(empty), once(ours)) for _ in range(given.runs)]
    base, full = (statistics.median(column) for column in zip(*pairs, strict=True))
    over = statistics.median(b - a for a, b in pairs)
    best = min(b for _, b in pairs) - min(a for a, _ in pairs)
    found = {"empty_ms": base, "help_ms": full, "over_ms": over, "best_over_ms": best, "ratio": full / base}
    if given.json:
        print(json.dumps({name: round(value, 2) for name, value in found.items()}))
        return 0
    print(f"empty interpreter   {base:6.1f} ms")
    print(f"launchready --help  {full:6.1f} ms   {full / base:.1f} x")
    print(f"over it             {over:6.1f} ms   best {best:.1f} ms   (aim: {LIMIT_MS:.0f} ms)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
