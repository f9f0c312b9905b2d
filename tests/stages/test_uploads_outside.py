"""Names that lead out of the folder of uploads: apps that write to a real disk."""

import json
import os
from pathlib import Path

import pytest
from launchready.ground.result import Harm
from launchready.model.words import Confidence

from tests.stages.files import JSON, SAFE, anything, club, parts, tried, uploads
from tests.stages.members import Asked, Body, Members, missing
from tests.support.web import Reply


def disk(folder: Path, name_of: object, *, told: bool = True) -> Members:
    """Files on disk, under the name that ``name_of`` makes of what was sent; served below /uploads/ and, as the site itself, one folder up."""
    app, kept = club(), folder / "uploads"
    kept.mkdir(parents=True)

    @app.route("POST", "/files", "+file")
    def take(asked: Asked) -> Body:
        part = parts(asked.got).get("file")
        if part is None or anything(part):
            return Reply(422, json.dumps({"error": "file is required"}), JSON)
        name = name_of(part.name)  # type: ignore[operator]
        try:
            (kept / name).write_bytes(part.content)
        except (OSError, ValueError):
            return Reply(500, "Internal Server Error")
        return {"url": f"/uploads/{name}"} if told else {"ok": True}

    def give(asked: Asked) -> Body:
        file = folder / asked.got.path.lstrip("/")
        inside = not asked.got.path.startswith("/uploads/") or file.parent == kept
        if not inside or not file.is_file():
            return missing()
        return Reply(200, file.read_bytes(), {"Content-Type": "application/octet-stream"} | SAFE)

    app.route("GET", "/uploads/{name}", open=True, hidden=True)(give)
    app.route("GET", "/{name}", open=True, hidden=True)(give)
    return app


def is_there(place: str) -> bool:
    """Whether the file that a run put at "/tmp/NAME on ..." still stands."""
    return Path(place.split(" ")[0]).exists()


async def test_a_name_that_leads_out_is_seen_one_folder_up(tmp_path: Path) -> None:
    found = uploads(await tried(disk(tmp_path / "site", str)))
    assert found["outside"].confidence is Confidence.PROVEN
    assert "served at /lr" in found["outside"].detail


@pytest.mark.parametrize("name_of", [os.path.basename, lambda name: f"{abs(hash(name))}.bin"], ids=["cut", "made up"])
async def test_names_that_are_cut_or_made_up_are_sound(tmp_path: Path, name_of: object) -> None:
    found = await tried(disk(tmp_path / "site", name_of))
    assert "outside" not in uploads(found)
    assert [made for made in found.made if "/tmp/" in made.path] == []


async def test_a_name_that_leads_anywhere_is_seen_on_this_machine_and_removed(tmp_path: Path) -> None:
    app = disk(tmp_path / "site", lambda name: name.removeprefix("../") if name.count("../") == 1 else name, told=False)
    found = await tried(app)
    assert found.alarms
    assert "was found at /tmp/lr" in uploads(found)["outside"].detail
    (made,) = [made for made in found.made if made.path.startswith("/tmp/")]
    assert made.removed
    assert not is_there(made.path)


async def test_a_whole_path_as_a_name(tmp_path: Path) -> None:
    def without_dots(name: str) -> str:
        return name.replace("../", "")

    found = uploads(await tried(disk(tmp_path / "site", without_dots)))
    assert "sent as /tmp/lr" in found["outside"].detail


async def test_a_name_on_another_machine_is_told_by_what_is_there_and_what_is_not(tmp_path: Path) -> None:
    """The app's own /tmp is not ours, as when it runs in a container."""
    (tmp_path / "tmp").mkdir()

    def elsewhere(name: str) -> str:
        return (
            str(tmp_path / name.replace("../", "").lstrip("/")) if name.startswith("../../") else name.replace("/", "")
        )

    found = await tried(disk(tmp_path / "site", elsewhere))
    assert "twice in turn" in uploads(found)["outside"].detail
    assert [made.removed for made in found.made if made.path.startswith("/tmp/")] == [False, False]
    assert [alarm.route for alarm in found.alarms if alarm.harm is Harm.CRASH] == ["POST /files"]
