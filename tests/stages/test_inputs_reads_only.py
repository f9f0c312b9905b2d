"""An environment that may not be changed: every request that a recording server gets is a read, and what needs more is not checked."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from launchready.model.audit import Audit
from launchready.model.check import Gap
from launchready.model.project import Environment, Identity, Project, Reference
from launchready.model.words import Status
from launchready.stages.request import Request
from launchready.stages.session import audit

from tests.stages.files import Store
from tests.stages.members import Asked, Member, Members
from tests.support.graph_app import Library
from tests.support.web import Got, Reply, serve

JSON = {"Content-Type": "application/json"}
ANN = Identity("ann", "member", login="json", username="ann@example.com", password=Reference("LR_ANN"))


@dataclass
class Recorded:
    """Everything an app that takes all kinds of things was sent."""

    app: Members
    graph: Library = field(default_factory=Library)
    seen: list[Got] = field(default_factory=list)

    def __call__(self, got: Got) -> Reply:
        """Note and answer."""
        self.seen.append(got)
        if got.path != "/graphql":
            return self.app(got)
        try:
            return self.graph(got)
        except (ValueError, TypeError, AttributeError, RecursionError):
            return Reply(400, json.dumps({"errors": [{"message": "that is no operation"}]}), JSON)

    @property
    def writes(self) -> list[tuple[str, str, Any]]:
        """What was sent and is no plain read, as method, path and body."""
        sent = [got for got in self.seen if got.method not in ("GET", "HEAD", "OPTIONS")]
        return [(got.method, got.path, _said(got)) for got in sent if not _asks(got)]


def _asks(got: Got) -> bool:
    """Whether it is a query of GraphQL, or no operation at all."""
    return got.path == "/graphql" and not re.search(rb"\bmutation\b", got.body)


def _said(got: Got) -> Any:
    try:
        return json.loads(got.body or b"null")
    except (ValueError, RecursionError):
        return None


def everything() -> Recorded:
    """Notes, files, resets, invitations, a form, a webhook, a search and a sign-up."""
    app = Members(first=300)
    app.members.append(Member(300, "ann@example.com", "ann", "correct horse"))
    app.collection("notes", "title", "body")
    Store().on(app)
    for path, fields in {
        "/password-reset": ("email",),
        "/invitations": ("email",),
        "/contact": ("email", "message"),
        "/webhooks/payments": ("id", "type"),
        "/ai/chat": ("message",),
        "/pictures": ("image_base64",),
    }.items():
        app.route("POST", path, *fields, open=True)(lambda asked: {"done": True})

    @app.route("PUT", "/notes/{id}", "title")
    def change(asked: Asked) -> object:
        return {"title": asked.body.get("title")}

    app.route("DELETE", "/notes/{id}")(lambda asked: {})
    app.route("GET", "/search", "?q", open=True)(lambda asked: [])
    return Recorded(app)


async def inputs_of(app: Recorded, environment: dict[str, bool], monkeypatch: pytest.MonkeyPatch) -> Audit:
    """The stage alone, with one identity of the project file."""
    monkeypatch.setenv("LR_ANN", "correct horse")
    with serve(app) as url:
        project = Project("app", "/nonexistent", identities=(ANN,))
        place = Environment("live", url, **environment)  # type: ignore[arg-type]
        return await audit(Request(project, place, stages=("inputs",), source=False, limit_seconds=20.0))


async def test_nothing_but_reads_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    app = everything()
    done = await inputs_of(app, {"read_only": True}, monkeypatch)
    entered = {"email": "ann@example.com", "password": "correct horse"}
    signed_in = [body for method, path, body in app.writes if (method, path) == ("POST", "/login")]
    assert [one for one in app.writes if one[1] != "/login"] == []
    assert signed_in and all(entered.items() <= body.items() or "username" in body for body in signed_in)
    assert {got.path for got in app.seen if got.method == "GET"} >= {"/search", "/notes", "/me"}
    assert (app.app.records["notes"], len(app.app.members), len(app.graph.users)) == ({}, 1, 1)
    assert done.coverage.requests == len(app.seen)


async def test_what_needs_more_is_not_checked_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    done = await inputs_of(everything(), {"read_only": True}, monkeypatch)
    outcomes = {outcome.check: outcome for outcome in done.outcomes}

    def reasons(check: str) -> list[Gap]:
        gaps = (*outcomes[check].gaps, Gap(check, outcomes[check].reason, outcomes[check].give))
        return [gap for gap in gaps if "reads only" in gap.reason or "may be changed" in gap.reason]

    for check in ("LR301", "LR303", "LR304", "LR305", "LR343", "LR331", "LR332", "LR333", "LR334", "LR336", "LR337"):
        found = reasons(check)
        assert found and all("writes = true" in gap.give for gap in found), (check, outcomes[check].gaps)
    for check in ("LR331", "LR332", "LR333", "LR334", "LR336", "LR337"):
        assert outcomes[check].status is Status.NOT_CHECKED, check


async def test_the_same_app_is_written_to_where_that_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    app = everything()
    await inputs_of(app, {"writes": True}, monkeypatch)
    written = {(method, path) for method, path, _ in app.writes}
    assert {("POST", "/notes"), ("POST", "/webhooks/payments"), ("POST", "/password-reset")} <= written
