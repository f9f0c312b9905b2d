"""An endpoint that is open by its source, and a gate before the app that no source shows: what the run got counts."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence, Status

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


KEPT = """
import contextvars
import secrets
import sys

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel

app = FastAPI()
people, sessions, notes = {}, {}, {}
now = contextvars.ContextVar("now", default="")


class Account(BaseModel):
    email: str
    password: str


class Note(BaseModel):
    title: str


async def signed_in(authorization: str = Header("")):
    if (email := sessions.get(authorization.removeprefix("Bearer "))) is None:
        raise HTTPException(401, "sign in first")
    now.set(email)


@app.post("/register", status_code=201)
async def register(account: Account):
    if account.email in people:
        raise HTTPException(409, "taken")
    people[account.email] = account.password
    return {"email": account.email}


@app.post("/login")
async def login(given: Account):
    if people.get(given.email) != given.password:
        raise HTTPException(401, "wrong")
    sessions[token := secrets.token_urlsafe(24)] = given.email
    return {"access_token": token}


class Shelf(dict):
    def __getitem__(self, number):
        note = super().__getitem__(number)
        if LOOKS and note["by"] != now.get():
            raise HTTPException(404, "no such note")
        return note


shelf = Shelf()


@app.get("/notes", dependencies=[Depends(signed_in)])
async def listed():
    return [one for one in shelf.values() if one["by"] == now.get()]


@app.post("/notes", status_code=201, dependencies=[Depends(signed_in)])
async def add(note: Note):
    number = len(shelf) + 1
    shelf[number] = {"id": number, "title": note.title, "by": now.get()}
    return shelf[number]


@app.get("/notes/{note_id}", dependencies=[Depends(signed_in)])
async def read(note_id: int):
    if note_id not in shelf:
        raise HTTPException(404, "no such note")
    return shelf[note_id]


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


@pytest.mark.parametrize("looks", [True, False], ids=["kept", "open"])
def test_a_question_of_the_source_that_the_run_answers_is_none(tmp_path: Path, looks: bool) -> None:
    """What keeps others' notes from a member stands where no source shows it: in what the shelf is."""
    found = outcomes(tmp_path, "app.py", KEPT.replace("LOOKS", str(looks)), "LR105", "LR204")
    asked = [one.target for one in found["LR105"].findings]
    assert asked == ([] if looks else ["GET /notes/{note_id}"])
    assert found["LR105"].status is (Status.PASS if looks else Status.FAIL)
    assert any("GET /notes/{note_id}" in note for note in found["LR105"].notes) is looks
    assert [one.target for one in found["LR204"].findings] == asked
