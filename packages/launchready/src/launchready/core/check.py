"""What a check author writes: a :class:`Check` with an async ``run`` that returns a :class:`Result`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from launchready.model.check import CheckInfo, Gap, Measure, Table
from launchready.model.finding import Finding
from launchready.model.project import Environment, Project
from launchready.model.surface import Surface
from launchready.model.words import Need

T = TypeVar("T")


class NotCheckedError(Exception):
    """The question could not be asked. ``reason`` says why, ``give`` what to give us."""

    def __init__(self, reason: str, give: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.give = give


class NotApplicableError(Exception):
    """The question makes no sense for this app, and we know it: no uploads, no webhooks."""


class ManualError(Exception):
    """Only a named person can answer. ``attested_by`` is that person when the project file names one."""

    def __init__(self, reason: str, give: str = "", attested_by: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.give = give
        self.attested_by = attested_by


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found. Findings make it a fail; nothing examined makes it *not checked*; else it passed."""

    examined: int
    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
    measures: tuple[Measure, ...] = ()
    notes: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may look at.

    ``root`` is the absolute source root, None without source. ``resources`` holds what was prepared for this run, by
    type: the file tree, the Git repository, the running site, resolvers. ``absent`` says for each missing need why.
    """

    project: Project
    environment: Environment
    root: Path | None = None
    surface: Surface = field(default_factory=Surface)
    resources: Mapping[type, object] = field(default_factory=dict)
    absent: Mapping[Need, Gap] = field(default_factory=dict)

    def get(self, kind: type[T]) -> T:
        """The prepared resource of this type. Raises :class:`NotCheckedError` when this run has none."""
        found = self.resources.get(kind)
        if isinstance(found, kind):
            return found
        raise NotCheckedError(f"this run has no {kind.__name__.lower()}")


Run = Callable[[Context], Awaitable[Result]]


@dataclass(frozen=True, slots=True)
class Check:
    """A question and the code that asks it. ``alone``: it measures what other checks would disturb, so it has the app to itself."""

    info: CheckInfo
    run: Run
    alone: bool = False
