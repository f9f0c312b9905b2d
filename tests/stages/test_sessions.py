"""Sessions, tokens and reset links of a running app: each fault in a small club that has it, and none in the sound one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from launchready.model.check import Outcome
from launchready.model.project import Environment, Identity, Project, Reference
from launchready.model.words import Confidence, Severity, Status

from tests.stages.club import PEM, PRIVATE, UNSIGNED, Club
from tests.support.ask import ask, write
from tests.support.web import Got, Reply, serve


async def asked(check: str, club: Club, root: Path | None = None) -> Outcome:
    with serve(club) as url:
        return await ask(check, root, url)


FAULTS = [
    ("LR213", Club(wrong="none"), "alg none"),
    ("LR213", Club(key="changeme"), "the key that signs tokens was guessed"),
    ("LR213", Club("rs256", "confused"), "the public key, which everybody has, signs tokens too"),
    ("LR213", Club("signed", key="keyboard cat"), "the key that signs the session cookie was guessed"),
    *(("LR213", Club("cookie", how), "the session only says who one is") for how in UNSIGNED),
    ("LR213", Club(wrong="empty"), "says yes to an empty password"),
    ("LR214", Club(wrong="sign out"), "Signing out leaves the session valid"),
    ("LR214", Club("cookie", "sign out"), "Signing out leaves the session valid"),
    ("LR214", Club(wrong="no end"), "never expires"),
    ("LR214", Club(wrong="expired", key="secret"), "the time at which it ends is not looked at"),
    ("LR214", Club(wrong="keeps others"), "Changing the password throws nobody out"),
    ("LR214", Club(wrong="old left out"), "the old password may be left out"),
    ("LR214", Club("cookie", "old left out"), "the old password may be left out"),
    ("LR214", Club(wrong="address"), "A password is changed by opening an address"),
    ("LR214", Club("cookie", "fixation"), "plants a session id"),
    ("LR214", Club(wrong="link"), "stands in an address"),
    ("LR206", Club("cookie", "flags"), "the cookie sid lacks HttpOnly, SameSite"),
    ("LR215", Club(wrong="tells"), "POST /login answers differently"),
    ("LR219", Club(wrong="told"), "answers with the link itself"),
    ("LR219", Club(wrong="counts"), "it counts up"),
    ("LR219", Club(wrong="time"), "the token of a reset link was guessed"),
    ("LR219", Club(wrong="twice"), "works again and again"),
    ("LR219", Club(wrong="invites"), "An invite can be guessed: it counts up"),
    ("LR219", Club(wrong="invites"), "An invite to one address was taken by two other people"),
    ("LR219", Club(wrong="bound"), "sets the password of another"),
]


@pytest.mark.parametrize(
    ("check", "club", "words"), FAULTS, ids=[f"{one.style} {one.wrong or 'weak key'}" for _, one, _ in FAULTS]
)
async def test_a_fault_is_found(check: str, club: Club, words: str) -> None:
    outcome = await asked(check, club)
    (found,) = [finding for finding in outcome.findings if words in finding.title]
    assert found.evidence
    if "may" not in found.title and "two other people" not in found.title:
        assert found.confidence is not Confidence.SUSPECTED


@pytest.mark.parametrize("wrong", ["sign out", "keeps others"])
@pytest.mark.parametrize(("lasts", "sure"), [(600, False), (7200, True)])
async def test_a_token_that_ends_soon_by_itself_is_a_question(wrong: str, lasts: int, sure: bool) -> None:
    (found,) = (await asked("LR214", Club(wrong=wrong, lasts=lasts))).findings
    assert (found.confidence is Confidence.PROVEN) is sure
    assert ("for up to 10 minutes" in found.title) is not sure


@pytest.mark.parametrize("style", ["jwt", "rs256", "cookie", "signed"])
@pytest.mark.parametrize("check", ["LR206", "LR213", "LR214", "LR215", "LR219"])
async def test_the_sound_club_raises_no_alarm(check: str, style: str) -> None:
    outcome = await asked(check, Club(style))
    # What a signed cookie holds cannot be taken back: the sound club of that style keeps a count of passwords, and no list.
    assert [one.title for one in outcome.findings if not (style == "signed" and "Signing out" in one.title)] == []
    assert outcome.status is not Status.ERROR


async def test_a_key_that_was_guessed_is_shown_to_open_another_account() -> None:
    (found,) = (await asked("LR213", Club(key="secret"))).findings
    assert "says it is ann is answered as ann" in found.detail
    assert (found.severity, found.confidence) == (Severity.BLOCKER, Confidence.PROVEN)


@pytest.mark.parametrize("how", UNSIGNED)
async def test_a_session_that_nobody_signed_is_shown_to_open_another_account(how: str) -> None:
    (found,) = (await asked("LR213", Club("cookie", how))).findings
    assert "is answered as ann" in found.detail
    assert (found.severity, found.confidence) == (Severity.BLOCKER, Confidence.PROVEN)


async def test_a_session_that_is_a_number_opens_to_the_number_beside_it() -> None:
    class Untold(Club):
        """Nobody is told the number of an account."""

        def __call__(self, got: Got) -> Reply:
            reply = super().__call__(got)
            said = json.loads(reply.body) if got.path == "/me" and reply.status == 200 else {}
            return replace(reply, body=json.dumps({"name": said["email"].split("@")[0]})) if said else reply

    (found,) = (await asked("LR213", Untold("cookie", "number"))).findings
    assert "the session is a number that counts up" in found.title
    assert (found.severity, found.confidence) == (Severity.BLOCKER, Confidence.PROVEN)


@pytest.mark.parametrize("looks", [False, True])
async def test_a_session_that_nobody_looks_at_opens_to_anything(looks: bool) -> None:
    class Careless(Club):
        """Who has any cookie of the name is in."""

        def __call__(self, got: Got) -> Reply:
            if got.path == "/me" and "sid=" in got.headers.get("cookie", "") and not looks:
                return Reply(200, json.dumps({"members": ["north", "south"]}), {"Content-Type": "application/json"})
            return super().__call__(got)

    found = (await asked("LR213", Careless("cookie"))).findings
    assert ["whatever stands in the cookie sid is taken" in one.title for one in found] == ([] if looks else [True])


async def test_a_word_of_the_source_is_tried(tmp_path: Path) -> None:
    root = write(tmp_path, {"config.py": 'JWT_SECRET = "wire-the-barn-cat"\n'})
    assert (await asked("LR213", Club(key="wire-the-barn-cat"))).findings == ()
    assert len((await asked("LR213", Club(key="wire-the-barn-cat"), root)).findings) == 1


async def test_the_public_key_may_be_in_the_source(tmp_path: Path) -> None:
    class Unpublished(Club):
        def __call__(self, got: Got) -> Reply:
            return Reply(404) if "jwks" in got.path else super().__call__(got)

    without = await asked("LR213", Unpublished("rs256", "confused"))
    assert without.findings == ()
    assert [gap.target for gap in without.gaps] == ["public key"]
    root = write(tmp_path, {"keys/public.pem": PEM.decode()})
    assert len((await asked("LR213", Unpublished("rs256", "confused"), root)).findings) == 1


@pytest.mark.parametrize(("ours", "found"), [(True, 1), (False, 0)])
async def test_the_private_key_that_lies_beside_the_code_signs_tokens(tmp_path: Path, ours: bool, found: int) -> None:
    key = PRIVATE if ours else rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    findings = (await asked("LR213", Club("rs256"), write(tmp_path, {"app/keys/private_key.pem": pem}))).findings
    assert ["the private key that signs tokens stands in the source" in one.title for one in findings] == [True] * found
    assert all("says it is ann is answered as ann" in one.detail for one in findings)


async def test_mail_that_nobody_reads_is_not_checked() -> None:
    outcome = await asked("LR219", Club())
    assert any("mail was not read" in gap.reason and "outbox" in gap.give for gap in outcome.gaps)


async def test_a_sign_in_that_stops_answering_is_no_verdict_on_its_time() -> None:
    class Limited(Club):
        refused = 0

        def __call__(self, got: Got) -> Reply:
            if self.refused > 5 and (got.method, got.path) == ("POST", "/login"):
                return Reply(429, "{}", {"Content-Type": "application/json"})
            reply = super().__call__(got)
            self.refused += got.path == "/login" and reply.status == 401
            return reply

    outcome = await asked("LR215", Limited(wrong="slow"))
    assert outcome.findings == ()
    assert any("stopped answering" in gap.reason for gap in outcome.gaps)


class _Addresses(Club):
    """Takes nothing but addresses, and signs up nobody: Ann came with a token that somebody made for her."""

    def __call__(self, got: Got) -> Reply:
        if got.path == "/signup":
            return Reply(404, "{}", {"Content-Type": "application/json"})
        named = got.path in ("/login", "/forgot-password") and got.method == "POST"
        if named and b"@" not in got.body and b"%40" not in got.body:
            return Reply(422, '{"detail": "no address"}', {"Content-Type": "application/json"})
        return super().__call__(got)


async def test_a_name_where_an_address_is_wanted_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    club = _Addresses()
    club.users["ann"] = {"id": 1, "email": "ann", "name": "ann", "password": "x", "since": 0}
    monkeypatch.setenv("ANN", club._token(club.users["ann"]))
    ann = Identity("ann", "member", username="ann", login="bearer", token=Reference("ANN"))
    with serve(club) as url:
        outcome = await ask("LR215", url=url, project=Project("club", "/nonexistent", identities=(ann,)))
    assert outcome.findings == ()
    told = {gap.target for gap in outcome.gaps if "takes an address" in gap.reason}
    assert told == {"POST /login", "POST /forgot-password", "POST /reset-password"}


@pytest.mark.parametrize(
    ("wrong", "words"), [("twice", ["works again and again"]), ("time", ["can be guessed"]), ("", [])]
)
async def test_reset_links_are_read_where_the_mail_is(tmp_path: Path, wrong: str, words: list[str]) -> None:
    with serve(Club(wrong=wrong, outbox=tmp_path)) as url:
        outcome = await ask("LR219", url=url, environment=Environment("local", url, writes=True, outbox=str(tmp_path)))
    assert len(outcome.findings) == len(words)
    assert all(word in finding.title for word, finding in zip(words, outcome.findings, strict=True))
    assert not [gap for gap in outcome.gaps if "the mail was not read" in gap.reason]


class _Pages(Club):
    """Answers a forgotten password with a page: files from elsewhere, a form's address, and the link itself when it is wrong."""

    def __call__(self, got: Got) -> Reply:
        answer = Club.__call__(self, got)
        if (got.method, got.path) != ("POST", "/forgot-password"):
            return answer
        link = (
            f'<a href="/reset-password/{next(reversed(self.resets))}">go on</a>' if self.wrong and self.resets else ""
        )
        page = '<link href="https://cdn.example/bootstrap@5.3.2/dist/css/bootstrap.min.css"><form action="/auth/reset_password_request">'
        return Reply(200, f"<html>{page}</form>{link}</html>", {"Content-Type": "text/html"})


async def test_a_page_is_no_reset_link_but_may_show_one() -> None:
    assert (await asked("LR219", _Pages())).findings == ()
    (found,) = (await asked("LR219", _Pages(wrong="shown"))).findings
    assert "answers with the link itself" in found.title


async def test_who_has_an_account_shows_in_the_time_sign_in_takes() -> None:
    """A busy machine may drown the difference in noise, which the rank test then rightly leaves alone: three runs are enough."""
    for _ in range(3):
        outcome = await asked("LR215", Club(wrong="slow"))
        if any("by the time POST /login takes" in finding.title for finding in outcome.findings):
            return
    pytest.fail(f"not found in three runs: {outcome.gaps}")


@pytest.mark.parametrize("wrong", ["", "sign out"])
async def test_a_way_out_for_others_does_not_count_where_ones_own_ends_the_session(wrong: str) -> None:
    """An app with two ways in sends whoever takes the other way out to its own sign-in, and their session stays."""

    class TwoDoors(Club):
        def __call__(self, got: Got) -> Reply:
            if got.path == "/openapi.json":
                found = json.loads(super().__call__(got).body)
                found["paths"]["/people-logout"] = found["paths"].pop("/logout")
                found["paths"]["/a/logout"] = {"post": {}}
                return Reply(200, json.dumps(found), {"Content-Type": "application/json"})
            if got.path == "/a/logout":
                return Reply(302, "", {"Location": "/a/login"})
            if got.path == "/people-logout":
                return super().__call__(replace(got, path="/logout"))
            return super().__call__(got)

    titles = [one.title for one in (await asked("LR214", TwoDoors("cookie", wrong))).findings]
    assert any("Signing out" in title for title in titles) is bool(wrong)


@pytest.mark.parametrize("wrong", ["", "sign out"])
@pytest.mark.parametrize("refuses", [False, True], ids=["it takes JSON alone", "it takes nothing of ours"])
async def test_a_sign_out_that_was_refused_ends_no_session(wrong: str, *, refuses: bool) -> None:
    """Better Auth answers 415 to a sign-out without a body of JSON: whoever was refused is still signed in."""

    class Strict(Club):
        def __call__(self, got: Got) -> Reply:
            if got.path == "/logout" and (refuses or "json" not in got.headers.get("content-type", "")):
                return Reply(415, '{"code": "UNSUPPORTED_MEDIA_TYPE"}', {"Content-Type": "application/json"})
            return super().__call__(got)

    outcome = await asked("LR214", Strict("cookie", wrong))
    assert any("Signing out" in one.title for one in outcome.findings) is (bool(wrong) and not refuses)
    assert any("signing out answered 415" in gap.reason for gap in outcome.gaps) is refuses


async def test_a_cookie_that_the_app_sends_and_its_source_sets_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, {"server.js": 'res.cookie("sid", session)\nres.cookie("remember_token", other)\n'})
    found = (await asked("LR206", Club("cookie", "flags"), tmp_path)).findings
    told = {(one.target, one.title.partition("the cookie ")[2]) for one in found}
    assert told == {
        ("site", "sid lacks HttpOnly, Secure, SameSite"),
        ("server.js", "remember_token lacks HttpOnly, Secure, SameSite"),
    }
    seen = next(one for one in found if one.target == "site").evidence
    assert [(one.file, one.line) for one in seen if one.kind == "file"] == [("server.js", 1)]


async def test_a_cookie_of_a_file_that_was_compiled_is_told_where_a_person_wrote_it(tmp_path: Path) -> None:
    sets = 'res.cookie("sid", session)\n'
    write(
        tmp_path, {"routes/in.ts": sets, "build/routes/in.js": sets, "build/alone.js": sets, "dist/routes/in.js": sets}
    )
    found = (await ask("LR206", tmp_path)).findings
    assert {one.target for one in found} == {"routes/in.ts", "build/alone.js"}
