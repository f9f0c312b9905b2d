"""Notes that anybody may read unless their maker marks them as private. Each way in which the mark can be forgotten, and the app that keeps it."""

import secrets
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Form, Header, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from launchready.ground.prover import Prover
from launchready.ground.result import Harm, Proof
from launchready.model.project import Environment, Project
from launchready.model.surface import Access, Endpoint, Input, Span, Surface
from launchready.model.words import Confidence
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.stages.access.proof.questions import access_questions
from pydantic import BaseModel

from tests.support.people import serve_asgi


class Account(BaseModel):
    email: str
    password: str


class Note(BaseModel):
    title: str
    is_private: bool = False


def notes(*faults: str) -> FastAPI:
    """``id`` shows a private note to every member, ``stranger`` to everybody, ``list`` names it in the list of all."""
    app = FastAPI()
    people, sessions, kept = dict[str, str](), dict[str, str](), dict[int, dict[str, Any]]()

    @app.post("/signup", status_code=201)
    def up(given: Account) -> dict[str, str]:
        if given.email in people:
            raise HTTPException(409, "taken")
        people[given.email] = given.password
        return {"email": given.email}

    @app.post("/login")
    def in_(given: Account) -> dict[str, str]:
        if people.get(given.email) != given.password:
            raise HTTPException(401, "no")
        sessions[token := secrets.token_hex(16)] = given.email
        return {"access_token": token}

    def who(authorization: Annotated[str, Header()] = "") -> str:
        if (email := sessions.get(authorization.removeprefix("Bearer "))) is None:
            raise HTTPException(401, "sign in")
        return email

    def somebody(authorization: Annotated[str, Header()] = "") -> str:
        return sessions.get(authorization.removeprefix("Bearer "), "")

    @app.get("/me")
    def me(email: Annotated[str, Depends(who)]) -> dict[str, str]:
        return {"email": email}

    @app.post("/notes", status_code=201)
    def make(given: Note, email: Annotated[str, Depends(who)]) -> dict[str, Any]:
        number = 700 + len(kept)
        kept[number] = {"id": number, "title": given.title, "is_private": given.is_private, "by": email}
        return kept[number]

    def hidden(note: dict[str, Any], email: str, fault: str) -> bool:
        return bool(note["is_private"]) and note["by"] != email and fault not in faults

    @app.get("/notes")
    def listed(email: Annotated[str, Depends(who)]) -> list[dict[str, Any]]:
        return [one for one in kept.values() if not hidden(one, email, "list")]

    @app.get("/notes/{note_id}")
    def read(note_id: int, email: Annotated[str, Depends(somebody)]) -> dict[str, Any]:
        note = kept.get(note_id)
        if note is None or hidden(note, email, "id" if email else "stranger"):
            raise HTTPException(404, "none")
        return note

    @app.delete("/notes/{note_id}")
    def delete(note_id: int, email: Annotated[str, Depends(who)]) -> dict[str, bool]:
        if note_id not in kept or kept[note_id]["by"] != email:
            raise HTTPException(404, "none")
        return {"gone": bool(kept.pop(note_id))}

    return app


async def proof(app: FastAPI, *endpoints: Endpoint) -> Proof:
    with serve_asgi(app) as url:
        environment, project = Environment("local", url, writes=True), Project("app", "/nonexistent")
        async with Site.open(url) as site:
            surface = Surface(endpoints)
            guest = GuestSweep(site, surface)
            return await Prover(site, surface, guest, project, environment, [access_questions(project)]).proof()


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        ((), []),
        (("id",), [("GET /notes/{note_id}", "Any member")]),
        (("id", "stranger"), [("GET /notes/{note_id}", "Anyone on the internet")]),
        (("list",), [("GET /notes", "Any member")]),
    ],
)
async def test_what_is_marked_as_private_stays_its_makers(faults: tuple[str, ...], told: list[tuple[str, str]]) -> None:
    app = notes(*faults)
    found = await proof(app)
    private = [alarm for alarm in found.alarms if alarm.harm is Harm.READS and "keeps private" in alarm.title]
    assert [alarm.route for alarm in private] == [route for route, _ in told]
    assert all(alarm.title.startswith(who) for alarm, (_, who) in zip(private, told, strict=True))
    assert all(alarm.confidence is Confidence.PROVEN for alarm in private)
    assert all(made.removed for made in found.made if "/notes" in made.path), "a note of the run is still there"


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_form_with_a_box_for_it(guarded: bool) -> None:
    app, kept = notes(), dict[int, dict[str, Any]]()
    people, sessions = dict[str, str](), dict[str, str]()
    app.router.routes.clear()

    def page(text: str) -> HTMLResponse:
        return HTMLResponse(f"<!doctype html><title>Notes</title>{text}")

    def who(request: Request) -> str:
        if (email := sessions.get(request.cookies.get("sid", ""))) is None:
            raise HTTPException(401, "sign in")
        return email

    account = '<form method="post"><input name="email" type="email"><input name="password" type="password"></form>'
    app.get("/register")(lambda: page(account))
    app.get("/login")(lambda: page(account))

    @app.post("/register")
    def register(email: Annotated[str, Form()], password: Annotated[str, Form()]) -> Response:
        if email in people:
            raise HTTPException(409, "taken")
        people[email] = password
        return RedirectResponse("/login", 303)

    @app.post("/login")
    def sign_in(email: Annotated[str, Form()], password: Annotated[str, Form()]) -> Response:
        if people.get(email) != password:
            raise HTTPException(401, "no")
        sessions[sid := secrets.token_hex(16)] = email
        answer = RedirectResponse("/posts/mine", 303)
        answer.set_cookie("sid", sid, httponly=True, samesite="lax")
        return answer

    @app.get("/posts/new")
    def starting(email: Annotated[str, Depends(who)]) -> Response:
        return page(
            '<form method="post"><input name="title"><input type="checkbox" name="is_private" value="1"></form>'
        )

    @app.post("/posts/new")
    def new(
        title: Annotated[str, Form()], email: Annotated[str, Depends(who)], is_private: Annotated[str, Form()] = ""
    ) -> Response:
        kept[len(kept) + 1] = {"title": title, "private": bool(is_private), "by": email}
        return RedirectResponse("/posts/mine", 303)

    @app.get("/posts/mine")
    def mine(email: Annotated[str, Depends(who)]) -> Response:
        rows = [
            f'<li><a href="/posts/{number}">{one["title"]}</a></li>'
            for number, one in kept.items()
            if one["by"] == email
        ]
        return page(f"<h1>{email}</h1><ul>{''.join(reversed(rows))}</ul>")

    @app.get("/posts/{post_id}")
    def read(post_id: int, email: Annotated[str, Depends(who)]) -> Response:
        post = kept.get(post_id)
        if post is None or (guarded and post["private"] and post["by"] != email):
            raise HTTPException(404, "none")
        return page(f"<h1>{post['title']}</h1>")

    def endpoint(method: str, path: str, *inputs: Input) -> Endpoint:
        action = "read" if method == "GET" else "write"
        return Endpoint(method, path, "FastAPI", (), action, Access(), inputs, Span("app.py", 1))

    number = Input("post_id", "path", "int", required=True)
    known = (
        endpoint("GET", "/posts/new"),
        endpoint("POST", "/posts/new", Input("title", "form", "str"), Input("is_private", "form", "bool")),
        endpoint("GET", "/posts/mine"),
        endpoint("GET", "/posts/{post_id}", number),
    )
    found = await proof(app, *known)
    told = [alarm.route for alarm in found.alarms if "keeps private" in alarm.title]
    assert told == ([] if guarded else ["GET /posts/{post_id}"])
