"""``launchready diff``: what changed between two runs."""

import click

from launchready.cli.exits import GO, NothingToCheck
from launchready.cli.folders import project_at
from launchready.cli.stored import stored_audit, stored_runs
from launchready.core.diff import diff
from launchready.report.history import render_diff


@click.command()
@click.argument("path", default=".")
@click.option("--from", "old", help="The older run. Default: the one before the newest.")
@click.option("--to", "new", default="latest", show_default=True, help="The newer run.")
@click.option("-f", "--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(path: str, old: str | None, new: str, form: str) -> int:
    """Show what two runs of the app in PATH differ in: new findings, fixed findings, changed outcomes."""
    project = project_at(path)
    if old is None:
        rows = stored_runs(project)
        if len(rows) < 2:
            raise NothingToCheck(
                f"Compared two runs of {project.name}: {len(rows)} stored. Run `launchready audit` again first."
            )
        old = rows[1].id
    click.echo(render_diff(diff(stored_audit(project, old), stored_audit(project, new)), form))
    return GO
