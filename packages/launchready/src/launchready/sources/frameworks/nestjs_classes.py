"""Classes of NestJS that others make or extend: services that are injected, and the classes of bodies made of others.

Sources: docs.nestjs.com (providers, mapped types), github.com/BenLorantfy/nestjs-zod.
"""

from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr, Function, Module, Param
from launchready.sources.frameworks.class_validator import ruled
from launchready.sources.guards import Guards
from launchready.sources.readings import Guard
from launchready.sources.resolver import Resolver
from launchready.sources.schemas.compose import schema_inputs

_HOPS = 4


def signed(resolver: Resolver, guards: Guards, path: str, owner: Function, method: Function) -> Guard | None:
    """The signature that a method verifies, or that methods of injected services verify for it, None when nobody does."""
    return _signed(resolver, guards, path, owner, method, _HOPS)


def _signed(
    resolver: Resolver, guards: Guards, path: str, owner: Function, method: Function, hops: int
) -> Guard | None:
    guard = guards.code(path, method)
    if guard is not None and guard.signature:
        return guard
    given = {param.name: param.annotation.text for one in owner.methods for param in _injected(one) if param.annotation}
    for call in method.calls if hops else ():
        parts = call.text.split(".")
        if parts[0] != "this" or len(parts) not in (2, 3):
            continue
        there, kind = path, owner
        if len(parts) == 3:
            found = resolver.find(path, given[parts[1]]) if parts[1] in given else None
            if found is None or found.function is None or not found.function.is_class:
                continue
            there, kind = found.path, found.function
        called = next((one for one in kind.methods if one.name == parts[-1]), None)
        deeper = _signed(resolver, guards, there, kind, called, hops - 1) if called is not None else None
        if deeper is not None:
            return deeper
    return None


def _injected(method: Function) -> Iterator[Param]:
    yield from method.params if method.name == "constructor" else ()


def inherited(resolver: Resolver, module: Module, owner: Function, hops: int = _HOPS) -> list[Function]:
    """The methods that a class has from the classes it extends, and does not replace."""
    found: list[Function] = []
    for base in owner.bases if hops else ():
        there = resolver.find(module.path, base.text) if base.text else None
        above = resolver.module(there.path) if there and there.function else None
        if there and there.function and above:
            known = {method.name for method in owner.methods}
            found += [method for method in there.function.methods if method.name not in known]
            found += inherited(resolver, above, there.function, hops - 1)
    return found


def body_of_class(resolver: Resolver, path: str, kind: Function, where: str, hops: int = _HOPS) -> tuple[Input, ...]:
    """The fields of a class of bodies, with those of the classes it extends: ``PartialType(A)``, ``PickType(A, ["x"])``, ``OmitType(A, ["x"])``."""
    found: dict[str, Input] = {}
    for base in kind.bases if hops else ():
        found |= {one.name: one for one in _of_base(resolver, path, base, where, hops - 1)}
    for one in kind.fields:
        inner = _inner(resolver, path, one, where, hops)
        found |= {each.name: each for each in inner} or {one.name: ruled(resolver, path, one, where)}
    return tuple(found.values())


def _inner(resolver: Resolver, path: str, field: Param, where: str, hops: int) -> tuple[Input, ...]:
    """The fields of a body inside a body, by their dotted names: ``@ValidateNested() @Type(() => Address) address: Address``."""
    named = field.annotation.text if field.annotation is not None else ""
    nested = hops > 1 and named.isidentifier() and any(one.text == "ValidateNested" for one in field.marks)
    there = resolver.find(path, named) if nested else None
    if there is None or there.function is None or not there.function.is_class:
        return ()
    required = ruled(resolver, path, field, where).required
    inside = body_of_class(resolver, there.path, there.function, where, hops - 1)
    return tuple(replace(one, name=f"{field.name}.{one.name}", required=one.required and required) for one in inside)


def _of_base(resolver: Resolver, path: str, base: Expr, where: str, hops: int) -> tuple[Input, ...]:
    if base.kind != "call":
        there = resolver.find(path, base.text) if base.text else None
        kind = there.function if there else None
        return body_of_class(resolver, there.path, kind, where, hops) if there and kind and kind.is_class else ()
    name = base.text.rsplit(".", 1)[-1]
    if name == "createZodDto":
        return schema_inputs(resolver, path, next(iter(base.items), None), where)
    classes = base.items if name == "IntersectionType" else base.items[:1]
    fields = tuple(one for item in classes if hops for one in _of_base(resolver, path, item, where, hops - 1))
    listed = {text for item in base.items[1:] for text in item.strings()}
    match name:
        case "PartialType":
            return tuple(replace(one, required=False) for one in fields)
        case "PickType":
            return tuple(one for one in fields if one.name in listed)
        case "OmitType":
            return tuple(one for one in fields if one.name not in listed)
        case "IntersectionType":
            return fields
    return ()
