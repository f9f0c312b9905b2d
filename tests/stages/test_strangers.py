"""What a stranger gets and does: private data and changes are faults, what every app shows and takes from strangers is none."""

import json
import re
from pathlib import Path

import pytest
from launchready.model.words import Confidence, Severity, Status

from tests.stages.test_proof_care import ended, prove
from tests.support.ask import ask, write
from tests.support.club import Club, Member, body, said
from tests.support.web import Got, Reply, serve


def _answers(path: str, text: object, kind: str = "application/json", status: int = 200, method: str = "post") -> Club:
    def spoil(club: Club, got: Got, who: Member | None) -> Reply | None:
        shown = text if isinstance(text, str) else json.dumps(text)
        return Reply(status, shown, {"Content-Type": kind}) if got.path == path else None

    return Club(spoil, {path: {"get": {}, method: {}}})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ([{"id": 1, "name": "Jo", "email": "jo@club.example.org"}], "application/json"),
        ({"members": ["jo@club.example.org"]}, "application/json"),
        ("<ul><li>jo@club.example.org</li><li>mo@club.example.org</li></ul>", "text/html"),
        ("name,email\nJo,jo@club.example.org\n", "text/csv"),
        (
            {"ok": True, "env": {"PATH": "/usr/local/bin:/bin", "HOME": "/srv", "PWD": "/srv/app", "PORT": "3000"}},
            "application/json",
        ),
    ],
    ids=["record", "list of addresses", "page", "export", "the environment of the server"],
)
async def test_addresses_of_people_are_private(text: object, kind: str) -> None:
    outcome = ended(await prove(_answers("/api/people", text, kind), checks=("LR201",)), "LR201")
    assert [finding.target for finding in outcome.findings] == ["GET /api/people"]


_PASSES = """
const express = require("express");
const app = express();
app.use((req, res, next) => {
  if (!req.cookies.token) return next();
  if (!known(req.cookies.token)) return res.status(401).end();
  next();
});
app.get("PATH", (req, res) => res.json({ items: queue }));
"""


@pytest.mark.parametrize(("path", "told"), [("/admin/moderation", [Confidence.SUSPECTED]), ("/moderation", [])])
async def test_a_list_of_the_administration_that_answers_a_stranger_is_a_question(
    path: str, told: list[Confidence], tmp_path: Path
) -> None:
    source = {"package.json": '{"dependencies": {"express": "4"}}', "app.js": _PASSES.replace("PATH", path)}
    with serve(lambda got: said(200, {"items": []}) if got.path == path else said(404)) as url:
        outcome = await ask("LR201", write(tmp_path, source), url)
    assert [one.confidence for one in outcome.findings] == told
    assert all("perhaps read what is meant for staff" in one.title for one in outcome.findings)


@pytest.mark.parametrize(
    ("second", "confidence"),
    [
        ('<a href="mailto:mo@club.example.org">mo@club.example.org</a>', Confidence.SUSPECTED),
        ("mo@club.example.org", Confidence.PROVEN),
    ],
    ids=["both to be written to", "one alone"],
)
async def test_addresses_that_a_page_offers_to_write_to_are_a_question(second: str, confidence: Confidence) -> None:
    page = f'<ul><li><a href="mailto:jo@club.example.org">jo@club.example.org</a></li><li>{second}</li></ul>'
    outcome = ended(await prove(_answers("/api/people", page, "text/html"), checks=("LR201",)), "LR201")
    assert [one.confidence for one in outcome.findings] == [confidence]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Contact: mailto:jo@club.example.org\nExpires: 2027-01-01T00:00:00Z\n", "text/plain"),
        ("<p>Write to <a href='mailto:jo@club.example.org'>Jo</a></p>", "text/html"),
        ("openapi: 3.0.3\ninfo:\n  description: such as jo@club.example.org\n", "application/vnd.oai.openapi"),
        ({"name": "Club", "contactEmail": "jo@club.example.org", "mail": {"sender": "mo@club.example.org"}}, "application/json"),
    ],
    ids=["security.txt", "imprint", "description as YAML", "settings"],
)  # fmt: skip
async def test_the_address_to_reach_an_app_by_is_not(text: object, kind: str) -> None:
    outcome = ended(await prove(_answers("/api/people", text, kind), checks=("LR201",)), "LR201")
    assert (outcome.status, outcome.findings) == (Status.PASS, ())


_FRAME = """<html><body><nav class="navbar"><a href="mailto:mo@makers.example,bo@makers.example">Write</a></nav>%s
<div class="site-footer"><p>By <a href="mailto:mo@makers.example">Mo</a>, <a href="mailto:bo@makers.example">Bo</a></p></div></body></html>"""
_MEMBERS = "<main><ul><li><address>jo@club.example.org</address></li><li><address>mo@club.example.org</address></li></ul></main>"


def _site(**pages: str) -> Club:
    """A club with pages for strangers, by the last part of their addresses."""

    def spoil(club: Club, got: Got, who: Member | None) -> Reply | None:
        shown = pages.get(got.path.strip("/"))
        return None if shown is None else Reply(200, shown, {"Content-Type": "text/html; charset=utf-8"})

    return Club(spoil, {f"/{name}": {"get": {}} for name in pages})


async def read_by_strangers(club: Club) -> set[str]:
    """Where a stranger was shown private data."""
    return {finding.target for finding in ended(await prove(club, checks=("LR201",)), "LR201").findings}


async def test_the_makers_in_the_frame_of_a_page_are_nobodys_data() -> None:
    assert await read_by_strangers(_site(about=_FRAME % "<p>About us</p>", join=_FRAME % "<p>Join</p>")) == set()


async def test_members_on_a_page_are_found_beside_the_makers_in_its_frame() -> None:
    assert await read_by_strangers(_site(about=_FRAME % "<p>About us</p>", people=_FRAME % _MEMBERS)) == {"GET /people"}


async def test_members_are_found_in_a_footer_that_names_many() -> None:
    footer = (
        "<footer>"
        + ", ".join(f"{name}@club.example.org" for name in ("jo", "mo", "bo", "al", "ed", "cy"))
        + "</footer>"
    )
    assert await read_by_strangers(_site(about=f"<html><body><p>Us</p>{footer}</body></html>")) == {"GET /about"}


async def test_what_stands_on_most_pages_is_the_sites_and_what_stands_on_one_is_not() -> None:
    says = "<p>%s</p><p>Made by mo@makers.example and bo@makers.example</p>"
    pages = {name: says % name for name in ("about", "join", "rules")}
    assert await read_by_strangers(_site(**pages)) == set()
    assert await read_by_strangers(_site(**pages, people=says % "" + _MEMBERS)) == {"GET /people"}
    assert await read_by_strangers(_site(about=says % "about")) == {"GET /about"}


@pytest.mark.parametrize(
    ("path", "text", "status"),
    [("/api/admin/jobs", {}, 200), ("/api/orders", {"id": 7}, 200), ("/api/orders", {}, 201)],
)
async def test_a_yes_to_a_stranger_is_proven_where_something_shows_that_it_should_be_no(
    path: str, text: object, status: int
) -> None:
    (finding,) = ended(await prove(_answers(path, text, status=status), checks=("LR203",)), "LR203").findings
    assert finding.target == f"POST {path}"
    assert (finding.severity, finding.confidence) == (Severity.BLOCKER, Confidence.PROVEN)


async def test_a_yes_that_everybody_may_get_is_a_question_and_no_alarm() -> None:
    outcome = ended(await prove(_answers("/api/chat", {"reply": "Hello"}), checks=("LR203",)), "LR203")
    assert outcome.findings == ()
    assert [gap.target for gap in outcome.gaps if "said yes to a stranger" in gap.reason] == ["POST /api/chat"]


@pytest.mark.parametrize("changes", [False, True], ids=["the page that is there", "another page"])
async def test_a_page_that_everybody_is_shown_there_is_no_yes(changes: bool, tmp_path: Path) -> None:
    """What is sent to a form that takes it leads elsewhere, or to a page that says so."""
    body = "".join(f"<p>Rule {number} of the administration</p>\n" for number in range(40))

    def answer(got: Got) -> Reply:
        done = (
            "<h1>All notes were removed</h1>"
            if changes and got.method == "POST"
            else f"{body}<i>{len(got.headers)}</i>"
        )
        return Reply(200 if got.path == "/admin/rules" else 404, f"<html>{done}</html>", {"Content-Type": "text/html"})

    app = (
        "from flask import Flask, render_template, request\nfrom rules import keep\napp = Flask(__name__)\n\n"
        "@app.route('/admin/rules', methods=['GET', 'POST'])\ndef rules():\n    if request.method == 'POST' and request.form.get('rule'):\n"
        "        keep(request.form['rule'])\n    return render_template('rules.html')\n"
    )
    with serve(answer) as url:
        outcome = await ask("LR203", write(tmp_path, {"main.py": app}), url)
    assert [finding.target for finding in outcome.findings] == (["POST /admin/rules"] if changes else [])
    assert bool(outcome.gaps) is not changes


class Unwatched(Club):
    """Writes to a note ask for no session; ``anyone`` makes one too, on a page that all may read."""

    anyone = False

    def answer(self, got: Got, who: Member | None) -> Reply:
        """As the club does, for whoever calls."""
        note = self.notes.get(int(got.path.rpartition("/")[2])) if re.fullmatch(r"/api/notes/\d+", got.path) else None
        if note is not None and got.method in ("PUT", "DELETE"):
            note |= body(got) if got.method == "PUT" else {}
            if got.method == "DELETE":
                del self.notes[int(got.path.rpartition("/")[2])]
            return said(200, note)
        if self.anyone and got.path.startswith("/api/"):
            return super().answer(got, who or Member(0, "nobody@club.example.org", "", "nobody"))
        return super().answer(got, who)


class Wall(Unwatched):
    """Nobody has an account, and everybody writes."""

    anyone = True


class Board(Wall):
    """Everybody writes, and nobody changes what is there."""

    def answer(self, got: Got, who: Member | None) -> Reply:
        """No to every change."""
        return (
            said(403, {"detail": "nobody changes a note"})
            if got.method in ("PUT", "DELETE")
            else super().answer(got, who)
        )


_WRITES = {
    ("PUT /api/notes/{note_id}", "Anyone on the internet"),
    ("DELETE /api/notes/{note_id}", "Anyone on the internet"),
}


@pytest.mark.parametrize(("club", "wrong"), [(Unwatched, _WRITES), (Wall, _WRITES), (Board, set()), (Club, set())])
async def test_a_stranger_is_tried_on_records_that_are_there(club: type[Club], wrong: set[tuple[str, str]]) -> None:
    """Also where nobody has an account: what one stranger wrote, another must not change."""
    done = await prove(club(), checks=("LR207",))
    assert {(one.target, one.title.partition(" can ")[0]) for one in done.findings} == wrong


@pytest.mark.parametrize("text", [{"error": "sign in first"}, {"message": "Permission denied", "method": "post"}])
async def test_a_yes_that_tells_of_an_error_is_none(text: dict[str, str]) -> None:
    outcome = ended(await prove(_answers("/api/orders", text), checks=("LR203",)), "LR203")
    assert outcome.status is Status.PASS


@pytest.mark.parametrize(
    ("text", "found"),
    [({"message": "success", "method": "put"}, []), ({"message": "saved", "name": "Jo"}, ["PUT /api/shown"])],
)
async def test_a_put_that_says_nothing_but_yes_is_a_question(text: dict[str, str], found: list[str]) -> None:
    outcome = ended(await prove(_answers("/api/shown", text, method="put"), checks=("LR203",)), "LR203")
    assert [finding.target for finding in outcome.findings] == found


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("/api/session", {"ok": "Signed out"}, []),
        ("/api/tokens", {"ok": True}, []),
        ("/api/notes", {"ok": True}, ["DELETE /api/notes"]),
        ("/api/tokens", {"removed": "9"}, ["DELETE /api/tokens"]),
    ],
)
async def test_to_end_a_session_that_nobody_has_is_a_question(
    path: str, text: dict[str, object], found: list[str]
) -> None:
    outcome = ended(await prove(_answers(path, text, method="delete"), checks=("LR203",)), "LR203")
    assert [finding.target for finding in outcome.findings] == found


async def test_signing_up_is_for_strangers_whatever_its_address() -> None:
    def users(club: Club, got: Got, who: Member | None) -> Reply | None:
        if got.path == "/api/signup":
            return said(404, {"detail": "no such page"})
        if (got.method, got.path) != ("POST", "/api/users"):
            return None
        given = {"email": "", "password": "", "name": ""} | body(got)
        club.last += 1
        club.members.append(Member(club.last, given["email"], given["password"], given["name"]))
        return said(201, club.members[-1].shown)

    club = Club(users)
    fields = {name: {"type": "string"} for name in ("email", "password", "name")}
    schema = {"type": "object", "properties": fields}
    club.more["/api/users"] = {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}
    outcome = ended(await prove(club, checks=("LR203", "LR204")), "LR203")
    assert not [finding for finding in outcome.findings if finding.target == "POST /api/users"]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("return { signedIn: Boolean(parseCookies(event).session) };", []),
        # What it does by each method is told once.
        ("const body = await readBody(event); return keep(body);", ["POST /api/check"]),
        (
            "const body = await readBody(event); return event.method === 'PUT' ? change(body) : keep(body);",
            ["DELETE /api/check", "PATCH /api/check", "POST /api/check", "PUT /api/check"],
        ),
    ],
    ids=["reads", "takes a body", "tells methods apart"],
)
async def test_a_handler_for_any_method_that_only_reads_may_say_yes_to_each(
    code: str, found: list[str], tmp_path: Path
) -> None:
    files = {
        "package.json": '{"dependencies": {"nuxt": "3.14.0"}}',
        "server/api/check.ts": f"export default defineEventHandler(async (event) => {{ {code} }});\n",
    }

    def answer(got: Got) -> Reply:
        kind = {"Content-Type": "application/json"}
        said = '{"signedIn": false}' if not found else '{"id": 7, "text": "kept"}'
        return Reply(200, said, kind) if got.path == "/api/check" else Reply(404, "{}", kind)

    with serve(answer) as url:
        outcome = await ask("LR203", write(tmp_path, files), url)
    assert sorted(finding.target for finding in outcome.findings) == found


@pytest.mark.parametrize(
    ("does", "found"),
    [
        ("res.json({ ok: true, method: 'PUT' });", []),
        ("rows[req.body.id] = req.body; res.json({ ok: true, method: 'PUT', rows: 1 });", ["PUT /api/thing"]),
        ("res.json({ ok: true, rows: await keep(req.body) });", ["PUT /api/thing"]),
    ],
    ids=["answers", "keeps", "hands on"],
)
async def test_a_yes_of_a_handler_that_does_nothing_else_is_no_change(
    does: str, found: list[str], tmp_path: Path
) -> None:
    files = {
        "package.json": '{"dependencies": {"express": "4"}}',
        "app.js": f"const express = require('express');\nconst app = express();\nconst rows = {{}};\napp.put('/api/thing', async (req, res) => {{ {does} }});\n",
    }

    def answer(got: Got) -> Reply:
        kind = {"Content-Type": "application/json"}
        shown = '{"ok": true, "rows": 1}' if got.path == "/api/thing" else "{}"
        return Reply(200 if got.path == "/api/thing" else 404, shown, kind)

    with serve(answer) as url:
        outcome = await ask("LR203", write(tmp_path, files), url)
    assert [finding.target for finding in outcome.findings] == found


_GUARDED = """
const express = require("express");
const app = express();
const signedIn = (req, res, next) => { if (!req.headers.authorization) return res.status(401).end(); next(); };
app.get("/links/all", signedIn, (req, res) => res.json({ items: queue }));
"""


@pytest.mark.parametrize(
    ("anywhere", "there", "told"),
    [
        ("<p>Nothing here. Asked at 1733</p>", "<p>Nothing here. Asked at 1734</p>", []),
        ("<p>Nothing here.</p>", "<p>Three links</p>", ["GET /links/all"]),
        ("", "<p>Three links</p>", ["GET /links/all"]),
    ],
    ids=["the same at any address", "a page of its own", "nothing elsewhere"],
)
async def test_what_an_app_says_at_any_address_is_no_answer_of_one(
    anywhere: str, there: str, told: list[str], tmp_path: Path
) -> None:
    source = {"package.json": '{"dependencies": {"express": "4"}}', "app.js": _GUARDED}

    def answer(got: Got) -> Reply:
        text = there if got.path == "/links/all" else anywhere
        return Reply(200 if text else 404, text, {"Content-Type": "text/html"})

    with serve(answer) as url:
        outcome = await ask("LR201", write(tmp_path, source), url)
    assert [one.target for one in outcome.findings] == told
    assert told or "GET /links/all" in {gap.target for gap in outcome.gaps}
