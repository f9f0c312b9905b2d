"""The sources a source map carries along (ECMA-426, ``sourcesContent``): whoever downloads the map has them all."""

import posixpath
from collections.abc import Iterator

from launchready.model.parsed import json_of

_LARGEST = 40_000_000


def original_sources(content: bytes) -> Iterator[tuple[str, bytes]]:
    """``(path, content)`` of every source of our own in a map; nothing for a file that is no source map."""
    if len(content) > _LARGEST:
        return
    for part in _parts(json_of(content)):
        names, texts = part.get("sources"), part.get("sourcesContent")
        if not isinstance(names, list) or not isinstance(texts, list):
            continue
        for name, text in zip(names, texts, strict=False):
            if isinstance(name, str) and isinstance(text, str) and "node_modules/" not in name:
                path = posixpath.normpath(name.split("://", 1)[-1].split("?")[0]).lstrip("./")
                yield path or "source", text.encode("utf-8", "surrogatepass")


def _parts(found: object) -> Iterator[dict[str, object]]:
    if not isinstance(found, dict):
        return
    yield found
    sections = found.get("sections")
    for section in sections if isinstance(sections, list) else ():
        if isinstance(section, dict) and isinstance(section.get("map"), dict):
            yield section["map"]
