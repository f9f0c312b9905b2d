"""``launchready inputs``: what the app did with what it must refuse, how it ends, and what it leaves for the team."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from launchready.report.schema import inputs_schema
from launchready_guard.policy import parse_policy

from tests.cli.run import launchready
from tests.support.bare import pytest_alone
from tests.support.club import Club, Member, body, said
from tests.support.web import Got, Reply, serve


class Strict(Club):
    """Takes what it describes and nothing else."""

    def answer(self, got: Got, who: Member | None) -> Reply:
        given = body(got) if got.method in ("POST", "PUT") else {}
        known = {"email", "password", "name", "text"}
        texts = all(isinstance(value, str) and len(value) < 500 and value.isprintable() for value in given.values())
        address = given.get("email", "a@example.com")
        sound = texts and known.issuperset(given) and all(one.strip() for one in given.values())
        if got.method in ("POST", "PUT") and not (given and sound and "@" in address and " " not in address):
            return said(422, {"detail": "that is not valid"})
        return super().answer(got, who)


class Careless(Strict):
    """Fails at a note that is no text."""

    def answer(self, got: Got, who: Member | None) -> Reply:
        if who is not None and (got.method, got.path) == ("POST", "/api/notes"):
            text = body(got).get("text", "")
            if not isinstance(text, str):
                return said(500, {"detail": "Internal Server Error"})
        return super().answer(got, who)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder without source: the club describes itself."""
    folder = tmp_path / "club"
    folder.mkdir()
    return folder


def asked(project: Path, url: str, *arguments: str | Path) -> Any:
    """The report as JSON, and how the command ended."""
    done = launchready("inputs", project, "--url", url, "--format", "json", *arguments)
    return done, json.loads(done.stdout)


def test_a_crash_is_an_alarm_with_a_call_that_shows_it(project: Path) -> None:
    with serve(Careless()) as url:
        done = launchready("inputs", project, "--url", url)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[2].strip().startswith("NO-GO")
    assert "makes POST /api/notes fail with a server error" in done.stdout
    assert "POST /api/notes: text: a text" in done.stdout.partition("Rules that are missing")[2]


def test_the_json_says_what_was_sent_and_what_is_missing(project: Path) -> None:
    with serve(Careless()) as url:
        done, found = asked(project, url)
    jsonschema.Draft202012Validator(inputs_schema()).validate(found)
    assert (done.returncode, found["schema"], found["verdict"]) == (1, 1, "NO-GO")
    counts = found["counts"]
    assert counts["sent"] == sum(counts[name] for name in ("refused", "taken", "kept", "crashed")) > 50
    notes = next(one for one in found["rules"] if one["route"] == "POST /api/notes")
    (text,) = (field for field in notes["fields"] if field["name"] == "text")
    assert "null" in text["crashed"] and text["missing"]
    limits = {one["route"]: one for row in found["limits"] for one in row["seen"]}
    assert limits["POST /api/login"]["after"] == 0, "the club has no limit"


def test_documents_say_the_same_to_people_the_guard_and_the_edge(project: Path, tmp_path: Path) -> None:
    papers = tmp_path / "launch" / "papers"
    with serve(Careless()) as url:
        done, _ = asked(project, url, "--documents", papers, "--plan", "business")
    assert str(papers / "rate-limits.md") in done.stderr
    people = (papers / "rate-limits.md").read_text()
    assert "`POST /api/login`: none: all 30 in a row were answered" in people
    assert "plan cannot hold" in people
    limits = parse_policy('[roles]\norder = ["guest"]\n' + (papers / "rate-limits.toml").read_text()).limits
    assert [limit.count for limit in limits["login"]] == [5, 30]
    rules = json.loads((papers / "cloudflare-rate-limits.json").read_text())["rules"]
    assert any(
        '"/api/login"' in rule["expression"] and rule["ratelimit"]["requests_per_period"] == 30 for rule in rules
    )
    assert "## POST /api/notes" in (papers / "validation-rules.md").read_text()


def test_the_suite_tells_the_app_from_its_mended_self(project: Path, tmp_path: Path) -> None:
    suite = tmp_path / "inputs"
    with serve(Careless()) as url:
        _, found = asked(project, url, "--emit-tests", suite)
        before = pytest_alone(suite, APP_URL=url)
    fails = {test["id"] for test in found["tests"] if test["fails"]}
    assert fails == {"test_inputs.py::test_post_api_notes_must_refuse"}
    assert {name.partition("[")[0] for name in before.failed} == fails, before.said
    assert not before.broken
    assert len(before.passed) > 30
    with serve(Strict()) as url:
        after = pytest_alone(suite, APP_URL=url)
    assert (after.failed, after.broken) == (set(), set()), after.said


def test_an_app_that_refuses_all_of_it_has_no_alarm_but_for_limits(project: Path) -> None:
    with serve(Strict()) as url:
        done, found = asked(project, url)
    assert {alarm["check"] for alarm in found["alarms"]} <= {"LR331", "LR335"}
    assert found["counts"]["crashed"] == 0
    assert done.returncode in (1, 4)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ('url = "http://127.0.0.1:8000"', "disposable at http://127.0.0.1:8000 and nowhere else"),
        ('version = "/version"', "203.0.113.9 is not this machine"),
    ],
)
def test_that_all_may_be_lost_is_said_of_one_place_and_not_of_another(project: Path, said: str, says: str) -> None:
    (project / "launchready.toml").write_text(f"[environments.ci]\n{said}\ndisposable = true\n")
    done = launchready("inputs", ".", "--env", "ci", "--url", "http://203.0.113.9", cwd=project)
    assert done.returncode == 2
    assert says in done.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 3, "Looked for a running app to call"),
        (["--url", "http://127.0.0.1:9"], 3, "nothing listens there"),
        (["--url", "http://127.0.0.1:9", "--emit-tests", "in-use"], 2, "no Python name"),
        (["--url", "http://127.0.0.1:9", "--plan", "gold"], 2, "is not one of"),
    ],
)
def test_what_cannot_be_done_is_said(project: Path, arguments: list[str], code: int, says: str) -> None:
    done = launchready("inputs", ".", *arguments, cwd=project)
    assert done.returncode == code, done.stdout + done.stderr
    assert says in done.stderr.replace("\n", " ")
