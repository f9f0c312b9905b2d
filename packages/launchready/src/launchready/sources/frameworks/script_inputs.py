"""What a handler written in JavaScript or TypeScript reads from a request, by the ways the web platform and its frameworks offer."""

import re

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.body_fields import body_fields, with_fields
from launchready.sources.frameworks.mongoose_models import with_schemas
from launchready.sources.frameworks.rules_of import of_chain
from launchready.sources.resolver import Resolver

_BODY = re.compile(
    r"\{([^{}]{1,300})\}\s*(?::[^=]{1,80})?=\s*(?:await\s+)?(?:\w+\.)*(?:json\(\)|body\b|readBody\(|getQuery\(|query\b|validateBody)"
)
_READS = (
    ("query", re.compile(r"[sS]earchParams\.(?:get|getAll)\(\s*[\"'](\w[\w-]*)[\"']")),
    ("query", re.compile(r"\breq(?:uest)?\.query\.(\w+)")),
    ("body", re.compile(r"\breq(?:uest)?\.body\.(\w+)")),
    ("form", re.compile(r"\b(?:formData|form|data|fd)\.(?:get|getAll)\(\s*[\"'](\w[\w-]*)[\"']")),
    ("header", re.compile(r"\bheaders(?:\(\))?\.get\(\s*[\"']([\w-]+)[\"']")),
    ("cookie", re.compile(r"\bcookies(?:\(\))?\.get\(\s*[\"']([\w.-]+)[\"']")),
)
_SCHEMA = re.compile(r"\b(\w+)\.(?:parse|safeParse|validate|validateAsync|check)(?:Async)?\(")
# validate(schema, req.body), and validate(req.body, schema)
_WHOLE = r"(?:await\s+)?req(?:uest)?\.(?P<{}>body|query|json\(\))"
_CHECKED = (
    re.compile(rf"\b\w+\(\s*(?P<schema>\w+)\s*,\s*{_WHOLE.format('where')}"),
    re.compile(rf"\b\w+\(\s*{_WHOLE.format('where')}\s*,\s*(?P<schema>\w+)\s*[,)]"),
)
_NAME = re.compile(r"(\w+)(?:\s*[:=][^,]+)?\s*(?:,|$)")
_TYPE = re.compile(r"(?:^|\.)(string|number|boolean|bigint|date|array|object|enum|email|uuid|url|int|file)\b")


def inputs_of(resolver: Resolver, path: str, code: str) -> tuple[Input, ...]:
    """The inputs that ``code`` in file ``path`` names, each once; schemas of zod, yup and Joi are followed to their fields."""
    found: dict[tuple[str, str], Input] = {}
    for match in _BODY.finditer(code):
        where = "query" if re.search(r"query|Query", match.group(0).rsplit("=", 1)[-1]) else "body"
        for name in _NAME.findall(match.group(1)):
            found.setdefault((where, name), Input(name, where))
    for where, pattern in _READS:
        for name in pattern.findall(code):
            found.setdefault((where, name), Input(name, where))
    # What reads a form, and no JSON, gives its schema what the form held.
    sent = "form" if ".formData(" in code and ".json()" not in code else "body"
    for name in _SCHEMA.findall(code):
        schema = resolver.find(path, name)
        for given in schema_inputs(schema.binding.value if schema and schema.binding else None, sent):
            found[sent, given.name] = given
    for match in (one for pattern in _CHECKED for one in pattern.finditer(code)):
        where = "query" if match["where"] == "query" else "body"
        schema = resolver.find(path, match["schema"])
        for given in schema_inputs(schema.binding.value if schema and schema.binding else None, where):
            found[where, given.name] = given
    return with_schemas(resolver, path, code, with_fields(tuple(found.values()), body_fields(resolver, path, code)))


def schema_inputs(value: Expr | None, where: str) -> tuple[Input, ...]:
    """The fields of a schema of zod, yup or Joi as inputs at ``where``."""
    return tuple(
        of_chain(Input(field, where, _type(kind), not re.search("optional|nullish|default", kind)), one)
        for field, one in _fields(value)
        for kind in (_chain(one),)
    )


def _fields(value: Expr | None) -> tuple[tuple[str, Expr], ...]:
    """The fields of ``z.object({...})``, also when more calls are chained to it."""
    while value is not None and value.kind == "call":
        described = next((item for item in value.items if item.kind == "dict"), None)
        if described is not None:
            return described.named
        value = value.on
    return ()


def _chain(value: Expr) -> str:
    parts: list[str] = []
    current: Expr | None = value
    while current is not None:
        parts.append(current.text)
        current = current.on
    return " ".join(reversed(parts))


def _type(kind: str) -> str:
    match = _TYPE.search(kind)
    return match.group(1) if match else ""
