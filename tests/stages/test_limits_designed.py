"""Somebody decided how often each kind of endpoint may be called."""

from pathlib import Path

from launchready.model.words import Severity, Status

from tests.stages.apps import fastapi
from tests.support.ask import ask, write

CODE = '@app.post("/login")\ndef login():\n    return {}\n@app.get("/search")\ndef search():\n    return []\n'
POLICY = """
[roles]
order = ["guest", "member"]
[limits]
login = "5/minute per account"
{}
[[endpoint]]
route = "POST /login"
allow = ["guest"]
[[endpoint]]
route = "GET /search"
allow = ["guest"]
"""


def app(folder: Path, more: str | None) -> Path:
    return write(folder, fastapi(CODE) | ({} if more is None else {"policy.toml": POLICY.format(more)}))


async def test_a_kind_without_a_limit_is_named_with_one_to_begin_with(tmp_path: Path) -> None:
    bad = await ask("LR338", app(tmp_path / "bad", ""))
    (finding,) = bad.findings
    assert (finding.target, finding.severity) == ("policy.toml", Severity.LOW)
    assert finding.title == "Nobody has decided how often these may be called: search"
    assert 'search = "60/minute' in finding.fix
    good = await ask("LR338", app(tmp_path / "good", 'search = "9/minute per address"'))
    assert (good.status, good.examined) == (Status.PASS, 2)
    rows = {row[0]: row for row in good.tables[0].rows}
    assert rows["search"][2] == "9/minute per address"
    assert rows["login"][3] == "not measured"


async def test_without_a_policy_it_is_not_checked_and_the_table_still_stands(tmp_path: Path) -> None:
    outcome = await ask("LR338", app(tmp_path / "app", None))
    assert outcome.status is Status.NOT_CHECKED
    assert "no policy" in (outcome.reason or outcome.gaps[0].reason)
    assert {row[0] for row in outcome.tables[0].rows} == {"login", "search"}


async def test_an_app_that_has_nothing_to_limit(tmp_path: Path) -> None:
    outcome = await ask("LR338", write(tmp_path, fastapi('@app.get("/notes")\ndef notes():\n    return []\n')))
    assert outcome.status is Status.NOT_APPLICABLE
