"""Turns the PATH a person typed into a project, or into an error that says what to do."""

from pathlib import Path

from launchready.cli.exits import NothingToCheck, Stop
from launchready.config.load import ConfigError, load_project
from launchready.model.project import Project
from launchready.sources.tree import holds_code


def project_at(path: str) -> Project:
    """The project at ``path``. Raises :class:`Stop` for a path that is missing, no folder, or has a broken project file."""
    root = Path(path).expanduser()
    if not root.exists():
        raise Stop(
            f"Looked for the app in {path}: there is no such folder. Give the folder that holds the app's source."
        )
    if not root.is_dir():
        raise Stop(f"Looked for the app in {path}: that is a file. Give the folder that holds the app's source.")
    try:
        return load_project(root.resolve())
    except ConfigError as error:
        raise Stop(str(error)) from error


def refuse_empty(project: Project) -> None:
    """Raise :class:`Stop` when the source folders hold no file at all, or no code."""
    try:
        empty = all(next(Path(part).iterdir(), None) is None for part in project.source)
    except PermissionError as error:
        raise NothingToCheck(
            f"Opened {error.filename}: permission denied. Run as a user who may read the app's source."
        ) from error
    give = "Give the folder that holds the app, or a running app with --url."
    if empty:
        raise NothingToCheck(
            f"Looked for source in {project.root}: the folder is empty, so there is nothing to check. {give}"
        )
    if not holds_code(Path(part) for part in project.source):
        raise NothingToCheck(
            f"Looked for source in {project.root}: it holds files, but none of them is code, so there is nothing to check. {give}"
        )
