"""What strangers change, by source alone: functions that a service runs, collections of Payload, links that were sent, carts."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence, Severity

from tests.sources.test_convex import SERVER
from tests.sources.test_payload import files
from tests.support.ask import ask, write

_NEXT = {"package.json": '{"dependencies": {"next": "15.0.0"}}'}


async def test_functions_that_a_service_runs_are_the_apps_own(tmp_path: Path) -> None:
    drop = "export const drop = mutation({ args: { id: v.id('notes') }, handler: async (ctx, args) => { ASKS await ctx.db.delete(args.id); } });\n"
    open_one = {
        "package.json": '{"dependencies": {"convex": "1"}}',
        "convex/notes.ts": SERVER + drop.replace("ASKS", ""),
    }
    (finding,) = (await ask("LR102", write(tmp_path / "open", open_one))).findings
    assert (finding.target, finding.confidence) == ("POST /api/run/notes/drop", Confidence.CERTAIN)
    asks = "if (!(await ctx.auth.getUserIdentity())) throw new Error('no');"
    asked = open_one | {
        "convex/notes.ts": SERVER
        + drop.replace("ASKS", f"const who = await ctx.auth.getUserIdentity(); if (!who) throw new Error('no'); {asks}")
    }
    assert (await ask("LR102", write(tmp_path / "asked", asked))).findings == ()


async def test_an_access_function_that_lets_strangers_write(tmp_path: Path) -> None:
    found = (await ask("LR102", write(tmp_path, files()))).findings
    told = {one.target: one.confidence for one in found}
    # It looks at the caller, and gives strangers all the same.
    assert told["PATCH /cms/orders"] == told["PATCH /cms/orders/{id}"] == Confidence.CERTAIN
    assert "POST /cms/users" not in told and "POST /cms/users/login" not in told
    assert (
        await ask(
            "LR102",
            write(
                tmp_path,
                {
                    "src/access.ts": files()["src/access.ts"].replace(
                        "  return true\n}\nexport const unbound", "  return false\n}\nexport const unbound"
                    )
                },
            ),
        )
    ).findings != found


@pytest.mark.parametrize(
    ("held", "linked"),
    [("{ data: note, error }", True), ("{ data: note }", True), ("{ data: note, error: failed }", True)],
)
async def test_a_row_that_is_looked_up_by_the_token_of_a_link(held: str, linked: bool, tmp_path: Path) -> None:
    code = (
        "export async function POST(request: Request, { params }) {\n  const { token } = await params;\n"
        f"  const {held} = await supabase.from('notes').select('id, status').eq('token', token).single();\n"
        "  if (!note) return NextResponse.json({ error: 'Not found' }, { status: 404 });\n"
        "  await supabase.from('notes').update({ status: 'signed' }).eq('id', note.id);\n  return NextResponse.json({});\n}\n"
    )
    (finding,) = (await ask("LR102", write(tmp_path, {**_NEXT, "app/api/notes/[token]/sign/route.ts": code}))).findings
    assert (finding.severity is Severity.MEDIUM) == linked


@pytest.mark.parametrize(
    ("path", "confidence"),
    [
        ("cart", Confidence.SUSPECTED),
        ("cart-items", Confidence.SUSPECTED),
        ("cartons", Confidence.CERTAIN),
        ("orders", Confidence.CERTAIN),
    ],
)
async def test_what_visitors_fill_before_they_have_an_account(
    path: str, confidence: Confidence, tmp_path: Path
) -> None:
    code = "export async function PUT(request: Request) {\n  await prisma.row.update(await request.json());\n  return Response.json({});\n}\n"
    (finding,) = (await ask("LR102", write(tmp_path, {**_NEXT, f"app/api/{path}/route.ts": code}))).findings
    assert finding.confidence is confidence


@pytest.mark.parametrize(
    ("asks", "told"),
    [
        ("if (!(await canEdit(req.user.id, req.user.role, note.teamId))) { res.status(403).json({}); return; }", 0),
        ('const may = can(req.user.role, "notes.manage"); if (!may) { res.status(403).json({}); return; }', 0),
        ('const may = can(req.user.role, "notes.manage"); if (!may) { log(may); }', 1),
        ("if (!(await known(req.params.id))) { res.status(403).json({}); return; }", 1),
    ],
)
async def test_a_function_that_is_given_the_callers_role_decides(asks: str, told: int, tmp_path: Path) -> None:
    server = f"""
const express = require("express");
const app = express();
app.use((req, res, next) => {{ if (!req.session.user) return res.status(401).end(); req.user = req.session.user; next(); }});
app.delete("/notes/:id", async (req, res) => {{
  const note = await Note.findById(req.params.id);
  {asks}
  await note.remove();
  res.json({{}});
}});
"""
    manifest = {"package.json": '{"dependencies": {"express": "4"}}'}
    assert len((await ask("LR104", write(tmp_path, {**manifest, "app.js": server}))).findings) == told


@pytest.mark.parametrize(
    ("body", "confidence"),
    [
        ('const token = await tokenOf(); await fetch(API, { method: "POST", headers: { Authorization: "Bearer " + token } });', Confidence.SUSPECTED),
        ("const token = await tokenOf(); await fetch(API, { method: 'POST', headers: { Authorization: `Bearer ${token}` } });", Confidence.SUSPECTED),
        ("const token = await ownToken(); await fetch(API, { method: 'POST', headers: { Authorization: `Bearer ${token}` } });", Confidence.CERTAIN),
        ("const token = process.env.API_TOKEN; await fetch(API, { method: 'POST', headers: { Authorization: `Bearer ${token}` } });", Confidence.CERTAIN),
        ("await fetch(API, { method: 'POST', body: form });", Confidence.CERTAIN),
        ('redirect("/done");', None),
    ],
)  # fmt: skip
async def test_a_token_of_the_callers_own_is_handed_to_a_server_behind(
    body: str, confidence: Confidence | None, tmp_path: Path
) -> None:
    form = "" if confidence is None else "const form = await request.formData();"
    head = 'import { ownToken, tokenOf } from "@/lib/token";\n'
    code = f"{head}export async function POST(request: Request) {{\n  {form}\n  {body}\n  return Response.json({{}});\n}}\n"
    lib = (
        'export const tokenOf = async () => (await cookies()).get("auth-token")?.value ?? "";\n'
        "export const ownToken = async () => (await post(OAUTH, CLIENT_ID, CLIENT_SECRET)).access_token;\n"
    )
    found = (
        await ask("LR102", write(tmp_path, {**_NEXT, "lib/token.ts": lib, "app/api/roles/route.ts": code}))
    ).findings
    assert [one.confidence for one in found] == ([confidence] if confidence is not None else [])


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("session.clear()", 0),
        ("logout_user()", 0),
        ("session.clear()\n    Note.query.delete()", 1),
        ("forget_everything()", 1),
    ],
    ids=["cleared", "by a library", "and more", "something else"],
)
async def test_whoever_ends_a_session_ends_their_own(does: str, told: int, tmp_path: Path) -> None:
    code = (
        "from flask import Flask, redirect, session\nfrom flask_login import logout_user\nfrom keeping import forget_everything\napp = Flask(__name__)\n\n"
        f"@app.post('/exit')\ndef leave():\n    {does}\n    return redirect('/')\n"
    )
    assert len((await ask("LR102", write(tmp_path, {"main.py": code}))).findings) == told
