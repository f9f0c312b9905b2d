"""Calls in loops over tables: ``for (const { path, router } of routes) app.use(path, router)`` is one call for each entry."""

import re
from collections.abc import Iterator

from msgspec import structs

from launchready.sources.facts.conditions import condition
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.frameworks.script_given import functions_of
from launchready.sources.resolver import Resolver

_MOST = 200
_SUM = re.compile(r"[\w$.]+(?:\s*\+\s*[\w$.]+)+")
_HOLE = re.compile(r"\{([\w.]+)\?\}")


def unrolled(resolver: Resolver, module: Module, call: Expr) -> list[Expr]:
    """The call once for each entry of the series its arguments run through; itself when there is none."""
    given = tuple(_summed(item) for item in call.items)
    series = next((found for item in given if (found := _series(resolver, module, item)) is not None), None)
    if series is None:
        return [call]
    path, entries = series
    made: list[Expr] = []
    for entry in entries[:_MOST]:
        items = tuple(_taken(resolver, module, item, path, entry) for item in given)
        made.append(structs.replace(call, items=items, when=condition(entry.when, call.when)))
    return made


def series_of(resolver: Resolver, module: Module, name: str) -> tuple[str, tuple[Expr, ...]]:
    """What a name of a loop, or the parameter of what ``forEach`` is given, runs through, and the file it stands in; nothing when it is neither."""
    found = _series(resolver, module, Expr("name", name))
    for call in (
        (*module.calls, *(call for function in functions_of(module) for call in function.calls)) if not found else ()
    ):
        owner, _, method = call.text.rpartition(".")
        given = call.items[0].function if method == "forEach" and call.items else None
        if given is not None and given.params and given.params[0].name == name:
            found = _entries(
                resolver, module.path, call.on if not owner and call.on is not None else Expr("name", owner)
            )
            break
    return found or (module.path, ())


def _summed(item: Expr) -> Expr:
    """``version + route.path`` as a text with two parts to be filled in."""
    if item.kind != "other" or not _SUM.fullmatch(item.text):
        return item
    return Expr("str", "".join(f"{{{part.strip()}?}}" for part in item.text.split("+")), line=item.line)


def _series(resolver: Resolver, module: Module, item: Expr) -> tuple[str, tuple[Expr, ...]] | None:
    names = [item.text] if item.kind == "name" else _HOLE.findall(item.text) if item.kind == "str" else []
    for name in names:
        binding = module.bindings.get(name.split(".")[0])
        if binding is not None and binding.value.kind == "each":
            return _entries(resolver, module.path, binding.value.items[0])
    return None


def _entries(resolver: Resolver, path: str, value: Expr) -> tuple[str, tuple[Expr, ...]] | None:
    if value.kind == "call" and value.text in ("Object.entries", "Object.values") and value.items:
        value = value.items[0]
    if value.kind == "name":
        found = resolver.find(path, value.text)
        if found is None or found.binding is None:
            return None
        name, path, value = found.name, found.path, found.binding.value
        if value.kind == "list":
            return path, (*value.items, *_pushed(resolver, path, name))
    if value.kind == "dict":
        return path, tuple(Expr("list", items=(Expr("str", name), one)) for name, one in value.named)
    return (path, value.items) if value.kind == "list" else None


def _pushed(resolver: Resolver, path: str, name: str) -> Iterator[Expr]:
    """What is put behind a list later on, under its condition: ``if (google) { routers.push(require("./oauth")); }``"""
    module = resolver.module(path)
    for call in module.calls if module else ():
        if call.text == f"{name}.push":
            yield from (structs.replace(item, when=call.when) for item in call.items)


def _taken(resolver: Resolver, module: Module, item: Expr, path: str, entry: Expr) -> Expr:
    """The part of an entry that an argument takes; names of another file are followed from there."""
    if item.kind == "str":
        filled = _HOLE.sub(lambda hole: _filled(resolver, module, hole, path, entry), item.text)
        return structs.replace(item, text=filled) if filled != item.text else item
    head, _, rest = item.text.partition(".") if item.kind == "name" else ("", "", "")
    binding = module.bindings.get(head)
    if binding is None or binding.value.kind != "each":
        return item
    part = binding.value.text or rest
    if part.startswith("[") and entry.kind == "list":
        index = int(part.strip("[]"))
        return entry.items[index] if index < len(entry.items) else item
    value = entry.get(part) if part and entry.kind == "dict" else entry
    if value is not None and value.kind == "name" and value.text and path != module.path:
        return Expr("name", f"{path}:{value.text}", line=value.line)
    return value if value is not None else item


def _filled(resolver: Resolver, module: Module, hole: re.Match[str], path: str, entry: Expr) -> str:
    name = Expr("name", hole[1])
    value = _taken(resolver, module, name, path, entry)
    return resolver.text(module.path, value) if value is not name else hole[0]
