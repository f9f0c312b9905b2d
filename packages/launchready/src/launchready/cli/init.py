"""``launchready init``: a first launchready.toml."""

from pathlib import Path

import click

from launchready.cli.exits import GO, Stop
from launchready.cli.folders import project_at, refuse_empty
from launchready.cli.screen import call
from launchready.config.draft import Draft, Place, draft_text
from launchready.config.load import NAME
from launchready.model.words import Kind
from launchready.sources.cache import cached_surface
from launchready.sources.databases import database_line
from launchready.sources.environments import environments
from launchready.sources.environments import port as port_of
from launchready.sources.envnames import env_names
from launchready.sources.tree import Tree

_PORTS = {
    "FastAPI": 8000,
    "Starlette": 8000,
    "Django": 8000,
    "Flask": 5000,
    "Express": 3000,
    "NestJS": 3000,
    "Next.js": 3000,
}


@click.command()
@click.argument("path", default=".")
def command(path: str) -> int:
    """Look at the app in PATH and write a commented launchready.toml. Never overwrites one."""
    project = project_at(path)
    root = Path(project.root)
    target = root / NAME
    if target.exists():
        raise Stop(f"Wrote {target}: it exists already and was left alone. Edit it, or move it away first.")
    refuse_empty(project)
    tree = Tree.read(root, project.source)
    surface = cached_surface(tree)
    places = tuple(seen.name for seen in environments(tree))
    versions = [e.path for e in surface.by_kind(Kind.HEALTH) if "version" in e.path]
    frameworks = tuple(framework.name for framework in surface.frameworks)
    port = port_of(tree) or next((port for name, port in _PORTS.items() if name in frameworks), 8000)
    # A published package is built all through: what it reads stands nowhere else.
    reads = env_names(tree) or env_names(tree, built=True)
    draft = Draft(
        name=root.name,
        frameworks=frameworks,
        endpoints=len(surface.endpoints),
        roles=surface.roles,
        env_names=tuple(sorted({read.name for read in reads})),
        env_files=tuple(file.path for file in tree.files if Path(file.path).name.startswith(".env")),
        url=f"http://127.0.0.1:{port}",
        places=tuple(Place(seen.name, seen.url, seen.file) for seen in environments(tree)),
        logs=tuple(file.path for file in tree.files if file.path.endswith(".log"))[:5],
        mail=tuple(i.name.lower() for i in surface.integrations if i.kind == "email"),
        version_path=versions[0] if versions else "",
        database=database_line(tree, root),
    )
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(draft_text(draft))
    except OSError as error:
        raise Stop(f"Wrote {target}: {error.strerror}. Run as a user who may write to that folder.") from error
    click.echo(f"Written: {target}")
    many = f"{draft.endpoints} {'endpoint' if draft.endpoints == 1 else 'endpoints'}"
    told = [many] + [
        f"{what} {', '.join(names)}" for what, names in (("roles", draft.roles), ("runs in", places)) if names
    ]
    click.echo(f"  Found {', '.join(frameworks) or 'no framework we know'}; {'; '.join(told)}.")
    click.echo(f"  Next: start your app, check the url in the file, then run `{call(path)('audit')}`.")
    return GO
