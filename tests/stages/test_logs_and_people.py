"""Logs searched for what must not be in them, and what people have to answer for."""

from pathlib import Path

import pytest
from launchready.model.project import Domains, Environment, Owners, Project
from launchready.model.words import Severity, Status
from launchready.stages.handover.deliverables import handover_page
from launchready.stages.request import Request
from launchready.stages.session import audit

from tests.support.ask import ask, write

RUNBOOK = "# Operating\n\n## Roll back\n\n1. `git checkout v1`\n2. restart\n\n## Rotating keys\n\n1. new key\n2. revoke the old one\n"


def _project(root: Path, logs: tuple[str, ...] = (), owners: Owners | None = None) -> Project:
    return Project("app", str(root), (str(root),), logs=logs, owners=owners or Owners())


async def test_a_log_with_passwords_and_addresses(tmp_path: Path) -> None:
    lines = '{"event": "login", "email": "ada@example.com", "password": "hunter2hunter2"}\n{"event": "ok"}\n'
    write(tmp_path, {"app.log": lines})
    outcome = await ask("LR603", tmp_path, project=_project(tmp_path, ("app.log",)))
    assert {finding.severity for finding in outcome.findings} == {Severity.BLOCKER, Severity.HIGH}
    assert "hunter2hunter2" not in repr(outcome)
    assert outcome.findings[0].evidence[0].line == 1


async def test_a_clean_log_passes_and_an_empty_or_missing_one_is_not_checked(tmp_path: Path) -> None:
    write(tmp_path, {"app.log": '{"event": "request", "path": "/", "ms": 3}\n', "empty.log": ""})
    assert (await ask("LR603", tmp_path, project=_project(tmp_path, ("app.log",)))).status is Status.PASS
    for name in ("empty.log", "gone.log"):
        assert (await ask("LR603", tmp_path, project=_project(tmp_path, (name,)))).status is Status.NOT_CHECKED
    assert (await ask("LR603", tmp_path)).status is Status.NOT_CHECKED


async def test_a_binary_log_ends_in_an_outcome(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(bytes(range(256)) * 4000)
    assert (await ask("LR603", tmp_path, project=_project(tmp_path, ("app.log",)))).status in (Status.PASS, Status.FAIL)


async def test_a_log_without_an_end_is_searched_in_part(tmp_path: Path) -> None:
    outcome = await ask("LR603", tmp_path, project=_project(tmp_path, ("/dev/zero",)))
    assert outcome.gaps[0].reason == "/dev/zero is larger than 50 MB; 50 MB of it were searched"


@pytest.mark.parametrize("check", ["LR606", "LR708", "LR710"])
async def test_owners_are_named_unnamed_or_not_asked(check: str, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = 1"})
    named = await ask(check, tmp_path, project=_project(tmp_path, owners=Owners("Dana", ("slack:#ops",), {}, True)))
    assert named.status is Status.MANUAL
    assert named.attested_by
    assert len((await ask(check, tmp_path, project=_project(tmp_path, owners=Owners(asked=True)))).findings) == 1
    unasked = await ask(check, tmp_path, project=_project(tmp_path))
    assert unasked.status is Status.MANUAL
    assert not unasked.attested_by


@pytest.mark.parametrize(("check", "line"), [("LR709", "HAND-9"), ("LR707", "HAND-7")])
async def test_steps_must_be_written_down(check: str, line: str, tmp_path: Path) -> None:
    write(tmp_path, {"README.md": "# App\n\nWe will roll back and rotate if needed.\n"})
    assert (await ask(check, tmp_path, project=_project(tmp_path))).status in (Status.FAIL, Status.MANUAL)
    write(tmp_path, {"docs/RUNBOOK.md": RUNBOOK})
    assert (await ask(check, tmp_path, project=_project(tmp_path))).status is Status.PASS


async def test_a_named_owner_attests(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = 1"})
    owners = Owners(attest={"HAND-1": "Dana, 2026-11-02"})
    outcome = await ask("LR701", tmp_path, project=_project(tmp_path, owners=owners))
    assert outcome.attested_by == "Dana, 2026-11-02"


async def test_the_handover_page_lists_what_is_known_and_what_is_open(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": 'import os\nKEY = os.environ["PAY_KEY"]\n'})
    owners = Owners("Dana", ("slack:#ops",), {"HAND-1": "Dana, 2026-11-02"}, True)
    project = Project("Shop", str(tmp_path), (str(tmp_path),), owners=owners, domains=Domains(mail=("postmark",)))
    done = await audit(Request(project, Environment("local")))
    page = handover_page(project, done)
    assert "- [x] HAND-1" in page
    assert "- [ ] HAND-9" in page
    assert "PAY_KEY" in page
    assert "Alerts go to: slack:#ops" in page
    assert "BAR-5" in page.split("still has to attest")[1]
