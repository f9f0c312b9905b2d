"""Cloud Functions of Firebase: what ``onCall`` and ``onRequest`` export, each at an address of its own name.

Source: firebase.google.com/docs/functions (callable functions, HTTP events). Any visitor can call both: a callable function is only told who asks.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, expected, once
from launchready.sources.frameworks.nextjs_methods import for_method, methods_in
from launchready.sources.frameworks.script_handlers import Handlers
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading

NAME = "Firebase Functions"
_MARK = Mark(re.compile(rb"""["']firebase-functions(?:/[\w/]+)?["']"""), (b"firebase-functions",))
_SCRIPTS = (".ts", ".js", ".mjs", ".cjs", ".mts")
# What a callable function is sent: `data.title` in the first generation, `request.data.title` in the second.
_TAKEN = re.compile(r"(?<![\w.])(?:request\s*\.\s*|req\s*\.\s*)?data\s*\??\.\s*([A-Za-z_]\w*)\b(?!\s*\()")
_PARTS = re.compile(r"\{([\w\s,:=\"']+)\}\s*(?::[^=;\n]{1,80})?=\s*(?:\w+\s*\.\s*)?data\b")
_READS_BODY = re.compile(r"\b(?:req|request)\s*\.\s*(?:body|rawBody)\b")


class FirebaseFunctions:
    """Reads the functions of every Firebase project in a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._handlers = Handlers(reader)

    def read(self) -> tuple[Endpoint, ...]:
        """Each callable and each HTTP function; a whole app that one hands on to is read as that app."""
        modules = self._reader.marked(_MARK, *_SCRIPTS)
        found = [
            one for module in modules for name, call in _exported(module) for one in self._function(module, name, call)
        ]
        if modules:
            self._reader.used.add(NAME)
        return once(found)

    def _function(self, module: Module, name: str, call: Expr) -> Iterator[Endpoint]:
        path, given = module.path, call.items[-1]
        options = call.items[0] if len(call.items) > 1 and call.items[0].kind == "dict" else Expr("dict")
        handler = self._handlers.unwrapped(path, given)
        above = _by_option(path, call, options)
        if call.text.endswith("onCall"):
            route = self._handlers.route("POST", f"/{name}", name, path, handler, above)
            yield _hosted(replace(route, inputs=tuple(_taken(route.code))))
            return
        if handler.function is None and self._is_app(path, given):
            return
        function = handler.function
        asked = methods_in(function.code) if function else ()
        for method in asked or (("POST",) if function and _READS_BODY.search(function.code) else ("GET",)):
            own = replace(handler, function=for_method(function, method)) if function else handler
            yield _hosted(self._handlers.route(method, f"/{name}", name, path, own, above))

    def _is_app(self, path: str, given: Expr) -> bool:
        """Whether a function only serves an app, such as one of Express."""
        found = self._reader.resolver.find(path, given.text) if given.kind == "name" else None
        return bool(found and (found.binding or found.outside))


def _exported(module: Module) -> Iterator[tuple[str, Expr]]:
    for name, value in module.exports.items():
        bound = module.bindings.get(value.text) if value.kind == "name" else None
        call = bound.value if bound is not None else value
        if call.kind == "call" and call.items and re.search(r"(?:^|\.)on(?:Call|Request)$", call.text):
            yield name, call


def _by_option(path: str, call: Expr, options: Expr) -> Reading:
    """What the platform asks before the function: ``authPolicy: isSignedIn()``, ``invoker: "private"``."""
    policy, invoker = options.get("authPolicy"), options.get("invoker")
    if policy is not None and re.search(r"isSignedIn|hasClaim", policy.text):
        claims = tuple(text for text in policy.strings()) if policy.text.endswith("hasClaim") else ()
        return Reading((Guard(Span(path, call.line, f"authPolicy: {policy.text}()"), claims[:1]),))
    if invoker is not None and invoker.text not in ("", "public"):
        return Reading(
            (Guard(Span(path, call.line, f"invoker is {invoker.text}: the platform refuses who may not invoke it")),)
        )
    return Reading()


def _taken(code: str) -> Iterator[Input]:
    names = [part.split(":")[0].split("=")[0].strip() for group in _PARTS.findall(code) for part in group.split(",")]
    for name in dict.fromkeys((*names, *_TAKEN.findall(code))):
        if name:
            yield Input(name, "body")


def _hosted(route: Route) -> Endpoint:
    return replace(endpoint(NAME, route, "", Reading()), hosted=True)


EXPECTS = expected(_MARK, *_SCRIPTS)
READS = {NAME: FirebaseFunctions}
