"""Middleware of Express that answers whom it refuses, and hands the request on all the same."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who

APP = """import express from "express";
import { guard } from "./guard.js";
const app = express();
app.use(guard);
app.get("/notes", async (req, res) => { res.json(await Note.find()); });
app.post("/notes", async (req, res) => { await Note.create(req.body); res.json({}); });
"""
_ANSWERS = 'res.status(401).json({ message: "No token" });'


def _found(root: Path, body: str) -> dict[str, str]:
    guard = f"export const guard = async (req, res, next) => {{\n{body}\n}};\n"
    return who(app(root, {"src/app.js": APP, "src/guard.js": guard}, "express"))


_GOES_ON = {
    "nothing ends it": f"const user = await userOf(req); if (!user) {{ {_ANSWERS} }} req.user = user; next();",
    "tried": f"const user = await userOf(req);\nif (!user) {{ {_ANSWERS} }}\ntry {{ req.user = user; next(); }} catch (e) {{ res.status(401).end(); }}",
    "by a helper": "const user = await userOf(req); if (!user) { sendError(res, 401, 'No token'); } req.user = user; next();",
    "a rank": 'if (req.user?.role !== "admin") { res.status(403).json({}); } next();',
}
_ENDS = {
    "returned": f"const user = await userOf(req); if (!user) {{ return {_ANSWERS} }} req.user = user; next();",
    "returned behind it": f"const user = await userOf(req); if (!user) {{ {_ANSWERS} return; }} req.user = user; next();",
    "by a helper, and returned": "const user = await userOf(req); if (!user) { sendError(res, 401, 'No token'); return; } req.user = user; next();",
    "the other way": f"const user = await userOf(req); if (!user) {{ {_ANSWERS} }} else {{ req.user = user; next(); }}",
    "thrown in what follows": f"const token = req.headers.authorization; if (!token) {{ {_ANSWERS} }} req.user = jwt.verify(token, KEY); next();",
    "nothing to take it from": f"const user = await userOf(req); if (!user) {{ {_ANSWERS} }} req.id = user.id; next();",
    "only where it went wrong": f"try {{ req.user = await must(req); next(); }} catch (e) {{ {_ANSWERS} }}",
}


@pytest.mark.parametrize("body", _GOES_ON.values(), ids=_GOES_ON)
def test_what_is_written_behind_a_guard_that_goes_on_is_open(body: str, tmp_path: Path) -> None:
    assert _found(tmp_path, body) == {"GET /notes": "unknown", "POST /notes": "open"}


@pytest.mark.parametrize("body", _ENDS.values(), ids=_ENDS)
def test_a_guard_that_ends_the_request_is_one(body: str, tmp_path: Path) -> None:
    assert _found(tmp_path, body) == {"GET /notes": "guarded", "POST /notes": "guarded"}


def test_the_line_that_does_not_end_it_is_named(tmp_path: Path) -> None:
    _found(tmp_path, _GOES_ON["nothing ends it"])
    evidence = one(app(tmp_path, {}), "POST /notes").access.evidence
    assert [span.file for span in evidence] == ["src/app.js"]
    assert "hands on to the handler all the same" in evidence[0].what
