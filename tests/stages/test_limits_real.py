"""The limits of real rate limiters, told as the code sets them: what is counted, how many calls, what steps around, and nothing that is not so."""

from pathlib import Path

import pytest
from launchready.model.check import Outcome
from launchready.model.words import Confidence, Status

from tests.stages.limiters.express_apps import SOUND, express
from tests.stages.limiters.python_apps import django, flask, slowapi
from tests.support.npm import installed
from tests.support.processes import outcomes, sign_ins, told


def note(outcome: Outcome, per: str) -> str:
    return next(one for one in outcome.notes if f"per {per}" in one)


def test_what_flask_limiter_counts_is_told_beside_what_the_source_sets(tmp_path: Path) -> None:
    outcome = sign_ins(tmp_path, "app.py", flask("6 per hour", "60 per hour"))
    assert outcome.status is Status.PASS, outcome.findings
    least, most = told(outcome, "account")
    assert least <= 6 <= most
    assert "the source sets 6/hour per account." in note(outcome, "account")
    # 60 an hour were not reached by 30 calls, and that is said without an alarm.
    assert "no limit within 30 attempts on as many accounts; the source sets 60/hour per address." in note(
        outcome, "address"
    )
    assert not any("stepped around" in one for one in outcome.notes)


def test_a_short_window_is_waited_for_so_that_each_number_is_exact(tmp_path: Path) -> None:
    outcome = sign_ins(tmp_path, "app.py", flask("6 per 8 seconds", "20 per 8 seconds"))
    assert (told(outcome, "account"), told(outcome, "address")) == ((6, 6), (20, 20))
    assert outcome.status is Status.PASS, outcome.findings


def test_retry_after_on_every_answer_is_no_refusal(tmp_path: Path) -> None:
    outcome = sign_ins(tmp_path, "app.py", flask("6 per hour", "60 per hour", headers=True))
    assert told(outcome, "account") == (6, 6)
    assert "asks to wait" in note(outcome, "account")
    assert outcome.status is Status.PASS, outcome.findings


@pytest.mark.parametrize("key", ["get_remote_address", "claimed"])
def test_slowapi_counts_addresses_and_only_what_it_believes_steps_around(tmp_path: Path, key: str) -> None:
    outcome = sign_ins(tmp_path, "app.py", slowapi("25/hour", key))
    least, most = told(outcome, "address")
    assert least <= 25 <= most
    assert "the source sets 25/hour" in note(outcome, "address")
    found = [(finding.title.partition(": ")[2], finding.confidence) for finding in outcome.findings]
    around = [("its limit is stepped around by another address in X-Forwarded-For", Confidence.PROVEN)]
    assert found == (around if key == "claimed" else [])


def test_addresses_that_are_nobodys_pass_schemas_that_know_reserved_names(tmp_path: Path) -> None:
    # Whoever was refused by the schema was no other account, and the limit would be told as one for each of them.
    app = slowapi("25/hour").replace("email: str", "email: EmailStr").replace("BaseModel\n", "BaseModel, EmailStr\n", 1)
    least, most = told(sign_ins(tmp_path, "app.py", app), "address")
    assert least <= 25 <= most


def test_a_limit_of_the_source_above_a_burst_is_not_told_as_none(tmp_path: Path) -> None:
    app = slowapi("200/hour").replace(
        "201)\nasync def signup(", '201)\n@limiter.limit("60/hour")\nasync def signup(request: Request, '
    )
    found = outcomes(tmp_path, "app.py", app, "LR331", "LR335")
    assert found["LR335"].findings == ()
    assert any("the source sets 60/hour" in gap.reason for gap in found["LR335"].gaps)
    (finding,) = found["LR331"].findings
    assert (finding.title, finding.confidence) == ("30 passwords can be tried in a row", Confidence.SUSPECTED)
    assert "The source sets 200/hour" in finding.detail


def test_accounts_of_a_burst_are_ended_though_signing_in_is_limited(tmp_path: Path) -> None:
    # Each has to sign in to leave, and once more to see that it is gone: more than the limit lets through at once.
    app = flask("100 per hour", "14 per 30 seconds", headers=True).replace(
        "make_server(",
        """@app.delete("/api/me")
def leave():
    who = sessions.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
    if people.pop(who, None) is None:
        return jsonify(error="Sign in first"), 401
    open("people.txt", "w").write("\\n".join(people))
    return jsonify(ok=True)


make_server(""",
        1,
    )
    app = app.replace('@app.get("/api/me")\n', '@app.get("/api/me")\n@limiter.exempt\n')
    found = outcomes(tmp_path, "app.py", app, "LR331", "LR335")
    assert [one.title for one in found["LR335"].findings] == ["Machines can sign up without limit"]
    assert (tmp_path / "people.txt").read_text() == ""


def test_django_ratelimit_refuses_by_403(tmp_path: Path) -> None:
    outcome = sign_ins(tmp_path, "app.py", django('@ratelimit(key=account, rate="5/h", block=True)'))
    least, most = told(outcome, "account")
    assert least <= 5 <= most
    assert "403 instead of 401" in note(outcome, "account")
    assert "the source sets 5/hour per account" in note(outcome, "account")
    # Nothing counts who tries many accounts, and the app has nothing that would.
    assert [finding.title.partition(":")[0] for finding in outcome.findings] == [
        "One password can be tried on every account"
    ]


def test_django_axes_locks_an_account(tmp_path: Path) -> None:
    outcome = sign_ins(tmp_path, "app.py", django(axes=True))
    least, most = told(outcome, "account")
    # The fifth failure is answered with the lock.
    assert least <= 4 <= most
    assert "the right password is refused as well" in note(outcome, "account")


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(Path(__file__).parent / "limiters", tmp_path_factory.mktemp("express"))


BY_ADDRESS = "ipKeyGenerator(req.ip)"


@pytest.mark.parametrize(
    ("key", "per", "around"),
    [
        (SOUND, "account", set[str]()),
        ("String(req.body?.email)", "account", {"another case in the e-mail address"}),
        (BY_ADDRESS, "address", set[str]()),
        (f"{BY_ADDRESS} + req.originalUrl", "address", {"a query string", "a slash at the end of the address", "another case in the address"}),
    ],
    ids=["an account", "an account as it is written", "an address", "an address of the app, too"],
)  # fmt: skip
def test_express_rate_limit_says_what_it_counts(modules: Path, key: str, per: str, around: set[str]) -> None:
    outcome = sign_ins(modules, "app.mjs", express(key))
    assert told(outcome, per) == (9, 9)
    assert "9 in 900 s by its headers" in note(outcome, per)
    assert "9/15 minutes" in note(outcome, per)
    assert {finding.title.partition("stepped around by ")[2] for finding in outcome.findings} == around


@pytest.mark.parametrize("key", [SOUND, f"{BY_ADDRESS} + req.originalUrl"], ids=["sound", "stepped around"])
def test_the_same_holds_with_the_older_headers(modules: Path, key: str) -> None:
    outcome = sign_ins(modules, "app.mjs", express(key, "standardHeaders: false, legacyHeaders: true"))
    least, most = told(outcome, "account" if key == SOUND else "address")
    assert least <= 9 <= most
    assert bool(outcome.findings) == (key != SOUND)
