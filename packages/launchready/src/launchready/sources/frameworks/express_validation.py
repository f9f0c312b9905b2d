"""What middleware of validation on a route asks for: chains of express-validator, and schemas that are given to a ``validate(schema)``.

Sources: express-validator.github.io (validation chain, schema), joi.dev (celebrate), zod.dev.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.script_routers import links_of
from launchready.sources.resolver import Resolver
from launchready.sources.schemas.compose import schema_inputs

# `check` looks in all places; what a form or a JSON body holds is what it is mostly for.
_CHAINS = {"check": "body", "body": "body", "query": "query", "param": "path", "header": "header", "cookie": "cookie"}
_TYPES = {
    "isEmail": "email",
    "isInt": "int",
    "isNumeric": "number",
    "isFloat": "number",
    "isBoolean": "boolean",
    "isUUID": "uuid",
    "isURL": "url",
    "isDate": "date",
    "isISO8601": "date",
    "isArray": "array",
    "isObject": "object",
    "isString": "string",
}
_PARTS = {"body": "body", "query": "query", "params": "path", "headers": "header", "cookies": "cookie"}
_HOPS = 8


def validated(resolver: Resolver, path: str, handlers: Iterable[Expr], where: str) -> tuple[Input, ...]:
    """The inputs that the handlers before the last one check, ``where`` being the place of what a schema says nothing of."""
    found: dict[tuple[str, str], Input] = {}
    for one in handlers:
        for given in _of(resolver, path, one, where, _HOPS):
            key = given.where, given.name
            found[key] = _joined(found[key], given) if key in found else given
    return tuple(found.values())


def _joined(first: Input, second: Input) -> Input:
    """What two checks of one input say together; where both say something, the first."""
    return replace(
        first,
        type=first.type or second.type,
        choices=first.choices or second.choices,
        least=second.least if first.least is None else first.least,
        most=second.most if first.most is None else first.most,
    )


def _of(resolver: Resolver, path: str, value: Expr, where: str, hops: int) -> Iterator[Input]:
    if not hops:
        return
    if value.kind == "list":
        for item in value.items:
            yield from _of(resolver, path, item, where, hops - 1)
    elif value.kind == "name":
        found = resolver.find(path, value.text) if value.text else None
        if found and found.binding and found.binding.value.kind in ("list", "call"):
            yield from _of(resolver, found.path, found.binding.value, where, hops - 1)
    elif value.kind == "call":
        chain = links_of(value)
        first = chain[-1]
        entry = resolver.find(path, first.text) if first.text else None
        if entry is not None and entry.outside.startswith("express-validator"):
            if entry.outside.endswith(".oneOf"):
                for item in first.items:
                    yield from (replace(one, required=False) for one in _of(resolver, path, item, where, hops - 1))
            else:
                yield from _chain(chain, entry.outside)
        else:
            for item in value.items:
                yield from _schema(resolver, path, item, where, hops)
                # validate([body("name").isString(), ...rules])
                yield from _of(resolver, path, item, where, hops - 1)


def _chain(chain: list[Expr], name: str) -> Iterator[Input]:
    """``body("age").optional().isInt({ min: 18 })``, and ``checkSchema({ age: { in: ["body"], isInt: true } })``."""
    first, later = chain[-1], chain[:-1]
    called = name.rsplit(".", 1)[-1]
    if called == "checkSchema":
        for field, rules in first.items[0].named if first.items else ():
            within = rules.get("in")
            places = list(within.strings()) if within is not None else ["body"]
            kind = next((_TYPES[rule] for rule, _ in rules.named if rule in _TYPES), "")
            for place in places:
                yield Input(field, _PARTS.get(place, "body"), kind, rules.get("optional") is None)
        return
    if called not in _CHAINS or not first.items:
        return
    names = [link.text.rsplit(".", 1)[-1] for link in later]
    kind = next((_TYPES[name] for name in names if name in _TYPES), "")
    # A field of each one in a list has no name of its own.
    for field in (name for name in first.items[0].strings() if "*" not in name):
        given = Input(field, _CHAINS[called], kind, "optional" not in names and "default" not in names)
        yield _ruled(given, later)


def _ruled(given: Input, links: list[Expr]) -> Input:
    for link in links:
        name, first = link.text.rsplit(".", 1)[-1], next(iter(link.items), None)
        if first is None:
            continue
        if name == "isIn":
            given = replace(given, choices=tuple(first.strings()) or given.choices)
        if name in ("isLength", "isInt", "isFloat") and first.kind == "dict":
            given = replace(given, least=_number(first.get("min")), most=_number(first.get("max")))
    return given


def _number(value: Expr | None) -> float | None:
    try:
        return float(value.text) if value is not None and value.kind == "const" else None
    except ValueError:
        return None


def _schema(resolver: Resolver, path: str, value: Expr, where: str, hops: int) -> Iterator[Input]:
    """The fields of a schema that is an argument: of one place, or by place as in ``{ body: z.object(...), query: ... }``."""
    there, known = _bound(resolver, path, value)
    if known is None or not hops:
        return
    fields = known.named if known.kind == "dict" else _fields(known)
    if fields and all(name in _PARTS for name, _ in fields):
        for name, inner in fields:
            yield from schema_inputs(resolver, there, inner, _PARTS[name])
    elif known.kind == "call":
        yield from schema_inputs(resolver, there, known, where)


def _fields(value: Expr) -> tuple[tuple[str, Expr], ...]:
    return next((item.named for link in links_of(value) for item in link.items if item.kind == "dict"), ())


def _bound(resolver: Resolver, path: str, value: Expr) -> tuple[str, Expr | None]:
    """The call or the object that an expression is, names followed, ``schemas.user.create`` as well."""
    if value.kind in ("call", "dict"):
        return path, value
    found = resolver.find(path, value.text) if value.kind == "name" and value.text else None
    if found and found.binding and found.binding.value.kind in ("call", "dict"):
        return found.path, found.binding.value
    owner, _, part = value.text.rpartition(".")
    if value.kind == "name" and owner:
        there, above = _bound(resolver, path, Expr("name", owner))
        inner = above.get(part) if above is not None and above.kind == "dict" else None
        return _bound(resolver, there, inner) if inner is not None else (path, None)
    return path, None
