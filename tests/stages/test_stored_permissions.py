"""Guarded by permissions that the app stores: the same code may let strangers in, and only calls show whether it does."""

import json
from pathlib import Path

from launchready.core.policy.guess import Grounds, drafted
from launchready.core.policy.roles import roles_of
from launchready.model.words import Confidence, Status
from launchready.report.surface import render_surface
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

from tests.support.ask import ask, write
from tests.support.web import Got, Reply, serve

APP = {
    "package.json": '{"dependencies": {"express": "4"}}',
    "app.js": """
const express = require('express');
const { fetchPermissions } = require('./permissions');
const app = express();
const check = async (user, action) => {
  const permissions = await fetchPermissions(user, action);
  if (!permissions.length) throw new ForbiddenError();
};
app.use((req, res, next) => { req.user = { id: null, role: null }; next(); });
app.get('/admin/pages', async (req, res) => { await check(req.user, 'read'); res.json(await pages()); });
app.delete('/admin/pages/:id', async (req, res) => { await check(req.user, 'delete'); res.json(await remove(req.params.id)); });
""",
    "permissions.js": "exports.fetchPermissions = (user, action) => db('permissions').where({ role: user.role, action });",
}


def answers(status: int, text: object) -> Reply:
    return Reply(status, json.dumps(text), {"Content-Type": "application/json"})


async def test_a_stranger_let_in_by_stored_permissions_is_a_question_and_not_an_alarm(tmp_path: Path) -> None:
    with serve(lambda got: answers(200, [{"title": "Welcome"}])) as url:
        outcome = await ask("LR201", write(tmp_path, APP), url)
    assert outcome.findings == ()
    assert [(gap.target, gap.give) for gap in outcome.gaps] == [
        ("GET /admin/pages", "a policy row for it that a person reviewed")
    ]


async def test_private_data_is_an_alarm_whatever_lets_a_stranger_in(tmp_path: Path) -> None:
    with serve(lambda got: answers(200, [{"name": "Jo", "email": "jo@club.example.org"}])) as url:
        (finding,) = (await ask("LR201", write(tmp_path, APP), url)).findings
    assert (finding.target, finding.confidence) == ("GET /admin/pages", Confidence.PROVEN)
    assert finding.detail == "The stored permissions let strangers in."


async def test_an_app_that_refuses_strangers_passes(tmp_path: Path) -> None:
    def refuses(got: Got) -> Reply:
        return answers(403, {"error": "not for you"})

    with serve(refuses) as url:
        assert (await ask("LR201", write(tmp_path, APP), url)).status is Status.PASS


async def test_permissions_are_asked_for_so_no_role_is_missing(tmp_path: Path) -> None:
    assert (await ask("LR104", write(tmp_path, APP))).findings == ()


def test_the_draft_of_the_policy_and_the_list_say_that_data_decides(tmp_path: Path) -> None:
    found = read_surface(Tree.read(write(tmp_path, APP)))
    rows = drafted(found.endpoints, Grounds(roles_of(found), ()))
    assert all(row.row.review and "Whom they let in stands in the app's data" in row.reason for row in rows)
    assert render_surface(found, "terminal", "pages").count("stored permissions") == 2


async def test_bodies_behind_stored_permissions_are_one_question(tmp_path: Path) -> None:
    write_routes = "".join(
        f"app.post('/{name}', async (req, res) => {{ await check(req.user, 'create'); const body = req.body; res.json(await {name}.create({{ ...body }})); }});\n"
        for name in ("pages", "notes", "tags")
    )
    open_route = "app.post('/drafts', async (req, res) => { const body = req.body; res.json(await drafts.create({ ...body })); });\n"
    files = {**APP, "app.js": APP["app.js"] + write_routes + open_route}
    outcome = await ask("LR342", write(tmp_path, files))
    assert sorted(len(finding.evidence) for finding in outcome.findings) == [1, 3]
    shared = max(outcome.findings, key=lambda finding: len(finding.evidence))
    assert [one.what.split(" takes")[0] for one in shared.evidence] == ["POST /notes", "POST /pages", "POST /tags"]
