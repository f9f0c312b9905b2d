"""Member records, invitations and the export."""

import csv
import io
import secrets
#> unsafe

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from app import mailer
from app.auth import CurrentUser, Db
#> guarded
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app import mailer
from app.auth import CurrentUser, Db
from app.routers.accounts import EMAIL
#> end

router = APIRouter()
PUBLIC_FIELDS = ("id", "name", "role", "workspace_id")


def _shown(row) -> dict:
    return {name: row[name] for name in PUBLIC_FIELDS}


@router.get("/w/{workspace_id}/members")
def list_members(workspace_id: int, user: CurrentUser, db: Db):
    rows = db.execute("SELECT * FROM users WHERE workspace_id = ?", (workspace_id,)).fetchall()
#> unsafe OB-12 OB-19
    return [dict(row) for row in rows]
#> guarded
    return [_shown(row) for row in rows]
#> end


#> unsafe OB-28 OB-34
@router.get("/directory")
def directory(db: Db, limit: str = "50"):
    """Everybody, for the community page."""
    rows = db.execute("SELECT name, email, phone FROM users LIMIT ?", (int(limit),)).fetchall()
    return [dict(row) for row in rows]
#> guarded
@router.get("/directory")
def directory(user: CurrentUser, db: Db, limit: Annotated[int, Query(ge=1, le=100)] = 50):
    """Everybody of one's own community."""
    rows = db.execute("SELECT * FROM users WHERE workspace_id = ? LIMIT ?", (user["workspace_id"], limit)).fetchall()
    return [{"id": row["id"], "name": row["name"]} for row in rows]
#> end


#> unsafe OB-13 OB-19
@router.get("/members/{member_id}")
def read_member(member_id: int, user: CurrentUser, db: Db):
    row = db.execute("SELECT * FROM users WHERE id = ?", (member_id,)).fetchone()
    if row is None:
        raise HTTPException(status_code=404, detail="No such member")
    return dict(row)
#> guarded
def _colleague(db, member_id: int, user):
    row = db.execute("SELECT * FROM users WHERE id = ? AND workspace_id = ?", (member_id, user["workspace_id"])).fetchone()
    if row is None:
        raise HTTPException(status_code=404, detail="No such member")
    return row


@router.get("/members/{member_id}")
def read_member(member_id: int, user: CurrentUser, db: Db):
    return _shown(_colleague(db, member_id, user))
#> end


#> unsafe OB-14
@router.patch("/members/{member_id}")
async def change_member(member_id: int, request: Request, user: CurrentUser, db: Db):
    data = await request.json()
    for name, value in data.items():
        db.execute(f"UPDATE users SET {name} = ? WHERE id = ?", (value, member_id))
    return {"changed": list(data)}


@router.delete("/members/{member_id}")
def delete_member(member_id: int, user: CurrentUser, db: Db):
    db.execute("DELETE FROM users WHERE id = ?", (member_id,))
    return {"deleted": member_id}


@router.post("/w/{workspace_id}/invites", status_code=201)
async def invite(workspace_id: int, request: Request, user: CurrentUser, db: Db):
    data = await request.json()
    token = secrets.token_urlsafe(8)
    cursor = db.execute(
        "INSERT INTO invites (workspace_id, email, role, token) VALUES (?, ?, ?, ?)",
        (workspace_id, data["email"], data.get("role", "member"), token),
    )
    mailer.send(db, data["email"], "You are invited to Opsboard", f"/join?token={token}")
    return {"id": cursor.lastrowid, "token": token}


@router.post("/invites/{invite_id}/resend")
def resend(invite_id: int, db: Db):
    row = db.execute("SELECT * FROM invites WHERE id = ?", (invite_id,)).fetchone()
    if row is not None:
        mailer.send(db, row["email"], "Reminder: you are invited to Opsboard", f"/join?token={row['token']}")
    return {"detail": "Sent again"}
#> guarded
class MemberChange(BaseModel):
    name: str = Field(min_length=1, max_length=100)


@router.patch("/members/{member_id}")
def change_member(member_id: int, data: MemberChange, user: CurrentUser, db: Db):
    row = _colleague(db, member_id, user)
    db.execute("UPDATE users SET name = ? WHERE id = ?", (data.name, row["id"]))
    return {"changed": ["name"]}


@router.delete("/members/{member_id}")
def delete_member(member_id: int, user: CurrentUser, db: Db):
    row = _colleague(db, member_id, user)
    db.execute("DELETE FROM users WHERE id = ?", (row["id"],))
    return {"deleted": member_id}


class Invite(BaseModel):
    email: str = Field(pattern=EMAIL, max_length=255)


@router.post("/w/{workspace_id}/invites", status_code=201)
def invite(workspace_id: int, data: Invite, db: Db):
    token = secrets.token_urlsafe(32)
    cursor = db.execute(
        "INSERT INTO invites (workspace_id, email, role, token) VALUES (?, ?, 'member', ?)", (workspace_id, data.email, token)
    )
    mailer.send(db, data.email, "You are invited to Opsboard", f"/join?token={token}")
    return {"id": cursor.lastrowid}


@router.post("/invites/{invite_id}/resend")
def resend(invite_id: int, user: CurrentUser, db: Db):
    row = db.execute("SELECT * FROM invites WHERE id = ? AND workspace_id = ?", (invite_id, user["workspace_id"])).fetchone()
    if row is None:
        raise HTTPException(status_code=404, detail="No such invitation")
    mailer.send(db, row["email"], "Reminder: you are invited to Opsboard", f"/join?token={row['token']}")
    return {"detail": "Sent again"}
#> end


@router.get("/w/{workspace_id}/export.csv")
def export(workspace_id: int, db: Db):
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["name", "email", "phone"])
    for row in db.execute("SELECT name, email, phone FROM users WHERE workspace_id = ?", (workspace_id,)):
        table.writerow([row["name"], row["email"], row["phone"]])
    return Response(out.getvalue(), media_type="text/csv", headers={"Content-Disposition": "attachment; filename=members.csv"})
