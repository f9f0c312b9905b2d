"""Small apps with the sign-ups and sign-ins people write. Each keeps its users in memory and has one private address or more."""

import base64
import re
import secrets
import time
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Body, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import BaseModel, Field
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.responses import Response as StarletteResponse
from starlette.routing import Route

ADA = {"email": "ada@example.com", "username": "ada@example.com", "password": "right-horse"}


class Users:
    """Users by address, and the sessions that were given out."""

    def __init__(self, *users: dict[str, Any]) -> None:
        self.users = {user["email"]: dict(user) for user in users}
        self.sessions: dict[str, str] = {}

    def check(self, name: object, password: object) -> dict[str, Any] | None:
        """The user with this address or name, if the password is theirs."""
        for user in self.users.values():
            if name in (user["email"], user.get("username")) and password == user["password"]:
                return user
        return None

    def session(self, user: dict[str, Any]) -> str:
        """A new session."""
        token = secrets.token_urlsafe(24)
        self.sessions[token] = user["email"]
        return token

    def of(self, token: str) -> dict[str, Any]:
        """Whose session it is. Raises 401."""
        email = self.sessions.get(token)
        if email is None:
            raise HTTPException(401, "sign in")
        return self.users[email]


def bearer(request: Request) -> str:
    """The token of the Authorization header."""
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def private(app: FastAPI, users: Users, token: Any = bearer) -> None:
    """Add the address that only its user may see."""

    @app.get("/api/me")
    def me(request: Request) -> dict[str, Any]:
        user = users.of(token(request))
        return {key: value for key, value in user.items() if key != "password"}


def json_app(path: str = "/api/login") -> FastAPI:
    """Signs in by JSON, answers with a token deep in its answer."""
    app, users = FastAPI(), Users(ADA)
    private(app, users)

    @app.post(path)
    def login(body: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        user = users.check(body.get("email"), body.get("password"))
        if user is None:
            raise HTTPException(401, "wrong")
        return {"status": "ok", "data": {"user": {"id": 1}, "credentials": {"accessToken": users.session(user)}}}

    return app


class _ByProvider(BaseModel):
    username: str
    password: str
    provider: Literal["db", "ldap"]
    refresh: bool = False


def provider_app() -> FastAPI:
    """Signs in by JSON that must also say where its users are kept, as Flask-AppBuilder does."""
    app, users = FastAPI(), Users(ADA)
    private(app, users)

    @app.post("/security/login")
    def login(body: _ByProvider) -> dict[str, Any]:
        user = users.check(body.username, body.password) if body.provider == "db" else None
        if user is None:
            raise HTTPException(401, "wrong")
        return {"access_token": users.session(user)}

    return app


def odd_app() -> FastAPI:
    """Signs in at an address nobody would guess, with odd names, and wants its token in a header of its own."""
    app, users = FastAPI(openapi_url=None), Users(ADA)
    private(app, users, lambda request: request.headers.get("x-pass", "").removeprefix("P "))

    @app.put("/knock")
    def knock(body: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        who = body.get("visitor", {})
        user = users.check(who.get("handle"), who.get("word"))
        if user is None or body.get("realm") != "staff":
            raise HTTPException(401, "wrong")
        return {"answer": [{"ticket": users.session(user)}]}

    return app


def oauth_app() -> FastAPI:
    """Signs in by the OAuth2 password grant, with nothing in the name of the address."""
    app, users = FastAPI(), Users(ADA)
    private(app, users)

    @app.post("/connect/token")
    def token(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> dict[str, Any]:
        user = users.check(form.username, form.password)
        if user is None:
            raise HTTPException(400, "invalid_grant")
        return {"access_token": users.session(user), "token_type": "bearer"}

    return app


def key_app(name: str, where: str) -> FastAPI:
    """Wants a key in a header or in the query."""
    app = FastAPI()

    @app.get("/api/me")
    def me(request: Request) -> dict[str, str]:
        given = request.headers.get(name) if where == "header" else request.query_params.get(name)
        if given != "k-0123456789":
            raise HTTPException(401, "sign in")
        return {"email": "ada@example.com"}

    return app


def basic_app() -> FastAPI:
    """HTTP Basic and nothing else."""
    app, users = FastAPI(), Users(ADA)

    @app.get("/api/me")
    def me(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Basic ")
        name, _, password = base64.b64decode(given).decode().partition(":")
        user = users.check(name, password)
        if user is None:
            return Response(status_code=401, headers={"WWW-Authenticate": 'Basic realm="app"'})
        return JSONResponse({"email": user["email"]})

    return app


PAGE = """<html><body><a href="/signup">Sign up</a>
<form method="post" action="{action}"><input type="hidden" name="csrf" value="{csrf}">{fields}<button>Go</button></form></body></html>"""
LOGIN_FIELDS = '<input name="identifier"><input type="password" name="secret">{error}'
SIGNUP_FIELDS = """<input type="email" name="mail" required><input name="nick" required pattern="[a-z]+" maxlength="12">
<input type="tel" name="mobile" required><input type="date" name="born" required>
<select name="plan"><option value="">choose</option><option value="free">Free</option></select>
<input type="password" name="password1" required minlength="12"><input type="password" name="password2" required>
<input type="checkbox" name="accept_terms">{error}"""


def form_app(
    *,
    open_to_all: bool = True,
    captcha: bool = False,
    sends_back: bool = False,
    waits: bool = False,
    names: str = "",
    before: int = 0,
    tells: bool = False,
) -> Starlette:
    """Pages with CSRF tokens that are bound to a cookie, a session cookie, and a sign-up with rules.

    ``sends_back``: whoever signs in is sent to the login page again, as by a broken session store. ``waits``: somebody has to let
    a new account in, which nobody does. ``names``: the dashboard is open to everybody, and names whoever is signed in: ``always``, or
    ``once``, as a greeting does, after which there is no session. ``before`` is how many letters stand before a page's token, ``tells``
    whether signing in says that nobody has an account.
    """
    users, tokens = Users(ADA), set[str]()

    def page(action: str, fields: str, error: str = "") -> StarletteResponse:
        csrf = secrets.token_hex(16)
        tokens.add(csrf)
        text = PAGE.format(action=action, csrf=csrf, fields=fields.format(error=error))
        response = HTMLResponse("<!--" + "-" * max(0, before - text.index(csrf) - 7) + "-->" + text)
        response.set_cookie("csrf", csrf)
        # Many apps hand out a session before anybody has signed in.
        response.set_cookie("sid", secrets.token_hex(16))
        return response

    async def login(request: Any) -> StarletteResponse:
        if request.method == "GET":
            return page("/login", LOGIN_FIELDS)
        given = await request.form()
        if request.cookies.get("csrf") != given.get("csrf") or given.get("csrf") not in tokens:
            return PlainTextResponse("CSRF verification failed", 403)
        user = users.check(given.get("identifier"), given.get("secret"))
        if user is None:
            nobody = tells and given.get("identifier") not in {user["username"] for user in users.users.values()}
            return page("/login", LOGIN_FIELDS, f'<p class="error">{"nobody" if nobody else "wrong"}</p>')
        response = RedirectResponse("/login" if sends_back else "/dashboard", 303)
        response.set_cookie("sid", "nothing" if sends_back else users.session(user))
        return response

    async def signup(request: Any) -> StarletteResponse:
        fields = SIGNUP_FIELDS + ('<div class="g-recaptcha"></div>' if captcha else "")
        if not open_to_all:
            return HTMLResponse("<html><body>Registration is closed.</body></html>")
        if request.method == "GET":
            return page("/signup", fields)
        given = await request.form()
        wrong = (
            captcha
            or request.cookies.get("csrf") != given.get("csrf")
            or not re.fullmatch("[a-z]{3,12}", str(given.get("nick")))
            or not re.fullmatch(r"\+?\d{10,15}", str(given.get("mobile")))
            or not re.fullmatch(r"\d{4}-\d\d-\d\d", str(given.get("born")))
            or given.get("plan") != "free"
            or given.get("password1") != given.get("password2")
            or len(str(given.get("password1"))) < 12
            or not given.get("accept_terms")
        )
        if wrong:
            return page("/signup", fields, '<p class="error">something is wrong</p>')
        user = {"email": given["mail"], "username": given["nick"], "password": given["password1"]}
        users.users[str(given["mail"])] = user | ({"password": None} if waits else {})
        return RedirectResponse("/login", 303)

    async def dashboard(request: Any) -> StarletteResponse:
        session = request.cookies.get("sid", "")
        email = users.sessions.get(session)
        if names == "once":
            users.sessions.pop(session, None)
        if names:
            number = list(users.users).index(email) if email else ""
            return HTMLResponse(
                f'<p>{email}</p><a href="/people/0">the maker</a><form action="/people/{number}"></form>'
            )
        return HTMLResponse(f"<p>{email}</p>") if email else RedirectResponse("/login", 303)

    return Starlette(
        routes=[
            Route("/login", login, methods=["GET", "POST"]),
            Route("/signup", signup, methods=["GET", "POST"]),
            Route("/dashboard", dashboard),
            Route("/admin", lambda _request: PlainTextResponse("no", 403)),
        ]
    )


class NewUser(BaseModel):
    """What the nested sign-up wants of a user."""

    username: str = Field(pattern="^[A-Za-z]+$", max_length=20)
    email: str
    password: str = Field(min_length=8)
    gender: str = Field(pattern="^(f|m|x)$", json_schema_extra={"enum": ["f", "m", "x"]})
    birth_date: str = Field(pattern=r"^\d{4}-\d\d-\d\d$")
    phone: str = Field(pattern=r"^\d{10}$")


class Envelope(BaseModel):
    """RealWorld and Rails style: everything below ``user``."""

    user: NewUser


def nested_app() -> FastAPI:
    """Sign-up and sign-in with nested bodies, a token below ``user`` and a header that says Token."""
    app, users = FastAPI(), Users()

    def token(request: Request) -> str:
        return request.headers.get("authorization", "").removeprefix("Token ")

    private(app, users, token)

    def shown(user: dict[str, Any]) -> dict[str, Any]:
        return {"user": {"email": user["email"], "username": user["username"], "token": users.session(user)}}

    @app.post("/api/users", status_code=201)
    def sign_up(body: Envelope) -> dict[str, Any]:
        users.users[body.user.email] = body.user.model_dump()
        return shown(users.users[body.user.email])

    return app


class _Named(BaseModel):
    name: str
    password: str = Field(min_length=8)


def put_app() -> FastAPI:
    """Accounts are put at an address of their own, as in CouchDB; putting one once more with its password signs in."""
    app, users = FastAPI(), Users()

    @app.get("/-/me")
    def me(request: Request) -> dict[str, Any]:
        return {"email": users.of(bearer(request))["email"]}

    @app.put("/-/user/{org_couchdb_user}", status_code=201)
    def put(org_couchdb_user: str, body: _Named) -> dict[str, Any]:
        if org_couchdb_user != f"org.couchdb.user:{body.name}":
            raise HTTPException(400, "the name is not that of the address")
        address = f"{body.name}@example.com"
        if users.users.setdefault(address, {"email": address, "password": body.password})["password"] != body.password:
            raise HTTPException(401, "wrong")
        return {"ok": True, "token": users.session(users.users[address])}

    return app


def claiming_app(login: str) -> FastAPI:
    """Signs anybody up, and answers 200 to a sign-in that lets nobody in: ``error`` in the body, or a token that ``opens nothing``."""
    app, users = FastAPI(), Users()
    private(app, users)

    @app.post("/api/signup", status_code=201)
    def sign_up(body: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        return {"id": 7, "email": body.get("email")}

    @app.post("/api/login")
    def sign_in() -> dict[str, Any]:
        if login == "error":
            return {"success": False, "error": "account locked", "token": None}
        return {"token": secrets.token_urlsafe(24)}

    return app


def basic_token_app(scheme: str = "Basic") -> FastAPI:
    """Signs up by JSON; ``POST /api/tokens`` gives a token for a name and a password in the header that browsers know. ``scheme`` is what it asks for by name."""
    app, users = FastAPI(), Users(ADA)
    private(app, users)
    asked = {"WWW-Authenticate": f'{scheme} realm="people"'}

    @app.post("/api/people", status_code=201)
    def sign_up(body: Annotated[dict[str, Any], Body()]) -> dict[str, str]:
        if not all(isinstance(body.get(name), str) for name in ("email", "username", "password")):
            raise HTTPException(400, "must include email, username and password fields")
        users.users[body["email"]] = body
        return {"username": body["username"]}

    @app.post("/api/tokens")
    def token(request: Request) -> dict[str, str]:
        pair = request.headers.get("authorization", "").removeprefix("Basic ")
        name, _, password = base64.b64decode(pair).decode().partition(":")
        user = users.check(name, password)
        if user is None:
            raise HTTPException(401, "who are you?", headers=asked)
        return {"token": users.session(user)}

    return app


def invited_app() -> FastAPI:
    """Lets those sign up who were sent a code."""
    app, users = FastAPI(), Users()
    private(app, users)

    @app.post("/api/register")
    def register() -> None:
        raise HTTPException(400, "Invalid registration code")

    return app


def failing_app() -> FastAPI:
    """Fails at every sign-up, as where no mail can be sent."""
    app, users = FastAPI(), Users()
    private(app, users)

    @app.post("/api/register")
    def register() -> None:
        raise HTTPException(500, "Internal Server Error")

    return app


def closed_app() -> FastAPI:
    """Lets nobody sign up."""
    app, users = FastAPI(), Users()
    private(app, users)

    @app.post("/api/register")
    def register() -> None:
        raise HTTPException(403, "Registration is disabled")

    return app


class Signup(BaseModel):
    """A flat sign-up."""

    email: str
    password: str = Field(min_length=10)
    accept_terms: bool


def mail_app(send: Any, *, code: bool = False, outbox: bool = False) -> FastAPI:
    """Lets nobody in before the address is confirmed, by a link or by a code out of the letter that ``send`` sends."""
    app, users = FastAPI(), Users()
    private(app, users)
    tokens: dict[str, str] = {}
    letters: list[dict[str, str]] = []

    @app.post("/api/signup", status_code=201)
    def sign_up(body: Signup) -> dict[str, str]:
        if not body.accept_terms:
            raise HTTPException(422, "terms must be accepted")
        users.users[body.email] = {"email": body.email, "password": body.password, "active": False}
        token = str(secrets.randbelow(900000) + 100000) if code else secrets.token_urlsafe(24)
        tokens[token] = body.email
        text = f"Your code is {token}" if code else f"Welcome! http://app.example.com/verify-email?token={token}"
        if outbox:
            letters.append({"to": body.email, "text": text})
        else:
            send(body.email, text)
        return {"message": "Check your inbox to confirm your e-mail address"}

    @app.get("/verify-email")
    def verify(token: str) -> dict[str, str]:
        return confirmed(token)

    @app.post("/api/confirm")
    def confirm(body: Annotated[dict[str, str], Body()]) -> dict[str, str]:
        return confirmed(body.get("token", ""))

    def confirmed(token: str) -> dict[str, str]:
        if token not in tokens:
            raise HTTPException(400, "no such token")
        users.users[tokens.pop(token)]["active"] = True
        return {"message": "thank you"}

    @app.post("/api/login")
    def login(body: Annotated[dict[str, Any], Body()]) -> dict[str, str]:
        user = users.check(body.get("email"), body.get("password"))
        if user is None:
            raise HTTPException(401, "wrong")
        if not user["active"]:
            raise HTTPException(403, "e-mail address not confirmed")
        return {"token": users.session(user)}

    if outbox:

        @app.get("/dev/emails")
        def emails() -> list[dict[str, str]]:
            return letters

    return app


class Workspace(BaseModel):
    """A new workspace."""

    name: str
    slug: str = Field(pattern="^[a-z]+$")


class Member(BaseModel):
    """Somebody to be added."""

    email: str
    role: str = Field(json_schema_extra={"enum": ["viewer", "manager", "owner"]})


def workspace_app(way: str, *, open_reads: bool = False) -> FastAPI:
    """Workspaces with members, made after sign-up. ``way``: ``add`` an account, ``invite`` by a token, ``none``, or ``pretend``
    to add. ``open_reads``: anybody signed in may read any workspace, as in many apps that are not ready."""
    app, users = FastAPI(), Users()
    private(app, users)
    members: dict[str, dict[str, str]] = {}
    invites: dict[str, tuple[str, str, str]] = {}

    @app.post("/api/signup", status_code=201)
    def sign_up(body: Signup) -> dict[str, str]:
        users.users[body.email] = {"id": str(len(users.users) + 1), "email": body.email, "password": body.password}
        return {"token": users.session(users.users[body.email])}

    @app.post("/api/workspaces", status_code=201)
    def make(body: Workspace, request: Request) -> dict[str, str]:
        number = f"ws{len(members) + 1}"
        members[number] = {users.of(bearer(request))["email"]: "owner"}
        return {"id": number, "name": body.name, "slug": body.slug}

    def entered(number: str, request: Request, *roles: str) -> str:
        email = str(users.of(bearer(request))["email"])
        role = members.get(number, {}).get(email, "viewer" if open_reads and not roles else "")
        if not role or (roles and role not in roles):
            raise HTTPException(403, "not yours")
        return role

    @app.get("/api/workspaces/{workspace_id}")
    def read(workspace_id: str, request: Request) -> dict[str, str]:
        return {"id": workspace_id, "role": entered(workspace_id, request)}

    @app.get("/api/workspaces/{workspace_id}/members")
    def everybody(workspace_id: str, request: Request) -> list[dict[str, str]]:
        entered(workspace_id, request)
        return [{"email": email, "role": role} for email, role in members.get(workspace_id, {}).items()]

    if way in ("add", "pretend"):

        @app.post("/api/workspaces/{workspace_id}/members", status_code=201)
        def add(workspace_id: str, body: Member, request: Request) -> dict[str, str]:
            entered(workspace_id, request, "owner")
            if body.email not in users.users:
                raise HTTPException(404, "no such account")
            if way == "add":
                members[workspace_id][body.email] = body.role
            return {"email": body.email, "role": body.role}

    if way == "invite":

        @app.post("/api/workspaces/{workspace_id}/invitations", status_code=201)
        def invite(workspace_id: str, body: Member, request: Request) -> dict[str, str]:
            entered(workspace_id, request, "owner")
            token = secrets.token_urlsafe(16)
            invites[token] = (workspace_id, body.email, body.role)
            return {"email": body.email, "invite_token": token}

        @app.post("/api/invitations/accept")
        def accept(body: Annotated[dict[str, str], Body()], request: Request) -> dict[str, str]:
            email = users.of(bearer(request))["email"]
            number, invited, role = invites.get(body.get("token", ""), ("", "", ""))
            if invited != email:
                raise HTTPException(404, "no such invitation")
            members[number][email] = role
            return {"workspace_id": number, "role": role}

    return app


def short_app(clock: Callable[[], float], *, told: bool = False) -> FastAPI:
    """Access tokens that end by the app's ``clock``, and refresh tokens that get the next one; signing in again is not possible."""
    app, users = FastAPI(), Users(ADA)
    ends: dict[str, float] = {}
    signed_in: list[str] = []

    @app.get("/api/me")
    def me(request: Request) -> dict[str, Any]:
        token = bearer(request)
        if ends.get(token, 0) < clock():
            raise HTTPException(401, "expired")
        return {"email": users.of(token)["email"]}

    def pair(user: dict[str, Any]) -> dict[str, Any]:
        access, refresh = users.session(user), users.session(user)
        ends[access] = clock() + 60
        return {"access_token": access, "refresh_token": refresh} | ({"expires_in": 1} if told else {})

    @app.post("/api/login")
    def login(body: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        user = users.check(body.get("email"), body.get("password"))
        if user is None or signed_in:
            raise HTTPException(401, "wrong, or once too often")
        signed_in.append("once")
        return pair(user)

    @app.post("/api/auth/refresh")
    def refresh(body: Annotated[dict[str, str], Body()]) -> dict[str, Any]:
        email = users.sessions.pop(body.get("refresh_token", ""), None)
        if email is None:
            raise HTTPException(401, "no such token")
        return pair(users.users[email])

    return app


def late_failing_app(*, makes: bool = True) -> Starlette:
    """A sign-up that fails once it has kept the account, as one does that cannot send its letter; nothing is kept unless it ``makes`` accounts."""
    users = Users()
    form = '<form method="post"><input name="email" type="email"><input name="username"><input name="password" type="password"></form>'

    async def sign_up(request: Request) -> StarletteResponse:
        if request.method == "GET":
            return HTMLResponse(form)
        given = {name: str(value) for name, value in (await request.form()).items()}
        if makes and given.get("email"):
            users.users[given["email"]] = given
        return PlainTextResponse("Internal Server Error", 500)

    async def sign_in(request: Request) -> StarletteResponse:
        if request.method == "GET":
            return HTMLResponse(
                '<form method="post"><input name="email" type="email"><input name="password" type="password"></form>'
            )
        given = await request.form()
        user = users.check(given.get("email"), given.get("password"))
        answer = PlainTextResponse("in" if user else "wrong", 200 if user else 401)
        if user:
            answer.set_cookie("session", users.session(user))
        return answer

    async def me(request: Request) -> StarletteResponse:
        email = users.sessions.get(request.cookies.get("session", ""))
        return HTMLResponse(f"<p>{email}</p>") if email else RedirectResponse("/login")

    both = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/register", sign_up, methods=both),
            Route("/login", sign_in, methods=both),
            Route("/profile", me),
        ]
    )


def flashing_app() -> Starlette:
    """A sign-up by a form that takes phone numbers of one country, each once, and says so at the top of its page, with an example;
    and nobody who is not born yet."""
    users = Users()
    form = '<form method="post"><input name="email" type="email"><input name="phone_number"><input name="date_of_birth" type="date"><input name="password" type="password"></form>'

    async def sign_up(request: Request) -> StarletteResponse:
        if request.method == "GET":
            return HTMLResponse(form)
        given = {name: str(value) for name, value in (await request.form()).items()}
        number = given.get("phone_number", "")
        if not re.fullmatch(r"(?:\+20|0)1[0-2]\d{8}", number):
            told = "phone_number: Please enter a valid Egyptian phone number (e.g., +201001234567 or 01001234567)"
            return HTMLResponse(f'<div class="alert">{told}</div>{form}')
        if any(user["phone_number"] == number for user in users.users.values()):
            return HTMLResponse(f'<div class="alert">phone_number: This phone number is already there.</div>{form}')
        if given.get("date_of_birth", "") > time.strftime("%Y-%m-%d"):
            return HTMLResponse(f'<div class="alert">date_of_birth: Members must be at least 1 year old.</div>{form}')
        users.users[given["email"]] = given
        answer = RedirectResponse("/profile", 303)
        answer.set_cookie("session", users.session(given))
        return answer

    async def me(request: Request) -> StarletteResponse:
        email = users.sessions.get(request.cookies.get("session", ""))
        return HTMLResponse(f"<p>{email}</p>") if email else RedirectResponse("/login")

    return Starlette(routes=[Route("/register", sign_up, methods=["GET", "POST"]), Route("/profile", me)])


def unverified_app() -> Starlette:
    """A sign-up that leads to the sign-in page, which alone says that a letter went out; nobody is let in before."""
    form = '<form method="post"><input name="email" type="email"><input name="name"><input name="password" type="password"></form>'
    door = '<form method="post"><input name="email" type="email"><input name="password" type="password"></form>'

    async def sign_up(request: Request) -> StarletteResponse:
        return HTMLResponse(form) if request.method == "GET" else RedirectResponse("/login?made=1", 303)

    async def sign_in(request: Request) -> StarletteResponse:
        told = (
            "<p>Account created! Check your email to verify your account.</p>" if "made" in request.query_params else ""
        )
        wrong = "<p>Invalid credentials</p>" if request.method == "POST" else ""
        return HTMLResponse(told + wrong + door)

    async def me(request: Request) -> StarletteResponse:
        return RedirectResponse("/login")

    both = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/register", sign_up, methods=both),
            Route("/login", sign_in, methods=both),
            Route("/profile", me),
        ]
    )
