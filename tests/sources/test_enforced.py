"""An app with the guard is judged by the policy that the guard keeps."""

from pathlib import Path

import pytest
from launchready.model.surface import Endpoint
from launchready.model.words import AccessVerdict
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

APP = """from fastapi import APIRouter, FastAPI
from launchready_guard import Guard

router = APIRouter()


@router.get("/")
def home(): ...


@router.get("/users")
def users(): ...


@router.get("/w/{workspace_id}/tasks")
def tasks(workspace_id: int): ...


@router.post("/hooks/payments")
def paid(): ...


@router.get("/forgotten")
def forgotten(): ...


app = FastAPI()
app.include_router(router, prefix="/api")
app = Guard(app, policy="policy.toml")
"""
POLICY = """[roles]
order = ["guest", "member", "admin"]
[tenant]
claim = "workspace"
param = ["path:workspace_id"]
[[endpoint]]
route = "GET /api"
allow = ["guest"]
[[endpoint]]
route = "GET /api/users"
allow = ["admin"]
[[endpoint]]
route = "GET /api/w/{id}/tasks"
allow = ["member", "admin"]
tenant = true
[[endpoint]]
route = "POST /api/hooks/payments"
allow = ["guest"]
kind = "webhook"
signature = "stripe"
"""


def _read(root: Path, app: str = APP, policy: str = POLICY) -> dict[str, Endpoint]:
    (root / "main.py").write_text(app)
    (root / "policy.toml").write_text(policy)
    return {one.name.rstrip("/"): one for one in read_surface(Tree.read(root)).endpoints}


def test_rows_say_who_may(tmp_path: Path) -> None:
    found = _read(tmp_path)
    users, tasks, hook = (
        found[f"{name}"].access
        for name in ("GET /api/users", "GET /api/w/{workspace_id}/tasks", "POST /api/hooks/payments")
    )
    assert (users.verdict, users.how, users.roles) == (AccessVerdict.GUARDED, "role", ("admin",))
    assert [(span.file, span.line) for span in users.evidence] == [("policy.toml", 10), ("main.py", 29)]
    assert (tasks.verdict, tasks.roles, tasks.tenant) == (AccessVerdict.GUARDED, (), "workspace_id")
    assert (hook.verdict, hook.how) == (AccessVerdict.GUARDED, "signature")
    assert found["GET /api"].access.verdict is AccessVerdict.OPEN
    assert found["GET /api/forgotten"].access.verdict is AccessVerdict.GUARDED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('policy="policy.toml")', 'policy="policy.toml", observe=True)'),
        ("app = Guard(", "# app = Guard("),
        ("from launchready_guard import Guard", "from elsewhere import Guard"),
    ],
)
def test_a_guard_that_does_not_guard_counts_for_nothing(tmp_path: Path, old: str, new: str) -> None:
    assert _read(tmp_path, APP.replace(old, new))["GET /api/users"].access.verdict is AccessVerdict.OPEN


@pytest.mark.parametrize(
    "policy",
    [
        POLICY + '[guard]\nobserve = ["access", "unlisted"]\n',
        POLICY.replace('allow = ["admin"]', 'allow = ["admin"]\nobserve = true'),
        POLICY.replace('allow = ["admin"]', 'allow = ["nobody we know"]'),
    ],
)
def test_nor_does_a_policy_that_only_watches_or_cannot_be_read(tmp_path: Path, policy: str) -> None:
    assert _read(tmp_path, policy=policy)["GET /api/users"].access.verdict is AccessVerdict.OPEN
