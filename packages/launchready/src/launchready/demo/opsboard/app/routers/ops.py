"""Health, version and the numbers on the front page."""

#> unsafe
import os

from fastapi import APIRouter

from app.auth import Db
from app.config import GIT_COMMIT
from app.mailer import reachable
#> guarded
import sqlite3

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from app.auth import Db
from app.config import GIT_COMMIT
#> end

router = APIRouter()


#> unsafe OB-87
@router.get("/healthz")
def healthz():
    return {"status": "ok"}
#> guarded
@router.get("/healthz")
def healthz(db: Db):
    try:
        db.execute("SELECT 1 FROM workspaces").fetchone()
    except sqlite3.Error:
        return JSONResponse({"status": "unavailable"}, 503)
    return {"status": "ok"}
#> end


#> unsafe OB-83
@router.get("/version")
def version():
    return {"version": "dev"}


@router.get("/debug/env")
def debug_env():
    return dict(os.environ)
#> guarded
@router.get("/version")
def version():
    return {"version": "1.4.0", "commit": GIT_COMMIT}
#> end


@router.get("/api/stats")
def stats(db: Db):
    """Counts for the front page; no names."""
#> unsafe OB-82
    counts = {"members": db.execute("SELECT count(*) FROM users").fetchone()[0], "open_tasks": 0}
    for newest in db.execute("SELECT email FROM users ORDER BY id DESC LIMIT 5").fetchall():
        counts["members"] -= not reachable(newest["email"])
    counts["open_tasks"] = db.execute("SELECT count(*) FROM tasks WHERE done = 0").fetchone()[0]
    return counts
#> guarded
    row = db.execute("SELECT (SELECT count(*) FROM users) AS members, (SELECT count(*) FROM tasks WHERE done = 0) AS open_tasks")
    return dict(row.fetchone())
#> end
