"""Which third parties an app talks to: by its packages, its imports, the environment variables it reads and the scripts its pages load."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from launchready.model.surface import Integration, Span
from launchready.sources.browser_names import BROWSER_PREFIX
from launchready.sources.envnames import env_names
from launchready.sources.listings import listed
from launchready.sources.places import is_built, is_real
from launchready.sources.tree import Tree

_CODE = (".py", ".js", ".ts", ".jsx", ".tsx", ".mjs", ".cjs", ".vue", ".svelte")
_PAGES = (".html", ".htm", ".jinja", ".jinja2", ".j2", ".ejs", ".hbs", ".pug", ".astro", ".erb", ".php")
# A pattern that begins with a letter of its own is found many times faster than one that begins anywhere.
_PYTHON = re.compile(r"\n[ \t]*(?:from|import)[ \t]+([A-Za-z_][\w.]*)")
_PYTHON_PACKAGE = re.compile(r"\n[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*)")
_SCRIPTS = tuple(
    re.compile(rf"""{word}(?<!\w{word}){after}["']([^"'.\n][^"'\n]{{0,80}})["']""")
    for word, after in (("from", r"\s*"), ("import", r"\s*\(?\s*"), ("require", r"\(\s*"))
)
_ADDRESS = re.compile(r"//[^\s\"'`<>]{4,200}")
_CALLERS = (".rb", ".php", ".go", ".java", ".kt")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Rule:
    """What gives a third party away, and ``verify``: what to look at before launch.

    A package that ends with ``*`` stands for all that begin so. ``hosts`` are addresses of its API that code calls.
    """

    name: str
    kind: str
    packages: tuple[str, ...]
    env: tuple[str, ...]
    scripts: re.Pattern[str] | None
    hosts: re.Pattern[str] | None
    verify: tuple[str, ...]


@cache
def rules() -> tuple[Rule, ...]:
    """Every third party we know, from rules/integrations.toml."""
    data = tomllib.loads((Path(__file__).parent / "rules" / "integrations.toml").read_text(encoding="utf-8"))
    return tuple(
        Rule(
            row["name"],
            row["kind"],
            tuple(row["packages"]),
            tuple(row["env"]),
            re.compile("|".join(row["scripts"])) if row["scripts"] else None,
            re.compile("|".join(row["hosts"])) if row.get("hosts") else None,
            tuple(data["verify"][row["kind"]]),
        )
        for row in data["integration"]
    )


def integrations(tree: Tree, packages: dict[str, str]) -> tuple[Integration, ...]:
    """Every third party that the tree shows, with where."""
    reads, imported, found = env_names(tree), _imports(tree), []
    scripts: dict[str, list[Span]] = defaultdict(list)
    for rule, file, line in page_scripts(tree):
        scripts[rule.name].append(Span(file, line, f"loads a script of {rule.name}"))
    calls: dict[str, list[Span]] = defaultdict(list)
    for rule, file, line in _called(tree):
        calls[rule.name].append(Span(file, line, f"calls {rule.name}"))
    for rule in rules():
        evidence = [Span("", 0, f"depends on {package}") for package in _known(rule.packages, packages)]
        evidence += [imported[name] for name in _known([*map(_as_imported, rule.packages)], imported)]
        evidence += [
            Span(read.file, read.line, f"reads {read.name}")
            for read in reads
            if rule.env and BROWSER_PREFIX.sub("", read.name).startswith(rule.env)
        ]
        evidence += scripts[rule.name] + calls[rule.name]
        if evidence:
            shown = sorted(evidence, key=lambda span: not span.file)[:_SHOWN]
            found.append(Integration(rule.name, rule.kind, tuple(shown), rule.verify))
    return tuple(found)


def listed_integrations(root: str, paths: bytes, packages: dict[str, str]) -> tuple[Integration, ...]:
    """:func:`integrations` of the files below ``root`` that a listing names."""
    return integrations(listed(root, paths), packages)


def page_scripts(tree: Tree) -> Iterator[tuple[Rule, str, int]]:
    """Each third party's script that the app's own pages and components name, with file and line; once per file."""
    return _addressed(tree, (*_PAGES, *_CODE), [(rule, rule.scripts) for rule in rules() if rule.scripts is not None])


def _called(tree: Tree) -> Iterator[tuple[Rule, str, int]]:
    """Each third party whose API the app's own code calls by its address, with file and line; once per file."""
    return _addressed(tree, (*_CODE, *_CALLERS), [(rule, rule.hosts) for rule in rules() if rule.hosts is not None])


def _addressed(
    tree: Tree, suffixes: Sequence[str], wanted: Sequence[tuple[Rule, re.Pattern[str]]]
) -> Iterator[tuple[Rule, str, int]]:
    for file in tree.with_suffix(*suffixes):
        if is_built(file.path) or not is_real(file.path):
            continue
        text = tree.text(file.path) or ""
        # Addresses are a small part of a text, and thirty patterns look at them.
        addresses = "\n".join(_ADDRESS.findall(text)) if "//" in text else ""
        for rule, pattern in wanted if addresses else ():
            if pattern.search(addresses) and (match := pattern.search(text)):
                yield rule, file.path, text.count("\n", 0, match.start()) + 1


def _known(wanted: Sequence[str], known: Iterable[str]) -> list[str]:
    """Which names of ``known`` are wanted: each by itself, or by its beginning before a ``*``."""
    exact, begin = set(wanted), tuple(name[:-1] for name in wanted if name.endswith("*"))
    return [name for name in known if name in exact or (begin and name.startswith(begin))]


def _imports(tree: Tree) -> dict[str, Span]:
    """The first import of every package, by the name packages are known under here."""
    found: dict[str, Span] = {}
    for file in tree.with_suffix(*_CODE):
        if is_built(file.path) or not is_real(file.path):
            continue
        python = file.suffix == ".py"
        text = "\n" + (tree.text(file.path) or "")
        if python and all(_as_imported(name) in found for name in set(_PYTHON_PACKAGE.findall(text))):
            # Most files import what others do.
            continue
        matches = (match for pattern in ((_PYTHON,) if python else _SCRIPTS) for match in pattern.finditer(text))
        for match in sorted(matches, key=re.Match.start):
            named = match.group(1)
            name = named.split(".")[0] if python else "/".join(named.split("/")[: 2 if named.startswith("@") else 1])
            # A part of a package can be a service of its own: `firebase/auth`.
            part = named if not python and named.count("/") == 1 else name
            for one in dict.fromkeys((name, part)):
                if (key := _as_imported(one)) not in found:
                    line = text.count("\n", 0, match.start(1))
                    found[key] = Span(file.path, line, f"imports {one}")
    return found


def _as_imported(package: str) -> str:
    return package.lower().replace("-", "_")
