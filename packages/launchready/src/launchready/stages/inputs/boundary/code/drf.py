"""Rules as serializers of Django REST framework (https://www.django-rest-framework.org/api-guide/fields/)."""

import json
from collections.abc import Iterator, Sequence

from launchready.stages.inputs.boundary.parts import Part, class_name, suffix, whole

_FIELDS = {
    "text": "CharField",
    "email": "EmailField",
    "url": "URLField",
    "uuid": "UUIDField",
    "integer": "IntegerField",
    "number": "FloatField",
    "boolean": "BooleanField",
    "date": "DateField",
    "datetime": "DateTimeField",
    "list": "ListField",
    "table": "DictField",
    "file": "FileField",
    "any": "JSONField",
}


def state(route: str, parts: Sequence[Part], where: str) -> str:
    """A serializer; a ``CharField`` of it refuses NUL by itself."""
    name = class_name(route, suffix(where))
    return "from rest_framework import serializers\n\n\n" + "\n\n\n".join(_serializers(name, parts)) + "\n"


def _serializers(name: str, parts: Sequence[Part]) -> Iterator[str]:
    lines = [f"class {name}(serializers.Serializer):"]
    for part in parts:
        if part.parts:
            inner = name + class_name(part.name)
            yield from _serializers(inner, part.parts)
            lines.append(f"    {part.name} = {inner}({'' if part.required else 'required=False'})")
        else:
            lines.append(f"    {part.name} = serializers.{_field(part)}")
    yield "\n".join(lines)


def _field(part: Part) -> str:
    rule = part.rule
    assert rule is not None
    said = [] if rule.required else ["required=False"]
    if rule.choices:
        return f"ChoiceField({', '.join([json.dumps(rule.choices), *said])})"
    text = rule.type in ("text", "email", "url")
    if rule.least is not None and not (text and rule.least <= 1):
        said.append(f"{'min_length' if text else 'min_value'}={whole(rule.least)}")
    if rule.most is not None:
        said.append(f"{'max_length' if text else 'max_value'}={whole(rule.most)}")
    return f"{_FIELDS[rule.type]}({', '.join(said)})"
