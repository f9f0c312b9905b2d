"""Broken, truncated and hostile files: no traceback, no hang, and the routes of other files unharmed."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

from tests.sources.hostile_seeds import MANIFEST, SEEDS

SOUND = """
from fastapi import FastAPI
app = FastAPI()
@app.get("/sound")
def sound():
    return {}
"""
PIECES = [
    "(",
    ")",
    "{",
    "}",
    '"',
    "'",
    "`",
    "\\",
    "\n",
    "\0",
    "\u202e",
    "@",
    "=>",
    "${",
    "#",
    "/*",
    "é",
    "\ud83d\ude80",
    "import ",
    "from ",
    "<",
    "%}",
]


# As many as the profile says where it explores, fewer in every run of the tests.
_EXAMPLES = settings().max_examples if settings().max_examples > 1000 else 25


def _write(root: Path, name: str, content: bytes) -> None:
    """A file among sound ones: the manifest that names its framework, and an app that must be found whatever happens."""
    for path, data in ((name, content), ("sound.py", SOUND.encode()), ("package.json", MANIFEST.encode())):
        if path != name or data is content:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)


def _routes(root: Path) -> set[str]:
    return {endpoint.name for endpoint in read_surface(Tree.read(root)).endpoints}


@pytest.mark.parametrize("name", SEEDS)
@settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_harms_no_other(name: str, data: st.DataObject) -> None:
    text = SEEDS[name]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        match data.draw(st.sampled_from(["cut", "insert", "drop", "repeat"])):
            case "cut":
                text = text[:at]
            case "insert":
                text = text[:at] + data.draw(st.sampled_from(PIECES)) + text[at:]
            case "drop":
                text = text[:at] + text[at + data.draw(st.integers(1, 40)) :]
            case "repeat":
                text = text[:at] + text[at : at + 60] * 3 + text[at:]
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), name, text.encode("utf-8", "surrogatepass"))
        assert "GET /sound" in _routes(Path(folder))


@pytest.mark.parametrize("name", SEEDS)
def test_deep_and_random_files_end(name: str, tmp_path: Path) -> None:
    noise = random.Random(5)
    _write(tmp_path, name, ("a(" * 20_000 + SEEDS[name] + "[" * 20_000).encode())
    (tmp_path / f"{name.rpartition('.')[0]}_noise.{name.rpartition('.')[2]}").write_bytes(noise.randbytes(100_000))
    (tmp_path / f"{name.rpartition('.')[0]}_long.{name.rpartition('.')[2]}").write_text(
        "x = '" + "y" * 1_000_000 + "'\n" + SEEDS[name]
    )
    assert "GET /sound" in _routes(tmp_path)


def test_files_that_import_each_other_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "from b import router\nfrom fastapi import APIRouter\nouter = router\nouter.include_router(outer)\n"
    )
    (tmp_path / "b.py").write_text(
        "from a import outer as router\nfrom fastapi import APIRouter\nrouter.include_router(router)\n"
    )
    (tmp_path / "a.js").write_text(
        "const b = require('./b'); const app = require('express')(); app.use(b); module.exports = app;"
    )
    (tmp_path / "b.js").write_text("const a = require('./a'); a.use('/x', a); module.exports = a;")
    (tmp_path / "sound.py").write_text(SOUND)
    assert "GET /sound" in _routes(tmp_path)
