"""What pages and actions in JavaScript do by a server behind, outside of production, or for whoever calls alone is no certain blocker."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence, Severity

from tests.support.ask import ask, write

_NEXT = {"package.json": '{"dependencies": {"next": "15.0.0"}}'}
_CLIENT = """import ky from "ky";
export const api = ky.create({
  prefixUrl: process.env.API_URL,
  hooks: { beforeRequest: [async (request) => { HOOK }] },
});
"""
_HANDS_ON = 'const { cookies } = await import("next/headers"); const token = (await cookies()).get("desk")?.value; if (token) request.headers.set("Authorization", `Bearer ${token}`);'
_ALWAYS = 'request.headers.set("x-app", "desk");'
_MAKES = 'import { api } from "@/lib/api";\nexport async function createProject({ name }) {\n  KEEPS\n  await api.post("projects", { json: { name } });\n}\n'
_ACTION = '"use server";\nimport { createProject } from "@/http/create-project";\nexport async function addProject(data) {\n  await createProject({ name: data.get("name") });\n  return { ok: true };\n}\n'
_PAGE = (
    'import { addProject } from "./actions";\nexport default function Page() { return <form action={addProject} />; }\n'
)


@pytest.mark.parametrize(
    ("hook", "keeps", "confidence"),
    [
        (_HANDS_ON, "", Confidence.SUSPECTED),
        (_ALWAYS, "", Confidence.CERTAIN),
        (_HANDS_ON, "await prisma.project.create({ data: { name } });", Confidence.CERTAIN),
    ],
    ids=["hands the session on", "hands nothing on", "keeps it itself"],
)
async def test_an_action_whose_client_hands_the_session_on(
    hook: str, keeps: str, confidence: Confidence, tmp_path: Path
) -> None:
    files = {
        **_NEXT,
        "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
        "src/lib/api.ts": _CLIENT.replace("HOOK", hook),
        "src/http/create-project.ts": _MAKES.replace("KEEPS", keeps),
        "src/app/projects/actions.ts": _ACTION,
        "src/app/projects/page.tsx": _PAGE,
    }
    (finding,) = (await ask("LR102", write(tmp_path, files))).findings
    assert (finding.severity, finding.confidence) == (Severity.BLOCKER, confidence)


_ROUTE = 'import {{ prisma }} from "@/lib/prisma";\nexport async function {method}(request) {{\n  {first}\n  const body = await request.json();\n  await prisma.note.create({{ data: body }});\n  return Response.json({{ ok: true }});\n}}\n'


@pytest.mark.parametrize(
    ("first", "confidence"),
    [
        ('if (process.env.NODE_ENV === "production") { return Response.json({}, { status: 404 }); }', Confidence.SUSPECTED),
        ('if (process.env.ENABLE_SEED !== "true") return new Response("no", { status: 404 });', Confidence.SUSPECTED),
        ("if (!process.env.MAIL_KEY) return Response.json({ error: 'not configured' }, { status: 500 });", Confidence.CERTAIN),
        ('if (process.env.NODE_ENV === "production") { console.log("seeding"); }', Confidence.CERTAIN),
    ],
    ids=["not in production", "a switch", "a key that is missing", "only said"],
)  # fmt: skip
async def test_what_answers_outside_of_production_alone(first: str, confidence: Confidence, tmp_path: Path) -> None:
    files = {**_NEXT, "app/api/seed/route.ts": _ROUTE.format(method="POST", first=first)}
    (finding,) = (await ask("LR102", write(tmp_path, files))).findings
    assert (finding.severity, finding.confidence) == (Severity.BLOCKER, confidence)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            'const to = new URL("login/oauth/authorize", "https://github.com");\n  to.searchParams.set("client_id", env.ID);\n  redirect(to.toString());',
            False,
        ),
        ('const to = new URL("https://github.com");\n  chosen.set("client_id", data.id);\n  redirect(to.toString());', True),
        ("await auth.signOut();\n  redirect('/');", False),
        ("await auth.changePassword({ currentPassword: data.old, newPassword: data.fresh });", False),
        ("await auth.changePassword({ newPassword: data.fresh });\n  await db.user.update({ where: { id: data.id } });", True),
    ],
    ids=["leads to a provider", "keeps something", "signs out", "one's own password", "and somebody else's row"],
)  # fmt: skip
async def test_an_action_that_only_touches_who_calls(body: str, told: bool, tmp_path: Path) -> None:
    code = f'"use server";\nexport async function connect(data) {{\n  {body}\n}}\n'
    outcome = await ask("LR102", write(tmp_path, {**_NEXT, "app/settings/actions.ts": code}))
    assert len(outcome.findings) == told


_EXPRESS = {"package.json": '{"dependencies": {"express": "4.19.0"}}'}


@pytest.mark.parametrize(
    ("path", "taken", "code", "severity"),
    [
        ("/email/resend", "email", "await mailer.send(email);", None),
        ("/email/resend", "orderId", "await mailer.send(orderId);", Severity.BLOCKER),
        ("/auth/register-tenant", "ownerEmail", "await tenants.create(ownerEmail);", Severity.MEDIUM),
        ("/billing-plans/register-tenants", "ownerEmail", "await tenants.create(ownerEmail);", Severity.BLOCKER),
        ("/survey/:token/submit", "rating", "await feedback.save(req.params.token, rating);", Severity.MEDIUM),
        ("/push-tokens/:token", "rating", "await feedback.save(req.params.token, rating);", Severity.BLOCKER),
        ("/logs/frontend", "message", "await db.query('INSERT INTO logs VALUES ($1)', [message]);", Severity.MEDIUM),
        ("/rounds/complete", "sessionToken", "const result = await pool.query('UPDATE rounds SET done = true WHERE session_token = $1', [sessionToken]); if (result.rows.length === 0) return res.status(400).end();", Severity.MEDIUM),
        ("/guardian/household", "token", "const snap = await families.where('qr_token', '==', token).get(); if (snap.empty) return res.status(404).end(); await snap.docs[0].ref.update(req.body);", Severity.MEDIUM),
        ("/guardian/household", "code", "const snap = await families.where('code', '==', code).get(); if (snap.empty) return res.status(404).end(); await snap.docs[0].ref.update(req.body);", Severity.BLOCKER),
        ("/createPublicBooking", "slot", "await bookings.create(slot);", Severity.MEDIUM),
        ("/makeNotesPublic", "slot", "await notes.update(slot);", Severity.BLOCKER),
        ("/member/:id/change-password", "current_password", "const member = await sheet.find(req.params.id); if (member.password !== current_password) return res.status(400).end(); await sheet.update(req.body);", None),
        ("/auth/turnstile", "answer", "await sessions.insert(answer);", Severity.MEDIUM),
        ("/rounds/complete", "roundId", "const result = await pool.query('UPDATE rounds SET done = true WHERE id = $1', [roundId]); if (result.rows.length === 0) return res.status(400).end();", Severity.BLOCKER),
    ],
)  # fmt: skip
async def test_what_strangers_send_for_themselves(
    path: str, taken: str, code: str, severity: Severity | None, tmp_path: Path
) -> None:
    app = f"const express = require('express');\nconst app = express();\napp.post('{path}', async (req, res) => {{\n  const {{ {taken} }} = req.body;\n  {code}\n  res.json({{ ok: true }});\n}});\napp.listen(1);\n"
    outcome = await ask("LR102", write(tmp_path, {**_EXPRESS, "app.js": app}))
    assert [finding.severity for finding in outcome.findings] == ([severity] if severity else [])


@pytest.mark.parametrize(("answer", "told"), [("{ status: 'ok' }", False), ("await db.stats()", True)])
async def test_a_page_of_staff_that_only_says_it_is_well(answer: str, told: bool, tmp_path: Path) -> None:
    app = f"const express = require('express');\nconst app = express();\napp.get('/admin/db-health', async (req, res) => {{\n  const found = {answer};\n  const all = 'SELECT';\n  res.json(found);\n}});\napp.listen(1);\n"
    outcome = await ask("LR102", write(tmp_path, {**_EXPRESS, "app.js": app}))
    assert len(outcome.findings) == told


@pytest.mark.parametrize(
    ("letter", "kept", "severity"),
    [
        ("to: process.env.OFFICE_EMAIL, subject, text: message", "", Severity.MEDIUM),
        ("to: data.to, subject, text: message", "", Severity.BLOCKER),
        ("to: process.env.OFFICE_EMAIL, subject", "await prisma.order.create({ data });", Severity.BLOCKER),
    ],
    ids=["to the firm", "to anybody", "and keeps it"],
)
async def test_a_letter_to_the_firm_is_a_form_for_visitors(
    letter: str, kept: str, severity: Severity, tmp_path: Path
) -> None:
    code = f"export async function POST(request) {{\n  const data = await request.json();\n  const transporter = nodemailer.createTransport({{}});\n  {kept}\n  await transporter.sendMail({{ {letter} }});\n  return Response.json({{ ok: true }});\n}}\n"
    (finding,) = (await ask("LR102", write(tmp_path, {**_NEXT, "app/api/hiring/route.ts": code}))).findings
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("does", "told"), [("seconds * rate", False), ("await useStorage().setItem(key, seconds)", True)]
)
async def test_a_handler_of_nuxt_that_only_calculates(does: str, told: bool, tmp_path: Path) -> None:
    code = f"export default defineEventHandler(async (event) => {{\n  const body = await readBody(event);\n  const {{ key, seconds }} = schema.parse(body);\n  if (!seconds) throw createError({{ statusCode: 400 }});\n  const rate = 2;\n  const found = {does};\n  return {{ found }};\n}});\n"
    files = {"package.json": '{"dependencies": {"nuxt": "3.17.5"}}', "server/api/tools/call-cost.post.ts": code}
    assert len((await ask("LR102", write(tmp_path, files))).findings) == told
