"""``launchready prove``: who got what by calling directly, how it ends, and what it leaves for the team."""

import csv
import io
import json
import subprocess
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from launchready.report.schema import proof_schema

from tests.cli.run import launchready
from tests.support.bare import pytest_alone
from tests.support.club import Club, Member, body
from tests.support.web import Got, Reply, serve


class Leaky(Club):
    """Every member may have every note."""

    def mine(self, note: dict[str, object], who: Member) -> bool:
        return True


class Mended(Club):
    """Notes belong to who makes them, whatever else is sent along."""

    def answer(self, got: Got, who: Member | None) -> Reply:
        if who is not None and (got.method, got.path) == ("POST", "/api/notes"):
            got = replace(got, body=json.dumps({"text": body(got).get("text")}).encode())
        return super().answer(got, who)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder without source: the club describes itself."""
    folder = tmp_path / "club"
    folder.mkdir()
    return folder


def test_what_another_member_got_is_an_alarm(project: Path) -> None:
    with serve(Leaky()) as url:
        done = launchready("prove", project, "--url", url)
    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout.splitlines()[2].strip().startswith("NO-GO")
    assert "Any member can read another's note" in done.stdout
    assert "ann       a member" in done.stdout
    # What comes next can be copied as it stands: the same app, at the same address.
    assert f"prove {project} --url {url} --emit-tests tests/access" in " ".join(done.stdout.split())
    assert "requests in" in done.stdout and "for each proven row" in done.stdout
    assert "Made" in done.stdout


def test_the_json_has_a_version_and_every_row(project: Path) -> None:
    with serve(Leaky()) as url:
        done = launchready("prove", project, "--url", url, "--format", "json")
    found = json.loads(done.stdout)
    jsonschema.Draft202012Validator(proof_schema()).validate(found)
    assert (found["schema"], found["verdict"]) == (1, "NO-GO")
    assert [who["name"] for who in found["people"]] == ["guest", "ann", "ben"]
    rows = {(row["route"], row["who"], row["record"]): row for row in found["rows"]}
    read = "GET /api/notes/{note_id}"
    assert (rows[read, "ann", "own"]["seen"], rows[read, "ann", "own"]["alarm"]) == ("allowed", False)
    assert (rows[read, "ben", "other"]["seen"], rows[read, "ben", "other"]["alarm"]) == ("allowed", True)
    assert rows["GET /api/me", "guest", "none"]["seen"] == "denied"
    assert found["requests"] > 20
    assert {made["removed"] for made in found["made"]} == {True}


@pytest.mark.parametrize(("shown", "row"), [("the rota", "denied"), ("", "not checked")])
def test_a_stranger_who_is_led_elsewhere_got_nothing_of_what_members_get(project: Path, shown: str, row: str) -> None:
    def rota(_club: Club, got: Got, who: Member | None) -> Reply | None:
        if got.path != "/api/rota":
            return None
        away = who is None or not shown
        return Reply(302, "", {"Location": "/welcome"}) if away else Reply(200, json.dumps({"rota": shown}))

    with serve(Club(rota, {"/api/rota": {"get": {}}})) as url:
        done = launchready("prove", project, "--url", url, "--format", "json")
    rows = {(one["route"], one["who"]): one["seen"] for one in json.loads(done.stdout)["rows"]}
    assert rows["GET /api/rota", "guest"] == row


def test_a_club_that_is_right_has_no_alarm_and_says_what_was_not_asked(project: Path) -> None:
    with serve(Club()) as url:
        done = launchready("prove", project, "--url", url, "--format", "json")
    found = json.loads(done.stdout)
    assert [one for one in found["alarms"] if one["confidence"] != "suspected"] == []
    assert found["not_checked"] and done.returncode == 4
    assert all(gap["reason"] for gap in found["not_checked"])


def test_rows_as_a_spreadsheet_and_as_pages(project: Path, tmp_path: Path) -> None:
    page = tmp_path / "proof.html"
    with serve(Leaky()) as url:
        table = launchready("prove", project, "--url", url, "--format", "csv")
        written = launchready("prove", project, "--url", url, "--format", "html", "--output", page)
        text = launchready("prove", project, "--url", url, "--format", "markdown").stdout
    rows = list(csv.DictReader(io.StringIO(table.stdout)))
    assert {row["who"] for row in rows} == {"guest", "ann", "ben"}
    assert any(row["alarm"] == "yes" for row in rows)
    assert "Written:" in written.stdout
    assert "default-src 'none'" in page.read_text() and "<script" not in page.read_text()
    assert text.startswith("# NO-GO") and "## Rows" in text


def test_a_curl_line_can_be_run_as_it_stands(project: Path) -> None:
    club = Leaky()
    with serve(club) as url:
        found = json.loads(launchready("prove", project, "--url", url, "--format", "json").stdout)
        alarm = next(one for one in found["alarms"] if one["target"] == "GET /api/notes/{note_id}")
        # A note at the same address, as it stands in an app whose records are not removed.
        club.notes[int(alarm["reproduction"].rpartition("/")[2])] = {"id": 1, "owner_id": 0, "text": "somebody's"}
        done = subprocess.run(["bash", "-c", alarm["reproduction"]], capture_output=True, text=True, check=False)
    assert " 200 " in done.stdout.splitlines()[0], done.stdout + done.stderr
    assert "somebody's" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 3, "Looked for a running app to call"),
        (["--url", "http://127.0.0.1:9"], 3, "nothing listens there"),
        (["--url", "here"], 2, "that is no web address"),
        (["--url", "http://127.0.0.1:9", "--emit-tests", "in-use"], 2, "no Python name"),
        (["--url", "http://127.0.0.1:9", "--emit-tests", "used"], 2, "your changes to it would be lost"),
        (["--url", "http://192.0.2.1:9", "--env", "nowhere"], 2, "Environments: none"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_sent(
    project: Path, arguments: list[str], code: int, says: str
) -> None:
    (project / "used").mkdir()
    (project / "used" / "mine.py").write_text("kept = True\n")
    done = launchready("prove", ".", *arguments, cwd=project)
    assert done.returncode == code, done.stdout + done.stderr
    assert says in done.stderr.replace("\n", " ")
    assert (project / "used" / "mine.py").read_text() == "kept = True\n"


def test_a_host_that_is_not_ours_is_not_called_as_anybody(project: Path) -> None:
    done = launchready("prove", project, "--url", "http://192.0.2.1:9", "--timeout", "1")
    assert done.returncode in (3, 4)


def test_the_suite_of_a_small_app_tells_it_from_its_mended_self(project: Path, tmp_path: Path) -> None:
    suite = tmp_path / "access"
    with serve(Leaky()) as url:
        done = launchready("prove", project, "--url", url, "--format", "json", "--emit-tests", suite)
        found = json.loads(done.stdout)
        jsonschema.Draft202012Validator(proof_schema()).validate(found)
        tests = found["tests"]
        before = pytest_alone(suite, APP_URL=url)
    fails = {test["id"] for test in tests if test["fails"]}
    assert {"GET /api/notes/{note_id}", "PUT /api/notes/{note_id}", "DELETE /api/notes/{note_id}"} <= {
        test["route"] for test in tests if test["fails"]
    }
    assert (before.failed, before.broken) == (fails, set()), before.said
    mended = Mended()
    with serve(mended) as url:
        after = pytest_alone(suite, APP_URL=url)
    assert (after.failed, after.broken) == (set(), set()), after.said
    assert fails <= after.passed
    assert mended.notes == {}, "the suite leaves records behind"


def test_the_suite_refuses_a_host_that_nobody_named(project: Path, tmp_path: Path) -> None:
    suite = tmp_path / "access"
    club = Club()
    with serve(club) as url:
        launchready("prove", project, "--url", url, "--emit-tests", suite)
        club.calls.clear()
        for given in ({}, {"APP_URL": "http://192.0.2.1:9"}):
            ran = pytest_alone(suite, **given)
            assert not ran.passed and not ran.failed
            assert ran.broken and ("APP_URL" in ran.said or "APP_TESTS_HOST=192.0.2.1" in ran.said)
    assert club.calls == []
