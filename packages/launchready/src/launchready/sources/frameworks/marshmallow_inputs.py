"""What a view takes by schemas of marshmallow, and by webargs and flask-smorest, which are built on it.

``@use_args({"name": fields.Str(required=True)}, location="query")``, ``@blp.arguments(NoteSchema)``, ``parser.parse(NoteSchema, request)``,
``NoteSchema().load(request.get_json())``.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.rules_of import of_arguments
from launchready.sources.resolver import Resolver

_TYPES = {
    "Str": "string", "String": "string", "Int": "integer", "Integer": "integer", "Float": "number", "Number": "number", "Decimal": "decimal",
    "Bool": "boolean", "Boolean": "boolean", "Email": "email", "Url": "url", "URL": "url", "UUID": "uuid", "Date": "date", "DateTime": "datetime",
    "NaiveDateTime": "datetime", "AwareDateTime": "datetime", "Time": "time", "List": "list", "Tuple": "list", "DelimitedList": "string",
    "Dict": "object", "Mapping": "object", "Raw": "", "Enum": "string", "Field": "",
    "auto_field": "",
}  # fmt: skip
_LOCATIONS = {"json": "body", "json_or_form": "body", "query": "query", "querystring": "query", "form": "form", "headers": "header",
    "cookies": "cookie", "files": "file", "view_args": "path", "path": "path"}  # fmt: skip
# APIFlask says `@app.input(NoteIn)`, RESTX `@ns.expect(note)`, APIFairy `@body(NoteSchema)`.
_ASKED = frozenset(("use_args", "use_kwargs", "arguments", "input", "expect", "body"))
_MODELS = frozenset(("model", "inherit", "clone"))
_READS = (("query", re.compile(r"request\.args|query_params")), ("form", re.compile(r"request\.(?:form|values)")))
_DEEPEST = 3


def marshmallow_inputs(resolver: Resolver, path: str, function: Function) -> tuple[Input, ...]:
    """The inputs of a view in file ``path``, by its decorators and by what it loads."""
    found: dict[tuple[str, str], Input] = {}
    for given in _decorated(resolver, path, function):
        found.setdefault((given.where, given.name), given)
    for given in _loaded(resolver, path, function):
        found.setdefault((given.where, given.name), given)
    return tuple(found.values())


def _decorated(resolver: Resolver, path: str, function: Function) -> Iterator[Input]:
    for one in function.decorators:
        if one.kind == "call" and one.text.rsplit(".", 1)[-1] in _ASKED and one.items:
            yield from _of(resolver, path, one.items[0], _location(one))


def _loaded(resolver: Resolver, path: str, function: Function) -> Iterator[Input]:
    for call in function.calls:
        owner, _, method = call.text.rpartition(".")
        if method == "parse" and call.items and owner.endswith("parser"):
            yield from _of(resolver, path, call.items[0], _location(call))
        elif method == "load" and call.items:
            schema = call.on or _bound(resolver, path, function, owner)
            if schema is not None:
                text = _text(call.items[0])
                where = next((name for name, pattern in _READS if pattern.search(text)), "body")
                yield from _of(resolver, path, schema, where)


def _bound(resolver: Resolver, path: str, function: Function, name: str) -> Expr | None:
    """What a name stands for in the view, else in its file."""
    made = re.search(rf"\b{re.escape(name)}\s*=\s*([\w.]*[A-Z]\w*)\(", function.code) if name else None
    if made:
        return Expr("name", made[1])
    there = resolver.find(path, name) if name else None
    return there.binding.value if there is not None and there.binding is not None else None


def _location(call: Expr) -> str:
    given = call.get("location")
    # `@blp.arguments(…)` of flask-smorest reads the body, `@arguments(…)` of APIFairy the query.
    usual = "query" if call.text == "arguments" else "body"
    return _LOCATIONS.get(given.text, usual) if given is not None and given.kind == "str" else usual


def _of(resolver: Resolver, path: str, schema: Expr, where: str, depth: int = 0) -> Iterator[Input]:
    """The fields of a schema: a table of fields, a class, or one that is made of it."""
    if schema.kind == "dict":
        for name, value in schema.named:
            yield from _field(resolver, path, name, value, where, depth)
        return
    there = resolver.find(path, schema.text) if schema.text else None
    if there and there.binding and (value := there.binding.value).text.rsplit(".", 1)[-1] in _MODELS:
        # RESTX: `note = api.model("Note", {"title": fields.String})`, `api.inherit("Note", base, {...})`
        for part in value.items if depth < _DEEPEST else ():
            yield from _of(resolver, there.path, part, where, depth + 1)
        return
    if there and there.binding and there.binding.value.kind == "call" and depth < _DEEPEST:
        # `note_schema = NoteSchema(partial=True)`
        made = there.binding.value
        for given in _of(resolver, there.path, made, where, depth + 1):
            yield replace(given, required=given.required and not _true(made, "partial"))
        return
    if there is None or there.function is None or not there.function.is_class:
        return
    for base in there.function.bases:
        if base.text.rsplit(".", 1)[-1] not in ("Schema", "SQLAlchemySchema", "SQLAlchemyAutoSchema"):
            yield from _of(resolver, there.path, base, where, depth)
    for one in there.function.fields:
        if one.default is not None:
            yield from _field(resolver, there.path, one.name, one.default, where, depth)


def _field(resolver: Resolver, path: str, name: str, value: Expr, where: str, depth: int) -> Iterator[Input]:
    kind = value.text.rsplit(".", 1)[-1]
    if (
        value.kind != "call"
        or (kind not in _TYPES and kind not in ("Nested", "Pluck"))
        or _true(value, "dump_only")
        or _true(value, "readonly")
    ):
        return
    renamed = value.get("data_key")
    name = renamed.text if renamed is not None and renamed.kind == "str" else name
    required = _true(value, "required")
    if kind == "Nested" and value.items and depth < _DEEPEST and not _true(value, "many"):
        inner = list(_of(resolver, path, value.items[0], where, depth + 1))
        for one in inner:
            yield replace(one, name=f"{name}.{one.name}", required=one.required and required)
        if inner:
            return
    typed = _TYPES.get(kind, "list" if _true(value, "many") else "object")
    yield _checked(Input(name, where, typed, required), value.get("validate"))


def _checked(given: Input, rule: Expr | None) -> Input:
    """The input with what ``validate=Length(max=80)``, or a list of such, asks of it."""
    for one in rule.items if rule is not None and rule.kind == "list" else [rule] if rule is not None else []:
        called = one.text.rsplit(".", 1)[-1]
        if called in ("Length", "Range"):
            named = {"min": "min_length", "max": "max_length"}
            bounds = tuple((named.get(name, name), value) for name, value in one.named)
            bounds += tuple(zip(("min_length", "max_length"), one.items, strict=False))
            given = of_arguments(given, Expr("call", called, named=bounds))
        elif called == "OneOf" and one.items:
            given = of_arguments(given, Expr("call", called, named=(("choices", one.items[0]),)))
        elif called == "Regexp" and one.items and one.items[0].kind == "str":
            given = replace(given, pattern=one.items[0].text)
    return given


def _true(value: Expr, name: str) -> bool:
    said = value.get(name)
    return said is not None and said.text == "True"


def _text(value: Expr) -> str:
    return " ".join(filter(None, (value.text, _text(value.on) if value.on is not None else "")))
