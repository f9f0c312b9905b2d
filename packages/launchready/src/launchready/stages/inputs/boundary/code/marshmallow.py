"""Rules as schemas of marshmallow 3 and 4 (https://marshmallow.readthedocs.io/), which refuse unknown fields by default."""

import json
import keyword
from collections.abc import Iterator, Sequence

from launchready.stages.inputs.boundary.parts import Part, class_name, clean, suffix, whole

_FIELDS = {
    "text": "String",
    "email": "Email",
    "url": "Url",
    "uuid": "UUID",
    "integer": "Integer",
    "number": "Float",
    "boolean": "Boolean",
    "date": "Date",
    "datetime": "DateTime",
    "list": "List",
    "table": "Dict",
    "file": "Raw",
    "any": "Raw",
}
_OWN = {"Url": 'schemes={"http", "https"}', "List": "fields.Raw()"}
_NO_CONTROLS = r'validate.Regexp(r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*\Z")'


def state(route: str, parts: Sequence[Part], where: str) -> str:
    """A schema; ``PostNotes().load(request.get_json())``, or ``@use_args(PostNotes(), location="json")`` with webargs."""
    name = class_name(route, suffix(where))
    text = "\n\n\n".join(_schemas(name, parts, suffix(where) != ""))
    used = "Schema, fields, validate" if "validate." in text else "Schema, fields"
    return f"from marshmallow import {used}\n\n\n{text}\n"


def _schemas(name: str, parts: Sequence[Part], texts: bool) -> Iterator[str]:
    lines = [f"class {name}(Schema):"]
    for part in parts:
        if part.parts:
            inner = name + class_name(part.name)
            yield from _schemas(inner, part.parts, texts)
            given = [inner, *(["required=True"] if part.required else [])]
            said = f"fields.Nested({', '.join(given)})"
        else:
            said = _field(part, texts)
        field = part.name
        if not field.isidentifier() or keyword.iskeyword(field):
            field = "".join(c if c.isalnum() else "_" for c in field).strip("_") or "field"
            field += "_" if keyword.iskeyword(field) else ""
            said = f"{said[:-1]}{'' if said.endswith('()') else ', '}data_key={json.dumps(part.name)})"
        lines.append(f"    {field} = {said}")
    yield "\n".join(lines)


def _field(part: Part, texts: bool) -> str:
    """``texts`` says that all values come as text, as they do in an address: a number there is no text by mistake."""
    rule = part.rule
    assert rule is not None
    kind = "String" if rule.choices else _FIELDS[rule.type]
    said = [_OWN[kind]] if kind in _OWN else []
    said += ["strict=True"] if kind == "Integer" and not texts else []
    said += ["required=True"] if rule.required else []
    checks = list(_checks(part))
    if checks:
        all_of = ", ".join(checks)
        said.append(f"validate={all_of}" if len(checks) == 1 else f"validate=[{all_of}]")
    return f"fields.{kind}({', '.join(said)})"


def _checks(part: Part) -> Iterator[str]:
    rule = part.rule
    assert rule is not None
    if rule.choices:
        yield f"validate.OneOf({json.dumps(rule.choices)})"
        return
    bounds = [f"{name}={whole(n)}" for name, n in (("min", rule.least), ("max", rule.most)) if n is not None]
    if bounds and rule.type in ("text", "email", "url"):
        yield f"validate.Length({', '.join(bounds)})"
    elif bounds and rule.type in ("integer", "number"):
        yield f"validate.Range({', '.join(bounds)})"
    if clean(rule):
        yield _NO_CONTROLS
