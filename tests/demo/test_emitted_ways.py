"""The emitted suite on ways around a guard: spellings, methods nothing names, cookies without flags, other websites."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from tests.cli.run import launchready
from tests.support.bare import pytest_alone
from tests.support.club import Club, Member, body, said
from tests.support.web import Got, Reply, serve


@dataclass(slots=True)
class Lounge(Club):
    """The club with sessions in a cookie, and a list for administrators, of whom there are none. ``careless`` is it in four ways."""

    careless: bool = True

    def who(self, got: Got) -> Member | None:
        pairs = (part.strip().partition("=") for part in got.headers.get("cookie", "").split(";"))
        return next((self.tokens[value] for name, _, value in pairs if name == "sid" and value in self.tokens), None)

    def answer(self, got: Got, who: Member | None) -> Reply:
        reply = self.served(got, who)
        origin = got.headers.get("origin", "")
        if not (self.careless and origin):
            return reply
        headers = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
        return replace(reply, headers={**reply.headers, **headers})

    def served(self, got: Got, who: Member | None) -> Reply:
        if got.path == "/api/admin/people":
            return said(403 if who else 401, {"detail": "for administrators"})
        if got.path == "/API/admin/people" and self.careless:
            return said(200, [{"name": "Ada", "visits": 4711}])
        parts = got.path.strip("/").split("/")
        if got.method == "PATCH" and who and parts[:2] == ["api", "notes"] and parts[-1].isdigit():
            note = self.notes.get(int(parts[-1]))
            if note is None or not (self.careless or note["owner_id"] == who.id):
                return said(404, {"detail": "no such note"})
            note["text"] = body(got).get("text", note["text"])
            return said(200, note)
        return Club.answer(self, got, who)

    def sign_in(self, got: Got) -> Reply:
        reply = Club.sign_in(self, got)
        if reply.status != 200:
            return reply
        token = json.loads(reply.body)["access_token"]
        flags = "" if self.careless else "; HttpOnly; SameSite=Lax"
        return Reply(200, "{}", {"Content-Type": "application/json", "Set-Cookie": f"sid={token}; Path=/{flags}"})


def test_each_way_around_is_a_test_that_fails_until_it_is_shut(tmp_path: Path) -> None:
    suite, told = tmp_path / "access", tmp_path / "proof.json"
    more: dict[str, dict[str, object]] = {"/api/admin/people": {"get": {}}}
    (tmp_path / "app").mkdir()
    with serve(Lounge(more=more)) as url:
        given = ("--seconds", "300", "--no-store", "--format", "json", "--output", told, "--emit-tests", suite)
        done = launchready("prove", tmp_path / "app", "--url", url, *given)
        assert done.returncode == 1, done.stderr
        sure = {test["id"].partition("::")[2] for test in json.loads(told.read_text())["tests"] if test["fails"]}
        assert {
            "test_no_other_spelling_opens_get_api_admin_people_to_guest",
            "test_the_cookie_sid_has_its_flags",
            "test_no_other_website_reads_get_api_me",
        } <= sure
        assert any(name.startswith("test_ben_cannot_patch_api_notes") for name in sure)
        before = pytest_alone(suite, APP_URL=url)
        assert ({one.partition("::")[2] for one in before.failed}, before.broken) == (sure, set()), before.said
    with serve(Lounge(more=more, careless=False)) as url:
        after = pytest_alone(suite, APP_URL=url)
        assert (after.failed, after.broken) == (set(), set()), after.said
        assert sure <= {one.partition("::")[2] for one in after.passed}
