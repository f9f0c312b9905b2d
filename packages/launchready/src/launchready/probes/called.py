"""What a function that is called by name does, by the words that apps use for it: fields of GraphQL, server actions."""

import re

CREATES = frozenset(("create", "add", "new", "insert", "post", "make", "submit", "write", "upload", "send"))
CHANGES = frozenset(("update", "edit", "change", "modify", "set", "rename", "patch", "save", "replace"))
DELETES = frozenset(("delete", "remove", "destroy", "erase", "trash"))
# Names in snake case.
SIGNS_UP = re.compile(
    r"^(?:sign_?up|register|registration)|_(?:sign_?up|register)$|^(?:create|add|new|insert)_(?:user|account|customer|member)s?(?:_item)?$|"
    r"^(?:user|account|customer|member)_(?:create|add)$"
)
SIGNS_IN = re.compile(
    r"^(?:log_?in|sign_?in|authenticate|auth|token_?auth|(?:create|get|obtain|generate|request)_(?:\w+_)?(?:token|session|jwt)|"
    r"(?:token|session)_(?:create|auth|obtain))(?:_|$)|_(?:log_?in|sign_?in|authenticate)$"
)


def snake(name: str) -> str:
    """``note_id`` for ``noteId``."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
