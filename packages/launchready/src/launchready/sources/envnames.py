"""Which environment variables the source reads, and where."""

import re
from dataclasses import dataclass

from launchready.sources.places import is_built
from launchready.sources.tree import Tree

# The name is looked for, and then what stands before it: a pattern that begins in ten ways takes three times as long.
_NAME = re.compile(r"[.\"']([A-Z][A-Z0-9_]{2,60})")
_READ_BY = re.compile(
    r"(?:process\.env\.|import\.meta\.env\.|process\.env\[[\"']|os\.environ(?:\.get\(|\[)\s*[\"']|os\.getenv\(\s*[\"']|getenv\([\"']|"
    r"(?:config|env(?:\.(?:str|bool|int|list|url))?)\(\s*[\"'])\Z"
)
_LONGEST = 120
# One of them stands in whatever is such a read, and is found thirty times as fast.
_WORDS = (
    "process.env",
    "import.meta.env.",
    "environ",
    "env(",
    "config(",
    *(f"env.{kind}(" for kind in ("str", "bool", "int", "list", "url")),
)
_SUFFIXES = (".py", ".js", ".ts", ".jsx", ".tsx", ".mjs", ".cjs", ".vue", ".svelte", ".rb", ".php", ".go")


@dataclass(frozen=True, slots=True)
class EnvRead:
    """One read of an environment variable."""

    name: str
    file: str
    line: int


def env_names(tree: Tree, *, built: bool = False) -> tuple[EnvRead, ...]:
    """The first read of every environment variable, by name. ``built`` reads built files too."""
    found: dict[str, EnvRead] = {}
    for file in tree.with_suffix(*_SUFFIXES):
        if not built and is_built(file.path):
            continue
        text = tree.text(file.path)
        if text is None or not ("env" in text or "ENV" in text) or not any(word in text for word in _WORDS):
            continue
        for match in _NAME.finditer(text):
            name, begin = match.group(1), match.start(1)
            if name not in found and (read := _READ_BY.search(text, max(0, begin - _LONGEST), begin)):
                found[name] = EnvRead(name, file.path, text.count("\n", 0, read.start()) + 1)
    return tuple(found[name] for name in sorted(found))
