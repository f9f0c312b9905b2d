"""What the models that a handler stores by say of the fields it takes: their kinds, choices, bounds and the records they name.

A handler seldom says more of a field than its name: ``const { title, priority } = req.body``. What may be in it stands in the model: a schema of Mongoose,
a table of Drizzle, a model of Prisma or of SQLAlchemy. A body that is stored as a whole has every field of it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from launchready.model.surface import Input
from launchready.sources.frameworks.body_fields import BODY, bodies_marked, with_fields
from launchready.sources.resolver import Resolver
from launchready.sources.schemas import drizzle, mongoose, prisma, sqlalchemy

# What an app keeps about an account and no right request brings, though the model would take it.
_KEPT = re.compile(r"token|otp(?![a-z])|secret|expir|hash|salt|verif|attempts|last_?login|lock(?:ed)?_?until", re.I)


@dataclass(frozen=True, slots=True)
class _Model:
    """The fields of a model, whether a record of it is made there, and the code that stores a whole body (a pattern that ends before it)."""

    fields: Mapping[str, Input]
    made: bool
    stores: str


def with_stored(resolver: Resolver, path: str, code: str, inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    """The inputs of a handler with what the models it stores by say of them; those it makes records of come first."""
    models = sorted(_models(resolver, path, code), key=lambda one: not one.made)
    for model in models:
        inputs = tuple(_told(one, model) for one in inputs)
    marked = bodies_marked(path, code) if models else ""
    # What the handler fills in itself: `{ ...req.body, owner: me }`, `Ticket(**data, owner=me)`
    filled = "[:=](?!=)" if path.endswith(".py") else ":"
    for model in models:
        if re.search(rf"{model.stores}(?:\{{[^{{}};]*?\.\.\.)?{BODY}\s*(?:[,)}}]|as\b)", marked):
            named = (
                one
                for name, one in model.fields.items()
                if not _KEPT.search(name) and not re.search(rf"\b{name.split('.')[0]}\s*{filled}", code)
            )
            inputs = with_fields(inputs, tuple(one if model.made else replace(one, required=False) for one in named))
    return inputs


def _models(resolver: Resolver, path: str, code: str) -> Iterator[_Model]:
    for library in (sqlalchemy,) if path.endswith(".py") else (mongoose, drizzle, prisma):
        for name, made, stores in library.stored(code):
            fields = library.model_of(resolver, path, name)
            if fields:
                yield _Model({one.name: replace(one, where="body") for one in fields.values()}, made, stores)


def _told(given: Input, model: _Model) -> Input:
    said = model.fields.get(given.name)
    if said is None or given.where not in ("body", "form") or given.type or given.choices:
        return given
    return replace(
        said, where=given.where, required=given.required or (said.required and model.made), sample=given.sample
    )
