"""Tornado: the handler lists of applications, and handler classes with their methods (tornadoweb.org: Structure of a Tornado web application)."""

import re
from collections.abc import Iterator

from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.found import Found
from launchready.sources.frameworks.common import Reader, Route, decorated, endpoint, expected, once
from launchready.sources.frameworks.python_inputs import python_inputs
from launchready.sources.marks import Mark
from launchready.sources.readings import Reading

NAME = "Tornado"
_MARK = Mark(
    re.compile(rb"\b(?:from|import) tornado|\bRequestHandler\b"),
    (b"tornado", b"RequestHandler"),
)
_VERBS = ("get", "post", "put", "patch", "delete")
_TERMINALS = re.compile(
    r"(?:^|\.)(?:authenticated|web_authenticated|login_required|needs_scope|admin_only|auth_decorator)$"
)
_HANDLER = re.compile(
    r"(?:RequestHandler|WebSocketHandler|StaticFileHandler|RedirectHandler|ErrorHandler|FallbackHandler)$"
)
_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|\((?!\?)(?:[^()\\]|\\.|\([^()]*\))*\)")
_READS = (
    ("query", re.compile(r"\bget_(?:query_)?arguments?\(\s*[\"'](\w+)")),
    ("form", re.compile(r"\bget_body_arguments?\(\s*[\"'](\w+)")),
    ("cookie", re.compile(r"\bget_(?:secure_|signed_)?cookie\(\s*[\"'](\w+)")),
    ("header", re.compile(r"\.headers(?:\.get\(|\[)\s*[\"']([\w-]+)")),
    ("body", re.compile(r"\b(?:data|body|payload|model)(?:\.get\(|\[)\s*[\"'](\w+)")),
)
_DEEPEST = 10


class Tornado:
    """Reads the handlers of every Tornado application of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._found: list[Endpoint] = []
        self._lists: set[tuple[str, str]] = set()

    def read(self) -> tuple[Endpoint, ...]:
        """The routes of applications, and of lists of handlers that no application seen here is given."""
        modules = self._reader.marked(_MARK, ".py")
        for module in modules:
            inner = (call for function in module.functions.values() for call in function.calls)
            for call in (*module.calls, *inner):
                name = call.text.rsplit(".", 1)[-1]
                # class Application(tornado.web.Application): its __init__ hands the list on.
                if name.endswith("Application") or (name == "__init__" and call.items):
                    self._entries(
                        module.path, call.get("handlers") or (call.items[0] if call.items else None), Reading(), 0
                    )
                elif name == "add_handlers" and len(call.items) > 1:
                    self._entries(module.path, call.items[1], Reading(), 0)
        for module in modules:
            for name, binding in module.bindings.items():
                if (module.path, name) not in self._lists and self._is_list(module.path, binding.value):
                    self._entries(module.path, binding.value, Reading(), 0)
        if self._found:
            self._reader.used.add(NAME)
        return once(self._found)

    def _is_list(self, path: str, value: Expr) -> bool:
        """Whether a list holds pairs of a pattern and a class of handlers."""
        return value.kind == "list" and any(self._pair(path, item) is not None for item in value.items)

    def _pair(self, path: str, item: Expr) -> tuple[Expr, Expr] | None:
        last = item.text.rsplit(".", 1)[-1] if item.kind == "call" else ""
        if (item.kind != "list" and last not in ("url", "URLSpec", "Rule")) or len(item.items) < 2:
            return None
        rule, handler = item.items[0], item.items[1]
        if rule.kind != "str" and not (rule.kind == "name" and last):
            return None
        return (rule, handler) if handler.kind == "name" and self._handler_class(path, handler.text) else None

    def _handler_class(self, path: str, dotted: str, depth: int = 0) -> Found | None:
        """A class that answers requests: its bases lead to one of Tornado's, or its name says that it is one."""
        found = self._resolver.find(path, dotted)
        if found is None or depth > _DEEPEST:
            return None
        if found.function is None:
            return found if found.outside.startswith("tornado") or _HANDLER.search(found.outside) else None
        if not found.function.is_class:
            return None
        leads = any(
            _HANDLER.search(base.text)
            or base.text.endswith("Handler")
            or self._handler_class(found.path, base.text, depth + 1)
            for base in found.function.bases
        )
        return found if leads else None

    def _entries(self, path: str, value: Expr | None, above: Reading, depth: int) -> None:
        if value is None or depth > _DEEPEST:
            return
        if value.kind == "name":
            found = self._resolver.find(path, value.text)
            if found and found.binding and found.binding.value.kind in ("list", "call"):
                self._lists.add((found.path, found.name))
                self._entries(found.path, found.binding.value, above, depth + 1)
            return
        for item in value.items if value.kind == "list" else ():
            pair = self._pair(path, item)
            if pair is not None:
                self._route(path, *pair, above)
            elif item.kind == "name":
                self._entries(path, item, above, depth + 1)

    def _route(self, path: str, rule: Expr, handler: Expr, above: Reading) -> None:
        template = _template(self._resolver.text(path, rule))
        found = self._handler_class(path, handler.text)
        if found is None or found.function is None:
            if "Static" in handler.text:
                route = Route("GET", template, "static files", path, rule.line)
                self._found.append(endpoint(NAME, route, "", above))
            return
        kin = list(self._kin(found.path, found.function, 0))
        before = self._prepared(kin)
        seen: set[str] = set()
        for file, owner in kin:
            for method in owner.methods:
                verb = "WEBSOCKET" if method.name == "open" and self._is_socket(kin) else method.name.upper()
                if (method.name not in _VERBS and verb != "WEBSOCKET") or method.name in seen:
                    continue
                seen.add(method.name)
                reading = (
                    above
                    + before
                    + decorated(self._reader, file, (*found.function.decorators, *method.decorators), _TERMINALS)
                )
                inline = self._reader.guards.inside(file, method)
                name = f"{found.function.name}.{method.name}"
                inputs = python_inputs(self._resolver, file, method.code, _READS)
                route = Route(verb, template, name, file, method.line, method.code, reading, inline, inputs)
                self._found.append(endpoint(NAME, route, "", Reading()))

    def _kin(self, path: str, owner: Function, depth: int) -> Iterator[tuple[str, Function]]:
        """A class and those it inherits from, nearest first."""
        yield path, owner
        for base in owner.bases if depth < _DEEPEST else ():
            found = self._resolver.find(path, base.text)
            if found and found.function and found.function.is_class:
                yield from self._kin(found.path, found.function, depth + 1)

    @staticmethod
    def _is_socket(kin: list[tuple[str, Function]]) -> bool:
        return any("WebSocket" in base.text for _, owner in kin for base in owner.bases)

    def _prepared(self, kin: list[tuple[str, Function]]) -> Reading:
        """``prepare()`` runs before every method: a guard when it refuses, a doubt when it looks at the address."""
        for file, owner in kin:
            prepare = next((method for method in owner.methods if method.name == "prepare"), None)
            if prepare is None:
                continue
            guard = self._reader.guards.function(file, prepare)
            if guard is None:
                return Reading()
            if re.search(r"request\.(?:path|uri|method)\b", prepare.code):
                return Reading(unsure=(Span(file, prepare.line, f"{owner.name}.prepare refuses some requests"),))
            return Reading((guard,))
        return Reading()


def _template(rule: str) -> str:
    """A pattern as a template: groups become parameters, named or counted."""
    count = 0

    def named(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return "{" + (match.group(1) or f"arg{count}") + "}"

    bare = rule.removeprefix("^").removesuffix("$")
    return re.sub(r"\\([./-])", r"\1", _GROUP.sub(named, bare)).removesuffix("/?")


EXPECTS = expected(_MARK, ".py")
READS = {NAME: Tornado}
