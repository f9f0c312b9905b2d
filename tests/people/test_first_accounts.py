"""Accounts that come with something else: with the workspace they open, or with the data that a script puts in."""

import json
from pathlib import Path

import pytest
from launchready.model.words import Kind
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

from tests.stages.members import Asked, Body, Member, Members
from tests.support.people import gathered, reasons
from tests.support.web import Reply, serve

JSON = {"Content-Type": "application/json"}
_APP = """const express = require('express');
const app = express();
app.post('/api/register', async (req, res) => {
  const { email, password, username, tenantSlug } = req.body;
  if (!email || !password || !username || !tenantSlug) return res.status(400).json({ error: 'All fields are required' });
  if (!(await db.tenants.find(tenantSlug))) return res.status(404).json({ error: 'Tenant not found' });
  res.status(201).json(await db.users.insert({ email, password, username, tenantSlug }));
});
app.post('/api/tenants', async (req, res) => {
  const { companyName, adminEmail, adminPassword } = req.body;
  if (!companyName || !adminEmail || !adminPassword) return res.status(400).json({ error: 'All fields are required' });
  res.status(201).json(await db.tenants.open(companyName, adminEmail, adminPassword));
});
"""


@pytest.mark.parametrize(("opened", "names"), [(True, ["ann", "ben"]), (False, [])])
async def test_who_opens_a_workspace_has_an_account(*, opened: bool, names: list[str], tmp_path: Path) -> None:
    (tmp_path / "app.js").write_text(_APP)
    (tmp_path / "package.json").write_text('{"dependencies": {"express": "4"}}')
    app = Members()
    app.routes = [route for route in app.routes if route[1] != "/signup"]

    @app.route("POST", "/api/register", open=True, hidden=True)
    def register(asked: Asked) -> Body:
        return Reply(404, '{"error": "Tenant not found"}', JSON)

    @app.route("POST", "/api/tenants", open=True, hidden=True)
    def open_one(asked: Asked) -> Body:
        given = [str(asked.body.get(name, "")) for name in ("companyName", "adminEmail", "adminPassword")]
        if not all(given):
            return Reply(400, '{"error": "All fields are required"}', JSON)
        if not opened:
            return Reply(403, '{"error": "by invitation only"}', JSON)
        member = Member(len(app.members) + 1, given[1], given[0], given[2], {"tenantId": len(app.members) + 1})
        app.members.append(member)
        return Reply(201, json.dumps({"tenant": {"id": member.id}, "user": member.shown()}), JSON)

    endpoints = read_surface(Tree.read(tmp_path)).endpoints
    assert Kind.SIGNUP in next(one for one in endpoints if one.path == "/api/tenants").kind
    with serve(app) as url:
        async with gathered(url, endpoints=endpoints) as ground:
            assert [caller.name for caller in ground.callers] == names, reasons(ground)
