"""Uploads in several calls: by tus 1.0, begun and completed, in numbered parts of a form, with a range. Each once right and once wrong."""

import json
import secrets
from base64 import b64decode
from pathlib import Path

import pytest
from launchready.ground.result import Harm
from launchready.model.inputs import Answered

from tests.stages.files import JSON, SAFE, Part, careful, club, parts, tried, uploads, without_place
from tests.stages.members import Asked, Body, Members, missing
from tests.support.npm import installed
from tests.support.processes import outcomes
from tests.support.web import Reply

SPEAKS = {"Tus-Resumable": "1.0.0", "Tus-Version": "1.0.0", "Tus-Extension": "creation,termination"}


def wrong(part: Part, *, right: bool) -> str:
    """What the app says against a file: nothing but its size where it is not ``right``."""
    return careful(part) if right else "" if len(part.content) < 2_000_000 else "too large"


def give(app: Members, template: str, files: dict[str, Part], *, right: bool) -> None:
    """Serve kept files to everybody: as what they were said to be, or as what they are and to be saved."""

    @app.route("GET", template, open=True)
    def one(asked: Asked) -> Body:
        part = files.get(next(iter(asked.ids.values())))
        if part is None:
            return missing()
        return Reply(200, part.content, {"Content-Type": part.kind} | (SAFE if right else {}))


class Tus(Members):
    """Uploads by tus below ``/uploads``, which is in no description; members alone make them, and each removes their own."""

    def __init__(self, *, right: bool) -> None:
        super().__init__(first=101)
        self.begun: dict[str, tuple[Part, int]] = {}
        self.files: dict[str, Part] = {}

        @self.route("OPTIONS", "/uploads", open=True, hidden=True)
        def options(_asked: Asked) -> Body:
            return Reply(204, "", SPEAKS)

        @self.route("POST", "/uploads", hidden=True)
        def begin(asked: Asked) -> Body:
            head = asked.got.headers
            assert asked.member is not None
            if head.get("tus-resumable") != "1.0.0" or not head.get("upload-length", "").isdecimal():
                return Reply(400, "", SPEAKS)
            if int(head["upload-length"]) > 2_000_000:
                return Reply(413, "", SPEAKS)
            said = dict(pair.split(" ") for pair in head.get("upload-metadata", "").split(",") if " " in pair)
            told = {name: b64decode(value).decode("utf-8", "replace") for name, value in said.items()}
            key = secrets.token_hex(12)
            self.begun[key] = Part(told.get("filename"), told.get("filetype", ""), b""), asked.member.id
            # Behind a proxy a server tells the address by which it knows itself.
            known = "http://app.internal:1080" if right else ""
            return Reply(201, "", SPEAKS | {"Location": f"{known}/uploads/{key}"})

        @self.route("PATCH", "/uploads/{key}", hidden=True)
        def more(asked: Asked) -> Body:
            head, known = asked.got.headers, self.begun.get(asked.ids["key"])
            if known is None or head.get("content-type") != "application/offset+octet-stream" or head.get("upload-offset") != "0":  # fmt: skip
                return Reply(409, "", SPEAKS)
            part = Part(known[0].name, known[0].kind, without_place(asked.got.body) if right else asked.got.body)
            if said := wrong(part, right=right):
                return Reply(415, said, SPEAKS)
            self.files[asked.ids["key"]] = part
            return Reply(204, "", SPEAKS | {"Upload-Offset": str(len(part.content))})

        @self.route("HEAD", "/uploads/{key}", hidden=True)
        def look(asked: Asked) -> Body:
            return Reply(200 if asked.ids["key"] in self.begun else 404, "", SPEAKS)

        @self.route("DELETE", "/uploads/{key}", hidden=True)
        def drop(asked: Asked) -> Body:
            known = self.begun.get(asked.ids["key"])
            if "tus-resumable" not in asked.got.headers or known is None or asked.member is None or known[1] != asked.member.id:  # fmt: skip
                return Reply(412, "", SPEAKS)
            del self.begun[asked.ids["key"]]
            self.files.pop(asked.ids["key"], None)
            return Reply(204, "", SPEAKS)

        give(self, "/uploads/{key}", self.files, right=right)
        self.hidden.add(("GET", "/uploads/{key}"))


@pytest.mark.parametrize("right", [False, True])
async def test_a_server_that_speaks_tus_is_found_and_its_files_are_judged(right: bool) -> None:
    app = Tus(right=right)
    found = await tried(app)
    assert any(one.answered is Answered.KEPT for one in found.inputs) or right
    assert any(one.answered is Answered.REFUSED for one in found.inputs)
    assert set(uploads(found)) == (set() if right else {"script", "program", "place"})
    assert {alarm.route for alarm in uploads(found).values()} <= {"POST /uploads"}
    assert app.begun == {}
    assert {made.removed for made in found.made if made.path.startswith("/uploads/")} == {True}


async def test_an_address_that_does_not_speak_tus_is_no_place_for_it() -> None:
    app = club()
    app.route("OPTIONS", "/uploads", open=True)(lambda _asked: Reply(204))
    found = await tried(app)
    assert not [one for one in found.inputs if one.where == "file"]
    assert not [gap for harm, gap in found.gaps if harm is Harm.UPLOAD]


class InSteps(Members):
    """``begin`` gives an id, parts come under it with their number, and only ``complete`` makes a file of them."""

    def __init__(self, *, right: bool) -> None:
        super().__init__(first=101)
        self.begun: dict[str, tuple[Part, dict[str, bytes]]] = {}
        self.files: dict[str, Part] = {}

        @self.route("POST", "/api/video/init", "fileName", "contentType", "totalSize", "totalChunks")
        def init(asked: Asked) -> Body:
            body = asked.body
            if not str(body.get("totalSize", "")).isdecimal() or str(body.get("totalChunks")) != "1":
                return Reply(422, json.dumps({"error": "totalSize and totalChunks are numbers"}), JSON)
            key = secrets.token_hex(8)
            self.begun[key] = Part(str(body.get("fileName")), str(body.get("contentType")), b""), {}
            return {"uploadId": key}

        @self.route("PUT", "/api/video/{uploadId}/parts/{partNumber}")
        def part(asked: Asked) -> Body:
            known = self.begun.get(asked.ids["uploadId"])
            if known is None or asked.ids["partNumber"] != "1":
                return missing()
            known[1]["1"] = asked.got.body
            return {"etag": "e1"}

        @self.route("POST", "/api/video/{uploadId}/complete", "parts")
        def complete(asked: Asked) -> Body:
            known = self.begun.pop(asked.ids["uploadId"], None)
            given = asked.body.get("parts")
            if known is None or "1" not in known[1] or not isinstance(given, list) or given[0].get("etag") != "e1":
                return Reply(422, json.dumps({"error": "parts are missing"}), JSON)
            content = without_place(known[1]["1"]) if right else known[1]["1"]
            made = Part(known[0].name, known[0].kind, content)
            if said := wrong(made, right=right):
                return Reply(415, json.dumps({"error": said}), JSON)
            key = secrets.token_hex(8)
            self.files[key] = made
            return {"url": f"/watch/{key}"}

        give(self, "/watch/{key}", self.files, right=right)


@pytest.mark.parametrize("right", [False, True])
async def test_what_is_begun_sent_and_completed_is_judged_as_one_upload(right: bool) -> None:
    found = await tried(InSteps(right=right))
    alarms = uploads(found)
    assert ("script" in alarms) is not right
    assert {alarm.route for alarm in alarms.values()} <= {"POST /api/video/init"}
    assert {one.route for one in found.inputs if one.where == "file"} == {"POST /api/video/init"}
    assert any(one.answered is (Answered.REFUSED if right else Answered.KEPT) for one in found.inputs)


@pytest.mark.parametrize("right", [False, True])
async def test_numbered_parts_of_a_form_are_completed(right: bool) -> None:
    app = club()
    files: dict[str, Part] = {}
    waiting: dict[str, Part] = {}

    @app.route("POST", "/upload", "+file", "chunkIndex", "totalChunks", "fileId")
    def chunk(asked: Asked) -> Body:
        given = parts(asked.got)
        index, total, key = (given[n].content.decode() if n in given else "" for n in ("chunkIndex", "totalChunks", "fileId"))  # fmt: skip
        file = given.get("file")
        if (index, total) != ("0", "1") or not key or file is None or file.name is None or key in waiting:
            return Reply(422, json.dumps({"error": "no part"}), JSON)
        waiting[key] = Part(file.name, file.kind, without_place(file.content) if right else file.content)
        return {"received": 0}

    @app.route("POST", "/upload/complete", "fileId", "fileName")
    def complete(asked: Asked) -> Body:
        part = waiting.pop(str(asked.body.get("fileId")), None)
        if part is None:
            return missing()
        if said := wrong(part, right=right):
            return Reply(415, json.dumps({"error": said}), JSON)
        files[str(len(files))] = part
        return {"url": f"/got/{len(files) - 1}"}

    give(app, "/got/{key}", files, right=right)
    found = await tried(app)
    assert ("script" in uploads(found)) is not right
    assert any(one.answered is (Answered.REFUSED if right else Answered.KEPT) for one in found.inputs)


@pytest.mark.parametrize("right", [False, True])
async def test_a_body_with_a_range(right: bool) -> None:
    app = club()
    files: dict[str, Part] = {}

    @app.route("PUT", "/files/{name}", "@Content-Range")
    def put(asked: Asked) -> Body:
        size = len(asked.got.body)
        if asked.got.headers.get("content-range") != f"bytes 0-{size - 1}/{size}":
            return Reply(416, json.dumps({"error": "which bytes?"}), JSON)
        content = without_place(asked.got.body) if right else asked.got.body
        part = Part(asked.ids["name"], asked.got.headers.get("content-type", ""), content)
        if said := wrong(part, right=right):
            return Reply(415, json.dumps({"error": said}), JSON)
        files[asked.ids["name"]] = part
        return Reply(201, json.dumps({"url": f"/files/{asked.ids['name']}"}), JSON)

    give(app, "/files/{name}", files, right=right)
    assert ("script" in uploads(await tried(app))) is not right


TUS = """
const http = require("node:http")
const { Server } = require("@tus/server")
const { FileStore } = require("@tus/file-store")

const pictures = ["image/png", "image/jpeg"]
const rules = {
  maxSize: 1_500_000,
  async onUploadCreate(_request, upload) {
    if (!pictures.includes(upload.metadata?.filetype)) throw { status_code: 415, body: "pictures only" }
    return {}
  },
}
const tus = new Server({ path: "/uploads", datastore: new FileStore({ directory: "kept" }), ...(RIGHT ? rules : {}) })
http.createServer((request, response) => tus.handle(request, response)).listen(Number(process.argv[2]), "127.0.0.1")
"""


@pytest.mark.parametrize("right", [False, True])
def test_the_server_that_most_node_apps_use(tmp_path: Path, right: bool) -> None:
    installed(Path(__file__).parent / "resumable", tmp_path)
    outcome = outcomes(tmp_path, "app.js", TUS.replace("RIGHT", str(right).lower()), "LR343")["LR343"]
    titles = {finding.title for finding in outcome.findings}
    programs = "Programs that members upload are handed to others as they came"
    assert (programs in titles) is not right
    # A machine too busy to take the file in time must say so.
    told = (*titles, *(gap.reason for gap in outcome.gaps if "got no answer" in gap.reason))
    assert any("12 MB" in said for said in told) is not right, (titles, outcome.gaps)
    # Each upload was taken back by the word of the protocol.
    assert list((tmp_path / "kept").iterdir()) == []


def test_uploads_go_also_when_the_time_for_questions_is_over(tmp_path: Path) -> None:
    installed(Path(__file__).parent / "resumable", tmp_path)
    outcomes(tmp_path, "app.js", TUS.replace("RIGHT", "false"), "LR343", seconds=1.2)
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_large_file_that_gets_no_answer_is_told(tmp_path: Path) -> None:
    installed(Path(__file__).parent / "resumable", tmp_path)
    slow = TUS.replace("RIGHT", "false").replace(
        "tus.handle(request, response)",
        "Number(request.headers['content-length']) > 11e6 || tus.handle(request, response)",
    )
    outcome = outcomes(tmp_path, "app.js", slow, "LR343")["LR343"]
    assert [gap.reason for gap in outcome.gaps if gap.reason.startswith("a file of 12 MB got no answer")]
