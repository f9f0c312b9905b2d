"""Accounts that a sign-up puts into one workspace: where it takes the workspace from what is sent, a second one is put into another."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence

from tests.support.processes import outcomes

APP = """
import secrets
import sys

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Request

app = FastAPI()
people, sessions, tasks = {}, {}, {}
workspaces = {1: {"id": 1, "name": "First"}}


def caller(authorization: str = Header("")):
    who = people.get(sessions.get(authorization.removeprefix("Bearer "), ""))
    if who is None:
        raise HTTPException(401, "sign in first")
    return who


@app.post("/register", status_code=201)
async def register(request: Request):
    data = await request.json()
    if data["email"] in people:
        raise HTTPException(409, "taken")
    fields = TAKEN
    people[data["email"]] = {"id": len(people) + 1, "email": data["email"], "password": data["password"], "workspace_id": fields["workspace_id"]}
    return {"id": people[data["email"]]["id"]}


@app.post("/login")
async def login(request: Request):
    given = await request.json()
    who = people.get(given["email"])
    if who is None or who["password"] != given["password"]:
        raise HTTPException(401, "wrong")
    token = secrets.token_urlsafe(24)
    sessions[token] = given["email"]
    return {"access_token": token}


@app.get("/me")
def me(who: dict = Depends(caller)):
    return {"id": who["id"], "email": who["email"], "workspace_id": who["workspace_id"]}


@app.get("/workspaces/{workspace_id}")
def workspace(workspace_id: int, who: dict = Depends(caller)):
    if workspace_id not in workspaces or workspace_id != who["workspace_id"]:
        raise HTTPException(404)
    return workspaces[workspace_id]


@app.put("/workspaces/{workspace_id}")
async def rename(workspace_id: int, request: Request, who: dict = Depends(caller)):
    if workspace_id not in workspaces:
        raise HTTPException(404)
    workspaces[workspace_id]["name"] = (await request.json())["name"]
    open("renamed", "w").close()
    return workspaces[workspace_id]


@app.get("/tasks")
def listed(who: dict = Depends(caller)):
    return [one for one in tasks.values() if one["workspace_id"] == who["workspace_id"]]


@app.post("/tasks", status_code=201)
async def add(request: Request, who: dict = Depends(caller)):
    number = len(tasks) + 1
    title = (await request.json())["title"]
    tasks[number] = {"id": number, "title": title, "done": False, "workspace_id": who["workspace_id"]}
    return tasks[number]


@app.post("/tasks/{task_id}/complete")
def complete(task_id: int, who: dict = Depends(caller)):
    if task_id not in tasks:
        raise HTTPException(404)
    OWNER
    tasks[task_id]["done"] = True
    return tasks[task_id]


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""
ASKED = 'if tasks[task_id]["workspace_id"] != who["workspace_id"]:\n        raise HTTPException(404)'
TAKEN = {
    "what is sent": '{"name": "", "workspace_id": 1} | data',
    "nothing": '{"name": data.get("name", ""), "workspace_id": 1}',
}
DONE = "POST /tasks/{task_id}/complete"


@pytest.mark.parametrize(("owner", "told"), [("pass", [DONE]), (ASKED, [])], ids=["open", "kept"])
def test_a_second_account_is_put_into_another_workspace(tmp_path: Path, owner: str, told: list[str]) -> None:
    """A task of one workspace that the other ticks off; in one and the same workspace there is nothing to tell."""
    code = APP.replace("TAKEN", TAKEN["what is sent"]).replace("OWNER", owner)
    every = outcomes(tmp_path, "app.py", code, "LR207", "LR210")
    found = {finding.target: finding.confidence for finding in every["LR207"].findings}
    assert [target for target in found if target == DONE] == told
    assert set(found.values()) <= {Confidence.PROVEN}
    (finding,) = every["LR210"].findings
    assert (finding.target, finding.confidence) == ("POST /register", Confidence.PROVEN)
    assert "workspace_id" in finding.title
    # What everybody is put into has people in it whom the run does not know.
    assert not (tmp_path / "renamed").exists()


def test_where_the_sign_up_takes_no_workspace_all_are_in_one(tmp_path: Path) -> None:
    code = APP.replace("TAKEN", TAKEN["nothing"]).replace("OWNER", "pass")
    every = outcomes(tmp_path, "app.py", code, "LR207", "LR210")
    assert [*every["LR207"].findings, *every["LR210"].findings] == []
    assert not (tmp_path / "renamed").exists()
