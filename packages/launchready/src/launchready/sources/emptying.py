"""Which routes take away everything, by what their handlers do: they drop tables, or remove every row of one."""

import re
from collections.abc import Iterable, Iterator

from launchready.model.surface import Endpoint
from launchready.sources.facts.read import SCRIPTS
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.resolver import Resolver
from launchready.sources.tree import Tree

_EMPTIES = re.compile(
    r"\bdrop_all\b|\bdrop_?(?:database|collection|table)\w*\s*\(|\bflush(?:db|all)\s*\(|\bsync\(\s*\{[^}]*\bforce:\s*true"
    # SQL begins its text; in prose the same words say something else.
    r"|[\"'`]\s*(?:(?-i:DROP|drop)\s+(?:TABLE|DATABASE|SCHEMA)\b|(?-i:TRUNCATE\b|truncate\s+table\b)|(?-i:DELETE|delete)\s+FROM\s+[\w.\"`]+\s*(?:[\"'`;)]|$))"
    r"|\.(?:deleteMany|delete_many|remove)\(\s*\{\s*\}\s*\)|\.deleteMany\(\s*\)|\.objects\.all\(\)\.delete\(|\.query\.delete\(\s*\)",
    re.I | re.M,
)


def emptying(tree: Tree, endpoints: Iterable[Endpoint]) -> frozenset[str]:
    """The routes whose handlers do so by themselves, or in a function of the app that they call."""
    resolver, found = Resolver(tree), set[str]()
    for endpoint in endpoints:
        path = endpoint.source.file
        content = tree.bytes(path) if path.endswith((".py", *SCRIPTS)) else None
        if not content or endpoint.method in ("GET", "HEAD", "OPTIONS"):
            continue
        module = resolver.module(path)
        if module is not None and any(_EMPTIES.search(code) for code in _code(resolver, module, endpoint)):
            found.add(endpoint.name)
    resolver.forget()
    return frozenset(found)


def _code(resolver: Resolver, module: Module, endpoint: Endpoint) -> Iterator[str]:
    """What the handler says, and each function of the app that it calls by name."""
    line, name = endpoint.source.line, endpoint.source.what
    for one in [*module.functions.values(), *(method for made in module.functions.values() for method in made.methods)]:
        if not one.is_class and (one.line == line or (name and one.name == name)):
            yield one.code
            yield from _called(resolver, module.path, one.calls)
    for call in module.calls:
        if call.line != line:
            continue
        for item in call.items:
            if item.function is not None:
                yield item.function.code
                yield from _called(resolver, module.path, item.function.calls)
            elif item.kind == "name":
                yield from _called(resolver, module.path, (item,))


def _called(resolver: Resolver, path: str, calls: Iterable[Expr]) -> Iterator[str]:
    for call in calls:
        found = resolver.find(path, call.text) if call.text else None
        if found is not None and found.function is not None and not found.function.is_class:
            yield found.function.code
