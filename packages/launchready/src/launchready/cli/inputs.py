"""``launchready inputs``: send the app what it must refuse, and too much of it."""

import asyncio
import dataclasses
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from launchready.cli.audit import choose_environment
from launchready.cli.caps import caps
from launchready.cli.exits import GO, INCOMPLETE, NO_GO, NothingToCheck, Stop
from launchready.cli.folders import project_at
from launchready.cli.output import write
from launchready.cli.progress import Progress
from launchready.cli.suites import free, save
from launchready.core.limits.cloudflare import PLANS, cloudflare
from launchready.core.limits.documents import limits_markdown, limits_toml
from launchready.core.store import FOLDER
from launchready.model.inputs import InputReport
from launchready.model.project import Environment, Project
from launchready.model.words import Decision
from launchready.report.inputs import INPUT_FORMATS, render_inputs, rules_markdown

_CODES = {Decision.GO: GO, Decision.NO_GO: NO_GO, Decision.INCOMPLETE: INCOMPLETE}


@click.command()
@click.argument("path", default=".")
@click.option("--url", help="The running app. Loopback hosts may be probed freely.")
@click.option(
    "-e", "--env", "--environment", "name", help="An environment of launchready.toml. Default: the first with a URL."
)
@click.option(
    "--seconds",
    type=click.FloatRange(1, 86_400),
    default=300,
    show_default=True,
    help="How long it may take in all.",
)
@click.option("--deep", is_flag=True, help="Send every value out of place there is, not only those that find most.")
@click.option("-f", "--format", "form", type=click.Choice(INPUT_FORMATS), default="text", show_default=True)
@click.option("-o", "--output", help="Write the result to a file; the screen is still printed.")
@click.option(
    "--documents",
    "documents",
    metavar="DIR",
    help="Also write the rate-limit policy (for people, for policy.toml, for Cloudflare) and the validation rules.",
)
@click.option(
    "--plan",
    type=click.Choice(tuple(PLANS)),
    default="free",
    show_default=True,
    help="The plan of Cloudflare its rules are written for.",
)
@click.option(
    "--emit-tests",
    "folder",
    metavar="DIR",
    help="Also write schema tests as a pytest suite of your own, into a folder that is new or empty.",
)
@caps
@click.option("--no-store", is_flag=True, help="Keep no journal in .launchready/: a run that is stopped starts anew.")
@click.option("--exit-zero", is_flag=True, help="End with 0 whatever was found.")
def command(
    path: str,
    url: str | None,
    name: str | None,
    seconds: float,
    deep: bool,
    form: str,
    output: str | None,
    documents: str | None,
    plan: str,
    folder: str | None,
    authorized_by: str,
    timeout: float,
    requests: int,
    at_once: int,
    no_store: bool,
    exit_zero: bool,
) -> int:
    """Send the running app what it must refuse, and call it too often, and say what it did.

    Where the app may be written to (loopback, or writes = true), throwaway accounts are made and removed again. What could not be
    asked is listed as not checked, never as passed.
    """
    project = project_at(path)
    environment = choose_environment(project, url, name)
    if not environment.url:
        raise NothingToCheck(
            "Looked for a running app to call: none is given. Start it, and give its address: --url http://127.0.0.1:8000, or [environments.NAME] url."
        )
    target = free(folder) if folder else None
    _announce(project, environment, seconds, requests, authorized_by)
    from launchready.stages.session import Request
    from launchready.stages.trying import try_inputs

    progress = Progress(sys.stderr)
    request = Request(
        project,
        environment,
        authorized_by=authorized_by,
        seconds=timeout,
        input_seconds=seconds,
        requests=requests,
        at_once=at_once,
        deep=deep,
    )
    try:
        report, evidence = asyncio.run(try_inputs(request, progress, None if no_store else Path(project.root) / FOLDER))
    finally:
        progress.close()
    if target is not None:
        from launchready.stages.inputs.suite.write import input_suite

        files, tests = input_suite(report, evidence, folder or "")
        save(files, target)
        report = dataclasses.replace(report, tests=tests)
    write(render_inputs(report, form), output)
    if output and output != "-":
        write(render_inputs(report, "text"), None)
        click.echo(f"  Written: {output}")
    if documents:
        _document(report, Path(documents).expanduser(), plan, aside=form != "text" and not output)
    if target is not None:
        failing = sum(bool(test.fails) for test in report.tests)
        click.echo(
            f"  Tests written: {target}: {len(report.tests)} tests, {failing} of which fail until the alarms are mended. README.md says how to run them.",
            err=form != "text" and not output,
        )
    return GO if exit_zero else _CODES[report.verdict]


def _announce(project: Project, environment: Environment, seconds: float, requests: int, authorized_by: str) -> None:
    """Say on a terminal what is about to happen; nothing in a pipe."""
    if not sys.stderr.isatty():
        return
    from launchready.ground.people import site_is_ours
    from launchready.probes.http import is_loopback

    writes = site_is_ours(environment, is_loopback(urlsplit(environment.url).hostname or ""))
    people = ["a stranger", *(f"{one.name} ({one.role})" for one in project.identities)]
    people += ["throwaway accounts made for the run"] if writes else []
    does = (
        "Records are made and changed: its own ones only, and what it makes is removed or listed."
        if writes
        else "Reads only. writes = true in the environment allows more."
    )
    allowed = f" Authorised by {authorized_by}." if authorized_by else ""
    click.echo(
        f"Sending {environment.url} what it must refuse, as {', '.join(people)}. {does}\n"
        f"At most {requests} requests and {seconds:g} s.{allowed} Ctrl-C stops at once.\n",
        err=True,
    )


def _document(report: InputReport, folder: Path, plan: str, *, aside: bool) -> None:
    """Write the documents; what a person changed in an older copy is for version control to show."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stop(f"Made the folder {folder}: {error.strerror}. Give a folder that can be written to.") from error
    rules = cloudflare(report.limits, PLANS[plan])
    left = "".join(f"- {one}\n" for one in rules.left)
    edge = f"\n## What Cloudflare's {plan} plan cannot hold\n\n{left or 'Nothing.'}"
    files = {
        "rate-limits.md": limits_markdown(report.target.project, report.limits) + edge,
        "rate-limits.toml": limits_toml(report.limits),
        "cloudflare-rate-limits.json": json.dumps(rules.body, indent=2) + "\n",
        "validation-rules.md": rules_markdown(report),
    }
    for name, text in files.items():
        write(text, str(folder / name))
        click.echo(f"  Written: {folder / name}", err=aside)
