"""Which database an app keeps its rows in, as its source and its environment files tell: for the line of launchready.toml by which it is put back.

SQLite is a file that is there and begins as one (sqlite.org, fileformat.html, 1.3); PostgreSQL a variable that holds its URL.
"""

import itertools
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from launchready.sources.envnames import env_names
from launchready.sources.manifests import dependencies
from launchready.sources.tree import SKIPPED_FOLDERS, Tree

_SUFFIXES = (".db", ".sqlite", ".sqlite3", ".db3")
_MAGIC = b"SQLite format 3\0"
_MOST = 20_000
_SET = re.compile(r"^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*[\"']?(postgres(?:ql)?(?:\+\w+)?://)", re.M)
# Prisma: datasource db { provider = "postgresql" url = env("DATABASE_URL") }
_PRISMA = re.compile(
    r"datasource\s+\w+\s*\{[^}]*provider\s*=\s*\"postgres(?:ql)?\"[^}]*\burl\s*=\s*env\(\"(\w+)\"\)", re.S
)
_CALLED = re.compile(r"(?:DATABASE|POSTGRES\w*|PG|DB)_?(?:URL|URI|DSN)$|DATABASE_URL")
_DRIVERS = frozenset(("psycopg", "psycopg2", "psycopg2-binary", "asyncpg", "pg", "postgres", "pg-promise", "databases"))
_TEXTS = re.compile(r"(?:^|/)\.env[^/]*$|\.(?:py|js|mjs|cjs|ts|mts|json|toml|ya?ml|prisma|rb|php|go|cfg|ini|sh)$")


def database_line(tree: Tree, root: Path, since: float = 0.0) -> str:
    """``database = "instance/app.db"`` as it would be written, empty when nothing tells. ``since`` is when a run began that wrote to it (seconds since 1970)."""
    # A name that no editor shows is no line to propose.
    if (file := _sqlite(tree, root, since)) and file.isprintable():
        return f"database = {json.dumps(file, ensure_ascii=False)}"
    if name := _postgres(tree):
        return f'database = {{ env = "{name}" }}'
    return ""


def _sqlite(tree: Tree, root: Path, since: float) -> str:
    """The one file that the source names, of several the one that was written to; a file that nothing names only when it was."""
    found = [file for file in itertools.islice(_files(root), _MOST) if _is_sqlite(file)]
    if not found:
        return ""
    texts = [tree.text(file.path) or "" for file in tree.files if _TEXTS.search(file.path)]
    told = [file for file in found if any(file.name in text for text in texts)]
    written = [file for file in told or found if since and _written(file) >= since]
    chosen = written if len(written) == 1 else told if len(told) == 1 and not written else []
    return chosen[0].relative_to(root).as_posix() if chosen else ""


def _postgres(tree: Tree) -> str:
    """The variable that holds its URL: one that a file sets to one, or one that the source reads, of that name, beside a driver of PostgreSQL."""
    for file in tree.files:
        name = file.path.rpartition("/")[2]
        pattern = _SET if name.startswith(".env") else _PRISMA if name.endswith(".prisma") else None
        if pattern is not None and (match := pattern.search(tree.text(file.path) or "")):
            return match.group(1)
    read = [one.name for one in env_names(tree) if _CALLED.fullmatch(one.name)]
    return read[0] if len(read) == 1 and _DRIVERS & set(dependencies(tree)) else ""


def _files(root: Path) -> Iterator[Path]:
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(name for name in inner if name not in SKIPPED_FOLDERS)
        yield from (Path(folder, name) for name in sorted(names) if name.lower().endswith(_SUFFIXES))


def _is_sqlite(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def _written(file: Path) -> float:
    """When it was written to last; what stands in its write-ahead log counts."""
    log = file.with_name(f"{file.name}-wal")
    return max(one.stat().st_mtime for one in (file, log) if one.exists())
