"""How often a password may be tried: what is counted, what steps around it, and that nobody real is locked out."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from urllib.parse import parse_qs

import pytest
from launchready.model.check import Outcome
from launchready.model.project import Identity, Reference
from launchready.model.words import Confidence, Severity, Status
from launchready.stages.inputs.trials.limits import logins

from tests.stages.limited import JSON, Limited, Rule, asked, body_of, by_account, by_address
from tests.stages.members import Asked, Members
from tests.support.web import Got, Reply

# What one address may do in these apps: more than the sign-ins of the run, less than a burst beside them.
WIDE = 40
BOTH = "One password can be tried on every account"


async def sign_ins(app: Callable[[Got], Reply], identities: tuple[Identity, ...] = ()) -> Outcome:
    return (await asked(app, "LR331", identities=identities))["LR331"]


def titles(outcome: Outcome) -> list[str]:
    return [finding.title for finding in outcome.findings]


async def test_no_limit_is_proven_on_an_account_of_our_own() -> None:
    app = Limited(Members())
    outcome = await sign_ins(app)
    assert titles(outcome) == ["Sign-in can be tried without limit"]
    assert outcome.findings[0].confidence is Confidence.PROVEN
    assert outcome.findings[0].severity is Severity.BLOCKER
    tried = [by_account(got) for got in app.seen if got.path == "/login"]
    assert max(tried.count(name) for name in set(tried)) <= 35
    assert "30 of 30 attempts in a row for one account" in outcome.findings[0].detail


async def test_a_limit_per_account_alone_lets_one_password_be_tried_on_all() -> None:
    outcome = await sign_ins(Limited(Members(), [Rule("/login", 8, by_account)]))
    assert [title.partition(":")[0] for title in titles(outcome)] == [BOTH]
    assert outcome.findings[0].confidence is Confidence.SUSPECTED
    assert any("per account" in note and "asks to wait 900 s" in note for note in outcome.notes)


async def test_limits_per_account_and_per_address_are_seen_and_described() -> None:
    accounts = Limited(Members(), [Rule("/login", 8, by_account)])
    outcome = await sign_ins(Limited(accounts, [Rule("/login", WIDE, by_address)]))
    assert outcome.status is Status.PASS
    assert ["per account" in note or "per address" in note for note in outcome.notes] == [True, True]
    assert not any("stepped around" in note for note in outcome.notes)


async def test_a_limit_per_address_alone_leaves_the_account_unanswered() -> None:
    outcome = await sign_ins(Limited(Members(), [Rule("/login", 20, by_address)]))
    assert outcome.status is Status.PASS
    assert any("per address" in note for note in outcome.notes)
    assert any("one account was not tried from many" in gap.reason for gap in outcome.gaps)


@pytest.mark.parametrize("said", ["Request origin is not allowed", "CSRF token missing"])
async def test_calls_that_are_refused_for_where_they_come_from_are_no_attempts(said: str) -> None:
    members = Members()

    def app(got: Got) -> Reply:
        # Its pages stand elsewhere, at an address that nothing tells.
        own = got.headers.get("origin") == "https://club.example"
        return members(got) if own or got.method == "GET" else Reply(403, json.dumps({"error": said}), JSON)

    outcome = await sign_ins(app)
    assert titles(outcome) == []
    assert outcome.status is Status.NOT_CHECKED


def first_entry(got: Got) -> str:
    return got.headers.get("x-forwarded-for", got.peer).split(",")[0].strip()


def last_entry(got: Got) -> str:
    return got.headers.get("x-forwarded-for", got.peer).split(",")[-1].strip()


def real_ip(got: Got) -> str:
    return got.headers.get("x-real-ip", got.peer)


@pytest.mark.parametrize(
    ("by", "said"),
    [(first_entry, "X-Forwarded-For"), (last_entry, ""), (real_ip, "X-Real-IP"), (by_address, "")],
    ids=["the first entry", "the last entry, as behind a proxy", "another header", "the connection"],
)
async def test_a_header_that_is_believed_steps_around(by: Callable[[Got], str], said: str) -> None:
    outcome = await sign_ins(Limited(Members(), [Rule("/login", 20, by)]))
    found = [finding for finding in outcome.findings if "stepped around" in finding.title]
    assert len(found) == bool(said)
    for finding in found:
        assert said in finding.title
        # Without a proxy in front nobody knows whether it would overwrite the header.
        assert (finding.confidence is Confidence.PROVEN) == (said == "X-Forwarded-For")


class AnyCase(Members):
    """Sign-in that folds the case of an address."""

    def __call__(self, got: Got) -> Reply:
        if got.path.lower().rstrip("/") == "/login":
            said = body_of(got)
            body = json.dumps(said | {"email": str(said.get("email", "")).strip().lower()}).encode()
            got = replace(got, path="/login", body=body)
        return super().__call__(got)


async def test_another_case_of_the_address_that_is_counted_apart() -> None:
    plain = Rule("/login", 8, lambda got: str(body_of(got).get("email")))
    outcome = await sign_ins(Limited(Limited(AnyCase(), [plain]), [Rule("/login", WIDE, by_address)]))
    assert any("another case in the e-mail address" in title for title in titles(outcome))
    sound = Rule("/login", 8, lambda got: by_account(got).strip(), matches=lambda got, path: _same(got, path))
    whole = Rule("/login", WIDE, by_address, matches=lambda got, path: _same(got, path))
    assert titles(await sign_ins(Limited(Limited(AnyCase(), [sound]), [whole]))) == []


def _same(got: Got, path: str) -> bool:
    return got.path.lower().rstrip("/") == path


async def test_another_spelling_of_the_path_that_is_counted_apart() -> None:
    outcome = await sign_ins(Limited(AnyCase(), [Rule("/login", 20, by_address)]))
    said = " ".join(titles(outcome))
    assert "another case in the address" in said and "a slash at the end" in said


@dataclass
class Sliding:
    """``most`` sign-ins of one account among its last ``window``, as apps count that let each attempt go when it is old: the clock are the calls."""

    app: Callable[[Got], Reply]
    most: int
    window: int
    calls: int = 0
    taken: list[tuple[int, str]] = field(default_factory=list)

    def __call__(self, got: Got) -> Reply:
        if got.method != "POST" or not _same(got, "/login"):
            return self.app(got)
        self.calls += 1
        who = by_account(got).strip()
        if sum(name == who and self.calls - when < self.window for when, name in self.taken) >= self.most:
            return Reply(429, "{}", JSON)
        self.taken.append((self.calls, who))
        return self.app(got)


@pytest.mark.parametrize("window", [6, 8, 9])
async def test_a_call_that_gets_in_since_an_old_one_does_not_count_any_more_is_no_way_around(window: int) -> None:
    assert [title for title in titles(await sign_ins(Sliding(AnyCase(), 5, window))) if "stepped around" in title] == []


async def test_a_right_guess_that_still_gets_in() -> None:
    failures = Rule("/login", 8, by_account, failed=True, then=_refuses_failures)
    outcome = await sign_ins(Limited(Limited(Members(), [failures]), [Rule("/login", WIDE, by_address)]))
    assert any("the right password, which still gets in" in title for title in titles(outcome))


def _refuses_failures(reply: Reply) -> Reply:
    return Reply(429, "{}", JSON) if reply.status == 401 else reply


async def test_answers_held_back_are_a_limit() -> None:
    def slower(reply: Reply) -> Reply:
        time.sleep(1.2)
        return reply

    tarpit = Rule("/login", 8, by_account, then=slower)
    outcome = await sign_ins(Limited(Limited(Members(), [tarpit]), [Rule("/login", WIDE, by_address)]))
    assert outcome.status is Status.PASS
    assert any("held back" in note for note in outcome.notes)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(423, json.dumps({"error": "This account is locked for 15 minutes"}), JSON),
        Reply(401, json.dumps({"error": "Too many attempts, try again in 15 minutes"}), JSON),
        Reply(403, json.dumps({"error": "Please solve the captcha"}), JSON),
        Reply(503, "busy", {}),
    ],
    ids=["locked", "words", "captcha", "503"],
)
async def test_limits_that_are_no_429(reply: Reply) -> None:
    inner = Limited(Members(), [Rule("/login", 8, by_account, then=reply)])
    outcome = await sign_ins(Limited(inner, [Rule("/login", WIDE, by_address)]))
    assert outcome.status is Status.PASS
    first = outcome.notes[0]
    assert "per account" in first
    assert "anybody can keep a member out" in first


async def test_dropped_connections_are_a_limit() -> None:
    def cut(reply: Reply) -> Reply:
        raise ConnectionAbortedError

    inner = Limited(Members(), [Rule("/login", 8, by_account, then=cut)])
    outcome = await sign_ins(Limited(inner, [Rule("/login", WIDE, by_address)]))
    assert outcome.status is Status.PASS
    assert any("no answer any more" in note for note in outcome.notes)


async def test_nobody_real_is_locked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    members = Members()
    members.routes = [route for route in members.routes if route[1] != "/signup"]
    members.first = 900
    from tests.stages.members import Member

    members.members.append(Member(900, "dana@example.com", "dana", "correct horse"))
    monkeypatch.setenv("LR_DANA", "correct horse")
    app = Limited(members, [Rule("/login", 6, by_account)])
    dana = Identity("dana", "member", username="dana@example.com", password=Reference("LR_DANA"))
    outcome = await sign_ins(app, (dana,))
    assert any("accounts of real people" in gap.reason for gap in outcome.gaps)
    wrong = [
        got
        for got in app.seen
        if by_account(got) == "dana@example.com" and body_of(got).get("password") != "correct horse"
    ]
    assert wrong == []
    assert app.rules[0].counts["dana@example.com"] < 6


class Pages(Members):
    """People sign in by a page whose form has a token, and have a cookie then."""

    def __call__(self, got: Got) -> Reply:
        cookies = {name: one.value for name, one in SimpleCookie(got.headers.get("cookie", "")).items()}
        if got.path == "/login" and got.method == "GET":
            token = "t" + str(len(self.sessions)) + "x" * 20
            page = (
                f'<form method="post" action="/login"><input type="hidden" name="csrf_token" value="{token}">'
                '<input name="email" type="email"><input name="password" type="password"></form>'
            )
            return Reply(200, page, {"Content-Type": "text/html", "Set-Cookie": f"form={token}; Path=/"})
        if got.path == "/login":
            given = {name: values[0] for name, values in parse_qs(got.body.decode()).items()}
            if not given.get("csrf_token") or given["csrf_token"] != cookies.get("form"):
                return Reply(400, "The CSRF token is missing", {"Content-Type": "text/html"})
            member = next(
                (m for m in self.members if (m.email, m.password) == (given.get("email"), given.get("password"))), None
            )
            if member is None:
                return Reply(200, self(replace(got, method="GET")).body, {"Content-Type": "text/html"})
            key = f"s{len(self.sessions)}" + "y" * 20
            self.sessions[key] = member
            return Reply(303, "", {"Location": "/me", "Set-Cookie": f"sid={key}; Path=/"})
        if "sid" in cookies:
            got = replace(got, headers={**got.headers, "authorization": f"Bearer {cookies['sid']}"})
        return super().__call__(got)


def by_field(got: Got) -> str:
    return parse_qs(got.body.decode()).get("email", [""])[0]


async def test_a_page_with_a_token_in_its_form() -> None:
    outcome = await sign_ins(Limited(Pages()))
    assert [finding.target for finding in outcome.findings] == ["POST /login"]
    assert outcome.findings[0].confidence is Confidence.PROVEN
    inner = Limited(Pages(), [Rule("/login", 9, by_field)])
    sound = await sign_ins(Limited(inner, [Rule("/login", WIDE, by_address)]))
    assert sound.findings == ()
    assert any("per account" in note for note in sound.notes)


class Forgiving(Pages):
    """Whatever is no form gets the page once more, as Django does it; nobody can sign up."""

    def __call__(self, got: Got) -> Reply:
        if got.path == "/login" and got.method == "POST" and "json" in got.headers.get("content-type", ""):
            got = replace(got, method="GET")
        return super().__call__(got)


async def test_a_page_that_comes_again_has_not_looked_at_what_was_sent() -> None:
    app = Forgiving()
    app.routes = [route for route in app.routes if route[1] != "/signup"]
    limited = Rule("/login", 9, by_field, matches=lambda got, path: got.path == path and b"csrf" in got.body)
    outcome = await sign_ins(Limited(app, [limited]))
    assert any("POST /login: 429" in note and "at call 9:" not in note for note in outcome.notes)
    assert "Sign-in can be tried without limit" not in titles(outcome)


async def test_a_token_endpoint_that_takes_a_form() -> None:
    members = Members()
    members.routes = [route for route in members.routes if route[1] != "/login"]

    @members.route("POST", "/token", open=True)
    def token(asked: Asked) -> object:
        given = {name: values[0] for name, values in parse_qs(asked.got.body.decode()).items()}
        if given.get("grant_type") != "password":
            return Reply(400, json.dumps({"error": "unsupported_grant_type"}), JSON)
        for member in members.members:
            if given.get("username") in (member.email, member.username) and given.get("password") == member.password:
                key = f"k{len(members.sessions)}" + "z" * 30
                members.sessions[key] = member
                return {"access_token": key, "token_type": "bearer"}
        return Reply(400, json.dumps({"error": "invalid_grant"}), JSON)

    outcome = await sign_ins(Limited(members))
    assert [finding.target for finding in outcome.findings] == ["POST /token"]


async def test_the_limit_of_one_door_that_another_has_not() -> None:
    members = Members()

    @members.route("POST", "/api/login", "email", "password", open=True)
    def twin(asked: Asked) -> object:
        return members._sign_in(asked)

    rules = [Rule("/login", 8, by_account), Rule("/login", WIDE, by_address)]
    outcome = await sign_ins(Limited(Limited(members, rules[:1]), rules[1:]))
    assert [(finding.target, finding.title) for finding in outcome.findings] == [
        ("POST /api/login", "Sign-in can be tried without limit")
    ]


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/api/token", Reply(401, json.dumps({"detail": "Authentication credentials were not provided."}), JSON)),
        ("/shares/auth", Reply(400, json.dumps({"error": '"share" is required'}), JSON)),
        ("/auth/success", Reply(200, json.dumps({"thanks": True}), JSON)),
    ],
)
async def test_what_only_looks_like_a_sign_in_is_none(path: str, answer: Reply) -> None:
    app = Members()
    app.route("POST", path, "note", open=True)(lambda asked: answer)
    outcome = await sign_ins(Limited(app, [Rule("/login", 20, by_address)]))
    assert titles(outcome) == []


async def test_a_sign_in_that_the_app_has_not_at_this_address_is_none() -> None:
    app = Members()
    app.route("POST", "/old/login", "email", "password", open=True)(
        lambda asked: Reply(404, json.dumps({"detail": "Not Found"}), JSON)
    )
    assert titles(await sign_ins(Limited(app, [Rule("/login", 20, by_address)]))) == []


async def test_a_sign_in_that_let_nobody_of_ours_in_counts_when_it_tries_passwords() -> None:
    app = Members()
    app.route("POST", "/staff/login", "email", "password", open=True)(
        lambda asked: Reply(401, json.dumps({"error": "Wrong e-mail or password"}), JSON)
    )
    outcome = await sign_ins(Limited(app, [Rule("/login", 20, by_address)]))
    assert [finding.target for finding in outcome.findings] == ["POST /staff/login"]


@dataclass
class Windowed:
    """``most`` sign-ins of one account in so many seconds; who comes more often is told nothing but no."""

    app: Callable[[Got], Reply]
    most: int
    seconds: float
    came: dict[str, list[float]] = field(default_factory=dict)

    def __call__(self, got: Got) -> Reply:
        if got.method != "POST" or got.path != "/login":
            return self.app(got)
        now = time.monotonic()
        came = [one for one in self.came.get(by_address(got), ()) if now - one < self.seconds]
        self.came[by_address(got)] = came
        if len(came) >= self.most:
            return Reply(403, "{}", JSON)
        came.append(now)
        return self.app(got)


async def test_a_limit_that_the_run_had_used_up_is_waited_for_and_told_by_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logins, "_MINUTE", 4.0)
    outcomes = await asked(Windowed(Members(), 15, 4.0), "LR301", "LR331")
    assert outcomes["LR331"].findings == ()
    (note,) = outcomes["LR331"].notes
    assert "403 instead of 401" in note and "per address" in note
    least = int(re.findall(r"between (\d+) and|: (\d+) are", note)[0][0] or re.findall(r": (\d+) are", note)[0])
    assert 10 <= least <= 15


async def test_a_member_whose_token_goes_into_a_header_of_its_own_is_signed_in() -> None:
    members = Members()

    def app(got: Got) -> Reply:
        headers = {**got.headers, "authorization": f"Bearer {got.headers.get('x-token', '')}"}
        return members(replace(got, headers=headers))

    outcome = await sign_ins(app)
    assert titles(outcome) == ["Sign-in can be tried without limit"]
    assert "for one account" in outcome.findings[0].detail
