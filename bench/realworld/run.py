"""Audits real web apps and prints what was understood of each.

``python bench/realworld/run.py`` fetches the newest releases into the user's cache folder (pip and npm with their own
settings), runs ``launchready audit`` on each in its own process, and prints a Markdown table. ``--write`` puts it in
the place of the one in docs/realworld.md. Ends with 1 when an audit crashed or ran past its time.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fetch import FetchError, Package, Unpacked, fetch

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "realworld.md"
BEGIN, END = "<!-- measured -->", "<!-- measured ends -->"
SECONDS = 600.0
HEADER = (
    "package",
    "version",
    "files",
    "CPU seconds",
    "understood",
    "recognised only",
    "guarded / open / unknown",
    "not understood",
    "findings",
    "verdict",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One audit: ``cells`` as in HEADER; ``broken`` says how it failed, empty when it ended well."""

    cells: tuple[str, ...]
    broken: str = ""


def measure(release: Unpacked, kept: Path) -> Row:
    """Audit one release in a process of its own. ``kept`` is the cache folder it uses, which knows nothing of the release."""
    command = [
        str(Path(sys.executable).with_name("launchready")),
        "audit",
        str(release.folder),
        "--offline",
        "--no-store",
        "--exit-zero",
        "--format",
        "json",
    ]
    began = _cpu()
    try:
        environment = os.environ | {"XDG_CACHE_HOME": str(kept)}
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, env=environment)
    except subprocess.TimeoutExpired:
        return _broken(release, f"no verdict within {SECONDS:.0f} s")
    seconds = _cpu() - began
    if done.returncode != 0 or "Traceback" in done.stderr:
        return _broken(release, (done.stderr.strip().splitlines() or ["no output"])[-1])
    return _row(release, json.loads(done.stdout), seconds)


def _cpu() -> float:
    # Other work on the machine stretches the time on the clock tenfold, and this hardly.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _row(release: Unpacked, audit: dict[str, Any], seconds: float) -> Row:
    surface = audit["surface"]
    frameworks = surface["frameworks"]
    access = Counter(endpoint["access"]["verdict"] for endpoint in surface["endpoints"])
    severities = Counter(
        f["confidence"] if f["confidence"] == "suspected" else f["severity"] for f in audit["findings"]
    )
    crashed = [outcome["check"] for outcome in audit["outcomes"] if outcome["status"] == "error"]
    return Row(
        (
            release.package.name,
            release.version,
            f"{surface['files_read']:,}",
            f"{seconds:.1f}",
            ", ".join(f"{f['name']} ({f['endpoints']})" for f in frameworks if f["endpoints"]) or "–",
            ", ".join(f["name"] for f in frameworks if not f["endpoints"]) or "–",
            " / ".join(str(access[verdict]) for verdict in ("guarded", "open", "unknown")),
            str(sum(unread["file"] != "." for unread in surface["unread"])),
            ", ".join(f"{count} {severity}" for severity, count in severities.items()) or "–",
            audit["verdict"],
        ),
        f"checks crashed: {', '.join(crashed)}" if crashed else "",
    )


def _broken(release: Unpacked, why: str) -> Row:
    return Row((release.package.name, release.version, *("–",) * (len(HEADER) - 3), why), why)


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [HEADER, ("---",) * len(HEADER), *(row.cells for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def page(before: str, rows: list[Row]) -> str:
    """The docs page with the measured part written anew. All else on it is written by hand and stays as it is.

    Raises ``ValueError`` when the page has lost its marks.
    """
    head, begin, rest = before.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} has lost the lines {BEGIN} and {END} around its table")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"{head}{BEGIN}\n{table(rows)}\nMeasured with Python {python}.\n{END}{tail}"


def main() -> int:
    """Fetch, audit, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "launchready" / "realworld"
    options.add_argument("--cache", type=Path, default=default, help=f"where releases are kept (default {default})")
    options.add_argument("--only", action="append", default=[], help="only this package; repeatable")
    options.add_argument("--again", action="store_true", help="fetch again, even what is there")
    options.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    given = options.parse_args()
    listed = tomllib.loads((HERE / "packages.toml").read_text(encoding="utf-8"))["package"]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="realworld-") as kept:
        # The rules of the secret scan are compiled once on a machine, not once an audit.
        measure(Unpacked(Package("this folder", ""), "", HERE), Path(kept))
        for entry in listed:
            package = Package(entry["name"], entry["from"])
            if given.only and package.name not in given.only:
                continue
            print(f"{package.name} …", file=sys.stderr, flush=True)
            try:
                rows.append(measure(fetch(package, given.cache, again=given.again), Path(kept)))
            except FetchError as error:
                print(error, file=sys.stderr)
                rows.append(Row((package.name, *("–",) * (len(HEADER) - 2), "not fetched"), str(error)))
    print(table(rows), end="")
    if given.write:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), rows), encoding="utf-8")
    return 1 if any(row.broken for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
