"""A small app with workspaces, its policy, and tokens for its people."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import JSONResponse
from launchready_guard import Bearer, Guard
from launchready_guard.policy import parse_policy

KEY = "a key of thirty-two bytes or more"
POLICY = """
[roles]
order = ["guest", "member", "manager", "admin", "support"]

[tenant]
claim = "workspace"
param = ["path:workspace_id", "header:x-workspace", "body:workspace"]
across = ["support"]

[owner]
param = ["path:member_id"]

[limits]
login = "3/minute per account, 20/minute per address"

[cors]
origins = ["https://app.example.com"]
credentials = true

[body]
limit = "2 KB"

[[endpoint]]
route = "GET /"
allow = ["guest"]

[[endpoint]]
route = "POST /login"
allow = ["guest"]
kind = "login"

[[endpoint]]
route = "GET /w/{workspace_id}/tasks"
allow = ["member", "manager", "admin", "support"]
tenant = true

[[endpoint]]
route = "POST /tasks"
allow = ["member", "manager", "admin"]
tenant = true

[[endpoint]]
route = "GET /members/{member_id}"
allow = ["member", "admin"]
own = ["member"]

[[endpoint]]
route = "POST /admin/jobs"
allow = ["admin"]
kind = "admin"
limit = "2/minute per address"

[[endpoint]]
route = "POST /hooks/payments"
allow = ["guest"]
kind = "webhook"
signature = "stripe"

[[endpoint]]
route = "WEBSOCKET /live/{workspace_id}"
allow = ["member"]
tenant = true

[[endpoint]]
route = "POST /upload"
allow = ["guest"]
"""


def token(who: str, role: str, workspace: str = "north", **claims: Any) -> str:
    """A token of the app. It outlives the longest run: some are made when the tests are collected."""

    def part(said: bytes) -> str:
        return base64.urlsafe_b64encode(said).rstrip(b"=").decode()

    said = {"sub": who, "role": role, "workspace": workspace, "exp": int(time.time()) + 6 * 3600} | claims
    signed = part(b'{"alg":"HS256"}') + "." + part(json.dumps(said).encode())
    return signed + "." + part(hmac.digest(KEY.encode(), signed.encode(), hashlib.sha256))


def bearer(who: str, role: str, workspace: str = "north", **claims: Any) -> dict[str, str]:
    """The header that signs somebody in."""
    return {"Authorization": f"Bearer {token(who, role, workspace, **claims)}"}


def bare() -> FastAPI:
    """The app alone: it lets everybody do everything, and counts what reached it in ``app.state.reached``."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.reached = []
    app.state.fails = False

    async def answer(request: Request) -> Any:
        body = (await request.body()).decode("latin-1")
        app.state.reached.append((request.method, request.url.path, body))
        passed = request.scope.get("launchready")
        if app.state.fails:
            return JSONResponse({}, 500)
        return {"path": request.url.path, "who": passed.identity.subject if passed and passed.identity else None}

    for route in (
        "GET /",
        "POST /login",
        "GET /w/{workspace_id}/tasks",
        "POST /tasks",
        "GET /members/{member_id}",
        "POST /admin/jobs",
        "POST /hooks/payments",
        "POST /upload",
    ):
        method, _, path = route.partition(" ")
        app.add_api_route(path, answer, methods=[method])

    @app.websocket("/live/{workspace_id}")
    async def live(socket: WebSocket, workspace_id: str) -> None:
        await socket.accept()
        await socket.send_text(workspace_id)
        await socket.close()

    return app


def guarded(app: Any = None, policy: str = POLICY, **given: Any) -> Guard:
    """The app with its guard."""
    environment: Mapping[str, str] = {"STRIPE_WEBHOOK_SECRET": "a secret"}
    named: dict[str, Any] = {"identify": Bearer(KEY, tenant="workspace"), "environment": environment} | given
    return Guard(app or bare(), policy=parse_policy(policy), **named)
