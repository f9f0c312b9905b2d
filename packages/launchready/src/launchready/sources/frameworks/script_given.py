"""What functions are given where they are called: a router may reach the place it is mounted at as an argument, alone or in an object."""

import re
from collections.abc import Iterable, Iterator, Sequence

from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.resolver import Resolver

_HOPS = 4
_NAMES = re.compile(r"[A-Za-z_$][\w$]*")
_HOLE = re.compile(r"\{([A-Za-z_$][\w$]*)\?\}")


class Given:
    """The arguments that parameters of some modules stand for. Calls are looked at once, when the first name is asked for."""

    def __init__(self, resolver: Resolver, modules: Sequence[Module]) -> None:
        self._resolver = resolver
        self._modules = modules
        self._sites: dict[tuple[str, str, int], list[tuple[Module, Expr]]] | None = None

    def values(self, module: Module, name: str, hops: int = _HOPS) -> Iterator[tuple[Module, Expr]]:
        """What a name stands for that is a parameter, or is taken out of one: each argument with the module of the call."""
        if not hops or not name.isidentifier():
            return
        binding = module.bindings.get(name)
        owner, _, part = binding.value.text.partition(".") if binding and binding.value.kind == "name" else ("", "", "")
        found = list(self._arguments(module, name))
        if owner and part.isidentifier():
            found += [(there, inner) for there, value in self._arguments(module, owner) if (inner := value.get(part))]
        for there, value in found:
            if value.kind == "name" and self._is_given(there, value.text):
                yield from self.values(there, value.text, hops - 1)
            else:
                yield there, value

    def filled(self, module: Module, text: str) -> str:
        """A text with what callers hand its function: ``module.exports = (app, prefix) => app.get(`${prefix}/notes`, list)``."""
        return _HOLE.sub(lambda hole: self._handed(module, hole), text) if "?}" in text else text

    def _handed(self, module: Module, hole: re.Match[str]) -> str:
        texts = {self._resolver.text(there.path, one) for there, one in self.values(module, hole[1])}
        text = texts.pop() if len(texts) == 1 else hole[0]
        return hole[0] if "?}" in text else text

    def _is_given(self, module: Module, name: str) -> bool:
        binding = module.bindings.get(name)
        taken = binding.value.text.partition(".")[0] if binding and binding.value.kind == "name" else ""
        return any(one in (name, taken) for function in functions_of(module) for one in _given(function))

    def _arguments(self, module: Module, name: str) -> Iterator[tuple[Module, Expr]]:
        for function in functions_of(module):
            for index, param in enumerate(function.params):
                names = _NAMES.findall(param.name)
                if name not in names:
                    continue
                for there, call in self._calls(module, function):
                    item = call.items[index] if index < len(call.items) else None
                    value = item.get(name) if item is not None and param.name.startswith("{") else item
                    if value is not None:
                        yield there, value

    def _calls(self, module: Module, function: Function) -> list[tuple[Module, Expr]]:
        if self._sites is None:
            self._sites = {}
            for there in self._modules:
                for call in _nested((*there.calls, *(binding.value for binding in there.bindings.values()))):
                    found = self._resolver.find(there.path, call.text) if call.text and call.on is None else None
                    if call.on is not None and call.on.text == "require" and call.on.items:
                        # require("./routes")(app, prefix)
                        target = self._resolver.script_file(there.path, call.on.items[0].text)
                        found = self._resolver.exported(target, call.text or "*", [], _HOPS) if target else None
                    if found and found.function:
                        key = (found.path, found.function.name, found.function.line)
                        self._sites.setdefault(key, []).append((there, call))
        return self._sites.get((module.path, function.name, function.line), [])


def functions_of(module: Module) -> list[Function]:
    """The functions of a file, exported ones without a name as well."""
    found = {(f.name, f.line): f for f in module.functions.values()}
    found |= {(e.function.name, e.function.line): e.function for e in module.exports.values() if e.function}
    return list(found.values())


def unbound(value: Expr) -> Expr:
    """The method of an object that a handler is bound to: ``notes.list`` for ``notes.list.bind(notes)``."""
    method, _, last = value.text.rpartition(".")
    bound = value.kind == "call" and value.on is None and last == "bind" and method
    return Expr("name", method, line=value.line) if bound else value


def calls_in(module: Module) -> Iterator[Expr]:
    """The calls of a file, also in functions that calls are given: ``export default plugin(async (app) => { app.decorate(...) })``."""
    bound = (binding.value for binding in module.bindings.values())
    yield from module.calls
    for function in (*functions_of(module), *_functions((*bound, *module.calls, *module.exports.values()))):
        yield from function.calls


def _functions(values: Iterable[Expr], depth: int = 0) -> Iterator[Function]:
    for value in values if depth < 6 else ():
        if value.function is not None:
            yield value.function
        yield from _functions((*value.items, *(inner for _, inner in value.named)), depth + 1)


def _given(function: Function) -> list[str]:
    return [name for param in function.params for name in _NAMES.findall(param.name)]


def _nested(values: Iterable[Expr], depth: int = 0) -> Iterator[Expr]:
    """The calls among some expressions, and those among their arguments."""
    for value in values if depth < 6 else ():
        if value.kind == "call":
            yield value
        yield from _nested((*value.items, *(inner for _, inner in value.named)), depth + 1)
