"""Connexion: the routes of an OpenAPI document, each answered by the function its ``operationId`` names.

Source: connexion.readthedocs.io (routing, security): the document's ``security`` is enforced by the functions named in its schemes.
"""

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from launchready.model.surface import Endpoint, Span
from launchready.model.words import AccessVerdict
from launchready.sources.documents import openapi
from launchready.sources.documents.load import Library
from launchready.sources.documents.shape import Operation, mapping
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.found import Found
from launchready.sources.frameworks.common import Reader, Route, decorated, endpoint, expected, once
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading

NAME = "Connexion"
_MARK = Mark(
    re.compile(rb"^\s*(?:import|from)\s+connexion\b", re.M),
    (b"connexion",),
)
_MAKERS = frozenset(("FlaskApp", "AsyncApp", "AioHttpApp", "App", "ConnexionMiddleware"))
_SERVES = frozenset(("add_api", "FlaskApi", "AsyncApi", "AioHttpApi"))
_CONTROLLER = ("x-openapi-router-controller", "x-swagger-router-controller")
_VERIFIES = re.compile(r"^x-(?:bearer|apikey|basic|token)Info(?:Func|Url)$")
_LOGIN = re.compile(r"(?:^|\.)(?:login_required|requires_auth|auth_required)$")
_DOCUMENTS = (".yaml", ".yml", ".json")
_PARAMETER = re.compile(r"\{[^{}]*\}")


class Connexion:
    """Reads the documents that a tree's Connexion apps serve."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._library = Library(reader.tree)
        self._paths = [file.path for file in reader.tree.files]

    def read(self) -> tuple[Endpoint, ...]:
        """Every operation of every document that ``add_api`` is given; and of those that name modules of this tree, wherever the app
        opens them."""
        modules = self._reader.marked(_MARK, ".py")
        if not modules:
            return ()
        self._reader.used.add(NAME)
        found: list[Endpoint] = []
        served: set[str] = set()
        for module in modules:
            for call in module.calls:
                if call.text.rsplit(".", 1)[-1] in _SERVES:
                    path = self._document(module, self._given(module, call))
                    served.add(path)
                    found += self._api(module, call, path)
        for path in self._paths:
            if path.endswith(_DOCUMENTS) and path not in served and self._names_modules(path):
                found += self._operations(modules[0], path, None, "")
        return once(found)

    def _given(self, module: Module, call: Expr) -> str:
        return self._resolver.text(module.path, call.items[0] if call.items else call.get("specification"))

    def _api(self, module: Module, call: Expr, path: str) -> Iterator[Endpoint]:
        given = self._given(module, call)
        if not path and "?}" not in given:
            self._reader.lose(module.path, call.line, f"{given or 'the document'}, given to add_api")
        named, resolver = call.get("base_path"), call.get("resolver")
        base = self._resolver.text(module.path, named) if named is not None else None
        package = next(resolver.strings(), "") if resolver is not None else ""
        yield from self._operations(module, path, base, package)

    def _operations(self, module: Module, path: str, base: str | None, package: str) -> Iterator[Endpoint]:
        document = openapi.read(self._library, path) if path else None
        root = mapping(self._library.load(path)) if path else {}
        for operation in document.operations if document is not None else ():
            item, _ = self._library.follow(mapping(root.get("paths")).get(operation.path), path)
            raw = mapping(item.get(operation.method.lower()))
            below = next(iter(document.bases), "") if base is None and document is not None else base or ""
            yield self._operation(module, path, root, operation, _handler(operation, raw, item, package), below)

    def _document(self, module: Module, given: str) -> str:
        """The file of the tree that a document's name stands for: below the folder of the app, or the only one of that name."""
        folder = posixpath.dirname(module.path)
        below = [
            self._resolver.text(module.path, binding.value.get("specification_dir"))
            for binding in module.bindings.values()
            if binding.value.kind == "call" and binding.value.text.rsplit(".", 1)[-1] in _MAKERS
        ]
        wanted = [posixpath.normpath(posixpath.join(folder, inner, given)) for inner in (*below, "")]
        same = [path for path in self._paths if given and f"/{path}".endswith("/" + given.lstrip("./"))]
        found = next((path for path in wanted if path in self._paths), "")
        return found or (same[0] if len(same) == 1 else "")

    def _names_modules(self, path: str) -> bool:
        text = self._reader.tree.bytes(path) or b""
        return any(key.encode() in text for key in _CONTROLLER)

    def _operation(
        self, module: Module, document: str, root: dict[Any, Any], operation: Operation, name: str, base: str
    ) -> Endpoint:
        reading = self._security(document, root, operation)
        found = self._function(module, name)
        if found is None or found.function is None:
            unseen = Span(document, operation.line, f"its handler {name or 'without a name'} could not be followed")
            route = Route(
                operation.method, operation.path, name, document, operation.line, "", reading, Reading(unsure=(unseen,))
            )
            return endpoint(NAME, route, base, Reading())
        function = found.function
        reading += decorated(self._reader, found.path, function.decorators, _LOGIN)
        inline = self._reader.guards.inside(found.path, function)
        route = Route(
            operation.method,
            operation.path,
            function.name,
            found.path,
            function.line,
            function.code,
            reading,
            inline,
            operation.inputs,
        )
        return endpoint(NAME, route, base, Reading())

    def _security(self, document: str, root: dict[Any, Any], operation: Operation) -> Reading:
        """What the document demands, which Connexion enforces before the handler."""
        if operation.access.verdict is not AccessVerdict.GUARDED:
            return Reading()
        schemes = mapping(mapping(root.get("components")).get("securitySchemes"))
        schemes = schemes or mapping(root.get("securityDefinitions"))
        keys = [(key, value) for scheme in schemes.values() for key, value in mapping(scheme).items()]
        # Without a function that verifies them, Connexion lets no credential pass at all.
        by = next((str(value) for key, value in keys if _VERIFIES.match(str(key))), "Connexion")
        span = Span(document, operation.line, f"the document asks for credentials that {by} verifies")
        return Reading((Guard(span, operation.access.roles),))

    def _function(self, module: Module, name: str) -> Found | None:
        owner, _, last = name.rpartition(".")
        parts = owner.split(".") if owner else []
        for cut in range(len(parts), 0, -1):
            if file := self._resolver.python_file(module.path, ".".join(parts[:cut])):
                return self._resolver.find(file, ".".join([*parts[cut:], last]))
        return None


def _handler(operation: Operation, raw: dict[Any, Any], item: dict[Any, Any], package: str) -> str:
    """The dotted name of the function that answers an operation; by the rules of ``RestyResolver`` where it has no ``operationId``."""
    controller = next((str(node[key]) for node in (raw, item) for key in _CONTROLLER if key in node), "")
    if operation.name:
        return ".".join(filter(None, (controller, operation.name)))
    if not package and not controller:
        return ""
    parts = [part for part in operation.path.split("/") if part]
    resource = ".".join(part for part in parts if not _PARAMETER.fullmatch(part)).replace("-", "_")
    verb = operation.method.lower()
    collection = verb == "get" and bool(resource) and not _PARAMETER.fullmatch(parts[-1])
    return ".".join(
        filter(None, (controller or package, "" if controller else resource, "search" if collection else verb))
    )


EXPECTS = expected(_MARK, ".py")
READS = {NAME: Connexion}
