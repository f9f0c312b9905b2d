"""Which other websites the source lets read its answers: CORS settings of the usual frameworks, where they are plain text."""

import re
from dataclasses import dataclass

from launchready.model.surface import Span
from launchready.sources.places import is_built, is_real
from launchready.sources.tree import Tree

_SOURCES = (".py", ".js", ".ts", ".mjs", ".cjs", ".mts", ".rb", ".php", ".java", ".kt", ".go")
_ABOUT = re.compile(r"cors|Access-Control-Allow-Origin|allowedOrigins|AllowOrigins", re.I)
_KEY = re.compile(
    r"\b(?:allow_?origins?|allowed_?origins?|set_?allowed_?origins?|CORS_ALLOWED_ORIGINS|CORS_ORIGIN_WHITELIST|CORS_ORIGINS?|Access-Control-Allow-Origin|origins?)\b"
    r"[\"']?\s*(?:=>|:=|[=:(,])\s*(?P<value>(?:new\s+\w+\s*)?(?:list|tuple|set|Arrays\.asList|List\.of|listOf|\[\]string)?\s*[\[({][^\])}]{0,1500}|[\"'`][^\"'`\n]*[\"'`])",
    re.I,
)
_ANY = re.compile(
    r"\b(?:CORS_ALLOW_ALL_ORIGINS|CORS_ORIGIN_ALLOW_ALL)\s*=\s*True|\borigin\s*:\s*true\b|AllowAllOrigins\s*[:=]\s*true|\bcors\(\s*\)"
)
_CREDENTIALS = re.compile(
    r"(?:allow_credentials|supports_credentials|CORS_ALLOW_CREDENTIALS|AllowCredentials|\bcredentials)\b[\"']?\s*[:=]\s*true|(?:setA|a)llowCredentials\(\s*true",
    re.I,
)
_ORIGIN = re.compile(r"[\"'`](\*|https?://[^\"'`\s/]+)/?[\"'`]")


@dataclass(frozen=True, slots=True)
class Origins:
    """``seen`` are the origins with where they stand (``what`` is the origin, ``*`` for every website); ``credentials`` whether with the caller's session."""

    seen: tuple[Span, ...] = ()
    credentials: bool = False


def origins(tree: Tree) -> Origins:
    """What the app's own code says of CORS, each origin once, in the order of the files."""
    seen: dict[str, Span] = {}
    credentials = False
    for file in tree.with_suffix(*_SOURCES):
        if is_built(file.path) or not is_real(file.path):
            continue
        text = tree.text(file.path) or ""
        if not _ABOUT.search(text):
            continue
        text = re.sub(r"(?m)^\s*(?:#|//).*$", "", text)
        for match in _KEY.finditer(text):
            for origin in _ORIGIN.findall(match["value"]):
                seen.setdefault(origin, Span(file.path, text.count("\n", 0, match.start()) + 1, origin))
        if everywhere := _ANY.search(text):
            seen.setdefault("*", Span(file.path, text.count("\n", 0, everywhere.start()) + 1, "*"))
        credentials = credentials or bool(seen and _CREDENTIALS.search(text))
    return Origins(tuple(seen.values()), credentials)
