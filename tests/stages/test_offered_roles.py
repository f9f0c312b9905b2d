"""Roles that a sign-up lets everybody choose: what is for them is called as one who has it, and asked of a second one."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence

from tests.support.processes import outcomes

APP = """
import secrets
import sys

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel

app = FastAPI()
people, sessions, events, bookings = {}, {}, {}, []


class Account(BaseModel):
    name: str
    email: str
    password: str
    role: str


class Login(BaseModel):
    email: str
    password: str


class Event(BaseModel):
    title: str
    seats: int


def caller(authorization: str = Header("")):
    who = people.get(sessions.get(authorization.removeprefix("Bearer "), ""))
    if who is None:
        raise HTTPException(401, "sign in first")
    return who


def require_role(role: str):
    def asks(who: dict = Depends(caller)):
        if who["role"] != role:
            raise HTTPException(403, "not for you")
        return who

    return asks


@app.post("/register", status_code=201)
def register(account: Account):
    if account.email in people:
        raise HTTPException(409, "taken")
    people[account.email] = {"id": len(people) + 1, **account.model_dump(), "role": ROLE}
    return {"id": people[account.email]["id"], "email": account.email, "name": account.name, "role": SHOWN}


@app.post("/login")
def login(given: Login):
    who = people.get(given.email)
    if who is None or who["password"] != given.password:
        raise HTTPException(401, "wrong")
    token = secrets.token_urlsafe(24)
    sessions[token] = given.email
    return {"access_token": token}


@app.get("/me")
def me(who: dict = Depends(caller)):
    return {"id": who["id"], "email": who["email"]}


@app.get("/events")
def listed():
    return list(events.values())


@app.post("/events", status_code=201)
def add(event: Event, who: dict = Depends(require_role("organiser"))):
    number = len(events) + 1
    events[number] = {"id": number, "owner": who["id"], **event.model_dump()}
    return events[number]


@app.put("/events/{event_id}")
def change(event_id: int, event: Event, who: dict = Depends(require_role("organiser"))):
    if event_id not in events:
        raise HTTPException(404)
    OWNER
    events[event_id] |= event.model_dump()
    return events[event_id]


@app.post("/events/{event_id}/book")
def book(event_id: int, who: dict = Depends(caller)):
    if event_id not in events:
        raise HTTPException(404)
    events[event_id]["seats"] -= 1
    return events[event_id]


@app.get("/reports")
def reports(who: dict = Depends(require_role("organiser"))):
    if not bookings:
        raise HTTPException(404, "no bookings yet")
    return bookings


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""
ASKED = 'if events[event_id]["owner"] != who["id"]:\n        raise HTTPException(403, "not yours")'


def app(role: str, shown: str, owner: str) -> str:
    return APP.replace('"role": ROLE', f'"role": {role}').replace("SHOWN", shown).replace("OWNER", owner)


@pytest.mark.parametrize(("owner", "told"), [("pass", ["PUT /events/{event_id}"]), (ASKED, [])], ids=["open", "kept"])
def test_what_is_for_a_role_is_asked_of_two_who_chose_it(tmp_path: Path, owner: str, told: list[str]) -> None:
    """The booking, too, changes an event of another: members are shown events to book them."""
    code = app("account.role", "account.role", owner)
    every = outcomes(tmp_path, "app.py", code, "LR207", "LR210")
    assert [finding.target for finding in every["LR207"].findings] == told
    # Nothing shows a role but the answer to the sign-up; whoever has it is told that there are no reports yet.
    (finding,) = every["LR210"].findings
    assert (finding.target, finding.confidence) == ("POST /register", Confidence.PROVEN)
    assert "/reports" in finding.detail


def test_a_role_that_is_only_said_again_is_none(tmp_path: Path) -> None:
    every = outcomes(tmp_path, "app.py", app('"member"', "account.role", ASKED), "LR207", "LR210")
    assert [*every["LR210"].findings, *every["LR207"].findings] == []


DESK = (
    APP.split('@app.get("/events")')[0]
    + """
class Ticket(BaseModel):
    title: str


first = {"id": 1, "email": "kim@example.org", "role": "user"}
tickets = {1: {"id": 1, "title": "No light", "owner": 1, "email": first["email"]}}
people[first["email"]] = first


def seen(who: dict, ticket: dict):
    return who["role"] == "agent" or ticket["owner"] == who["id"]


@app.get("/tickets")
def listed(who: dict = Depends(caller)):
    return [one for one in tickets.values() if seen(who, one)]


@app.post("/tickets", status_code=201)
def add(ticket: Ticket, who: dict = Depends(caller)):
    number = len(tickets) + 1
    tickets[number] = {"id": number, "title": ticket.title, "owner": who["id"], "email": who["email"]}
    return tickets[number]


@app.get("/tickets/{ticket_id}")
def shown(ticket_id: int, who: dict = Depends(caller)):
    if ticket_id not in tickets:
        raise HTTPException(404)
    if not (ANYBODY or seen(who, tickets[ticket_id])):
        raise HTTPException(403)
    return tickets[ticket_id]


@app.get("/stats")
def stats(who: dict = Depends(require_role("agent"))):
    return {"tickets": len(tickets)}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""
)


@pytest.mark.parametrize("role", ["agent", "manager"])
@pytest.mark.parametrize(("anybody", "told"), [("True", ["GET /tickets/{ticket_id}"]), ("False", [])])
def test_two_who_are_there_to_see_everybodys_keep_nothing_from_each_other(
    tmp_path: Path, role: str, anybody: str, told: list[str]
) -> None:
    """Both chose what they are, and are shown what members sent for it; it is no member who reads another's then."""
    code = (
        DESK.replace('"role": ROLE', '"role": account.role')
        .replace("SHOWN", "account.role")
        .replace('"agent"', f'"{role}"')
    )
    every = outcomes(tmp_path, "app.py", code.replace("ANYBODY", anybody), "LR204")
    assert [finding.target for finding in every["LR204"].findings] == told


def test_two_of_a_rank_in_an_app_with_workspaces_may_look_after_one_each(tmp_path: Path) -> None:
    """Nobody says that both managers are of one organization: that each is shown what a member sent decides nothing between them."""
    makes = (
        '@app.post("/organizations")\ndef organize(who: dict = Depends(caller)):\n    raise HTTPException(403)\n\n\n'
    )
    code = DESK.replace('"role": ROLE', '"role": account.role').replace("SHOWN", "account.role")
    code = (
        code.replace('"agent"', '"manager"')
        .replace("ANYBODY", "False")
        .replace('@app.get("/stats")', f'{makes}@app.get("/stats")')
    )
    every = outcomes(tmp_path, "app.py", code, "LR204")
    assert [(one.target, one.confidence) for one in every["LR204"].findings] == [
        ("GET /tickets/{ticket_id}", Confidence.SUSPECTED)
    ]
