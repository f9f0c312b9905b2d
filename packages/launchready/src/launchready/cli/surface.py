"""``launchready surface``: every way in, and who may use it."""

from pathlib import Path

import click

from launchready.cli.exits import GO, NOTHING
from launchready.cli.folders import project_at, refuse_empty
from launchready.cli.output import write
from launchready.report.surface import SURFACE_FORMATS, render_surface


@click.command()
@click.argument("path", default=".")
@click.option(
    "-f", "--format", "form", type=click.Choice(sorted(SURFACE_FORMATS)), default="terminal", show_default=True
)
@click.option("-o", "--output", help="Write the result to a file.")
def command(path: str, form: str, output: str | None) -> int:
    """List the endpoints of the app in PATH: method, path, kind, read or write, who may call it, and where we saw that.

    Reads source only. *unknown* means that a person must look: it is never counted as safe.
    """
    from launchready.sources.cache import cached_surface
    from launchready.sources.tree import Tree

    project = project_at(path)
    refuse_empty(project)
    surface = cached_surface(Tree.read(Path(project.root), project.source))
    write(render_surface(surface, form, project.name), output)
    return GO if surface.endpoints or surface.data else NOTHING
