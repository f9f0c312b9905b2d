"""Questions to a running app: real servers on loopback, one that is wrong and one that is right."""

import asyncio
import base64
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from launchready.model.project import Environment
from launchready.model.words import Confidence, Status
from launchready.probes.http import Site
from launchready.report.ranking import rows
from launchready.stages.deploy.checks import latency

from tests.report.sample import audit
from tests.stages.apps import fastapi
from tests.support.ask import ask, repository, write
from tests.support.web import Got, Reply, serve

App = Callable[[Got], Reply]
JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}
MEMBERS = json.dumps([{"name": "Ada", "email": "ada@example.com"}, {"name": "Bob", "email": "bob@example.com"}])
SOURCE = (
    '@app.get("/api/members")\ndef members(user=Depends(current_user)):\n    return everybody()\n'
    '@app.post("/api/notes")\ndef add(data: Note, user=Depends(current_user)):\n    db.execute("INSERT INTO notes")\n'
    '@app.post("/login")\nasync def login(request: Request):\n    data = await request.json()\n    return check(data["email"], data["password"])\n'
    '@app.post("/forgot-password")\ndef forgot(email: str):\n    return 1\n'
    '@app.post("/invites/{invite_id}/resend")\ndef resend(invite_id: int):\n    return 1\n'
    '@app.post("/webhooks/stripe")\nasync def hook(request: Request):\n    return 1\n'
    '@app.get("/search")\ndef search(q: str = ""):\n    return 1\n'
)


def refuses(got: Got) -> Reply:
    """What a sound app says to a stranger."""
    if got.path == "/":
        return Reply(200, "<html>hello</html>", HTML)
    if got.path == "/login" and got.method == "POST":
        return Reply(401, "{}", JSON)
    if got.path == "/search":
        return Reply(200, "[]", JSON) if got.query.split("=")[-1] in ("abc", "") else Reply(422, "{}", JSON)
    if got.path.startswith(("/api", "/invites", "/webhooks", "/forgot")):
        return Reply(401, '{"detail": "sign in"}', JSON)
    return Reply(404, "{}", JSON)


def but(path: str, reply: Reply | Callable[[Got], Reply], method: str = "") -> App:
    """The sound app, wrong at one address."""

    def app(got: Got) -> Reply:
        if got.path == path and method in ("", got.method):
            return reply(got) if callable(reply) else reply
        return refuses(got)

    return app


def _echo_origin(got: Got) -> Reply:
    return Reply(
        200,
        "{}",
        JSON
        | {"Access-Control-Allow-Origin": got.headers.get("origin", ""), "Access-Control-Allow-Credentials": "true"},
    )


def _believes(got: Got) -> Reply:
    token = got.headers.get("authorization", "").removeprefix("Bearer ")
    if not token:
        return Reply(401, "{}", JSON)
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return Reply(200, json.dumps({"id": claims["sub"]}), JSON)


def _crashes_on_broken_json(got: Got) -> Reply:
    try:
        json.loads(got.body)
    except ValueError:
        return Reply(500, "Internal Server Error")
    return Reply(401, "{}", JSON)


PAGE_HEADERS = HTML | {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
CASES: dict[str, tuple[App, str]] = {
    "LR201": (but("/api/members", Reply(200, MEMBERS, JSON)), "GET /api/members"),
    "LR203": (but("/api/notes", Reply(201, "{}", JSON), "POST"), "POST /api/notes"),
    "LR205": (but("/openapi.json", Reply(200, '{"openapi": "3.1.0", "paths": {}}', JSON)), "GET /openapi.json"),
    "LR212": (but("/api/members", _believes), "site"),
    "LR221": (but("/", _echo_origin), "site"),
    "LR301": (but("/login", _crashes_on_broken_json, "POST"), "POST /login"),
    "LR302": (but("/login", Reply(500, "Traceback (most recent call last):\n  File"), "POST"), "site"),
    "LR332": (but("/forgot-password", Reply(200, "{}", JSON), "POST"), "POST /forgot-password"),
    "LR333": (but("/webhooks/stripe", Reply(200, "{}", JSON), "POST"), "POST /webhooks/stripe"),
}


@pytest.mark.parametrize("check", CASES)
async def test_fails_on_the_wrong_app_and_not_on_the_sound_one(check: str, tmp_path: Path) -> None:
    wrong, target = CASES[check]
    source = write(tmp_path, fastapi(SOURCE))
    with serve(wrong) as url:
        bad = await ask(check, source, url)
    assert [finding.target for finding in bad.findings] == [target]
    assert bad.findings[0].confidence is Confidence.PROVEN
    assert "127.0.0.1" in bad.findings[0].reproduction or check == "LR212"
    with serve(refuses) as url:
        assert (await ask(check, source, url)).findings == ()


@pytest.mark.parametrize(
    ("check", "path"), [("LR331", "/login"), ("LR332", "/forgot-password"), ("LR334", "/invites/987654321/resend")]
)
async def test_bursts_see_a_limit_and_the_lack_of_one(check: str, path: str, tmp_path: Path) -> None:
    source = write(tmp_path, fastapi(SOURCE))
    counts = {"calls": 0}

    def limited(got: Got) -> Reply:
        if got.path == path and got.method == "POST":
            counts["calls"] += 1
            if counts["calls"] > 5:
                return Reply(429, "{}", JSON | {"Retry-After": "3600"})  # Too long to be waited for.
            return Reply(401 if path == "/login" else 200, "{}", JSON)
        return refuses(got)

    with serve(limited) as url:
        assert (await ask(check, source, url)).status is Status.PASS
    with serve(but(path, Reply(401 if path == "/login" else 200, "{}", JSON), "POST")) as url:
        bad = await ask(check, source, url)
    assert len(bad.findings) == 1
    assert "attempts in a row" in bad.findings[0].detail


@pytest.mark.parametrize("check", ["LR203", "LR332", "LR333"])
async def test_nothing_is_written_where_writing_is_not_allowed(check: str, tmp_path: Path) -> None:
    seen: list[str] = []

    def app(got: Got) -> Reply:
        seen.append(got.method)
        return refuses(got)

    with serve(app) as url:
        outcome = await ask(
            check, write(tmp_path, fastapi(SOURCE)), environment=Environment("production", url, writes=False)
        )
    assert outcome.status is Status.NOT_CHECKED
    assert "writes = true" in outcome.give
    assert set(seen) <= {"GET"}


async def test_a_login_page_shown_to_strangers_is_no_leak(tmp_path: Path) -> None:
    page = '<form><input type="password"></form> write to ada@example.com or bob@example.com'
    with serve(but("/api/members", Reply(200, page, HTML))) as url:
        assert (await ask("LR201", write(tmp_path, fastapi(SOURCE)), url)).findings == ()


@pytest.mark.parametrize(
    ("reply", "findings"),
    [
        pytest.param(
            Reply(200, "<p>This invitation is invalid or was used.</p>", HTML), 0, id="a page may say so with 200"
        ),
        pytest.param(
            Reply(200, '{"board": "Winter", "open": true}', {"Content-Type": "application/json"}), 1, id="data"
        ),
    ],
)
async def test_a_page_for_a_made_up_id_proves_nothing(reply: Reply, findings: int, tmp_path: Path) -> None:
    source = write(
        tmp_path,
        fastapi('@app.get("/m/{member_id}")\ndef m(member_id: int, user=Depends(current_user)):\n    return 1\n'),
    )
    with serve(lambda got: reply if got.path.startswith("/m/") else refuses(got)) as url:
        outcome = await ask("LR201", source, url)
    assert len(outcome.findings) == findings
    assert any("may say that there is no such record" in gap.reason for gap in outcome.gaps) is (not findings)


async def test_a_made_up_id_that_is_not_found_proves_nothing(tmp_path: Path) -> None:
    source = write(tmp_path, fastapi('@app.get("/m/{member_id}")\ndef m(member_id: int):\n    return 1\n'))
    with serve(refuses) as url:
        outcome = await ask("LR201", source, url)
    assert not outcome.complete


@pytest.mark.parametrize(("headers", "count"), [(HTML, 1), (PAGE_HEADERS, 0)])
async def test_page_headers(headers: dict[str, str], count: int) -> None:
    with serve(but("/", Reply(200, "<html></html>", headers))) as url:
        outcome = await ask("LR401", url=url)
    assert len(outcome.findings) == count


@pytest.mark.parametrize(("said", "count"), [("public, max-age=600", 1), ("private, max-age=600", 0), ("no-store", 0)])
async def test_private_pages_in_shared_caches(said: str, count: int, tmp_path: Path) -> None:
    source = write(tmp_path, fastapi('@app.get("/admin")\ndef admin_page(user=Depends(admin)):\n    return 1\n'))
    with serve(but("/admin", Reply(200, "{}", JSON | {"Cache-Control": said}))) as url:
        outcome = await ask("LR402", source, url)
    assert len(outcome.findings) == count


@pytest.mark.parametrize(
    ("page", "more", "count"),
    [
        ("<head><title>Shelf</title></head><body><div id=root></div><script>go()</script></body>", {}, 0),
        ("<body><h1>Shelf</h1></body>", {"x-nextjs-prerender": "1"}, 0),
        ("<body><h1>Shelf</h1> of Ann</body>", {}, 1),
    ],
    ids=["empty frame", "made when built", "made for whoever asks"],
)
async def test_a_page_of_the_administration_that_asks_nobody(
    page: str, more: dict[str, str], count: int, tmp_path: Path
) -> None:
    source = write(
        tmp_path,
        fastapi(
            '@app.get("/admin/shelf")\ndef frame():\n    return 1\n@app.get("/me")\ndef me(user=Depends(admin)):\n    return 1\n'
        ),
    )
    answer = Reply(200, page, HTML | {"Cache-Control": "s-maxage=31536000"} | more)
    with serve(but("/admin/shelf", answer)) as url:
        outcome = await ask("LR402", source, url)
    assert len(outcome.findings) == count


@pytest.mark.parametrize(("said", "count"), [("", 1), ("public, max-age=31536000, immutable", 0)])
async def test_built_files_are_kept(said: str, count: int) -> None:
    def app(got: Got) -> Reply:
        if got.path == "/":
            return Reply(200, '<script src="/assets/app.9f8e7d6c.js"></script>', HTML)
        return Reply(200, "1", {"Content-Type": "text/javascript", "Cache-Control": said} if said else {})

    with serve(app) as url:
        outcome = await ask("LR403", url=url)
    assert len(outcome.findings) == count


async def test_version_must_name_the_commit_at_hand(tmp_path: Path) -> None:
    repository(tmp_path, {"a.py": "x = 1"})
    from launchready.sources.git import Repository

    opened = Repository.open(tmp_path)
    assert opened is not None
    for body, count in (({"commit": opened.head}, 0), ({"commit": "0123456789abcdef"}, 1), ({"version": "dev"}, 1)):
        with serve(but("/version", Reply(200, json.dumps(body), JSON))) as url:
            outcome = await ask("LR602", tmp_path, url)
        assert len(outcome.findings) == count, body


async def test_slow_reads_are_measured_against_the_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    # A second, since a busy machine may take 300 ms for anything.
    monkeypatch.setattr(latency, "TARGET", 1000.0)
    source = write(
        tmp_path,
        fastapi('@app.get("/slow")\ndef slow():\n    return 1\n@app.get("/quick")\ndef quick():\n    return 1\n'),
    )

    def app(got: Got) -> Reply:
        if got.path == "/slow":
            time.sleep(1.1)
        return Reply(200, "{}", JSON)

    with serve(app) as url:
        outcome = await ask("LR601", source, url)
    assert [finding.target for finding in outcome.findings] == ["GET /slow"]
    assert {measure.name for measure in outcome.measures} == {"p50", "p95"}


async def test_a_read_that_takes_seconds_is_not_called_twenty_times(tmp_path: Path) -> None:
    import time

    called: list[str] = []

    def app(got: Got) -> Reply:
        called.append(got.path)
        if got.path == "/report":
            time.sleep(2.1)
        return Reply(200, "{}", JSON)

    source = write(tmp_path, fastapi('@app.get("/report")\ndef report():\n    return 1\n'))
    with serve(app) as url:
        outcome = await ask("LR601", source, url)
    (found,) = outcome.findings
    assert "2 calls" in found.detail
    assert called.count("/report") == 3  # once to see whether it answers a stranger, then until it is settled


async def test_a_host_that_is_not_ours_is_not_probed(tmp_path: Path) -> None:
    # 192.0.2.1 is reserved for documentation (RFC 5737): nothing answers, and nothing may be sent before asking.
    from launchready.core.check import NotCheckedError
    from launchready.probes.http import Site

    async with Site.open("https://192.0.2.1") as site:
        with pytest.raises(NotCheckedError, match="not loopback"):
            site.require_active()
    async with Site.open("https://192.0.2.1", authorized_by="Dana") as site:
        site.require_active()


async def test_live_cookies_without_flags() -> None:
    described = json.dumps({"openapi": "3.1.0", "paths": {"/hello": {"get": {}}}})

    def app(got: Got) -> Reply:
        if got.path == "/openapi.json":
            return Reply(200, described, JSON)
        return Reply(200, "{}", JSON | {"Set-Cookie": "sessionid=abcdefgh; Path=/"})

    with serve(app) as url:
        outcome = await ask("LR206", url=url)
    assert [finding.target for finding in outcome.findings] == ["site"]
    assert "HttpOnly" in outcome.findings[0].title


async def test_an_endpoint_only_the_running_app_shows(tmp_path: Path) -> None:
    described = json.dumps({"openapi": "3.1.0", "paths": {"/old/report": {"get": {}}}})

    def app(got: Got) -> Reply:
        return Reply(200, described, JSON) if got.path == "/openapi.json" else Reply(200, "{}", JSON)

    with serve(app) as url:
        outcome = await ask("LR101", write(tmp_path, fastapi(SOURCE)), url)
    assert [finding.target for finding in outcome.findings] == ["GET /old/report"]


@pytest.mark.parametrize(("answers", "status"), [(MEMBERS, Status.FAIL), ("", Status.PASS)], ids=["leaks", "refuses"])
async def test_a_redirect_to_the_same_address_with_a_slash_is_followed_before_anything_is_said(
    answers: str, status: Status, tmp_path: Path
) -> None:
    def app(got: Got) -> Reply:
        if got.path == "/api/members":
            return Reply(308, "", {"Location": "/api/members/"})
        if got.path == "/api/members/" and answers:
            return Reply(200, answers, JSON)
        return refuses(got)

    source = write(tmp_path, fastapi(SOURCE))
    with serve(app) as url:
        outcome = await ask("LR201", source, url)
    assert outcome.status is status


@pytest.mark.parametrize(
    ("page", "count"), [("<title>listing directory /files</title>", 1), ("<title>Files</title> sign in", 0)]
)
async def test_a_folder_that_is_listed(page: str, count: int, tmp_path: Path) -> None:
    """robots.txt names one folder, the source mounts another; whatever lists its files counts."""
    source = write(tmp_path, {"app.js": 'app.use("/support/logs", tidy, serveIndex("logs"));\n'})

    def app(got: Got) -> Reply:
        if got.path == "/robots.txt":
            return Reply(200, "User-agent: *\nDisallow: /files\n", {"Content-Type": "text/plain"})
        return Reply(200, page, HTML) if got.path in ("/files", "/support/logs") else Reply(404, "")

    with serve(app) as url:
        found = await ask("LR205", source, url)
    assert [finding.target for finding in found.findings] == ["GET /files", "GET /support/logs"] * count


async def test_pages_that_one_switch_takes_off_are_one_thing_to_do(tmp_path: Path) -> None:
    shown = {
        "/docs": Reply(200, "<div id='swagger-ui'></div>", HTML),
        "/redoc": Reply(200, "<redoc></redoc>", HTML),
        "/openapi.json": Reply(200, '{"openapi": "3.1.0", "paths": {}}', JSON),
    }
    with serve(lambda got: shown.get(got.path, Reply(404, ""))) as url:
        found = await ask("LR205", write(tmp_path, {"main.py": "import fastapi\n"}), url)
    (row,) = rows(dataclasses.replace(audit(0), findings=found.findings))
    assert row.places == "GET /docs, GET /openapi.json, GET /redoc"


async def test_a_body_shorter_than_promised_is_read_as_far_as_it_goes() -> None:
    """A middleware that rewrites pages and keeps their old length; browsers show what came."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900\r\n\r\n<title>Index of /files</title>"
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, Site.open(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as site:
        exchange = await site.send("GET", "/files")
    assert exchange.ok
    assert "Index of" in exchange.text


@pytest.mark.parametrize(("size", "stays"), [(3 << 20, True), (32 << 20, False)])
async def test_nobody_hangs_up_in_an_answer_that_ends_soon(size: int, stays: bool) -> None:
    told, over = list[bool](), asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
                for _ in range(size >> 20):
                    writer.write(bytes(1 << 20))
                    await writer.drain()
                told.append(True)
        except OSError:
            told.append(False)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()
            over.set()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        async with Site.open(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as site:
            got = await site.send("GET", "/file")
        await over.wait()
    assert (got.status, len(got.body)) == (200, 1 << 20)
    assert told == [stays]
