"""Rules as schemas of Joi 17 and later (https://joi.dev/api/). Unknown fields are refused by default."""

import json
from collections.abc import Sequence

from launchready.stages.inputs.boundary.parts import Part, class_name, clean, suffix, whole

# Joi takes 30 February for a day.
_REAL_DAY = '.custom((day, { error }) => (new Date(day).toISOString().startsWith(day.slice(0, 10)) ? day : error("string.isoDate")))'
_TYPES = {
    "text": "Joi.string()",
    "email": "Joi.string().email({ tlds: false })",
    "url": 'Joi.string().uri({ scheme: ["http", "https"] })',
    "uuid": "Joi.string().guid()",
    "integer": "Joi.number().integer()",
    "number": "Joi.number()",
    "boolean": "Joi.boolean()",
    "date": f"Joi.string().isoDate(){_REAL_DAY}",
    "datetime": "Joi.string().isoDate()",
    "list": "Joi.array()",
    "table": "Joi.object()",
    "file": "Joi.any()",
    "any": "Joi.any()",
}
_NO_CONTROLS = r".pattern(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/)"


def state(route: str, parts: Sequence[Part], where: str) -> str:
    """An object schema; validate with ``schema.validate(body, { convert: false })``, and with conversion for a query."""
    name = class_name(route, suffix(where))
    return f'import Joi from "joi";\n\nexport const {name} = {_object(parts, "")};\n'


def _object(parts: Sequence[Part], indent: str) -> str:
    inner = indent + "  "
    lines = [f"{inner}{_key(part.name)}: {_value(part, inner)}," for part in parts]
    return "Joi.object({\n" + "\n".join(lines) + f"\n{indent}}})"


def _value(part: Part, indent: str) -> str:
    if part.rule is None:
        said = _object(part.parts, indent)
    elif part.rule.choices:
        said = f"Joi.valid({', '.join(json.dumps(one) for one in part.rule.choices)})"
    else:
        rule = part.rule
        said = _TYPES[rule.type]
        if rule.type in ("text", "email", "url", "integer", "number"):
            # A text that is required is not empty by itself.
            said += (
                f".min({whole(rule.least)})"
                if (rule.least is not None and rule.least != 1) or (rule.least == 1 and rule.type != "text")
                else ""
            )
            said += f".max({whole(rule.most)})" if rule.most is not None else ""
        said += _NO_CONTROLS if clean(rule) else ""
    return f"{said}.required()" if part.required else said


def _key(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)
