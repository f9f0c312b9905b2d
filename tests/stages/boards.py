"""Boards of workspaces: projects and their tasks, members with ranks, and what only administrators may call. The workspace stands in the path, a header or the query."""

import secrets
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

HEADER = "X-Workspace-Id"


class Account(BaseModel):
    """Who signs up or in."""

    email: str = Field(pattern=r"^\S+@\S+\.\S+$")
    password: str = Field(min_length=8)


class Titled(BaseModel):
    """A workspace, a project or a task."""

    title: str = Field(min_length=1)


class Membership(BaseModel):
    """Who is taken into a workspace, and as what."""

    email: str
    role: str = Field("member", json_schema_extra={"enum": ["member", "admin"]})


class Rank(BaseModel):
    """What a member becomes."""

    role: str


def boards(*faults: str, header: bool = False, query: bool = False, ranks: bool = True) -> FastAPI:
    """``faults``: ``child`` looks at the project and not at whether the task is of it, ``export`` is open to every member, ``rank`` lets
    every member give ranks, ``project`` is anybody's. ``ranks`` says whether the list of members tells them."""
    app = FastAPI()
    people, sessions = dict[str, dict[str, Any]](), dict[str, str]()
    members, projects, tasks = dict[str, dict[str, str]](), dict[str, dict[str, str]](), dict[int, dict[str, Any]]()
    inside = "" if header or query else "/w/{slug}"

    def who(request: Request) -> str:
        email = sessions.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if email is None:
            raise HTTPException(401, "who?")
        return email

    def place(request: Request) -> str:
        email = who(request)
        slug = request.query_params.get("workspace", "") if query else request.headers.get(HEADER, "")
        slug = slug if header or query else request.path_params["slug"]
        if not slug:
            raise HTTPException(400, "workspace is required" if query else f"{HEADER} is required")
        if email not in members.get(slug, {}):
            raise HTTPException(404, "no such workspace")
        return str(slug)

    def ranked(fault: str) -> Callable[[Request], str]:
        def asked(request: Request) -> str:
            slug = place(request)
            if fault not in faults and members[slug][who(request)] != "admin":
                raise HTTPException(403, "administrators only")
            return slug

        return asked

    def session(email: str) -> dict[str, str]:
        sessions[token := secrets.token_hex(8)] = email
        return {"token": token}

    @app.post("/signup", status_code=201)
    def sign_up(body: Account) -> dict[str, str]:
        if body.email in people:
            raise HTTPException(400, "no")
        people[body.email] = {"id": secrets.token_hex(6), "password": body.password, "is_staff": False}
        return session(body.email)

    @app.post("/login")
    def sign_in(body: Account) -> dict[str, str]:
        if people.get(body.email, {}).get("password") != body.password:
            raise HTTPException(401, "no")
        return session(body.email)

    @app.get("/me")
    def me(email: Annotated[str, Depends(who)]) -> dict[str, Any]:
        return {"id": people[email]["id"], "email": email, "is_staff": False}

    @app.get("/workspaces")
    def workspaces(email: Annotated[str, Depends(who)]) -> list[dict[str, str]]:
        return [{"slug": slug} for slug, inner in members.items() if email in inner]

    @app.post("/workspaces", status_code=201)
    def workspace(body: Titled, email: Annotated[str, Depends(who)]) -> dict[str, str]:
        members[slug := f"ws-{secrets.token_hex(4)}"] = {email: "admin"}
        return {"slug": slug, "title": body.title}

    @app.get(f"{inside}/members")
    def listed(slug: Annotated[str, Depends(place)]) -> list[dict[str, str]]:
        found = [{"id": people[email]["id"], "email": email, "role": role} for email, role in members[slug].items()]
        return found if ranks else [{"id": one["id"], "email": one["email"]} for one in found]

    @app.post(f"{inside}/members", status_code=201)
    def add(body: Membership, slug: Annotated[str, Depends(ranked(""))]) -> dict[str, str]:
        if body.email not in people or body.email in members[slug] or body.role not in ("member", "admin"):
            raise HTTPException(422, "no such account")
        members[slug][body.email] = body.role
        return {"id": people[body.email]["id"], "email": body.email, "role": body.role}

    @app.patch(f"{inside}/members/{{user_id}}")
    def rank(user_id: str, body: Rank, slug: Annotated[str, Depends(ranked("rank"))]) -> dict[str, str]:
        email = next((one for one in members[slug] if people[one]["id"] == user_id), "")
        if not email or body.role not in ("member", "admin"):
            raise HTTPException(404, "no such member")
        members[slug][email] = body.role
        return {"id": user_id, "role": body.role}

    @app.get(f"{inside}/export", response_class=PlainTextResponse)
    def export(slug: Annotated[str, Depends(ranked("export"))]) -> str:
        return "\n".join(
            ["name,title", *(f"{key},{one['title']}" for key, one in projects.items() if one["slug"] == slug)]
        )

    def project_of(project_id: str, slug: Annotated[str, Depends(place)]) -> str:
        if project_id not in projects or (projects[project_id]["slug"] != slug and "project" not in faults):
            raise HTTPException(404, "no such project")
        return project_id

    def task_of(task_id: int, project: Annotated[str, Depends(project_of)]) -> int:
        if task_id not in tasks or (tasks[task_id]["project_id"] != project and "child" not in faults):
            raise HTTPException(404, "no such task")
        return task_id

    @app.get(f"{inside}/projects")
    def all_projects(slug: Annotated[str, Depends(place)]) -> list[dict[str, str]]:
        return [{"id": key, "title": one["title"]} for key, one in projects.items() if one["slug"] == slug]

    @app.post(f"{inside}/projects", status_code=201)
    def new_project(body: Titled, slug: Annotated[str, Depends(place)]) -> dict[str, str]:
        projects[key := secrets.token_hex(6)] = {"slug": slug, "title": body.title}
        return {"id": key, "title": body.title}

    @app.get(f"{inside}/projects/{{project_id}}")
    def one_project(key: Annotated[str, Depends(project_of)]) -> dict[str, str]:
        return {"id": key, "title": projects[key]["title"]}

    @app.get(f"{inside}/projects/{{project_id}}/tasks")
    def all_tasks(project: Annotated[str, Depends(project_of)]) -> list[dict[str, Any]]:
        return [one for one in tasks.values() if one["project_id"] == project]

    @app.post(f"{inside}/projects/{{project_id}}/tasks", status_code=201)
    def new_task(body: Titled, project: Annotated[str, Depends(project_of)]) -> dict[str, Any]:
        number = len(tasks) + 100
        tasks[number] = {"id": number, "project_id": project, "title": body.title}
        return tasks[number]

    one_task = f"{inside}/projects/{{project_id}}/tasks/{{task_id}}"

    @app.get(one_task)
    def read(number: Annotated[int, Depends(task_of)]) -> dict[str, Any]:
        return tasks[number]

    @app.put(one_task)
    def write(body: Titled, number: Annotated[int, Depends(task_of)]) -> dict[str, Any]:
        tasks[number] = tasks[number] | {"title": body.title}
        return tasks[number]

    @app.delete(one_task, status_code=204)
    def remove(number: Annotated[int, Depends(task_of)]) -> None:
        tasks[number] = {"id": 0, "project_id": "", "title": ""}

    return app
