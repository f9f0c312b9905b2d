"""What a body of Payload may hold: the fields of a collection (payloadcms.com/docs, fields)."""

from collections.abc import Iterator

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr

_TYPES = {
    "number": "number",
    "checkbox": "boolean",
    "array": "array",
    "blocks": "array",
    "group": "object",
    "json": "object",
    "point": "array",
}
# They only arrange what is in them; those that show what is worked out elsewhere take nothing.
_ARRANGES = frozenset(("row", "collapsible", "tabs", ""))
_TAKES_NOTHING = frozenset(("ui", "join"))
_DEEPEST = 5


def fields_of(described: Expr, operation: str, names: tuple[str, ...] = ()) -> tuple[Input, ...]:
    """The inputs of ``create`` or ``update``, with those ``names`` besides; a field with an access function of its own for it is not for everybody."""
    auth, upload = described.get("auth"), described.get("upload")
    given = [Input(name, "body", "string", True) for name in names]
    if auth is not None and auth.text != "false":
        given += [Input(name, "body", "string", operation == "create") for name in ("email", "password")]
    if upload is not None and upload.text != "false":
        given.append(Input("file", "file", "file", operation == "create"))
    given += _fields(described.get("fields"), operation, _DEEPEST)
    return tuple({one.name: one for one in given}.values())


def _fields(listed: Expr | None, operation: str, hops: int) -> Iterator[Input]:
    for field in listed.items if listed is not None and hops else ():
        name, kind, access, required = (field.get(key) for key in ("name", "type", "access", "required"))
        kind_text = kind.text if kind is not None else ""
        if name is None and kind_text in _ARRANGES:
            yield from _fields(field.get("fields"), operation, hops - 1)
            yield from _fields(field.get("tabs"), operation, hops - 1)
        elif name is not None and kind_text not in _TAKES_NOTHING and (access is None or access.get(operation) is None):
            needed = operation == "create" and required is not None and required.text == "true"
            yield Input(name.text, "body", _TYPES.get(kind_text, "string"), needed)
