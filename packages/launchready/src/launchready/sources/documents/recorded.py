"""Requests that somebody wrote down: HAR recordings of a browser, and Postman collections.

Formats: http://www.softwareishard.com/blog/har-12-spec/ and the Postman Collection format 2.0 and 2.1.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from launchready.core.ways import template
from launchready.model.parsed import json_of, table_of
from launchready.model.surface import Access, Input, Span
from launchready.sources.documents.load import Library, Lines
from launchready.sources.documents.shape import Document, Operation, mapping, sequence

_ASSETS = re.compile(r"^(?:image|font|audio|video)/|^text/css|javascript|wasm", re.I)
_ASSET_KINDS = frozenset(("image", "font", "stylesheet", "script", "media"))
_DEPTH = 20


def har(library: Library, path: str) -> Document | None:
    """The calls of a recording to the host its first page came from; those to other hosts are counted in the notes."""
    entries = sequence(mapping(mapping(library.load(path)).get("log")).get("entries"))
    lines = Lines(library.text(path))
    own, other = "", set()
    found: dict[tuple[str, str], Operation] = {}
    for entry in map(mapping, entries):
        request = mapping(entry.get("request"))
        try:
            url = urlsplit(str(request.get("url") or ""))
            host = url.hostname or ""
        except ValueError:
            continue
        if url.scheme not in ("http", "https", "ws", "wss") or not host:
            continue
        own = own or host
        if not _same_site(own, host):
            other.add(host)
            continue
        mime = str(mapping(mapping(entry.get("response")).get("content")).get("mimeType") or "")
        # An image without a file's name, such as /users/7/avatar, is made by the app.
        if "." in url.path.rsplit("/", 1)[-1] and (entry.get("_resourceType") in _ASSET_KINDS or _ASSETS.search(mime)):
            continue
        method, where = str(request.get("method") or "GET").upper(), template(url.path or "/")
        query = [Input(name, "query") for name, _ in parse_qsl(url.query, keep_blank_values=True)]
        sent = tuple(dict.fromkeys((*_path_inputs(where), *query, *_posted(mapping(request.get("postData"))))))
        if method not in ("OPTIONS", "HEAD") and (method, where) not in found:
            found[method, where] = Operation(method, where, lines.of("entries"), sent, confidence=0.8)
    notes = (f"calls to other hosts were left out: {', '.join(sorted(other)[:5])}",) if other else ()
    return Document(path, "har", tuple(found.values()), hosts=(own,) if own else (), notes=notes) if found else None


def postman(library: Library, path: str) -> Document | None:
    """The requests of a collection. What a collection sends as credentials says nothing on what the app demands."""
    root = mapping(library.load(path))
    if "getpostman.com" not in str(mapping(root.get("info")).get("schema")):
        return None
    lines = Lines(library.text(path))
    variables = {str(mapping(one).get("key")): str(mapping(one).get("value")) for one in sequence(root.get("variable"))}
    hosts: set[str] = set()
    found: dict[tuple[str, str], Operation] = {}
    for name, request, auth in _items(sequence(root.get("item")), mapping(root.get("auth"))):
        raw = request.get("url") if isinstance(request.get("url"), str) else mapping(request.get("url")).get("raw")
        url = mapping(request.get("url"))
        if not raw and url.get("path"):
            raw = "/" + "/".join(str(part) for part in sequence(url.get("path")))
        host, where = _split(str(raw or ""), variables)
        if host:
            hosts.add(host)
        query = [Input(str(mapping(one).get("key")), "query") for one in sequence(url.get("query"))]
        body = mapping(request.get("body"))
        line = lines.of("item", *(["name"] if name else []))
        what = f"the collection sends {auth}; whether the code demands it was not seen" if auth else ""
        access = Access(evidence=(Span(path, line, what),) if what else ())
        method = str(request.get("method") or "GET").upper()
        sent = tuple(dict.fromkeys((*_path_inputs(where), *query, *_written(body))))
        found.setdefault((method, where), Operation(method, where, line, sent, access, name, confidence=0.6))
    return Document(path, "postman", tuple(found.values()), hosts=tuple(sorted(hosts))) if found else None


def _items(items: list[Any], auth: dict[Any, Any], depth: int = 0) -> Iterator[tuple[str, dict[Any, Any], str]]:
    for item in map(mapping, items):
        inherited = mapping(item.get("auth")) or auth
        request = item.get("request")
        if isinstance(request, str):
            yield str(item.get("name") or ""), {"url": request}, _auth(inherited)
        elif isinstance(request, dict):
            yield str(item.get("name") or ""), request, _auth(mapping(request.get("auth")) or inherited)
        if depth < _DEPTH:
            yield from _items(sequence(item.get("item")), inherited, depth + 1)


def _auth(auth: dict[Any, Any]) -> str:
    kind = str(auth.get("type") or "")
    return "" if kind == "noauth" else kind


def _split(raw: str, variables: dict[str, str]) -> tuple[str, str]:
    """Host (empty when a variable nobody gave a value stands for it) and path template of a URL of a collection."""
    raw = raw.split("?")[0].split("#")[0]
    if (lead := re.match(r"\{\{([^{}]+)\}\}", raw)) and lead.group(1) in variables:
        raw = variables[lead.group(1)] + raw[lead.end() :]
    host = re.match(r"(?:\w+:)?//([^/]*)|([^/]+)", raw)
    rest = raw[host.end() :] if host else raw
    name = (host.group(1) or host.group(2) or "") if host else ""
    path = re.sub(r"\{\{\s*([^{}]+?)\s*\}\}", lambda m: "{" + re.sub(r"\W", "_", m.group(1)) + "}", rest)
    path = re.sub(r"(?<=/):(\w+)", r"{\1}", path)
    return "" if "{" in name else name.split("@")[-1].split(":")[0].lower(), template(path or "/")


def _path_inputs(path: str) -> list[Input]:
    return [Input(name, "path", "", True) for name in re.findall(r"\{(\w+)\}", path)]


def _posted(data: dict[Any, Any]) -> list[Input]:
    mime = str(data.get("mimeType") or "")
    if "json" in mime:
        return _json_names(str(data.get("text") or ""))
    return [
        Input(str(mapping(one).get("name")), "file" if mapping(one).get("fileName") else "form")
        for one in sequence(data.get("params"))
    ]


def _written(body: dict[Any, Any]) -> list[Input]:
    mode = body.get("mode")
    if mode == "raw":
        return _json_names(str(body.get("raw") or ""))
    return [
        Input(str(mapping(one).get("key")), "file" if mapping(one).get("type") == "file" else "form")
        for one in sequence(body.get(str(mode)))
    ]


def _json_names(text: str) -> list[Input]:
    return [Input(str(name), "body") for name in table_of(json_of(text))]


def _same_site(own: str, host: str) -> bool:
    def site(name: str) -> str:
        return ".".join(name.split(".")[-2:])

    return own == host or (site(own) == site(host) and not own.replace(".", "").isdigit())
