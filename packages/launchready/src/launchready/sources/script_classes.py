"""Classes of scripts and what is made of them: members, also those that a class has from others, and the class that a call makes.

``new Notes()``, ``Notes.getInstance()`` and ``container.resolve(Notes)`` (tsyringe, Inversify, TypeDI) all give an instance of ``Notes``.
"""

import re
from collections.abc import Callable

from launchready.sources.facts.shape import Binding, Expr, Function
from launchready.sources.found import Found

Find = Callable[[str, str], Found | None]
_HOPS = 4
_MAKES = re.compile(r"\bnew\s+(\w+)\s*(?:<[^<>()]*>)?\(")
_TYPE = re.compile(r"[A-Za-z_$][\w$]*")
_RESOLVES = re.compile(r"(?:^|\.)(?:resolve|get|getInstance|build)$")


def member(find: Find, path: str, owner: Function, name: str, hops: int = _HOPS) -> Found | None:
    """A method of a class, or a field that is given a value; that of a class it extends when it has none of its own."""
    if not owner.is_class:
        return None
    for method in owner.methods:
        if method.name == name:
            return Found(path, f"{owner.name}.{name}", function=method)
    for entry in owner.fields:
        if entry.name == name and entry.default is not None:
            return Found(path, f"{owner.name}.{name}", binding=Binding(name, entry.default, entry.default.line))
    for base in owner.bases if hops else ():
        above = find(path, base.text) if base.text else None
        if above and above.function and (found := member(find, above.path, above.function, name, hops - 1)):
            return found
    return None


def given_types(owner: Function, name: str) -> set[str]:
    """The types that a class names for a field of its own which others give it: a parameter of its constructor, or a field without a value."""
    listed = (
        *owner.fields,
        *(one for method in owner.methods if method.name == "constructor" for one in method.params),
    )
    return {
        one.annotation.text
        for one in listed
        if one.name == name and one.annotation is not None and _TYPE.fullmatch(one.annotation.text)
    }


def made(find: Find, path: str, value: Expr) -> Found | None:
    """The class that a call makes an instance of, None when it makes none that we can see."""
    if value.kind != "call" or not value.text:
        return None
    found = find(path, value.text) if value.on is None else None
    if found and found.function and found.function.is_class:
        return found
    if found and found.function and (named := _MAKES.search(found.function.code)):
        owner = value.text.rpartition(".")[0]
        there = find(path, owner) if owner and owner.rpartition(".")[2] == named.group(1) else None
        there = there or find(found.path, named.group(1))
        return there if there and there.function and there.function.is_class else None
    if _RESOLVES.search(value.text) and len(value.items) == 1 and value.items[0].kind == "name":
        there = find(path, value.items[0].text)
        return there if there and there.function and there.function.is_class else None
    return None
