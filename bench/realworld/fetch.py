"""Fetches the newest release of a package with the user's own pip or npm, and unpacks it."""

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

SECONDS = 300.0


class FetchError(Exception):
    """A package could not be fetched; the message says what the package manager said."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package of packages.toml: ``source`` is ``pip`` or ``npm``."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A release on disk."""

    package: Package
    version: str
    folder: Path


def fetch(package: Package, cache: Path, *, again: bool = False) -> Unpacked:
    """The newest release of ``package`` below ``cache``; one fetched before is used unless ``again``.

    Raises :class:`FetchError`.
    """
    name = re.sub(r"\W+", "-", package.name).strip("-")
    home = cache / name
    if again:
        shutil.rmtree(home, ignore_errors=True)
    archive = _archive(home) or (_pip if package.source == "pip" else _npm)(package.name, home)
    folder = home / name
    if not folder.exists():
        _unpack(archive, part := home / "unpacking")
        inner = list(part.iterdir())
        # An archive of one folder is that folder; a wheel is several beside each other.
        (inner[0] if len(inner) == 1 and inner[0].is_dir() else part).rename(folder)
    return Unpacked(package, _version(archive), folder)


def _archive(home: Path) -> Path | None:
    found = sorted(path for path in home.glob("*") if path.name.endswith((".tar.gz", ".tgz", ".whl")))
    return found[-1] if found else None


def _pip(name: str, home: Path) -> Path:
    """The source distribution; the wheel when the source cannot even be asked for its metadata."""
    home.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(home)]
    try:
        _run([*command, "--no-binary", ":all:", name], home)
    except FetchError:
        _run([*command, "--only-binary", ":all:", name], home)
    return _arrived(name, home)


def _npm(name: str, home: Path) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    _run(["npm", "pack", "--silent", "--ignore-scripts", name], home)
    return _arrived(name, home)


def _arrived(name: str, home: Path) -> Path:
    archive = _archive(home)
    if archive is None:
        raise FetchError(f"Fetched {name}: the command ended well, yet no archive is in {home}.")
    return archive


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    except FileNotFoundError as error:
        raise FetchError(f"Ran {command[0]}: it is not installed. Install it, then run this again.") from error
    except subprocess.TimeoutExpired as error:
        raise FetchError(f"Ran {' '.join(command)}: no end within {SECONDS:.0f} s. Try again later.") from error
    if done.returncode:
        raise FetchError(f"Ran {' '.join(command)}: {done.stderr.strip()[-300:]}")


def _unpack(archive: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(folder)
        return
    with tarfile.open(archive) as tarball:
        # The data filter refuses links and paths that lead out of the folder.
        tarball.extractall(folder, filter="data")


def _version(archive: Path) -> str:
    stem = re.sub(r"\.(?:tar\.gz|tgz|whl)$", "", archive.name)
    found = re.search(r"-(\d[^-]*)", stem)
    return found.group(1) if found else stem
