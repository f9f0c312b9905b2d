"""Which packages an app depends on, out of its manifests."""

import re

from launchready.model.parsed import json_of, table_of, toml_of
from launchready.sources.tree import Tree

_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*([<>=!~^][^;#\s]*)?")


def dependencies(tree: Tree) -> dict[str, str]:
    """Package names in lower case with their version specifiers (empty when none), from every manifest of the tree.

    Reads requirements*.txt, pyproject.toml, setup.cfg, Pipfile, package.json, Gemfile, composer.json and go.mod. A manifest
    that does not parse is left out: it says nothing we could rely on.
    """
    found: dict[str, str] = {}
    for file in tree.files:
        name = file.path.rsplit("/", 1)[-1]
        text = None
        if name in _READERS or (name.startswith("requirements") and name.endswith((".txt", ".in"))):
            text = tree.text(file.path)
        if text is None:
            continue
        for package, version in _READERS.get(name, _requirements)(text).items():
            found.setdefault(package.lower(), version)
    return found


def _requirements(text: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        if (match := _REQUIREMENT.match(line)) and not line.lstrip().startswith(("-", "#")):
            found[match.group(1)] = match.group(2) or ""
    return found


def _pyproject(text: str) -> dict[str, str]:
    data = toml_of(text)
    project = table_of(data.get("project"))
    lines = [*_strings(project.get("dependencies"))]
    for group in table_of(project.get("optional-dependencies")).values():
        lines += _strings(group)
    found = _requirements("\n".join(lines))
    poetry = table_of(table_of(data.get("tool")).get("poetry"))
    for name, version in table_of(poetry.get("dependencies")).items():
        found[name] = version if isinstance(version, str) else ""
    return found


def _setup_cfg(text: str) -> dict[str, str]:
    part = re.search(r"^install_requires\s*=\s*\n((?:[ \t]+.*\n?)+)", text, re.M)
    return _requirements(part.group(1)) if part else {}


def _package_json(text: str) -> dict[str, str]:
    data = table_of(json_of(text))
    found: dict[str, str] = {}
    for key in ("dependencies", "devDependencies", "peerDependencies"):
        found |= {name: str(version) for name, version in table_of(data.get(key)).items()}
    return found


def _composer(text: str) -> dict[str, str]:
    return {name: str(version) for name, version in table_of(table_of(json_of(text)).get("require")).items()}


def _gemfile(text: str) -> dict[str, str]:
    return dict(re.findall(r"^\s*gem\s+[\"']([\w-]+)[\"'](?:\s*,\s*[\"']([^\"']+))?", text, re.M))


def _gomod(text: str) -> dict[str, str]:
    return dict(re.findall(r"^\s*(?:require\s+)?([\w.-]+\.[\w./-]+)\s+(v[\w.+-]+)", text, re.M))


def _pipfile(text: str) -> dict[str, str]:
    return {name: v if isinstance(v, str) else "" for name, v in table_of(toml_of(text).get("packages")).items()}


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


_READERS = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "Pipfile": _pipfile,
    "package.json": _package_json,
    "composer.json": _composer,
    "Gemfile": _gemfile,
    "go.mod": _gomod,
}
