"""The columns of models of SQLAlchemy, and where code makes or changes records of them (docs.sqlalchemy.org: ORM declarative mapping, types)."""

import re
from collections.abc import Iterator

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr, Function, Param
from launchready.sources.resolver import Resolver
from launchready.sources.schemas.values import MOST_CHOICES, number_of

_MADE = re.compile(r"\b(?P<model>[A-Z]\w*)\(\s*(?:\*\*|\w+\s*=[^=])")
_CHANGED = re.compile(r"\b([A-Z]\w*)\.query\b|\b(?:session\.get|get_or_404|select|query|scalars)\(\s*([A-Z]\w*)\b")
_COLUMN = re.compile(r"(?:^|\.)(?:Column|mapped_column)$")
_KINDS = (
    (re.compile(r"(?:^|\.)(?:Small|Big)?Integer$|^int$"), "int"),
    (re.compile(r"(?:^|\.)(?:Float|Numeric|Double|DECIMAL|REAL)$|^(?:float|Decimal)$"), "number"),
    (re.compile(r"(?:^|\.)Boolean$|^bool$"), "boolean"),
    (re.compile(r"(?:^|\.)(?:DateTime|TIMESTAMP)$|^(?:datetime\.)?datetime$"), "datetime"),
    (re.compile(r"(?:^|\.)Date$|^(?:datetime\.)?date$"), "date"),
    (re.compile(r"(?:^|\.)(?:UUID|Uuid|GUID)$"), "uuid"),
    (re.compile(r"(?:^|\.)(?:String|Text|Unicode|UnicodeText|VARCHAR)$|^str$"), "string"),
    (re.compile(r"(?:^|\.)(?:JSON|JSONB|PickleType)$|^dict\b"), "object"),
    (re.compile(r"(?:^|\.)Enum$"), "enum"),
)  # fmt: skip
_MAPPED = re.compile(r"^(?:\w+\.)?Mapped\[\]$")
_FILLED = ("default", "server_default", "default_factory", "insert_default", "onupdate")
_DEEPEST = 3


def stored(code: str) -> Iterator[tuple[str, bool, str]]:
    """Each model that code makes records of or changes: its name, whether it makes them, and the pattern of what is given it."""
    for found in _MADE.finditer(code):
        yield found["model"], True, rf"\b{found['model']}\(\s*\*\*"
    for groups in _CHANGED.findall(code):
        name = next(filter(None, groups))
        yield name, False, rf"\b{name}\.query\b[^\n]*\.update\(\s*"


def model_of(resolver: Resolver, path: str, name: str) -> dict[str, Input]:
    """The columns of the model that a name in a file stands for, without the keys that the database gives; empty when it is none."""
    found = resolver.find(path, name)
    if found is None or found.function is None or not found.function.is_class:
        return {}
    return {one.name: one for one in _columns(resolver, found.path, found.function, _DEEPEST)}


def _columns(resolver: Resolver, path: str, model: Function, hops: int) -> Iterator[Input]:
    for base in model.bases if hops else ():
        above = resolver.find(path, base.text)
        if above and above.function and above.function.is_class and above.function is not model:
            yield from _columns(resolver, above.path, above.function, hops - 1)
    for entry in model.fields:
        made = entry.default
        declared = made is not None and made.kind == "call" and bool(_COLUMN.search(made.text))
        mapped = made is None and entry.annotation is not None and bool(_MAPPED.match(entry.annotation.text))
        if (declared or mapped) and (given := _column(resolver, path, entry)):
            yield given


def _column(resolver: Resolver, path: str, entry: Param) -> Input | None:
    """``title = db.Column(db.String(80), nullable=False)``, ``title: Mapped[str | None] = mapped_column(...)``; None for a key of its own."""
    column = entry.default or Expr("call")
    if _said(column, "primary_key", "True") and column.get("default") is None:
        return None
    held = entry.annotation.items[0] if entry.annotation is not None and entry.annotation.items else None
    empty = held is not None and bool(re.search(r"None|Optional", f"{held.text} {[one.text for one in held.items]}"))
    parts = [*column.items, *([of] if (of := column.get("type_")) is not None else []), *([held] if held else [])]
    kind = next((name for part in parts for pattern, name in _KINDS if pattern.search(part.text)), "")
    given = next((part for part in parts if part.kind == "call" and _KINDS[-1][0].search(part.text)), None)
    text = next(
        (part for part in parts if part.kind == "call" and part.text.endswith(("String", "VARCHAR", "Unicode"))), None
    )
    length = number_of(next(iter(text.items), None)) if text is not None else None
    key = next((one for one in column.items if one.text.rsplit(".", 1)[-1] == "ForeignKey" and one.items), None)
    kind = (
        f"id of {key.items[0].text.rpartition('.')[0].rsplit('.', 1)[-1].removesuffix('s')}"
        if key is not None
        else kind
    )
    # An annotation says whether it may be empty (SQLAlchemy 2.0); without one a column may be, unless it says not.
    asked = not empty if held is not None and column.get("nullable") is None else _said(column, "nullable", "False")
    filled = any(column.get(name) is not None for name in _FILLED)
    return Input(entry.name, "", kind, asked and not filled, _choices(resolver, path, given), None, length)


def _said(call: Expr, name: str, value: str) -> bool:
    given = call.get(name)
    return given is not None and given.text == value


def _choices(resolver: Resolver, path: str, enum: Expr | None) -> tuple[str, ...]:
    """``Enum("open", "closed")``; for ``Enum(Status)`` the names of its members, which are what is stored (SQLAlchemy, Enum)."""
    if enum is None:
        return ()
    texts = tuple(item.text for item in enum.items if item.kind == "str")
    found = resolver.find(path, enum.items[0].text) if enum.items and enum.items[0].kind == "name" else None
    if not texts and found and found.function and found.function.is_class:
        texts = tuple(one.name for one in found.function.fields if one.default is not None)
    return texts[:MOST_CHOICES]
