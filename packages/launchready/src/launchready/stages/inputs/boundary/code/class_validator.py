"""Rules as classes of class-validator, as NestJS takes them (https://docs.nestjs.com/techniques/validation)."""

import json
import re
from collections.abc import Iterator, Sequence

from launchready.stages.inputs.boundary.broken import NULL
from launchready.stages.inputs.boundary.parts import Part, class_name, clean, suffix, whole

_TYPES = {
    "text": ("string", "@IsString()"),
    "email": ("string", "@IsEmail()"),
    "url": ("string", "@IsUrl()"),
    "uuid": ("string", "@IsUUID()"),
    "integer": ("number", "@IsInt()"),
    "number": ("number", "@IsNumber()"),
    "boolean": ("boolean", "@IsBoolean()"),
    "date": ("string", "@IsISO8601({ strict: true })"),
    "datetime": ("string", "@IsISO8601({ strict: true })"),
    "list": ("unknown[]", "@IsArray()"),
    "table": ("Record<string, unknown>", "@IsObject()"),
    "file": ("unknown", "@IsDefined()"),
    "any": ("unknown", "@IsDefined()"),
}
_NO_CONTROLS = r"@Matches(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/)"


def state(route: str, parts: Sequence[Part], where: str) -> str:
    """Classes for ``ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true })``."""
    text = "\n\n".join(_classes(class_name(route, suffix(where) or "Dto"), parts, bool(suffix(where)))) + "\n"
    from_validator = sorted(set(re.findall(r"@(\w+)\(", text)) - {"Type"})
    imports = [f'import {{ {", ".join(from_validator)} }} from "class-validator";']
    if "@Type(" in text:
        imports.append('import { Type } from "class-transformer";')
    return "\n".join(imports) + f"\n\n{text}"


def _classes(name: str, parts: Sequence[Part], query: bool) -> Iterator[str]:
    fields = []
    for part in parts:
        if part.parts:
            inner = class_name(part.name) + name
            yield from _classes(inner, part.parts, query)
            lines = ["@ValidateNested()", f"@Type(() => {inner})"]
            kind = inner
        else:
            kind, lines = _field(part, query)
        if not part.required:
            null = part.rule is not None and NULL in part.rule.missing
            # `IsOptional` lets null through as well.
            lines.insert(0, "@ValidateIf((_, value) => value !== undefined)" if null else "@IsOptional()")
        lines.append(f"{_key(part.name)}{'!' if part.required else '?'}: {kind};")
        fields.append("\n".join(f"  {line}" for line in lines))
    yield f"export class {name} {{\n" + "\n\n".join(fields) + "\n}"


def _field(part: Part, query: bool) -> tuple[str, list[str]]:
    rule = part.rule
    assert rule is not None
    if rule.choices:
        values = [json.dumps(one) for one in rule.choices]
        return " | ".join(values), [f"@IsIn([{', '.join(values)}])"]
    kind, decorator = _TYPES[rule.type]
    lines = ["@Type(() => Number)"] if query and kind == "number" else []
    lines.append(decorator)
    text = rule.type in ("text", "email", "url")
    if (text or kind == "number") and rule.least is not None:
        lines.append(f"@{'MinLength' if text else 'Min'}({whole(rule.least)})")
    if (text or kind == "number") and rule.most is not None:
        lines.append(f"@{'MaxLength' if text else 'Max'}({whole(rule.most)})")
    if clean(rule):
        lines.append(_NO_CONTROLS)
    return kind, lines


def _key(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)
