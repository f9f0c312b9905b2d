"""A Supabase project in a tree: its migrations in order, what its config exposes, its edge functions.

Supabase CLI reference, "Config" (``[api] schemas``, ``[functions.NAME] verify_jwt``, ``[storage.buckets.NAME] public``).
"""

import re
import tomllib
from dataclasses import dataclass, field

from launchready.model.database import Statement
from launchready.model.surface import Unread
from launchready.sources.data.sql import statements
from launchready.sources.tree import Tree

_MIGRATION = re.compile(r"(?:^|/)supabase/migrations/[^/]+\.sql$")
_SCHEMA = re.compile(r"(?:^|/)supabase/schemas/(?:.*/)?[^/]+\.sql$")
_FUNCTION = re.compile(r"(?:^|/)supabase/functions/([^/_][^/]*)/index\.(?:ts|tsx|js|mjs)$")
_CONFIG = re.compile(r"(?:^|/)supabase/config\.toml$")
_EXPOSED = ("public", "graphql_public")


@dataclass(frozen=True, slots=True)
class EdgeFunction:
    """An edge function: ``verifies`` tells whether the platform refuses calls without a valid token before it runs."""

    name: str
    file: str
    verifies: bool


@dataclass(frozen=True, slots=True)
class Project:
    """One Supabase project. ``exposed`` are the schemas of the API; ``buckets`` those of the config, by name, public or not."""

    folder: str
    statements: tuple[Statement, ...]
    exposed: tuple[str, ...] = _EXPOSED
    functions: tuple[EdgeFunction, ...] = ()
    buckets: tuple[tuple[str, bool], ...] = ()
    config: str = ""
    unread: tuple[Unread, ...] = ()


@dataclass(slots=True)
class _Found:
    migrations: list[str] = field(default_factory=list)
    schemas: list[str] = field(default_factory=list)
    functions: list[tuple[str, str]] = field(default_factory=list)
    config: str = ""


def projects(tree: Tree) -> tuple[Project, ...]:
    """Every Supabase project of the tree, by folder."""
    found: dict[str, _Found] = {}
    for file in tree.files:
        path = "/" + file.path
        if "/supabase/" not in path:
            continue
        folder = path[: path.index("/supabase/") + len("/supabase")].lstrip("/")
        here = found.setdefault(folder, _Found())
        if _MIGRATION.search(file.path):
            here.migrations.append(file.path)
        elif _SCHEMA.search(file.path):
            here.schemas.append(file.path)
        elif match := _FUNCTION.search(file.path):
            here.functions.append((match.group(1), file.path))
        elif _CONFIG.search(file.path):
            here.config = file.path
    return tuple(
        _project(tree, folder, here)
        for folder, here in sorted(found.items())
        if here.migrations or here.schemas or here.functions or here.config
    )


def _project(tree: Tree, folder: str, found: _Found) -> Project:
    unread: list[Unread] = []
    config: dict[str, object] = {}
    if found.config:
        try:
            config = tomllib.loads(tree.text(found.config) or "")
        except (ValueError, RecursionError) as error:
            unread.append(Unread(found.config, f"does not parse: {error}. The schemas that are usual were taken"))
    written: list[Statement] = []
    # Declarative schemas are what migrations are made from: where both stand, the migrations are what runs.
    for path in found.migrations or found.schemas:
        text = tree.text(path)
        if text is None:
            unread.append(Unread(path, "is not text, so its statements are missing"))
        else:
            written += statements(path, text.removeprefix("\ufeff"))
    api = _table(config, "api")
    schemas = api.get("schemas")
    exposed = tuple(str(name) for name in schemas) if isinstance(schemas, list) else _EXPOSED
    given = _table(config, "functions")
    functions = tuple(
        EdgeFunction(name, path, _table(given, name).get("verify_jwt") is not False)
        for name, path in sorted(found.functions)
        if _table(given, name).get("enabled") is not False
    )
    listed = _table(_table(config, "storage"), "buckets")
    buckets = tuple((name, _table(listed, name).get("public") is True) for name in sorted(listed))
    if api.get("enabled") is False:
        exposed = ()
    return Project(folder, tuple(written), exposed, functions, buckets, found.config, tuple(unread))


def _table(data: dict[str, object], name: str) -> dict[str, object]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}
