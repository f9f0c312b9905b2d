"""Sinatra: routes with blocks, namespaces and filters (sinatrarb.com: routes, filters; sinatra-contrib: namespace)."""

import re

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, Route, endpoint, join, once
from launchready.sources.guards import Reading

NAME = "Sinatra"
_MARK = re.compile(rb"\brequire\s*\(?[\"']sinatra|Sinatra::(?:Base|Application)")
_VERBS = ("get", "post", "put", "patch", "delete", "query")
_PARAMS = re.compile(r"\bparams(?:\[|\.fetch\(?\s*)\s*[:\"'](\w+)")
_DEEPEST = 12


class Sinatra:
    """Reads every Sinatra app of a tree, classic and modular."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._ruby = reader.resolver.ruby
        self._found: list[Endpoint] = []

    def read(self) -> tuple[Endpoint, ...]:
        """All endpoints; what ``config.ru`` maps is put below its path."""
        marked = [
            file.path
            for file in self._reader.tree.with_suffix(".rb")
            if _MARK.search(self._reader.tree.bytes(file.path) or b"")
        ]
        mounts = self._mounts()
        for path in marked:
            file = self._ruby.file(path)
            if file is None:
                continue
            self._steps(path, file.steps, "", Reading(), 0)
            for owner in file.module.functions.values():
                if owner.is_class and any(
                    base.text.startswith("Sinatra::")
                    or base.text.endswith(("App", "Base", "Application", "Controller"))
                    for base in owner.bases
                ):
                    self._steps(path, owner.calls, mounts.get(owner.name, ""), Reading(), 0)
        if self._found:
            self._reader.used.add(NAME)
        return once(self._found)

    def _mounts(self) -> dict[str, str]:
        found = {}
        for file in self._reader.tree.named("config.ru"):
            text = self._reader.tree.text(file.path) or ""
            for at, body in re.findall(r"map[ (]+[\"']([^\"']+)[\"']\)?\s*(?:do|\{)\s*(.*?)(?:\bend\b|\})", text, re.S):
                for name in re.findall(r"\brun[ (]+([\w:]+)", body):
                    found[name] = at
        return found

    def _steps(self, path: str, steps: tuple[Expr, ...], prefix: str, above: Reading, depth: int) -> None:
        guards = above + self._filters(path, steps)
        for step in steps if depth < _DEEPEST else ():
            if step.text in _VERBS and step.items and step.function is not None:
                self._route(path, step.text.upper(), step.items[0].text, step, prefix, guards)
            elif step.text == "route" and step.function is not None and len(step.items) > 1:
                *verbs, rule = [item.text for item in step.items]
                for verb in verbs:
                    self._route(path, verb.upper(), rule, step, prefix, guards)
            elif step.text == "namespace" and step.items and step.function is not None:
                self._steps(path, step.function.calls, join(prefix, step.items[0].text), guards, depth + 1)

    def _filters(self, path: str, steps: tuple[Expr, ...]) -> Reading:
        """``before do … end`` is for every route; with a pattern it leaves a doubt."""
        reading = Reading()
        for step in steps:
            if step.text != "before" or step.function is None:
                continue
            guard = self._reader.guards.function(path, _named(step.function, "before", step.line))
            if guard is None:
                continue
            if step.items or re.search(r"request\.path|path_info", step.function.code):
                reading += Reading(unsure=(Span(path, step.line, "before refuses some requests by their path"),))
            else:
                reading += Reading((guard,))
        return reading

    def _route(self, path: str, verb: str, rule: str, step: Expr, prefix: str, above: Reading) -> None:
        # delete "content-length" is a call of another object; a route begins with a slash or is a pattern.
        if not rule.startswith(("/", "*")) or step.function is None or verb in ("HEAD", "OPTIONS"):
            return
        function = _named(step.function, f"{verb.lower()} {rule}", step.line)
        address = re.sub(r"[:*](\w+)\??", r"{\1}", rule).replace("*", "{splat}")
        inline = self._reader.guards.inside(path, function)
        inputs = tuple(
            Input(name, "query" if verb == "GET" else "body")
            for name in dict.fromkeys(_PARAMS.findall(function.code))
            if f"{{{name}}}" not in address
        )
        route = Route(verb, address, function.name, path, step.line, function.code, above, inline, inputs)
        self._found.append(endpoint(NAME, route, prefix, Reading()))


def _named(function: Function, name: str, line: int) -> Function:
    return Function(name, line, function.params, (), function.code, function.calls)


READS = {NAME: Sinatra}
