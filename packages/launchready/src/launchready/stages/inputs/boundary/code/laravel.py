"""Rules as a form request of Laravel 10 and later (https://laravel.com/docs/validation#form-request-validation).

Laravel hands on what has no rule only to who asks for all of it: ``$request->validated()`` gives what stands here.
"""

from collections.abc import Iterator, Sequence

from launchready.stages.inputs.boundary.parts import Part, class_name, clean, suffix, whole

_RULES = {
    "text": ("string",),
    "email": ("string", "email:rfc"),
    "url": ("string", "url:http,https"),
    "uuid": ("uuid",),
    "integer": ("integer",),
    "number": ("numeric",),
    "boolean": ("boolean",),
    "date": ("date_format:Y-m-d",),
    "datetime": ("date",),
    "list": ("array",),
    "table": ("array",),
    "file": ("file",),
    "any": (),
}
_NO_CONTROLS = r"not_regex:/[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]/"


def state(route: str, parts: Sequence[Part], where: str) -> str:
    """A class with ``rules()``: take it as the argument of the controller's method, in place of ``Request``."""
    rows = list(_rows(parts, ""))
    uses = ["Illuminate\\Foundation\\Http\\FormRequest"]
    uses += ["Illuminate\\Validation\\Rule"] if any("Rule::" in row for row in rows) else []
    listed = "\n".join(f"            {row}," for row in rows)
    return (
        "<?php\n\nnamespace App\\Http\\Requests;\n\n"
        + "".join(f"use {name};\n" for name in uses)
        + f"\nclass {class_name(route, suffix(where))}Request extends FormRequest\n{{\n"
        "    // Who may do this stays where it is asked now.\n"
        "    public function authorize(): bool\n    {\n        return true;\n    }\n\n"
        f"    public function rules(): array\n    {{\n        return [\n{listed}\n        ];\n    }}\n}}\n"
    )


def _rows(parts: Sequence[Part], above: str) -> Iterator[str]:
    for part in parts:
        name = above + part.name
        needed = "required" if part.required else "sometimes"
        if part.parts:
            # Only what is named is taken.
            keys = ",".join(inner.name for inner in part.parts)
            yield _row(name, [_text(needed), _text(f"array:{keys}")])
            yield from _rows(part.parts, f"{name}.")
        else:
            yield _row(name, [_text(needed), *_of(part)])


def _of(part: Part) -> Iterator[str]:
    rule = part.rule
    assert rule is not None
    if rule.choices:
        yield f"Rule::in([{', '.join(_text(one) for one in rule.choices)}])"
        return
    yield from map(_text, _RULES[rule.type])
    if rule.type in ("text", "email", "url", "integer", "number"):
        # A text that is required is not empty by itself.
        if rule.least is not None and not (rule.least == 1 and rule.type == "text"):
            yield _text(f"min:{whole(rule.least)}")
        if rule.most is not None:
            yield _text(f"max:{whole(rule.most)}")
    if clean(rule):
        yield _text(_NO_CONTROLS)


def _row(name: str, rules: Sequence[str]) -> str:
    return f"{_text(name)} => [{', '.join(rules)}]"


def _text(value: str) -> str:
    """A text in single quotes, where PHP reads nothing but the backslash and the quote."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
