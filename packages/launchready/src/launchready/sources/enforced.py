"""Where the guard inside the app stands, and so which policy says who may call what."""

import re
from collections.abc import Iterator

from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.read import facts_of
from launchready.sources.places import is_real
from launchready.sources.tree import Tree

_PUTS_IN = re.compile(r"^(?!\s*#).*?\b(?:Guard|protect)\(.*", re.M)
_MIDDLEWARE = re.compile(r"^\s*[\"']launchready_guard\.frameworks\.django\.\w+[\"']", re.M)
_OBSERVES = re.compile(r"\bobserve\s*=\s*True")
_FILE = re.compile(r"[\"']([\w./-]+\.toml)[\"']")


def with_guard(tree: Tree, endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    """The endpoints with what the guard adds, when the app has one that refuses; as they are otherwise."""
    found = next(_guards(tree), None)
    if found is None:
        return endpoints
    # Only now: what reads a policy takes as long to import as a small app to read.
    from launchready.sources.policed import with_policy

    place, name = found
    return with_policy(tree, endpoints, name, place)


def _guards(tree: Tree) -> Iterator[tuple[Span, str]]:
    """Where the guard is put in, and the name of its policy file."""
    for source in tree.with_suffix(".py"):
        text = tree.text(source.path) or ""
        if "launchready_guard" not in text or not is_real(source.path):
            continue
        if listed := _MIDDLEWARE.search(text):
            named = _FILE.search(text)
            yield _span(source.path, text, listed), named[1].rsplit("/", 1)[-1] if named else "policy.toml"
        facts = facts_of(source.path, text.encode("utf-8", "replace"))
        if facts is None or not any(
            one.module.startswith("launchready_guard") and one.symbol in ("Guard", "protect")
            for one in facts.imports.values()
        ):
            continue
        for match in _PUTS_IN.finditer(text):
            call = text[match.start() : match.start() + 600].split("\n\n")[0]
            if not _OBSERVES.search(call):
                named = _FILE.search(call)
                yield _span(source.path, text, match), named[1].rsplit("/", 1)[-1] if named else "policy.toml"


def _span(path: str, text: str, match: "re.Match[str]") -> Span:
    at = match.end() - len(match[0].lstrip())
    return Span(path, text.count("\n", 0, at) + 1, "the guard stands around the app here")
