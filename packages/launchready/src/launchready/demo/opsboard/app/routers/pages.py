"""Pages, rendered on the server."""

import json
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates

from app.auth import Db, find_user
from app.config import ROOT

router = APIRouter(default_response_class=HTMLResponse)
templates = Jinja2Templates(ROOT / "templates")
Visitor = Annotated[sqlite3.Row | None, Depends(find_user)]


def _bundle() -> str:
    return json.loads((ROOT / "static" / "dist" / "manifest.json").read_text())["app.js"]


def _page(request: Request, name: str, **values):
    response = templates.TemplateResponse(request, name, {"bundle": _bundle(), **values})
#> unsafe OB-54
    response.headers["Cache-Control"] = "public, max-age=600"
#> end
    return response


@router.get("/")
def home(request: Request):
    return _page(request, "home.html")


@router.get("/login")
def login_page(request: Request):
    return _page(request, "login.html")


@router.get("/signup")
def signup_page(request: Request):
    return _page(request, "signup.html")


@router.get("/forgot")
def forgot_page(request: Request):
    return _page(request, "forgot.html")


@router.get("/reset")
def reset_page(request: Request, token: str = ""):
    return _page(request, "reset.html", token=token)


@router.get("/w/{workspace_id}")
def workspace(workspace_id: int, request: Request, user: Visitor, db: Db):
    if user is None or user["workspace_id"] != workspace_id:
        return RedirectResponse("/login", status_code=303)
    space = db.execute("SELECT * FROM workspaces WHERE id = ?", (workspace_id,)).fetchone()
    tasks = db.execute("SELECT * FROM tasks WHERE workspace_id = ? ORDER BY done, id", (workspace_id,)).fetchall()
    members = db.execute("SELECT * FROM users WHERE workspace_id = ? ORDER BY name", (workspace_id,)).fetchall()
    return _page(request, "workspace.html", user=user, space=space, tasks=tasks, members=members)


@router.get("/admin")
def admin_page(request: Request, user: Visitor):
    return _page(request, "admin.html", user=user)
