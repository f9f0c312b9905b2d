"""``launchready handover``: the handover page."""

from pathlib import Path

import click

from launchready.cli.exits import GO
from launchready.cli.folders import project_at
from launchready.cli.output import write, write_file
from launchready.cli.stored import stored_audit
from launchready.stages.handover.deliverables import handover_page


@click.command()
@click.argument("path", default=".")
@click.option("--run", default="latest", show_default=True, help="A stored run, by id or the start of it.")
@click.option("-o", "--output", help="Write to this file; default: standard output.")
def command(path: str, run: str, output: str | None) -> int:
    """Write the handover page of the app in PATH (Markdown): what is known, and what a named owner still has to attest."""
    project = project_at(path)
    text = handover_page(project, stored_audit(project, run))
    if output and output != "-":
        write_file(text, Path(output).absolute())
        click.echo(f"Handover written: {output}")
    else:
        write(text, None)
    return GO
