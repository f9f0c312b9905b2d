"""How long reading a surface takes, cold and again, and how much memory: against semgrep on the same files in the same run.

Copies source files (.py, .js, .ts and their like) of the folders given into one tree until ``--megabytes`` are there, then runs
``launchready surface`` as its own process with an empty cache, again with what it kept, and semgrep with the rules in
``routes.yml`` beside this file: far less than a surface asks, and what a scanner asks at least. What tree-sitter alone takes to parse
the same files, in one process of the same run, says how fast the machine is.
``python bench/surface/speed.py FOLDER… [--megabytes 20] [--semgrep PROGRAM]``
"""

import argparse
import compileall
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import launchready
import tree_sitter_javascript
import tree_sitter_python
import tree_sitter_typescript
from tree_sitter import Language, Parser

_CODE = (".py", ".js", ".ts", ".jsx", ".tsx", ".mjs", ".vue", ".svelte", ".go", ".rb", ".php", ".java")
_LEFT = frozenset(("node_modules", ".git", ".venv", "dist", "static", "build"))
_RULES = Path(__file__).with_name("routes.yml")


def sources(folders: list[Path]) -> Iterator[tuple[Path, Path]]:
    """``(file, its place in the copy)``; what is larger than 300 kB is generated, and left out."""
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            inner = file.relative_to(folder)
            ours = file.suffix in _CODE and not _LEFT.intersection(inner.parts) and file.is_file()
            if ours and file.stat().st_size < 300_000:
                yield file, Path(folder.name) / inner


def copied(folders: list[Path], target: Path, most: int) -> tuple[int, int]:
    """Copy until ``most`` bytes are there; how many files and bytes that are."""
    files = size = 0
    for file, place in sources(folders):
        if size >= most:
            break
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target / place)
        files, size = files + 1, size + file.stat().st_size
    return files, size


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, int]:
    """Seconds and peak memory (MB) of a command and what it starts."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, _, used = os.wait4(process.pid, 0)
    return time.perf_counter() - started, max(used.ru_maxrss, 0) // 1024


def parsed(tree: Path) -> tuple[float, float]:
    """Seconds that parsing alone takes, in one process, and the megabytes that were parsed."""
    script = Parser(Language(tree_sitter_javascript.language()))
    parsers = {
        ".py": Parser(Language(tree_sitter_python.language())),
        ".ts": Parser(Language(tree_sitter_typescript.language_typescript())),
        ".tsx": Parser(Language(tree_sitter_typescript.language_tsx())),
    } | dict.fromkeys((".js", ".mjs", ".jsx"), script)
    given = [(file.suffix, file.read_bytes()) for file in tree.rglob("*") if file.suffix in parsers]
    started = time.perf_counter()
    for suffix, source in given:
        parsers[suffix].parse(source)
    return time.perf_counter() - started, sum(len(source) for _, source in given) / 1e6


def main() -> int:
    """Measure and print one table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folders", nargs="+", type=Path, help="folders of real source")
    options.add_argument("--megabytes", type=float, default=20.0)
    options.add_argument("--semgrep", default=shutil.which("semgrep") or "", help="the program to compare with")
    given = options.parse_args()
    # As an installer leaves it: what was edited since would be compiled in every run where Python writes no bytecode.
    compileall.compile_dir(Path(launchready.__file__).parent, quiet=2)
    with tempfile.TemporaryDirectory() as folder:
        tree, cache = Path(folder, "tree"), Path(folder, "cache")
        files, size = copied(given.folders, tree, int(given.megabytes * 1e6))
        print(f"{size / 1e6:.1f} MB of source in {files:,} files, {os.cpu_count()} processors")
        ours = [str(Path(sys.executable).with_name("launchready")), "surface", str(tree), "--format", "json"]
        kept = {"XDG_CACHE_HOME": str(cache)}
        cold, memory = timed(ours, kept)
        again, _ = timed(ours, kept)
        seconds, megabytes = parsed(tree)
        print(
            f"tree-sitter alone, one process {seconds:6.2f} s, {megabytes / seconds:.1f} MB a second   ratio {cold / seconds:.2f}"
        )
        print(f"launchready surface  cold {cold:6.2f} s   again {again:5.2f} s   {memory:5} MB")
        if given.semgrep and shutil.which(given.semgrep):
            command = [
                given.semgrep,
                "scan",
                "--config",
                str(_RULES),
                "--metrics",
                "off",
                "--quiet",
                "--json",
                str(tree),
            ]
            theirs, memory = timed(command, {})
            print(
                f"semgrep              cold {theirs:6.2f} s                  {memory:5} MB   ratio {cold / theirs:.2f}"
            )
        else:
            print("semgrep is not installed: no ratio")
    return 0


if __name__ == "__main__":
    sys.exit(main())
