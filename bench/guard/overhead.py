"""What the guard costs a request: bare FastAPI, a middleware that does nothing, the guard and its peers, interleaved in one process.

Calls ``GET /items/{item_id}`` in memory, without a server, with a token of HS256, a role, a tenant in the address, a limit and headers.
``python bench/guard/overhead.py [--rounds N] [--calls N] [--json]``
"""

import argparse
import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request
from launchready_guard import Bearer, Guard
from launchready_guard.policy import parse_policy

KEY = b"0123456789abcdef0123456789abcdef"
ROUTES = 50
App = Callable[[Any, Any, Any], Awaitable[None]]


def bare(dependencies: Sequence[Any] = ()) -> FastAPI:
    """An app of fifty routes."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=list(dependencies))

    async def item(workspace_id: str, item_id: int) -> dict[str, int]:
        return {"id": item_id}

    for number in range(ROUTES):
        app.add_api_route(f"/r{number}/w/{{workspace_id}}/items/{{item_id}}", item, methods=["GET"])
    return app


def policy() -> str:
    """Every route for members, by workspace, with a limit."""
    rows = "".join(
        f'[[endpoint]]\nroute = "GET /r{number}/w/{{workspace_id}}/items/{{item_id}}"\nallow = ["member"]\ntenant = true\n'
        'limit = "1000000/minute per address"\n'
        for number in range(ROUTES)
    )
    return f'[roles]\norder = ["guest", "member"]\n[tenant]\nclaim = "workspace"\nparam = ["path:workspace_id"]\n{rows}'


def token() -> str:
    """A token that lives for an hour."""

    def part(said: bytes) -> str:
        return base64.urlsafe_b64encode(said).rstrip(b"=").decode()

    claims = {"sub": "7", "role": "member", "workspace": "north", "exp": int(time.time()) + 3600}
    signed = part(b'{"alg":"HS256","typ":"JWT"}') + "." + part(json.dumps(claims).encode())
    return signed + "." + part(hmac.digest(KEY, signed.encode(), hashlib.sha256))


def with_nothing() -> FastAPI:
    """The bare app with the middleware many guards are: it only passes on."""
    app = bare()

    @app.middleware("http")
    async def nothing(request: Request, call_next: Any) -> Any:
        return await call_next(request)

    return app


def peers() -> dict[str, App]:
    """What others do of it, when `make bench` has installed them: a limit alone, a limit and other looks, a token with a table of roles."""
    found: dict[str, App] = {}
    with contextlib.suppress(ImportError):
        from slowapi import Limiter
        from slowapi.middleware import SlowAPIASGIMiddleware
        from slowapi.util import get_remote_address

        limited = bare()
        limited.state.limiter = Limiter(key_func=get_remote_address, default_limits=["1000000/minute"])
        limited.add_middleware(SlowAPIASGIMiddleware)
        found["slowapi: a limit"] = limited
    with contextlib.suppress(ImportError):
        from guard import SecurityConfig, SecurityMiddleware

        config = SecurityConfig(
            enable_redis=False,
            enable_penetration_detection=False,
            rate_limit=1_000_000,
            rate_limit_window=60,
            enable_agent=False,
        )
        watched = bare()
        watched.add_middleware(SecurityMiddleware, config=config)
        found["fastapi-guard without its detection"] = watched
    with contextlib.suppress(ImportError):
        found["casbin with a table of roles, PyJWT"] = with_casbin()
    return found


def with_casbin() -> FastAPI:
    """The bare app with a token verified by PyJWT and a role looked up by casbin, for each request. Raises ImportError."""
    import casbin
    import jwt

    model = casbin.Model()
    model.load_model_from_text(
        "[request_definition]\nr = sub, obj, act\n[policy_definition]\np = sub, obj, act\n[policy_effect]\ne = some(where (p.eft == allow))\n"
        "[matchers]\nm = r.sub == p.sub && keyMatch2(r.obj, p.obj) && r.act == p.act\n"
    )
    enforcer = casbin.Enforcer(model)
    for number in range(ROUTES):
        enforcer.add_policy("member", f"/r{number}/w/:workspace_id/items/:item_id", "GET")

    async def allowed(request: Request) -> None:
        said = jwt.decode(request.headers["authorization"][7:], KEY, algorithms=["HS256"])
        if not enforcer.enforce(said["role"], request.url.path, request.method):
            raise HTTPException(403)

    return bare([Depends(allowed)])


async def seconds(app: App, calls: int, bearer: str) -> float:
    """The time one call keeps the processor busy, measured over many: nothing here waits."""
    headers = [
        (b"host", b"app.example.com"),
        (b"accept", b"application/json"),
        (b"user-agent", b"bench"),
        (b"authorization", f"Bearer {bearer}".encode()),
    ]
    statuses = set()

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.add(message["status"])

    began = time.thread_time()
    for number in range(calls):
        path = f"/r{number % ROUTES}/w/north/items/7"
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("203.0.113.7", 4711),
            "server": ("127.0.0.1", 80),
        }
        await app(scope, receive, send)
    took = (time.thread_time() - began) / calls
    if statuses != {200}:
        raise SystemExit(f"an app of this benchmark answered {statuses}")
    return took


async def measured(rounds: int, calls: int) -> dict[str, float]:
    """Microseconds a request by variant: the median of the rounds."""
    bearer = token()
    guarded = Guard(bare(), policy=parse_policy(policy()), identify=Bearer(KEY, tenant="workspace"))
    variants: dict[str, App] = {
        "bare FastAPI": bare(),
        "guard": guarded,
        "a middleware that does nothing": with_nothing(),
    } | peers()
    taken: dict[str, list[float]] = {name: [] for name in variants}
    for number in range(rounds + 1):
        for name, app in variants.items():
            took = await seconds(app, calls, bearer)
            if number:
                taken[name].append(took * 1e6)
    return {name: statistics.median(times) for name, times in taken.items()}


def main() -> int:
    """Measure and print; always ends with 0, since a busy machine is nobody's fault."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--calls", type=int, default=2000)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    found = asyncio.run(measured(given.rounds, given.calls))
    base = found["bare FastAPI"]
    if given.json:
        print(json.dumps({name: round(took, 1) for name, took in found.items()}))
        return 0
    for name, took in found.items():
        print(f"{name:34} {took:7.1f} us   x {took / base:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
