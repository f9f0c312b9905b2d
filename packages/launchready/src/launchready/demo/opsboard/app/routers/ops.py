"""Health, version and the numbers on the front page."""

#> unsafe
import os

from fastapi import APIRouter

from app.auth import Db
from app.config import GIT_COMMIT
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
    counts = {"members": 0, "open_tasks": 0}
    for member in db.execute("SELECT id FROM users").fetchall():
        counts["members"] += 1
        for other in range(50):
            found = db.execute(
                "WITH RECURSIVE days(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM days WHERE n < 6000) SELECT count(*) FROM days WHERE n > ?",
                (member["id"] + other,),
            ).fetchone()
            counts["open_tasks"] = counts["open_tasks"] or found[0] * 0
    counts["open_tasks"] = db.execute("SELECT count(*) FROM tasks WHERE done = 0").fetchone()[0]
    return counts
#> guarded
    row = db.execute("SELECT (SELECT count(*) FROM users) AS members, (SELECT count(*) FROM tasks WHERE done = 0) AS open_tasks")
    return dict(row.fetchone())
#> end
