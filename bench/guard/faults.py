"""What happens to the guard when callers are hostile: a million malformed requests, and what became of them.

Each request is made by chance out of hostile parts: methods, addresses, tokens, cookies, forwarding headers, hosts, lengths, bodies. None holds a credential
that is worth anything, so nothing but public routes may be reached, nothing may end in an error, and memory may not grow with their number.
``python bench/guard/faults.py [--requests N] [--seed N]`` ends with 1 when one of these was seen.
"""

import argparse
import asyncio
import base64
import json
import random
import resource
import sys
import traceback
from collections import Counter
from typing import Any

from fastapi import FastAPI
from launchready_guard import Bearer, Guard, Identity, Session
from launchready_guard.call import Call
from launchready_guard.policy import parse_policy

KEY = "a key of thirty-two bytes or more"
POLICY = """
[roles]
order = ["guest", "member", "admin"]
[tenant]
param = ["path:workspace_id", "header:x-workspace", "query:workspace", "body:workspace"]
[owner]
param = ["path:member_id"]
[limits]
login = "100000/minute per account, 1000000/minute per address"
[cors]
origins = ["https://app.example.com"]
credentials = true
[clients]
proxies = ["10.0.0.0/8"]
[body]
limit = "4 KB"
[[endpoint]]
route = "GET /"
allow = ["guest"]
[[endpoint]]
route = "POST /login"
allow = ["guest"]
kind = "login"
[[endpoint]]
route = "POST /hooks/payments"
allow = ["guest"]
signature = "stripe"
[[endpoint]]
route = "GET /w/{workspace_id}/tasks"
allow = ["member"]
tenant = true
[[endpoint]]
route = "POST /w/{workspace_id}/tasks"
allow = ["member"]
tenant = true
[[endpoint]]
route = "DELETE /members/{member_id}"
allow = ["member", "admin"]
own = ["member"]
[[endpoint]]
route = "GET /files/{path}"
allow = ["admin"]
"""


def _part(said: object) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=")


def _token(header: object, claims: object, signature: bytes) -> bytes:
    """A token nobody signed."""
    return b"Bearer " + b".".join((_part(header), _part(claims), signature))


PUBLIC = {"/", "/login"}
METHODS = [
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "PATCH",
    "TRACE",
    "CONNECT",
    "get",
    "G\x00T",
    "",
    "X" * 300,
]
PATHS = [
    "/", "/login", "/w/north/tasks", "/w/%2e%2e/tasks", "/w/../admin", "//login", "/w//tasks", "/members/1", "/members/1/", "/MEMBERS/1",
    "/files/a/../../b", "/files/%00", "/hooks/payments", "/w/n\x00orth/tasks", "/w/é/tasks", "/w/" + "x" * 5000 + "/tasks", "/;/login", "/login;x=1", "*", "",
    "/files/..\\..\\x", "/w/north/tasks?x", "/\ud800",
]  # fmt: skip
ROUTES = [
    ("GET", "/"), ("POST", "/login"), ("POST", "/hooks/payments"), ("GET", "/w/north/tasks"), ("POST", "/w/north/tasks"), ("DELETE", "/members/7"),
    ("GET", "/files/a"),
]  # fmt: skip
TOKENS = [
    b"Bearer ", b"Bearer a.b.c", _token({"alg": "none"}, {"sub": "7", "role": "admin", "exp": 9_999_999_999}, b""), b"Bearer " + b"x" * 9000, b"bearer \xff\xfe",
    b"Basic YTpi", _token({"alg": "HS256"}, [], b"x"), b"Bearer " + b"." * 500, b"Bearer e30.e30.e30", _token({"alg": "HS256"}, {"exp": "x"}, b"AAAA"),
]  # fmt: skip
VALUES = [
    b"",
    b"\x00",
    b"\xff" * 10,
    b"1",
    b"-1",
    b"9" * 400,
    b"null",
    b"north",
    b"north, south",
    b"[::1",
    b"::",
    b"1.2.3.4, 10.0.0.2",
    b"a" * 8000,
    b"%%",
    b"\xc3\x28",
]
NAMES = [
    b"x-forwarded-for", b"forwarded", b"host", b"origin", b"referer", b"cookie", b"content-length", b"content-type", b"transfer-encoding", b"x-workspace",
    b"sec-fetch-site", b"stripe-signature", b"access-control-request-method", b"accept", b"x-csrf-token",
]  # fmt: skip
TYPES = [
    b"application/json",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data; boundary=x",
    b"multipart/form-data",
    b"application/vnd.x+json; charset=\xff",
    b"text/plain",
]
BODIES = [
    b"", b"{", b'{"email":"a","email":"b"}', b"[" * 3000, b'{"a":1e999}', b"\xff\xfe", b'{"email":"\\ud800"}', b"email=a&email=b", b"a=" * 2000, b"--x\r\n\r\n", b'--x\r\nname="email"\r\n\r\na\r\n--x--',
    b"x" * 5000, b'{"workspace":"south"}', b"null", b'{"email":' + b"9" * 3900 + b"}",
]  # fmt: skip


def hostile(chance: random.Random) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A scope and the messages of its body."""
    headers = []
    if chance.random() < 0.6:
        headers.append((b"authorization", _spoilt(chance, chance.choice(TOKENS))))
    for _ in range(chance.randrange(4)):
        headers.append((chance.choice(NAMES), _spoilt(chance, chance.choice(VALUES))))
    if chance.random() < 0.4:
        headers.append((b"cookie", b"session=" + _spoilt(chance, _part({"a": 1}) + b".Zm9v.YmFy")))
    if chance.random() < 0.5:
        headers.append((b"content-type", chance.choice(TYPES)))
    body = _spoilt(chance, chance.choice(BODIES))
    method, path = chance.choice(METHODS), chance.choice(PATHS)
    root = chance.choice(("", "", "/w"))
    if chance.random() < 0.7:
        # Mostly what a route is for, so that the rules behind the matching are met too.
        (method, path), root = chance.choice(ROUTES), ""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": chance.choice(("1.1", "2", "1.0")),
        "method": method,
        "scheme": chance.choice(("http", "https")),
        "path": path,
        "raw_path": b"",
        "query_string": _spoilt(chance, b"workspace=north&workspace=south"),
        "root_path": root,
        "headers": headers,
        "client": chance.choice(
            ((f"203.0.113.{chance.randrange(256)}", 1), ("10.0.0.1", 1), ("::1", 1), None, ("", 0))
        ),
        "server": ("127.0.0.1", 80),
    }
    cut = chance.randrange(len(body) + 1)
    parts = [body[:cut], body[cut:]] if chance.random() < 0.3 else [body]
    messages = [{"type": "http.request", "body": part, "more_body": part is not parts[-1]} for part in parts]
    if chance.random() < 0.05:
        messages = [{"type": "http.disconnect"}]
    return scope, messages


def _spoilt(chance: random.Random, value: bytes) -> bytes:
    """A value with a few bytes changed, now and then."""
    if not value or chance.random() < 0.5:
        return value
    changed = bytearray(value)
    for _ in range(chance.randrange(1, 4)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


async def run(requests: int, seed: int) -> int:
    """Send them all and print the table; the number of faults."""
    reached: Counter[str] = Counter()
    statuses: Counter[int] = Counter()
    errors: Counter[str] = Counter()
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        reached[scope["path"]] += 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def nothing() -> None: ...

    for route in ("GET /", "POST /login", "POST /hooks/payments", "GET /w/{workspace_id}/tasks", "POST /w/{workspace_id}/tasks",
                  "DELETE /members/{member_id}", "GET /files/{path:path}"):  # fmt: skip
        method, _, path = route.partition(" ")
        app.add_api_route(path, nothing, methods=[method])
    from launchready_guard.frameworks import starlette

    bearer, session = Bearer(KEY), Session(KEY, lambda said: Identity("7", frozenset(("admin",))))

    def identify(call: Call) -> Identity | None:
        return bearer(call) or session(call)

    environment = {"STRIPE_WEBHOOK_SECRET": "a secret"}
    guard = Guard(inner, parse_policy(POLICY), identify, routes=starlette.routes_of(app), environment=environment)
    chance = random.Random(seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(requests):
        scope, messages = hostile(chance)
        waiting = iter(messages)

        async def receive(waiting: Any = waiting) -> Any:
            return next(waiting, {"type": "http.disconnect"})

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses[message["status"]] += 1

        try:
            await guard(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what this program looks for
            errors[f"{type(error).__name__}: {str(error)[:80]}"] += 1
            if errors.total() <= 3:
                traceback.print_exc()
        if number == requests // 10:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    opened = sum(count for path, count in reached.items() if path not in PUBLIC)
    print(f"{requests} hostile requests, seed {seed}")
    print("answers   " + "  ".join(f"{status}: {count}" for status, count in sorted(statuses.items())))
    print(f"errors    {errors.total()} {dict(errors.most_common(5)) if errors else ''}")
    print(f"opened    {opened} of routes that are not public; {reached.total()} public ones were reached")
    print(f"memory    {grown:.1f} MB more at its peak than after a tenth of them")
    return errors.total() + opened + sum(count for status, count in statuses.items() if status >= 500)


def main() -> int:
    """1 when anything was open or broke."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--requests", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    import logging

    logging.getLogger("launchready.guard").setLevel(logging.CRITICAL)
    return 1 if asyncio.run(run(given.requests, given.seed)) else 0


if __name__ == "__main__":
    sys.exit(main())
