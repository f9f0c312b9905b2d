"""A desk of pages, whose forms hide a token of the session: it is read there, and in a header for what scripts send."""

import secrets
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

TOKEN = '<input type="hidden" name="csrf_token" value="{}">'


def desk(*faults: str) -> FastAPI:
    """``faults``: ``edit`` lets everybody change every note, ``session`` keeps a session after signing out."""
    app = FastAPI()
    people, signed_in, sessions = dict[str, str](), dict[str, str](), dict[str, str]()
    notes = dict[int, dict[str, Any]]()

    def page(request: Request, text: str) -> HTMLResponse:
        sid = request.cookies.get("sid", "")
        if sid not in sessions:
            sessions[sid := secrets.token_hex(12)] = secrets.token_hex(16)
        out = (
            f'<form method="post" action="/logout">{TOKEN}<button>Sign out</button></form>' if sid in signed_in else ""
        )
        shown = HTMLResponse(
            f"<!doctype html><title>Desk</title>{out}{text}".replace(TOKEN, TOKEN.format(sessions[sid]))
        )
        shown.set_cookie("sid", sid, httponly=True, samesite="lax")
        return shown

    def form(request: Request, csrf_token: Annotated[str, Form()] = "") -> str:
        sid = request.cookies.get("sid", "")
        if request.url.path.endswith("/delete"):
            csrf_token = request.headers.get("x-csrf-token", "")
        if not csrf_token or sessions.get(sid) != csrf_token:
            raise HTTPException(400, "CSRF token missing")
        return sid

    def who(request: Request) -> str:
        email = signed_in.get(request.cookies.get("sid", ""))
        if email is None:
            raise HTTPException(401, "Please sign in")
        return email

    @app.get("/register", response_class=HTMLResponse)
    def registering(request: Request) -> Response:
        return page(
            request,
            f'<form method="post">{TOKEN}<input name="email" type="email"><input name="password" type="password"></form>',
        )

    @app.post("/register", dependencies=[Depends(form)])
    def register(email: Annotated[str, Form()], password: Annotated[str, Form()]) -> Response:
        if "@" not in email or len(password) < 8 or email in people:
            raise HTTPException(422, "no")
        people[email] = password
        return RedirectResponse("/login", 303)

    @app.get("/login", response_class=HTMLResponse)
    def signing_in(request: Request) -> Response:
        return page(
            request,
            f'<form method="post">{TOKEN}<input name="email" type="email"><input name="password" type="password"></form>',
        )

    @app.post("/login")
    def sign_in(
        email: Annotated[str, Form()], password: Annotated[str, Form()], old: Annotated[str, Depends(form)]
    ) -> Response:
        if people.get(email) != password:
            raise HTTPException(401, "no")
        del sessions[old]
        sessions[sid := secrets.token_hex(12)] = secrets.token_hex(16)
        signed_in[sid] = email
        answer = RedirectResponse("/notes", 303)
        answer.set_cookie("sid", sid, httponly=True, samesite="lax")
        return answer

    @app.post("/logout")
    def sign_out(sid: Annotated[str, Depends(form)]) -> Response:
        if "session" not in faults:
            signed_in.pop(sid, None)
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie("sid")
        return answer

    @app.get("/notes", response_class=HTMLResponse)
    def listed(request: Request, email: Annotated[str, Depends(who)]) -> Response:
        mine = [(number, one) for number, one in notes.items() if one["by"] == email]
        rows = "".join(f'<li><a href="/notes/{number}">{one["title"]}</a></li>' for number, one in mine)
        return page(request, f"<h1>Notes of {email}</h1><ul>{rows}</ul>")

    @app.get("/notes/new", response_class=HTMLResponse)
    def starting(request: Request, email: Annotated[str, Depends(who)]) -> Response:
        return page(request, f'<p>{email}</p><form method="post">{TOKEN}<input name="title" required></form>')

    @app.post("/notes/new", dependencies=[Depends(form)])
    def new(title: Annotated[str, Form()], email: Annotated[str, Depends(who)]) -> Response:
        notes[number := 100 + len(notes)] = {"by": email, "title": title}
        return RedirectResponse(f"/notes/{number}", 303)

    def note(note_id: int, email: Annotated[str, Depends(who)]) -> dict[str, Any]:
        if note_id not in notes or notes[note_id]["by"] != email:
            raise HTTPException(404, "no such note")
        return notes[note_id]

    @app.get("/notes/{note_id}", response_class=HTMLResponse)
    def read(note_id: int, request: Request, one: Annotated[dict[str, Any], Depends(note)]) -> Response:
        change = f'<form method="post" action="/notes/{note_id}/edit">{TOKEN}<input name="title" value="{one["title"]}"></form>'
        return page(request, f"<h1>{one['title']}</h1>{change}")

    @app.post("/notes/{note_id}/edit", dependencies=[Depends(form)])
    def edit(note_id: int, title: Annotated[str, Form()], email: Annotated[str, Depends(who)]) -> Response:
        if note_id not in notes or (notes[note_id]["by"] != email and "edit" not in faults):
            raise HTTPException(404, "no such note")
        notes[note_id]["title"] = title
        return RedirectResponse(f"/notes/{note_id}", 303)

    @app.post("/notes/{note_id}/delete", dependencies=[Depends(form)])
    def delete(note_id: int, email: Annotated[str, Depends(who)]) -> Response:
        if note_id not in notes or (notes[note_id]["by"] != email and "edit" not in faults):
            raise HTTPException(404, "no such note")
        notes[note_id] = {"by": "", "title": ""}
        return RedirectResponse("/notes", 303)

    return app
