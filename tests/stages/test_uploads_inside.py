"""Files inside of JSON, as Base64 or as a data URL, and files that go with an operation of GraphQL: apps that keep anything, and careful ones."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from graphql import GraphQLError
from launchready.ground.result import Harm
from launchready.model.inputs import Answered

from tests.stages.files import JSON, Part, careful, club, parts, tried, true_kind, uploads, without_place
from tests.stages.members import Asked, Body, Members, missing
from tests.support.graph_app import Library, Root
from tests.support.web import Got, Reply

DATA = re.compile(r"data:([\w/+.-]+);base64,(.+)", re.S)
Read = Callable[[str], Part]


def of_data_url(text: str) -> Part:
    """The file that a data URL is. Raises ValueError for any other text."""
    found = DATA.fullmatch(text)
    if found is None:
        raise ValueError("no data URL")
    return Part("given", found[1], b64decode(found[2], validate=True))


def of_base64(text: str) -> Part:
    """The file that a text in Base64 is."""
    return Part("given", "", b64decode(text, validate=True))


def anything(_part: Part) -> str:
    return ""


def pictures(place: str, read: Read, refuse: Callable[[Part], str] = anything, *, broken: int = 422) -> Members:
    """``POST /pictures`` with a file as text at ``place``; a text that is none is answered with ``broken``."""
    app, files = club(), dict[str, Part]()

    @app.route("POST", "/pictures", "title", place)
    def take(asked: Asked) -> Body:
        given: Any = asked.body
        for name in place.split("."):
            given = given.get(name) if isinstance(given, dict) else None
        if not given or not isinstance(given, str):
            return Reply(422, json.dumps({"error": f"{place} is required"}), JSON)
        try:
            part = read(given)
        except ValueError:
            return Reply(broken, json.dumps({"error": f"{place} is no picture"}), JSON)
        if wrong := refuse(part):
            return Reply(415, json.dumps({"error": wrong}), JSON)
        files[key := str(len(files) + 1)] = part
        return {"url": f"/pictures/{key}/raw"}

    @app.route("GET", "/pictures/{id}/raw", open=True)
    def give(asked: Asked) -> Body:
        part = files.get(asked.ids["id"])
        return shown(part, refuse) if part else missing()

    return app


def shown(part: Part, refuse: Callable[[Part], str]) -> Reply:
    """The file as a careful app serves it, or as one that believes what it is told."""
    if refuse is careful:
        headers = {"Content-Type": true_kind(part), "X-Content-Type-Options": "nosniff"}
        return Reply(200, without_place(part.content), headers)
    return Reply(200, part.content, {"Content-Type": _looks_like(part)})


def _looks_like(part: Part) -> str:
    """The kind it came as, else what its letters look like."""
    guess = (
        "image/svg+xml"
        if part.content.startswith(b"<svg")
        else "text/html"
        if b"<html" in part.content
        else "image/png"
    )
    return part.kind or guess


@pytest.mark.parametrize(
    ("place", "read"), [("image_base64", of_base64), ("avatar", of_data_url), ("photoData", of_data_url), ("document_content", of_base64)]
)  # fmt: skip
async def test_a_text_that_becomes_a_file_whose_script_runs(place: str, read: Read) -> None:
    found = uploads(await tried(pictures(place, read)))
    assert found["script"].route == "POST /pictures"


@pytest.mark.parametrize(("place", "read"), [("image_base64", of_base64), ("avatar", of_data_url)])
async def test_a_careful_app_takes_pictures_and_nothing_else(place: str, read: Read) -> None:
    found = await tried(pictures(place, read, careful))
    assert {"script", "program", "kind"}.isdisjoint(uploads(found))
    assert Answered.KEPT in {one.answered for one in found.inputs if one.field == place}


async def test_a_text_that_is_no_file_must_not_break_it() -> None:
    found = await tried(pictures("image_base64", of_base64, careful, broken=500))
    (crash,) = [one for one in found.alarms if one.harm is Harm.CRASH]
    assert (crash.route, crash.key) == ("POST /pictures", "file")
    assert "Base64" in crash.detail


async def test_a_picture_that_is_only_an_address_is_no_upload() -> None:
    app = club()
    app.collection("contacts", "name", "avatar")
    found = await tried(app)
    assert uploads(found) == {}
    assert [one for one in found.inputs if one.where == "file"] == []
    assert [gap for harm, gap in found.gaps if harm is Harm.UPLOAD] == []


@dataclass
class Gallery(Library):
    """A library that takes covers with an operation, as the multipart request specification has it; ``refuse`` says what is wrong with one."""

    more: ClassVar[str] = """
        scalar Upload
        type Cover { id: ID! url: String! }
        extend type Mutation { addCover(input: CoverInput!): Cover  addScans(files: [Upload!]!): [Cover!]! }
        input CoverInput { title: String, image: Upload! }
    """
    refuse: Callable[[Part], str] = anything
    covers: dict[str, Part] = field(init=False, default_factory=dict)

    def __call__(self, got: Got) -> Reply:
        """Put the parts where the map says, and serve what is kept."""
        if got.method == "GET" and got.path.startswith("/covers/"):
            part = self.covers.get(got.path.rpartition("/")[2])
            return shown(part, self.refuse) if part else Reply(404)
        if not got.headers.get("content-type", "").startswith("multipart/form-data"):
            return super().__call__(got)
        given = parts(got)
        if not got.headers.get("apollo-require-preflight") or "operations" not in given:
            return Reply(400, json.dumps({"errors": [{"message": "no operation"}]}), JSON)
        operations, places = (json.loads(given[name].content) for name in ("operations", "map"))
        for number, ways in places.items():
            *above, last = ways[0].split(".")
            table: Any = operations
            for step in above:
                table = table[int(step)] if isinstance(table, list) else table[step]
            table[int(last) if isinstance(table, list) else last] = given[number]
        who = self.users.get(self.tokens.get(got.headers.get("authorization", "").removeprefix("Bearer "), ""))
        return Reply(200, json.dumps(self.operation(operations, who, 0)), JSON)

    def root(self, who: dict[str, Any] | None, *, unwatched: bool) -> Root:
        """The resolvers, with those of the covers."""
        return Hanging(self, who, unwatched=unwatched)


class Hanging(Root):
    """``app`` is a :class:`Gallery`."""

    app: Gallery

    def addCover(self, _info: object, input: dict[str, Any]) -> dict[str, Any]:
        return self.hung(input["image"])

    def addScans(self, _info: object, files: list[Any]) -> list[dict[str, Any]]:
        return [self.hung(one) for one in files]

    def hung(self, part: object) -> dict[str, Any]:
        self.signed_in()
        if not isinstance(part, Part) or not part.name or (wrong := self.app.refuse(part)):
            raise GraphQLError(wrong if isinstance(part, Part) and part.name else "a file is required", extensions={"code": "BAD_USER_INPUT"})  # fmt: skip
        self.app.covers[key := f"c{len(self.app.covers)}"] = part
        return {"id": key, "url": f"/covers/{key}"}


async def test_a_file_that_goes_with_an_operation() -> None:
    found = await tried(Gallery())
    routes = {one.route for one in found.alarms if one.key == "script"}
    assert routes == {"POST /graphql#Mutation.addCover", "POST /graphql#Mutation.addScans"}
    alarm = uploads(found)["script"]
    assert "-F 'operations=" in alarm.shown[0].curl and "-F 'map=" in alarm.shown[0].curl


async def test_a_careful_operation_takes_pictures_alone() -> None:
    found = await tried(Gallery(refuse=careful))
    assert {"script", "program", "kind", "outside"}.isdisjoint(uploads(found))
    assert [one for one in found.alarms if one.harm is Harm.CRASH] == []
    kept = {one.route for one in found.inputs if one.answered is Answered.KEPT}
    assert kept == {"POST /graphql#Mutation.addCover", "POST /graphql#Mutation.addScans"}


def as_base64(part: Part) -> object:
    return {"mimetype": part.kind, "bytes": b64encode(part.content).decode()}


def as_data_url(part: Part) -> object:
    return {"picture": f"data:{part.kind};base64,{b64encode(part.content).decode()}"}


def as_buffer(part: Part) -> object:
    return {"file": {"type": "Buffer", "data": list(part.content)}}


def believing(part: Part) -> str:
    """Looks at nothing but what the sender says it is."""
    return "" if part.kind.startswith("image/") else "pictures only"


@pytest.mark.parametrize("read", [as_base64, as_data_url, as_buffer])
@pytest.mark.parametrize(
    ("refuse", "expected"),
    [(anything, {"place", "kind"}), (believing, {"place", "kind"}), (careful, set())],
    ids=["keeps anything", "believes what is said", "careful"],
)
async def test_a_file_that_comes_back_inside_of_json_is_looked_at(
    read: Callable[[Part], object], refuse: Callable[[Part], str], expected: set[str]
) -> None:
    app, files = club(), dict[str, Part]()

    @app.route("POST", "/images", "+file")
    def take(asked: Asked) -> Body:
        part = parts(asked.got).get("file")
        if part is None or part.name is None:
            return Reply(404, json.dumps({"error": "no file"}), JSON)
        if wrong := refuse(part):
            return Reply(422, json.dumps({"error": wrong}), JSON)
        content = without_place(part.content) if refuse is careful else part.content
        files[key := str(len(files) + 1)] = Part(part.name, part.kind, content)
        return {"id": key}

    @app.route("GET", "/images/{id}", open=True)
    def give(asked: Asked) -> Body:
        part = files.get(asked.ids["id"])
        return read(part) if part else missing()

    found = await tried(app)
    assert not any("where it is read was not found" in gap.reason for _, gap in found.gaps)
    # What stands in JSON is no page, so no script of it runs; its place and its bytes reach whoever reads it.
    assert set(uploads(found)) & {"place", "kind", "script"} == expected
