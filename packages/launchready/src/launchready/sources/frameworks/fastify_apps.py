"""What is a Fastify app: ``fastify()``, with a type provider or without, and what a function of the app's own makes and returns."""

import re
from dataclasses import dataclass

from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader
from launchready.sources.frameworks.script_handlers import SCRIPTS
from launchready.sources.marks import Mark
from launchready.sources.resolver import Resolver

_RETURNED = re.compile(r"\breturn\s+(\w+)\s*(?=[;}\n]|$)")


@dataclass(frozen=True, slots=True)
class Maker:
    """A function that makes an app: its file, the name it gives the app, and itself. What it does with the app is done for whoever calls it."""

    path: str
    name: str
    function: Function


def is_app(module: Module, value: Expr) -> bool:
    """Whether a value is a new app of the framework."""
    if value.kind != "call":
        return False
    if value.on is not None and not value.text:
        return value.on.text == "require" and any(item.text == "fastify" for item in value.on.items)
    if value.text.endswith(".withTypeProvider") or (value.on is not None and "withTypeProvider" in value.text):
        return value.on is not None and is_app(module, value.on)
    entry = module.imports.get(value.text.split(".")[0])
    return entry is not None and entry.module == "fastify" and not value.text.endswith(".register")


def maker_of(resolver: Resolver, module: Module, value: Expr) -> Maker | None:
    """The function that made an app, where one did: ``const app = createApp()``."""
    while value.kind == "call" and value.on is not None and value.text.endswith("withTypeProvider"):
        value = value.on
    found = resolver.find(module.path, value.text) if value.kind == "call" and value.text and value.on is None else None
    there = resolver.module(found.path) if found and found.function else None
    return _made_by(there, found.function) if found and found.function and there else None


def users(reader: Reader, modules: list[Module]) -> list[Module]:
    """The files that call such a function of these modules and do not name the framework themselves."""
    names = [name for one in modules for name, function in one.functions.items() if _made_by(one, function)]
    if not names:
        return []
    words = tuple(f"{name}(".encode() for name in sorted(set(names)))
    calls = Mark(re.compile(rb"\b(?:" + b"|".join(map(re.escape, words)) + rb")"), words)
    known = {module.path for module in modules}
    return [one for one in reader.marked(calls, *SCRIPTS) if one.path not in known]


def _made_by(module: Module, function: Function) -> Maker | None:
    if function.is_class:
        return None
    for returned in reversed(_RETURNED.findall(function.code)):
        made = module.bindings.get(returned)
        if made is not None and is_app(module, made.value):
            return Maker(module.path, returned, function)
    return None
