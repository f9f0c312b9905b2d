"""What is asked of those alone who bring a credential, or of some addresses, keeps out nobody else."""

from pathlib import Path

import pytest

from tests.sources.reading import app, who

_PYTHON = """
import jwt
from fastapi import FastAPI, HTTPException, Request

app = FastAPI()

def decoded(token):
    return jwt.decode(token, KEY, algorithms=["HS256"])

@app.get("/page")
def page(request: Request):
    user, token = None, None
    BROUGHT
    if CONDITION:
        try:
            user = decoded(token)
        except Exception:
            raise HTTPException(status_code=401, detail="Invalid token")
    OTHERWISE
    return {"user": user}
"""
_TAKES = 'token = request.cookies.get("token")'


@pytest.mark.parametrize(
    ("brought", "condition", "otherwise", "verdict"),
    [
        (_TAKES, "token", "", "unknown"),
        (_TAKES, "token is not None", "", "unknown"),
        ('given = request.headers.get("X-Club")', "given", "", "unknown"),
        ('given = request.headers.get("Authorization")', 'given and given.startswith("Bearer ")', "", "unknown"),
        ("", '"token" in request.cookies', "", "unknown"),
        # Who brings nothing is turned away next, by an `else`, or before.
        (_TAKES, "token", "if user is None:\n        raise HTTPException(401)", "guarded"),
        (_TAKES, "token", 'else:\n        raise HTTPException(400, "token missing")', "guarded"),
        (f"{_TAKES}\n    if not token:\n        raise HTTPException(401)", "token", "", "guarded"),
        # It is no credential that has to be there.
        (_TAKES, "request.app.strict", "", "guarded"),
        (_TAKES, "not request.state.known", "", "guarded"),
    ],
)
def test_a_token_that_is_looked_at_when_it_came(
    brought: str, condition: str, otherwise: str, verdict: str, tmp_path: Path
) -> None:
    code = _PYTHON.replace("BROUGHT", brought).replace("CONDITION", condition).replace("OTHERWISE", otherwise)
    assert who(app(tmp_path, {"main.py": code})) == {"GET /page": verdict}


_SCRIPT = """
const express = require("express");
const jwt = require("jsonwebtoken");
const app = express();
app.get("/page", (req, res) => {
  const token = req.cookies.token;
  let user = null;
  if (CONDITION) {
    try {
      user = jwt.verify(token, process.env.KEY);
    } catch (e) {
      return res.status(401).json({ error: "bad token" });
    }
  }OTHERWISE
  res.json({ user });
});
app.get("/rooms", (req, res, next) => {
  if (CONDITION) {
    if (req.session.user.role !== "admin") return res.status(403).end();
  }OTHERWISE
  next();
}, (req, res) => res.json(rooms));
"""


@pytest.mark.parametrize(
    ("condition", "otherwise", "verdict"),
    [
        ("token", "", "unknown"),
        ("token != null", "", "unknown"),
        ("req.session.user", "", "unknown"),
        ("req.session?.userId", "", "unknown"),
        ('req.headers.authorization && req.headers.authorization.startsWith("Bearer ")', "", "unknown"),
        ("token", ' else {\n    return res.status(400).json({ error: "token missing" });\n  }', "guarded"),
        (
            "token",
            ' else {\n    return answer.json(\n      { error: "token missing" },\n      { status: 400 },\n    );\n  }',
            "guarded",
        ),
        ("token", "\n  if (!user) return res.status(401).end();", "guarded"),
        ("rooms.length > 0", "", "guarded"),
    ],
)
def test_the_same_in_a_script(condition: str, otherwise: str, verdict: str, tmp_path: Path) -> None:
    code = _SCRIPT.replace("CONDITION", condition).replace("OTHERWISE", otherwise)
    assert who(app(tmp_path, {"app.js": code}, "express")) == {"GET /page": verdict, "GET /rooms": verdict}


_BLOCKS = """
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

app = FastAPI()

@app.middleware("http")
async def block(request: Request, call_next):
    if not request.client:
        return JSONResponse(status_code=403, content={})
    if (
        CONDITION
    ):
        return JSONResponse(status_code=403, content={"detail": "blocked"})
    return await call_next(request)

@app.get("/page")
def page():
    return "page"
"""


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        (
            "request.client.host in settings.blocked_ips\n        and request.client.host not in settings.allowed_ips",
            "open",
        ),
        ("request.client.host not in settings.allowed_ips", "unknown"),
        ("not allowed(request)", "unknown"),
        ('request.headers.get("x-key") not in settings.blocked_keys', "unknown"),
    ],
)
def test_a_list_of_blocked_addresses_keeps_no_stranger_out(condition: str, verdict: str, tmp_path: Path) -> None:
    files = {"main.py": _BLOCKS.replace("CONDITION", condition)}
    assert who(app(tmp_path, files)) == {"GET /page": verdict}
