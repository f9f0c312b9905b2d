"""The fields of models of Prisma, and where code makes or changes records of them (prisma.io/docs: schema, models, CRUD)."""

import re
from collections.abc import Iterator
from functools import lru_cache

from launchready.model.surface import Input
from launchready.sources.resolver import Resolver

_STORED = re.compile(
    r"\.(?P<model>[a-z]\w*)\.(?P<how>create|createMany|createManyAndReturn|update|updateMany|upsert)\(\s*\{"
)
_BLOCK = re.compile(r"^[ \t]*(model|enum)\s+(\w+)\s*\{(.*?)^[ \t]*\}", re.M | re.S)
_FIELD = re.compile(r"^[ \t]*(\w+)[ \t]+(\w+)(\[\])?(\?)?([^\n]*)$", re.M)
_RELATION = re.compile(r"@relation\([^)]*fields:\s*\[\s*(\w+)\s*\]")
_LENGTH = re.compile(r"@db\.(?:VarChar|Char)\((\d+)\)")
_FILLED = re.compile(r"@default\(|@updatedAt\b|@ignore\b")
_KINDS = {
    "String": "string", "Int": "int", "BigInt": "int", "Float": "number", "Decimal": "number", "Boolean": "boolean", "DateTime": "datetime",
    "Json": "object", "Bytes": "",
}  # fmt: skip


def stored(code: str) -> Iterator[tuple[str, bool, str]]:
    """Each model that code makes records of or changes: its name, whether it makes them, and the pattern of what is given it."""
    for found in _STORED.finditer(code):
        given = rf"\.{found['model']}\.{found['how']}\(\s*\{{[^;]*?\b(?:data|create)\s*:\s*"
        yield found["model"], not found["how"].startswith("update"), given


def model_of(resolver: Resolver, path: str, name: str) -> dict[str, Input]:
    """The fields of a model as the client calls it: ``ticketReply`` is ``model TicketReply``. Of several schemas in a tree, those that are nearest."""
    schemas = sorted(resolver.holding(b"model ", (".prisma",)), key=lambda one: _apart(one, path))
    for schema in schemas:
        if fields := _models(resolver.source(schema)).get(name.lower()):
            return {one.name: one for one in fields}
    return {}


def _apart(one: str, other: str) -> int:
    """How far two files lie apart: the folders that are not above both."""
    first, second = one.split("/")[:-1], other.split("/")[:-1]
    shared = next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )
    return len(first) + len(second) - 2 * shared


@lru_cache(maxsize=16)
def _models(source: bytes) -> dict[str, tuple[Input, ...]]:
    text = re.sub(r"//[^\n]*", "", source.decode("utf-8", "replace"))
    blocks = [(found[1], found[2], found[3]) for found in _BLOCK.finditer(text)]
    enums = {name: tuple(re.findall(r"^[ \t]*(\w+)", body, re.M)) for kind, name, body in blocks if kind == "enum"}
    models = {name for kind, name, _ in blocks if kind == "model"}
    return {name.lower(): tuple(_fields(body, enums, models)) for kind, name, body in blocks if kind == "model"}


def _fields(body: str, enums: dict[str, tuple[str, ...]], models: set[str]) -> Iterator[Input]:
    listed = list(_FIELD.finditer(body))
    refers = {m[1]: field[2].lower() for field in listed if field[2] in models and (m := _RELATION.search(field[5]))}
    for name, kind, many, optional, rest in (field.groups() for field in listed):
        if kind in models:
            continue
        plain = (
            "uuid"
            if "@db.Uuid" in rest
            else "date"
            if "@db.Date" in rest
            else _KINDS.get(kind, "enum" if kind in enums else "")
        )
        shown = f"id of {refers[name]}" if name in refers else "list" if many else plain
        length = _LENGTH.search(rest)
        required = not (optional or many or _FILLED.search(rest))
        if not ("@id" in rest and not required):
            yield Input(
                name,
                "",
                shown,
                required,
                () if many else enums.get(kind, ()),
                None,
                float(length[1]) if length else None,
            )
