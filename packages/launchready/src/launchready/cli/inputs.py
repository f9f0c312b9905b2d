"""``launchready inputs``: send the app what it must refuse, and too much of it."""

import asyncio
import dataclasses
import json
import sys
from functools import partial
from pathlib import Path

import click

from launchready.cli.calling import announce, running_app, say_tests
from launchready.cli.caps import caps, journal, place
from launchready.cli.exits import GO, NothingToCheck, Stop, code_of
from launchready.cli.output import finish, refuse_unwritable, write
from launchready.cli.progress import Progress
from launchready.cli.screen import call
from launchready.cli.suites import free, written
from launchready.config.load import ConfigError
from launchready.core.limits.cloudflare import PLANS, cloudflare
from launchready.core.limits.policy import limits_toml
from launchready.core.store import FOLDER
from launchready.model.inputs import InputReport
from launchready.report.inputs import INPUT_FORMATS, render_inputs, rules_markdown
from launchready.report.limits import limits_markdown

# For each second of the questions, bursts get so much of one more.
_BURSTS = 0.4


@click.command()
@place
@click.option(
    "--seconds",
    type=click.FloatRange(1, 86_400),
    default=300,
    show_default=True,
    help="How long the questions may take. Bursts get two minutes more, or two fifths as much again.",
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
@journal
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
    project, environment = running_app(path, url, name)
    target = free(folder) if folder else None
    if output:
        refuse_unwritable(output)
    announce(
        f"Sending {environment.url} what it must refuse, as",
        "Records are made and changed: its own ones only, and what it makes is removed or listed.",
        project,
        environment,
        f"At most {requests} requests and {seconds:g} s",
        authorized_by,
    )
    from launchready.stages.inputs.trials.questions import LIMIT_SECONDS
    from launchready.stages.request import Request
    from launchready.stages.trying import try_inputs

    progress = Progress(sys.stderr)
    request = Request(
        project,
        environment,
        authorized_by=authorized_by,
        seconds=timeout,
        input_seconds=seconds,
        limit_seconds=max(LIMIT_SECONDS, seconds * _BURSTS),
        requests=requests,
        at_once=at_once,
        deep=deep,
    )
    try:
        report, evidence = asyncio.run(try_inputs(request, progress, None if no_store else Path(project.root) / FOLDER))
    except ConfigError as error:
        raise Stop(str(error)) from error
    finally:
        progress.close()
    if not report.requests:
        gap = next(iter(report.not_checked), None)
        if gap is not None and gap.reason.startswith("Called"):
            raise NothingToCheck(gap.reason)
        why = f"{gap.reason}. Give {gap.give}" if gap is not None else "it was not called"
        raise NothingToCheck(f"Called {environment.url}: {why}.")
    if target is not None:
        from launchready.stages.inputs.suite.write import input_suite

        tests = written(partial(input_suite, report, evidence, folder or ""), target)
        target = target if tests is not None else None
        report = dataclasses.replace(report, tests=tests or ())
    again = call(path, url)
    finish(render_inputs(report, form, call=again), render_inputs(report, "text", call=again), output)
    if documents:
        _document(report, Path(documents).expanduser(), plan, aside=form != "text" and not output)
    if target is not None:
        say_tests(target, report.tests, aside=form != "text" and not output)
    return GO if exit_zero else code_of(report.verdict)


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
