"""Broken inputs, one at a time: apps that fail at one of them, and the same apps mended."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from launchready.ground.prover import Prover
from launchready.model.check import Outcome
from launchready.model.inputs import Answered, Tried
from launchready.model.project import Environment, Project
from launchready.model.words import Confidence, Status
from launchready.stages.request import Request
from launchready.stages.session import run

from tests.stages.members import Asked, Body, Member, Members, missing
from tests.support.web import Got, Reply, serve

JSON = {"Content-Type": "application/json"}
BROKEN = Reply(500, "Internal Server Error")
REFUSED = Reply(422, json.dumps({"detail": "that is not valid"}), JSON)
CHECKS = ("LR301", "LR302", "LR304")


class Shop(Members):
    """Members with notes; ``seen`` are the calls that came in. Calls are answered one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Got] = []
        self.lock = threading.Lock()

    def __call__(self, got: Got) -> Reply:
        with self.lock:
            self.seen.append(got)
            return super().__call__(got)

    def _sign_up(self, asked: Asked) -> Body:
        texts = [asked.body.get(name) for name in ("email", "username", "password")]
        if not all(isinstance(one, str) and len(one) < 200 for one in texts) or "@example.com" not in str(texts[0]):
            return REFUSED
        return super()._sign_up(asked)

    def orders(self, *fields: str, answer: Callable[[Asked], Reply | None] = lambda asked: None) -> None:
        """``POST /orders``, which ``answer`` may answer in another way, with its list, its records and their removal."""
        self.collection("orders", *fields)
        make = next(one for one in self.routes if one[:2] == ("POST", "/orders"))
        self.routes.remove(make)
        self.route("POST", "/orders", *fields)(lambda asked: answer(asked) or make[3](asked))

        @self.route("DELETE", "/orders/{id}")
        def remove(asked: Asked) -> Body:
            return {} if self.records["orders"].pop(asked.ids["id"], None) else missing()

    def bodies(self, path: str) -> list[bytes]:
        """What was posted there."""
        return [got.body for got in self.seen if got.method == "POST" and got.path == path]


async def tried(
    app: Shop, *, deep: bool = False, disposable: bool = False, patience: float = 10.0
) -> tuple[dict[str, Outcome], tuple[Tried, ...]]:
    """How the checks ended, and what was tried."""
    with serve(app) as at:
        environment = Environment("local", at, writes=True, disposable=disposable)
        done, resources = await run(
            Request(
                Project("shop", "/nonexistent"), environment, source=False, checks=CHECKS, deep=deep, seconds=patience
            )
        )
    assert [outcome.trace for outcome in done.outcomes if outcome.trace] == []
    prover = resources[Prover]
    assert isinstance(prover, Prover) and prover.made is not None
    return {outcome.check: outcome for outcome in done.outcomes}, prover.made.inputs


def found(outcomes: dict[str, Outcome]) -> list[tuple[str, str]]:
    """Check and target of everything that was found."""
    return [(one.check, one.target) for outcome in outcomes.values() for one in outcome.findings]


async def test_one_value_that_crashes_is_found_and_shown_as_small_as_it_can_be() -> None:
    app = Shop()
    app.orders("remark", "note", answer=lambda asked: BROKEN if asked.body.get("note", "") is None else None)
    outcomes, inputs = await tried(app)
    assert found(outcomes) == [("LR301", "POST /orders")]
    (finding,) = outcomes["LR301"].findings
    assert finding.confidence is Confidence.PROVEN
    assert "null in note" in finding.detail
    assert "request without that is answered with 201" in finding.detail
    assert """--data-binary '{"note": null}'""" in finding.reproduction
    assert [one.what for one in inputs if one.answered is Answered.CRASHED] == ["null"]


async def test_fields_the_crash_needs_stay_in_what_is_shown() -> None:
    def answer(asked: Asked) -> Reply | None:
        if "remark" not in asked.body:
            return REFUSED
        return BROKEN if asked.body.get("note", "") is None else None

    app = Shop()
    app.orders("remark", "note", "colour", answer=answer)
    outcomes, _ = await tried(app)
    (finding,) = outcomes["LR301"].findings
    sent = finding.reproduction.split("--data-binary '")[-1].split("'")[0]
    assert set(json.loads(sent)) == {"remark", "note"}


async def test_a_sound_app_has_no_finding_and_keeps_nothing() -> None:
    def answer(asked: Asked) -> Reply | None:
        known = {"title", "email", "price", "day"}
        texts = all(isinstance(one, str) and 0 < len(one) < 200 for one in asked.body.values())
        right = texts and set(asked.body) == known and asked.body["email"].endswith("@example.com")
        return None if right and asked.body["day"] > datetime.now(UTC).date().isoformat() else REFUSED

    app = Shop()
    app.orders("title", "email", "price", "day", answer=answer)
    app.route("GET", "/search", "?q", open=True)(lambda asked: [])
    outcomes, inputs = await tried(app)
    assert found(outcomes) == []
    assert [outcomes[check].status for check in CHECKS] == [Status.PASS] * 3
    assert len([one for one in inputs if one.route == "POST /orders"]) >= 30
    assert app.records["orders"] == {}


async def test_a_line_that_is_cut_is_a_crash() -> None:
    def answer(asked: Asked) -> Reply | None:
        if asked.got.body == b"[]":
            raise ConnectionAbortedError
        return None

    app = Shop()
    app.orders("remark", answer=answer)
    outcomes, _ = await tried(app)
    assert found(outcomes) == [("LR301", "POST /orders")]
    assert "cuts the line" in outcomes["LR301"].findings[0].detail


async def test_what_failed_once_and_not_again_is_no_finding() -> None:
    failed: list[Asked] = []

    def answer(asked: Asked) -> Reply | None:
        if asked.got.body == b"null" and not failed:
            failed.append(asked)
            return BROKEN
        return None

    app = Shop()
    app.orders("remark", answer=answer)
    outcomes, _ = await tried(app)
    assert failed
    assert found(outcomes) == []
    assert any("not when asked again" in gap.reason for gap in outcomes["LR301"].gaps)


@pytest.mark.parametrize(
    ("said", "confidence"),
    [
        ("Internal Server Error", Confidence.SUSPECTED),
        ("TypeError: cannot add int and str", Confidence.PROVEN),
        ("ConnectionError: connection refused to 127.0.0.1:25", Confidence.SUSPECTED),
    ],
)
async def test_an_endpoint_that_always_fails_is_one_finding(said: str, confidence: Confidence) -> None:
    app = Shop()
    app.orders("remark", "note", answer=lambda asked: Reply(500, said))
    outcomes, inputs = await tried(app)
    assert [(one.check, one.target) for one in outcomes["LR301"].findings] == [("LR301", "POST /orders")]
    assert outcomes["LR301"].findings[0].confidence is confidence
    assert not [one for one in inputs if one.route == "POST /orders"]


async def test_a_part_that_is_not_running_is_a_gap_and_no_crash() -> None:
    app = Shop()
    app.orders("remark", answer=lambda asked: Reply(503, "the queue is away"))
    outcomes, _ = await tried(app)
    assert found(outcomes) == []
    assert any("503" in gap.reason for gap in outcomes["LR301"].gaps)


@pytest.mark.parametrize(("wrong", "where"), [("-1", "?skip="), ("99999999999999999999", "?skip="), ("%00", "?skip=")])
async def test_a_value_in_the_query_that_crashes(wrong: str, where: str) -> None:
    app = Shop()

    @app.route("GET", "/list", "?skip")
    def listed(asked: Asked) -> Body:
        if not asked.got.query:
            return []
        return BROKEN if asked.got.query == f"skip={wrong}" else REFUSED

    outcomes, _ = await tried(app)
    assert found(outcomes) == [("LR301", "GET /list")]
    (finding,) = outcomes["LR301"].findings
    assert where in finding.detail
    assert f"/list?skip={wrong}" in finding.reproduction


async def test_an_id_that_is_none_crashes() -> None:
    app = Shop()
    app.orders("remark")

    @app.route("GET", "/orders/{id}/lines")
    def lines(asked: Asked) -> Body:
        return [] if asked.ids["id"].isascii() and asked.ids["id"].isdigit() else BROKEN

    outcomes, _ = await tried(app)
    assert found(outcomes) == [("LR301", "GET /orders/{id}/lines")]


async def test_errors_that_show_the_inside_are_one_finding() -> None:
    trace = 'Traceback (most recent call last):\n  File "/srv/shop/orders.py", line 7, in make\nValueError: no'
    app = Shop()
    app.orders("remark", answer=lambda asked: Reply(400, trace) if asked.got.body in (b"null", b"[]") else None)
    outcomes, inputs = await tried(app)
    assert found(outcomes) == [("LR302", "site")]
    assert "a stack trace" in outcomes["LR302"].findings[0].title
    assert {one.what for one in inputs if one.answered is Answered.LEAKED} >= {"null instead of a table"}


async def test_the_line_of_the_source_is_told_from_the_trace() -> None:
    trace = (
        'Traceback (most recent call last):\n  File "/usr/lib/python3.11/site-packages/flask/app.py", line 9, in call\n'
        '  File "/srv/shop/orders.py", line 7, in make\n  File "/usr/lib/python3.11/json/decoder.py", line 3, in decode\nKeyError: 1'
    )
    app = Shop()
    app.orders("remark", answer=lambda asked: Reply(500, trace) if asked.got.body == b"[]" else None)
    outcomes, _ = await tried(app)
    assert "It failed in shop/orders.py:7." in outcomes["LR301"].findings[0].detail


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("email", "an e-mail address that is none"),
        ("price", "a price below nothing"),
        ("quantity", "below nothing"),
        ("delivery_date", "a date that does not exist"),
        ("name", "100,000 characters"),
    ],
)
async def test_nonsense_that_is_kept_is_read_back(field: str, what: str) -> None:
    app = Shop()
    app.orders(field)
    outcomes, inputs = await tried(app)
    assert ("LR304", "POST /orders") in found(outcomes)
    (finding,) = outcomes["LR304"].findings
    assert what in finding.title
    assert finding.confidence is Confidence.PROVEN
    assert any(one.answered is Answered.KEPT for one in inputs)
    assert app.records["orders"] == {}


@pytest.mark.parametrize(("field", "confidence"), [("name", Confidence.SUSPECTED), ("price", Confidence.PROVEN)])
async def test_spite_of_whoever_runs_the_app_is_only_suspected(field: str, confidence: Confidence) -> None:
    app = Shop()
    app.each = lambda member: {"role": "admin"}
    app.orders(field)
    outcomes, _ = await tried(app)
    assert [one.confidence for one in outcomes["LR304"].findings] == [confidence]


@pytest.mark.parametrize("field", ["email", "name"])
async def test_nonsense_that_an_earlier_run_could_not_remove_is_found_by_the_next(field: str) -> None:
    app = Shop()

    def unique(asked: Asked) -> Reply | None:
        taken = any(one[field] == asked.body.get(field) for one in app.records["orders"].values())
        return Reply(409, json.dumps({"detail": "there is one already"}), JSON) if taken else None

    app.orders(field, answer=unique)
    app.routes = [one for one in app.routes if one[0] != "DELETE"]
    for _ in range(2):
        outcomes, _ = await tried(app)
        assert ("LR304", "POST /orders") in found(outcomes)


@pytest.mark.parametrize("field", ["to", "day", "amount", "body"])
async def test_what_an_app_may_mean_is_no_nonsense(field: str) -> None:
    app = Shop()
    app.orders(field)
    outcomes, _ = await tried(app)
    assert outcomes["LR304"].findings == ()


async def test_what_the_first_valid_request_made_is_removed_as_well() -> None:
    app, notes = Shop(), dict[str, str]()
    app.orders("remark")

    @app.route("POST", "/orders/{id}/note", "text")
    def make(asked: Asked) -> Body:
        if not isinstance(asked.body.get("text"), str):
            return REFUSED
        key = str(len(app.seen))
        notes[key] = asked.body["text"]
        return Reply(201, json.dumps({"id": int(key)}), JSON)

    @app.route("DELETE", "/orders/{id}/note/{note_id}")
    def remove(asked: Asked) -> Body:
        return {} if notes.pop(asked.ids["note_id"], None) is not None else missing()

    _, inputs = await tried(app)
    assert any(one.route == "POST /orders/{id}/note" and one.answered is Answered.TAKEN for one in inputs)
    assert notes == {}


async def test_what_is_taken_and_put_right_is_not_kept() -> None:
    app = Shop()

    def answer(asked: Asked) -> Reply | None:
        if "@" not in str(asked.body.get("email")):
            asked.body["email"] = ""
        return None

    app.orders("email", answer=answer)
    app.records["orders"].clear()
    outcomes, _ = await tried(app)
    assert [
        one for one in found(outcomes) if one[0] == "LR304" and "address" in outcomes["LR304"].findings[0].title
    ] == []


async def test_an_empty_name_is_only_suspected() -> None:
    app = Shop()
    app.orders("title", answer=lambda asked: REFUSED if len(str(asked.body.get("title", ""))) > 200 else None)
    outcomes, _ = await tried(app)
    assert [one.confidence for one in outcomes["LR304"].findings] == [Confidence.SUSPECTED]


async def test_a_limit_ends_the_trying_of_one_endpoint() -> None:
    app = Shop()
    app.orders("title", answer=lambda asked: Reply(429, "{}", JSON) if len(app.bodies("/orders")) > 8 else None)
    outcomes, _ = await tried(app)
    assert len(app.bodies("/orders")) <= 12
    assert any("limits how often" in gap.reason for gap in outcomes["LR301"].gaps)


async def test_what_ends_a_session_or_an_account_is_not_called() -> None:
    app = Shop()
    app.orders("title")
    for path in ("/logout", "/me/password", "/admin/reset-db", "/me/deactivate"):
        app.route("POST", path, "title")(lambda asked: {})

    @app.route("PUT", "/me", "username")
    def change(asked: Asked) -> Body:
        assert asked.member is not None
        asked.member.username = str(asked.body.get("username"))
        return asked.member.shown()

    _, inputs = await tried(app)
    assert {one.route for one in inputs} >= {"POST /orders", "PUT /me"}
    assert not {got.path for got in app.seen} & {"/logout", "/me/password", "/admin/reset-db", "/me/deactivate"}
    assert {one.who for one in inputs if one.route == "PUT /me"} == {"cleo"}


async def test_only_records_of_ours_are_changed() -> None:
    app = Shop()
    app.records["pages"] = {"7": {"id": 7, "title": "the shop's own page"}}
    app.route("GET", "/pages", open=True)(lambda asked: list(app.records["pages"].values()))

    @app.route("PUT", "/pages/{id}", "title")
    def change(asked: Asked) -> Body:
        page = app.records["pages"].get(asked.ids["id"])
        if page is None:
            return missing()
        page["title"] = asked.body.get("title")
        return page

    _, inputs = await tried(app)
    assert any(one.route == "PUT /pages/{id}" and one.where == "body" for one in inputs)
    assert app.records["pages"] == {"7": {"id": 7, "title": "the shop's own page"}}


async def test_accounts_that_a_sign_up_makes_of_broken_inputs_are_removed() -> None:
    app = Shop()

    @app.route("DELETE", "/me")
    def close(asked: Asked) -> Body:
        app.members = [one for one in app.members if one is not asked.member]
        app.sessions = {token: one for token, one in app.sessions.items() if one is not asked.member}
        return {}

    _, inputs = await tried(app)
    assert any(one.route == "POST /signup" and one.answered is Answered.TAKEN for one in inputs)
    assert app.members == []


class Careless(Shop):
    """Takes any address of those who sign up."""

    def _sign_up(self, asked: Asked) -> Body:
        return Members._sign_up(self, asked)


async def test_an_account_with_an_address_that_is_none_can_sign_in() -> None:
    outcomes, _ = await tried(Careless())
    (finding,) = outcomes["LR304"].findings
    assert (finding.target, finding.confidence) == ("POST /signup", Confidence.PROVEN)
    assert "mail to these customers never arrives" in finding.title
    outcomes, _ = await tried(Shop())
    assert found(outcomes) == []


async def test_a_stranger_is_enough_where_nobody_can_sign_in() -> None:
    def app(got: Got) -> Reply:
        if got.path == "/openapi.json":
            take = {
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
                    }
                }
            }
            return Reply(200, json.dumps({"openapi": "3.0.0", "paths": {"/ask": {"post": take}}}), JSON)
        if got.path == "/ask":
            try:
                return Reply(200 if isinstance(json.loads(got.body)["city"], str) else 422, "{}", JSON)
            except (ValueError, KeyError, TypeError, RecursionError):
                return BROKEN
        return Reply(404, "{}", JSON)

    with serve(app) as at:
        done, _ = await run(
            Request(
                Project("shop", "/nonexistent"), Environment("local", at, writes=True), source=False, checks=("LR301",)
            )
        )
    assert [(one.check, one.target) for one in done.findings] == [("LR301", "POST /ask")]


@pytest.mark.parametrize("sound", [False, True])
async def test_a_value_that_is_taken_and_breaks_the_page_that_shows_it(sound: bool) -> None:
    app = Shop()
    app.orders("remark", answer=lambda asked: REFUSED if sound and asked.body.get("remark", "") is None else None)
    show = next(one for one in app.routes if one[:2] == ("GET", "/orders/{id}"))
    app.routes.remove(show)

    @app.route("GET", "/orders/{id}")
    def one(asked: Asked) -> Body:
        order = app.records["orders"].get(asked.ids["id"])
        return BROKEN if order and order["remark"] is None else show[3](asked)

    outcomes, _ = await tried(app)
    titles = ["One wrong value sent to POST /orders makes GET /orders/{id} fail for everybody who opens it"]
    assert [one.title for one in outcomes["LR301"].findings] == ([] if sound else titles)


@pytest.mark.parametrize("sound", [False, True])
async def test_a_form_is_filled_in_from_its_page_with_what_the_page_hides(sound: bool) -> None:
    app = Shop()
    page = '<form method="post"><input type="hidden" name="csrf_token" value="{}"><input name="city"><textarea name="wish"></textarea></form>'

    @app.route("GET", "/wishes")
    def show(asked: Asked) -> Body:
        assert asked.member is not None
        return Reply(200, page.format(asked.member.id), {"Content-Type": "text/html"})

    @app.route("POST", "/wishes")
    def wish(asked: Asked) -> Body:
        given = parse_qs(asked.got.body.decode("utf-8", "replace"), keep_blank_values=True)
        assert asked.member is not None
        if given.get("csrf_token") != [str(asked.member.id)]:
            return Reply(400, "reload the page")
        if "wish" not in given:
            return REFUSED if sound else BROKEN
        return Reply(302, "", {"Location": "/wishes"}) if given.get("city") == ["Launch"] else show(asked)

    outcomes, inputs = await tried(app)
    assert found(outcomes) == ([] if sound else [("LR301", "POST /wishes")])
    assert {one.field for one in inputs if one.route == "POST /wishes" and one.where == "form"} == {"city", "wish"}


@pytest.mark.parametrize(
    ("said", "confidence"),
    [
        ("KeyError: 'when'", Confidence.PROVEN),
        ("redis.exceptions.ConnectionError: connection refused", Confidence.SUSPECTED),
        ("oh no", Confidence.SUSPECTED),
    ],
)
async def test_a_call_without_known_fields_that_fails_is_proven_by_the_apps_own_words(
    said: str, confidence: Confidence
) -> None:
    app = Shop()
    app.route("POST", "/reports")(lambda asked: Reply(500, said))
    outcomes, _ = await tried(app)
    assert [(one.target, one.confidence) for one in outcomes["LR301"].findings] == [("POST /reports", confidence)]


async def test_an_address_that_a_sign_up_does_not_read_is_not_kept() -> None:
    app = Shop()
    app.routes = [route for route in app.routes if route[1] not in ("/signup", "/login", "/me")]
    kept: dict[str, str] = {}

    @app.route("POST", "/signup", "email", "username", "password", open=True)
    def enrol(asked: Asked) -> Body:
        name, password = asked.body.get("username"), asked.body.get("password")
        if not (isinstance(name, str) and isinstance(password, str) and 0 < len(name) < 100 and len(password) < 100):
            return REFUSED
        kept[name] = password
        return Reply(201, "{}", JSON)

    @app.route("POST", "/login", "username", "password", open=True)
    def enter(asked: Asked) -> Body:
        name = asked.body.get("username")
        if not isinstance(name, str) or kept.get(name, "") != asked.body.get("password"):
            return Reply(401, json.dumps({"error": "no"}), JSON)
        app.sessions[f"token-of-{name}-{len(app.sessions)}"] = Member(1, "", name, "")
        return {"access_token": list(app.sessions)[-1]}

    app.route("GET", "/me")(lambda asked: {"username": asked.member.username if asked.member else ""})
    outcomes, inputs = await tried(app)
    assert [one.target for one in outcomes["LR304"].findings] == []
    assert any(one.route == "POST /signup" and one.answered is Answered.TAKEN for one in inputs)


async def test_a_refusal_for_want_of_a_csrf_token_is_none_of_the_inputs_whatever_its_status() -> None:
    said = "<h1>Bad request</h1><p>The CSRF token is missing.</p>"
    app = Shop()
    app.orders("note", answer=lambda asked: Reply(500, said, {"Content-Type": "text/html"}))
    outcomes, _ = await tried(app)
    assert found(outcomes) == []
    other = Shop()
    other.orders("note", answer=lambda asked: Reply(500, "<p>csrf.py, line 5: KeyError</p>"))
    outcomes, _ = await tried(other)
    assert found(outcomes) == [("LR301", "POST /orders")]
