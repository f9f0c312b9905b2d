"""Finds the documents of a tree, decides which describe the app itself, and merges their ways in with those of the source."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from launchready.core.ways import matches, merged, shape
from launchready.model.surface import Endpoint, Unread
from launchready.sources.documents import openapi, recorded
from launchready.sources.documents.embedded import CODE, schemas_in
from launchready.sources.documents.load import Library
from launchready.sources.documents.shape import Document
from launchready.sources.integrations import rules
from launchready.sources.places import is_real
from launchready.sources.tree import SourceFile, Tree

_JSON, _YAML, _GRAPHQL = (".json",), (".yaml", ".yml"), (".graphql", ".graphqls", ".gql")
_OPENAPI_JSON = re.compile(rb'"(?:openapi|swagger)"\s*:\s*"[23]\.')
_OPENAPI_YAML = re.compile(rb"""^["']?(?:openapi|swagger)["']?\s*:\s*["']?[23]\.""", re.M)
_SDL = re.compile(rb"^\s*(?:extend\s+)?(?:type|schema)\b", re.M)
# Folders by which people keep what is not theirs, or what only calls others.
_FOREIGN = re.compile(
    r"(?:^|/)(?:vendor|vendors|vendored|third[-_]?party|external|clients?|sdks?|integrations?|connectors?|providers?|generated|templates?)/",
    re.I,
)
_RESERVED = re.compile(r"(?:^|\.)(?:example\.(?:com|org|net)|example|test|invalid|localhost|local|internal)$")
_SERVERS = re.compile(
    r"^(?:@apollo/server|apollo-server.*|graphql-yoga|mercurius|@nestjs/graphql|express-graphql|graphql-http|type-graphql|"
    r"ariadne.*|strawberry-graphql|graphene.*|@redwoodjs/graphql-server|github\.com/99designs/gqlgen|nuwave/lighthouse|graphql-ruby|nexus|@pothos/core)$"
)
# What makes a server of a schema that stands in its code.
_BUILDS = re.compile(rf"{_SERVERS.pattern}|^(?:graphql|graphql-core|@graphql-tools/schema)$")
_CLIENTS = re.compile(
    r"^(?:@apollo/client|apollo-client|graphql-request|urql|@urql/core|react-relay|gql|sgqlc|@octokit/graphql.*)$"
)


def with_documents(
    tree: Tree, known: Sequence[Endpoint], packages: Mapping[str, str]
) -> tuple[tuple[Endpoint, ...], tuple[Unread, ...]]:
    """``known`` merged with what the documents of ``tree`` name, and a reason for each document left out.

    ``known`` are the endpoints of the source, ``packages`` what the app depends on.
    """
    found, unread = _documents(tree, in_code=any(_BUILDS.match(name) for name in packages))
    own: list[Endpoint] = []
    shapes = {(endpoint.method, shape(endpoint.path)) for endpoint in known}
    for document in found:
        base = _base(document, shapes)
        endpoints = tuple(document.endpoints(base))
        if why := _foreign(document, endpoints, shapes, packages):
            unread.append(Unread(document.path, f"{why}, so its {len(endpoints)} operations are not the app's"))
        else:
            own += [_told_by(one, known, shapes) for one in endpoints] if document.form in _RECORDED else endpoints
            unread += [Unread(document.path, note) for note in document.notes]
    return merged(known, _unique(own)), tuple(unread)


def _told_by(call: Endpoint, known: Sequence[Endpoint], shapes: set[tuple[str, str]]) -> Endpoint:
    """A call that was recorded, at the address that the source has for it: ``/user/admin`` is ``/user/{username}`` with somebody's name."""
    if (call.method, shape(call.path)) in shapes:
        return call
    path = next((one.path for one in known if one.method == call.method and matches(one.path, call.path)), call.path)
    return replace(call, path=path)


# Whoever asks endpoints asks what the app says of itself, and a long document takes a while to read.
@lru_cache(maxsize=2)
def served(text: str) -> tuple[Endpoint, ...]:
    """The ways in that an OpenAPI document names which the running app serves of itself; none when it is no such document."""
    name = "openapi.json"
    document = openapi.read(Library(None, {name: text}), name)
    return tuple(_unique(list(document.endpoints(document.bases[0])))) if document else ()


def _documents(tree: Tree, *, in_code: bool) -> tuple[list[Document], list[Unread]]:
    library, found, unread = Library(tree), list[Document](), list[Unread]()
    for file in tree.files:
        form = _form(tree, file, in_code=in_code)
        if not form:
            continue
        if not is_real(file.path):
            unread.append(Unread(file.path, f"is {_SAID[form]} among tests or examples: left out"))
            continue
        document = _READ[form](library, file.path)
        if document is None and form == "openapi" and library.load(file.path) is None:
            unread.append(Unread(file.path, "looks like an OpenAPI document, but does not parse"))
        if document is not None:
            found.append(document)
    return found, unread


def _graphql(library: Library, path: str) -> Document | None:
    # Its parser takes a fifth of a second to import, and few trees hold a schema.
    from launchready.sources.documents import graphql

    return graphql.read(library, path)


_READ = {
    "openapi": openapi.read,
    "graphql": _graphql,
    "har": recorded.har,
    "postman": recorded.postman,
}
# These hold calls with the values of one day, where others hold templates.
_RECORDED = frozenset(("har", "postman"))
_SAID = {
    "openapi": "an OpenAPI document",
    "graphql": "a GraphQL schema",
    "har": "a HAR recording",
    "postman": "a Postman collection",
}


def _form(tree: Tree, file: SourceFile, *, in_code: bool) -> str:
    suffix = file.suffix
    if suffix in CODE:
        return "graphql" if in_code and is_real(file.path) and schemas_in(tree.text(file.path) or "", file.path) else ""
    if suffix == ".har":
        return "har"
    if suffix not in (*_JSON, *_YAML, *_GRAPHQL):
        return ""
    content = tree.bytes(file.path) or b""
    if suffix in _GRAPHQL:
        return "graphql" if _SDL.search(content) else ""
    if suffix in _YAML:
        return "openapi" if _OPENAPI_YAML.search(content) else ""
    if b"getpostman.com" in content and b'"item"' in content:
        return "postman"
    return "openapi" if b'"paths"' in content and _OPENAPI_JSON.search(content) else ""


def _base(document: Document, known: set[tuple[str, str]]) -> str:
    """The base path below which most operations are known; the first the document names when none is."""
    if not known:
        return document.bases[0]

    def hits(base: str) -> int:
        return sum((e.method, shape(e.path)) in known for e in document.endpoints(base))

    # A proxy often adds the base that a document names, and the source never sees it.
    choices = tuple(dict.fromkeys((*document.bases, "")))
    return max(choices, key=hits)


def _foreign(
    document: Document, endpoints: tuple[Endpoint, ...], known: set[tuple[str, str]], packages: Mapping[str, str]
) -> str:
    """Why a document describes somebody else's API; empty when it describes the app."""
    if document.form == "graphql":
        serves = any(_SERVERS.match(name) for name in packages)
        asks = next((name for name in packages if _CLIENTS.match(name)), "")
        return (
            f"is a schema beside the client {asks}, and no package here serves GraphQL" if asks and not serves else ""
        )
    if any((e.method, shape(e.path)) in known for e in endpoints):
        return ""
    if folder := _FOREIGN.search(document.path):
        return f"describes an API below {folder.group(0).strip('/')}/ that the source does not serve"
    hosts = [host for host in document.hosts if not _is_ours(host)]
    if len(hosts) < len(document.hosts) or not hosts:
        return ""
    if known or any(rule.scripts and rule.scripts.search(f"https://{hosts[0]}/") for rule in rules()):
        return f"describes {hosts[0]}, and none of its paths is in the source"
    return ""


def _is_ours(host: str) -> bool:
    """Whether a host can be the app: this machine, a private address, or a name reserved for examples (RFC 2606, RFC 6762)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or bool(_RESERVED.search(host))
    return address.is_private


def _unique(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Each method and path once: what several documents name is one way in, and the first of them describes it."""
    found: dict[tuple[str, str], Endpoint] = {}
    for one in endpoints:
        key = (one.method, shape(one.path))
        known = found.setdefault(key, one)
        found[key] = replace(known, seen_in=tuple(dict.fromkeys((*known.seen_in, *one.seen_in))))
    return list(found.values())
