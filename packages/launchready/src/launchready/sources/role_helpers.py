"""Roles that stand in a helper: ``if (!isAgent(session.user.role)) throw …``, where ``isAgent`` says which roles those are."""

import re
from collections.abc import Iterator

from launchready.sources.branches import branch_of
from launchready.sources.resolver import Resolver

_ASKED = re.compile(
    r"(?:!\s*|\bnot\s+)(?P<name>[A-Za-z_][\w.]*)\(\s*[\w.?\[\]\"']*(?:role|user|session|profile|member)[\w.?]*\s*\)",
    re.I,
)
_COMPARED = re.compile(
    r"\brole\w*(?:\??\.name)?\s*(?:===?|\bin\b)\s*[\[({]?\s*(?P<a>[\"'][\w -]+[\"'](?:\s*,\s*[\"'][\w -]+[\"'])*)"
    r"|\[\s*(?P<b>[\"'][\w -]+[\"'](?:\s*,\s*[\"'][\w -]+[\"'])*)\s*,?\s*\](?:\s+as\s+[\w\[\] ]+\))?\.includes\(\s*[\w.?]*role",
    re.I,
)
_TEXT = re.compile(r"[\"']([\w -]+)[\"']")
_LONGEST = 400


def asked_by_helpers(resolver: Resolver, path: str, code: str) -> Iterator[str]:
    """The roles without which a body keeps its caller out, where a function that it calls compares them."""
    for match in _ASKED.finditer(code):
        branch = branch_of(code, match)
        if branch is None or not branch.keeps_out(negated=True):
            continue
        found = resolver.find(path, match["name"])
        inside = found.function.code if found and found.function else ""
        if inside and len(inside) < _LONGEST and not re.search(r"\b(?:throw|raise)\b", inside):
            for one in _COMPARED.finditer(inside):
                yield from _TEXT.findall(one["a"] or one["b"])
