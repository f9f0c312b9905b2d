"""A small real app whose calls are counted, for tests of limits: each test says what is counted and what happens to who comes too often."""

import json
import smtplib
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from typing import Any

from launchready.model.audit import Audit
from launchready.model.check import Outcome
from launchready.model.project import Environment, Identity, Project
from launchready.stages.request import Request
from launchready.stages.session import audit

from tests.stages.members import Asked, Members
from tests.support.web import Got, Reply, serve

JSON = {"Content-Type": "application/json"}
TOO_MANY = Reply(429, json.dumps({"error": "Too many requests"}), JSON | {"Retry-After": "900"})


def body_of(got: Got) -> dict[str, Any]:
    """The JSON of a request, empty when it is none."""
    try:
        said = json.loads(got.body or b"{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def by_account(got: Got) -> str:
    """Whom a sign-in is for."""
    return str(body_of(got).get("email", "")).lower()


def by_address(got: Got) -> str:
    """Where a call comes from, as the connection says."""
    return got.peer


@dataclass
class Rule:
    """``most`` calls of ``path`` are let through for each value of ``by``; ``failed`` counts those alone that were refused.

    ``then`` is the answer to the rest, or makes one of what the app would have said.
    """

    path: str
    most: int
    by: Callable[[Got], str] = by_address
    then: Reply | Callable[[Reply], Reply] = TOO_MANY
    failed: bool = False
    matches: Callable[[Got, str], bool] = lambda got, path: got.path == path
    counts: Counter[str] = field(default_factory=Counter)


@dataclass
class Limited:
    """``app`` behind ``rules``. ``seen`` are the requests in their order."""

    app: Callable[[Got], Reply]
    rules: list[Rule] = field(default_factory=list)
    seen: list[Got] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, got: Got) -> Reply:
        self.seen.append(got)
        for rule in self.rules:
            if got.method != "POST" or not rule.matches(got, rule.path):
                continue
            key = rule.by(got)
            with self._lock:
                rule.counts[key] += 0 if rule.failed else 1
                over = rule.counts[key] > rule.most - (1 if rule.failed else 0)
            if over and isinstance(rule.then, Reply):
                return rule.then
            reply = self.app(got)
            if rule.failed and reply.status >= 400:
                rule.counts[key] += 1
            return rule.then(reply) if over and not isinstance(rule.then, Reply) else reply
        return self.app(got)


def with_deletion(app: Members) -> Members:
    """The app, which lets people end their account."""

    @app.route("DELETE", "/me")
    def leave(asked: Asked) -> object:
        assert asked.member is not None
        app.members.remove(asked.member)
        for token in [token for token, one in app.sessions.items() if one is asked.member]:
            del app.sessions[token]
        return {}

    return app


def mailing(port: int) -> Callable[[str, str], None]:
    """Sends real letters to a sink on loopback."""

    def send(address: str, text: str) -> None:
        message = EmailMessage()
        message["To"], message["From"], message["Subject"] = address, "app@example.com", "From the app"
        message.set_content(text)
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.send_message(message)

    return send


async def asked(
    app: Callable[[Got], Reply],
    *checks: str,
    identities: tuple[Identity, ...] = (),
    given: Mapping[str, Any] | None = None,
) -> dict[str, Outcome]:
    """The outcomes of some checks about an app that may be written to, by id."""
    done: Audit
    with serve(app) as url:
        place = replace(Environment("local", url, writes=True), **(given or {}))
        project = Project("app", "/nonexistent", identities=identities)
        done = await audit(Request(project, place, source=False, checks=checks))
    return {outcome.check: outcome for outcome in done.outcomes if outcome.check in checks}
