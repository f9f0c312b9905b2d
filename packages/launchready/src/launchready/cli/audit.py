"""``launchready audit``: ask everything, print the verdict."""

import asyncio
import dataclasses
import ipaddress
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from launchready.cli.caps import caps
from launchready.cli.exits import NOTHING, Stop, code_of
from launchready.cli.folders import project_at, refuse_empty
from launchready.cli.output import refuse_unwritable, write
from launchready.cli.progress import Progress
from launchready.cli.screen import screen
from launchready.config.load import ConfigError
from launchready.core.store import RunRow, Store, StoreError
from launchready.model.audit import Audit
from launchready.model.project import Environment, Project
from launchready.model.words import Stage
from launchready.report import FORMATS, render


@click.command()
@click.argument("path", default=".")
@click.option("--url", help="The running app. Loopback hosts may be probed freely.")
@click.option("-e", "--environment", "name", help="An environment of launchready.toml. Default: the first with a URL.")
@click.option("--domain", help="The domain to look up: DNS, edge and mail.")
@click.option("--log", "logs", multiple=True, help="A log file of the app to search for leaks. Repeatable.")
@click.option(
    "--stage", "stages", multiple=True, type=click.Choice([s.value for s in Stage]), help="Only this stage. Repeatable."
)
@click.option("--check", "checks", multiple=True, help="Only this check, such as LR131: after a fix, say. Repeatable.")
@click.option("-f", "--format", "form", type=click.Choice(sorted(FORMATS)), default="terminal", show_default=True)
@click.option("-o", "--output", help="Write the result to a file; the first screen is still printed.")
@click.option("--offline", is_flag=True, help="Source only: no request, no DNS query.")
@caps
@click.option("--no-store", is_flag=True, help="Keep no record in .launchready/.")
@click.option("--exit-zero", is_flag=True, help="End with 0 whatever the verdict.")
def command(
    path: str,
    url: str | None,
    name: str | None,
    domain: str | None,
    logs: tuple[str, ...],
    stages: tuple[str, ...],
    checks: tuple[str, ...],
    form: str,
    output: str | None,
    offline: bool,
    authorized_by: str,
    timeout: float,
    requests: int,
    at_once: int,
    no_store: bool,
    exit_zero: bool,
) -> int:
    """Ask everything about the app in PATH and give a verdict: GO, NO-GO or INCOMPLETE.

    Reads the source and its Git history. With a URL, calls the app as a stranger would; with a domain, looks up its DNS, mail
    and edge. What could not be asked is listed as not checked, never as passed.
    """
    project = project_at(path)
    environment = choose_environment(project, url, name)
    if not (environment.url or domain or project.domains.root or logs):
        refuse_empty(project)
    if domain:
        project = dataclasses.replace(project, domains=dataclasses.replace(project.domains, root=domain.rstrip(".")))
    if logs:
        project = dataclasses.replace(project, logs=(*project.logs, *(str(Path(log).absolute()) for log in logs)))
    if output:
        refuse_unwritable(output)
    audit = run(
        project,
        environment,
        stages,
        known_checks(checks),
        offline=offline,
        authorized_by=authorized_by,
        seconds=timeout,
        keep=not no_store,
        limits=(requests, at_once),
    )
    shown = screen(audit, path, kept=not no_store)
    result = shown if form == "terminal" else render(audit, form)
    write(result, output)
    if output and output != "-":
        write(shown, None)
        click.echo(f"  Written: {output}")
    if exit_zero:
        return 0
    return NOTHING if nothing_to_check(audit) else code_of(audit)


def choose_environment(project: Project, url: str | None, name: str | None) -> Environment:
    """The environment to audit. Raises :class:`Stop` for a name or URL that cannot be used."""
    if name is not None:
        for environment in project.environments:
            if environment.name == name:
                return dataclasses.replace(environment, url=url.rstrip("/")) if url else environment
        known = ", ".join(environment.name for environment in project.environments) or "none"
        raise Stop(f"Looked for the environment {name!r} in launchready.toml: it is not there. Environments: {known}.")
    if url is None:
        with_url = [environment for environment in project.environments if environment.url]
        return with_url[0] if with_url else Environment("local")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise Stop(f"Read --url {url!r}: that is no web address. Give one such as http://127.0.0.1:8000.")
    for environment in project.environments:
        if environment.url == url.rstrip("/"):
            return environment
    return Environment("local", url.rstrip("/"), writes=_loopback(urlsplit(url).hostname or ""))


def known_checks(asked: tuple[str, ...]) -> tuple[str, ...]:
    """The ids as they are written. Raises :class:`Stop` for one there is not, with the nearest there is."""
    if not asked:
        return ()
    from difflib import get_close_matches

    from launchready.stages.session import all_checks

    known = [check.info.id for check in all_checks()]
    for name in asked:
        if name.upper() not in known:
            near = get_close_matches(name.upper(), known, 1)
            hint = f"Did you mean {near[0]}?" if near else "`launchready explain` lists them."
            raise Stop(f"Looked for the check {name!r}: there is none. {hint}")
    return tuple(name.upper() for name in asked)


def run(
    project: Project,
    environment: Environment,
    stages: tuple[str, ...] = (),
    checks: tuple[str, ...] = (),
    *,
    offline: bool = False,
    authorized_by: str = "",
    seconds: float = 10.0,
    keep: bool = True,
    limits: tuple[int, int] = (6000, 8),
) -> Audit:
    """Run one audit with progress on a terminal. ``limits`` are the most requests of the run, and the most at once. After Ctrl-C, what was found so far is returned as an incomplete audit."""
    from launchready.stages.session import Request
    from launchready.stages.session import audit as run_audit

    store = Store.of(Path(project.root)) if keep else None
    before: tuple[RunRow, ...] = ()
    progress = Progress(sys.stderr)
    request = Request(
        project,
        environment,
        stages,
        offline,
        authorized_by,
        checks=checks,
        seconds=seconds,
        requests=limits[0],
        at_once=limits[1],
    )
    try:
        before = store.history()[:1] if store else ()
        return asyncio.run(run_audit(request, store, progress))
    except KeyboardInterrupt:
        progress.close()
        if store is None or store.history()[:1] == before:
            raise
        click.echo("Stopped. This is what was found until then.", err=True)
        return store.load()
    except ConfigError as error:
        raise Stop(str(error)) from error
    except StoreError as error:
        raise Stop(f"{error} Or run with --no-store.") from error
    finally:
        progress.close()


def nothing_to_check(audit: Audit) -> bool:
    """Whether the run had neither understandable source nor a running app nor a domain to look at."""
    return audit.coverage.ran == 0 or (
        not audit.surface.files_read and not audit.target.url and not audit.target.domain
    )


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
