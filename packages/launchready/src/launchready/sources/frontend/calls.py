"""The API calls that pages make: ``fetch``, axios and its like, with literal or template addresses."""

import re
from dataclasses import dataclass

from launchready.model.surface import Endpoint

_CALL = re.compile(
    r"\b(?P<client>(?:\$?fetch|useFetch|ofetch|useSWR|axios|ky|https?|request|\w*(?:[aA]pi|[cC]lient|[aA]xios|[hH]ttp|[fF]etch\w*))"
    r"(?:\.(?P<verb>get|post|put|patch|delete|del|request))?|(?<=\bthis\.)(?P<own>get|post|put|patch|delete))\s*(?:<[^<>()]{0,80}>)?\(\s*(?P<quote>[`'\"])(?P<address>[^`'\"\n]{1,300})(?P=quote)"
)
# What generated clients write: one object with the method and the address.
_OPTIONS = re.compile(
    r"\bmethod\s*:\s*[`'\"](?P<method>[A-Za-z]+)[`'\"]\s*,\s*url\s*:\s*(?P<quote>[`'\"])(?P<address>[^`'\"\n]{1,300})(?P=quote)"
    r"|\burl\s*:\s*(?P<quote2>[`'\"])(?P<address2>[^`'\"\n]{1,300})(?P=quote2)\s*,\s*method\s*:\s*[`'\"](?P<method2>[A-Za-z]+)[`'\"]"
    r"|\.(?P<method3>get|post|put|patch|delete)\s*(?:<[^()]{0,200}>)?\(\{(?:[^{}]|\{[^{}]*\}){0,400}?\burl\s*:\s*(?P<quote3>[`'\"])(?P<address3>[^`'\"\n]{1,300})(?P=quote3)"
)
_NAMES = (("method", "method2", "method3"), ("address", "address2", "address3"))
_METHOD = re.compile(r"\bmethod\s*:\s*[`'\"](\w+)[`'\"]")
_BASE = re.compile(
    r"\b(?:baseURL|baseUrl|prefixUrl|API_(?:BASE_?)?(?:URL|PATH|PREFIX)|apiBase)\b\s*[:=][^`'\"\n]{0,80}[`'\"]([^`'\"\n]{1,200})[`'\"]"
)
_ORIGIN = re.compile(r"^(?:https?://[^/]*|\$\{[^}]*\}|//[^/]*)(?=/|$)")
_PIECE = re.compile(r"\$\{(?:[^{}]|\{[^{}]*\})*\}")


@dataclass(frozen=True, slots=True)
class Call:
    """A call: ``path`` has ``{}`` where the address is made at run time, and begins with ``/``."""

    method: str
    path: str
    file: str
    line: int


def calls_in(text: str, file: str, first: int = 1) -> list[Call]:
    """The calls in a piece of a file; ``first`` is the line it begins with."""
    found = []
    for match in _CALL.finditer(text):
        options = text[match.end() : match.end() + 300].split(");")[0]
        said = _METHOD.search(options)
        verb = (match["verb"] or match["own"] or (said.group(1) if said else "get")).upper()
        method = {"DEL": "DELETE", "REQUEST": said.group(1).upper() if said else "GET"}.get(verb, verb)
        found.append((method, match["address"], match.start()))
    for match in _OPTIONS.finditer(text):
        method, address = next(pair for pair in zip(*(match.group(*names) for names in _NAMES), strict=True) if pair[0])
        found.append((method.upper(), address, match.start()))
    return [
        Call(method, path, file, first + text.count("\n", 0, at))
        for method, address, at in found
        if (path := _path(address))
    ]


def _path(address: str) -> str:
    """The path of an address, with ``{}`` for what is made at run time; empty for what is no call of an API."""
    bare = _ORIGIN.sub("", _PIECE.sub("${}", address), count=1).split("?")[0].split("#")[0]
    path = re.sub(r"\$\{\}|\{\w+\}", "{}", bare if bare.startswith("/") else f"/{bare}")
    if not re.search(r"[A-Za-z]", path) or re.search(r"\.(?:svg|png|json|css|js|html|md)$|\s", path):
        return ""
    return path.rstrip("/")


def bases_in(text: str) -> set[str]:
    """The path that clients made in this file put before every address, such as ``/api``."""
    if not any(word in text for word in ("URL", "Url", "API_", "apiBase")):
        return set()
    return {
        path.rstrip("/")
        for match in _BASE.finditer(text)
        if (path := _ORIGIN.sub("", match.group(1), count=1)).startswith("/") and len(path) > 1
    }


def endpoint_of(call: Call, endpoints: tuple[Endpoint, ...], bases: frozenset[str]) -> Endpoint | None:
    """The endpoint a call reaches: as it stands, else below one of the ``bases``; None when no one endpoint fits."""
    for prefix in ("", *sorted(bases)):
        wanted = (prefix + call.path).strip("/").split("/")
        fits = [one for one in endpoints if one.method in (call.method, "ANY") and _fits(one.path, wanted)]
        if fits:
            # A fixed segment is a better fit than a parameter, as in every router.
            return max(fits, key=lambda one: (-one.path.count("{"), one.name))
    return None


def _fits(template: str, wanted: list[str]) -> bool:
    parts = template.strip("/").split("/")
    if len(parts) != len(wanted):
        return False
    pairs = list(zip(parts, wanted, strict=True))
    same = any(part == word for part, word in pairs)
    return same and all(part == word or ("{" in part and "?}" not in part) for part, word in pairs)
