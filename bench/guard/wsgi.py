"""What the guard costs a request of Flask and of Django: each bare and guarded, interleaved in one process, without a server.

Calls ``GET /w/{workspace}/items/{id}`` with a token of HS256, a role, a tenant in the address, a limit and headers.
``python bench/guard/wsgi.py [--rounds N] [--calls N]``
"""

import argparse
import secrets
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import JsonResponse
from django.test.utils import override_settings
from django.urls import path
from flask import Flask
from launchready_guard import Bearer
from launchready_guard.frameworks.flask import protect
from launchready_guard.policy import parse_policy

sys.path.insert(0, str(Path(__file__).parent))
from overhead import KEY, ROUTES, policy, token

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
_MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
_GUARD = "launchready_guard.frameworks.django.GuardMiddleware"


def flask() -> Flask:
    """An app of fifty routes."""
    app = Flask(__name__, static_folder=None)

    def item(workspace_id: str, item_id: int) -> dict[str, int]:
        return {"id": item_id}

    for number in range(ROUTES):
        app.add_url_rule(f"/r{number}/w/<workspace_id>/items/<int:item_id>", f"item{number}", item)
    return app


class Urls:
    """A project of fifty routes."""

    def __init__(self) -> None:
        def item(request: Any, workspace_id: str, item_id: int) -> JsonResponse:
            return JsonResponse({"id": item_id})

        self.urlpatterns = [
            path(f"r{number}/w/<str:workspace_id>/items/<int:item_id>", item) for number in range(ROUTES)
        ]


def seconds(app: WsgiApp, calls: int, bearer: str) -> float:
    """The time of one call, measured over many."""
    statuses = set()

    def start(status: str, headers: Any, exc_info: Any = None) -> None:
        statuses.add(status)

    began = time.perf_counter()
    for number in range(calls):
        environ = {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": f"/r{number % ROUTES}/w/north/items/7",
            "QUERY_STRING": "",
            "SERVER_NAME": "app.example.com",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "203.0.113.7",
            "HTTP_HOST": "app.example.com",
            "HTTP_ACCEPT": "application/json",
            "HTTP_USER_AGENT": "bench",
            "HTTP_AUTHORIZATION": f"Bearer {bearer}",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "wsgi.errors": sys.stderr,
        }
        answered = app(environ, start)
        for _ in answered:
            pass
        close = getattr(answered, "close", None)
        if close is not None:
            close()
    took = (time.perf_counter() - began) / calls
    if {status[:3] for status in statuses} != {"200"}:
        raise SystemExit(f"an app of this benchmark answered {statuses}")
    return took


def main() -> int:
    """Measure and print; always ends with 0, since a busy machine is nobody's fault."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--calls", type=int, default=1000)
    given = options.parse_args()
    reviewed, identify, bearer = parse_policy(policy()), Bearer(KEY, tenant="workspace"), token()
    settings.configure(
        SECRET_KEY=secrets.token_hex(32), ALLOWED_HOSTS=["*"], ROOT_URLCONF=Urls(), MIDDLEWARE=_MIDDLEWARE,
        LAUNCHREADY_GUARD={"policy": reviewed, "identify": identify},
    )  # fmt: skip
    django.setup()
    guarded = flask()
    protect(guarded, reviewed, identify)
    variants: dict[str, WsgiApp] = {"bare Flask": flask(), "guarded Flask": guarded, "bare Django": WSGIHandler()}
    with override_settings(MIDDLEWARE=[*_MIDDLEWARE, _GUARD]):
        variants["guarded Django"] = WSGIHandler()
    taken: dict[str, list[float]] = {name: [] for name in variants}
    for number in range(given.rounds + 1):
        for name, app in variants.items():
            took = seconds(app, given.calls, bearer)
            if number:
                taken[name].append(took * 1e6)
    for name, times in taken.items():
        base = statistics.median(taken[f"bare {name.split()[1]}"])
        print(f"{name:16} {statistics.median(times):7.1f} us   x {statistics.median(times) / base:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
