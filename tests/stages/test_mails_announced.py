"""The number of mails shown before a run is an upper bound: counted at a real sink, for the proof, for broken inputs and for a whole audit."""

import re
import secrets

import pytest
from launchready.core.events import Announced, Event
from launchready.model.project import Environment, Project
from launchready.probes.stamps import MAILS, Stamps
from launchready.stages.access.told import CHECKS
from launchready.stages.inputs.trials.limits.burst import MOST_MAILS
from launchready.stages.session import Request, audit

from tests.stages.limited import mailing
from tests.stages.members import Asked, Body, Members
from tests.support.ports import free_port
from tests.support.web import serve


class Chatty(Members):
    """Sends a letter whenever it can, at addresses that sound like it and at some that do not, and takes whatever it is sent."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.letters = 0
        self.send = mailing(port)
        for path in (
            "/forgot-password",
            "/v2/forgot-password",
            "/resend-verification",
            "/contact",
            "/feedback",
            "/newsletter",
        ):
            self.route("POST", path, "email", open=True)(self.written)
        for name in ("invitations", "orders", "tickets", "remarks"):
            self.collection(name, "email", "title")
            self.telling(name)

    def telling(self, name: str) -> None:
        """A letter goes out for each new record of this kind."""
        make = next(one for one in self.routes if one[:2] == ("POST", f"/{name}"))
        self.routes.remove(make)
        self.route("POST", f"/{name}", "email", "title")(lambda asked: self.written(asked) and make[3](asked))

    def written(self, asked: Asked) -> Body:
        self.letters += 1
        self.send(f"{secrets.token_hex(4)}@example.com", "a letter")
        return {"detail": "sent"}

    def _sign_up(self, asked: Asked) -> Body:
        self.written(asked)
        return super()._sign_up(asked)

    def _sign_in(self, asked: Asked) -> Body:
        found = super()._sign_in(asked)
        if isinstance(found, dict):
            self.written(asked)
        return found


@pytest.mark.parametrize(
    "checks, stages", [(CHECKS, ()), ((), ("inputs",)), ((), ())], ids=["the proof", "broken inputs", "everything"]
)
async def test_no_more_mails_come_than_were_announced(checks: tuple[str, ...], stages: tuple[str, ...]) -> None:
    port, said = free_port(), list[str]()
    app = Chatty(port)

    def heard(event: Event) -> None:
        if isinstance(event, Announced):
            said.append(event.what)

    with serve(app) as url:
        environment = Environment("local", url, writes=True, mail_sink=f"127.0.0.1:{port}")
        await audit(
            # The last letter of the bursts is out by then; what is left is waiting for limits, which this app has not.
            Request(
                Project("app", "/nonexistent"),
                environment,
                source=False,
                checks=checks,
                stages=stages,
                limit_seconds=25.0,
            ),
            listener=heard,
        )
    (most,) = re.findall(r"at most (\d+) mails", " ".join(said))
    assert int(most) == MAILS + (0 if checks else MOST_MAILS)
    assert 0 < app.letters <= int(most)


async def test_a_person_is_told_before_the_run_that_accounts_stay() -> None:
    async def told(app: Members) -> str:
        said = list[str]()

        def heard(event: Event) -> None:
            # Nobody was signed up yet.
            if isinstance(event, Announced) and not app.members:
                said.append(event.what)

        with serve(app) as url:
            place = Environment("local", url, writes=True)
            await audit(Request(Project("app", "/nonexistent"), place, source=False, checks=("LR204",)), listener=heard)
        return " ".join(said)

    leaving = Members()
    leaving.route("DELETE", "/me")(lambda asked: {})
    assert "accounts that are made for this run stay" in await told(Members())
    assert "stay" not in await told(leaving)


async def test_where_nothing_may_be_written_no_mails_are_announced() -> None:
    said = list[str]()

    def heard(event: Event) -> None:
        if isinstance(event, Announced):
            said.append(event.what)

    with serve(Members()) as url:
        place = Environment("local", url, read_only=True)
        await audit(Request(Project("app", "/nonexistent"), place, source=False, checks=("LR204",)), listener=heard)
    assert "requests go out" in said[0] and "mails" not in " ".join(said)


def test_a_refusal_costs_no_stamp_and_a_letter_tells_who_sends_some() -> None:
    came = [0]
    stamps = Stamps(2, {"/invites"}, lambda: came[0])
    assert stamps.take("POST", "/invites")
    stamps.back("POST", "/invites", 422, 0)
    assert (stamps.left, stamps.take("POST", "/orders")) == (2, True)
    came[0] = 1
    stamps.back("POST", "/orders", 201, 0)
    assert (stamps.left, "/orders" in stamps.paths) == (1, True)
    assert [stamps.take("POST", "/orders"), stamps.take("POST", "/invites/"), stamps.take("GET", "/invites")] == [
        True,
        False,
        True,
    ]
