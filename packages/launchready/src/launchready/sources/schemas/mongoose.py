"""The fields of models of Mongoose, and where code makes or changes records of them (mongoosejs.com/docs/schematypes.html)."""

import re
from collections.abc import Iterator

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr
from launchready.sources.resolver import Resolver

_MAKES = r"create|insertMany|bulkWrite"
_CHANGES = r"findByIdAndUpdate|findOneAndUpdate|updateOne|updateMany|replaceOne|findOneAndReplace|findById|findOne"
_STORED = re.compile(
    rf"\bnew\s+(?P<new>[A-Za-z_$][\w$]*)\s*\(|\b(?P<made>[A-Za-z_$][\w$]*)\.(?:{_MAKES})\(|\b(?P<changed>[A-Za-z_$][\w$]*)\.(?:{_CHANGES})\("
)
_KINDS = {
    "String": "string", "Number": "number", "Boolean": "boolean", "Date": "datetime", "Decimal128": "number", "Array": "list",
    "Map": "object", "Mixed": "object", "Object": "object", "Int32": "int", "Double": "float",
}  # fmt: skip
_MODEL = re.compile(r"\|\|\s*(?:\w+\.)?model(?:<[^()]{1,80}>)?\(\s*[\"'][^\"']{1,80}[\"']\s*,\s*([A-Za-z_$][\w$]*)")
_OWN = frozenset(("_id", "__v", "createdAt", "updatedAt"))


def stored(code: str) -> Iterator[tuple[str, bool, str]]:
    """Each model that code makes records of or changes: its name, whether it makes them, and the pattern of what is given it."""
    for found in _STORED.finditer(code):
        word = re.escape(found["new"] or found["made"] or found["changed"])
        given = rf"(?:\bnew\s+{word}|\b{word}\.(?:{_MAKES}|{_CHANGES}))\s*\((?:[^();]|\([^();]*\))*?"
        yield found["new"] or found["made"] or found["changed"], not found["changed"], given


def model_of(resolver: Resolver, path: str, name: str) -> dict[str, Input]:
    """The fields of the model that a name in a file stands for, empty when it is none."""
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
