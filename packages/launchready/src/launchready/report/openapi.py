"""A surface as an OpenAPI 3.1 document, for an app that never had one.

Specification: https://spec.openapis.org/oas/v3.1.1. What we could not know stays visible: who may call an operation and where that
is written stands in ``x-launchready-access``, and what OpenAPI has no place for in ``x-launchready-elsewhere``.
"""

import json
import re
from dataclasses import replace
from typing import Any

from launchready.model.surface import PARAMETER, Endpoint, Input, Surface
from launchready.model.words import AccessVerdict
from launchready.report.paint import clean

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_ANY, _EVERY = frozenset(("ANY", "ALL", "*")), ("get", "put", "post", "delete", "patch")
_TYPES: tuple[tuple[re.Pattern[str], dict[str, str]], ...] = (
    (re.compile(r"uuid", re.I), {"type": "string", "format": "uuid"}),
    (re.compile(r"email", re.I), {"type": "string", "format": "email"}),
    (re.compile(r"^(?:list|array|set|tuple|sequence)\b|\[\]$", re.I), {"type": "array"}),
    (re.compile(r"^(?:dict|object|mapping|record|map|any)\b", re.I), {"type": "object"}),
    (re.compile(r"^(?:int|integer|long|bigint|u?int\d+)\b", re.I), {"type": "integer"}),
    (re.compile(r"^(?:float|double|decimal|number)\b", re.I), {"type": "number"}),
    (re.compile(r"^bool", re.I), {"type": "boolean"}),
    (re.compile(r"^(?:str|string|text|path|slug)\b", re.I), {"type": "string"}),
)
_BOUNDS = {
    "string": ("minLength", "maxLength"),
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "array": ("minItems", "maxItems"),
}
_SCHEMES = {
    "signed-in": {
        "type": "http",
        "scheme": "bearer",
        "description": "A signed-in caller. Source shows that strangers are refused, not how credentials travel: correct this.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Signature",
        "description": "A signed request, such as a webhook. Put the name of the header here.",
    },
}


def render_openapi(surface: Surface, name: str) -> str:
    """The document as JSON. Operations that are guarded demand a scheme, open ones demand none; of the others it says nothing."""
    paths: dict[str, dict[str, Any]] = {}
    shapes: dict[str, str] = {}
    elsewhere: list[dict[str, Any]] = []
    for endpoint in surface.endpoints:
        path, _, fragment = clean(endpoint.path).partition("#")
        methods = _EVERY if endpoint.method in _ANY else (endpoint.method.lower(),)
        path, names = _template(path)
        if not path.startswith("/") or not set(methods) <= set(_METHODS):
            elsewhere.append(_elsewhere(endpoint))
            continue
        # Two templates that differ in the names of parameters only are one path in OpenAPI.
        path = shapes.setdefault(PARAMETER.sub("{}", path), path)
        names = PARAMETER.findall(path)
        item = paths.setdefault(path, {})
        for method in methods:
            if fragment:
                operation = item.setdefault(method, {"responses": _RESPONSES, "x-launchready-fields": []})
                operation.setdefault("x-launchready-fields", []).append(
                    {"field": fragment, "x-launchready-access": _access(endpoint)}
                )
            elif method not in item:
                item[method] = _operation(endpoint, method, names)
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": clean(name),
            "version": "0",
            "description": "Read by Launch Ready from the app's source. An operation without `security` is one of which nobody knows who may call it.",
        },
        "paths": paths,
        "components": {"securitySchemes": _SCHEMES},
    }
    if elsewhere:
        document["x-launchready-elsewhere"] = elsewhere
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


_RESPONSES = {"default": {"description": "Not known from source"}}


def _template(path: str) -> tuple[str, list[str]]:
    """The path with every parameter named once, by letters, digits and underscores; unknown parts are parameters too."""
    names: list[str] = []

    def named(match: re.Match[str]) -> str:
        base = re.sub(r"\W+", "_", match.group(1)).strip("_") or "part"
        name, count = base, 1
        while name in names:
            count += 1
            name = f"{base}{count}"
        names.append(name)
        return f"{{{name}}}"

    return PARAMETER.sub(named, path), names


def _operation(endpoint: Endpoint, method: str, names: list[str]) -> dict[str, Any]:
    operation: dict[str, Any] = {"responses": _RESPONSES}
    if endpoint.source.what:
        operation["summary"] = clean(endpoint.source.what)
    tags = [kind.value for kind in endpoint.kind if kind.value != "other"]
    if tags:
        operation["tags"] = tags
    in_path = {given.name.strip("?*"): given for given in endpoint.inputs if given.where == "path"}
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _schema(in_path.get(name))} for name in names
    ]
    seen: set[tuple[str, str]] = set()
    for given in endpoint.inputs:
        if given.where in ("query", "header", "cookie") and given.name and (given.name, given.where) not in seen:
            seen.add((given.name, given.where))
            parameters.append(
                {
                    "name": clean(given.name),
                    "in": given.where,
                    "required": given.required,
                    "schema": _schema(given),
                }
            )
    if parameters:
        operation["parameters"] = parameters
    if method != "trace" and (body := _body(endpoint.inputs)):
        operation["requestBody"] = body
    verdict = endpoint.access.verdict
    if verdict is AccessVerdict.OPEN:
        operation["security"] = []
    elif verdict is AccessVerdict.GUARDED:
        scheme = "signature" if endpoint.access.how == "signature" else "signed-in"
        operation["security"] = [{scheme: [clean(role) for role in endpoint.access.roles]}]
    operation["x-launchready-access"] = _access(endpoint)
    operation["x-launchready-source"] = {
        "file": endpoint.source.file,
        "line": endpoint.source.line,
        "seen_in": list(endpoint.seen_in),
    }
    if endpoint.only_when:
        operation["x-launchready-only-when"] = clean(endpoint.only_when)
    return operation


def _body(inputs: tuple[Input, ...]) -> dict[str, Any] | None:
    fields = {where: [one for one in inputs if one.where == where] for where in ("body", "form", "file")}
    content: dict[str, Any] = {}
    if fields["body"]:
        content["application/json"] = {"schema": _object(fields["body"])}
    if fields["file"]:
        content["multipart/form-data"] = {"schema": _object(fields["form"] + fields["file"])}
    elif fields["form"]:
        content["application/x-www-form-urlencoded"] = {"schema": _object(fields["form"])}
    if not content:
        return None
    return {"content": content, "required": any(one.required for some in fields.values() for one in some)}


def _object(fields: list[Input]) -> dict[str, Any]:
    """An object of fields; ``address.city`` is a field of an object in it."""
    properties: dict[str, Any] = {}
    required: set[str] = set()
    inner: dict[str, list[Input]] = {}
    for one in fields:
        head, _, rest = one.name.partition(".")
        if head and rest:
            inner.setdefault(head, []).append(replace(one, name=rest))
            continue
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        properties[clean(one.name)] = file if one.where == "file" else _schema(one)
        required |= {clean(one.name)} if one.required else set()
    for head, inside in inner.items():
        properties[clean(head)] = _object(inside)
        required |= {clean(head)} if any(one.required for one in inside) else set()
    return {"type": "object", "properties": properties} | ({"required": sorted(required)} if required else {})


def _schema(given: Input | None) -> dict[str, Any]:
    """The JSON Schema of an input: its type as source names it, and its rules; one that allows anything when we know nothing of it."""
    if given is None:
        return {}
    kind = given.type
    schema: dict[str, Any] = (
        next((dict(known) for pattern, known in _TYPES if pattern.search(kind)), {}) if kind else {}
    )
    if given.choices:
        return {"type": "string", "enum": [clean(one) for one in given.choices]}
    least, most = _BOUNDS.get(schema.get("type", "string"), ("", ""))
    schema |= {
        word: _plain(number)
        for word, number in ((least, given.least), (most, given.most))
        if word and number is not None
    }
    if given.pattern and schema.get("type", "string") == "string":
        schema["pattern"] = clean(given.pattern)
    return schema


def _plain(number: float) -> int | float:
    """A bound as it is written: 8, not 8.0."""
    return int(number) if number.is_integer() else number


def _access(endpoint: Endpoint) -> dict[str, Any]:
    access = endpoint.access
    return {
        "verdict": access.verdict.value,
        "how": access.how,
        "roles": list(access.roles),
        "tenant": access.tenant or None,
        "evidence": [{"file": one.file, "line": one.line, "what": clean(one.what)} for one in access.evidence],
    }


def _elsewhere(endpoint: Endpoint) -> dict[str, Any]:
    return {"method": endpoint.method, "path": clean(endpoint.path), "x-launchready-access": _access(endpoint)}
