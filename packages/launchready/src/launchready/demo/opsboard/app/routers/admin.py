"""Administration."""

#> unsafe
from fastapi import APIRouter

from app.auth import CurrentUser, Db
from app.jobs import digest, run_job
#> guarded
from typing import Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

from app.auth import CurrentUser, Db
from app.jobs import digest, run_job
#> end

router = APIRouter()


#> unsafe OB-10
@router.get("/users")
def list_users(user: CurrentUser, db: Db):
    return [dict(row) for row in db.execute("SELECT * FROM users").fetchall()]


@router.post("/users/{user_id}/role")
def change_role(user_id: int, data: dict, user: CurrentUser, db: Db):
    db.execute("UPDATE users SET role = ? WHERE id = ?", (data["role"], user_id))
    return {"role": data["role"]}


@router.get("/stats")
def stats(db: Db):
    """The admin page asks for this; the page itself is shown to admins only."""
    rows = db.execute("SELECT email, role, workspace_id FROM users").fetchall()
    return {"users": [dict(row) for row in rows], "payments": db.execute("SELECT count(*) FROM payments").fetchone()[0]}
#> guarded
@router.get("/users")
def list_users(user: CurrentUser, db: Db):
    rows = db.execute("SELECT id, name, role FROM users WHERE workspace_id = ?", (user["workspace_id"],))
    return [dict(row) for row in rows]


class RoleChange(BaseModel):
    role: Literal["member", "manager", "admin"]


@router.post("/users/{user_id}/role")
def change_role(user_id: int, data: RoleChange, user: CurrentUser, db: Db):
    done = db.execute(
        "UPDATE users SET role = ? WHERE id = ? AND workspace_id = ?", (data.role, user_id, user["workspace_id"])
    )
    if not done.rowcount:
        raise HTTPException(status_code=404, detail="No such member")
    return {"role": data.role}


@router.get("/stats")
def stats(user: CurrentUser, db: Db):
    count = db.execute("SELECT count(*) FROM users WHERE workspace_id = ?", (user["workspace_id"],)).fetchone()[0]
    paid = db.execute("SELECT count(*) FROM payments WHERE workspace_id = ?", (user["workspace_id"],)).fetchone()[0]
    return {"users": count, "payments": paid}
#> end


@router.post("/jobs/digest")
def run_digest(db: Db):
    run_job("digest", digest, db)
    return {"done": True}
