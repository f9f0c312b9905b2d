"""Addresses that somebody types, fetched by an app that asks no questions, and by one that does."""

import ipaddress
import json
import threading
import urllib.request
from urllib.parse import urlsplit

import pytest
from launchready.model.words import Confidence, Severity, Status

from tests.stages.members import Asked, Members
from tests.stages.typed_text import JSON, query
from tests.support.ask import ask
from tests.support.web import Reply, serve


def fetched(address: str, *, careful: bool) -> str | None:
    """What is there; None where nothing is fetched."""
    host = urlsplit(address).hostname or ""
    try:
        private = not ipaddress.ip_address(host).is_global
    except ValueError:
        # Nothing in these tests leaves the machine.
        return None
    if careful and private:
        return None
    with urllib.request.urlopen(address, timeout=3) as answer:
        return str(answer.read(500), "utf-8", "replace")


def previews(*, careful: bool, shows: bool) -> Members:
    """Strangers have a page looked at, members keep a picture with their notes."""
    app = Members()

    @app.route("GET", "/preview", "?url", open=True)
    def preview(asked: Asked) -> object:
        text = fetched(query(asked).get("url", ""), careful=careful)
        return (
            {"title": text if shows else "a page"}
            if text is not None
            else Reply(422, '{"detail": "not that address"}', JSON)
        )

    @app.route("POST", "/pictures", "title", "image_url")
    def pictures(asked: Asked) -> object:
        assert asked.member is not None
        address = str(asked.body.get("image_url", ""))
        # As a queue would, after the answer.
        threading.Thread(target=fetched, args=(address,), kwargs={"careful": careful}, daemon=True).start()
        return Reply(201, json.dumps({"ok": True}), JSON)

    return app


@pytest.mark.parametrize("shows", [True, False])
async def test_an_address_that_is_fetched_whatever_it_is(shows: bool) -> None:
    with serve(previews(careful=False, shows=shows)) as url:
        outcome = await ask("LR303", url=url)
    kind, severity = ("fetched", Severity.BLOCKER) if shows else ("fetch", Severity.HIGH)
    found = {(one.target, one.key): (one.severity, one.confidence) for one in outcome.findings}
    assert found[("GET /preview", f"{kind} url")] == (severity, Confidence.PROVEN)
    assert found[("POST /pictures", "fetch image_url")] == (Severity.HIGH, Confidence.PROVEN)


async def test_an_app_that_calls_no_private_address_passes() -> None:
    with serve(previews(careful=True, shows=True)) as url:
        outcome = await ask("LR303", url=url)
    assert outcome.findings == ()
    assert outcome.status is Status.PASS
