"""A policy that was drafted and people who sign in by themselves: roles in capitals, roles nobody tells, roles the policy does not know."""

from pathlib import Path
from typing import Any

import pytest
from launchready.model.audit import Audit
from launchready.model.project import Environment, Identity, Project, Reference
from launchready.stages.request import Request
from launchready.stages.session import audit

from tests.support.club import Club, Member, said
from tests.support.web import Got, Reply, serve

_ROUTES = ("GET /api/me", "DELETE /api/me", "GET /api/notes", "POST /api/notes", "GET /api/notes/{note_id}")
_PASSWORD = "Pw-for-tests-1"


def _policy(folder: Path, *roles: str, **own: str) -> None:
    """Everybody signed in may call everything, but for what is named in ``own``: route by its only role."""
    allow = ", ".join(f'"{role}"' for role in roles)
    rows = [f'[[endpoint]]\nroute = "{route}"\nallow = [{allow}]' for route in _ROUTES]
    rows += [f'[[endpoint]]\nroute = "GET /api/{name}"\nallow = ["{role}"]' for name, role in own.items()]
    rows += [f'[[endpoint]]\nroute = "POST /api/{name}"\nallow = ["guest"]' for name in ("signup", "login")]
    (folder / "policy.toml").write_text(f'[roles]\norder = ["guest", {allow}]\n\n' + "\n\n".join(rows))


async def _prove(club: Club, folder: Path, *identities: Identity) -> Audit:
    with serve(club) as url:
        project = Project("club", str(folder), policy="policy.toml", identities=identities)
        environment = Environment("local", url, writes=True)
        return await audit(Request(project, environment, source=False, checks=("LR208",), seconds=60.0))


class _Told(Club):
    """Says what role everybody has."""

    role = "USER"

    def answer(self, got: Got, who: Member | None) -> Reply:
        if who is not None and (got.method, got.path) == ("GET", "/api/me"):
            return said(200, who.shown | {"role": self.role})
        if who is not None and got.path == "/api/overview":
            return said(200, [one.email for one in self.members])
        return super().answer(got, who)


def _overview() -> dict[str, dict[str, Any]]:
    return {"/api/overview": {"get": {}}}


@pytest.mark.parametrize(
    ("club", "roles"),
    [
        pytest.param(_Told(), ("USER", "ADMIN"), id="a role in capitals"),
        pytest.param(Club(), ("member", "admin"), id="a role nobody tells"),
        pytest.param(_Told(), ("customer", "admin"), id="another word for a member"),
    ],
)
async def test_a_member_may_call_what_the_policy_gives_members(
    club: Club, roles: tuple[str, ...], tmp_path: Path
) -> None:
    _policy(tmp_path, *roles)
    done = await _prove(club, tmp_path)
    assert done.findings == ()
    assert {name for _, _, name in club.calls} - {""}, "nobody signed in"


@pytest.mark.parametrize("roles", [("USER", "ADMIN"), ("customer", "admin"), ("ADMIN",)])
async def test_what_the_policy_keeps_for_administrators_is_still_asked_for(
    roles: tuple[str, ...], tmp_path: Path
) -> None:
    _policy(tmp_path, *roles, overview=roles[-1])
    done = await _prove(_Told(more=_overview()), tmp_path)
    assert "GET /api/overview" in {finding.target for finding in done.findings}


async def test_a_role_the_policy_does_not_know_is_not_judged_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LR_TEST_PASSWORD", _PASSWORD)
    _policy(tmp_path, "member", "owner")
    club = _Told(members=[Member(1, "zoe@example.com", _PASSWORD, "Zoe")])
    club.role = "president"
    zoe = Identity("zoe", "president", username="zoe@example.com", password=Reference(env="LR_TEST_PASSWORD"))
    done = await _prove(club, tmp_path, zoe)
    assert done.findings == ()
    (outcome,) = (one for one in done.outcomes if one.check == "LR208")
    assert "the policy knows no role president" in " ".join(gap.reason for gap in outcome.gaps)


async def test_an_alarm_names_the_role_that_went_too_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LR_TEST_PASSWORD", _PASSWORD)
    _policy(tmp_path, "member", "chair", "owner", overview="owner")
    club = _Told(members=[Member(1, "zoe@example.com", _PASSWORD, "Zoe")], more=_overview())
    club.role = "chair"
    zoe = Identity("zoe", "chair", username="zoe@example.com", password=Reference(env="LR_TEST_PASSWORD"))
    (found,) = (await _prove(club, tmp_path, zoe)).findings
    assert found.title == "The role chair can read what is not meant for it: GET /api/overview"
