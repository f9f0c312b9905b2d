"""An endpoint that is open by its source, and a gate before the app that no source shows: what the run got counts."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence

from tests.support.processes import outcomes

APP = """
import secrets
import sys

import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()
people, sessions, notes = {}, {}, {}


class Account(BaseModel):
    email: str
    password: str


class Note(BaseModel):
    title: str


@app.post("/register", status_code=201)
def register(account: Account):
    if account.email in people:
        raise HTTPException(409, "taken")
    people[account.email] = account.password
    return {"email": account.email}


@app.post("/login")
def login(given: Account):
    if people.get(given.email) != given.password:
        raise HTTPException(401, "wrong")
    sessions[token := secrets.token_urlsafe(24)] = given.email
    return {"access_token": token}


@app.get("/notes")
def listed():
    return list(notes.values())


@app.post("/notes", status_code=201)
def add(note: Note):
    notes[number] = {"id": (number := len(notes) + 1), "title": note.title}
    return notes[number]


@app.delete("/notes/{note_id}")
def drop(note_id: int):
    return notes.pop(note_id, {})


async def gate(scope, receive, send):
    named = dict(scope.get("headers", ())).get(b"authorization", b"").decode().removeprefix("Bearer ")
    if scope["type"] == "http" and scope["path"].startswith("/notes") and named not in sessions:
        await send({"type": "http.response.start", "status": 401, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b"{}"})
        return
    await app(scope, receive, send)


uvicorn.run(globals()[SERVED], host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


@pytest.mark.parametrize(
    ("served", "sure"), [("app", Confidence.CERTAIN), ("gate", Confidence.SUSPECTED)], ids=["open", "behind a gate"]
)
def test_a_refusal_in_the_run_outweighs_what_source_shows(tmp_path: Path, served: str, sure: Confidence) -> None:
    """The gate stands for a proxy that asks who is there, such as oauth2-proxy."""
    found = outcomes(tmp_path, "app.py", APP.replace("SERVED", f"'{served}'"), "LR102", "LR203", "LR204")
    (told,) = [one for one in found["LR102"].findings if one.target == "POST /notes"]
    assert told.confidence is sure
    assert ("as a stranger" in told.detail) is (served == "gate")
    assert bool(found["LR203"].findings) is (served == "app")
