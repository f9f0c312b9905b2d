"""Functions that make others and give them back in a table: what one of them refuses, its neighbours do not."""

from pathlib import Path

import pytest

from tests.sources.reading import app, who

_SERVICE = """
import { Refused } from "./errors";
export const invites = (c) => {
  const user = c.get("user");
  OWN
  const find = async (token: string) => {
    const invite = await db.invites.findByToken(token);
    if (isOver(invite.expiresAt)) { throw new Refused("ended"); }
    return invite;
  };
  const remove = async (id: string) => {
    if (!user) { throw new Refused("who are you"); }
    await db.invites.delete(id);
  };
  return { find, drop: remove, list: async () => { return db.invites.all(); } };
};
"""
_APP = """
import { Hono } from "hono";
import { invites } from "./service";
const app = new Hono();
app.get("/invites/:token", async (c) => { return c.json(await invites(c).find(c.req.param("token"))); });
app.get("/invites", async (c) => { const all = invites(c); return c.json(await all.list()); });
app.delete("/invites/:id", async (c) => { const { drop } = invites(c); await drop(c.req.param("id")); return c.json({}); });
export default app;
"""
_ERRORS = "export class Refused extends Error { status = 403; constructor(message: string) { super(message); } }\n"


def _access(folder: Path, own: str) -> dict[str, str]:
    files = {"app.ts": _APP, "service.ts": _SERVICE.replace("OWN", own), "errors.ts": _ERRORS}
    return who(app(folder, files, "hono"))


def test_what_another_function_of_the_table_refuses(tmp_path: Path) -> None:
    found = _access(tmp_path, "")
    # The link that has ended has ended for everybody, and who lists is asked nothing.
    assert found["GET /invites/{token}"] != "guarded"
    assert found["GET /invites"] != "guarded"
    assert found["DELETE /invites/{id}"] == "guarded"


def test_what_is_refused_before_the_table_is_made(tmp_path: Path) -> None:
    found = _access(tmp_path, 'if (!user) { throw new Refused("who are you"); }')
    assert set(found.values()) == {"guarded"}


@pytest.mark.parametrize(
    ("condition", "status", "to"),
    [
        ("isOver(invite.expiresAt)", 403, "open"),
        ("new Date() > invite.expires_at", 403, "open"),
        ("!invite || invite.expiresAt < now", 403, "open"),
        ("!row || row.expiresAt < now", 401, "guarded"),
        ("!user || user.trialExpires < now", 403, "guarded"),
    ],
    ids=["asked of a helper", "compared the other way", "or not there", "the row of a session", "of a person"],
)
def test_what_has_ended_has_ended_for_everybody(condition: str, status: int, to: str, tmp_path: Path) -> None:
    handler = (
        "app.post('/join', async (c) => { const invite = await db.invites.find(c.req.query('code')); const row = await db.rows.find(c.req.header('x-session'));\n"
        f"const user = c.get('user'); const now = Date.now(); if ({condition}) {{ return c.json({{ error: 'no' }}, {status}); }}\n"
        "await db.members.insert(invite); return c.json({}); });"
    )
    source = f"import {{ Hono }} from 'hono';\nconst app = new Hono();\n{handler}\nexport default app;\n"
    assert who(app(tmp_path, {"app.ts": source}, "hono"))["POST /join"] == to
