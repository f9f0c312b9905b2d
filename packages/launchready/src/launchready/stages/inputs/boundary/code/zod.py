"""Rules as schemas of Zod 3 and 4 (https://zod.dev/api)."""

import json
from collections.abc import Sequence

from launchready.stages.inputs.boundary.parts import Part, class_name, clean, suffix, whole

_TYPES = {
    "text": "z.string()",
    "email": "z.string().email()",
    "url": "z.string().url()",
    "uuid": "z.string().uuid()",
    "integer": "z.number().int()",
    "number": "z.number().finite()",
    "boolean": "z.boolean()",
    "date": "z.string().date()",
    "datetime": "z.string().datetime({ offset: true })",
    "list": "z.array(z.unknown())",
    "table": "z.record(z.string(), z.unknown())",
    "file": "z.instanceof(File)",
    "any": "z.unknown()",
}
_NO_CONTROLS = r".regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/)"


def state(route: str, parts: Sequence[Part], where: str) -> str:
    """A strict object. What stands in an address is text, so numbers there are coerced first."""
    name = class_name(route, suffix(where))
    return f'import {{ z }} from "zod";\n\nexport const {name} = {_object(parts, bool(suffix(where)), "")};\n'


def _object(parts: Sequence[Part], query: bool, indent: str) -> str:
    inner = indent + "  "
    lines = [f"{inner}{_key(part.name)}: {_value(part, query, inner)}," for part in parts]
    return "z.object({\n" + "\n".join(lines) + f"\n{indent}}}).strict()"


def _value(part: Part, query: bool, indent: str) -> str:
    if part.rule is None:
        said = _object(part.parts, query, indent)
    elif part.rule.choices:
        said = f"z.enum([{', '.join(json.dumps(one) for one in part.rule.choices)}])"
    else:
        rule = part.rule
        said = _TYPES[rule.type]
        if query and rule.type in ("integer", "number"):
            said = said.replace("z.number()", "z.coerce.number()")
        if rule.type in ("text", "email", "url", "integer", "number"):
            said += f".min({whole(rule.least)})" if rule.least is not None else ""
            said += f".max({whole(rule.most)})" if rule.most is not None else ""
        said += _NO_CONTROLS if clean(rule) else ""
    return said if part.required else f"{said}.optional()"


def _key(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)
