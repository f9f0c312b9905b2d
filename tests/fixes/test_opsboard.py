"""The unsafe Opsboard with what `launchready fix` writes: served, called as everybody, and what was fixed is gone.

The guarded Opsboard is that, and the repairs below that only a person can make.
"""

import json
import re
import secrets
from pathlib import Path
from typing import Any

import pytest
from launchready.demo.build import TEMPLATE, Build, materialise
from launchready.demo.template import lines_of

from tests.cli.run import launchready
from tests.fixes.folder import fixed, served

_PROJECT = '[domains]\ncanonical = "app.opsboard.test"\n'
# What each fix ends for certain, whatever else is wrong with the app.
ENDS = {
    "secrets": {"LR132", "LR135"},
    "guard": {"LR102", "LR104", "LR201", "LR203", "LR213", "LR331", "LR332", "LR333", "LR334", "LR401", "LR110"},
    "cors": {"LR221"},
    # A body that no schema describes still fails where it is no object (LR301): that is a person's repair.
    "errors": {"LR205", "LR302", "LR605"},
}
WANTED = frozenset().union(*ENDS.values())
# Files of the guarded variant that differ by more than what was written: a person's repairs, each named.
REPAIRS = {
    ".env.example": "the database's own settings, and what is read by tools only",
    "app/identity.py": "who calls is looked up in the sessions",
    "policy.toml": "reviewed by a person",
}


def _guarded(name: str) -> str:
    return lines_of("guarded", (TEMPLATE / name).read_text(encoding="utf-8")) or ""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The unsafe variant with the reviewed policy; routes that the policy does not know are shut."""
    build = materialise("unsafe", tmp_path_factory.mktemp("opsboard") / "app")
    (build.source / "launchready.toml").write_text(_PROJECT, encoding="utf-8")
    policy = _guarded("policy.toml") + '\n[guard]\nunlisted = "deny"\n'
    (build.source / "policy.toml").write_text(policy, encoding="utf-8")
    return build


def _audited(build: Build, to: Path) -> dict[str, Any]:
    keys = {"SECRET_KEY": secrets.token_hex(32), "SENDGRID_API_KEY": "none"}
    with served(build.source, "app.main:app", **build.env, **keys) as url:
        (build.source / "launchready.toml").write_text(
            f'{_PROJECT}[environments.local]\nurl = "{url}"\nwrites = true\n', encoding="utf-8"
        )
        # Only what is judged below: the rest of an audit is as slow, and others look at it.
        asked = [word for check in sorted(WANTED) for word in ("--check", check)]
        # On a busy machine the time that is given by itself is over before all was asked.
        more = ("--no-store", "--exit-zero", "--seconds", "900", "--format", "json", "--output", to)
        done = launchready("audit", build.source, *asked, *more)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(to.read_text())
    return told


def _checks(audit: dict[str, Any]) -> set[str]:
    return {one["check"] for one in audit["findings"] if one["confidence"] != "suspected"}


def test_what_was_fixed_is_gone(built: Build, tmp_path: Path) -> None:
    before = _audited(built, tmp_path / "before.json")
    done = fixed(built.source)
    assert "app/identity.py" in done.stdout and ".env.production" in done.stdout
    written = _written(built)
    (built.source / "app" / "identity.py").write_text(_guarded("app/identity.py"), encoding="utf-8")
    after = _audited(built, tmp_path / "after.json")
    assert WANTED - _checks(before) <= {"LR104"}, "not all of what is fixed was wrong before"
    assert _checks(after) == set()

    # Every line that was written stands in the guarded variant too, which is more than that only by a person's repairs.
    for file, lines in written.items():
        name = {".env.example": "env.example", ".gitignore": "gitignore"}.get(file, file)
        known = set(_guarded(name).split("\n"))
        missing = [line for line in lines if line not in known and file not in REPAIRS]
        assert missing == [], f"{file}: the guarded Opsboard is not what fix writes"


def _written(build: Build) -> dict[str, list[str]]:
    """The lines that were added, by file."""
    record = json.loads(next((build.source / ".launchready" / "fixes").glob("*.json")).read_text())
    return {
        row["file"]: [line for line in row["after"].split("\n") if line not in (row["before"] or "").split("\n")]
        for row in record["files"]
    }


def test_the_guarded_variant_has_no_guard_of_its_own() -> None:
    source = "".join(file.read_text() for file in (TEMPLATE / "app").rglob("*.py"))
    assert not re.search(r"class Limiter|hmac\.|require_role|X-Frame-Options", source)
