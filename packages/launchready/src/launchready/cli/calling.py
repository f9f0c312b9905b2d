"""What the commands share that call a running app: which one, what is said before, and the tests that are left."""

import dataclasses
import sys
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

import click

from launchready.cli.exits import NothingToCheck, Stop
from launchready.cli.folders import project_at
from launchready.cli.sites import site_of
from launchready.config import cleanup, database, disposable
from launchready.model.hosts import is_loopback
from launchready.model.project import Environment, Project
from launchready.model.proof import EmittedTest


def running_app(path: str, url: str | None, name: str | None) -> tuple[Project, Environment]:
    """The project and where it runs. Raises :class:`NothingToCheck` when nobody says where."""
    project = project_at(path)
    environment = choose_environment(project, url, name)
    if not environment.url:
        raise NothingToCheck(
            "Looked for a running app to call: none is given. Start it, and give its address: --url http://127.0.0.1:8000, or [environments.NAME] url."
        )
    refuse_absent_cleanup(project, environment)
    refuse_absent_database(project, environment)
    return project, environment


def choose_environment(project: Project, url: str | None, name: str | None) -> Environment:
    """The environment to audit. Raises :class:`Stop` for a name or URL that cannot be used."""
    site = site_of(url, "--url") if url is not None else ""
    if name is not None:
        for environment in project.environments:
            if environment.name == name:
                return _moved(environment, site) if site else environment
        known = ", ".join(environment.name for environment in project.environments) or "none"
        raise Stop(f"Looked for the environment {name!r} in launchready.toml: it is not there. Environments: {known}.")
    if not site:
        with_url = [environment for environment in project.environments if environment.url]
        return with_url[0] if with_url else Environment("local")
    for environment in project.environments:
        if environment.url == site:
            return environment
    return Environment("local", site, writes=is_loopback(urlsplit(site).hostname or ""))


def _moved(environment: Environment, url: str) -> Environment:
    """An environment at another address. That all may be lost was said of one place and of no other, and so was what removes things there."""
    if environment.disposable and environment.url not in ("", url):
        raise Stop(
            f"Read --url {url}: the environment {environment.name!r} is disposable at {environment.url} and nowhere else. "
            "Give the other address an environment of its own, or leave --url out."
        )
    if environment.cleanup and environment.url not in ("", url):
        raise Stop(
            f"Read --url {url}: the cleanup command of the environment {environment.name!r} is for {environment.url} and nowhere else. "
            "Give the other address an environment of its own, or leave --url out."
        )
    if environment.database and environment.url not in ("", url):
        raise Stop(
            f"Read --url {url}: the database of the environment {environment.name!r} is that of {environment.url} and of nothing else. "
            "Give the other address an environment of its own, or leave --url out."
        )
    moved = dataclasses.replace(environment, url=url)
    if refused := disposable.refusal(moved):
        raise Stop(f"Read --url {url}: the environment {environment.name!r} is disposable, and {refused}.")
    if refused := cleanup.refusal(moved):
        raise Stop(f"Read --url {url}: the environment {environment.name!r} has a cleanup command, and {refused}.")
    if refused := database.refusal(moved):
        raise Stop(f"Read --url {url}: the environment {environment.name!r} names a database, and {refused}.")
    return moved


def refuse_absent_cleanup(project: Project, environment: Environment) -> None:
    """Raise :class:`Stop` before anything is sent when what is to remove things afterwards cannot be started."""
    if why := cleanup.absent(environment, project.root):
        raise Stop(
            f"Looked for the cleanup command of the environment {environment.name!r}: {why}. "
            "Correct it in launchready.toml, or take it out: then what the app cannot remove stays, and is listed."
        )


def refuse_absent_database(project: Project, environment: Environment) -> None:
    """Raise :class:`Stop` before anything is sent when the database that is to be put back afterwards cannot be had."""
    try:
        database.named(environment, Path(project.root))
    except database.DatabaseNameError as error:
        raise Stop(
            f"Looked for the database of the environment {environment.name!r}: {error}. "
            "Correct it in launchready.toml, or take it out: then what the app cannot remove stays, and is listed."
        ) from error


def announce(does: str, writes: str, project: Project, environment: Environment, most: str, authorized_by: str) -> None:
    """Say on a terminal what is about to happen; nothing in a pipe. ``does`` ends in "as", ``writes`` says what happens to records."""
    if not sys.stderr.isatty():
        return
    from launchready.ground.people import site_is_ours

    ours = site_is_ours(environment, is_loopback(urlsplit(environment.url).hostname or ""))
    people = ["a stranger", *(f"{one.name} ({one.role})" for one in project.identities)]
    people += ["throwaway accounts made for the run"] if ours else []
    happens = writes if ours else "Reads only. writes = true in the environment allows more."
    if ours and environment.disposable:
        happens = "EVERYTHING THERE MAY BE CHANGED OR DESTROYED, whole lists and other people's records too: its environment says disposable = true."
    allowed = f" Authorised by {authorized_by}." if authorized_by else ""
    click.echo(f"{does} {', '.join(people)}. {happens}\n{most}.{allowed} Ctrl-C stops at once.\n", err=True)


def say_tests(target: Path, tests: Collection[EmittedTest], *, aside: bool) -> None:
    """Where the suite was written, and how much of it fails today."""
    failing = sum(bool(test.fails) for test in tests)
    click.echo(
        f"  Tests written: {target}: {len(tests)} tests, {failing} of which fail until the alarms are mended. README.md says how to run them.",
        err=aside,
    )
