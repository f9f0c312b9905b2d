"""The server actions of a Next.js app that was built: the id that each is called by, and the pages that answer for it.

Next.js writes them to ``server/server-reference-manifest.json`` of its build, with the name and the file of each since version 15.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from launchready.model.parsed import json_of, table_of

_MANIFEST = Path(".next/server/server-reference-manifest.json")
_LARGEST = 5_000_000


@dataclass(frozen=True, slots=True)
class BuiltAction:
    """``file`` is where the function ``name`` stands, from some folder above it; ``pages`` are files of pages without their suffix."""

    id: str
    name: str
    file: str
    pages: tuple[str, ...]


def built_actions(source: Path, file: str) -> tuple[BuiltAction, ...]:
    """The actions of the app that ``file`` (from the folder ``source``) belongs to; none where it was not built here."""
    manifest = next((path for folder in _above(source, file) if (path := folder / _MANIFEST).is_file()), None)
    return tuple(_read(manifest)) if manifest is not None else ()


def _above(source: Path, file: str) -> Iterator[Path]:
    folder = (source / file).parent
    while folder.is_relative_to(source):
        yield folder
        if folder == source:
            return
        folder = folder.parent


def _read(manifest: Path) -> Iterator[BuiltAction]:
    try:
        text = manifest.read_text("utf-8") if manifest.stat().st_size <= _LARGEST else ""
    except (OSError, UnicodeDecodeError):
        return
    said = table_of(json_of(text))
    for side in ("node", "edge"):
        for number, one in table_of(said.get(side)).items():
            if not isinstance(one, dict) or not isinstance(one.get("workers"), dict):
                continue
            name, file = one.get("exportedName"), one.get("filename")
            if isinstance(name, str) and isinstance(file, str):
                yield BuiltAction(number, name, file, tuple(one["workers"]))
