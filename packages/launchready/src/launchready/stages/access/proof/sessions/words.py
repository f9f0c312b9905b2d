"""Texts of the source that may be the key tokens are signed with, private keys that sign them, and public keys that may be taken for one."""

import re

from launchready.sources.places import is_real
from launchready.sources.tree import Tree

_NAMED = re.compile(
    r"(?:secret|jwt|signing|private|session)[\w.\[\]\"' -]{0,30}?(?::\s*\w+\s*)?(?:=|:|,|\|\||\?\?|\bor\b)\s*(?:[\w.]+\(\s*)?[\"'`]([^\"'`\n]{1,120})[\"'`]",
    re.I,
)
_DEFAULT = re.compile(
    r"(?:getenv|environ\.get|process\.env)[^\n]{0,60}?(?:,|\|\||\?\?)\s*[\"'`]([^\"'`\n]{1,120})[\"'`]"
)
_SIGNED = re.compile(r"\b(?:jwt|JWT|jose)\.(?:sign|encode|decode|verify)\([^\n]{0,120}?[\"'`]([^\"'`\n]{1,120})[\"'`]")
_PEM = re.compile(
    r"(?P<key>-----BEGIN (?P<kind>(?:RSA |EC )?(?:PUBLIC KEY|PRIVATE KEY|CERTIFICATE))-----.+?-----END (?P=kind)-----\n?)",
    re.S,
)
_MOST = 500


def key_words(tree: Tree) -> tuple[str, ...]:
    """Every text that stands where a key would and every key in PEM, in the order of the files; at most 500."""
    found: dict[str, None] = {}
    for file in tree.with_suffix(
        ".py",
        ".js",
        ".ts",
        ".mjs",
        ".cjs",
        ".env",
        ".yml",
        ".yaml",
        ".json",
        ".toml",
        ".cfg",
        ".ini",
        ".pem",
        ".key",
        ".pub",
        ".crt",
    ):
        text = tree.text(file.path) if is_real(file.path) and file.size < 400_000 else None
        for pattern in (_NAMED, _DEFAULT, _SIGNED):
            for match in pattern.finditer(text or ""):
                found.setdefault(match[1], None)
        for match in _PEM.finditer((text or "").replace("\\n", "\n")):
            found.setdefault(match["key"], None)
        if len(found) > _MOST:
            break
    return tuple(found)[:_MOST]
