"""Mails that one visitor can cause, counted where they arrive: resets, invitations and sign-ups; and the order of it all."""

import json
import re
import secrets
from collections import Counter
from dataclasses import replace
from pathlib import Path

from launchready.model.project import Environment, Project
from launchready.model.words import Confidence, Severity, Status
from launchready.stages.inputs.trials.limits.burst import MAILS, MOST_MAILS
from launchready.stages.session import Request, audit

from tests.stages.limited import JSON, TOO_MANY, Limited, Rule, asked, mailing, with_deletion
from tests.stages.members import Asked, Members
from tests.support.ports import free_port
from tests.support.web import Got, Reply, serve


def resetting(port: int, most: int = 1000) -> Members:
    """Members who may ask for reset links; after ``most`` of them to one address it says yes and sends none."""
    app, send, sent = Members(), mailing(port), dict[str, int]()

    @app.route("POST", "/forgot-password", "email", open=True)
    def forgot(asked: Asked) -> object:
        email = str(asked.body.get("email"))
        sent[email] = sent.get(email, 0) + 1
        if any(member.email == email for member in app.members) and sent[email] <= most:
            send(email, f"https://app.example.com/reset?token={secrets.token_hex(8)}")
        return {"detail": "If there is an account, we sent a link to it"}

    return app


async def test_mails_that_really_went_out_are_counted_at_a_real_sink() -> None:
    port = free_port()
    outcomes = await asked(resetting(port), "LR332", "LR336", given={"mail_sink": f"127.0.0.1:{port}"})
    reset, mails = outcomes["LR332"], outcomes["LR336"]
    assert [finding.title for finding in reset.findings] == ["Anyone can flood a member with reset e-mails"]
    assert f"{MAILS} mails went out." in reset.findings[0].detail
    assert [finding.title for finding in mails.findings] == [
        f"{MAILS} mails went out in a row because one visitor asked for them"
    ]
    assert any(f"{MAILS} mails went out" in note for note in reset.notes)


async def test_a_limit_that_says_yes_and_sends_nothing_is_seen_by_the_mails() -> None:
    port = free_port()
    outcomes = await asked(resetting(port, 3), "LR332", "LR336", given={"mail_sink": f"127.0.0.1:{port}"})
    assert [outcome.status for outcome in outcomes.values()] == [Status.PASS, Status.PASS]
    assert any(
        "no more mail at call 4: 3 are let through" in note and "3 mails went out" in note
        for note in outcomes["LR332"].notes
    )


async def test_without_a_mailbox_nothing_is_said_of_mails(tmp_path: Path) -> None:
    app = Members()

    @app.route("POST", "/forgot-password", "email", open=True)
    def forgot(asked: Asked) -> object:
        return {"detail": "sent"}

    outcomes = await asked(app, "LR332", "LR336")
    assert outcomes["LR332"].status is Status.FAIL
    assert outcomes["LR336"].status is Status.NOT_CHECKED
    assert "not seen" in outcomes["LR336"].reason
    limited = await asked(Limited(app, [Rule("/forgot-password", 5)]), "LR332", "LR336")
    assert limited["LR332"].status is Status.PASS
    assert any(
        "429 at call 6: 5 are let through, asks to wait 900 s, per address" in note for note in limited["LR332"].notes
    )


def inviting(*, open: bool) -> Members:
    app = Members()
    made: list[str] = []

    @app.route("POST", "/invites", "email", open=open)
    def invite(asked: Asked) -> object:
        made.append(str(asked.body.get("email")))
        return Reply(201, json.dumps({"id": len(made), "email": made[-1]}), JSON)

    @app.route("POST", "/invites/{id}/resend", open=open)
    def resend(asked: Asked) -> object:
        return {"detail": "sent again"} if int(asked.ids["id"]) <= len(made) else Reply(404, "{}", JSON)

    return app


async def test_invitations_of_a_member_and_of_anyone() -> None:
    for is_open, who in ((False, "A member"), (True, "Anyone")):
        outcome = (await asked(inviting(open=is_open), "LR334"))["LR334"]
        assert [(finding.target, finding.title) for finding in outcome.findings] == [
            ("POST /invites", f"{who} can send invitations without limit"),
            ("POST /invites/{id}/resend", f"{who} can resend invitations without limit"),
        ]
        assert [("Nobody has to sign in" in finding.detail) for finding in outcome.findings] == [is_open, is_open]


def by_session(got: Got) -> str:
    return got.headers.get("authorization", "")


async def test_a_limit_for_each_session_is_told_from_one_for_an_address() -> None:
    rules = [
        Rule("/invites", 8, by_session),
        Rule("resend", 8, by_session, matches=lambda got, path: got.path.endswith(path)),
    ]
    inner = Limited(inviting(open=False), rules[:1])
    outcome = (await asked(Limited(inner, rules[1:]), "LR334"))["LR334"]
    assert outcome.status is Status.PASS
    assert all("per session" in note for note in outcome.notes) and len(outcome.notes) == 2
    whole = Limited(inviting(open=False), [Rule("/invites", 8, matches=lambda got, path: got.path.startswith(path))])
    outcome = (await asked(whole, "LR334"))["LR334"]
    assert any("per address" in note for note in outcome.notes)


async def test_accounts_of_a_burst_are_removed_again() -> None:
    app = with_deletion(Members())
    outcome = (await asked(Limited(app), "LR335"))["LR335"]
    assert [(finding.target, finding.confidence) for finding in outcome.findings] == [
        ("POST /signup", Confidence.PROVEN)
    ]
    assert app.members == []


async def test_few_accounts_are_made_where_none_can_be_removed() -> None:
    app = Members()
    outcome = (await asked(Limited(app), "LR335"))["LR335"]
    assert [finding.confidence for finding in outcome.findings] == [Confidence.SUSPECTED]
    assert "All gave the address of an account of the run again" in outcome.findings[0].detail
    assert len({member.email for member in app.members}) <= 5
    sound = (await asked(Limited(Members(), [Rule("/signup", 8)]), "LR335"))["LR335"]
    assert sound.findings == ()
    assert any("POST /signup: 429" in note for note in sound.notes)


async def test_a_sign_up_that_was_refused_leaves_no_account_behind_in_the_report() -> None:
    app = Members()
    # From the second account on, the app wants something that a repeated call does not have.
    outer = Limited(app, [Rule("/signup", 3, then=Reply(403, "{}", JSON))])
    with serve(outer) as url:
        place = Environment("local", url, writes=True)
        done = await audit(Request(Project("app", "/nonexistent"), place, source=False, checks=("LR335",)))
    named = {one.path.removeprefix("the account ") for one in done.made if one.path.startswith("the account ")}
    assert named == {member.email for member in app.members}


async def test_a_token_for_invitations_is_not_made_anew() -> None:
    app = Members()
    for path in ("/invites", "/invites/reset-token"):
        app.route("POST", path, "email")(lambda asked: Reply(201, "{}", JSON))
    outer = Limited(app)
    await asked(outer, "LR334")
    assert {got.path for got in outer.seen if got.method == "POST" and "invites" in got.path} == {"/invites"}


async def test_bursts_come_after_what_was_made_is_removed() -> None:
    app = with_deletion(Members())
    app.collection("notes", "title")
    kept = app.records["notes"]

    @app.route("DELETE", "/notes/{id}")
    def remove(asked: Asked) -> object:
        return kept.pop(asked.ids["id"], None) or Reply(404, "{}", JSON)

    @app.route("POST", "/forgot-password", "email", open=True)
    def forgot(asked: Asked) -> object:
        return {"detail": "sent"}

    # Whoever comes too often may do nothing any more, at any address that writes without a session.
    limit = Rule("", 60, then=TOO_MANY, matches=lambda got, path: got.path in ("/login", "/forgot-password", "/signup"))
    outer = Limited(app, [limit])
    await asked(outer, "LR331", "LR332", "LR335")
    first = next(index for index, got in enumerate(outer.seen) if got.path == "/forgot-password")
    deleted = [index for index, got in enumerate(outer.seen) if got.method == "DELETE" and "/notes/" in got.path]
    assert deleted and max(deleted) < first
    assert kept == {}
    assert app.members == []


async def test_never_more_mail_than_was_announced() -> None:
    app = inviting(open=True)
    for name in ("forgot-password", "api/forgot-password", "v2/forgot-password", "resend-verification", "contact"):

        @app.route("POST", f"/{name}", "email", open=True)
        def send(asked: Asked) -> object:
            return {"detail": "sent"}

    outer = Limited(app)
    outcomes = await asked(outer, "LR332", "LR334", "LR335")
    began = next(index for index, got in enumerate(outer.seen) if "forgot-password" in got.path)
    sending = [
        got
        for got in outer.seen[began:]
        if got.method == "POST" and got.path != "/login" and (b"@" in got.body or "resend" in got.path)
    ]
    assert MOST_MAILS - 5 <= len(sending) <= MOST_MAILS
    said = " ".join(gap.reason for outcome in outcomes.values() for gap in outcome.gaps)
    assert "as many mails went out as were announced" in said


async def test_ai_gets_few_calls_and_headers_count_as_a_limit() -> None:
    def assistant(headers: bool) -> Limited:
        app, asked_for = Members(), list[int]()

        @app.route("POST", "/assistant", "message")
        def ask(asked: Asked) -> object:
            asked_for.append(1)
            said = {"RateLimit-Policy": '"ai";q=20;w=60', "RateLimit": f'"ai";r={20 - len(asked_for)};t=60'}
            return Reply(200, json.dumps({"answer": "yes"}), JSON | (said if headers else {}))

        return Limited(app)

    bare = assistant(False)
    outcome = (await asked(bare, "LR335"))["LR335"]
    found = [finding for finding in outcome.findings if finding.target == "POST /assistant"]
    assert [(finding.confidence, finding.severity) for finding in found] == [(Confidence.SUSPECTED, Severity.MEDIUM)]
    assert "not seen within 5 calls" in found[0].detail
    # What the survey of the run asked comes on top.
    assert sum(got.path == "/assistant" for got in bare.seen) <= 5 + 4
    outcome = (await asked(assistant(True), "LR335"))["LR335"]
    assert [finding for finding in outcome.findings if finding.target == "POST /assistant"] == []
    assert any("20 in 60 s by its headers" in note for note in outcome.notes)


async def test_public_searches_and_forms() -> None:
    app = Members()

    @app.route("GET", "/search", "?q", open=True)
    def search(asked: Asked) -> object:
        return [{"name": "one"}]

    @app.route("POST", "/contact", "email", "message", open=True)
    def contact(asked: Asked) -> object:
        return {"detail": "thank you"}

    outcome = (await asked(Limited(app), "LR335"))["LR335"]
    assert {finding.target for finding in outcome.findings} >= {"GET /search", "POST /contact"}
    sound = Limited(app, [Rule("/contact", 4)])
    outcome = (await asked(sound, "LR335"))["LR335"]
    assert "POST /contact" not in {finding.target for finding in outcome.findings}


async def test_a_small_upload_is_repeated() -> None:
    app, sizes = Members(), list[int]()

    @app.route("POST", "/avatar")
    def avatar(asked: Asked) -> object:
        sizes.append(len(asked.got.body))
        ok = b"PNG" in asked.got.body
        return {"url": "/avatars/1"} if ok else Reply(400, json.dumps({"error": "no picture"}), JSON)

    outcome = (await asked(Limited(app), "LR335"))["LR335"]
    assert "POST /avatar" in {finding.target for finding in outcome.findings}
    assert max(sizes) < 2000
    limited = (await asked(Limited(app, [Rule("/avatar", 5)]), "LR335"))["LR335"]
    assert "POST /avatar" not in {finding.target for finding in limited.findings}


class Wide(Limited):
    """After eight resets nobody may do anything any more, until the test says so."""

    def __call__(self, got: Got) -> Reply:
        bursts = [one for one in self.seen if one.path == "/forgot-password"]
        if len(bursts) >= 8 and len(self.seen) < self.until:
            self.seen.append(got)
            return replace(TOO_MANY, headers=JSON | {"Retry-After": "2"})
        return super().__call__(got)

    until = 100_000


async def test_what_was_made_is_removed_after_a_limit_for_the_whole_app_was_met() -> None:
    members = with_deletion(Members())

    @members.route("POST", "/forgot-password", "email", open=True)
    def forgot(asked: Asked) -> object:
        return {"detail": "sent"}

    app = Wide(members)

    def waits(got: Got) -> Reply:
        # The limit ends with the first call that comes after it was waited for: nobody but the removal waits.
        if got.method == "DELETE" and sum(one.method == "DELETE" for one in app.seen) >= 4:
            app.until = 0
        return app(got)

    outcome = (await asked(waits, "LR332"))["LR332"]
    assert outcome.status is Status.PASS
    assert members.members == []


async def test_calls_of_the_run_before_the_burst_may_have_counted_and_are_told() -> None:
    app = Members()

    @app.route("POST", "/forgot-password", "email", open=True)
    def forgot(asked: Asked) -> object:
        return {"detail": "sent"}

    rule = Rule("/forgot-password", 9, then=Reply(429, "{}", JSON))
    outcomes = await asked(Limited(app, [rule]), "LR301", "LR332")
    (note,) = outcomes["LR332"].notes
    least, most = (int(one) for one in re.findall(r"between (\d+) and (\d+)", note)[0])
    assert least < 9 <= most, note
    used_up = await asked(Limited(app, [replace(rule, most=3, counts=Counter())]), "LR301", "LR332")
    (note,) = used_up["LR332"].notes
    assert int(re.findall(r"at call 1: at most (\d+)", note)[0]) >= 3, note


async def test_the_number_that_headers_name_is_told_where_it_fits() -> None:
    app = Members()

    @app.route("POST", "/forgot-password", "email", open=True)
    def forgot(asked: Asked) -> object:
        return {"detail": "sent"}

    named = {**JSON, "RateLimit-Policy": '"9-in-1hour"; q=9; w=3600', "RateLimit": '"9-in-1hour"; r=0; t=3540'}
    rule = Rule("/forgot-password", 9, then=Reply(429, "{}", named))
    outcomes = await asked(Limited(app, [rule]), "LR301", "LR332")
    (note,) = outcomes["LR332"].notes
    assert "9 are let through" in note and "9 in 3600 s by its headers" in note
