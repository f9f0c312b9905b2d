"""Where files go and how visitors get them back, as apps do it: JSON, forms of pages, bodies that are the file, names, redirects, lists."""

import json
import re
import secrets
from urllib.parse import parse_qs, unquote

import pytest
from launchready.ground.result import Harm, Proof
from launchready.model.inputs import Answered

from tests.stages.files import JSON, Kept, Part, Store, anything, club, parts, tried, uploads
from tests.stages.members import Asked, Body, Members, missing
from tests.support.web import Reply

HTML = {"Content-Type": "text/html; charset=utf-8"}


def kept(found: Proof) -> set[str]:
    """What came back of what was sent."""
    return {one.what for one in found.inputs if one.answered is Answered.KEPT}


def svg(part: Part) -> str:
    return part.kind or "application/octet-stream"


def give(app: Members, template: str, files: dict[str, Part]) -> None:
    """Serve kept files at an address by the last part of it, as the kind that was said."""

    @app.route("GET", template, open=True, hidden="*" in template)
    def one(asked: Asked) -> Body:
        part = files.get(unquote(asked.got.path.rsplit("/", 1)[-1]))
        return Reply(200, part.content, {"Content-Type": svg(part)}) if part else missing()


def refused() -> Reply:
    return Reply(422, json.dumps({"detail": [{"loc": ["body", "file"], "msg": "Field required"}]}), JSON)


@pytest.mark.parametrize(
    "answer",
    [lambda key: {"file": {"id": key}}, lambda key: {"path": f"uploads/{key}"}, lambda key: {"url": f"http://cdn.example.com/uploads/{key}"},
     lambda key: {"stored": f"/srv/app/uploads/{key}"}, lambda key: {"filename": key}, lambda key: {"done": True}],
    ids=["an id", "a relative path", "an address of another name", "a path on its disk", "a name", "nothing but the name sent"],
)  # fmt: skip
async def test_what_the_answer_says_leads_to_the_file(answer: object) -> None:
    app = club()
    files: dict[str, Part] = {}

    @app.route("POST", "/uploads", "+file")
    def take(asked: Asked) -> Body:
        part = parts(asked.got).get("file")
        if part is None or anything(part) or not part.name:
            return refused()
        key = part.name if "done" in str(answer("x")) else f"{secrets.token_hex(8)}.{part.name.rsplit('.')[-1]}"  # type: ignore[operator]
        files[key] = part
        return answer(key)  # type: ignore[operator]

    give(app, "/uploads/{name}", files)
    assert "script" in uploads(await tried(app))


async def test_an_id_leads_to_a_read_of_the_app() -> None:
    app, store = club(), Store(path="/reports", refuse=anything, kind=svg)

    @app.route("POST", "/reports", "+file")
    def take(asked: Asked) -> Body:
        said = store.take(asked)
        return said if isinstance(said, Reply) else {"report": {"id": int(said["url"].rsplit("/", 1)[-1])}}

    app.route("GET", "/reports/{id}/download", open=True)(store.give)
    assert "script" in uploads(await tried(app))


async def test_a_name_in_the_query_leads_to_the_file() -> None:
    app = club()
    files: dict[str, Part] = {}

    @app.route("POST", "/store", "+file")
    def take(asked: Asked) -> Body:
        part = parts(asked.got).get("file")
        if part is None or not part.name or anything(part):
            return refused()
        files[part.name] = part
        return {"ok": True}

    @app.route("GET", "/fetch", "?file_name", open=True)
    def read(asked: Asked) -> Body:
        part = files.get(parse_qs(asked.got.query).get("file_name", [""])[0])
        return Reply(200, part.content, {"Content-Type": svg(part)}) if part else missing()

    assert "script" in uploads(await tried(app))


async def test_what_goes_with_the_file_is_made_up_and_mended() -> None:
    app, store = club(), Store(refuse=anything, kind=svg)

    @app.route("POST", "/photos", "+picture", "title", "album_color")
    def take(asked: Asked) -> Body:
        given = parts(asked.got)
        if "license" not in given:
            return Reply(422, json.dumps({"detail": [{"loc": ["body", "license"], "msg": "Field required"}]}), JSON)
        part = given.get("picture")
        if part is None or anything(part) or not given["title"].content:
            return refused()
        store.kept[str(len(store.kept) + 1)] = Kept(part, None)
        return {"url": f"/kept/{len(store.kept)}"}

    app.route("GET", "/kept/{id}", open=True, hidden=True)(store.give)
    assert "script" in uploads(await tried(app))


@pytest.mark.parametrize("right", [False, True])
async def test_a_form_on_a_page_with_a_token_in_it(right: bool) -> None:
    """A page of its own says with 200 what is wrong, and shows the file in a list."""
    app = club()
    files: dict[str, Part] = {}
    tokens: set[str] = set()
    addresses: set[bytes] = set()

    def page(said: str = "") -> Reply:
        token = secrets.token_hex(12)
        tokens.add(token)
        links = "".join(f'<li><a href="/shared/{name}">{name}</a></li>' for name in files)
        form = (
            f'<form method="post" enctype="multipart/form-data"><input type="hidden" name="csrf_token" value="{token}">'
            '<input type="file" name="upload" accept=".png,image/svg+xml"><input name="title" required><input name="email" value="own@example.org"></form>'
        )
        return Reply(200, f"<html><body><p>{said}</p>{form}<ul>{links}</ul></body></html>", HTML)

    app.route("GET", "/share", open=True)(lambda asked: page())

    @app.route("POST", "/share", open=True, hidden=True)
    def take(asked: Asked) -> Body:
        given = parts(asked.got)
        token = given["csrf_token"].content.decode() if "csrf_token" in given else ""
        if token not in tokens:
            return Reply(400, "The CSRF token is missing.")
        tokens.discard(token)
        addresses.add(given["email"].content)
        part = given.get("upload")
        name = re.sub(r"[^\w.]", "_", (part.name or "") if part else "")
        if part is None or not name or not part.content or (right and part.content[:4] != b"\x89PNG"):
            return page("Choose a picture")
        files[name] = part
        return page("Thank you")

    @app.route("GET", "/shared/{name}", open=True, hidden=True)
    def shared(asked: Asked) -> Body:
        part = files.get(asked.ids["name"])
        return Reply(200, part.content, {"Content-Type": "image/png" if right else svg(part)}) if part else missing()

    found = await tried(app)
    assert kept(found)
    # What the page had filled in is nobody's to change.
    assert addresses == {b"own@example.org"}
    assert ("script" in uploads(found)) is not right
    assert [alarm.route for alarm in found.alarms if alarm.harm is Harm.CRASH] == []


async def test_a_redirect_leads_to_the_file() -> None:
    app = club()
    files: dict[str, Part] = {}

    @app.route("POST", "/upload", "+file")
    def take(asked: Asked) -> Body:
        part = parts(asked.got).get("file")
        if part is None or not part.name or anything(part):
            return Reply(302, "", {"Location": "/upload"})
        name = part.name.replace("\0", "")
        files[name] = part
        return Reply(302, "", {"Location": f"/upload/{name}"})

    give(app, "/upload/{name}", files)
    found = await tried(app)
    assert "script" in uploads(found)
    assert {one.answered for one in found.inputs if one.what == "no file"} == {Answered.REFUSED}


@pytest.mark.parametrize("right", [False, True])
async def test_a_body_that_is_the_file(right: bool) -> None:
    app = club()
    files: dict[str, Part] = {}

    @app.route("PUT", "/files/{name}")
    def put(asked: Asked) -> Body:
        kind = asked.got.headers.get("content-type", "")
        if not asked.got.body or len(asked.got.body) > 10**6 or (right and kind not in ("image/png", "text/plain")):
            return Reply(415, json.dumps({"error": "pictures only"}), JSON)
        files[unquote(asked.ids["name"])] = Part(asked.ids["name"], kind, asked.got.body)
        return Reply(201, json.dumps({"ok": True}), JSON)

    give(app, "/files/{name}", files)
    found = await tried(app)
    assert kept(found)
    assert ("script" in uploads(found)) is not right


async def test_a_name_of_the_field_that_nobody_told_is_found() -> None:
    app, store = club(), Store(control="attachment", refuse=anything, kind=svg)

    @app.route("POST", "/api/upload")
    def take(asked: Asked) -> Body:
        return store.take(asked)

    app.route("GET", "/kept/{id}", open=True, hidden=True)(store.give)
    assert "script" in uploads(await tried(app))


async def test_an_address_that_only_sounds_like_uploads_is_no_gap_and_no_alarm() -> None:
    app = club()
    made: list[str] = []

    @app.route("POST", "/documents", hidden=False)
    def make(asked: Asked) -> Body:
        made.append("document")
        return {"id": len(made)}

    found = await tried(app)
    assert uploads(found) == {}
    assert [gap for harm, gap in found.gaps if harm is Harm.UPLOAD] == []


async def test_a_place_that_takes_nothing_we_have_is_a_gap_with_its_reason() -> None:
    app = club()
    app.route("POST", "/scans", "+scan")(lambda asked: Reply(422, json.dumps({"error": "only DICOM scans"}), JSON))
    (gap,) = [gap for harm, gap in (await tried(app)).gaps if harm is Harm.UPLOAD]
    assert gap.target == "POST /scans"
    assert "only DICOM scans" in gap.reason


async def test_a_file_that_is_nowhere_to_be_had_is_said() -> None:
    app = club()

    @app.route("POST", "/scans", "+scan")
    def take(asked: Asked) -> Body:
        part = parts(asked.got).get("scan")
        return refused() if part is None or anything(part) else {"ok": True}

    found = await tried(app)
    assert uploads(found) == {}
    assert any("was not found" in gap.reason for harm, gap in found.gaps if harm is Harm.UPLOAD)


@pytest.mark.parametrize("right", [False, True])
async def test_a_page_that_no_source_names_is_found_from_the_first_one(right: bool) -> None:
    """The app makes up names of its own: what the page did not show before is the file."""
    app = club()
    files: dict[str, Part] = {}
    form = (
        '<form action="/profile" method="post" enctype="multipart/form-data"><input type="file" name="picture"></form>'
    )

    @app.route("GET", "/", open=True, hidden=True)
    def start(asked: Asked) -> Body:
        return Reply(200, '<html><a href="/profile">My profile</a><a href="/about">About</a></html>', HTML)

    @app.route("GET", "/profile", hidden=True)
    def profile(asked: Asked) -> Body:
        shown = "".join(f'<img src="/pictures/{name}">' for name in list(files)[-1:])
        return Reply(200, f'<html><img src="/pictures/logo.png">{shown}{form}</html>', HTML)

    @app.route("POST", "/profile", hidden=True)
    def take(asked: Asked) -> Body:
        part = parts(asked.got).get("picture")
        if part is not None and part.name and not anything(part) and (not right or part.content[:4] == b"\x89PNG"):
            files[secrets.token_hex(8)] = part
        return Reply(302, "", {"Location": "/profile"})

    @app.route("GET", "/pictures/{name}", open=True, hidden=True)
    def give_picture(asked: Asked) -> Body:
        part = files.get(asked.ids["name"])
        return Reply(200, part.content, {"Content-Type": "image/png" if right else svg(part)}) if part else missing()

    found = await tried(app)
    assert kept(found)
    assert ("script" in uploads(found)) is not right


async def test_an_app_that_says_the_same_to_all_is_still_seen_to_fail() -> None:
    app = club()

    @app.route("POST", "/scans", "+scan")
    def take(asked: Asked) -> Body:
        part = parts(asked.got).get("scan")
        return Reply(500, "Internal Server Error") if part and len(part.name or "") > 255 else {"ok": True}

    found = await tried(app)
    assert [alarm.route for alarm in found.alarms if alarm.harm is Harm.CRASH] == ["POST /scans"]
    assert any("the same" in gap.reason for harm, gap in found.gaps if harm is Harm.UPLOAD)


@pytest.mark.parametrize("right", [False, True], ids=["keeps anything", "careful"])
async def test_a_page_of_its_own_leads_to_the_file(right: bool) -> None:
    """The first page lists what there is, each with a page of its own, and only that has the link to the file."""
    app, files = club(), dict[str, Part]()
    removed: list[str] = []

    def page(text: str) -> Reply:
        return Reply(200, f"<html><body>{text}</body></html>", HTML)

    def first() -> Reply:
        rows = "".join(f'<li><a href="/document/{number}">View</a></li>' for number in files)
        return page(f'<a href="/upload">Upload</a><ul>{rows}</ul>')

    app.route("GET", "/", open=True, hidden=True)(lambda asked: first())
    app.route("GET", "/upload", open=True, hidden=True)(
        lambda asked: page('<form method="post" enctype="multipart/form-data"><input type="file" name="file"></form>')
    )

    @app.route("POST", "/upload", open=True, hidden=True)
    def take(asked: Asked) -> Body:
        part = parts(asked.got).get("file")
        if part is None or not part.name or anything(part) or (right and part.content[:4] != b"\x89PNG"):
            return page("Choose a file")
        files[str(len(files) + 1)] = part
        return Reply(302, "", {"Location": "/"})

    @app.route("GET", "/document/{id}", open=True, hidden=True)
    def view(asked: Asked) -> Body:
        number = asked.ids["id"]
        links = f'<a href="/download/{number}">Download</a><a href="/document/{number}/delete">Delete</a>'
        return page(f"A document {links}") if number in files else missing()

    @app.route("GET", "/document/{id}/delete", open=True, hidden=True)
    def remove(asked: Asked) -> Body:
        removed.append(asked.ids["id"])
        return page("Gone")

    @app.route("GET", "/download/{id}", open=True, hidden=True)
    def download(asked: Asked) -> Body:
        part = files.get(asked.ids["id"])
        if part is None:
            return missing()
        return Reply(200, part.content, {"Content-Type": "image/png" if right else svg(part)})

    found = await tried(app)
    assert not any("where it is read was not found" in gap.reason for _, gap in found.gaps)
    assert ("script" in uploads(found)) is not right
    # A link that takes something away is not followed.
    assert removed == []
