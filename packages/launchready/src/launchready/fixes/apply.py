"""Writes what was proposed, all of it or nothing, and keeps a record that takes exactly that back."""

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FOLDER = ".launchready"
_RECORDS = "fixes"
_SCHEMA = 1
Files = Mapping[str, tuple[bytes | None, bytes | None]]


class ApplyError(Exception):
    """Nothing was written; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    """What one run of ``--apply`` wrote: ``when``, the names of the ``fixes``, and each file before and after."""

    when: str
    fixes: tuple[str, ...]
    files: Files
    path: Path


def apply(root: Path, fixes: tuple[str, ...], files: Files) -> Record:
    """Write ``files`` below ``root`` and keep the record. Raises :class:`ApplyError` when one of them is not as it was when it was read."""
    now = datetime.now(UTC)
    _refuse_changed(root, files, "was changed since it was read", "Run the command again.")
    # What was there may hold keys: the record is the owner's alone, and Git never sees its folder.
    folder = root / FOLDER / _RECORDS
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        ignore = root / FOLDER / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        record = Record(
            now.isoformat(timespec="seconds"), fixes, dict(files), folder / f"{now:%Y%m%dT%H%M%S%f}-{os.getpid()}.json"
        )
        descriptor = os.open(record.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(_as_json(record), file, indent=1)
    except OSError as error:
        raise ApplyError(
            f"Kept a record in {folder}: {error.strerror}. Without one nothing could be taken back, so nothing was written."
        ) from error
    try:
        _write(root, files)
    except ApplyError:
        record.path.unlink(missing_ok=True)
        raise
    return record


def newest(root: Path) -> Record | None:
    """The record of the last ``--apply`` that was not taken back. Raises :class:`ApplyError` when it cannot be read."""
    records = sorted((root / FOLDER / _RECORDS).glob("*.json"))
    if not records:
        return None
    try:
        said = json.loads(records[-1].read_text(encoding="utf-8"))
        files = {row["file"]: (_bytes(row["before"]), _bytes(row["after"])) for row in said["files"]}
        return Record(said["when"], tuple(said["fixes"]), files, records[-1])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ApplyError(
            f"Read the record {records[-1]}: {error}. Take the changes back with git, and delete the file."
        ) from error


def revert(root: Path, record: Record) -> None:
    """Take back what a record says, and drop it. Raises :class:`ApplyError` when a file was changed since."""
    _refuse_changed(
        root,
        {file: (after, before) for file, (before, after) in record.files.items()},
        "was changed after the fix was applied",
        "Take that change back first, or undo the fix by hand: git diff shows it.",
    )
    _write(root, {file: (after, before) for file, (before, after) in record.files.items()})
    record.path.unlink()


def _refuse_changed(root: Path, files: Files, happened: str, then: str) -> None:
    for file, (before, _) in files.items():
        path = root / file
        if path.is_symlink() or _read(path) != before:
            raise ApplyError(f"Looked at {file} before writing: it {happened}. Nothing was written. {then}")


def _write(root: Path, files: Files) -> None:
    """Every file under another name first, then all renamed; what was renamed goes back when one fails."""
    ready: list[tuple[Path, Path | None, bytes | None]] = []
    try:
        for file, (before, after) in files.items():
            target = root / file
            ready.append((target, None if after is None else _beside(target, after), before))
    except OSError as error:
        _drop(ready)
        raise ApplyError(f"Wrote {error.filename or file}: {error.strerror}. Nothing was changed.") from error
    done: list[tuple[Path, bytes | None]] = []
    try:
        for target, temporary, before in ready:
            if temporary is None:
                target.unlink()
            else:
                temporary.replace(target)
            done.append((target, before))
    except OSError as error:
        for target, before in reversed(done):
            if before is None:
                target.unlink(missing_ok=True)
            else:
                _beside(target, before).replace(target)
        _drop(ready)
        raise ApplyError(f"Wrote {error.filename}: {error.strerror}. All files are as they were.") from error


def _beside(target: Path, content: bytes) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(name).chmod(mode)
    return Path(name)


def _drop(ready: list[tuple[Path, Path | None, bytes | None]]) -> None:
    for _, temporary, _ in ready:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ApplyError(f"Read {path}: {error.strerror}. Nothing was written.") from error


def _as_json(record: Record) -> dict[str, object]:
    rows = [
        {"file": file, "before": _text(before), "after": _text(after)} for file, (before, after) in record.files.items()
    ]
    return {"schema": _SCHEMA, "when": record.when, "fixes": list(record.fixes), "files": rows}


def _text(content: bytes | None) -> str | None:
    return None if content is None else content.decode("utf-8")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8")
