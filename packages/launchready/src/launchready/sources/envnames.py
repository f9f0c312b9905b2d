"""Which environment variables the source reads, and where."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from launchready.sources.places import is_built, is_rebuilt
from launchready.sources.tree import Tree

# The name is looked for, and then what stands before it: a pattern that begins in ten ways takes three times as long.
_NAME = re.compile(r"[.\"']([A-Z][A-Z0-9_]{2,60})")
_READ_BY = re.compile(
    r"(?:process\.env\.|import\.meta\.env\.|process\.env\[[\"']|os\.environ(?:\.get\(|\[)\s*[\"']|os\.getenv\(\s*[\"']|getenv\([\"']|"
    r"(?:config|env(?:\.(?:str|bool|int|list|url))?)\(\s*[\"']|\bENV(?:\[|\.fetch\(\s*)[\"']|\$_ENV\[[\"']|\bos\.(?:Getenv|LookupEnv)\(\"|"
    r"\bDeno\.env\.get\(\s*[\"']|\bBun\.env\.)\Z"
)
_LONGEST = 120
# One of them stands in whatever is such a read, and is found thirty times as fast.
_WORDS = (
    b"environ",
    b"env.",
    b"env[",
    b"env(",
    b"Getenv",
    b"ENV[",
    b"ENV.fetch",
    b"LookupEnv",
    b"config(",
    b"BaseSettings",
)
# One of these stands in each of those, and most files hold none.
_PARTS = (b"env", b"ENV", b"Env", b"config(", b"BaseSettings")
# pydantic-settings: https://docs.pydantic.dev/latest/concepts/pydantic_settings/
_SETTINGS = re.compile(r"^class\s+\w+\([^)\n]*\bBaseSettings\b[^)\n]*\):[^\n]*\n", re.M)
_BODY = re.compile(r"(?:[ \t]+[^\n]*\n|[ \t]*\r?\n|\)[^\n]*\n)*(?:[ \t]+[^\n]+\Z)?")
_FIELD = re.compile(r"^([ \t]+)([A-Za-z_]\w*)[ \t]*:[ \t]*(?!\s)", re.M)
_PREFIX = re.compile(r"env_prefix\s*=\s*[\"'](\w*)[\"']")
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
        if not built and (is_built(file.path) or is_rebuilt(file.path)):
            continue
        content = tree.bytes(file.path) or b""
        text = tree.text(file.path) if _may_read(content) else None
        if text is None:
            continue
        for match in _NAME.finditer(text):
            name, begin = match.group(1), match.start(1)
            if name not in found and (read := _READ_BY.search(text, max(0, begin - _LONGEST), begin)):
                found[name] = EnvRead(name, file.path, text.count("\n", 0, read.start()) + 1)
        if file.path.endswith(".py") and "BaseSettings" in text:
            for name, begin in _settings(text):
                found.setdefault(name, EnvRead(name, file.path, text.count("\n", 0, begin) + 1))
    return tuple(found[name] for name in sorted(found))


def _may_read(content: bytes) -> bool:
    # What is no UTF-8 is looked at as text.
    return content[:1] in (b"\xff", b"\xfe") or (
        any(part in content for part in _PARTS) and any(word in content for word in _WORDS)
    )


def _settings(text: str) -> Iterator[tuple[str, int]]:
    """The variables that classes of pydantic-settings read: the names of their fields, behind the prefix they name."""
    for head in _SETTINGS.finditer(text):
        body = _BODY.match(text, head.end())
        inside = body.group() if body else ""
        prefix = _PREFIX.search(inside)
        depth = min((len(match.group(1)) for match in _FIELD.finditer(inside)), default=0)
        for match in _FIELD.finditer(inside):
            name = match.group(2)
            if len(match.group(1)) == depth and not name.startswith("_") and name != "model_config":
                yield ((prefix.group(1) if prefix else "") + name).upper(), head.end() + match.start(2)
