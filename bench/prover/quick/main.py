"""An app that does nothing but answer, to measure whoever calls it: accounts, tokens and a few kinds of records in memory, without a password
hash and without a database. Everybody gets their own records and nobody else's.
"""

import secrets
from collections.abc import Sequence
from itertools import count
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel

KINDS = ("notes", "tasks", "files", "contacts", "projects", "orders", "tickets", "events", "folders", "labels")
_people: dict[str, dict[str, Any]] = {}
_sessions: dict[str, dict[str, Any]] = {}


class Entry(BaseModel):
    """Who signs up or in."""

    email: str
    password: str


class Text(BaseModel):
    """What a record holds."""

    title: str
    body: str = ""


async def caller(authorization: Annotated[str, Header()] = "") -> dict[str, Any]:
    """Who calls; 401 for anybody unknown."""
    known = _sessions.get(authorization.removeprefix("Bearer "))
    if known is None:
        raise HTTPException(401)
    return known


Known = Annotated[dict[str, Any], Depends(caller)]
accounts = APIRouter(prefix="/api")


@accounts.post("/signup", status_code=201)
async def signup(entry: Entry) -> dict[str, Any]:
    """Make an account."""
    if entry.email in _people:
        raise HTTPException(409)
    _people[entry.email] = {"id": len(_people) + 1, "email": entry.email, "password": entry.password}
    return {"id": _people[entry.email]["id"]}


@accounts.post("/login")
async def login(entry: Entry) -> dict[str, str]:
    """A token for whoever knows the password."""
    known = _people.get(entry.email)
    if known is None or not secrets.compare_digest(known["password"].encode(), entry.password.encode()):
        raise HTTPException(401)
    token = secrets.token_hex(16)
    _sessions[token] = known
    return {"token": token}


@accounts.post("/logout", status_code=204)
async def logout(authorization: Annotated[str, Header()] = "") -> None:
    """End the session."""
    _sessions.pop(authorization.removeprefix("Bearer "), None)


@accounts.get("/me")
async def me(known: Known) -> dict[str, Any]:
    """The caller's own account."""
    return {"id": known["id"], "email": known["email"]}


def kept(kind: str) -> APIRouter:
    """Everything one can do with one kind of record."""
    router, records, numbers = APIRouter(prefix=f"/api/{kind}"), dict[int, dict[str, Any]](), count(1)

    def own(number: int, known: dict[str, Any]) -> dict[str, Any]:
        record = records.get(number)
        if record is None or record["owner_id"] != known["id"]:
            raise HTTPException(404)
        return record

    @router.get("")
    async def listed(known: Known) -> Sequence[dict[str, Any]]:
        return [record for record in records.values() if record["owner_id"] == known["id"]][:50]

    @router.post("", status_code=201)
    async def made(text: Text, known: Known) -> dict[str, Any]:
        number = next(numbers)
        records[number] = {"id": number, "owner_id": known["id"], **text.model_dump()}
        return records[number]

    @router.get("/{number}")
    async def read(number: int, known: Known) -> dict[str, Any]:
        return own(number, known)

    @router.put("/{number}")
    async def changed(number: int, text: Text, known: Known) -> dict[str, Any]:
        own(number, known).update(text.model_dump())
        return records[number]

    @router.delete("/{number}", status_code=204)
    async def removed(number: int, known: Known) -> None:
        own(number, known)
        del records[number]

    return router


app = FastAPI()
app.include_router(accounts)
for kind in KINDS:
    app.include_router(kept(kind))
