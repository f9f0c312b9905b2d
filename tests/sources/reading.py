"""Writes a small app to a folder and reads its surface."""

from pathlib import Path
from textwrap import dedent

from launchready.model.surface import Endpoint, Surface
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree


def surface(root: Path, **files: str) -> Surface:
    """The surface of an app: ``main_py`` becomes main.py, ``app__main_py`` app/main.py."""
    for name, text in files.items():
        stem, _, suffix = name.replace("__", "/").rpartition("_")
        path = root / f"{stem}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return read_surface(Tree.read(root))


def app(root: Path, files: dict[str, str], package: str = "") -> Surface:
    """The surface of an app with these files, which depends on ``package`` when one is named."""
    manifest = {"package.json": f'{{"dependencies": {{"{package}": "1"}}}}'} if package else {}
    for name, text in {**manifest, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read_surface(Tree.read(root))


def who(surface: Surface) -> dict[str, str]:
    """Who may call each endpoint, by ``METHOD /path``."""
    return {endpoint.name: endpoint.access.verdict.value for endpoint in surface.endpoints}


def one(surface: Surface, name: str) -> Endpoint:
    """The endpoint of that name."""
    return next(endpoint for endpoint in surface.endpoints if endpoint.name == name)
