"""What pages show: passwords that people of the run chose, keys that are in every page by design, and nothing to whoever is led elsewhere."""

import pytest
from launchready.ground.result import Harm
from launchready.probes.exchange import Exchange
from launchready.probes.private_data import private_data

from tests.stages.members import Asked, Body, Members
from tests.stages.test_proof_fooled import harms, proof
from tests.support.web import Reply

HTML = {"Content-Type": "text/html; charset=utf-8"}


def _people(shows: bool) -> Members:
    """A page with everybody who signed up, with what they typed as their password where it ``shows`` that."""
    app = Members()

    @app.route("GET", "/people", open=True)
    def people(asked: Asked) -> Body:
        rows = "".join(f"<p>{one.username} {one.password if shows else '****'}</p>" for one in app.members)
        return Reply(200, f"<html><body><h1>People</h1>{rows}</body></html>", HTML)

    return app


@pytest.mark.parametrize(("shows", "routes"), [(True, ["GET /people"]), (False, [])])
async def test_a_password_that_was_typed_stands_in_the_text_of_a_page(shows: bool, routes: list[str]) -> None:
    assert harms(await proof(_people(shows)), Harm.SECRETS) == routes


@pytest.mark.parametrize(("field", "routes"), [("storage_password", []), ("note", ["GET /stores"])])
async def test_what_a_record_calls_the_password_of_something_else_is_none_of_an_account(
    field: str, routes: list[str]
) -> None:
    """Such a field was filled with what passes for a password; the same text under any other name was kept as it was typed."""
    app = Members()

    @app.route("GET", "/stores")
    def stores(_: Asked) -> Body:
        return [{"id": number, field: one.password} for number, one in enumerate(app.members, 1)]

    assert harms(await proof(app), Harm.SECRETS) == routes


MAP = '<html><body><script src="https://maps.googleapis.com/maps/api/js?key=AIzaSyB1c2D3e4F5g6H7i8J9k0LmNoPqRsTuVwX&callback=init"></script></body></html>'
LEFT = '{"gemini": "AIzaSyB1c2D3e4F5g6H7i8J9k0LmNoPqRsTuVwX"}'


@pytest.mark.parametrize(("kind", "body", "told"), [("text/html", MAP, False), ("application/json", LEFT, True)])
def test_the_key_of_a_map_is_in_its_page_by_design(kind: str, body: str, told: bool) -> None:
    answer = Exchange("GET", "http://app/x", "/x", 200, {"content-type": (kind,)}, body.encode())
    assert bool(private_data(answer)) is told
