"""What a view takes by the forms of WTForms and Flask-WTF that it makes (wtforms.readthedocs.io, "Fields" and "Validators").

``form = NoteForm()``, ``NoteForm(request.form)``, ``SearchForm(request.args)``. A field that no template shows is taken all the same.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.rules_of import of_arguments
from launchready.sources.resolver import Resolver

_FORM = re.compile(r"(?:^|\.)(?:Flask|Base|Secure)?Form$|ModelForm$")
_KINDS = {
    "Integer": "int", "IntegerRange": "int", "Decimal": "float", "DecimalRange": "float", "Float": "float", "Boolean": "bool", "Date": "date",
    "DateTime": "datetime", "DateTimeLocal": "datetime", "Time": "time", "Email": "email", "URL": "url", "SelectMultiple": "list",
    "FieldList": "list", "Form": "object",
}  # fmt: skip
_NOT_TYPED = frozenset(("Submit", "Recaptcha", "CSRFToken", "Button"))
_FILES = frozenset(("File", "MultipleFile", "Image"))
_REQUIRED = re.compile(r"(?:^|\.)(?:Data|Input|File)?Required$")
_SIZES = {"Length": ("min", "max"), "NumberRange": ("min", "max")}
_DEEPEST, _MOST = 4, 60


def wtforms_inputs(resolver: Resolver, path: str, view: Function) -> tuple[Input, ...]:
    """The fields of the forms that a view in file ``path`` makes."""
    found: dict[tuple[str, str], Input] = {}
    for call in view.calls:
        first = next(iter(call.items), None)
        where = "query" if first is not None and first.text.endswith("request.args") else "form"
        for one in _fields(resolver, path, call.text, where):
            found.setdefault((one.where, one.name), one)
    return tuple(found.values())[:_MOST]


def _fields(resolver: Resolver, path: str, name: str, where: str, depth: int = 0) -> Iterator[Input]:
    known = resolver.find(path, name) if name[-4:] != "Field" and depth < _DEEPEST else None
    cls = known.function if known else None
    if known is None or cls is None or not cls.is_class or not _is_form(resolver, known.path, cls):
        return
    for entry in cls.fields:
        value = entry.default
        if value is not None and value.kind == "call" and value.text.endswith("Field"):
            kind = value.text.rsplit(".", 1)[-1].removesuffix("Field")
            if kind in _FILES:
                yield Input(entry.name, "file", "", _is_required(value))
            elif kind not in _NOT_TYPED:
                yield _bounded(Input(entry.name, where, _KINDS.get(kind, ""), _is_required(value)), value)
    for base in cls.bases:
        yield from _fields(resolver, known.path, base.text, where, depth + 1)


def _is_form(resolver: Resolver, path: str, cls: Function, depth: int = 0) -> bool:
    for base in cls.bases:
        found = resolver.find(path, base.text)
        inner = found.function if found else None
        if found is not None and inner is not None and inner.is_class and depth < _DEEPEST:
            if _is_form(resolver, found.path, inner, depth + 1):
                return True
        elif _FORM.search(base.text):
            return True
    return False


def _validators(value: Expr) -> tuple[Expr, ...]:
    given = value.get("validators") or (value.items[1] if len(value.items) > 1 else None)
    return given.items if given is not None and given.kind == "list" else ()


def _is_required(value: Expr) -> bool:
    return any(_REQUIRED.search(one.text) for one in _validators(value))


def _bounded(given: Input, value: Expr) -> Input:
    given = of_arguments(given, value)
    for one in _validators(value):
        names = _SIZES.get(one.text.rsplit(".", 1)[-1], ("", ""))
        least, most = (_number(one.get(name)) for name in names)
        given = replace(given, least=given.least if least is None else least, most=given.most if most is None else most)
    return given


def _number(value: Expr | None) -> float | None:
    return float(value.text) if value is not None and re.fullmatch(r"\d+(?:\.\d+)?", value.text) else None
