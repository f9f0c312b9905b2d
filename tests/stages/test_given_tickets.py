"""A tool whose administrator makes the accounts and gives out the tickets: a ticket is a member's own because it was given to them."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence

from tests.support.processes import outcomes

APP = """
import secrets
import sys
from enum import Enum
from typing import Optional

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel

app = FastAPI()


class Role(str, Enum):
    ADMIN = "admin"
    DEVELOPER = "developer"


class Person(BaseModel):
    name: str
    email: str
    password: str
    role: Role


class Login(BaseModel):
    email: str
    password: str


class Given(BaseModel):
    title: str
    text: Optional[str] = None
    assigned_to: Optional[int] = None


class Leaving(BaseModel):
    refresh_token: str


class Fresh(BaseModel):
    email: str
    new_password: str
    ASKED


people = [{"id": 1, "name": "Boss", "email": "boss@acme.example", "password": "Right-horse-2031", "role": Role.ADMIN}]
sessions, tickets = {}, {}


def caller(authorization: str = Header("")):
    who = sessions.get(authorization.removeprefix("Bearer "))
    if who is None:
        raise HTTPException(401, "sign in first")
    return who


def admin(who: dict = Depends(caller)):
    if who["role"] != Role.ADMIN:
        raise HTTPException(403, "administrators only")
    return who


@app.post("/login")
def login(given: Login):
    who = next((one for one in people if one["email"] == given.email and one["password"] == given.password), None)
    if who is None:
        raise HTTPException(401, "wrong")
    token, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    sessions[token] = who
    who.setdefault("refresh", {})[refresh] = token
    return {"access_token": token, "refresh_token": refresh}


@app.post("/logout")
def logout(given: Leaving, who: dict = Depends(caller)):
    ended = who["refresh"].pop(given.refresh_token, None)
    ENDS
    return {"ended": bool(ended)}


@app.post("/reset-password")
def reset(given: Fresh):
    who = next((one for one in people if one["email"] == given.email), None)
    if who is not None and RIGHT:
        who["password"] = given.new_password
    return {"said": "done, if there is such an account"}


@app.get("/me")
def me(who: dict = Depends(caller)):
    return {name: who[name] for name in ("id", "name", "email", "role")}


@app.post("/users", status_code=201)
def add(person: Person, who: dict = Depends(admin)):
    if any(one["email"] == person.email for one in people):
        raise HTTPException(400, "that address is taken")
    people.append({"id": len(people) + 1, **person.model_dump()})
    return {"id": people[-1]["id"], "email": person.email, "role": person.role}


@app.get("/tickets")
def listed(who: dict = Depends(caller)):
    return [one for one in tickets.values() if who["role"] == Role.ADMIN or one["assigned_to"] == who["id"]]


@app.post("/tickets", status_code=201)
def give(given: Given, who: dict = Depends(admin)):
    if given.assigned_to is not None:
        for_whom = next((one for one in people if one["id"] == given.assigned_to), None)
        if for_whom is None or for_whom["role"] == Role.ADMIN:
            raise HTTPException(400, "tickets are for developers")
    tickets[len(tickets) + 1] = {"id": len(tickets) + 1, **given.model_dump()}
    return tickets[len(tickets)]


@app.get("/tickets/{ticket_id}")
def one(ticket_id: int, who: dict = Depends(caller)):
    ticket = tickets.get(ticket_id)
    if ticket is None or KEPT:
        raise HTTPException(404, "no such ticket")
    return ticket


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""
OPEN = {"ASKED": "pass", "ENDS": "pass", "RIGHT": "True", "KEPT": "False"}
MENDED = {
    "ASKED": "token: str",
    "ENDS": "sessions.pop(ended, None)",
    "RIGHT": "secrets.compare_digest(given.token, who.get('reset', secrets.token_urlsafe()))",
    "KEPT": 'who["role"] != Role.ADMIN and ticket["assigned_to"] != who["id"]',
}
TOLD = {"LR204": ["GET /tickets/{ticket_id}"], "LR214": ["POST /logout"], "LR219": ["POST /reset-password"]}


@pytest.mark.parametrize(
    ("parts", "told"), [(OPEN, TOLD), (MENDED, {check: [] for check in TOLD})], ids=["open", "mended"]
)
def test_tickets_that_were_given_to_somebody(tmp_path: Path, parts: dict[str, str], told: dict[str, list[str]]) -> None:
    code = APP
    for word, written in parts.items():
        code = code.replace(word, written)
    every = outcomes(tmp_path, "app.py", code, *TOLD, "LR216")
    found = {check: every[check].findings for check in TOLD}
    assert {check: [finding.target for finding in findings] for check, findings in found.items()} == told
    assert all(finding.confidence is Confidence.PROVEN for findings in found.values() for finding in findings)
