"""Routers that nothing can mount: a name of one file, which is not exported and only ever given routes."""

import re

from launchready.sources.frameworks.common import Reader

_GIVEN = r"\s*\.\s*(?:get|post|put|patch|delete|del|all|head|options|query|search|use|param|prefix|route)\s*\("


def forgotten(reader: Reader, path: str, name: str) -> bool:
    """Whether the router bound to ``name`` is out of reach: the file neither hands it to anything nor lets others have it."""
    module = reader.resolver.module(path)
    if module is None or name not in module.bindings or name in module.exports:
        return False
    own = re.compile(rf"(?<![\w.$/-]){re.escape(name)}(?![\w$-])")
    text = reader.tree.text(path) or ""
    uses = [found for found in own.finditer(text) if not re.compile(_GIVEN).match(text, found.end())]
    made = re.search(rf"(\bexport\s+)?\b(?:const|let|var)\s+{re.escape(name)}\b", text)
    return made is not None and made.group(1) is None and len(uses) == 1
