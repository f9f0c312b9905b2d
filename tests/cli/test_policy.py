"""``launchready policy`` as a person uses it: draft, review, check in CI, show."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from launchready.core.assemble import RunFacts
from launchready.core.matrix import Call, matrix
from launchready.core.store import Header, Store
from launchready.model.matrix import Reach
from launchready.model.project import Project
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree
from launchready_guard.policy import parse_policy

from tests.cli.run import launchready
from tests.report.sample import audit
from tests.stages.apps import fastapi
from tests.support.ask import write

ROUTES = """
@app.get("/admin/users", dependencies=[Depends(admin)])
def users(): return []
@app.get("/orders/{order_id}")
def order(order_id: int, user=Depends(current_user)):
    return db.query(Order).filter(Order.id == order_id, Order.owner_id == user.id).one()
@app.post("/login")
def login(): return {}
@app.get("/directory")
def directory(): return []
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return write(tmp_path / "app", fastapi(ROUTES))


def test_draft_review_check(app: Path) -> None:
    done = launchready("policy", "draft", app)
    assert done.returncode == 0, done.stderr
    assert "4 rows for the roles guest, member, admin; 1 to review" in done.stdout
    file = app / "policy.toml"
    policy = parse_policy(file.read_text())
    order = policy.row("GET", "/orders/{order_id}")
    assert order is not None and order.own == ("member", "admin")
    assert launchready("policy", "check", app).returncode == 4
    file.write_text(file.read_text().replace("review = true\n", ""))
    agreed = launchready("policy", "check", app)
    assert (agreed.returncode, agreed.stdout) == (0, "app · 4 routes · policy and code agree\n")
    source = app / "main.py"
    source.write_text(source.read_text().replace(", dependencies=[Depends(admin)]", ""))
    said = launchready("policy", "check", app)
    assert said.returncode == 1
    assert "GET /admin/users  policy: admin · code: everybody   main.py:15" in said.stdout
    assert launchready("policy", "check", app, "--exit-zero").returncode == 0
    found = json.loads(launchready("policy", "check", app, "--format", "json").stdout)
    assert [(one["sort"], one["route"]) for one in found["differences"]] == [("code-weaker", "GET /admin/users")]


def test_the_same_source_gives_the_same_draft(app: Path) -> None:
    first, second = (launchready("policy", "draft", app, "-o", "-").stdout for _ in range(2))
    assert first == second
    assert not (app / "policy.toml").exists()


def test_an_existing_file_is_left_alone_until_asked(app: Path) -> None:
    mine = '[roles]\norder = ["guest", "member", "admin"]\n\n# mine\n[[endpoint]]\nroute = "GET /directory"\nallow = ["member"]\n'
    (app / "policy.toml").write_text(mine)
    refused = launchready("policy", "draft", app)
    assert refused.returncode == 2
    assert "was left alone" in refused.stderr
    assert (app / "policy.toml").read_text() == mine
    merged = launchready("policy", "draft", app, "--force")
    assert merged.returncode == 0, merged.stderr
    text = (app / "policy.toml").read_text()
    assert text.startswith(mine)
    assert sum(row.review for row in parse_policy(text).rows) == 3


def test_a_role_the_policy_does_not_know_is_said(app: Path) -> None:
    (app / "policy.toml").write_text('[roles]\norder = ["guest", "member"]\n')
    assert "roles.order does not have: admin" in launchready("policy", "draft", app, "--force").stdout


@pytest.mark.parametrize(
    ("policy", "code", "said"),
    [
        (None, 3, "Run `launchready policy draft`"),
        ("[roles", 2, "not valid TOML"),
        ('[[endpoint]]\nroute = "GTE /x"\nallow = []\n', 2, "Did you mean 'GET'?"),
    ],
)
def test_a_missing_or_broken_policy_is_said(app: Path, policy: str | None, code: int, said: str) -> None:
    if policy is not None:
        (app / "policy.toml").write_text(policy)
    done = launchready("policy", "check", app)
    assert done.returncode == code
    assert said in done.stderr
    if policy is not None:
        assert launchready("audit", app, "--offline", "--no-store").returncode == 2
        assert launchready("policy", "draft", app, "--force").returncode == 2


def test_rows_that_cannot_be_merged_are_left_as_they_are(app: Path) -> None:
    inline = 'endpoint = [{ route = "GET /directory", allow = ["guest"] }]\n'
    (app / "policy.toml").write_text(inline)
    done = launchready("policy", "draft", app, "--force")
    assert done.returncode == 2
    assert "[[endpoint]] on a line of its own" in done.stderr
    assert (app / "policy.toml").read_text() == inline


def test_nothing_to_draft_is_said(tmp_path: Path) -> None:
    done = launchready("policy", "draft", write(tmp_path, {"main.py": "print(1)\n"}))
    assert done.returncode == 3
    assert "nothing to draft" in done.stderr


def test_the_matrix_in_every_format(app: Path) -> None:
    launchready("policy", "draft", app)
    shown = launchready("policy", "show", app).stdout
    assert "GET /admin/users" in shown
    rows = list(csv.DictReader(io.StringIO(launchready("policy", "show", app, "--format", "csv").stdout)))
    admin = next(row for row in rows if row["endpoint"] == "GET /admin/users")
    assert (admin["member designed"], admin["member found"], admin["admin found"]) == ("denied", "denied", "allowed")
    order = next(row for row in rows if row["endpoint"] == "GET /orders/{order_id}")
    assert (order["guest designed"], order["member designed"], order["member found"]) == ("denied", "own", "own")
    directory = next(row for row in rows if row["endpoint"] == "GET /directory")
    assert (directory["policy"], directory["guest designed"], directory["guest found"]) == (
        "review",
        "unknown",
        "allowed",
    )
    table = launchready("policy", "show", app, "--format", "markdown").stdout
    assert "| `GET /admin/users` | no/no | no/no | yes/yes | reviewed |" in table
    told = json.loads(launchready("policy", "show", app, "--format", "json").stdout)
    assert told["roles"] == ["guest", "member", "admin"]
    assert len(told["rows"]) == 4


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_the_matrix_fits_the_terminal(app: Path, columns: str) -> None:
    shown = launchready("policy", "show", app, COLUMNS=columns).stdout
    assert max(map(len, shown.splitlines())) <= int(columns)
    assert "GET /orders/{order_id}" in shown


def test_roles_are_called_what_accounts_of_the_running_app_were_called(app: Path) -> None:
    """The guard meets them by that name: to a `member` in the policy, a `user` of the app is nobody."""
    store, ran = Store.of(app), audit(0)
    surface = read_surface(Tree.read(app, (str(app),)))
    met = matrix(surface, None, [Call("GET /orders/{order_id}", "ann", "user", "own", Reach.ALLOWED)])
    assert {cell.role for row in met.rows for cell in row.cells} == {"guest", "user", "admin"}
    facts = RunFacts(ran.run, ran.started, ran.seconds, ran.target, ran.environment)
    store.begin(Header(facts, Project("app", str(app)), (), surface))
    store.finish(replace(ran, matrix=met))
    assert "for the roles guest, user, admin" in launchready("policy", "draft", app).stdout
    (app / ".launchready" / "runs.sqlite3").write_text("no database")
    assert "for the roles guest, member, admin" in launchready("policy", "draft", app, "-o", app / "other.toml").stdout
