"""Sizes, programs, places in photos, bombs, crashes and other people's files: each fault with its right twin."""

import json
import struct
import time

import pytest
from launchready.ground.result import Harm
from launchready.model.inputs import Answered
from launchready.model.words import Confidence

from tests.stages.files import JSON, SAFE, Part, Store, anything, careful, club, parts, tried, true_kind, uploads
from tests.stages.members import Asked, Body, missing
from tests.support.web import Reply


@pytest.mark.parametrize("path", ["/avatar", "/files"])
async def test_a_size_without_a_limit(path: str) -> None:
    app = club()
    Store(path=path, refuse=lambda part: "" if true_kind(part) else "no picture").on(app)
    alarm = uploads(await tried(app))["size"]
    # Twelve megabytes are more than any picture of a face, and may be meant elsewhere.
    assert alarm.confidence is (Confidence.PROVEN if path == "/avatar" else Confidence.SUSPECTED)


async def test_the_limit_that_was_seen_is_told() -> None:
    app = club()
    Store().on(app)
    found = await tried(app)
    assert "size" not in uploads(found)
    sizes = [(one.what, one.answered) for one in found.inputs if "MB" in one.what and "file of" in one.what]
    assert sizes == [("a file of 1.1 MB", Answered.REFUSED)]


@pytest.mark.parametrize("path", ["/avatar", "/files"])
async def test_programs_that_are_taken(path: str) -> None:
    app = club()
    Store(path=path, refuse=anything, kind=lambda part: part.kind, headers=SAFE).on(app)
    found = uploads(await tried(app))
    assert set(found) == ({"kind"} if path == "/avatar" else {"program"})
    assert all(alarm.confidence is Confidence.PROVEN for alarm in found.values())


async def test_a_program_under_the_name_of_a_picture_is_suspected() -> None:
    def by_name(part: Part) -> str:
        return "" if (part.name or "").endswith(".png") and len(part.content) < 10**6 else "only .png"

    app = club()
    Store(refuse=by_name, kind=lambda part: "image/png").on(app)
    found = uploads(await tried(app))
    assert set(found) == {"kind"}
    assert found["kind"].confidence is Confidence.SUSPECTED
    assert "under the name of one" in found["kind"].title


@pytest.mark.parametrize("written", ["anew", "with more behind it"])
async def test_files_that_come_back_as_others_are_known_again(written: str) -> None:
    """Apps write pictures anew, and put words of their own behind what they keep."""

    def clean(content: bytes) -> bytes:
        if written == "anew":
            return b"\x89PNG\r\n\x1a\n-small-" if content.startswith((b"\x89PNG", b"\xff\xd8")) else content
        return content + b"\n<!-- kept -->"

    app = club()
    if written == "anew":
        Store(clean=clean).on(app)
    else:
        Store(clean=clean, refuse=anything, kind=lambda part: part.kind).on(app)
    found = await tried(app)
    assert any(one.answered is Answered.KEPT for one in found.inputs)
    assert ("script" in uploads(found)) is (written != "anew")
    assert [gap for harm, gap in found.gaps if harm is Harm.UPLOAD] == []


async def test_a_place_that_stays_in_a_photo() -> None:
    app = club()
    Store(clean=lambda content: content).on(app)
    found = uploads(await tried(app))
    assert set(found) == {"place"}
    assert found["place"].confidence is Confidence.PROVEN


async def test_a_place_that_only_its_owner_sees_is_suspected() -> None:
    app = club()
    Store(clean=lambda content: content, private=True).on(app)
    assert uploads(await tried(app))["place"].confidence is Confidence.SUSPECTED


def _side(part: Part) -> int:
    return int(struct.unpack(">I", part.content[16:20])[0]) if part.content.startswith(b"\x89PNG") else 1


async def test_a_small_picture_that_keeps_the_app_busy() -> None:
    def unpacks(part: Part) -> str:
        if _side(part) > 10_000:
            time.sleep(3.2)
        return careful(part)

    app = club()
    Store(refuse=unpacks).on(app)
    alarm = uploads(await tried(app))["bomb"]
    assert "30000 x 30000" in alarm.detail


async def test_files_that_make_the_app_fail() -> None:
    app, store = club(), Store()

    @app.route("POST", "/avatar", "+file")
    def take(asked: Asked) -> Body:
        part = parts(asked.got).get("file")
        if part is not None and (not part.content or "\0" in (part.name or "")):
            return Reply(500, "Internal Server Error")
        return store.take(asked)

    app.route("GET", "/kept/{id}", open=True, hidden=True)(store.give)
    found = await tried(app)
    (alarm,) = [alarm for alarm in found.alarms if alarm.harm is Harm.CRASH]
    assert alarm.route == "POST /avatar"
    assert "an empty file" in alarm.detail
    assert "a zero byte" in alarm.detail
    assert "300 letters" not in alarm.detail


async def test_an_app_that_failed_once_by_chance_is_no_alarm() -> None:
    app, store = club(), Store()
    failed: list[Part] = []

    @app.route("POST", "/avatar", "+file")
    def take(asked: Asked) -> Body:
        part = parts(asked.got).get("file")
        if part is not None and not part.content and not failed:
            failed.append(part)
            return Reply(500, "Internal Server Error")
        return store.take(asked)

    app.route("GET", "/kept/{id}", open=True, hidden=True)(store.give)
    found = await tried(app)
    assert failed
    assert [alarm for alarm in found.alarms if alarm.harm is Harm.CRASH] == []


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_file_whose_record_is_kept_from_others(guarded: bool) -> None:
    app, store = club(), Store(path="/letters", private=guarded)

    @app.route("POST", "/letters", "+file")
    def take(asked: Asked) -> Body:
        said = store.take(asked)
        return said if isinstance(said, Reply) else said | {"id": int(said["url"].rsplit("/", 1)[-1])}

    @app.route("GET", "/letters/{id}")
    def told(asked: Asked) -> Body:
        kept = store.kept.get(asked.ids["id"])
        if kept is None or asked.member is None or kept.owner != asked.member.id:
            return missing()
        return {"id": int(asked.ids["id"]), "name": kept.part.name, "pages": 1}

    app.route("GET", "/kept/{id}", open=not guarded, hidden=True)(store.give)
    found = uploads(await tried(app))
    assert ("private" in found) is not guarded
    assert guarded or found["private"].confidence is Confidence.PROVEN


@pytest.mark.parametrize(("path", "asked"), [("/invoices", True), ("/avatar", False)])
async def test_documents_at_addresses_one_can_count_are_a_question_and_pictures_are_not(path: str, asked: bool) -> None:
    app = club()
    Store(path=path, refuse=lambda part: "" if true_kind(part) and len(part.content) < 10**6 else "no").on(app)
    found = uploads(await tried(app))
    assert ("private" in found) is asked
    assert not asked or found["private"].confidence is Confidence.SUSPECTED


async def test_a_limit_on_how_often_ends_the_questions_and_is_said() -> None:
    app, store = club(), Store()
    sent: list[int] = []

    @app.route("POST", "/avatar", "+file")
    def take(asked: Asked) -> Body:
        sent.append(1)
        return store.take(asked) if len(sent) < 8 else Reply(429, json.dumps({"error": "enough"}), JSON)

    app.route("GET", "/kept/{id}", open=True, hidden=True)(store.give)
    found = await tried(app)
    assert len(sent) <= 10
    assert any(harm is Harm.UPLOAD and gap.target == "POST /avatar" for harm, gap in found.gaps)
    assert uploads(found) == {}


async def test_an_app_whose_line_is_cut_by_one_name_is_asked_the_rest() -> None:
    app, store = club(), Store()

    @app.route("POST", "/avatar", "+file")
    def take(asked: Asked) -> Body:
        part = parts(asked.got).get("file")
        if part is not None and "\0" in (part.name or ""):
            raise ConnectionAbortedError
        return store.take(asked)

    app.route("GET", "/kept/{id}", open=True, hidden=True)(store.give)
    found = await tried(app)
    (alarm,) = [alarm for alarm in found.alarms if alarm.harm is Harm.CRASH]
    assert "a zero byte" in alarm.detail
    answered = {one.what: one.answered for one in found.inputs}
    assert answered["an empty file"] is Answered.REFUSED
    assert answered["a file of 1.1 MB"] is Answered.REFUSED
