"""Next.js: route handlers and pages by their files, API routes by the methods they look at, and server actions.

The conventions are those of nextjs.org/docs (project structure, route handlers, API routes, server actions).
"""

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, once, passed_on
from launchready.sources.frameworks.nextjs_middleware import Middleware
from launchready.sources.frameworks.script_inputs import inputs_of
from launchready.sources.guards import Guard, Reading

NAME = "Next.js"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")
_FILE = re.compile(r"^(?:src/)?(app|pages)/((?:.*/)?)([^/]+)\.(?:tsx|ts|jsx|js|mjs|mdx)$")
_NO_PAGE = re.compile(r"^(?:_app|_document|_error|_middleware|404|500|middleware)$|\.(?:test|spec|stories|d)$")
_SCRIPTS = (".ts", ".tsx", ".js", ".jsx", ".mjs")
_METHOD = r"(?:\b\w+\.)?\bmethod"
_TERMINAL = re.compile(r"\bauth(?:\(\))?\.protect\(|\bredirectToSignIn\(|(?:^|[;{}\s(])(?:unauthorized|forbidden)\(\)")
_WRAPS_GUARD = re.compile(
    r"withApiAuthRequired|withPageAuthRequired|withAuthenticationRequired|withApiAuth$|withAuthUser", re.I
)
_HARMLESS_WRAP = re.compile(
    r"sentry|cors|error|catch|log|trac|cache|connect|axiom|wrap|handler|highlight|bugsnag|memo|forwardRef|dynamic", re.I
)
_LOGIN_REDIRECT = re.compile(r"destination\s*:\s*[\"'`][^\"'`]*(?:log-?in|sign-?in|auth)", re.I)
_NOTHING = Reading()
_USE_SERVER = re.compile(r"^\s*\{?\s*[\"']use server[\"']")


@dataclass(frozen=True, slots=True)
class _Handler:
    """A function that answers, where it stands, and what wraps it."""

    function: Function | None
    where: str
    wraps: Reading = _NOTHING


class NextJs:
    """Reads the endpoints of every Next.js app in a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._paths = {file.path for file in reader.tree.files}

    def read(self) -> tuple[Endpoint, ...]:
        """Every route handler, API route, page and server action."""
        roots = self._roots()
        if not roots:
            return ()
        self._reader.used.add(NAME)
        middlewares = {root: Middleware.find(self._reader, root) for root in roots}
        bases = {root: self._base_path(root) for root in roots}
        found: list[Endpoint] = []
        for file in self._reader.tree.with_suffix(*_SCRIPTS, ".mdx"):
            root = max((one for one in roots if file.path.startswith(one)), key=len, default=None)
            if root is None:
                continue
            for route in self._routes(file.path, file.path[len(root) :]):
                above = middlewares[root].reading(route.path)
                found.append(endpoint(NAME, route, bases[root], above))
        return once(found)

    def _roots(self) -> list[str]:
        """The folders that are Next.js apps, each with a slash at its end (empty for the tree itself)."""
        found = set()
        for file in self._reader.tree.files:
            folder, _, name = file.path.rpartition("/")
            here = f"{folder}/" if folder else ""
            if name.startswith("next.config.") or (name == "package.json" and self._depends(file.path)):
                found.add(here)
        return sorted(found)

    def _depends(self, manifest: str) -> bool:
        try:
            data = json.loads(self._reader.tree.text(manifest) or "{}")
        except (ValueError, RecursionError):
            return False
        return isinstance(data, dict) and any(
            isinstance(data.get(part), dict) and "next" in data[part] for part in ("dependencies", "devDependencies")
        )

    def _base_path(self, root: str) -> str:
        for suffix in _SCRIPTS:
            text = (
                self._reader.tree.text(f"{root}next.config{suffix}")
                if f"{root}next.config{suffix}" in self._paths
                else None
            )
            if text and (match := re.search(r"\bbasePath\s*:\s*[\"'`](/[^\"'`]*)[\"'`]", text)):
                return match.group(1)
        return ""

    def _routes(self, path: str, below: str) -> Iterator[Route]:
        match = _FILE.match(below)
        if match is not None and not _NO_PAGE.search(match.group(3)):
            kind, folder, name = match.groups()
            address = _address(folder + ("" if kind == "app" else name))
            if address is not None and kind == "app" and name == "route":
                yield from self._route_handlers(path, address)
            elif address is not None and kind == "app" and name == "page":
                yield self._page(path, address, folder)
            elif (
                address is not None
                and kind == "pages"
                and (folder.startswith("api/") or (not folder and name == "api"))
            ):
                yield from self._api_route(path, address)
            elif address is not None and kind == "pages":
                yield self._old_page(path, address)
        if path.endswith(_SCRIPTS):
            yield from self._actions(path)

    def _route_handlers(self, path: str, address: str) -> Iterator[Route]:
        module = self._resolver.module(path)
        for method in _METHODS if module else ():
            handler = self._exported(path, method)
            if handler is not None:
                yield self._route(method, address, method, path, handler)

    def _api_route(self, path: str, address: str) -> Iterator[Route]:
        module, handler = self._resolver.module(path), self._exported(path, "default")
        if module is None or handler is None:
            return
        name = handler.function.name if handler.function else "handler"
        code = handler.function.code if handler.function else ""
        for method in _chained(module) or methods_in(code) or _ANY:
            yield self._route(method, address, name or "handler", path, handler)

    def _page(self, path: str, address: str, folder: str) -> Route:
        handler = self._exported(path, "default") or _Handler(None, path)
        reading = Reading()
        root = path[: -len(posixpath.basename(path))].removesuffix(folder)
        parts = folder.rstrip("/").split("/") if folder else []
        for depth in range(len(parts) + 1):
            below = "/".join(parts[:depth])
            layout = self._file(f"{root}{below}/layout" if below else f"{root}layout")
            found = self._exported(layout, "default") if layout else None
            if found and found.function and self._reader.guards.function(found.where, found.function):
                # nextjs.org/docs: layouts are not rendered again on navigation, so a check there keeps nobody out.
                said = "a layout sends strangers away, which it does not on every navigation"
                reading += Reading(unsure=(Span(found.where, found.function.line, said),))
        return self._route("GET", address, "page", path, handler, reading)

    def _old_page(self, path: str, address: str) -> Route:
        handler = self._exported(path, "default") or _Handler(None, path)
        reading = handler.wraps
        server = self._exported(path, "getServerSideProps")
        if server and server.function and _LOGIN_REDIRECT.search(server.function.code):
            reading += Reading(
                (Guard(Span(server.where, server.function.line, "getServerSideProps redirects to the login page")),)
            )
        elif server:
            reading += server.wraps
        line = handler.function.line if handler.function else 1
        return Route("GET", address, "page", path, line, "", reading)

    def _actions(self, path: str) -> Iterator[Route]:
        text = self._reader.tree.text(path) or ""
        if "use server" not in text:
            return
        module = self._resolver.module(path)
        whole = bool(_USE_SERVER.match(re.sub(r"^(?:\s*(?://[^\n]*\n|/\*.*?\*/))*", "", text, flags=re.S)))
        for name, function in (module.functions if module else {}).items():
            exported = module is not None and (
                name in module.exports or any(v.text == name for v in module.exports.values())
            )
            if (whole and exported) or _USE_SERVER.match(function.code):
                yield self._route("POST", f"/{name}", f"server action {name}", path, _Handler(function, path))

    def _route(
        self, method: str, address: str, name: str, path: str, handler: _Handler, above: Reading = _NOTHING
    ) -> Route:
        function = handler.function
        if function is None:
            unsure = Reading() if name == "page" else Reading(unsure=(Span(path, 1, f"{name} could not be followed"),))
            return Route(method, address, name, path, 1, "", above + handler.wraps, unsure)
        inline = self._reader.guards.inside(handler.where, function)
        if not inline.guards and _TERMINAL.search(function.code):
            inline = Reading((Guard(Span(handler.where, function.line, f"{name} refuses strangers")),))
        inputs = inputs_of(self._resolver, handler.where, function.code)
        return Route(
            method, address, name, handler.where, function.line, function.code, above + handler.wraps, inline, inputs
        )

    def _exported(self, path: str, symbol: str) -> _Handler | None:
        module = self._resolver.module(path)
        if module is None:
            return None
        if symbol not in module.exports and not module.stars:
            return None
        found = self._resolver.exported(path, symbol, [], 8)
        if found is None:
            value = module.exports.get(symbol)
            return _Handler(None, path) if value is not None else None
        if found.function:
            return _Handler(found.function, found.path)
        return self._unwrapped(found.path, found.binding.value) if found.binding else _Handler(None, found.path)

    def _unwrapped(self, path: str, value: Expr, hops: int = 6) -> _Handler:
        """The function inside ``withAuth(withCors(handler))``, with what the wrappers demand."""
        if value.kind == "function":
            return _Handler(value.function, path)
        if value.kind == "name" and hops:
            found = self._resolver.find(path, value.text)
            if found and found.function:
                return _Handler(found.function, found.path)
            return (
                self._unwrapped(found.path, found.binding.value, hops - 1)
                if found and found.binding
                else _Handler(None, path)
            )
        if value.kind != "call" or not hops:
            return _Handler(None, path)
        inner = next((item for item in value.items if item.kind in ("function", "name", "call")), None)
        handler = self._unwrapped(path, inner, hops - 1) if inner is not None else _Handler(None, path)
        return _Handler(handler.function, handler.where, self._wrapper(path, value) + handler.wraps)

    def _wrapper(self, path: str, call: Expr) -> Reading:
        found = self._resolver.find(path, call.text) if call.text else None
        if found and found.function:
            guard = self._reader.guards.function(found.path, found.function)
            return passed_on(guard, path, call.line, call.text, self._reader.guards.factory_roles(call))
        if _WRAPS_GUARD.search(call.text):
            return Reading((Guard(Span(path, call.line, f"{call.text} refuses strangers")),))
        if not call.text or _HARMLESS_WRAP.search(call.text):
            return Reading()
        return Reading(unsure=(Span(path, call.line, f"{call.text} around the handler could not be followed"),))

    def _file(self, stem: str) -> str:
        return next((stem + suffix for suffix in _SCRIPTS if stem + suffix in self._paths), "")


def methods_in(code: str) -> tuple[str, ...]:
    """The HTTP methods an API route looks at: the cases of ``switch (req.method)`` and comparisons with it; empty when it takes any."""
    found: list[str] = []
    for match in re.finditer(rf"switch\s*\(\s*{_METHOD}\s*\)\s*\{{", code):
        depth, end = 1, match.end()
        while depth and end < len(code):
            depth += {"{": 1, "}": -1}.get(code[end], 0)
            end += 1
        found += re.findall(r"\bcase\s+[\"']([A-Z]+)[\"']", code[match.end() : end])
    found += re.findall(rf"{_METHOD}\s*(?:===?|!==?)\s*[\"']([A-Z]+)[\"']", code)
    for group in re.findall(rf"\[([^\]]{{0,120}})\]\.includes\(\s*{_METHOD}", code):
        found += re.findall(r"[\"']([A-Z]+)[\"']", group)
    return tuple(method for method in _METHODS if method in found)


def _chained(module: Module) -> tuple[str, ...]:
    """The methods registered on the default export: next-connect's ``handler.get(...).post(...)``."""
    value = module.exports.get("default")
    if value is None:
        return ()
    name = value.text if value.kind == "name" else ""
    found: set[str] = set()
    bound = module.bindings.get(name)
    chains = [call for call in module.calls if call.text.startswith(f"{name}.") or call.on is not None]
    for call in ([bound.value] if bound else [value]) + chains:
        current: Expr | None = call
        names = []
        while current is not None:
            names.append(current.text)
            current = current.on
        root = names[-1]
        if (name and root.startswith(f"{name}.")) or (call is value or (bound and call is bound.value)):
            found |= {one.rsplit(".", 1)[-1].upper() for one in names}
    return tuple(method for method in _METHODS if method in found)


def _address(folder: str) -> str | None:
    """The path that a folder of routes stands for; None for folders that are no address."""
    parts = []
    for part in folder.strip("/").split("/") if folder.strip("/") else []:
        if part.startswith("_") or re.match(r"\(\.{1,3}\)", part):
            return None
        if part.startswith("@") or re.fullmatch(r"\(.*\)", part) or part == "index":
            continue
        parts.append(re.sub(r"\[{1,2}(?:\.{3})?([\w-]+)\]{1,2}", r"{\1}", part))
    return "/" + "/".join(parts)


READS = {NAME: NextJs}
