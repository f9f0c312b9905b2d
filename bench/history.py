"""How long the search of a whole Git history takes, against gitleaks on the same repository in the same run.

Makes a repository of real Python files with many versions each (or takes one: ``--repo FOLDER``), searches it with both in turn
and prints the medians and their ratio. Both run as their own process, start included.
``python bench/history.py [--commits N] [--runs N] [--repo FOLDER]``
"""

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from launchready.sources.git import Repository

OURS = """
import sys
from pathlib import Path
from launchready.sources.git import Repository
from launchready.sources.secrets.searched import Searched
from launchready.sources.secrets.detector import Detector
from launchready.sources.secrets.history import search
found = search(Repository.open(Path(sys.argv[1])), Detector(), searched=Searched(Path(sys.argv[2])) if sys.argv[2:] else None)
print(found.blobs, len(found.secrets), found.left_out)
"""


def made(folder: Path, commits: int) -> Path:
    """A repository whose files grow and change line by line, as those of a young app do; one key is put in and taken out."""
    chosen = random.Random(7)
    sources = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[:120]
    texts = {source.name: source.read_text(encoding="utf-8", errors="replace").splitlines() for source in sources}
    stream, mark = [], 0
    parent = ""
    for number in range(commits):
        changes = []
        for name in chosen.sample(sorted(texts), 4):
            lines = texts[name]
            at = chosen.randrange(len(lines) + 1)
            lines.insert(at, f"# change {number}: {chosen.getrandbits(64):x}")
            if len(lines) > 10:
                del lines[chosen.randrange(len(lines))]
            body = "\n".join(lines).encode()
            mark += 1
            stream.append(b"blob\nmark :%d\ndata %d\n%s\n" % (mark, len(body), body))
            changes.append(f"M 100644 :{mark} app/{name}\n")
        mark += 1
        stream.append(
            f"commit refs/heads/main\nmark :{mark}\ncommitter A <a@example.com> {1_700_000_000 + number} +0000\ndata 6\nchange\n{parent}".encode()
            + "".join(changes).encode()
            + b"\n"
        )
        parent = f"from :{mark}\n"
    subprocess.run(["git", "init", "-q", "-b", "main", folder], check=True)
    subprocess.run(["git", "-C", folder, "fast-import", "--quiet"], input=b"".join(stream), check=True)
    return folder


def seconds(command: list[str]) -> tuple[float, str]:
    """Wall time of one run, and what it printed."""
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return time.perf_counter() - began, done.stdout.strip()


def main() -> int:
    """Measure and print; a slow result ends with 0 too, since a busy machine is nobody's fault."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--commits", type=int, default=1500)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--repo", help="a repository of yours")
    options.add_argument("--json", action="store_true", help="print JSON")
    given = options.parse_args()
    if given.repo and Repository.open(Path(given.repo)) is None:
        print(
            f"history search: {given.repo} is no work tree of a Git repository; give the folder of a clone",
            file=sys.stderr,
        )
        return 2
    peer = shutil.which("gitleaks", path=str(Path(sys.executable).parent)) or shutil.which("gitleaks")
    if peer is None:
        print("history search: no gitleaks here to compare with; `make bench` installs it")
        return 0
    with tempfile.TemporaryDirectory(prefix="launchready-bench-") as folder:
        repo = given.repo or str(made(Path(folder, "repo"), given.commits))
        ours = [sys.executable, "-c", OURS, repo]
        theirs = [peer, "git", "--no-banner", "--exit-code", "0", "--log-level", "error", repo]
        _, said = seconds(ours)
        seconds(theirs)
        again = [*ours, str(Path(folder, "cache"))]
        seconds(again)
        rounds = [(seconds(ours)[0], seconds(again)[0], seconds(theirs)[0]) for _ in range(given.runs)]
    mine, second, other = (statistics.median(column) for column in zip(*rounds, strict=True))
    result = {
        "launchready_s": round(mine, 2),
        "again_s": round(second, 2),
        "gitleaks_s": round(other, 2),
        "ratio": round(mine / other, 2),
        "ratio_again": round(second / other, 2),
    }
    print(
        json.dumps(result)
        if given.json
        else f"history search ({said.split()[0]} file versions): {mine:.2f} s, again {second:.2f} s, gitleaks {other:.2f} s, "
        f"ratio {mine / other:.2f}, again {second / other:.2f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
