"""Audits as JSON bytes and back: the published contract, and what the store keeps."""

from typing import Any

import msgspec

from launchready.model.audit import Audit


def encode(audit: Audit) -> bytes:
    """The audit as JSON, keys in a stable order."""
    document = msgspec.to_builtins(audit)
    for given in _inputs(document):
        # "in" is the published key, and no name a Python field can have.
        given["in"] = given.pop("where")
    return msgspec.json.encode(document)


def decode(content: bytes) -> Audit:
    """The audit of such JSON. Raises ValueError for anything else."""
    document = msgspec.json.decode(content)
    if isinstance(document, dict):
        for given in _inputs(document):
            if "in" in given:
                given["where"] = given.pop("in")
    return msgspec.convert(document, type=Audit)


def _inputs(document: dict[str, Any]) -> list[dict[str, Any]]:
    surface = document.get("surface")
    endpoints = surface.get("endpoints", ()) if isinstance(surface, dict) else ()
    found = [given for one in endpoints if isinstance(one, dict) for given in one.get("inputs", ())]
    return [given for given in found if isinstance(given, dict)]
