"""Reading stored runs for commands that re-use them."""

from pathlib import Path

from launchready.cli.exits import NothingToCheck
from launchready.core.store import RunRow, Store, StoreError
from launchready.model.audit import Audit
from launchready.model.project import Project


def stored_audit(project: Project, run: str) -> Audit:
    """One stored run. Raises :class:`Stop` when there is none, or the store is broken."""
    try:
        return Store.of(Path(project.root)).load(run)
    except StoreError as error:
        raise NothingToCheck(str(error)) from error


def stored_runs(project: Project) -> tuple[RunRow, ...]:
    """The stored runs, newest first. Raises :class:`Stop` when the store is broken."""
    try:
        return Store.of(Path(project.root)).history()
    except StoreError as error:
        raise NothingToCheck(str(error)) from error
