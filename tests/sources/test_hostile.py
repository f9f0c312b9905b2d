"""Broken, truncated and hostile files: no traceback, no hang, and the routes of other files unharmed."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

SEEDS = {
    "broken.py": """
from fastapi import APIRouter, Depends, FastAPI
from flask import Blueprint
router = APIRouter(prefix="/b", dependencies=[Depends(guard)])
for part in [router]:
    app.include_router(part, prefix=f"/{VERSION}")
@router.get("/x/{x_id:int}", response_model=Thing)
async def read(x_id: int, q: str = Query(None), user: Annotated[User, Depends(current)] = None):
    if user is None:
        raise HTTPException(status_code=401)
    return {"a": [b for b in c if d], **e}
class View(MethodView):
    decorators = [login_required]
    def get(self): ...
""",
    "broken.js": """
const express = require("express");
const router = express.Router({ mergeParams: true });
router.route("/a/:id").all(guard).get(async (req, res) => res.json({ ...req.body }));
for (const [path, handler] of Object.entries(table)) router.use(`/${path}`, handler);
module.exports = { router, default: (app) => { app.use("/x", router); } };
""",
    "broken.ts": """
import { Router, type Request } from "express";
export const api: Router = Router();
@Controller("cats") export class Cats<T extends object> { @Get(":id") one(@Param("id") id: string): Promise<T> { return this.#x!; } }
api.post("/y", (req: Request<{ id: string }>, res) => { const { a, b = 1 } = req.body as Body; });
export default api;
""",
}
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


def _routes(root: Path) -> set[str]:
    return {endpoint.name for endpoint in read_surface(Tree.read(root)).endpoints}


@pytest.mark.parametrize("name", SEEDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
        Path(folder, name).write_bytes(text.encode("utf-8", "surrogatepass"))
        Path(folder, "sound.py").write_text(SOUND)
        assert "GET /sound" in _routes(Path(folder))


@pytest.mark.parametrize("name", SEEDS)
def test_deep_and_random_files_end(name: str, tmp_path: Path) -> None:
    noise = random.Random(5)
    (tmp_path / "sound.py").write_text(SOUND)
    (tmp_path / name).write_text("a(" * 20_000 + SEEDS[name] + "[" * 20_000)
    (tmp_path / f"noise_{name}").write_bytes(noise.randbytes(100_000))
    (tmp_path / f"long_{name}").write_text("x = '" + "y" * 1_000_000 + "'\n" + SEEDS[name])
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
