"""What a parameter of a FastAPI handler takes, and from where."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr, Function, Param
from launchready.sources.frameworks.body_fields import fields_of
from launchready.sources.frameworks.rules_of import of_python
from launchready.sources.resolver import Resolver

SIMPLE = re.compile(
    r"^(?:str|int|float|bool|UUID|datetime|date|Decimal|EmailStr|list|dict|bytes|Any|Request|Response)\b"
)
# Classes above a model that are looked at, and models inside of it whose fields are told.
_DEEPEST, _INNER = 5, 2
# docs.pydantic.dev, "Types": a type that is made with its rules.
_MADE = {
    "constr": "str",
    "conint": "int",
    "confloat": "float",
    "condecimal": "Decimal",
    "conlist": "list",
    "condate": "date",
}
_WHERE = {
    "Query": "query",
    "Path": "path",
    "Header": "header",
    "Cookie": "cookie",
    "Form": "form",
    "Body": "body",
    "File": "file",
}
# fastapi.tiangolo.com (Security tools): a class that is a dependency, and takes a form.
_PASSWORD_FORM = re.compile(r"\bOAuth2PasswordRequestForm(?:Strict)?$")
_OF_PASSWORD_FORM = ("username", "password", "grant_type", "scope", "client_id", "client_secret")


def parameter_inputs(resolver: Resolver, path: str, param: Param, route: str) -> list[Input]:
    """The inputs that one parameter of a handler in file ``path`` takes; the fields of a model one by one."""
    annotation, default = param.annotation, param.default
    required = default is None
    if annotation is not None and annotation.kind == "name" and not SIMPLE.match(annotation.text):
        alias = resolver.find(path, annotation.text)
        if alias and alias.binding and alias.binding.value.text.endswith("Annotated[]"):
            path, annotation = alias.path, alias.binding.value
    if annotation is not None and annotation.text.rsplit(".", 1)[-1] == "Annotated[]" and annotation.items:
        default = next((item for item in annotation.items[1:] if item.kind == "call"), default)
        annotation = annotation.items[0]
    kind = _written(annotation)
    if _PASSWORD_FORM.search(kind):
        return [Input(name, "form", "str", name in ("username", "password")) for name in _OF_PASSWORD_FORM]
    source = default.text.rsplit(".", 1)[-1] if default is not None and default.kind == "call" else ""
    if source in ("Depends", "Security") or param.name in (
        "self",
        "request",
        "response",
        "db",
        "session",
        "background_tasks",
    ):
        return []
    model = _class_of(resolver, path, kind)
    if source in _WHERE and model is not None and source != "Body":
        # FastAPI, "Form Models", "Query Parameter Models", "Header Parameter Models"
        return list(_of_model(resolver, *model, _WHERE[source], _INNER))
    if source in _WHERE:
        first = next(iter(default.items), None) if default is not None and default is param.default else None
        given = first is not None and first.text not in ("...", "Ellipsis")
        taken = Input(param.name, _WHERE[source], kind, not given and (required or default is param.default))
        return [of_python(taken, resolver, path, annotation, default)]
    if f"{{{param.name}" in route:
        return [Input(param.name, "path", kind, True)]
    if kind.startswith("UploadFile"):
        return [Input(param.name, "file", kind, default is None)]
    if model is not None:
        return list(_of_model(resolver, *model, "body", _INNER))
    if (
        annotation is not None
        and annotation.items
        and any(_class_of(resolver, path, one.text) for one in annotation.items)
    ):
        # A list of records is the whole of a body, and no field of one.
        return []
    if SIMPLE.match(kind) and kind not in ("Request", "Response"):
        return [Input(param.name, "body" if kind.startswith("dict") else "query", kind, default is None)]
    return []


def _class_of(resolver: Resolver, path: str, kind: str) -> tuple[str, Function] | None:
    """The class that a type names, with its file; None when it is none of the tree."""
    found = resolver.find(path, kind) if kind and not SIMPLE.match(kind) else None
    return (found.path, found.function) if found and found.function and found.function.is_class else None


def _of_model(resolver: Resolver, path: str, model: Function, where: str, inner: int) -> Iterator[Input]:
    """The fields of a model as inputs; those of a model in it by dotted names, where they are sent as JSON."""
    for file, one in _fields(resolver, path, model).values():
        if one.annotation is None:
            continue
        kind, must = _written(one.annotation), _must_be_given(one)
        inside = _class_of(resolver, file, kind) if where == "body" and inner > 1 else None
        fields = (
            list(_of_model(resolver, *inside, where, inner - 1))
            if inside is not None and not _is_enum(inside[1])
            else []
        )
        yield from (replace(each, name=f"{one.name}.{each.name}", required=each.required and must) for each in fields)
        if not fields:
            yield of_python(Input(one.name, where, kind, must), resolver, file, one.annotation, one.default)


def _is_enum(model: Function) -> bool:
    return any("Enum" in base.text for base in model.bases)


def _written(annotation: Expr | None) -> str:
    """The type as text; that of ``Optional[str]``, ``str | None``, ``Annotated[str, ...]`` and ``constr(...)`` is ``str``."""
    if annotation is None:
        return ""
    if annotation.kind == "call" and annotation.text.rsplit(".", 1)[-1] in _MADE:
        return _MADE[annotation.text.rsplit(".", 1)[-1]]
    if annotation.kind == "list" or annotation.text.rsplit(".", 1)[-1] in ("Optional[]", "Union[]", "Annotated[]"):
        inner = next((item for item in annotation.items if item.text != "None"), None)
        return _written(inner) if inner is not None else annotation.text
    return annotation.text


def _fields(resolver: Resolver, path: str, model: Function, depth: int = _DEEPEST) -> dict[str, tuple[str, Param]]:
    """The fields of a model and of those it is made from, each with the file it stands in; its own come after theirs."""
    found: dict[str, tuple[str, Param]] = {}
    for base in model.bases if depth else ():
        above = resolver.find(path, base.text.removesuffix("[]"))
        if above and above.function and above.function.is_class and above.function is not model:
            found |= _fields(resolver, above.path, above.function, depth - 1)
    return found | {field.name: (path, field) for field in model.fields if _is_given(field)}


def _is_given(field: Param) -> bool:
    """Whether a name in a model is a field at all: ``model_config``, private attributes and class variables are not (Pydantic, "Models")."""
    kind = _written(field.annotation).rsplit(".", 1)[-1]
    return not (field.name.startswith("_") or field.name == "model_config" or kind.startswith("ClassVar"))


def in_one_body(resolver: Resolver, path: str, code: str, given: Sequence[tuple[str, list[Input]]]) -> list[Input]:
    """The inputs of all parameters of a handler with this code. Where several of them are read from the body, each stands in it under its own name
    (FastAPI, "Body - Multiple Parameters"); the only one, when it is a ``dict``, is the body itself, and what is asked of it are its fields."""
    several = sum(any(one.where == "body" for one in inputs) for _, inputs in given) > 1
    found: list[Input] = []
    for name, inputs in given:
        inside = several and any(one.where == "body" and one.name != name for one in inputs)
        if not several and [(one.where, one.type[:4].lower()) for one in inputs] == [("body", "dict")]:
            found += fields_of(resolver, path, code, name)
        else:
            found += [replace(one, name=f"{name}.{one.name}") for one in inputs] if inside else inputs
    return found


def _must_be_given(field: Param) -> bool:
    value = field.default
    if value is None:
        return True
    # Field(...) of pydantic: a default is its first argument, or named.
    described = value.kind == "call" and value.text.rsplit(".", 1)[-1] == "Field"
    return described and not value.items and value.get("default") is None and value.get("default_factory") is None
