"""A reviewed policy is there, and the code does what it says."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence, Severity, Status

from tests.stages.apps import fastapi
from tests.support.ask import ask, write

CODE = '@app.get("/admin/users")\ndef users(user=Depends({})):\n    return everybody()\n@app.post("/login")\ndef login():\n    return {{}}\n'
POLICY = """
[roles]
order = ["guest", "member", "admin"]
[[endpoint]]
route = "GET /admin/users"
allow = ["admin"]
[[endpoint]]
route = "POST /login"
allow = ["guest"]
"""


def app(folder: Path, policy: str | None = POLICY, guard: str = "admin") -> Path:
    files = fastapi(CODE.format(guard))
    return write(folder, files | ({} if policy is None else {"policy.toml": policy}))


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (None, "Nobody can say who may call what"),
        ("", "Nobody can say who may call what"),
        (POLICY + "review = true\n", "For 1 of 2 ways in, nobody has confirmed"),
    ],
)
async def test_a_policy_nobody_wrote_or_read(policy: str | None, said: str, tmp_path: Path) -> None:
    bad = await ask("LR231", app(tmp_path / "bad", policy))
    assert [finding.target for finding in bad.findings] == ["policy.toml"]
    assert said in bad.findings[0].title
    assert bad.findings[0].severity is Severity.MEDIUM
    good = await ask("LR231", app(tmp_path / "good"))
    assert (good.status, good.examined) == (Status.PASS, 2)


async def test_code_that_lets_in_more_than_the_policy(tmp_path: Path) -> None:
    signed_in = await ask("LR232", app(tmp_path / "signed-in", guard="current_user"))
    assert [(f.target, f.confidence) for f in signed_in.findings] == [("GET /admin/users", Confidence.SUSPECTED)]
    everybody = await ask("LR232", app(tmp_path / "open", guard="database"))
    (finding,) = everybody.findings
    assert (finding.confidence, finding.severity) == (Confidence.CERTAIN, Severity.HIGH)
    assert finding.evidence[0].place.startswith("main.py:")
    assert (await ask("LR232", app(tmp_path / "good"))).status is Status.PASS


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('allow = ["admin"]', 'allow = ["member", "admin"]', "policy allows more"),
        ("GET /admin/users", "GET /admin/people", "Nobody decided"),
        ("POST /login", "POST /sign-in", "names routes the code does not have"),
    ],
)
async def test_rows_and_routes_that_miss_each_other(old: str, new: str, key: str, tmp_path: Path) -> None:
    outcome = await ask("LR232", app(tmp_path, POLICY.replace(old, new)))
    assert outcome.status is Status.FAIL
    assert any(key in finding.title for finding in outcome.findings)
    assert all(finding.target == "policy.toml" for finding in outcome.findings)


async def test_without_a_policy_there_is_nothing_to_compare(tmp_path: Path) -> None:
    assert (await ask("LR232", app(tmp_path, None))).status is Status.NOT_APPLICABLE


async def test_a_reviewed_row_answers_where_source_could_not_be_followed(tmp_path: Path) -> None:
    routes = '@app.get("/a", dependencies=[Depends(checks.of_a_library)])\ndef a():\n    return []\n'
    files = fastapi(routes.replace("@app", "from elsewhere import checks\n@app", 1))
    assert (await ask("LR107", write(tmp_path / "without", files))).gaps
    policy = '[roles]\norder = ["guest", "member"]\n[[endpoint]]\nroute = "GET /a"\nallow = ["member"]\n'
    assert not (await ask("LR107", write(tmp_path / "with", files | {"policy.toml": policy}))).gaps
    waiting = await ask("LR107", write(tmp_path / "waiting", files | {"policy.toml": policy + "review = true\n"}))
    assert waiting.gaps
    assert [gap.target for gap in waiting.gaps] == ["GET /a"]
