"""Sign-up and sign-in behind flask-limiter, slowapi, django-ratelimit and django-axes; each app listens at the port it is given."""

FLASK = """
import secrets
import sys

from flask import Flask, jsonify, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.serving import make_server

app = Flask(__name__)
limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", headers_enabled=HEADERS)
people, sessions = {}, {}


def account():
    return str((request.get_json(silent=True) or {}).get("email"))


@app.post("/api/signup")
def signup():
    given = request.get_json()
    if given["email"] in people:
        return jsonify(error="taken"), 409
    people[given["email"]] = given["password"]
    return jsonify(email=given["email"]), 201


@app.post("/api/login")
@limiter.limit("PER_ACCOUNT", key_func=account)
@limiter.limit("PER_ADDRESS")
def login():
    given = request.get_json()
    if people.get(given["email"]) != given["password"]:
        return jsonify(error="Wrong e-mail or password"), 401
    token = secrets.token_urlsafe(24)
    sessions[token] = given["email"]
    return jsonify(token=token)


@app.get("/api/me")
def me():
    who = sessions.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
    return jsonify(email=who) if who else (jsonify(error="Sign in first"), 401)


make_server("127.0.0.1", int(sys.argv[1]), app, threaded=True).serve_forever()
"""

SLOWAPI = """
import secrets
import sys

import uvicorn
from fastapi import FastAPI, Header, HTTPException, Request
from pydantic import BaseModel
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from slowapi.util import get_remote_address

app = FastAPI()


def claimed(request: Request) -> str:
    return request.headers.get("X-Forwarded-For", get_remote_address(request)).split(",")[0]


limiter = Limiter(key_func=KEY)
app.state.limiter = limiter
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)
people, sessions = {}, {}


class Given(BaseModel):
    email: str
    password: str


@app.post("/signup", status_code=201)
async def signup(given: Given):
    if given.email in people:
        raise HTTPException(409, "taken")
    people[given.email] = given.password
    return {"email": given.email}


@app.post("/login")
@limiter.limit("PER_ADDRESS")
async def login(request: Request, given: Given):
    if people.get(given.email) != given.password:
        raise HTTPException(401, "Wrong e-mail or password")
    token = secrets.token_urlsafe(24)
    sessions[token] = given.email
    return {"token": token}


@app.get("/me")
async def me(authorization: str = Header("")):
    who = sessions.get(authorization.removeprefix("Bearer "))
    if who is None:
        raise HTTPException(401, "Sign in first")
    return {"email": who}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", proxy_headers=False)
"""

DJANGO = """
import json
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="k" * 50,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", AXES_APP],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware", AXES_MIDDLEWARE],
    AUTHENTICATION_BACKENDS=[AXES_BACKEND, "django.contrib.auth.backends.ModelBackend"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "app.sqlite"}},
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    AXES_FAILURE_LIMIT=5,
    AXES_COOLOFF_TIME=1,
    AXES_LOCKOUT_PARAMETERS=["username"],
    USE_TZ=True,
)
django.setup()

from django.contrib import auth
from django.contrib.auth.models import User
from django.core.management import call_command
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST
from django_ratelimit.decorators import ratelimit


def account(group, request):
    return str(json.loads(request.body).get("username"))


@require_POST
def signup(request):
    given = json.loads(request.body)
    if User.objects.filter(username=given["username"]).exists():
        return JsonResponse({"error": "taken"}, status=409)
    User.objects.create_user(given["username"], given["email"], given["password"])
    return JsonResponse({"username": given["username"]}, status=201)


@require_POST
LIMIT
def login(request):
    given = json.loads(request.body)
    user = auth.authenticate(request, username=given["username"], password=given["password"])
    if user is None:
        return JsonResponse({"error": "Wrong user name or password"}, status=401)
    auth.login(request, user)
    return JsonResponse({"username": user.username})


def me(request):
    if not request.user.is_authenticated:
        return JsonResponse({"error": "Sign in first"}, status=401)
    return JsonResponse({"username": request.user.username})


urlpatterns = [path("api/signup", signup), path("api/login", login), path("api/me", me)]
call_command("migrate", verbosity=0)


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *said):
        pass


from django.core.wsgi import get_wsgi_application

make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), Server, Quiet).serve_forever()
"""


def flask(per_account: str, per_address: str, *, headers: bool = False) -> str:
    """An app whose sign-in flask-limiter counts for each account and for each address."""
    text = FLASK.replace("PER_ACCOUNT", per_account).replace("PER_ADDRESS", per_address)
    return text.replace("HEADERS", str(headers))


def slowapi(per_address: str, key: str = "get_remote_address") -> str:
    """An app whose sign-in slowapi counts by ``key``: ``claimed`` believes the first entry of ``X-Forwarded-For``."""
    return SLOWAPI.replace("PER_ADDRESS", per_address).replace("KEY", key)


def django(limit: str = "", *, axes: bool = False) -> str:
    """An app of Django whose sign-in has a decorator ``limit``, or whose accounts django-axes locks."""
    names = {
        "AXES_APP": '"axes"',
        "AXES_MIDDLEWARE": '"axes.middleware.AxesMiddleware"',
        "AXES_BACKEND": '"axes.backends.AxesStandaloneBackend"',
    }
    text = DJANGO.replace("LIMIT\ndef", f"{limit}\ndef")
    for name, value in names.items():
        text = text.replace(f", {name}]", f", {value}]" if axes else "]").replace(
            f"[{name}, ", f"[{value}, " if axes else "["
        )
    return text
