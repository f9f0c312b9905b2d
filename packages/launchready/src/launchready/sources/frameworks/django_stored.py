"""What the models that a Django view stores by say of the fields it reads by hand: ``Ticket.objects.create(title=request.POST["title"])``."""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.django_classes import Classes
from launchready.sources.frameworks.django_models import columns

_MADE = re.compile(r"\b([A-Z]\w*)(?:\.objects\.(?:create|get_or_create|update_or_create))?\(\s*\w+\s*=[^=]")
_CHANGED = re.compile(r"\bget_object_or_404\(\s*([A-Z]\w*)|\b([A-Z]\w*)\.objects\.(?:get|filter)\(")


def told_by_models(classes: Classes, path: str, code: str, inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    """The inputs that have no kind of their own, with those of the columns of their name; ``owner_id`` is the column ``owner``."""
    known: dict[str, Input] = {}
    for name, made in _models(code):
        model = columns(classes, path, Expr("name", name), "body")
        for column in model.fields.values() if model is not None else ():
            known.setdefault(column.name, column if made else replace(column, required=False))
    return tuple(_told(one, known) for one in inputs)


def _models(code: str) -> Iterator[tuple[str, bool]]:
    """What may be a model that code makes records of, then what it changes them of."""
    yield from ((name, True) for name in dict.fromkeys(_MADE.findall(code)))
    yield from ((next(filter(None, names)), False) for names in dict.fromkeys(_CHANGED.findall(code)))


def _told(given: Input, known: dict[str, Input]) -> Input:
    column = known.get(given.name) or known.get(given.name.removesuffix("_id"))
    if column is None or given.where not in ("body", "form") or given.type or given.choices:
        return given
    return replace(column, name=given.name, where=given.where, required=given.required or column.required)
