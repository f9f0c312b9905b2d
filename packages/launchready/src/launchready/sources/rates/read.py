"""The limits that the source sets, by route."""

from collections.abc import Iterable

from launchready.model.inputs import StatedLimit
from launchready.model.surface import Endpoint
from launchready.sources.facts.read import SCRIPTS
from launchready.sources.facts.shape import Function, Module
from launchready.sources.rates.python import of_function
from launchready.sources.rates.scripts import of_route
from launchready.sources.resolver import Resolver
from launchready.sources.tree import Tree

_WORDS = (b"limit", b"Limit")


def stated_limits(tree: Tree, endpoints: Iterable[Endpoint]) -> dict[str, tuple[StatedLimit, ...]]:
    """What limiters in the source allow, for each route that has one. What is set elsewhere, such as in front of the app, is not known."""
    if not any(word in (tree.bytes(file.path) or b"") for file in tree.with_suffix(".py", *SCRIPTS) for word in _WORDS):
        return {}
    resolver, found = Resolver(tree), dict[str, tuple[StatedLimit, ...]]()
    for endpoint in endpoints:
        path, limits = endpoint.source.file, tuple[StatedLimit, ...]()
        module = resolver.module(path) if path.endswith((".py", *SCRIPTS)) else None
        if module is None:
            continue
        if path.endswith(".py"):
            limits = tuple(one for made in _views(module, endpoint) for one in of_function(resolver, path, made))
        else:
            limits = tuple(of_route(resolver, module, endpoint))
        if limits := tuple(one for one in limits if one.count and one.seconds):
            found[endpoint.name] = tuple(dict.fromkeys((*found.get(endpoint.name, ()), *limits)))
    resolver.forget()
    return found


def _views(module: Module, endpoint: Endpoint) -> list[Function]:
    """The function of an endpoint; of a class (``Reset.post``) the class itself and its method."""
    line, name = endpoint.source.line, endpoint.source.what.partition(".")[0]
    every = [one for one in module.functions.values() if one.line == line or one.name == name]
    methods = [inner for one in module.functions.values() for inner in one.methods if inner.line == line]
    return [*every[:1], *methods] if every else methods
