"""Sign-in, sign-up, password reset."""

import secrets
import time
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse
#> guarded
from pydantic import BaseModel, Field
#> end

from app import mailer
from app.auth import CurrentUser, Db, make_token, start_session
from app.db import check_password, hash_password
from app.logs import event

router = APIRouter()
EMAIL = r"^[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,24}$"
#> guarded
RESET_SECONDS = 1800
_NOBODY = hash_password("nobody has this one")


class Login(BaseModel):
    email: str = Field(max_length=255)
    password: str = Field(min_length=1, max_length=200)


class Signup(BaseModel):
    email: str = Field(pattern=EMAIL, max_length=255)
    password: str = Field(min_length=10, max_length=200)
    name: str = Field(min_length=1, max_length=100)
#> end


def _signed_in(db, user, target: str) -> RedirectResponse:
    session = start_session(db, user)
    response = RedirectResponse(target, status_code=303)
#> unsafe OB-25
    response.set_cookie("session", session)
#> guarded
    response.set_cookie("session", session, httponly=True, secure=True, samesite="lax", max_age=8 * 3600)
#> end
    return response


def _find(db, email: str):
    return db.execute("SELECT * FROM users WHERE email = ?", (email.strip().lower(),)).fetchone()


#> unsafe OB-24 OB-35
@router.post("/login")
def login(db: Db, email: Annotated[str, Form()], password: Annotated[str, Form()]):
    event("login", email=email, password=password)
    user = _find(db, email)
    if user is None:
        raise HTTPException(status_code=404, detail="No account with this e-mail address")
    if not check_password(password, user["password_hash"]):
        raise HTTPException(status_code=401, detail="Wrong password")
    return _signed_in(db, user, f"/w/{user['workspace_id']}")


@router.post("/api/login")
async def api_login(request: Request, db: Db):
    data = await request.json()
    event("login", email=data["email"], password=data["password"])
    user = _find(db, data["email"])
    if user is None:
        raise HTTPException(status_code=404, detail="No account with this e-mail address")
    if not check_password(data["password"], user["password_hash"]):
        raise HTTPException(status_code=401, detail="Wrong password")
    return {"token": make_token(user, start_session(db, user))}


@router.post("/api/signup")
async def api_signup(request: Request, db: Db):
    data = await request.json()
    if _find(db, data["email"]):
        raise HTTPException(status_code=409, detail="This e-mail address has an account already")
    fields = {"name": "", "role": "member", "workspace_id": 1} | data
    cursor = db.execute(
        "INSERT INTO users (email, name, password_hash, role, workspace_id) VALUES (?, ?, ?, ?, ?)",
        (data["email"], fields["name"], hash_password(data["password"]), fields["role"], fields["workspace_id"]),
    )
    return JSONResponse({"id": cursor.lastrowid, "email": data["email"], "role": fields["role"]}, 201)
#> guarded
def _authenticate(db, email: str, password: str):
    user = _find(db, email)
    good = check_password(password, user["password_hash"] if user else _NOBODY)
    if user is None or not good:
        event("login refused")
        raise HTTPException(status_code=401, detail="E-mail address or password is wrong")
    return user


@router.post("/login")
def login(db: Db, email: Annotated[str, Form(max_length=255)], password: Annotated[str, Form(max_length=200)]):
    user = _authenticate(db, email, password)
    return _signed_in(db, user, f"/w/{user['workspace_id']}")


@router.post("/api/login")
def api_login(data: Login, db: Db):
    user = _authenticate(db, data.email, data.password)
    return {"token": make_token(user, start_session(db, user))}


@router.post("/api/signup")
def api_signup(data: Signup, db: Db):
    if _find(db, data.email):
        mailer.send(db, data.email, "You have an account already", "Use the password reset if you forgot your password.")
        return JSONResponse({"detail": "Check your inbox"}, 202)
    workspace = db.execute("INSERT INTO workspaces (slug, name, plan) VALUES (?, ?, 'free')", (secrets.token_hex(6), data.name))
    db.execute(
        "INSERT INTO users (email, name, password_hash, role, workspace_id) VALUES (?, ?, ?, 'admin', ?)",
        (data.email.lower(), data.name, hash_password(data.password), workspace.lastrowid),
    )
    mailer.send(db, data.email, "Welcome to Opsboard", "Your workspace is ready.")
    return JSONResponse({"detail": "Check your inbox"}, 202)
#> end


@router.post("/logout")
def logout(request: Request, db: Db, user: CurrentUser):
#> unsafe OB-22
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie("session")
#> guarded
    db.execute("DELETE FROM sessions WHERE user_id = ?", (user["id"],))
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie("session", httponly=True, secure=True, samesite="lax")
#> end
    return response


#> unsafe OB-23 OB-36
@router.post("/forgot")
def forgot(db: Db, email: Annotated[str, Form()]):
    user = _find(db, email)
    if user is None:
        raise HTTPException(status_code=404, detail="No account with this e-mail address")
    token = f"{user['id']}-{int(time.time())}"
    db.execute("INSERT OR REPLACE INTO resets VALUES (?, ?, ?, 0)", (token, user["id"], time.time()))
    mailer.send(db, user["email"], "Reset your password", f"/reset?token={token}")
    return {"detail": "We sent you a link"}


@router.post("/reset")
def reset(db: Db, token: Annotated[str, Form()], password: Annotated[str, Form()]):
    row = db.execute("SELECT * FROM resets WHERE token = ?", (token,)).fetchone()
    if row is None:
        raise HTTPException(status_code=400, detail="This link is not valid")
    db.execute("UPDATE users SET password_hash = ? WHERE id = ?", (hash_password(password), row["user_id"]))
    return {"detail": "Password changed"}
#> guarded
@router.post("/forgot")
def forgot(db: Db, email: Annotated[str, Form(max_length=255)]):
    user = _find(db, email)
    if user is not None:
        token = secrets.token_urlsafe(32)
        db.execute("DELETE FROM resets WHERE user_id = ?", (user["id"],))
        db.execute("INSERT INTO resets VALUES (?, ?, ?, 0)", (token, user["id"], time.time()))
        mailer.send(db, user["email"], "Reset your password", f"/reset?token={token}")
    return {"detail": "If there is an account, we sent a link to it"}


@router.post("/reset")
def reset(db: Db, token: Annotated[str, Form(max_length=100)], password: Annotated[str, Form(min_length=10, max_length=200)]):
    row = db.execute("SELECT * FROM resets WHERE token = ? AND used = 0 AND created > ?", (token, time.time() - RESET_SECONDS)).fetchone()
    if row is None:
        raise HTTPException(status_code=400, detail="This link is not valid")
    db.execute("UPDATE resets SET used = 1 WHERE token = ?", (token,))
    db.execute("UPDATE users SET password_hash = ? WHERE id = ?", (hash_password(password), row["user_id"]))
    db.execute("DELETE FROM sessions WHERE user_id = ?", (row["user_id"],))
    return {"detail": "Password changed"}
#> end


@router.get("/api/me")
def me(user: CurrentUser):
    return {"id": user["id"], "name": user["name"], "role": user["role"], "workspace_id": user["workspace_id"]}
