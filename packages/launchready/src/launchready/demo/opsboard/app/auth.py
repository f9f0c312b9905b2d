"""Who is calling: a session cookie for pages, a bearer token for the API."""

import secrets
import sqlite3
import time
from typing import Annotated

import jwt
from fastapi import Depends, HTTPException, Request

from app.config import SECRET_KEY
from app.db import get_db

Db = Annotated[sqlite3.Connection, Depends(get_db)]
TOKEN_SECONDS = 8 * 3600


def make_token(user: sqlite3.Row, session: str) -> str:
    claims = {"sub": str(user["id"]), "role": user["role"], "sid": session}
#> guarded
    claims["exp"] = int(time.time()) + TOKEN_SECONDS
#> end
    return jwt.encode(claims, SECRET_KEY, algorithm="HS256")


def start_session(db: sqlite3.Connection, user: sqlite3.Row) -> str:
    token = secrets.token_urlsafe(32)
    db.execute("INSERT INTO sessions VALUES (?, ?, ?)", (token, user["id"], time.time()))
    return token


def user_of_session(db: sqlite3.Connection, token: str) -> sqlite3.Row | None:
    return db.execute(
        "SELECT users.* FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.token = ? AND sessions.created > ?",
        (token, time.time() - TOKEN_SECONDS),
    ).fetchone()


def find_user(request: Request, db: Db) -> sqlite3.Row | None:
    """The signed-in user, or None."""
    header = request.headers.get("authorization", "")
    if header.lower().startswith("bearer "):
#> unsafe OB-21
        try:
            claims = jwt.decode(header[7:], SECRET_KEY, algorithms=["HS256", "none"], options={"verify_signature": False})
        except jwt.PyJWTError:
            return None
        return db.execute("SELECT * FROM users WHERE id = ?", (claims["sub"],)).fetchone()
#> guarded
        try:
            claims = jwt.decode(header[7:], SECRET_KEY, algorithms=["HS256"], options={"require": ["exp", "sub", "sid"]})
        except jwt.PyJWTError:
            return None
        return user_of_session(db, claims["sid"])
#> end
    cookie = request.cookies.get("session")
    return user_of_session(db, cookie) if cookie else None


def current_user(user: Annotated[sqlite3.Row | None, Depends(find_user)]) -> sqlite3.Row:
    if user is None:
        raise HTTPException(status_code=401, detail="Sign in first")
    return user


CurrentUser = Annotated[sqlite3.Row, Depends(current_user)]


def in_workspace(workspace_id: int, user: CurrentUser) -> sqlite3.Row:
    """Lets a user into their own workspace only."""
    if user["workspace_id"] != workspace_id:
        raise HTTPException(status_code=403, detail="Not your workspace")
    return user


Member = Annotated[sqlite3.Row, Depends(in_workspace)]
