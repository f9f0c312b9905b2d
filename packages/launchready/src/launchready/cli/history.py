"""``launchready history``: the stored runs."""

import click

from launchready.cli.exits import GO, NOTHING
from launchready.cli.folders import project_at
from launchready.cli.stored import stored_runs
from launchready.report.history import render_history


@click.command()
@click.argument("path", default=".")
@click.option("-f", "--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(path: str, form: str) -> int:
    """List the stored runs of the app in PATH, newest first. A run that was stopped is marked as such."""
    project = project_at(path)
    rows = stored_runs(project)
    click.echo(render_history(rows, form))
    return GO if rows else NOTHING
