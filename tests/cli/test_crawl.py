"""``launchready surface --crawl``: a real Chromium walks a real site, as a guest and as somebody who signs in."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.cli.run import launchready
from tests.support.ask import write
from tests.support.web import Got, Reply, serve

SECRET = "autumn-leaves-in-" + os.urandom(4).hex()
HTML = {"Content-Type": "text/html"}
SOURCE = """
from fastapi import FastAPI
app = FastAPI()
@app.get("/api/workspaces/{workspace_id}/members")
def members(workspace_id: int, page: int = 1): ...
@app.delete("/api/members/{member_id}")
def remove(member_id: int): ...
"""
PROJECT = """
[identities.dana]
role = "member"
login = "form"
username = "dana@example.com"
password = { env = "DANA_PASSWORD" }
[identities.robot]
role = "admin"
login = "bearer"
token = { env = "ROBOT_TOKEN" }
"""


def crawl(folder: Path, url: str, **environment: str) -> subprocess.CompletedProcess[str] | None:
    """The walk; None on a machine without a browser, where the command must say what to install."""
    done = launchready("surface", folder, "--crawl", url, "--format", "json", cwd=None, **environment)
    if any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))) or done.returncode == 0:
        return done
    assert done.returncode == 2
    assert "playwright install chromium" in done.stderr
    return None


class Site:
    """A small community site. ``got`` is every request it received, ``elsewhere`` what the host of its scripts received."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.elsewhere: list[Got] = []
        self.scripts = ""

    def answer(self, got: Got) -> Reply:
        self.got.append(got)
        signed = "session=ok" in got.headers.get("cookie", "") or got.headers.get("authorization") == f"Bearer {SECRET}"
        match got.method, got.path:
            case "GET", "/":
                links = '<a href="/members">Members</a><a href="/logout">Out</a><a href="/members/4/delete">Delete</a>'
                return Reply(200, f'<script src="{self.scripts}/tag.js"></script>{links}', HTML)
            case "GET", "/login":
                form = '<form method="post"><input name="email"><input type="password" name="password"><button>Go</button></form>'
                return Reply(200, form, HTML)
            case "POST", "/login":
                sent = parse_qs(got.body.decode())
                if sent != {"email": ["dana@example.com"], "password": [SECRET]}:
                    return Reply(303, "", {"Location": "/login"})
                return Reply(303, "", {"Location": "/", "Set-Cookie": "session=ok; HttpOnly; Path=/"})
            case "GET", "/members" if signed:
                call = 'fetch("/api/workspaces/7/members?page=2"); fetch("/api/hints/12", {method: "POST", body: JSON.stringify({seen: 1})});'
                return Reply(200, f"<script>{call}</script>", HTML)
            case "GET", "/members":
                return Reply(303, "", {"Location": "/login"})
        return Reply(200, "{}", {"Content-Type": "application/json"})

    def other(self, got: Got) -> Reply:
        self.elsewhere.append(got)
        return Reply(200, "1", {"Content-Type": "text/javascript"})


@pytest.fixture
def site() -> Iterator[tuple[Site, str]]:
    made = Site()
    with serve(made.other) as scripts, serve(made.answer) as url:
        made.scripts = scripts
        yield made, url


def test_a_walk_sees_the_calls_of_pages_as_each_identity(site: tuple[Site, str], tmp_path: Path) -> None:
    made, url = site
    write(tmp_path, {"main.py": SOURCE, "launchready.toml": PROJECT})
    done = crawl(tmp_path, url, DANA_PASSWORD=SECRET, ROBOT_TOKEN=SECRET)
    if done is None:
        return
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    endpoints = {f"{one['method']} {one['path']}": one for one in found["endpoints"]}
    assert endpoints["GET /api/workspaces/{workspace_id}/members"]["seen_in"] == ["source", "browser"]
    assert endpoints["DELETE /api/members/{member_id}"]["seen_in"] == ["source"]
    hints = endpoints["POST /api/hints/{id}"]
    assert hints["access"]["verdict"] == "unknown"
    assert {(given["name"], given["in"]) for given in hints["inputs"]} == {("id", "path"), ("seen", "body")}
    assert "dana" in hints["access"]["evidence"][0]["what"]
    unread = " ".join(one["reason"] for one in found["unread"])
    assert made.scripts.removeprefix("http://") in unread
    # What a walk must never do: end the session, delete, or hand a credential to another host.
    assert not [got.path for got in made.got if got.path in ("/logout", "/members/4/delete")]
    assert made.elsewhere
    assert not any("authorization" in got.headers for got in made.elsewhere)
    assert SECRET not in done.stdout + done.stderr


def test_an_identity_that_cannot_sign_in_is_told(site: tuple[Site, str], tmp_path: Path) -> None:
    write(tmp_path, {"main.py": SOURCE, "launchready.toml": PROJECT})
    done = crawl(tmp_path, site[1], DANA_PASSWORD="wrong")
    if done is None:
        return
    reasons = [one["reason"] for one in json.loads(done.stdout)["unread"]]
    assert "dana: not signed in, the form of /login still asks for a password afterwards" in reasons
    assert "robot: not signed in, ROBOT_TOKEN is not set" in reasons


@pytest.mark.parametrize(
    ("address", "said"), [("localhost:1", "Give one such as http://"), ("http://127.0.0.1:4", "Start")]
)
def test_an_address_without_a_site(address: str, said: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.py": SOURCE})
    done = launchready("surface", tmp_path, "--crawl", address)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
