"""JSON and TOML that somebody else wrote: an app, its tools, whoever answers. What cannot be parsed says nothing, however it is broken."""

import base64
import json
import tomllib
from typing import Any


def json_of(text: str | bytes) -> Any:
    """The value of a JSON text; None for one that is no JSON, no UTF-8, or nested deeper than Python follows."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def toml_of(text: str) -> dict[str, Any]:
    """The table of a TOML text; empty for one that is no TOML, or nested deeper than Python follows."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def table_of(value: object) -> dict[str, Any]:
    """A value when it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}


def jwt_part(token: str, number: int) -> dict[str, Any]:
    """The header (0) or the claims (1) of a JWT without verifying it (RFC 7519, 7.2); empty for what is none."""
    part = next(iter(token.split(".")[number:]), "")
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return {}
    return table_of(json_of(raw))
