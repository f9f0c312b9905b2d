"""An app of pages that writes beside its session who somebody is, ``loggedIn=true; userId=7; role=user``, and may believe it."""

import secrets
from typing import Annotated

import pytest
from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from launchready.ground.prover import Prover
from launchready.ground.result import Harm, Proof
from launchready.model.project import Environment, Identity, Project, Reference
from launchready.model.surface import Surface
from launchready.model.words import Confidence
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.stages.access.proof.questions import access_questions

from tests.support.people import gathered, reasons, serve_asgi

WORD = "pw-of-the-boss-1"
FORM = '<form method="post"><input name="{}" required><input name="email" type="email"><input name="password" type="password"></form>'


def club(*faults: str) -> FastAPI:
    """``session`` lets in whoever writes the cookies, ``rank`` believes the one that says a role, ``profile`` shows everybody everybody's page, ``names`` without the address, which the administrator is shown."""
    app = FastAPI()
    people = [{"id": 41, "name": "boss", "email": "boss@club.example", "password": WORD, "role": "admin"}]
    sessions = dict[str, int]()

    def who(request: Request) -> dict[str, object]:
        number = sessions.get(request.cookies.get("sid", ""), 0)
        if not number and "session" in faults and request.cookies.get("loggedIn") == "true":
            number = int(request.cookies.get("userId", "0"))
        for one in people:
            if one["id"] == number:
                return one
        raise HTTPException(401, "sign in")

    def page(text: str) -> HTMLResponse:
        return HTMLResponse(f"<!doctype html><title>Club</title>{text}")

    @app.get("/register")
    def registering() -> Response:
        return page(FORM.format("name"))

    @app.post("/register")
    def register(
        name: Annotated[str, Form()], email: Annotated[str, Form()], password: Annotated[str, Form()]
    ) -> Response:
        if any(one["email"] == email for one in people):
            return page("<p>Vergeben</p>" + FORM.format("name"))
        people.append({"id": 42 + len(people), "name": name, "email": email, "password": password, "role": "user"})
        return page("<p>Konto angelegt</p>" + FORM.format("name"))

    @app.get("/login")
    def signing_in() -> Response:
        return page('<form method="post"><input name="email"><input name="password" type="password"></form>')

    @app.post("/login")
    def sign_in(email: Annotated[str, Form()], password: Annotated[str, Form()]) -> Response:
        one = next((p for p in people if (p["email"], p["password"]) == (email, password)), None)
        if one is None:
            raise HTTPException(401, "no")
        sessions[sid := secrets.token_hex(16)] = int(str(one["id"]))
        answer = RedirectResponse("/home", 303)
        answer.set_cookie("sid", sid, httponly=True, samesite="lax")
        for name, value in (("loggedIn", "true"), ("userId", str(one["id"])), ("role", str(one["role"]))):
            answer.set_cookie(name, value, httponly=True, samesite="lax")
        return answer

    @app.get("/home")
    def home(request: Request) -> Response:
        return page(f"<h1>Hello {who(request)['email']}</h1>")

    @app.get("/profile/{user_id}")
    def profile(user_id: int, request: Request) -> Response:
        one, asks = next((p for p in people if p["id"] == user_id), None), who(request)
        if one is None or (one is not asks and not {"profile", "names"}.intersection(faults)):
            raise HTTPException(404, "nobody")
        shown = one is asks or "profile" in faults or asks["role"] == "admin"
        return page(
            f"<h1>{one['name']}</h1><p>{one['email'] if shown else 'a member'}</p><p>Joined {one['id']}</p><p>Likes tea</p><p>Room {one['id']}</p>"
        )

    @app.get("/admin/people")
    def admin(request: Request) -> Response:
        role = request.cookies.get("role") if "rank" in faults else who(request)["role"]
        who(request)
        if role != "admin":
            raise HTTPException(403, "for administrators")
        return page(
            "<ul>" + "".join(f"<li>row {one['id']}</li>" for one in people) + "</ul><p>12 jars, 7 keys, 3 rooms</p>"
        )

    return app


async def proof(app: FastAPI) -> Proof:
    boss = Identity("boss", "", username="boss@club.example", password=Reference("CLUB_BOSS"))
    with serve_asgi(app) as url:
        environment, project = (
            Environment("local", url, writes=True),
            Project("app", "/nonexistent", identities=(boss,)),
        )
        async with Site.open(url) as site:
            guest = GuestSweep(site, Surface())
            return await Prover(site, Surface(), guest, project, environment, [access_questions(project)]).proof()


async def test_who_can_sign_in_has_signed_up_though_the_form_came_back() -> None:
    with serve_asgi(club()) as url:
        async with gathered(url) as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"], reasons(ground)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("", []),
        ("session", ["cookies that only say who one is are believed"]),
        ("rank", ["make themselves admin: a cookie that says so is believed"]),
    ],
)
async def test_cookies_that_only_say_who_one_is(monkeypatch: pytest.MonkeyPatch, fault: str, told: list[str]) -> None:
    monkeypatch.setenv("CLUB_BOSS", WORD)
    found = [alarm for alarm in (await proof(club(fault))).alarms if alarm.harm is Harm.TOKEN]
    assert [any(one in alarm.title for one in told) for alarm in found] == [True] * len(told), [
        one.title for one in found
    ]
    assert all(alarm.confidence is Confidence.PROVEN for alarm in found)


@pytest.mark.parametrize("fault", ["", "profile", "names"])
async def test_the_page_of_a_person_whose_number_stands_in_a_cookie(
    monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setenv("CLUB_BOSS", WORD)
    found = [alarm for alarm in (await proof(club(fault))).alarms if alarm.harm is Harm.READS]
    assert [alarm.route for alarm in found] == (["GET /profile/{user_id}"] if fault == "profile" else [])
    assert all(alarm.confidence is Confidence.SUSPECTED for alarm in found)
