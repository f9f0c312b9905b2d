"""The JSON Schemas of what we publish: ``python -m launchready.report.schema FOLDER`` writes them."""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from launchready.model.audit import Audit
from launchready.model.inputs import InputReport
from launchready.model.proof import ProofReport
from launchready.model.surface import Surface

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def audit_schema() -> dict[str, Any]:
    """The schema of ``launchready audit --format json``."""
    return _finished(msgspec.json.schema(Audit), "Audit of Launch Ready, schema 1")


def surface_schema() -> dict[str, Any]:
    """The schema of ``launchready surface --format json``."""
    schema = _finished(msgspec.json.schema(Surface), "Surface of Launch Ready, schema 1")
    parts = schema["$defs"]
    surface = parts["Surface"]
    surface["properties"] = {"schema": {"const": 1}, **surface["properties"]}
    surface["required"] = ["schema", "endpoints"]
    for name in ("tenant", "guarded_when"):
        parts["Access"]["properties"][name] = {"type": ["string", "null"]}
    parts["DataObject"]["properties"]["access"] = {"type": "object", "properties": {"verdict": {"type": "string"}}}
    return schema


def proof_schema() -> dict[str, Any]:
    """The schema of ``launchready prove --format json``."""
    return _finished(msgspec.json.schema(ProofReport), "Proof of Launch Ready, schema 1")


def inputs_schema() -> dict[str, Any]:
    """The schema of ``launchready inputs --format json``."""
    return _finished(msgspec.json.schema(InputReport), "Broken inputs of Launch Ready, schema 1")


def _finished(schema: dict[str, Any], title: str) -> dict[str, Any]:
    if given := schema["$defs"].get("Input"):
        given["properties"]["in"] = given["properties"].pop("where")
        given["required"] = ["in" if name == "where" else name for name in given["required"]]
    for part in schema["$defs"].values():
        # Docstrings are written for readers of the code.
        part.pop("description", None)
    return {"$schema": _DIALECT, "title": title, **schema}


def write(folder: Path) -> None:
    """Write the schemas into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    schemas = {
        "audit-1.json": audit_schema(),
        "surface-1.json": surface_schema(),
        "proof-1.json": proof_schema(),
        "inputs-1.json": inputs_schema(),
    }
    for name, schema in schemas.items():
        (folder / name).write_text(json.dumps(schema, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
