"""The rules of an endpoint's boundary, stated in the app's own library: what is wrong is refused by them, what is right passes."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pytest
import tree_sitter_php
from fastapi import FastAPI, Query
from fastapi.testclient import TestClient
from launchready.model.inputs import Answered, Tried
from launchready.model.surface import Access, Endpoint, Input, Span
from launchready.model.words import Kind
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.boundary.rules import boundary_rules
from launchready.stages.inputs.boundary.wanted import wanted
from tree_sitter import Language, Parser

from tests.support.npm import installed

FIELDS = (
    Input("email", "body", "", True),
    Input("role", "body", "", True, ("member", "manager")),
    Input("title", "body", "str", True, most=40),
    Input("price", "body", "float", True),
    Input("seats", "body", "int"),
    Input("starts_at", "body", ""),
    Input("date", "body", "date"),
    Input("owner.website", "body", ""),
    Input("public", "body", "bool"),
)
RIGHT: dict[str, Any] = {
    "email": "ann@example.com",
    "role": "member",
    "title": "A club",
    "price": 4.5,
    "seats": 3,
    "starts_at": "2027-03-01T10:00:00Z",
    "date": "2027-03-01",
    "owner": {"website": "https://example.com/"},
    "public": True,
}
WRONG: tuple[tuple[str, dict[str, Any]], ...] = (
    ("an e-mail that is none", {"email": "nobody"}),
    ("no e-mail", {"email": None}),
    ("a role there is not", {"role": "admin"}),
    ("an empty title", {"title": ""}),
    ("a title that is too long", {"title": "x" * 41}),
    ("a NUL in the title", {"title": "a\u0000b"}),
    ("a number for the title", {"title": {"$ne": 1}}),
    ("a price below zero", {"price": -1}),
    ("a text for the price", {"price": "cheap"}),
    ("a half seat", {"seats": 1.5}),
    ("an address of no page", {"owner": {"website": "not an address"}}),
    ("a day there is not", {"date": "2027-02-30"}),
    ("a time that is none", {"starts_at": "soon"}),
)
# Serializers take what they do not know and leave it out; the others refuse it.
UNKNOWN = ("a field nobody asked for", {"is_admin": True})


def endpoint(framework: str, file: str, *fields: Input, route: str = "POST /api/clubs") -> Endpoint:
    method, _, path = route.partition(" ")
    return Endpoint(method, path, framework, (), "write", Access(), fields, Span(file, 12, "make_club"))


def stated(framework: str, file: str, packages: dict[str, str]) -> str:
    """The code for an endpoint whose title took a NUL."""
    one = endpoint(framework, file, *FIELDS)
    tried = [Tried(one.name, "ann", "body", "title", "a NUL in it", '"a\\u0000b"', 500, Answered.CRASHED, True)]
    rules = boundary_rules([one], tried, packages)
    assert rules[0].code, f"nothing was stated for {framework}"
    return rules[0].code


def cases() -> list[tuple[str, dict[str, Any], bool]]:
    """(what, body, whether it is right)."""
    found = [("what is right", RIGHT, True), *((what, RIGHT | change, False) for what, change in WRONG)]
    return [
        (what, {name: value for name, value in body.items() if value is not None}, right) for what, body, right in found
    ]


def test_models_of_pydantic_refuse_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text(stated("FastAPI", "app/clubs.py", {"fastapi": ""}))
    asked = [*cases(), (UNKNOWN[0], RIGHT | UNKNOWN[1], False)]
    answered = _python(
        tmp_path, asked, "from rules import PostApiClubs\ndef take(body):\n    PostApiClubs.model_validate(body)\n"
    )
    assert answered == {what: right for what, _, right in asked}


def test_serializers_of_drf_refuse_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text(stated("Django", "clubs/views.py", {"djangorestframework": ""}))
    before = (
        "import django\nfrom django.conf import settings\nsettings.configure(USE_TZ=True)\ndjango.setup()\n"
        "from rules import PostApiClubs\ndef take(body):\n    PostApiClubs(data=body).is_valid(raise_exception=True)\n"
    )
    assert _python(tmp_path, cases(), before) == {what: right for what, _, right in cases()}


def test_schemas_of_marshmallow_refuse_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text(stated("Flask", "app/clubs.py", {"flask": "", "marshmallow": ""}))
    asked = [*cases(), (UNKNOWN[0], RIGHT | UNKNOWN[1], False)]
    answered = _python(
        tmp_path, asked, "from rules import PostApiClubs\ndef take(body):\n    PostApiClubs().load(body)\n"
    )
    assert answered == {what: right for what, _, right in asked}


def test_form_requests_of_laravel_say_what_each_field_holds() -> None:
    code = stated("Laravel", "app/Http/Controllers/ClubController.php", {"laravel/framework": ""})
    tree = Parser(Language(tree_sitter_php.language_php())).parse(code.encode())
    assert not tree.root_node.has_error, code
    assert "class PostApiClubsRequest extends FormRequest" in code
    rows = {row.partition(" => ")[0].strip(): row.partition(" => ")[2] for row in code.splitlines() if " => " in row}
    assert rows["'email'"] == "['required', 'string', 'email:rfc', 'max:254'],"
    assert rows["'role'"] == "['required', Rule::in(['member', 'manager'])],"
    assert (
        rows["'title'"] == r"['required', 'string', 'max:40', 'not_regex:/[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F]/'],"
    )
    assert rows["'date'"] == "['sometimes', 'date_format:Y-m-d'],"
    assert rows["'owner'"] == "['sometimes', 'array:website'],"
    assert rows["'owner.website'"].startswith("['sometimes', 'string', 'url:http,https'")


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(Path(__file__).parent / "node", tmp_path_factory.mktemp("rules"))


@pytest.mark.parametrize(
    ("framework", "packages", "take"),
    [
        ("Express", {"zod": "^4"}, "PostApiClubs.parse(body)"),
        (
            "Express",
            {"joi": "^18"},
            "const { error } = PostApiClubs.validate(body, { convert: false }); if (error) throw error",
        ),
    ],
)
def test_schemas_of_zod_and_joi_refuse_what_is_wrong(
    modules: Path, framework: str, packages: dict[str, str], take: str
) -> None:
    name = next(iter(packages))
    (modules / f"{name}.mjs").write_text(stated(framework, "src/clubs.js", packages))
    asked = [*cases(), (UNKNOWN[0], RIGHT | UNKNOWN[1], False)]
    answered = _node(modules, asked, f'import {{ PostApiClubs }} from "./{name}.mjs";', take)
    assert answered == {what: right for what, _, right in asked}


def test_classes_for_nestjs_refuse_what_is_wrong(modules: Path) -> None:
    (modules / "dto.ts").write_text(
        stated("NestJS", "src/clubs.controller.ts", {"class-validator": "", "@nestjs/common": ""})
    )
    compiled = subprocess.run(
        ["node_modules/.bin/tsc", "dto.ts", "--target", "es2022", "--module", "nodenext", "--moduleResolution", "nodenext",
         "--experimentalDecorators", "--emitDecoratorMetadata", "--strict", "--skipLibCheck"],
        cwd=modules, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert not compiled.returncode, compiled.stdout
    take = (
        "const errors = validateSync(plainToInstance(PostApiClubsDto, body), { whitelist: true, forbidNonWhitelisted: true });"
        "if (errors.length) throw new Error(String(errors[0]))"
    )
    before = (
        'import "reflect-metadata"; import { validateSync } from "class-validator"; import { plainToInstance } from "class-transformer";'
        'import { PostApiClubsDto } from "./dto.js";'
    )
    asked = [*cases(), (UNKNOWN[0], RIGHT | UNKNOWN[1], False)]
    assert _node(modules, asked, before, take) == {what: right for what, _, right in asked}


def test_nothing_is_stated_where_all_was_refused() -> None:
    one = endpoint("FastAPI", "app/clubs.py", *FIELDS)
    tried = [Tried(one.name, "ann", "body", "title", "a NUL in it", '"a\\u0000b"', 422, Answered.REFUSED, True)]
    rules = boundary_rules([one], tried, {})
    assert rules[0].code == ""
    assert next(field for field in rules[0].fields if field.name == "title").refused == ("a NUL in it",)


def test_a_file_that_is_kept_breaks_no_rule_and_one_that_crashes_does() -> None:
    one = endpoint("FastAPI", "app/clubs.py", Input("file", "file", "", True), route="POST /api/photos")
    tried = [
        Tried(one.name, "ann", "file", "file", "a photo", "a.jpg", 201, Answered.KEPT),
        Tried(one.name, "ann", "file", "file", "a file without a name", "", 500, Answered.CRASHED),
    ]
    (rule,) = boundary_rules([one], tried, {})[0].fields
    assert (rule.taken, rule.kept, rule.missing) == (("a photo",), (), ("a file without a name",))


def test_a_file_of_fastapi_is_an_upload_with_a_name_and_a_size(tmp_path: Path) -> None:
    fields = (Input("file", "file", "UploadFile", True), Input("title", "form", "str", True))
    one = endpoint("FastAPI", "app/photos.py", *fields, route="POST /api/photos")
    tried = [Tried(one.name, "ann", "file", "file", "a file without a name", "", 500, Answered.CRASHED)]
    space: dict[str, Any] = {}
    exec(boundary_rules([one], tried, {"fastapi": ""})[0].code, space)
    app, taken = FastAPI(), space["Taken"]

    @app.post("/api/photos")
    def take(data: taken) -> dict[str, Any]:  # type: ignore[valid-type]
        return {"size": data.file.size, "title": data.title}  # type: ignore[attr-defined]

    client = TestClient(app)

    def status(sent: object, **data: str) -> int:
        return int(client.post("/api/photos", files={"file": sent} if sent else None, data=data).status_code)  # type: ignore[dict-item]

    assert status(("a.png", b"png", "image/png"), title="A cat") == 200
    assert status(("a.png", b"", "image/png"), title="A cat") == 422
    assert status(("x" * 300 + ".png", b"png", "image/png"), title="A cat") == 422
    assert status(("a.png", bytes(6_000_000), "image/png"), title="A cat") == 422
    assert status(("a.png", b"png", "image/png"), title="") == 422
    assert status(None, title="A cat", file="a text") == 422
    assert status(None, title="A cat") == 422


@pytest.mark.parametrize(
    ("what", "sent"),
    [("half a character (an unpaired surrogate)", b'{"title": "\\ud800", "price": 1}'), ("infinity (1e999)", b'{"title": "A cat", "price": 1e999}')],
    ids=["half a character", "infinity"],
)  # fmt: skip
def test_what_is_no_json_is_refused_with_a_clean_answer_of_fastapi(what: str, sent: bytes) -> None:
    fields = (Input("title", "body", "str", True), Input("price", "body", "float", True))
    one = endpoint("FastAPI", "app/cats.py", *fields, route="POST /api/cats")
    field = "title" if "character" in what else "price"
    tried = [Tried(one.name, "ann", "body", field, what, "", 500, Answered.CRASHED, True)]
    space: dict[str, Any] = {}
    exec(boundary_rules([one], tried, {"fastapi": ""})[0].code, space)

    def status(*, handled: bool, body: bytes) -> int:
        app = FastAPI()

        def take(data):  # type: ignore[no-untyped-def]
            return {"title": data.title}

        take.__annotations__ = {"data": space["PostApiCats"]}
        app.post("/api/cats")(take)
        if handled:
            app.add_exception_handler(space["RequestValidationError"], space["refused"])
        sending = {"content": body, "headers": {"Content-Type": "application/json"}}
        return int(TestClient(app, raise_server_exceptions=False).post("/api/cats", **sending).status_code)  # type: ignore[arg-type]

    # The model alone refuses it, and then the answer fails.
    assert status(handled=False, body=sent) == 500
    assert status(handled=True, body=sent) == 422
    assert status(handled=True, body=b'{"title": "A cat", "price": 1}') == 200


def test_no_answer_is_suggested_where_nothing_broke_it() -> None:
    one = endpoint("FastAPI", "app/clubs.py", *FIELDS)
    tried = [Tried(one.name, "ann", "body", "title", "a NUL in it", '"a\\u0000b"', 500, Answered.CRASHED, True)]
    assert "exception_handler" not in boundary_rules([one], tried, {})[0].code


MOVIE: dict[str, Any] = {
    "title": "A cat",
    "duration": 120,
    "rate": 4.5,
    "seen": True,
    "genre": ["Drama", "Crime"],
    "cast": [{"name": "Ann"}],
    "awards": [],
    "studio": {"city": "Berlin"},
    "sequel": None,
}


def learned_from_calls(framework: str, file: str, packages: dict[str, str]) -> str:
    """The code for an endpoint of which the source says nothing: its title was kept too long, and its title and duration must be there."""
    one = endpoint(framework, file, route="POST /movies")
    names = (
        "title",
        "duration",
        "rate",
        "seen",
        "genre",
        "genre.0",
        "cast",
        "cast.0.name",
        "awards",
        "awards.0",
        "studio.city",
        "sequel",
    )
    tried = [Tried(one.name, "ann", "body", name, "a table", "{}", 400, Answered.REFUSED, True) for name in names]
    tried += [
        Tried(one.name, "ann", "body", name, "nothing where a value belongs", "", 400, Answered.REFUSED, True)
        for name in ("title", "duration")
    ]
    tried.append(Tried(one.name, "ann", "body", "title", "a text of 100,000 characters", "x", 201, Answered.KEPT, True))
    sent = json.dumps(MOVIE).encode()
    right = Exchange("POST", "", "/movies", 201, sent_headers={"Content-Type": "application/json"}, sent_body=sent)
    return boundary_rules([one], tried, packages, {one.name: right})[0].code


LEARNED = [
    ("what is right", MOVIE, True),
    ("a fraction where a whole number was", MOVIE | {"duration": 90.5}, True),
    ("nothing that may be left out", {"title": "A cat", "duration": 120}, True),
    ("a text that is too long", MOVIE | {"title": "x" * 100_000}, False),
    ("no title", {"duration": 120}, False),
    ("no duration", {"title": "A cat"}, False),
    ("a text for a number", MOVIE | {"duration": "long"}, False),
    ("a text for a list", MOVIE | {"genre": "Drama"}, False),
]


def test_what_only_a_right_request_shows_is_stated_so_that_it_passes(modules: Path, tmp_path: Path) -> None:
    expected = {what: right for what, _, right in LEARNED}
    (tmp_path / "rules.py").write_text(learned_from_calls("FastAPI", "app/movies.py", {"fastapi": ""}))
    take = "from rules import PostMovies\ndef take(body):\n    PostMovies.model_validate(body)\n"
    assert _python(tmp_path, LEARNED, take) == expected
    (modules / "learned.mjs").write_text(learned_from_calls("Express", "src/movies.js", {"zod": "^4"}))
    before = 'import { PostMovies } from "./learned.mjs";'
    assert _node(modules, LEARNED, before, "PostMovies.parse(body)") == expected


def test_numbers_in_an_address_get_bounds_of_their_own() -> None:
    fields = (Input("club_id", "path", "int", True), Input("limit", "query", "str"))
    one = endpoint("FastAPI", "app/clubs.py", *fields, route="GET /api/clubs/{club_id}")
    tried = [
        Tried(one.name, "ann", "path", "club_id", "a number of twenty digits", "9" * 20, 500, Answered.CRASHED, True),
        Tried(one.name, "ann", "query", "limit", "a number below zero", "-1", 500, Answered.CRASHED, True),
    ]
    code = boundary_rules([one], tried, {})[0].code
    space: dict[str, Any] = {}
    exec(code, space)
    app = FastAPI()

    def club(club_id, page):  # type: ignore[no-untyped-def]
        return int(club_id)

    page: Any = space["GetApiClubsClubIdQuery"]
    club.__annotations__ = {"club_id": space["ClubId"], "page": Annotated[page, Query()]}
    app.get("/api/clubs/{club_id}")(club)
    client = TestClient(app)
    assert client.get("/api/clubs/3?limit=20").status_code == 200
    assert client.get("/api/clubs/99999999999999999999").status_code == 422
    assert client.get("/api/clubs/3?limit=-1").status_code == 422


def test_the_source_comes_before_what_names_suggest() -> None:
    assert wanted(Input("title", "body", "str", True, most=7)).most == 7
    assert wanted(Input("limit", "query", "int", least=5, most=6)).least == 5
    assert wanted(Input("limit", "body", "str")).type == "text", "a text by its type stays one"
    assert wanted(Input("limit", "query", "str")).type == "integer", "all that stands in an address is text"


def _python(folder: Path, asked: list[tuple[str, dict[str, Any], bool]], before: str) -> dict[str, bool]:
    script = f"""{before}
import json, sys
found = {{}}
for what, body, _ in json.load(sys.stdin):
    try:
        take(body)
        found[what] = True
    except Exception as error:
        if type(error).__name__ != "ValidationError":
            raise
        found[what] = False
print(json.dumps(found))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, input=json.dumps(asked), capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert not done.returncode, done.stderr
    found: dict[str, bool] = json.loads(done.stdout)
    return found


def _node(folder: Path, asked: list[tuple[str, dict[str, Any], bool]], before: str, take: str) -> dict[str, bool]:
    script = f"""{before}
const found = {{}};
for (const [what, body] of {json.dumps(asked)}) {{
  try {{ {take}; found[what] = true; }} catch (error) {{ found[what] = false; }}
}}
console.log(JSON.stringify(found));
"""
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert not done.returncode, done.stderr
    found: dict[str, bool] = json.loads(done.stdout)
    return found


LIST = Exchange(
    "GET",
    "",
    "/api/orders",
    200,
    {"content-type": ("application/json",)},
    b'[{"id": 1, "due": "2027-03-01", "password_hash": "x", "who": {}}]',
)
BROKE: tuple[tuple[str, str, Input, str, str, object, object], ...] = (
    ("Django", "GET /api/orders", Input("since", "query"), "a date that does not exist", "", "2027-02-30", "2027-03-01"),
    ("Django", "GET /api/orders/{pk}", Input("pk", "path", "", True), "a word", "", "abc", "7"),
    ("Django", "GET /api/orders", Input("ordering", "query"), "a field there is not", "", "no_such_field", "-due"),
    ("Django", "GET /api/orders", Input("ordering", "query"), "a field there is not", "", "password_hash", "due"),
    ("Django", "POST /api/orders", Input("amount_left", "body", "int"), "a number below nothing", "", -1, 0),
    ("Django", "POST /api/notes", Input("order", "body", "id of order"), "infinity (1e999)", '{"order": 3}', float("inf"), 3),
    ("Django", "POST /api/orders", Input("name", "body", "str"), "nothing where a value belongs", "", ..., "Ann"),
    ("FastAPI", "POST /api/orders", Input("name", "body", "str"), "null", "", None, ...),
    ("FastAPI", "POST /api/login", Input("password", "body", "str", True), "a zero byte", "", "a\0b", "short"),
)  # fmt: skip


@pytest.mark.parametrize(("framework", "route", "field", "what", "sent", "wrong", "right"), BROKE)
def test_the_rule_refuses_what_broke_the_app_and_takes_what_did_not(
    tmp_path: Path, framework: str, route: str, field: Input, what: str, sent: str, wrong: object, right: object
) -> None:
    kinds = (Kind.LOGIN,) if "login" in route else ()
    one = replace(endpoint(framework, "shop/views.py", field, route=route), kind=kinds)
    tried = [Tried(one.name, "ann", field.where, field.name, what, "", 500, Answered.CRASHED, True)]
    taken = replace(LIST, sent_headers={"Content-Type": "application/json"}, sent_body=sent.encode()) if sent else LIST
    (rules,) = boundary_rules([one], tried, {}, {one.name: taken})
    (tmp_path / "rules.py").write_text(rules.code)
    name = re.findall(r"class (\w+)", rules.code)[0]
    before = {
        "FastAPI": f"from rules import {name}\ndef take(body):\n    {name}.model_validate(body)\n",
        "Django": "import django\nfrom django.conf import settings\nsettings.configure(USE_TZ=True)\ndjango.setup()\n"
        f"from rules import {name}\ndef take(body):\n    {name}(data=body).is_valid(raise_exception=True)\n",
    }[framework]
    bodies = [("wrong", wrong, False), ("right", right, True)]
    asked = [(said, {} if value is ... else {field.name: value}, is_right) for said, value, is_right in bodies]
    assert _python(tmp_path, asked, before) == {"wrong": False, "right": True}


def test_a_file_that_is_read_past_the_body_has_no_rule_there() -> None:
    one = endpoint("Express", "src/photos.js", Input("photo", "file", "", True), route="POST /api/photos")
    tried = [Tried(one.name, "ann", "file", "photo", "no file", "", 500, Answered.CRASHED)]
    assert boundary_rules([one], tried, {"zod": "^4"})[0].code == ""


DEEP = b'{"a":' * 5_000 + b"1" + b"}" * 5_000


def test_flask_answers_what_a_rule_refuses_and_what_is_too_deep_with_a_refusal() -> None:
    from flask import Flask, request

    one = endpoint("Flask", "app.py", Input("title", "body", "str", True), route="POST /api/notes")
    tried = [
        Tried(one.name, "ann", "body", "title", "null", "null", 500, Answered.CRASHED, True),
        Tried(one.name, "ann", "whole", "", "a table that is 5,000 tables deep", "", 500, Answered.CRASHED),
    ]
    code = boundary_rules([one], tried, {"flask": "", "pydantic": ""})[0].code
    space: dict[str, Any] = {}
    exec(code, space)
    told = [line.removeprefix("# ") for line in code.splitlines() if line.startswith("# app.")]
    statuses = []
    for lines in ([], told):
        app = Flask("notes")

        @app.post("/api/notes")
        def make() -> dict[str, object]:
            return {"title": space["PostApiNotes"].model_validate(request.get_json()).title}

        exec("\n".join(lines), space | {"app": app})
        client = app.test_client()
        sent = [b'{"title": "A cat"}', b'{"title": null}', DEEP]
        statuses.append(
            [client.post("/api/notes", data=one, content_type="application/json").status_code for one in sent]
        )
    assert statuses == [[200, 500, 500], [200, 422, 400]]


def test_a_parser_for_drf_refuses_what_is_too_deep(tmp_path: Path) -> None:
    one = endpoint("Django", "views.py", Input("title", "body", "str", True), route="POST /api/notes")
    deep = Tried(one.name, "ann", "whole", "", "a table that is 5,000 tables deep", "", 500, Answered.CRASHED)
    (tmp_path / "rules.py").write_text(boundary_rules([one], [deep], {"djangorestframework": ""})[0].code)
    script = """
import io, django
from django.conf import settings
settings.configure()
django.setup()
from rest_framework.exceptions import ParseError
from rules import ShallowJSONParser
assert ShallowJSONParser().parse(io.BytesIO(b'{"a": 1}')) == {"a": 1}
try:
    ShallowJSONParser().parse(io.BytesIO(b'{"a":' * 5000 + b"1" + b"}" * 5000))
except ParseError:
    print("refused")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "refused\n", done.stderr
