"""What schemas of Mongoose ask of the fields a handler stores: their kinds, choices, bounds and the records they name.

A handler of Express seldom says more of a field than its name: ``const { title, priority } = req.body``. What may be in it stands in the schema of the
model that it is stored by (mongoosejs.com/docs/schematypes.html): ``priority: { type: String, enum: ["low", "high"], required: true }``. A body that is stored as a whole,
as by ``Ticket.create(req.body)``, has every field of it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.body_fields import BODY, bodies_marked, with_fields
from launchready.sources.resolver import Resolver

_MAKES = r"create|insertMany|bulkWrite"
_CHANGES = r"findByIdAndUpdate|findOneAndUpdate|updateOne|updateMany|replaceOne|findOneAndReplace|findById|findOne"
_STORED = re.compile(
    rf"\bnew\s+(?P<new>[A-Za-z_$][\w$]*)\s*\(|\b(?P<made>[A-Za-z_$][\w$]*)\.(?:{_MAKES})\(|\b(?P<changed>[A-Za-z_$][\w$]*)\.(?:{_CHANGES})\("
)
_WRITES = re.compile(rf"\bnew\s|\.save\(|\.(?:{_MAKES})\(|Update\(|\.update(?:One|Many)\(|[rR]eplace(?:One)?\(")
_KINDS = {
    "String": "string", "Number": "number", "Boolean": "boolean", "Date": "datetime", "Decimal128": "number", "Array": "list",
    "Map": "object", "Mixed": "object", "Object": "object", "Int32": "int", "Double": "float",
}  # fmt: skip
_MODEL = re.compile(r"\|\|\s*(?:\w+\.)?model(?:<[^()]{1,80}>)?\(\s*[\"'][^\"']{1,80}[\"']\s*,\s*([A-Za-z_$][\w$]*)")
# What an app keeps about an account and no right request brings, though the schema would take it.
_KEPT = re.compile(r"token|otp(?![a-z])|secret|expir|hash|salt|verif|attempts|last_?login|lock(?:ed)?_?until", re.I)
_OWN = frozenset(("_id", "__v", "createdAt", "updatedAt"))


@dataclass(frozen=True, slots=True)
class _Model:
    """A model: what it is called in the code, its fields, and whether a record of it is made there."""

    called: str
    fields: Mapping[str, Input]
    made: bool


def with_schemas(resolver: Resolver, path: str, code: str, inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    """The inputs of a handler with what the schemas of the models it stores by say of them."""
    if not _WRITES.search(code):
        return inputs
    models = list(_models(resolver, path, code))
    for model in models:
        inputs = tuple(_told(one, model) for one in inputs)
    marked = bodies_marked(code) if models else ""
    for model in models:
        if _takes_all(model.called, marked):
            named = (
                one
                for name, one in model.fields.items()
                if not _KEPT.search(name) and not re.search(rf"\b{name.split('.')[0]}\s*:", code)
            )
            inputs = with_fields(inputs, tuple(one if model.made else replace(one, required=False) for one in named))
    return inputs


def _told(given: Input, model: _Model) -> Input:
    said = model.fields.get(given.name)
    if said is None or given.where != "body" or given.type or given.choices:
        return given
    return replace(said, required=given.required or (said.required and model.made), sample=given.sample)


def _takes_all(called: str, marked: str) -> bool:
    """Whether a model is given a body as it came."""
    word = re.escape(called)
    whole = (
        rf"(?:\bnew\s+{word}|\b{word}\.(?:{_MAKES}|{_CHANGES}))\s*\((?:[^();]|\([^();]*\))*?{BODY}\s*(?:[,)}}]|as\b)"
    )
    return bool(re.search(whole, marked))


def _models(resolver: Resolver, path: str, code: str) -> Iterator[_Model]:
    """The models of Mongoose that code makes records of, then those it looks up and changes."""
    made, changed = dict[str, None](), dict[str, None]()
    for found in _STORED.finditer(code):
        if name := found["new"] or found["made"]:
            made[name] = None
        else:
            changed[found["changed"]] = None
    for name in (*made, *(one for one in changed if one not in made)):
        if fields := _fields_of(resolver, path, name):
            yield _Model(name, fields, name in made)


def _fields_of(resolver: Resolver, path: str, name: str) -> dict[str, Input]:
    there = resolver.find(path, name)
    value = there.binding.value if there is not None and there.binding is not None else None
    if there is None or value is None:
        return {}
    schema, where = _schema_of(value), there.path
    if schema is not None and schema.kind == "name":
        bound = resolver.find(where, schema.text)
        if bound is None or bound.binding is None:
            return {}
        schema, where = bound.binding.value, bound.path
    if schema is None or schema.kind != "call" or schema.text.rsplit(".", 1)[-1] != "Schema" or not schema.items:
        return {}
    return {one.name: one for one in _read(resolver, where, schema.items[0], "")}


def _schema_of(model: Expr) -> Expr | None:
    """What a model is made of: ``mongoose.model("User", schema)``, also behind ``mongoose.models.User ||``, as hot reloading wants it."""
    if model.kind == "call" and model.text.rsplit(".", 1)[-1] == "model" and len(model.items) > 1:
        return model.items[1]
    found = _MODEL.search(model.text) if model.kind == "other" else None
    return Expr("name", found[1]) if found else None


def _read(resolver: Resolver, path: str, table: Expr, before: str) -> Iterator[Input]:
    for name, value in table.named if table.kind == "dict" else ():
        if name in _OWN:
            continue
        full = f"{before}{name}"
        kind = value.get("type")
        if value.kind == "dict" and kind is None and value.named:
            if not before:
                yield from _read(resolver, path, value, f"{full}.")
            continue
        rules = value if value.kind == "dict" and kind is not None else Expr("dict")
        least, most = (
            _number(rules, *names) for names in (("min", "minlength", "minLength"), ("max", "maxlength", "maxLength"))
        )
        yield Input(
            full,
            "body",
            _kind(kind if kind is not None else value, rules),
            _flag(rules.get("required")) and rules.get("default") is None,
            _choices(resolver, path, rules.get("enum")),
            least,
            most,
        )


def _kind(value: Expr, rules: Expr) -> str:
    if value.kind == "list":
        inner = value.items[0] if value.items else Expr("name", "String")
        held = inner.get("type") if inner.kind == "dict" else inner
        ref = inner.get("ref") if inner.kind == "dict" else rules.get("ref")
        return f"ids of {ref.text.lower()}" if held is not None and ref is not None and ref.kind == "str" else "list"
    last = value.text.rsplit(".", 1)[-1]
    ref = rules.get("ref")
    if last == "ObjectId" and ref is not None and ref.kind == "str":
        return f"id of {ref.text.lower()}"
    return _KINDS.get(last, "")


def _flag(value: Expr | None) -> bool:
    """``required: true`` and ``required: [true, "say a title"]``."""
    first = value.items[0] if value is not None and value.kind == "list" and value.items else value
    return first is not None and first.text == "true"


def _number(rules: Expr, *names: str) -> float | None:
    value = next((one for name in names if (one := rules.get(name)) is not None), None)
    first = value.items[0] if value is not None and value.kind == "list" and value.items else value
    return float(first.text) if first is not None and re.fullmatch(r"-?\d+(?:\.\d+)?", first.text) else None


def _choices(resolver: Resolver, path: str, value: Expr | None) -> tuple[str, ...]:
    """``enum: [...]``, ``enum: { values: [...] }``, and a list that has a name."""
    if value is not None and value.kind == "dict":
        value = value.get("values")
    if value is not None and value.kind == "name":
        bound = resolver.find(path, value.text)
        value = bound.binding.value if bound is not None and bound.binding is not None else None
    return (
        tuple(one.text for one in value.items if one.kind == "str")
        if value is not None and value.kind == "list"
        else ()
    )
