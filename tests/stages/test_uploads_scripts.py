"""Files with scripts: what a browser runs on the way out is an alarm, what it does not run is none."""

import pytest
from launchready.model.inputs import Answered
from launchready.model.words import Confidence

from tests.stages.files import SAFE, Kept, Part, Store, anything, club, tried, true_kind, uploads

NOSNIFF = {"X-Content-Type-Options": "nosniff"}


def said(part: Part) -> str:
    return part.kind or "application/octet-stream"


def by_ending(part: Part) -> str:
    ending = (part.name or "").rsplit(".", 1)[-1]
    return {"html": "text/html", "svg": "image/svg+xml", "png": "image/png"}.get(ending, "application/octet-stream")


def first_bytes(part: Part) -> str:
    return "" if true_kind(part) else "not a picture"


async def test_pictures_told_by_their_bytes_are_sound() -> None:
    app, store = club(), Store()
    store.on(app)
    found = await tried(app)
    assert uploads(found) == {}
    assert {one.answered for one in found.inputs if "script" in one.what} == {Answered.REFUSED}
    assert any(one.answered is Answered.KEPT for one in found.inputs)


@pytest.mark.parametrize("kind", [said, by_ending], ids=["by what was said", "by the ending"])
async def test_a_drawing_with_a_script_is_served_as_one(kind: object) -> None:
    app = club()
    Store(refuse=anything, kind=kind).on(app)  # type: ignore[arg-type]
    alarm = uploads(await tried(app))["script"]
    assert alarm.route == "POST /avatar"
    assert alarm.confidence is Confidence.PROVEN
    assert "a stranger got it" in alarm.detail
    assert any("image/svg+xml" in shown.evidence.excerpt for shown in alarm.shown)


@pytest.mark.parametrize(
    "headers",
    [SAFE, {"Content-Disposition": 'attachment; filename="x"'}, {"Content-Security-Policy": "sandbox"},
     {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}],
    ids=["all", "saved", "sandbox", "no scripts"],
)  # fmt: skip
async def test_what_no_browser_runs_is_no_alarm(headers: dict[str, str]) -> None:
    app = club()
    Store(refuse=anything, kind=said, headers=headers).on(app)
    assert "script" not in uploads(await tried(app))


@pytest.mark.parametrize(
    ("headers", "runs"),
    [({"Content-Security-Policy": "sandbox allow-scripts"}, False),
     ({"Content-Security-Policy": "sandbox allow-scripts allow-same-origin"}, True),
     ({"Content-Security-Policy": "img-src 'self'"}, True)],
    ids=["another origin", "the same origin", "about pictures"],
)  # fmt: skip
async def test_a_policy_that_lets_the_script_run(headers: dict[str, str], runs: bool) -> None:
    app = club()
    Store(refuse=anything, kind=said, headers=headers).on(app)
    assert ("script" in uploads(await tried(app))) is runs


@pytest.mark.parametrize("told", [True, False], ids=["the first bytes alone", "and a kind of its own"])
async def test_a_true_picture_with_a_page_behind_it(told: bool) -> None:
    app = club()
    Store(refuse=first_bytes, kind=by_ending if told else true_kind).on(app)
    found = uploads(await tried(app))
    assert ("script" in found) is told
    assert not told or "true PNG with a page behind it" in found["script"].detail


@pytest.mark.parametrize("headers", [{}, NOSNIFF], ids=["guessed", "nosniff"])
async def test_a_file_without_a_kind_is_guessed_by_browsers(headers: dict[str, str]) -> None:
    app = club()
    Store(refuse=anything, kind=lambda part: "unknown/unknown", headers=headers).on(app)
    assert ("script" in uploads(await tried(app))) is (not headers)


async def test_what_only_its_sender_opens_is_suspected() -> None:
    app = club()
    Store(refuse=anything, kind=said, private=True).on(app)
    assert uploads(await tried(app))["script"].confidence is Confidence.SUSPECTED


async def test_strangers_who_upload_are_tried_as_well() -> None:
    app = club()
    Store(refuse=anything, kind=said, sign_in=False).on(app)
    app.routes = [route for route in app.routes if route[1] not in ("/signup", "/login", "/me")]
    found = await tried(app)
    assert found.people == ()
    assert "Anybody can put a script" in uploads(found)["script"].title
    assert uploads(found)["script"].confidence is Confidence.PROVEN


async def test_what_was_put_there_is_removed_again() -> None:
    app, store = club(), Store(refuse=anything, kind=said)
    store.kept["0"] = Kept(Part("old.png", "image/png", b"old"), 7)
    store.on(app)
    found = await tried(app)
    assert list(store.kept) == ["0"]
    assert all(made.removed for made in found.made if made.route == "POST /avatar")
    assert [made for made in found.made if made.route == "POST /avatar"]
