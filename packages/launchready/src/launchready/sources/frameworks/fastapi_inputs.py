"""What a parameter of a FastAPI handler takes, and from where."""

import re
from collections.abc import Sequence
from dataclasses import replace

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr, Function, Param
from launchready.sources.frameworks.rules_of import of_python
from launchready.sources.resolver import Resolver

SIMPLE = re.compile(
    r"^(?:str|int|float|bool|UUID|datetime|date|Decimal|EmailStr|list|dict|bytes|Any|Request|Response)\b"
)
# Classes above a model that are looked at.
_DEEPEST = 5
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
    if source in _WHERE:
        given = default is not None and default is param.default and bool(default.items)
        taken = Input(param.name, _WHERE[source], kind, not given and (required or default is param.default))
        return [of_python(taken, resolver, path, annotation, default)]
    if f"{{{param.name}" in route:
        return [Input(param.name, "path", kind, True)]
    if kind.startswith("UploadFile"):
        return [Input(param.name, "file", kind, default is None)]
    found = resolver.find(path, kind) if kind and not SIMPLE.match(kind) else None
    if found and found.function and found.function.is_class:
        return [
            of_python(
                Input(f.name, "body", _written(f.annotation), _must_be_given(f)),
                resolver,
                where,
                f.annotation,
                f.default,
            )
            for where, f in _fields(resolver, found.path, found.function).values()
            if f.annotation is not None
        ]
    if SIMPLE.match(kind) and kind not in ("Request", "Response"):
        return [Input(param.name, "body" if kind.startswith("dict") else "query", kind, default is None)]
    return []


def _written(annotation: Expr | None) -> str:
    """The type as text; that of ``Optional[str]``, ``Union[str, None]`` and ``Annotated[str, ...]`` is ``str``."""
    if annotation is None:
        return ""
    if annotation.text.rsplit(".", 1)[-1] in ("Optional[]", "Union[]", "Annotated[]"):
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


def in_one_body(given: Sequence[tuple[str, list[Input]]]) -> list[Input]:
    """The inputs of all parameters. Where several of them are read from the body, each stands in it under its own name
    (FastAPI, "Body - Multiple Parameters")."""
    several = sum(any(one.where == "body" for one in inputs) for _, inputs in given) > 1
    found: list[Input] = []
    for name, inputs in given:
        inside = several and any(one.where == "body" and one.name != name for one in inputs)
        found += [replace(one, name=f"{name}.{one.name}") for one in inputs] if inside else inputs
    return found


def _must_be_given(field: Param) -> bool:
    value = field.default
    if value is None:
        return True
    # Field(...) of pydantic: a default is its first argument, or named.
    described = value.kind == "call" and value.text.rsplit(".", 1)[-1] == "Field"
    return described and not value.items and value.get("default") is None and value.get("default_factory") is None
