"""Inputs of Django views: path converters, what a body asks the request for, fields of forms and serializers."""

import re
from collections.abc import Iterable

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.body_fields import body_fields, with_fields
from launchready.sources.frameworks.django_classes import Classes, Kin, attribute
from launchready.sources.frameworks.django_models import columns, listed, of_related, with_members
from launchready.sources.frameworks.django_stored import told_by_models
from launchready.sources.frameworks.rules_of import of_arguments
from launchready.sources.resolver import Resolver

_ASKED = (
    (r"request\.GET", "query"),
    (r"request\.query_params", "query"),
    (r"request\.POST", "form"),
    (r"request\.data", "body"),
    (r"request\.FILES", "file"),
    (r"request\.COOKIES", "cookie"),
    (r"request\.headers", "header"),
)
_FIELD = re.compile(r"(?:Field|Serializer|Choice)$")
# Read-only by themselves, or filled by the app (REST framework, "Serializer fields").
_NEVER_SENT = re.compile(r"(?:SerializerMethod|ReadOnly|Hidden|StringRelated)Field$|HyperlinkedIdentityField$")
# Forms of Django that make an account: a password typed twice comes with them (docs.djangoproject.com: django.contrib.auth.forms).
_MAKE_ACCOUNTS = frozenset(("UserCreationForm", "BaseUserCreationForm", "AdminUserCreationForm"))
_TYPED_TWICE = ("password1", "password2")
# What Django's own `LoginView` asks for where no form is named.
_SIGNS_IN = (Input("username", "form", "char", True), Input("password", "form", "char", True))
_MOST = 60


class Inputs:
    """What views take."""

    def __init__(self, resolver: Resolver, classes: Classes) -> None:
        self._resolver = resolver
        self._classes = classes

    def of_code(self, path: str, function: Function, verb: str) -> tuple[Input, ...]:
        """What a body reads from the request, and the fields of forms and serializers that it fills with it."""
        found: list[Input] = []
        for source, where in _ASKED:
            if verb == "GET" and where in ("form", "body", "file"):
                continue
            asked = re.findall(
                rf"(\b(?:int|float)\(\s*)?{source}(?:\.get(?:list)?\(|\[)\s*[\"']([\w.-]+)", function.code
            )
            kinds = {name: kind.strip(" (\n") for kind, name in asked if kind}
            found += [Input(name, where, kinds.get(name, "")) for _, name in asked]
        if verb != "GET":
            for call in function.calls:
                given = [*call.items, *(value for name, value in call.named if name in ("data", "files"))]
                if any(one.text in ("request.POST", "request.data", "self.request.data") for one in given):
                    found += self.of_class(path, call)
        known = unique(found)
        more = [
            one for one in body_fields(self._resolver, path, function.code) if verb != "GET" or one.where == "query"
        ]
        return told_by_models(self._classes, path, function.code, with_fields(known, tuple(more[:_MOST])))

    def of_view(self, order: tuple[Kin, ...], verb: str) -> tuple[Input, ...]:
        """The fields of a class view's serializer or form, for methods that send any."""
        if verb not in ("POST", "PUT", "PATCH"):
            return ()
        for name in ("serializer_class", "form_class"):
            if (found := attribute(order, name)) and found[1].kind == "name":
                fields = self.of_class(found[0].path, found[1])
                return tuple(Input(f.name, f.where, f.type, False) for f in fields) if verb == "PATCH" else fields
        if any(kin.cls is None and kin.last == "LoginView" for kin in order):
            return _SIGNS_IN
        names, model = attribute(order, "fields"), attribute(order, "model")
        if names is None:
            return ()
        known = columns(self._classes, model[0].path, model[1], "form") if model and model[1].kind == "name" else None
        if names[1].text == "__all__":
            return tuple(known.fields.values()) if known else ()
        return tuple(
            known.fields.get(one, Input(one, "form")) if known else Input(one, "form") for one in names[1].strings()
        )

    def of_class(self, path: str, named: Expr) -> tuple[Input, ...]:
        """The fields a form or serializer takes: those it declares, and those its ``Meta`` lists."""
        order = self._classes.named(path, Expr("name", named.text, line=named.line))
        where = "body" if any("erializer" in kin.name for kin in order) else "form"
        found: list[Input] = []
        hidden: set[str] = set()
        for kin in order:
            if kin.cls is None:
                continue
            for entry in kin.cls.fields:
                value = entry.default
                if value is None or value.kind != "call" or not _FIELD.search(value.text):
                    continue
                if _is(value, "read_only", "True") or _NEVER_SENT.search(value.text):
                    hidden.add(entry.name)
                    continue
                required = not _is(value, "required", "False") and value.get("default") is None
                kind = value.text.rsplit(".", 1)[-1].removesuffix("Field").lower()
                given = of_related(of_arguments(Input(entry.name, where, kind, required), value), value)
                found.append(with_members(self._classes, kin, given, value))
            meta = next((one for one in kin.cls.methods if one.name == "Meta" and one.is_class), None)
            if meta is not None:
                model = next((e.default for e in meta.fields if e.name == "model" and e.default is not None), None)
                known = columns(self._classes, kin.path, model, where) if model is not None else None
                more, kept = listed(meta, known, where)
                found += more
                hidden |= kept
        if any(kin.cls is None and kin.last in _MAKE_ACCOUNTS for kin in order):
            who = () if found else ("username",)
            found += [Input(name, where, "char", True) for name in (*who, *_TYPED_TWICE)]
        return unique(one for one in found if one.name not in hidden)


def unique(found: Iterable[Input]) -> tuple[Input, ...]:
    """Each name and place once, the first that names it."""
    kept: dict[tuple[str, str], Input] = {}
    for one in found:
        kept.setdefault((one.where, one.name), one)
    return tuple(kept.values())[:_MOST]


def _is(call: Expr, name: str, value: str) -> bool:
    given = call.get(name)
    return given is not None and given.text == value
