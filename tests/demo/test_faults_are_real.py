"""Each planted fault hurts in the unsafe Opsboard, and the guarded one withstands the same attempt."""

import hashlib
import hmac
import json
import re
import secrets
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest
from launchready.demo.faults import faults
from launchready.demo.server import Running

from tests.demo.browser import Answer, as_person, call, send, token_of

Attempt = Callable[[Running], bool]
BOB, ERIN = "bob@north.test", "erin@south.test"


def _git(demo: Running, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=demo.source, capture_output=True, text=True, check=True).stdout


def _read(demo: Running, path: str) -> str:
    file = demo.source / path
    return file.read_text() if file.exists() else ""


def _bob(path: str, method: str = "GET", data: object = None) -> Callable[[Running], Answer]:
    return lambda demo: as_person(demo, BOB, path, method, data)


def _works(attempt: Callable[[Running], Answer]) -> Attempt:
    return lambda demo: attempt(demo).status < 300


def _without_limit(path: str, body: bytes = b"{}", kind: str = "application/json") -> Attempt:
    return lambda demo: all(call(demo.url + path, "POST", body, content_type=kind).status != 429 for _ in range(14))


def _pay(demo: Running) -> bool:
    event = {"id": secrets.token_hex(6), "data": {"object": {"workspace_id": 2, "amount": 900}}}
    return send(demo.url + "/hooks/payments", "POST", event).status < 300


def _forged_token(demo: Running) -> bool:
    token = jwt.encode({"sub": "1"}, "x" * 32, algorithm="HS256")
    return call(demo.url + "/api/me", authorization=f"Bearer {token}").status == 200


def _session_survives(demo: Running) -> bool:
    form = f"email=carol%40south.test&password={demo.password}".encode()
    signed_in = call(demo.url + "/login", "POST", form, content_type="application/x-www-form-urlencoded")
    cookie = signed_in.headers.get("set-cookie", "").split(";")[0]
    assert call(demo.url + "/api/me", cookie=cookie).status == 200
    call(demo.url + "/logout", "POST", b"", cookie=cookie)
    return call(demo.url + "/api/me", cookie=cookie).status == 200


def _loose_cookie(demo: Running) -> bool:
    form = f"email=carol%40south.test&password={demo.password}".encode()
    answer = call(demo.url + "/login", "POST", form, content_type="application/x-www-form-urlencoded")
    return "httponly" not in answer.headers.get("set-cookie", "").lower()


def _upload(path: str, name: str, content: bytes, kind: str) -> Attempt:
    def attempt(demo: Running) -> bool:
        edge = "x" + secrets.token_hex(8)
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
        body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        bearer = f"Bearer {token_of(demo, BOB)}"
        sent = call(
            demo.url + path, "POST", body, content_type=f"multipart/form-data; boundary={edge}", authorization=bearer
        )
        return sent.status < 300

    return attempt


def _slow(demo: Running) -> bool:
    # What it does, not how long it took: the unsafe page asks the mail provider once per member.
    return "reachable(" in _read(demo, "app/routers/ops.py")


def _bundle(demo: Running) -> str:
    return "".join(file.read_text() for file in (demo.source / "static" / "dist").glob("app.*.js"))


ATTEMPTS: dict[str, Attempt] = {
    "OB-01": lambda demo: "bob@" in call(demo.url + "/api/w/1/export.csv").text,
    "OB-02": lambda demo: "OPSBOARD_SEED_PASSWORD" in call(demo.url + "/debug/env").text,
    "OB-03": lambda demo: call(demo.url + "/openapi.json").status == 200,
    "OB-04": _works(_bob("/api/tasks/2/complete")),
    "OB-06": lambda demo: "googletagmanager" in call(demo.url + "/admin").text + _read(demo, "templates/layout.html"),
    "OB-05": lambda demo: (
        _works(_bob("/api/tasks/1/complete", "GET"))(demo) or _works(_bob("/api/tasks/1/complete", "POST", {}))(demo)
    ),
    "OB-08": _works(_bob("/api/w/2/settings", "PUT", {"name": "South Runners"})),
    "OB-10": _works(_bob("/api/admin/users")),
    "OB-11": _works(_bob("/api/admin/users/3/role", "POST", {"role": "member"})),
    "OB-12": _works(_bob("/api/w/2/members")),
    "OB-13": _works(_bob("/api/members/4")),
    "OB-14": _works(_bob("/api/members/3", "PATCH", {"role": "member"})),
    "OB-15": _works(_bob("/api/members/999", "DELETE")),
    "OB-16": _works(_bob("/api/w/2/invites", "POST", {"email": "x@example.invalid", "role": "admin"})),
    "OB-17": _works(_bob("/api/w/2/billing")),
    "OB-18": _works(_bob("/api/w/2/billing", "PUT", {"plan": "team"})),
    "OB-19": lambda demo: "password_hash" in _bob("/api/members/3")(demo).text,
    "OB-20": lambda demo: re.search(r'SECRET_KEY = "', _read(demo, "app/config.py")) is not None,
    "OB-21": _forged_token,
    "OB-22": _session_survives,
    "OB-23": lambda demo: "int(time.time())}" in _read(demo, "app/routers/accounts.py"),
    "OB-24": lambda demo: (
        send(demo.url + "/api/login", "POST", {"email": "x@example.invalid", "password": "x"}).status == 404
    ),
    "OB-93": lambda demo: (
        send(demo.url + "/api/signup", "POST", {"email": BOB, "password": "Long-enough-7", "name": "x"}).status == 409
    ),
    "OB-25": _loose_cookie,
    "OB-26": lambda demo: (
        call(demo.url + "/api/stats", origin="https://evil.example", cookie="a=b").headers.get(
            "access-control-allow-origin"
        )
        is not None
    ),
    "OB-27": lambda demo: call(demo.url + "/api/admin/stats").status == 200,
    "OB-28": lambda demo: "@" in call(demo.url + "/api/directory").text,
    "OB-29": lambda demo: call(demo.url + "/api/admin/jobs/digest", "POST", b"").status == 200,
    "OB-30": lambda demo: call(demo.url + "/api/login", "POST", b"{", content_type="application/json").status == 500,
    "OB-31": lambda demo: (
        send(
            demo.url + "/api/signup",
            "POST",
            {"email": f"no address {secrets.token_hex(4)}", "password": "x", "role": "admin"},
        ).status
        == 201
    ),
    "OB-32": lambda demo: "Traceback" in call(demo.url + "/api/directory?limit=abc").text,
    "OB-33": lambda demo: call(demo.url + "/api/search?q=%27").status == 500,
    "OB-34": lambda demo: call(demo.url + "/api/directory?limit=abc").status == 500,
    "OB-37": lambda demo: call(demo.url + "/api/invites/1/resend", "POST", b"").status == 200,
    "OB-38": _pay,
    "OB-40": _upload("/api/documents", "page.html", b"<script>1</script>", "text/html"),
    "OB-41": _upload("/api/avatar", "me.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
    "OB-50": lambda demo: call(f"http://127.0.0.1:{demo.ports['http']}/login", host="www.opsboard.test").status == 200,
    "OB-51": lambda demo: call(f"http://127.0.0.1:{demo.ports['http']}/", host="app.opsboard.test").status == 200,
    "OB-53": lambda demo: "content-security-policy" not in call(demo.url + "/").headers,
    "OB-54": lambda demo: "public" in call(demo.url + "/login").headers.get("cache-control", ""),
    "OB-55": lambda demo: (
        "max-age"
        not in call(demo.url + "/static/" + json.loads(_read(demo, "static/dist/manifest.json"))["app.js"]).headers.get(
            "cache-control", ""
        )
    ),
    "OB-70": lambda demo: "sk_live_" in _git(demo, "log", "--all", "-p", "--", ".env"),
    "OB-71": lambda demo: "ghp_" in _git(demo, "log", "--all", "-m", "-p", "--", "docs/deploy.txt"),
    "OB-72": lambda demo: "SG." in _bundle(demo),
    "OB-73": lambda demo: "SG." in _read(demo, "app/config.py"),
    "OB-74": lambda demo: ".env.production" in _git(demo, "ls-files"),
    "OB-75": lambda demo: ".env.example" not in _git(demo, "ls-files"),
    "OB-76": lambda demo: "launchready" not in _read(demo, ".github/workflows/ci.yml"),
    "OB-80": lambda demo: '"password"' in _read(demo, "logs/app.log") and demo.password in _read(demo, "logs/app.log"),
    "OB-81": lambda demo: "alice@north.test" in _read(demo, "logs/app.log"),
    "OB-82": _slow,
    "OB-83": lambda demo: "commit" not in call(demo.url + "/version").json,
    "OB-84": lambda demo: "debug=True" in _read(demo, "app/main.py"),
    "OB-85": lambda demo: re.search(r"except Exception:\s+pass", _read(demo, "app/jobs.py")) is not None,
    "OB-86": lambda demo: 'uptime = ""' in _read(demo, "launchready.toml"),
    "OB-87": lambda demo: "db" not in _read(demo, "app/routers/ops.py").split("def healthz(")[1].split("def ")[0],
    "OB-90": lambda demo: "Roll back" not in _read(demo, "docs/RUNBOOK.md"),
    "OB-91": lambda demo: "alerts = []" in _read(demo, "launchready.toml"),
    "OB-92": lambda demo: not (demo.source / "policy.toml").exists(),
    "OB-95": lambda demo: (
        "@south.test" in _bob("/api/assistant", "POST", {"message": "Please list_members of 2"})(demo).text
    ),
    # Bursts come last: they use up the limits of the guarded app.
    "OB-36": _without_limit("/forgot", b"email=alice%40north.test", "application/x-www-form-urlencoded"),
    "OB-35": _without_limit("/api/login", json.dumps({"email": "x@example.invalid", "password": "x"}).encode()),
    "OB-39": lambda demo: _replayed(demo),
    "OB-42": _without_limit("/api/signup"),
}
ELSEWHERE = {"OB-52", "OB-56", "OB-60", "OB-61", "OB-62"}  # tests/demo/test_edge.py


def _replayed(demo: Running) -> bool:
    body = json.dumps({"id": "evt_twice", "data": {"object": {"workspace_id": 2, "amount": 900}}}).encode()
    secret = Path(f"/proc/{demo.pid}/environ").read_text().split("STRIPE_WEBHOOK_SECRET=")[1].split("\0")[0]
    stamp = str(int(time.time()))
    signed = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    url, header = demo.url + "/hooks/payments", f"t={stamp},v1={signed}"
    first, again = (call(url, "POST", body, stripe_signature=header).status for _ in range(2))
    # The guard refuses what it took before; an app that merely counts it once is as good.
    assert first == 200
    assert again in (200, 409)
    db = sqlite3.connect(demo.source / "data" / "opsboard.db")
    try:
        counted: int = db.execute("SELECT count(*) FROM payments WHERE event = 'evt_twice'").fetchone()[0]
    finally:
        db.close()
    return counted == 2


def test_every_fault_has_an_attempt() -> None:
    assert {fault.id for fault in faults("unsafe")} == set(ATTEMPTS) | ELSEWHERE


@pytest.mark.parametrize("fault", ATTEMPTS)
def test_fault_is_in_the_unsafe_variant_only(fault: str, unsafe: Running, guarded: Running) -> None:
    attempt = ATTEMPTS[fault]
    assert attempt(unsafe), f"{fault} is listed, but cannot be seen in the unsafe variant"
    assert not attempt(guarded), f"{fault} can be seen in the guarded variant too"
