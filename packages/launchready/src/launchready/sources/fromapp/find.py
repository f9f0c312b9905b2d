"""Finds the app object or entry that a person would name: by the source, without running it."""

import re
from dataclasses import dataclass
from pathlib import Path

from launchready.model.parsed import json_of, table_of
from launchready.sources.places import is_real
from launchready.sources.tree import Tree

_OBJECT = re.compile(r"^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(?:FastAPI|Flask|Starlette)\(", re.M)
_FACTORY = re.compile(r"^(?:async\s+)?def\s+(create_app|make_app|get_app|build_app|create_application)\(\s*\)?", re.M)
_SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE[\"']\s*,\s*[\"']([\w.]+)[\"']")
_LIKELY = ("main.py", "app.py", "wsgi.py", "asgi.py", "server.py", "api.py", "__init__.py")
_ENTRIES = (
    "dist/main.js",
    "build/main.js",
    "server.js",
    "app.js",
    "index.js",
    "src/server.js",
    "src/app.js",
    "src/index.js",
    "src/main.js",
)


@dataclass(frozen=True, slots=True)
class Target:
    """What to ask: ``language`` is ``python`` or ``node``; ``name`` is ``module:attribute``, ``django:settings`` or a script."""

    language: str
    name: str
    folder: Path


def named(text: str, root: Path) -> Target:
    """The target a person named: a script of JavaScript, or ``module:attribute``."""
    script = text.endswith((".js", ".cjs", ".mjs"))
    return Target("node" if script else "python", text, root)


def find(tree: Tree) -> Target | None:
    """The likeliest app of a tree, None when nothing looks like one: manage.py, an app object near the root, a package's entry."""
    for file in tree.named("manage.py"):
        if is_real(file.path) and (match := _SETTINGS.search(tree.text(file.path) or "")):
            return Target("python", f"django:{match.group(1)}", (tree.root / file.path).parent)
    return _python(tree) or _node(tree)


def _python(tree: Tree) -> Target | None:
    found: list[tuple[tuple[int, int, int, str], Target]] = []
    for file in tree.with_suffix(".py"):
        if not is_real(file.path):
            continue
        text = tree.text(file.path) or ""
        if not re.search(r"\b(?:FastAPI|Flask|Starlette)\(", text):
            continue
        base = file.path.rsplit("/", 1)[-1]
        rank = _LIKELY.index(base) if base in _LIKELY else len(_LIKELY)
        match, factory = _OBJECT.search(text), _FACTORY.search(text)
        if match or factory:
            name = match.group(1) if match else f"{factory.group(1)}()" if factory else ""
            folder, module = _module(tree, file.path)
            key = (file.path.count("/"), 0 if match else 1, rank, file.path)
            found.append((key, Target("python", f"{module}:{name}", folder)))
    return min(found, key=lambda one: one[0])[1] if found else None


def _module(tree: Tree, path: str) -> tuple[Path, str]:
    """The folder to run in and the dotted name: the package is as deep as ``__init__.py`` files go, else as folders do from the root."""
    known = {file.path for file in tree.files}
    parts = path.removesuffix(".py").split("/")
    if parts[-1] == "__init__":
        parts.pop()
    start = len(parts) - 1
    while start > 0 and "/".join([*parts[:start], "__init__.py"]) in known:
        start -= 1
    return tree.root.joinpath(*parts[:start]), ".".join(parts[start:])


def _node(tree: Tree) -> Target | None:
    for file in sorted(tree.named("package.json"), key=lambda one: one.path.count("/")):
        data = table_of(json_of(tree.text(file.path) or ""))
        if not is_real(file.path):
            continue
        needs = data.get("dependencies")
        if not isinstance(needs, dict) or not {"express", "@nestjs/core"} & set(needs):
            continue
        folder = (tree.root / file.path).parent
        scripts = data.get("scripts")
        start = str(scripts.get("start:prod") or scripts.get("start") or "") if isinstance(scripts, dict) else ""
        run = re.search(r"\bnode\s+(?:-\S+\s+)*([\w./-]+)", start)
        for name in (run.group(1) if run else "", str(data.get("main") or ""), *_ENTRIES):
            for entry in (name, f"{name}.js"):
                if name and (folder / entry).is_file():
                    return Target("node", entry, folder)
    return None
