"""``launchready audit``: ask everything, print the verdict."""

import asyncio
import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from launchready.cli.calling import announce, choose_environment, refuse_absent_cleanup, refuse_absent_database
from launchready.cli.caps import caps, place
from launchready.cli.exits import NOTHING, Stop, code_of
from launchready.cli.folders import project_at, refuse_empty
from launchready.cli.naming import no_such_check
from launchready.cli.output import finish, refuse_unwritable
from launchready.cli.progress import Progress
from launchready.cli.screen import screen
from launchready.config.load import ConfigError
from launchready.core.store import RunRow, Store, StoreError
from launchready.model.audit import Audit
from launchready.model.words import Stage
from launchready.report import FORMATS, render

if TYPE_CHECKING:
    from launchready.stages.request import Request


@click.command()
@place
@click.option("--domain", help="The domain to look up: DNS, edge and mail.")
@click.option("--log", "logs", multiple=True, help="A log file of the app to search for leaks. Repeatable.")
@click.option(
    "--stage", "stages", multiple=True, type=click.Choice([s.value for s in Stage]), help="Only this stage. Repeatable."
)
@click.option("--check", "checks", multiple=True, help="Only this check, such as LR131: after a fix, say. Repeatable.")
@click.option("-f", "--format", "form", type=click.Choice(sorted(FORMATS)), default="terminal", show_default=True)
@click.option("-o", "--output", help="Write the result to a file; the first screen is still printed.")
@click.option(
    "--seconds",
    type=click.FloatRange(1, 86_400),
    default=210,
    show_default=True,
    help="How long calling as everybody and broken inputs may take in all; bursts have two minutes of their own.",
)
@click.option("--deep", is_flag=True, help="Send every value out of place there is, not only those that find most.")
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
    seconds: float,
    deep: bool,
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
    named = known_checks(checks)
    if environment.url and not offline:
        refuse_absent_cleanup(project, environment)
        refuse_absent_database(project, environment)
        announce(
            f"Auditing {environment.url} as",
            "Records are made, changed and deleted: its own ones only, and what it makes is removed or listed.",
            project,
            environment,
            f"At most {requests} requests and {seconds:g} s; bursts have two minutes of their own",
            authorized_by,
        )
    from launchready.stages.request import Request
    from launchready.stages.session import lasting

    request = Request(
        project,
        environment,
        stages,
        offline,
        authorized_by,
        checks=named,
        seconds=timeout,
        requests=requests,
        at_once=at_once,
        deep=deep,
    )
    audit = run(lasting(request, seconds), keep=not no_store)
    shown = screen(audit, path, kept=not no_store)
    result = shown if form == "terminal" else render(audit, form)
    finish(result, shown, output)
    if exit_zero:
        return 0
    return NOTHING if nothing_to_check(audit) else code_of(audit.verdict)


def known_checks(asked: tuple[str, ...]) -> tuple[str, ...]:
    """The ids as they are written. Raises :class:`Stop` for one there is not, or one that was mistyped."""
    if not asked:
        return ()
    from launchready.stages.session import all_checks

    known = [check.info.id for check in all_checks()]
    for name in asked:
        if name.upper() not in known:
            raise no_such_check(name, known)
    return tuple(name.upper() for name in asked)


def run(request: "Request", *, keep: bool = True) -> Audit:
    """Run one audit with progress on a terminal. After Ctrl-C, what was found so far is returned as an incomplete audit."""
    from launchready.stages.session import audit as run_audit

    store = Store.of(Path(request.project.root)) if keep else None
    before: tuple[RunRow, ...] = ()
    progress = Progress(sys.stderr)
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
