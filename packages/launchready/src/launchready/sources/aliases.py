"""Names under which scripts import each other: ``paths`` of tsconfig.json, SvelteKit's ``$lib``, Nuxt's ``#server``, and the packages of a workspace by their own manifests."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from launchready.model.parsed import json_of, table_of
from launchready.sources.tree import Tree

_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/', re.S)
_COMMA = re.compile(r",(\s*[}\]])")


@dataclass(frozen=True, slots=True)
class _Paths:
    folder: str
    base: str
    paths: tuple[tuple[str, tuple[str, ...]], ...]


class Aliases:
    """Where an import that is no relative path may lead, for the files of one tree."""

    def __init__(self, tree: Tree) -> None:
        self._configs: list[_Paths] = []
        self._packages: dict[str, tuple[str, dict[str, str]]] = {}
        self._kits: list[str] = []
        self._nuxts: list[str] = []
        for file in tree.named("tsconfig.json", "jsconfig.json", "tsconfig.base.json", "tsconfig.app.json"):
            if (options := table_of(_loaded(tree, file.path).get("compilerOptions"))) and (
                options.get("paths") or options.get("baseUrl")
            ):
                self._configs.append(_paths(posixpath.dirname(file.path), options))
        # The nearest configuration of a file counts.
        self._configs.sort(key=lambda one: len(one.folder), reverse=True)
        for file in tree.named("package.json"):
            manifest = _loaded(tree, file.path)
            if any("@sveltejs/kit" in table_of(manifest.get(kind)) for kind in ("dependencies", "devDependencies")):
                self._kits.append(posixpath.dirname(file.path))
            if any("nuxt" in table_of(manifest.get(kind)) for kind in ("dependencies", "devDependencies")):
                self._nuxts.append(posixpath.dirname(file.path))
            if isinstance(manifest.get("name"), str):
                self._packages[manifest["name"]] = (posixpath.dirname(file.path), _exports(manifest))

    def stems(self, path: str, specifier: str) -> Iterator[str]:
        """The files, perhaps without suffix, that an import in ``path`` may mean, most likely first."""
        for config in self._configs:
            if config.folder and not path.startswith(f"{config.folder}/"):
                continue
            for pattern, targets in config.paths:
                rest = _matched(pattern, specifier)
                for target in targets if rest is not None else ():
                    yield posixpath.normpath(posixpath.join(config.base, target.replace("*", rest or "", 1)))
            if not specifier.startswith("@"):
                yield posixpath.normpath(posixpath.join(config.base, specifier))
        if specifier.startswith("$lib/"):
            # svelte.dev/docs/kit: the alias stands in a file that SvelteKit makes, which no repository holds.
            for folder in self._kits:
                if not folder or path.startswith(f"{folder}/"):
                    yield posixpath.join(folder, "src/lib", specifier.removeprefix("$lib/"))
        if specifier.startswith(("#server/", "#shared/")):
            # nuxt.com/docs: the same, for the folders beside the app.
            for folder in self._nuxts:
                if not folder or path.startswith(f"{folder}/"):
                    yield posixpath.join(folder, specifier.removeprefix("#"))
        parts = specifier.split("/")
        for count in (2, 1) if specifier.startswith("@") else (1,):
            known = self._packages.get("/".join(parts[:count]))
            if known is None:
                continue
            folder, exports = known
            inner = "/".join(parts[count:])
            given = exports.get(f"./{inner}" if inner else ".") or next(
                (
                    to.replace("*", rest, 1)
                    for key, to in exports.items()
                    if "*" in key and (rest := _matched(key, f"./{inner}")) is not None
                ),
                "",
            )
            if given:
                yield posixpath.normpath(posixpath.join(folder, given))
            yield posixpath.normpath(posixpath.join(folder, "src", inner))
            yield posixpath.normpath(posixpath.join(folder, inner))


def _matched(pattern: str, specifier: str) -> str | None:
    """What stands for the star of a pattern; empty for a pattern without one; None when it does not fit."""
    head, star, tail = pattern.partition("*")
    if not star:
        return "" if pattern == specifier else None
    fits = specifier.startswith(head) and specifier.endswith(tail) and len(specifier) >= len(head) + len(tail)
    return specifier[len(head) : len(specifier) - len(tail)] if fits else None


def _paths(folder: str, options: dict[str, Any]) -> _Paths:
    base = options.get("baseUrl") if isinstance(options.get("baseUrl"), str) else "."
    entries = table_of(options.get("paths"))
    found = tuple(
        (pattern, tuple(target for target in targets if isinstance(target, str)))
        for pattern, targets in entries.items()
        if isinstance(targets, list)
    )
    return _Paths(folder, posixpath.normpath(posixpath.join(folder, str(base))), found)


def _exports(manifest: dict[str, Any]) -> dict[str, str]:
    exports = manifest.get("exports")
    entries = exports if isinstance(exports, dict) else {".": exports} if isinstance(exports, str) else {}
    found = {key: target for key, value in entries.items() if (target := _target(value))}
    if "." not in found and isinstance(manifest.get("main"), str):
        found["."] = manifest["main"]
    return found


def _target(value: object) -> str:
    if isinstance(value, dict):
        value = next((value[name] for name in ("source", "import", "default", "require", "types") if name in value), "")
        return _target(value)
    return value if isinstance(value, str) else ""


def _loaded(tree: Tree, path: str) -> dict[str, Any]:
    text = tree.text(path) or ""
    found = json_of(text)
    if found is None:
        # TypeScript's own files may have comments, and commas at the end.
        found = json_of(_COMMA.sub(r"\1", _COMMENT.sub(lambda match: match.group(1) or "", text)))
    return table_of(found)
