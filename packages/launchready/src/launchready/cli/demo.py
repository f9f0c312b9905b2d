"""``launchready demo``: the sample app Opsboard, audited as it is and as it should be."""

import dataclasses
import json
import shutil
import sys
from pathlib import Path

import click

from launchready.cli.audit import run
from launchready.cli.exits import GO, Stop
from launchready.cli.output import write
from launchready.cli.screen import screen
from launchready.cli.stops import until_stopped
from launchready.config.load import load_project
from launchready.core.codec import encode
from launchready.demo.faults import faults
from launchready.demo.score import Score, score
from launchready.demo.server import DemoError, running
from launchready.demo.template import VARIANTS
from launchready.report import render


@click.group(invoke_without_command=True)
@click.option(
    "-o", "--output", "folder", default="demo-report", show_default=True, help="Folder for the two HTML reports."
)
@click.pass_context
def command(ctx: click.Context, folder: str) -> int:
    """Start Opsboard as an AI assistant might have left it, audit it, and then audit it with everything mended.

    It runs on loopback only, ends by itself and leaves nothing but the reports.
    """
    if ctx.invoked_subcommand is not None:
        return GO
    target = Path(folder).absolute()
    for number, variant in enumerate(VARIANTS, 1):
        click.echo(f"{number} of {len(VARIANTS)}: Opsboard, {variant}\n")
        _audit(variant, target)
    return GO


@command.command("serve")
@click.option("--variant", type=click.Choice(VARIANTS), default="unsafe", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
def serve(variant: str, port: int) -> int:
    """Run Opsboard until stopped. Prints one JSON line: url, source, faults."""
    try:
        with until_stopped() as wait, running(variant, port) as demo:
            line = {"url": demo.url, "source": str(demo.source), "faults": str(demo.faults), "pid": demo.pid}
            click.echo(json.dumps(line))
            sys.stdout.flush()
            wait()
    except DemoError as error:
        raise Stop(str(error)) from error
    return GO


@command.command("score")
@click.argument("audit", type=click.Path(dir_okay=False))
@click.option("-f", "--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def score_command(audit: str, form: str) -> int:
    """Say how many of the planted faults an AUDIT (the JSON of `launchready audit`) found."""
    try:
        content = json.loads(Path(audit).read_text(encoding="utf-8"))
        name = content["environment"]["name"]
        if name not in VARIANTS and content["target"]["name"] == "Opsboard":
            name = "unsafe"
        if name not in VARIANTS:
            raise ValueError(f"Read {audit}: it audited {name!r}, not Opsboard. Give the JSON of an audit of the demo.")
        result = score(content, faults(name))
    except OSError as error:
        raise Stop(f"Read {audit}: {error.strerror}. Give the JSON `launchready audit --format json` wrote.") from error
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise Stop(f"Read {audit}: that is no audit. Give the JSON `launchready audit --format json` wrote.") from error
    except ValueError as error:
        raise Stop(str(error)) from error
    write(json.dumps(result.as_json(), indent=2) if form == "json" else _said(result), None)
    return GO


def _audit(variant: str, folder: Path) -> None:
    from launchready.stages.request import Request

    try:
        with running(variant) as demo:
            project = load_project(demo.source)
            audit = run(Request(project, project.environments[0]), keep=False)
    except DemoError as error:
        raise Stop(str(error)) from error
    # The temporary folder is gone: a path to it would only mislead.
    shown = dataclasses.replace(audit, target=dataclasses.replace(audit.target, source="(the demo's temporary folder)"))
    write(screen(shown, ".", kept=False), None)
    report, data = folder / f"opsboard-{variant}.html", folder / f"opsboard-{variant}.json"
    folder.mkdir(parents=True, exist_ok=True)
    write(render(shown, "html"), str(report))
    write(encode(shown).decode(), str(data))
    result = score(json.loads(encode(shown)), faults(variant))
    click.echo(
        f"\n  {_said(result)}\n  Report  {report}\n\n" + "─" * min(100, shutil.get_terminal_size().columns) + "\n"
    )


def _said(result: Score) -> str:
    said = f"{result.found} of {result.planted} planted faults found" if result.planted else "No fault is planted here"
    if not result.planted and not result.unexpected:
        return said + ", and none was reported"
    if result.unexpected:
        extra = len(result.unexpected)
        said += f", and {extra} {'finding' if extra == 1 else 'findings'} beyond them"
    if result.missed:
        said += f"\n  Not found yet: {', '.join(name for name, _ in result.missed)}"
    return said
