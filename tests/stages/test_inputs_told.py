"""What is said of an endpoint that fails at its plain request: what was asked for, and how sure it is, beside a debugger that shows everything."""

from pathlib import Path

from launchready.model.words import Confidence

from tests.support.processes import outcomes

APP = """
import json
import sys
from secrets import token_hex
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings

settings.configure(
    DEBUG=True, SECRET_KEY="k" * 50, ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, MAPS_API_KEY="k",
    EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
)
django.setup()

from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

PEOPLE, SESSIONS, NOTES = {}, {}, {}


def body(request):
    try:
        given = json.loads(request.body)
    except (ValueError, RecursionError):
        given = None
    return given if isinstance(given, dict) else {}


def who(request):
    return SESSIONS.get(request.headers.get("Authorization", "").removeprefix("Bearer "))


@require_POST
def signup(request):
    given = body(request)
    email, password = given.get("email"), given.get("password")
    if not isinstance(email, str) or not email.endswith("@example.com") or len(email) > 100 or not isinstance(password, str):
        return JsonResponse({"error": "email and password"}, status=400)
    if email in PEOPLE:
        return JsonResponse({"error": "taken"}, status=409)
    PEOPLE[email] = password
    return JsonResponse({"email": email}, status=201)


@require_POST
def login(request):
    given = body(request)
    email, password = given.get("email"), given.get("password")
    if not isinstance(email, str) or not isinstance(password, str) or PEOPLE.get(email) != password:
        return JsonResponse({"error": "wrong"}, status=401)
    token = token_hex(16)
    SESSIONS[token] = email
    return JsonResponse({"token": token})


@require_http_methods(["GET", "DELETE"])
def me(request):
    email = who(request)
    if email is None:
        return JsonResponse({"error": "sign in"}, status=401)
    if request.method == "DELETE":
        PEOPLE.pop(email, None)
    return JsonResponse({"email": email})


@require_POST
def notes(request):
    title = body(request).get("title")
    if who(request) is None:
        return JsonResponse({"error": "sign in"}, status=401)
    if not isinstance(title, str) or not 0 < len(title) < 100:
        return JsonResponse({"title": ["a text"]}, status=400)
    name = token_hex(4)
    NOTES[name] = title
    return JsonResponse({"id": name, "title": title}, status=201)


@require_http_methods(["GET", "DELETE"])
def note(request, name):
    if who(request) is None:
        return JsonResponse({"error": "sign in"}, status=401)
    if request.method == "DELETE":
        GONE
        return JsonResponse({})
    return JsonResponse({"id": name, "title": NOTES[name]}) if name in NOTES else JsonResponse({}, status=404)


@require_POST
def avatar(request):
    if who(request) is None:
        return JsonResponse({"error": "sign in"}, status=401)
    FILE
    return JsonResponse({"size": file.size}, status=201)


urlpatterns = [
    path("api/signup", signup), path("api/login", login), path("api/me", me), path("api/notes", notes),
    path("api/notes/<str:name>", note), path("api/avatar", avatar),
]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), Server, WSGIRequestHandler).serve_forever()
"""
MISSING = 'return JsonResponse({"error": "none"}, status=404)'


def test_a_removal_of_nothing_and_a_missing_file_are_called_what_they_are(tmp_path: Path) -> None:
    app = APP.replace("GONE", "NOTES.pop(name)").replace("FILE", 'file = request.FILES["avatar"]')
    found = outcomes(tmp_path, "app.py", app, "LR301", "LR343")["LR301"].findings
    # That the debugger names a mail server among the settings makes nothing unsure.
    assert {(one.target, one.title.partition(" with a server error")[2], one.confidence) for one in found} == {
        ("DELETE /api/notes/{name}", " at a request for a record that is not there", Confidence.PROVEN),
        ("POST /api/avatar", "", Confidence.PROVEN),
    }  # fmt: skip


def test_the_same_app_that_refuses_both_has_neither(tmp_path: Path) -> None:
    app = APP.replace("GONE", f"if NOTES.pop(name, None) is None:\n            {MISSING}")
    app = app.replace(
        "FILE",
        'file = request.FILES.get("avatar")\n    if file is None:\n        return JsonResponse({"avatar": ["a file"]}, status=400)',
    )
    assert outcomes(tmp_path, "app.py", app, "LR301", "LR343")["LR301"].findings == ()
