"""``launchready report``: a stored run again, in any format."""

import webbrowser
from pathlib import Path

import click

from launchready.cli.exits import GO
from launchready.cli.folders import project_at
from launchready.cli.output import write, write_file
from launchready.cli.screen import screen
from launchready.cli.stored import stored_audit
from launchready.core.store import FOLDER
from launchready.report import FORMATS, render


@click.command()
@click.argument("path", default=".")
@click.option("--run", default="latest", show_default=True, help="A stored run, by id or the start of it.")
@click.option("-f", "--format", "form", type=click.Choice(sorted(FORMATS)), default="html", show_default=True)
@click.option(
    "-o", "--output", help="Write to this file; - is standard output. Default for html: .launchready/report.html."
)
@click.option("--open", "show", is_flag=True, help="Open the HTML report in a browser.")
def command(path: str, run: str, form: str, output: str | None, show: bool) -> int:
    """Write a stored run of the app in PATH again. Nothing is asked again."""
    project = project_at(path)
    audit = stored_audit(project, run)
    text = screen(audit, path) if form == "terminal" else render(audit, form)
    if form != "html":
        write(text, output)
        return GO
    if output == "-":
        write(text, None)
        return GO
    target = Path(output).absolute() if output else Path(project.root, FOLDER, "report.html")
    write_file(text, target)
    click.echo(f"Report written: {target}")
    if show:
        webbrowser.open(target.as_uri())
    return GO
