"""What a model of Django takes of whoever fills it in, for forms and serializers that say ``fields = "__all__"`` or list names alone.

docs.djangoproject.com, "Model field reference"; django-rest-framework.org/api-guide/serializers, "ModelSerializer".
"""

import re
from dataclasses import dataclass, replace

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.django_classes import Classes, Kin
from launchready.sources.frameworks.rules_of import choices_of, of_arguments

_FIELD = re.compile(r"(?:Field|ForeignKey|Foreignkey)$")
_ONE, _MANY = re.compile(r"(?:ForeignKey|OneToOneField)$"), re.compile(r"ManyToManyField$")
_FILE = re.compile(r"(?:File|Image)Field$")
# The app or its database fills these.
_FILLED = re.compile(r"AutoField$")
_KINDS = (
    (re.compile(r"Integer\w*Field$"), "int"),
    (re.compile(r"(?:Float|Decimal)Field$"), "float"),
    (re.compile(r"Boolean\w*Field$"), "bool"),
    (re.compile(r"DateTimeField$"), "datetime"),
    (re.compile(r"DateField$"), "date"),
    (re.compile(r"EmailField$"), "email"),
    (re.compile(r"URLField$"), "url"),
    (re.compile(r"UUIDField$"), "uuid"),
    (re.compile(r"JSONField$"), "dict"),
)
_USER = re.compile(r"user", re.I)


@dataclass(frozen=True, slots=True)
class Columns:
    """The fields of a model by name, and whether all of its classes are written in the tree: then it has no other."""

    fields: dict[str, Input]
    whole: bool


def columns(classes: Classes, path: str, model: Expr, where: str) -> Columns | None:
    """The fields that a model takes; None when no class of that name is in the tree."""
    order = classes.named(path, Expr("name", model.text, line=model.line))
    if not any(kin.cls for kin in order):
        return None
    fields: dict[str, Input] = {}
    for kin in order:
        for entry in kin.cls.fields if kin.cls else ():
            value = entry.default
            if value is not None and value.kind == "call" and _FIELD.search(value.text) and entry.name not in fields:
                found = _column(classes, kin, entry.name, value, where)
                if found is not None:
                    fields[entry.name] = found
    return Columns(fields, all(kin.cls or kin.last in ("Model", "ABC") for kin in order))


def listed(meta: Function, known: Columns | None, where: str) -> tuple[list[Input], set[str]]:
    """The inputs that a ``Meta`` lists or means by ``"__all__"`` and ``exclude``, and the names it keeps from being sent."""
    said = {entry.name: entry.default for entry in meta.fields if entry.default is not None}
    hidden = set(said["read_only_fields"].strings()) if "read_only_fields" in said else set()
    extra = said.get("extra_kwargs")
    for name, options in extra.named if extra is not None else ():
        if (given := options.get("read_only")) is not None and given.text == "True":
            hidden.add(name)
    named, left_out = said.get("fields"), said.get("exclude")
    if named is not None and named.kind == "list":
        return [one for name in named.strings() if (one := _of_name(name, known, where))], hidden
    if known is not None and (left_out is not None or (named is not None and named.text == "__all__")):
        hidden.update(left_out.strings() if left_out is not None else ())
        return list(known.fields.values()), hidden
    return [], hidden


def _of_name(name: str, known: Columns | None, where: str) -> Input | None:
    """A listed name with what its column says; None for a property of the model, and for the key that the database gives."""
    if known is None:
        return Input(name, where)
    if name in known.fields:
        return known.fields[name]
    return None if known.whole or name in ("id", "pk") else Input(name, where)


def _column(classes: Classes, kin: Kin, name: str, value: Expr, where: str) -> Input | None:
    if _FILLED.search(value.text) or any(
        _is(value, option, told)
        for option, told in (("auto_now", "True"), ("auto_now_add", "True"), ("editable", "False"))
    ):
        return None
    optional = any(value.get(option) is not None for option in ("default", "null", "blank"))
    if _FILE.search(value.text):
        return Input(name, "file", "", True) if not optional else None
    if _ONE.search(value.text) or _MANY.search(value.text):
        kind = "ids of" if _MANY.search(value.text) else "id of"
        return Input(name, where, f"{kind} {_target(kin, value)}", not optional)
    kind = next((kind for pattern, kind in _KINDS if pattern.search(value.text)), "")
    found = of_arguments(Input(name, where, kind, not optional), value)
    return with_members(classes, kin, found, value)


def with_members(classes: Classes, kin: Kin, found: Input, value: Expr) -> Input:
    """The input with the values of ``choices=Status.choices``, an enumeration inside of the model or beside it, and of ``choices=ROLES``, a list there."""
    given = value.get("choices")
    if found.choices or given is None or given.kind != "name" or kin.cls is None:
        return found
    owner, _, name = given.text.rpartition(".")
    if name == "choices":
        name = owner.split(".")[-1]
        inner = next((one for one in kin.cls.methods if one.name == name and one.is_class), None)
        members = inner or next((one.cls for one in classes.named(kin.path, Expr("name", name)) if one.cls), None)
        values = [_first(entry.default) for entry in members.fields if entry.default is not None] if members else []
        texts = tuple(one.text for one in values if one is not None and one.kind == "str")
    else:
        holders = classes.named(kin.path, Expr("name", owner)) if owner and owner != "self" else (kin,)
        held = (entry.default for one in holders if one.cls for entry in one.cls.fields if entry.name == name)
        texts = choices_of(next(held, None) or classes.value(kin.path, given.text))
    return replace(found, choices=texts) if texts else found


def of_related(found: Input, value: Expr) -> Input:
    """The input as the id of a record, where a serializer asks for one: ``PrimaryKeyRelatedField(queryset=Club.objects.all())``."""
    rows = value.get("queryset")
    if not value.text.endswith("PrimaryKeyRelatedField") or rows is None or ".objects" not in rows.text:
        return found
    many = value.get("many")
    noun = rows.text.partition(".objects")[0].rpartition(".")[2].lower()
    kind = "ids of" if many is not None and many.text == "True" else "id of"
    return replace(found, type=f"{kind} {'user' if _USER.search(noun) else noun}")


def _first(value: Expr) -> Expr | None:
    """The value of a member that stands with its label: ``OPEN = "open", "Open"``."""
    return next(iter(value.items), None) if value.kind == "list" else value


def _target(kin: Kin, value: Expr) -> str:
    """What a key names: ``user`` for whatever an app calls its people."""
    first = next(iter(value.items), value.get("to"))
    name = (first.text if first is not None else "").rsplit(".", 1)[-1]
    if name == "self":
        name = kin.name
    return "user" if _USER.search(name) else name.lower() or "record"


def _is(call: Expr, name: str, value: str) -> bool:
    given = call.get(name)
    return given is not None and given.text == value
