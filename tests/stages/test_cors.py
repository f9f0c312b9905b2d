"""CORS of a running app, asked as hostile websites ask: what harms is found, what is harmless is not."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from launchready.model.check import Outcome
from launchready.model.words import Confidence, Severity, Status

from tests.stages.club import Club
from tests.support.ask import ask, write
from tests.support.web import Got, Reply, serve

SHOP = "https://app.shop.example"
Policy = Callable[[str], bool]
SOURCE = {"config.js": f'const cors = {{ origin: ["{SHOP}"], credentials: true }};\n'}


@dataclass
class Shared:
    """The club, seen from other origins: ``lets_in`` decides, and is told to browsers with or without a session."""

    club: Callable[[Got], Reply]
    lets_in: Policy
    credentials: bool = True
    told: str = ""
    preflight: int = 204

    def __call__(self, got: Got) -> Reply:
        origin = got.headers.get("origin", "")
        reply = Reply(self.preflight) if got.method == "OPTIONS" else self.club(got)
        if not origin or not self.lets_in(origin):
            return reply
        headers = {**reply.headers, "Access-Control-Allow-Origin": self.told or origin, "Vary": "Origin"}
        if self.credentials:
            headers["Access-Control-Allow-Credentials"] = "true"
        return replace(reply, headers=headers)


async def asked(app: Callable[[Got], Reply], root: Path, check: str = "LR221") -> Outcome:
    with serve(app) as url:
        return await ask(check, write(root, SOURCE), url)


CARELESS: dict[str, Policy] = {
    "anyone": lambda origin: True,
    "null": lambda origin: origin == "null",
    "begins with": lambda origin: origin.startswith(SHOP),
    "ends with": lambda origin: origin.endswith("app.shop.example"),
    "any letter for the dot": lambda origin: urlsplit(origin).hostname in ("app.shop.example", "app-shop.example"),
}


@pytest.mark.parametrize("how", CARELESS)
async def test_a_careless_comparison_lets_any_website_use_a_session(how: str, tmp_path: Path) -> None:
    outcome = await asked(Shared(Club("cookie"), CARELESS[how]), tmp_path)
    found = outcome.findings[0]
    assert found.title == "Any website a member visits can use the app in their name"
    assert (found.target, found.severity, found.confidence) == ("site", Severity.HIGH, Confidence.PROVEN)
    assert "SameSite" in found.detail


async def test_without_samesite_it_is_a_blocker_and_the_members_own_data_is_shown(tmp_path: Path) -> None:
    outcome = await asked(Shared(Club("cookie", "flags"), CARELESS["anyone"]), tmp_path)
    (found,) = outcome.findings
    assert found.severity is Severity.BLOCKER
    assert "own session at /me may be read by https://evil.example" in found.detail
    assert "access-control-allow-origin: https://evil.example" in found.evidence[0].excerpt


async def test_a_session_in_a_header_does_not_come_along(tmp_path: Path) -> None:
    (found,) = (await asked(Shared(Club("jwt"), CARELESS["anyone"]), tmp_path)).findings
    assert found.severity is Severity.MEDIUM
    assert "header" in found.detail


@pytest.mark.parametrize(
    ("origin", "words", "confidence"),
    [
        ("http://app.shop.example", "between a member and the internet", Confidence.PROVEN),
        ("https://lr-evil.app.shop.example", "Every subdomain", Confidence.SUSPECTED),
    ],
)
async def test_plain_http_and_subdomains_are_told_apart(
    origin: str, words: str, confidence: Confidence, tmp_path: Path
) -> None:
    (found,) = (await asked(Shared(Club("cookie", "flags"), lambda one: one in (SHOP, origin)), tmp_path)).findings
    assert words in found.title
    assert found.confidence is confidence


HARMLESS = {
    "only its own": Shared(Club("cookie"), lambda origin: origin == SHOP),
    "nobody": Shared(Club("cookie"), lambda origin: False),
    "always the same": Shared(Club("cookie"), lambda origin: True, told=SHOP),
}


@pytest.mark.parametrize("how", HARMLESS)
async def test_what_harms_nobody_is_no_alarm(how: str, tmp_path: Path) -> None:
    outcome = await asked(HARMLESS[how], tmp_path)
    assert outcome.findings == ()
    assert outcome.status is Status.PASS
    assert not any("without a session" in note for note in outcome.notes)


@pytest.mark.parametrize("told", ["*", ""], ids=["by a star", "by name"])
async def test_anyone_without_a_session_is_no_leak_and_no_proof_of_known_origins(told: str, tmp_path: Path) -> None:
    outcome = await asked(Shared(Club("cookie"), lambda origin: True, credentials=False, told=told), tmp_path)
    (found,) = outcome.findings
    assert (found.severity, found.confidence, found.roadmap) == (Severity.LOW, Confidence.SUSPECTED, ("BAR-6",))
    assert found.title == "The app names no origins: every website may read what it tells strangers"
    assert any("without a session" in note for note in outcome.notes)


async def test_a_front_page_that_every_website_may_read_is_as_public_as_it_is(tmp_path: Path) -> None:
    pages = Shared(Club("cookie"), lambda origin: True, credentials=False, told="*")
    outcome = await asked(lambda got: pages(got) if got.path == "/" else pages.club(got), tmp_path)
    assert outcome.findings == ()


async def test_a_wildcard_with_credentials_is_refused_by_browsers_and_said_so(tmp_path: Path) -> None:
    (found,) = (await asked(Shared(Club("cookie"), lambda origin: True, told="*"), tmp_path)).findings
    assert (found.severity, found.confidence) == (Severity.MEDIUM, Confidence.CERTAIN)


async def test_private_data_for_every_website_is_an_alarm_without_a_session_too(tmp_path: Path) -> None:
    described = json.dumps({"openapi": "3.1.0", "paths": {"/api/members": {"get": {}}}})
    members = json.dumps([{"email": "ada.l@corp.test"}, {"email": "bob.m@corp.test"}])

    def app(got: Got) -> Reply:
        headers = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}
        body = {"/openapi.json": described, "/api/members": members}.get(got.path, "{}")
        return Reply(200, body, headers)

    (found,) = (await asked(app, tmp_path)).findings
    assert (found.severity, found.key) == (Severity.HIGH, "private")


async def test_a_preflight_that_is_refused_lets_nothing_through(tmp_path: Path) -> None:
    class OnlyPreflight(Shared):
        def __call__(self, got: Got) -> Reply:
            return super().__call__(got) if got.method == "OPTIONS" else self.club(got)

    assert (await asked(OnlyPreflight(Club("cookie"), CARELESS["anyone"], preflight=403), tmp_path)).findings == ()
    (found,) = (await asked(OnlyPreflight(Club("cookie"), CARELESS["anyone"]), tmp_path)).findings
    assert "may send changes, with cookies" in found.detail


@pytest.mark.parametrize(
    ("headers", "count"),
    [
        ({"Cache-Control": "public, max-age=60"}, 1),
        ({"Cache-Control": "public, max-age=60", "Vary": "Accept, Origin"}, 0),
        ({"Cache-Control": "no-store"}, 0),
    ],
    ids=["kept without Vary", "Vary", "not kept"],
)
async def test_answers_for_one_origin_are_kept_apart(headers: dict[str, str], count: int, tmp_path: Path) -> None:
    def app(got: Got) -> Reply:
        own = {"Access-Control-Allow-Origin": SHOP} if got.headers.get("origin") == SHOP else {}
        return Reply(200, "{}", {"Content-Type": "application/json"} | headers | own)

    outcome = await asked(app, tmp_path, "LR222")
    assert len(outcome.findings) == count
    assert outcome.status is (Status.FAIL if count else Status.PASS)


async def test_where_no_answer_depends_on_the_asker_caches_are_no_question(tmp_path: Path) -> None:
    def app(got: Got) -> Reply:
        return Reply(200, "{}", {"Access-Control-Allow-Origin": SHOP, "Cache-Control": "public, max-age=60"})

    outcome = await asked(app, tmp_path, "LR222")
    assert outcome.findings == ()


async def test_where_nobody_signs_in_it_is_not_said_that_a_session_comes_along(tmp_path: Path) -> None:
    def shut(got: Got) -> Reply:
        return (
            Reply(401, "{}", {"Content-Type": "application/json"})
            if got.path.startswith("/api")
            else Reply(200, "hello")
        )

    (found,) = (await asked(Shared(shut, lambda origin: True), tmp_path)).findings
    assert (found.severity, found.confidence) == (Severity.HIGH, Confidence.PROVEN)
    assert "was not seen" in found.title
