"""Texts on which Python's own engine takes long, sent to an app that matches them, and patterns judged by reading them."""

import json
import re
from pathlib import Path

import pytest
from launchready.model.words import Confidence, Status
from launchready.probes.patterns.bombs import bomb

from tests.stages.members import Asked, Members
from tests.support.ask import ask, write
from tests.support.web import Reply, serve

# Seen in the wild in this form or nearly so: OWASP, snyk's and regexlib's collections.
_SLOW = (
    r"^(a+)+$",
    r"^([a-zA-Z]+\s?)*$",
    r"^\w+([\.-]?\w+)*@\w+([\.-]?\w+)*(\.\w{2,3})+$",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"^(https?:\/\/)?([\da-z\.-]+)\.([a-z\.]{2,6})([\/\w \.-]*)*\/?$",
    r"^(\d+)*$",
    r"(a+)+b",
    r"^(a|ab|b)*$",
    r"^([a-z0-9]{1,20})+$",
    r"/^(?<name>x+)*$/i",
    r"^(.*,)*x$",
    r"^(([a-z0-9]+[-_.]?)*[a-z0-9]+)@",
)
_SOUND = (
    r"^[a-z]+$",
    r"(a+)+",
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
    r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
    r"^(?=.*\d)(?=.*[a-z]).{8,}$",
    r"^\+?[0-9 ()-]{7,20}$",
    r"^(?:\d{1,3}\.){3}\d{1,3}$",
    r"^([A-Z][a-z]+)( [A-Z][a-z]+)*$",
    r"^#?([a-f0-9]{6}|[a-f0-9]{3})$",
    r"^(\w+",
    r"^(a+)\1+$",
)


@pytest.mark.parametrize("pattern", _SLOW)
def test_the_text_for_a_pattern_is_read_in_many_ways_and_does_not_match(pattern: str) -> None:
    found = bomb(pattern)
    assert found is not None
    python = re.compile(re.sub(r"^/(.*)/i$", r"\1", pattern).replace("(?<", "(?P<"))
    assert python.search(found.text(9)) is None
    assert len(found.tame(9)) == len(found.text(9))
    assert found.text(9) != found.tame(9)


@pytest.mark.parametrize("pattern", _SOUND)
def test_a_pattern_that_can_be_read_in_one_way_is_left_alone(pattern: str) -> None:
    assert bomb(pattern) is None


def matching(pattern: str) -> Members:
    """An app that matches a name of the query, and the title of what members make, against a pattern."""
    app = Members()

    @app.route("GET", "/people", "?name", open=True)
    def people(asked: Asked) -> object:
        name = asked.got.query.partition("name=")[2].replace("%21", "!")
        return [] if re.search(pattern, name) else Reply(422, json.dumps({"error": "no name"}))

    @app.route("POST", "/notes", "title")
    def notes(asked: Asked) -> object:
        if not re.search(pattern, str(asked.body.get("title", ""))):
            return Reply(422, json.dumps({"error": "no title"}))
        return Reply(201, '{"id": 1}', {"Content-Type": "application/json"})

    return app


async def test_an_app_that_goes_back_and_tries_again_is_measured() -> None:
    with serve(matching(r"^([a-zA-Z]+\s?)*$")) as url:
        outcome = await ask("LR305", url=url)
    assert {(one.target, one.key) for one in outcome.findings} == {
        ("GET /people", "pattern name"),
        ("POST /notes", "pattern title"),
    }
    assert all(one.confidence is Confidence.PROVEN for one in outcome.findings)


async def test_an_app_whose_patterns_are_read_in_one_way_passes() -> None:
    with serve(matching(r"^[a-zA-Z ]*$")) as url:
        outcome = await ask("LR305", url=url)
    assert outcome.findings == ()
    assert outcome.status is Status.PASS
    assert outcome.examined >= 2


@pytest.mark.parametrize(("most", "found"), [(100_000, [("POST /notes", "blanks")]), (500, [])])
async def test_blanks_that_are_looked_at_again_and_again(most: int, found: list[tuple[str, str]]) -> None:
    app = Members()

    @app.route("POST", "/notes", "title")
    def notes(asked: Asked) -> object:
        title = str(asked.body.get("title", ""))
        if len(title) > most:
            return Reply(422, json.dumps({"error": "too long"}))
        return Reply(
            201, json.dumps({"id": 1, "size": len(re.sub(r"\s+$", "", title))}), {"Content-Type": "application/json"}
        )

    with serve(app) as url:
        outcome = await ask("LR305", url=url)
    assert [(one.target, one.key) for one in outcome.findings] == found


_NEXT = """
import { z } from "zod";
const shape = z.object({ name: z.string().regex(/%s/) });
export async function POST(request) { const given = shape.parse(await request.json()); return Response.json(given); }
"""


@pytest.mark.parametrize(("pattern", "wrong"), [(r"^([a-z]+-?)*$", True), (r"^[a-z]+(-[a-z]+)*$", False)])
async def test_a_pattern_of_the_source_is_suspected_without_a_call(pattern: str, wrong: bool, tmp_path: Path) -> None:
    files = {"package.json": '{"dependencies": {"next": "15", "zod": "3"}}', "app/people/route.ts": _NEXT % pattern}
    source = write(tmp_path, files)
    outcome = await ask("LR305", source)
    assert [(one.target, one.confidence) for one in outcome.findings] == (
        [("POST /people", Confidence.SUSPECTED)] if wrong else []
    )
    assert outcome.status is (Status.FAIL if wrong else Status.PASS)


async def test_a_measured_pattern_is_not_suspected_as_well(tmp_path: Path) -> None:
    # The source says one thing, and the app that runs is quick all the same, as one with another engine would be.
    fields = 'from typing import Annotated\nfrom fastapi import FastAPI, Query\napp = FastAPI()\n\n@app.get("/people")\ndef people(name: Annotated[str, Query(pattern=r"^([a-z]+-?)*$")] = ""):\n    return []\n'
    source = write(tmp_path, {"app.py": fields, "requirements.txt": "fastapi\n"})
    assert (await ask("LR305", source)).status is Status.FAIL
    with serve(matching(r"^[a-z-]*$")) as url:
        assert (await ask("LR305", source, url)).status is Status.PASS
