"""``launchready prove``: call the app directly as everybody, and say who got what."""

import asyncio
import dataclasses
import sys
from functools import partial
from pathlib import Path

import click

from launchready.cli.calling import announce, running_app, say_tests
from launchready.cli.caps import caps, journal, place
from launchready.cli.exits import GO, NothingToCheck, Stop, code_of
from launchready.cli.output import finish, refuse_unwritable
from launchready.cli.progress import Progress
from launchready.cli.screen import call
from launchready.cli.suites import free, written
from launchready.config.load import ConfigError
from launchready.core.store import FOLDER
from launchready.model.proof import ProofReport
from launchready.report.proof import PROOF_FORMATS, render_proof


@click.command()
@place
@click.option(
    "--seconds",
    type=click.FloatRange(1, 86_400),
    default=100,
    show_default=True,
    help="How long the calls may take in all.",
)
@click.option("-f", "--format", "form", type=click.Choice(PROOF_FORMATS), default="text", show_default=True)
@click.option("-o", "--output", help="Write the result to a file; the screen is still printed.")
@click.option(
    "--emit-tests",
    "folder",
    metavar="DIR",
    help="Also write what was found as a pytest suite of your own, into a folder that is new or empty.",
)
@caps
@journal
def command(
    path: str,
    url: str | None,
    name: str | None,
    seconds: float,
    form: str,
    output: str | None,
    folder: str | None,
    authorized_by: str,
    timeout: float,
    requests: int,
    at_once: int,
    no_store: bool,
    exit_zero: bool,
) -> int:
    """Call every endpoint of the running app as a stranger and as every identity, and say who got what.

    Identities come from launchready.toml. Where the app may be written to (loopback, or writes = true), throwaway accounts are
    made. What could not be asked is listed as not checked, never as passed.
    """
    project, environment = running_app(path, url, name)
    target = free(folder) if folder else None
    if output:
        refuse_unwritable(output)
    announce(
        f"Calling {environment.url} as",
        "Records are made, changed and deleted: its own ones only, and what it makes is listed.",
        project,
        environment,
        f"At most {requests} requests and {seconds:g} s",
        authorized_by,
    )
    from launchready.stages.proving import prove
    from launchready.stages.request import Request

    progress = Progress(sys.stderr)
    request = Request(
        project,
        environment,
        authorized_by=authorized_by,
        seconds=timeout,
        proof_seconds=seconds,
        requests=requests,
        at_once=at_once,
    )
    try:
        proof, evidence = asyncio.run(prove(request, progress, None if no_store else Path(project.root) / FOLDER))
    except ConfigError as error:
        raise Stop(str(error)) from error
    finally:
        progress.close()
    if not proof.rows and not proof.alarms and (why := _nothing(proof)):
        raise NothingToCheck(why)
    if target is not None:
        from launchready.stages.access.suite.write import access_suite

        tests = written(partial(access_suite, proof, evidence, folder or ""), target)
        target = target if tests is not None else None
        proof = dataclasses.replace(proof, tests=tests or ())
    again = call(path, url)
    finish(render_proof(proof, form, call=again), render_proof(proof, "text", call=again), output)
    if target is not None:
        say_tests(target, proof.tests, aside=form != "text" and not output)
    return GO if exit_zero else code_of(proof.verdict)


def _nothing(proof: ProofReport) -> str:
    """Why nothing could be called at all; empty when calling was only not allowed."""
    gap = next((gap for gap in proof.not_checked), None)
    if gap is not None and "--authorized-by" in gap.give:
        return ""
    if gap is None:
        return f"Called {proof.target.url}: no endpoint is known. Give the source of the app: launchready prove PATH --url URL."
    if gap.reason.startswith("Called"):
        return gap.reason
    return f"Called {proof.target.url}: {gap.reason}. Give {gap.give or 'the source of the app: launchready prove PATH --url URL'}."
