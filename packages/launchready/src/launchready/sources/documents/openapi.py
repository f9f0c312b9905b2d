"""OpenAPI 2 (Swagger) and 3 documents: paths, servers, parameters, bodies and security, as the document says it.

Specifications: https://spec.openapis.org/oas/v2.0 and https://spec.openapis.org/oas/v3.1.1
"""

import re
from dataclasses import replace
from typing import Any

from launchready.model.surface import Access, Input, Span
from launchready.model.words import AccessVerdict
from launchready.sources.documents.load import Library, Lines
from launchready.sources.documents.samples import Samples, kind_of, sample
from launchready.sources.documents.shape import Document, Operation, mapping, sequence, split_server

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_BODY, _FORM = re.compile(r"[/+]json|^\*/\*$"), re.compile(r"form-data|x-www-form-urlencoded")
_DEPTH = 6
# How deep a body's own tables are named.
_DEEPEST = 2


def read(library: Library, path: str) -> Document | None:
    """The document at ``path``, None when it is no OpenAPI document with paths."""
    root = mapping(library.load(path))
    if not isinstance(root.get("paths"), dict) or not ({"openapi", "swagger"} & set(root)):
        return None
    return _Reader(library, path, root).document()


class _Reader:
    def __init__(self, library: Library, path: str, root: dict[Any, Any]) -> None:
        self._library, self._path, self._root = library, path, root
        self._samples = Samples(library)
        self._lines = Lines(library.text(path))
        schemes = mapping(mapping(root.get("components")).get("securitySchemes"))
        self._schemes = schemes or mapping(root.get("securityDefinitions"))
        self._demands = "security" in root or any(
            "security" in mapping(operation) for item in root["paths"].values() for operation in mapping(item).values()
        )
        self._lost: list[str] = []

    def document(self) -> Document:
        hosts, bases = self._servers()
        operations: list[Operation] = []
        for path, item in self._root["paths"].items():
            if not str(path).startswith("/"):
                continue
            refers = "$ref" in mapping(item)
            item, file = self._library.follow(item, self._path)
            if refers and not item:
                self._lost.append(f"the reference of {path} leads to nothing we have")
            operations += [
                self._operation(str(path), method, mapping(item[method]), item, file)
                for method in _METHODS
                if isinstance(item.get(method), dict)
            ]
        return Document(self._path, "openapi", tuple(operations), bases, hosts, tuple(self._lost))

    def _servers(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        # Documents that moved from version 2 to 3 may still say basePath, and have no servers.
        if "swagger" in self._root or ("basePath" in self._root and not sequence(self._root.get("servers"))):
            host = str(self._root.get("host") or "").split(":")[0].lower()
            return ((host,) if host else ()), (str(self._root.get("basePath") or ""),)
        hosts, bases = [], []
        for server in sequence(self._root.get("servers")):
            variables = mapping(mapping(server).get("variables"))
            url = re.sub(
                r"\{(\w+)\}",
                lambda m, known=variables: str(mapping(known.get(m.group(1))).get("default", m.group(0))),  # type: ignore[misc]
                str(mapping(server).get("url") or ""),
            )
            host, base = split_server(url)
            if host and "{" not in host:
                hosts.append(host)
            if not re.search(r"[{}<>\s]", base):
                bases.append(base.rstrip("/"))
        return tuple(dict.fromkeys(hosts)), tuple(dict.fromkeys(bases)) or ("",)

    def _operation(
        self, path: str, method: str, operation: dict[Any, Any], item: dict[Any, Any], file: str
    ) -> Operation:
        given: dict[tuple[str, str], Input] = {}
        line = self._lines.of("paths", path, method)
        for raw in (*sequence(item.get("parameters")), *sequence(operation.get("parameters"))):
            for one in self._parameter(*self._library.follow(raw, file), line):
                given[one.name, one.where] = one
        body, where = self._library.follow(operation.get("requestBody"), file)
        for one in self._content(body, where, line):
            given[one.name, one.where] = one
        access = self._access(operation, line)
        return Operation(
            method.upper(),
            path,
            line,
            tuple(given.values()),
            access,
            str(operation.get("operationId") or ""),
            confidence=0.5 if access.verdict is AccessVerdict.GUARDED else 0.7,
        )

    def _parameter(self, raw: dict[Any, Any], file: str, line: int) -> list[Input]:
        name, where = str(raw.get("name") or ""), str(raw.get("in") or "")
        required = raw.get("required") is True
        if where == "body":
            return self._shown(self._fields(raw.get("schema"), file, "body", required), raw, "body", file, line)
        if where == "formData":
            kind = str(raw.get("type") or "")
            if "schema" in raw:
                return self._fields(raw["schema"], file, "form", required)
            return [Input(name, "file" if kind == "file" else "form", kind, required)] if name else []
        if not name or where not in ("path", "query", "header", "cookie"):
            return []
        schema, at = self._library.follow(raw.get("schema"), file)
        value, what = self._samples.given(raw, file)
        if not what:
            value, what = self._samples.given(schema, at)
        one = _ruled(name, where, schema or raw, required)
        return [replace(one, sample=sample(name, value, what, self._path, line))]

    def _content(self, body: dict[Any, Any], file: str, line: int) -> list[Input]:
        found: list[Input] = []
        for kind, media in mapping(body.get("content")).items():
            where = "body" if _BODY.search(str(kind)) else "form" if _FORM.search(str(kind)) else ""
            if where:
                fields = self._fields(mapping(media).get("schema"), file, where, body.get("required") is True)
                found += self._shown(fields, mapping(media), where, file, line)
            else:
                found.append(Input("body", "body", str(kind), body.get("required") is True))
        return found

    def _shown(self, fields: list[Input], media: dict[Any, Any], where: str, file: str, line: int) -> list[Input]:
        """The fields of a body with what its description shows of each: the example of the whole, else that of its schema, else of the field."""
        schema, at = self._library.follow(media.get("schema"), file)
        whole, what = self._samples.given(media, file)
        if not what:
            whole, what = self._samples.given(schema, at)
        # A list of what is taken shows by its first item what one is.
        table = mapping(whole[0] if isinstance(whole, list) and whole else whole)
        if table and "body" not in table and all(one.name == "body" for one in fields):
            # The example names the fields where the schema does not.
            fields = [Input(str(name), where, kind_of(value)) for name, value in table.items()]
        return [self._with_sample(one, table, what, line) for one in fields]

    def _with_sample(self, one: Input, table: dict[Any, Any], what: str, line: int) -> Input:
        if one.name in table:
            return replace(one, sample=sample(one.name, table[one.name], what, self._path, line))
        return replace(one, sample=replace(one.sample, said=replace(one.sample.said, line=line))) if one.sample else one

    def _fields(self, raw: Any, file: str, where: str, required: bool, depth: int = 0) -> list[Input]:
        schema, file = self._library.follow(raw, file)
        if depth > _DEPTH or not schema:
            return []
        found: dict[str, Input] = {}
        needed = {str(name) for name in sequence(schema.get("required"))}
        for key in ("allOf", "oneOf", "anyOf"):
            for part in sequence(schema.get(key)):
                for one in self._fields(part, file, where, required and key == "allOf", depth + 1):
                    found[one.name] = one
        for name, part in mapping(schema.get("properties")).items():
            inner, _ = self._library.follow(part, file)
            if inner.get("readOnly") is True:
                continue
            binary = inner.get("format") == "binary" or inner.get("contentMediaType") == "application/octet-stream"
            must = required and name in needed
            ruled = _ruled(str(name), "file" if binary and where == "form" else where, inner, must)
            found[str(name)] = replace(
                ruled, sample=sample(str(name), *self._samples.of_schema(part, file), self._path, 0)
            )
            if mapping(inner.get("properties")) and depth < _DEEPEST:
                # What stands inside is named by its place: user.email. The sample of the whole shows it.
                for one in self._fields(part, file, where, must, depth + 1):
                    found[f"{name}.{one.name}"] = replace(one, name=f"{name}.{one.name}", sample=None)
        if "items" in schema and not found:
            found = {one.name: one for one in self._fields(schema["items"], file, where, False, depth + 1)}
        if not found and depth == 0:
            return [Input("body", where, _type(schema), required)]
        return list(found.values())

    def _access(self, operation: dict[Any, Any], line: int) -> Access:
        raw = operation.get("security", self._root.get("security"))
        if raw is None and not self._demands:
            return Access()
        choices = [mapping(choice) for choice in sequence(raw)]
        # An empty requirement among the choices makes the others optional (OpenAPI 3.1, Security Requirement Object).
        if not choices or not all(choices):
            what = "the document asks for no credentials here"
            return Access(AccessVerdict.OPEN, evidence=(Span(self._path, line, what),))
        names = sorted({str(name) for choice in choices for name in choice})
        if unknown := [name for name in names if name not in self._schemes]:
            what = f"the document asks for {', '.join(unknown)}, and does not say what that is"
            return Access(evidence=(Span(self._path, line, what),))
        roles = {str(scope) for choice in choices for scopes in choice.values() for scope in sequence(scopes)}
        what = f"the document asks for {' or '.join(names)}; whether the code refuses strangers was not seen"
        return Access(
            AccessVerdict.GUARDED,
            "role" if roles else "authenticated",
            tuple(sorted(roles)),
            evidence=(Span(self._path, line, what),),
        )


def _ruled(name: str, where: str, schema: dict[Any, Any], required: bool) -> Input:
    """An input with the rules its schema has (JSON Schema Validation, section 6)."""
    # "Nullable" is written as a choice between the type and null.
    parts = [part for part in map(mapping, sequence(schema.get("anyOf"))) if part.get("type") != "null"]
    rules = {**parts[0], **schema} if len(parts) == 1 else schema
    choices = sequence(rules.get("enum")) or ([rules["const"]] if "const" in rules else [])
    least = next(
        (rules[key] for key in ("minLength", "minimum", "exclusiveMinimum") if _is_number(rules.get(key))), None
    )
    most = next(
        (rules[key] for key in ("maxLength", "maximum", "exclusiveMaximum") if _is_number(rules.get(key))), None
    )
    texts = tuple(str(one) for one in choices if isinstance(one, str | int) and not isinstance(one, bool))
    return Input(name, where, _type(rules), required, texts, least, most, str(rules.get("pattern") or ""))


# Formats of JSON Schema (draft 2020-12, validation, 7.3) that tell more than the type.
_FORMATS = {"byte": "bytes", "uuid": "uuid", "email": "email", "date": "date", "date-time": "datetime", "uri": "url"}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _type(schema: dict[Any, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "")
    return _FORMATS.get(str(schema.get("format")), str(kind or ""))
