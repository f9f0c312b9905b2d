"""Where a suite of tests is written to: a folder of its own, so that no change of a person is lost."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from launchready.cli.exits import Stop
from launchready.cli.output import refuse_unmakeable, write
from launchready.core.check import NotCheckedError
from launchready.model.proof import EmittedTest

Suite = tuple[dict[str, str], tuple[EmittedTest, ...]]


def free(folder: str) -> Path:
    """The folder for the suite. Raises :class:`Stop` for one that is in use or cannot be a Python package."""
    target = Path(folder).expanduser().absolute()
    if not target.name.isidentifier():
        raise Stop(
            f"Wanted to write the tests to {folder}: pytest imports them by that name, and {target.name!r} is no Python name. Give one such as tests/access."
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Stop(
            f"Wanted to write the tests to {folder}: something is there, and your changes to it would be lost. Give a new folder and compare, or empty this one."
        )
    refuse_unmakeable(target, "--emit-tests")
    return target


def save(files: Mapping[str, str], target: Path) -> None:
    """Write the files. Raises :class:`Stop` for a folder that cannot be made."""
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stop(f"Made the folder {target}: {error.strerror}. Give a folder that can be written to.") from error
    for name, text in files.items():
        write(text, str(target / name))


def written(build: Callable[[], Suite], target: Path) -> tuple[EmittedTest, ...] | None:
    """Build a suite and save it; None, with a word why, where it cannot be written for this app."""
    try:
        files, tests = build()
    except NotCheckedError as error:
        click.echo(f"  No tests were written: {error.reason}.", err=True)
        return None
    save(files, target)
    return tests
