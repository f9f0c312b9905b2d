"""Rules as models of Pydantic 2 (https://docs.pydantic.dev/latest/concepts/fields/)."""

import json
import keyword
import re
from collections.abc import Iterator, Sequence

from launchready.stages.inputs.boundary.broken import NULL
from launchready.stages.inputs.boundary.parts import Part, class_name, clean, suffix, whole

_TYPES = {
    "text": "str",
    "email": "EmailStr",
    "url": "HttpUrl",
    "uuid": "UUID",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "date": "dt.date",
    "datetime": "dt.datetime",
    "list": "list[object]",
    "table": "dict[str, object]",
    "file": "bytes",
    "any": "object",
}
_NO_CONTROLS = r'r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"'


def state(route: str, parts: Sequence[Part], where: str) -> str:
    """A model for the body or the query, which FastAPI takes as ``Annotated[Model, Query()]``; a type for each parameter of a path."""
    if where == "path":
        text = "\n".join(
            f"{class_name(part.name)} = Annotated[{_kind(part)}, Field({', '.join(_bounds(part))})]" for part in parts
        )
    else:
        text = "\n\n\n".join(_models(class_name(route, suffix(where)), parts))
    return "\n".join(_imports(text)) + f"\n\n\n{text}\n"


def _models(name: str, parts: Sequence[Part]) -> Iterator[str]:
    lines = [
        f"class {name}(BaseModel):",
        '    model_config = ConfigDict(extra="forbid")',
        "",
    ]
    for part in parts:
        if part.parts:
            inner = name + class_name(part.name)
            yield from _models(inner, part.parts)
            lines.append(f"    {_field(part, inner)}")
        else:
            lines.append(f"    {_field(part, _kind(part))}")
    yield "\n".join(lines)


def _field(part: Part, kind: str) -> str:
    name, said = part.name, list(_bounds(part))
    if not name.isidentifier() or keyword.iskeyword(name):
        said.append(f"alias={json.dumps(name)}")
        name = "".join(c if c.isalnum() else "_" for c in name).strip("_") or "field"
        name += "_" if keyword.iskeyword(name) else ""
    if part.required:
        return f"{name}: {kind}" + (f" = Field({', '.join(said)})" if said else "")
    if part.rule is not None and NULL in part.rule.missing:
        # It may be left out, and is refused when it is there and nothing.
        return f"{name}: {kind} = Field({', '.join(['default=None', *said])})"
    default = f"Field({', '.join(['default=None', *said])})" if said else "None"
    return f"{name}: {kind} | None = {default}"


def _kind(part: Part) -> str:
    if part.rule is None:
        return "object"
    if part.rule.choices:
        return f"Literal[{', '.join(json.dumps(one) for one in part.rule.choices)}]"
    return _TYPES[part.rule.type]


def _bounds(part: Part) -> Iterator[str]:
    rule = part.rule
    if rule is None or rule.choices:
        return
    least, most = {"text": ("min_length", "max_length"), "email": ("", ""), "url": ("", "")}.get(
        rule.type, ("ge", "le")
    )
    if least and rule.least is not None:
        yield f"{least}={whole(rule.least)}"
    if most and rule.most is not None:
        yield f"{most}={whole(rule.most)}"
    if rule.type == "number":
        yield "allow_inf_nan=False"
    if clean(rule):
        yield f"pattern={_NO_CONTROLS}"


def _imports(text: str) -> list[str]:
    lines = ["import datetime as dt"] if "dt.date" in text else []
    for module, names in (("typing", ("Annotated", "Literal")), ("uuid", ("UUID",))):
        if used := _used(text, names):
            lines.append(f"from {module} import {', '.join(used)}")
    ours = _used(text, ("BaseModel", "ConfigDict", "EmailStr", "Field", "HttpUrl"))
    return [*lines, *([""] if lines else []), f"from pydantic import {', '.join(ours)}"]


def _used(text: str, names: Sequence[str]) -> list[str]:
    """The names that stand in the text, and not in a string of it."""
    return [name for name in names if re.search(rf"(?<![\w\"]){name}\b(?!\")", text)]
