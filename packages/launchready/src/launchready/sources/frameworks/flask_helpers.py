"""Functions of an app that register views for whoever calls them: ``register_view(bp, ["/notes"], Notes.as_view("notes"))``, as Flask's own documentation
writes ``register_api(app, model, name)`` (flask.palletsprojects.com, Class-based Views)."""

import re
from collections.abc import Iterator

from msgspec import structs

from launchready.sources.facts.shape import Expr, Function
from launchready.sources.resolver import Resolver

_NAMED = re.compile(r"(?:^|[._])(?:add|register|route|mount|url|bind)(?:_?\w+)?$", re.I)
_EACH = re.compile(r"\bfor\s+(\w+)\s+in\s+(\w+)\s*:")
_CONFIGURES = re.compile(r"(?:config|setting|default)\w*(?:/\w+)?\.py$", re.I)
_UNKNOWN = re.compile(r"\{(\w+)\?\}")


def registered(resolver: Resolver, path: str, call: Expr) -> Iterator[tuple[str, Expr]]:
    """What such a function registers where it is called: the name of the blueprint or the app it is given, and ``add_url_rule`` as the caller's file would say it."""
    if not call.items or not _NAMED.search(call.text):
        return
    found = resolver.find(path, call.text)
    function = found.function if found else None
    if function is None or function.is_class or ".add_url_rule(" not in function.code:
        return
    given = _given(function, call)
    for inner in function.calls:
        owner, _, method = inner.text.rpartition(".")
        if method != "add_url_rule" or owner not in given:
            continue
        told = {name for name, _ in inner.named}
        # What the function hands on as it was given it, such as `methods`.
        more = tuple((name, one) for name, one in call.named if name not in given and name not in told)
        for names in _rounds(function, given):
            items = tuple(_filled(one, names) for one in inner.items)
            named = tuple((name, _filled(one, names)) for name, one in inner.named)
            yield (
                given[owner].text,
                structs.replace(inner, items=items, named=named + more, line=call.line, when=call.when),
            )


def configured(resolver: Resolver, path: str, given: Expr) -> str:
    """The text that a prefix is, which may stand in the app's configuration: ``app.config["AUTH_PREFIX"]``, where one file sets that by default."""
    name = given.items[0].text if given.kind == "call" and given.text.endswith("config[]") and given.items else ""
    if not name or given.items[0].kind != "str":
        return resolver.text(path, given)
    found = set[str]()
    for file in resolver.holding(name.encode(), (".py",)):
        if not _CONFIGURES.search(file) or (module := resolver.module(file)) is None:
            continue
        classes = (one for one in module.functions.values() if one.is_class)
        values = [one.default for made in classes for one in made.fields if one.name == name]
        values += [module.bindings[name].value] if name in module.bindings else []
        found.update(one.text for one in values if one is not None and one.kind == "str" and "?}" not in one.text)
    return found.pop() if len(found) == 1 else f"{{{name}?}}"


def _given(function: Function, call: Expr) -> dict[str, Expr]:
    """The arguments of a call by the names of the parameters."""
    names = [one.name for one in function.params]
    return dict(zip(names, call.items, strict=False)) | {name: one for name, one in call.named if name in names}


def _rounds(function: Function, given: dict[str, Expr]) -> Iterator[dict[str, Expr]]:
    """The arguments, once for each of those that the function goes through: ``for route in routes:``."""
    for name, series in _EACH.findall(function.code):
        listed = given.get(series)
        if listed is not None and listed.kind == "list":
            yield from (given | {name: one} for one in listed.items)
            return
    yield given


def _filled(value: Expr, names: dict[str, Expr]) -> Expr:
    if value.kind == "name":
        return names.get(value.text, value)
    if value.kind == "call":
        # `model.as_view(name)`
        head, dot, rest = value.text.partition(".")
        text = f"{names[head].text}{dot}{rest}" if head in names and names[head].kind == "name" else value.text
        return structs.replace(value, text=text, items=tuple(_filled(one, names) for one in value.items))
    if value.kind != "str":
        return value
    texts = {name: one.text for name, one in names.items() if one.kind == "str"}
    return structs.replace(value, text=_UNKNOWN.sub(lambda part: texts.get(part[1], part[0]), value.text))
