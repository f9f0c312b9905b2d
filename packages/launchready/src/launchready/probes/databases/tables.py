"""What is known of a database that is put back: its tables, and how two copies of them differ."""

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key: ``columns`` hold what ``target`` holds in a row of ``table``."""

    columns: tuple[str, ...]
    table: str
    target: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table. ``key`` tells its rows apart (the row id of SQLite where it has one), none where nothing does. ``derived`` says that the
    database keeps it for itself, such as a search index or the last number given."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    links: tuple[Link, ...] = ()
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is new (no ``was``), gone (no ``now``) or changed."""

    table: str
    key: tuple[object, ...]
    was: Row | None
    now: Row | None

    @property
    def news(self) -> Row:
        """What it holds that was not there before, by column."""
        return {name: value for name, value in (self.now or {}).items() if self.was is None or self.was[name] != value}


class DatabaseError(Exception):
    """The database could not be read or put back; the message says why, and what to do."""


class Held(Protocol):
    """A database that nobody else can write to for now."""

    def copy(self, to: Path) -> None:
        """A copy of it as it stands."""

    def put_back(self, before: Path, changes: list[Change], others: Collection[str]) -> list[Change]:
        """Undo the changes, and give those that could not be. ``others`` are the tables in which changes of somebody else stay. All is done, or nothing when
        this raises."""


class Database(Protocol):
    """A database that can be put back. All raise :class:`DatabaseError`."""

    def copy(self, to: Path) -> None:
        """A copy of what is in it now."""

    def tables(self, copy: Path) -> dict[str, Table]:
        """The tables of a copy, by name."""

    def said(self, copy: Path) -> str:
        """The words of its own code, such as triggers, in small letters."""

    def unkeyed(self, before: Path, after: Path) -> list[str]:
        """The tables that are not the same and have nothing to tell their rows apart by."""

    def hold(self) -> AbstractContextManager[Held]:
        """Keep everybody else from writing meanwhile."""
