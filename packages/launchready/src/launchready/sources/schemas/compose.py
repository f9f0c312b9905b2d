"""The fields of a schema that is put together: extended, merged, picked from, made partial, or made from a table.

Sources: zod.dev (objects), joi.dev (object), github.com/jquense/yup (object), valibot.dev (objects), github.com/sinclairzx81/typebox,
orm.drizzle.team/docs/zod, json-schema.org.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr
from launchready.sources.resolver import Resolver
from launchready.sources.schemas.drizzle import columns_of
from launchready.sources.schemas.fields import described, field_of
from launchready.sources.schemas.values import followed

_OWN = frozenset(
    ("object", "Object", "strictObject", "looseObject", "strict_object", "shape", "keys", "interface", "type")
)
_ADDS = frozenset(("extend", "safeExtend", "merge", "augment", "concat", "append", "and", "assign", "noUnknown"))
_ALL = frozenset(("intersection", "intersect", "Intersect", "Composite", "composite"))
_EITHER = frozenset(("union", "Union", "discriminatedUnion", "variant", "or", "alternatives", "try"))
_PARTIAL = frozenset(("partial", "Partial", "deepPartial"))
_PICKS, _LEAVES_OUT = frozenset(("pick", "Pick")), frozenset(("omit", "Omit"))
_FROM_TABLE = frozenset(("createInsertSchema", "createUpdateSchema"))
# What is given a schema and stands for it: v.pipe(v.object({...}), ...), z.preprocess(f, z.object({...})), zodResolver(schema).
_THROUGH = frozenset(
    (
        "pipe",
        "preprocess",
        "optional",
        "Optional",
        "readonly",
        "compile",
        "zodResolver",
        "toTypedSchema",
        "lazy",
        "array",
        "Array",
    )
)
# A part of a schema that holds its fields: ...base.shape
_PARTS = (".shape", ".fields", ".entries", ".properties")
_DEEPEST = 12

_Fields = dict[str, Input]


def schema_inputs(resolver: Resolver, path: str, value: Expr | None, where: str) -> tuple[Input, ...]:
    """The fields of a schema that an expression in file ``path`` is, as inputs at ``where``; those of an object in it by dotted names.

    Nothing when the expression is no schema that can be followed.
    """
    found = _Schemas(resolver).fields(path, value, _DEEPEST)
    return tuple(replace(one, where=where) for one in found.values())


class _Schemas:
    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def fields(self, path: str, value: Expr | None, hops: int) -> _Fields:
        """Each field by its name; ``where`` is empty."""
        if value is not None and value.kind == "name":
            part = next((one for one in _PARTS if value.text.endswith(one)), "")
            value = Expr("name", value.text.removesuffix(part), line=value.line) if part else value
        path, there = followed(self._resolver, path, value)
        if not hops:
            return {}
        if there.kind == "dict":
            return self._listed(path, there, hops)
        return self._called(path, there, hops) if there.kind == "call" else {}

    def _listed(self, path: str, table: Expr, hops: int) -> _Fields:
        """The fields of an object, which is one of JSON Schema when it says so."""
        if (properties := table.get("properties")) is not None:
            return self._json(path, table, properties)
        found = self._union(path, table.items, hops)
        for name, value in table.named:
            found.pop(name, None)
            for one in self._field(path, name, value, hops):
                found[one.name] = one
        return found

    def _field(self, path: str, name: str, value: Expr, hops: int) -> Iterator[Input]:
        given = field_of(self._resolver, path, name, value)
        inner = self.fields(path, value, hops - 1) if given.type == "object" and "." not in name else {}
        if not inner:
            yield given
        for one in inner.values():
            if "." not in one.name:
                yield replace(one, name=f"{name}.{one.name}", required=one.required and given.required)

    def _json(self, path: str, table: Expr, properties: Expr) -> _Fields:
        must = table.get("required")
        required = set(must.strings()) if must is not None else set()
        there, listed = followed(self._resolver, path, properties)
        found: _Fields = {}
        for name, value in listed.named:
            inside, one = followed(self._resolver, there, value)
            kind = one.get("type")
            text = next(iter(text for text in kind.strings() if text != "null"), "") if kind is not None else ""
            given = Input(name, "", text, name in required)
            if one.kind == "call":
                given = replace(field_of(self._resolver, inside, name, one), required=name in required)
            found[name] = described(self._resolver, inside, given, one) if one.kind == "dict" else given
        return found

    def _called(self, path: str, call: Expr, hops: int) -> _Fields:
        owner, _, called = call.text.rpartition(".")
        first, rest = next(iter(call.items), None), call.items[1:]
        if called in _FROM_TABLE:
            found = columns_of(self._resolver, path, first)
            changed = self.fields(path, rest[0], hops - 1) if rest and rest[0].kind == "dict" else {}
            found |= {name: _joined(found[name], one) for name, one in changed.items() if name in found}
            return _optional(found) if called == "createUpdateSchema" else found
        before = call.on if call.on is not None else Expr("name", owner) if owner else None
        base = self.fields(path, before, hops - 1)
        if called in _OWN:
            return base | self.fields(path, first, hops - 1)
        if called in _ADDS:
            return base | self._union(path, call.items, hops)
        if called in _ALL or called in _EITHER:
            parts = [one for item in call.items for one in (item.items if item.kind == "list" else (item,))]
            if called in _EITHER:
                return self._either(path, parts, base, hops)
            return base | self._union(path, parts, hops)
        if called in _PARTIAL:
            return _optional(base or self.fields(path, first, hops - 1))
        if called in _PICKS or called in _LEAVES_OUT:
            whole, names = (base, first) if base else (self.fields(path, first, hops - 1), next(iter(rest), None))
            named = _names(*followed(self._resolver, path, names))
            return {name: one for name, one in whole.items() if (name.split(".")[0] in named) is (called in _PICKS)}
        if called in _THROUGH and not base:
            return self._union(path, [item for item in call.items if item.kind in ("call", "name", "dict")][-3:], hops)
        return base

    def _union(self, path: str, parts: Iterable[Expr], hops: int) -> _Fields:
        found: _Fields = {}
        for part in parts:
            found |= self.fields(path, part, hops - 1)
        return found

    def _either(self, path: str, parts: list[Expr], base: _Fields, hops: int) -> _Fields:
        """The fields of several shapes of which one is enough: required is what each of them requires."""
        shapes = [one for one in (base, *(self.fields(path, part, hops - 1) for part in parts)) if one]
        found: _Fields = {}
        for shape in shapes:
            for name, one in shape.items():
                known = found.get(name)
                choices = (*known.choices, *one.choices) if known is not None else one.choices
                found[name] = replace(one, choices=tuple(dict.fromkeys(choices)))
        every = [name for name in found if all(name in shape and shape[name].required for shape in shapes)]
        return {name: replace(one, required=name in every) for name, one in found.items()}


def _joined(column: Input, rule: Input) -> Input:
    """A column with what a schema asks besides: ``createInsertSchema(users, { name: (schema) => schema.min(3) })``."""
    return replace(
        column,
        type=rule.type or column.type,
        choices=rule.choices or column.choices,
        least=column.least if rule.least is None else rule.least,
        most=column.most if rule.most is None else rule.most,
        pattern=rule.pattern or column.pattern,
    )


def _optional(fields: _Fields) -> _Fields:
    return {name: replace(one, required=False) for name, one in fields.items()}


def _names(_: str, value: Expr) -> frozenset[str]:
    """``{ id: true, name: true }``, ``["id", "name"]``, and ``Type.Union([Type.Literal("id")])``."""
    listed = [name for name, one in value.named if one.text != "false"] if value.kind == "dict" else value.strings()
    return frozenset(listed)
