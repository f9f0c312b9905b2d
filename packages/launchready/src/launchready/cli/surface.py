"""``launchready surface``: every way in, and who may use it."""

from pathlib import Path

import click

from launchready.cli.exits import GO, NOTHING, Stop
from launchready.cli.folders import project_at, refuse_empty
from launchready.cli.output import write
from launchready.cli.sites import site_of
from launchready.model.project import Identity
from launchready.model.surface import Surface
from launchready.report.surface import SURFACE_FORMATS, render_surface

_FOUND_BY_ITSELF = "(by itself)"


@click.command()
@click.argument("path", default=".")
@click.option(
    "-f", "--format", "form", type=click.Choice(sorted(SURFACE_FORMATS)), default="terminal", show_default=True
)
@click.option("-o", "--output", help="Write the result to a file.")
@click.option(
    "--from-app",
    "app",
    is_flag=False,
    flag_value=_FOUND_BY_ITSELF,
    metavar="[MODULE:APP]",
    help="Also import the app, without serving it, and compare with its own route table. Runs the app's code. "
    "Give module:app, module:factory(), django:settings or a script; without one, it is found from source.",
)
@click.option("--python", default="", help="The interpreter to import a Python app with. Default: its .venv or venv.")
@click.option(
    "--timeout", type=click.FloatRange(1, 600), default=60, show_default=True, help="Seconds the app may take."
)
@click.option(
    "--crawl",
    "site",
    metavar="URL",
    help="Also walk the running site in headless Chromium, as a guest and as every identity of launchready.toml, following links only.",
)
def command(
    path: str, form: str, output: str | None, app: str | None, python: str, timeout: float, site: str | None
) -> int:
    """List the endpoints of the app in PATH: method, path, kind, read or write, who may call it, and where we saw that.

    Reads source, and the documents beside it: OpenAPI, GraphQL schemas, HAR and Postman. *unknown* means that a person must
    look: it is never counted as safe.
    """
    from launchready.sources.cache import cached_surface
    from launchready.sources.tree import Tree

    if app and path == "." and Path(app).is_dir():
        # `--from-app FOLDER`: the folder is the app's, for nobody calls an app object by the name of a folder.
        path, app = app, _FOUND_BY_ITSELF
    project = project_at(path)
    refuse_empty(project)
    tree = Tree.read(Path(project.root), project.source)
    surface = cached_surface(tree)
    if app:
        from launchready.sources.fromapp.ask import FromAppError, ask
        from launchready.sources.fromapp.find import find, named
        from launchready.sources.fromapp.reconcile import reconciled

        target = find(tree) if app == _FOUND_BY_ITSELF else named(app, tree.root)
        if target is None:
            raise Stop(
                f"Looked for the app object in {path}: found none. Name it: --from-app module:app, module:factory() or server.js."
            )
        try:
            surface = reconciled(surface, ask(target, tree.root, python=python, seconds=timeout))
        except FromAppError as error:
            raise Stop(str(error)) from error
    if site:
        surface = _walked(surface, site, project.identities)
    write(render_surface(surface, form, project.name), output)
    return GO if surface.endpoints or surface.data else NOTHING


def _walked(surface: Surface, url: str, identities: tuple[Identity, ...]) -> Surface:
    import asyncio

    from launchready.probes.browser import BrowserError, walk
    from launchready.sources.observed import Observation, ThirdPartyScript, with_observed

    site_of(url, "--crawl")
    try:
        visits = asyncio.run(walk(url, identities))
    except BrowserError as error:
        raise Stop(str(error)) from error
    if not visits[0].pages:
        raise Stop(f"Opened {url} in a browser: {'; '.join(visits[0].gaps)}. Start the app, or give another address.")
    for visit in visits:
        click.echo(f"{visit.who}: {len(visit.pages)} pages, {len(visit.seen)} requests of their own", err=True)
    return with_observed(
        surface,
        [Observation(v.who, s.method, s.path, s.page, s.query, s.body) for v in visits for s in v.seen],
        [ThirdPartyScript(v.who, address, page) for v in visits for address, page in v.scripts],
        [gap for v in visits for gap in v.gaps],
    )
