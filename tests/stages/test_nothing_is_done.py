"""Handlers of scripts that do nothing for strangers: they only answer or check, ask a library in the caller's own name, or are there outside of production alone."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence

from tests.support.ask import ask, write

_HONO = """import { Hono } from "hono";
const app = new Hono();
function told(c, message, shown) { return c.json({ ...(shown ? { message } : {}), id: c.get("requestId") }, 501); }
function missing(c) { return told(c, "not here", false); }
BODY
export default app;
"""


async def _certain(root: Path, files: dict[str, str]) -> set[str]:
    findings = (await ask("LR102", write(root, files))).findings
    return {one.target for one in findings if one.confidence is Confidence.CERTAIN}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('app.delete("/notes/:id", missing);', set()),
        (
            'function gone(c) { drop(c.req.param("id")); return told(c, "gone", true); }\napp.delete("/notes/:id", gone);',
            {"DELETE /notes/{id}"},
        ),
        (
            'app.delete("/notes/:id", (c) => {\n  return c.json({ said: "off since May" });\n  /* drop(c.req.param("id")); */\n});',
            set(),
        ),
        (
            'app.use("*", async (c, next) => { const env = c.env.NODE_ENV; if (env !== "test" && env !== "development") { return c.json({}, 404); } await next(); });\n'
            'app.delete("/notes/:id", async (c) => c.json(await db.notes.delete(c.req.param("id"))));',
            set(),
        ),
        (
            'app.use("*", async (c, next) => { const env = c.env.NODE_ENV; if (env !== "test") { console.log(env); } await next(); });\n'
            'app.delete("/notes/:id", async (c) => c.json(await db.notes.delete(c.req.param("id"))));',
            {"DELETE /notes/{id}"},
        ),
    ],
    ids=["only answers", "drops it first", "switched off", "only in development", "everywhere"],
)
async def test_routes_of_hono(body: str, told: set[str], tmp_path: Path) -> None:
    files = {"package.json": '{"dependencies": {"hono": "4"}}', "app.ts": _HONO.replace("BODY", body)}
    assert await _certain(tmp_path, files) == told


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        (
            "const asked = z.object({ age: z.coerce.number().positive().int() }); const read = asked.safeParse(Object.fromEntries(await request.formData()));"
            " if (!read.success) return { errors: z.flattenError(read.error) }; return { read: read.data };",
            False,
        ),
        (
            "const asked = z.object({ age: z.coerce.number().positive().int() }); const read = asked.parse(Object.fromEntries(await request.formData()));"
            " await db.person.update(read); return { read };",
            True,
        ),
        ("await auth.api.acceptInvitation({ body: { invitationId: params.id }, headers: request.headers }); return redirect('/');", False),
        ("await auth.api.banUser({ body: { userId: params.id } }); return redirect('/');", True),
        ("const supabase = await createClient(); const { error } = await supabase.auth.mfa.verify({ factorId: params.id, code }); return { ok: !error };", False),
    ],
    ids=["checks a form", "keeps a form", "as its caller", "as itself", "of one's own account"],
)  # fmt: skip
async def test_actions_of_react_router(body: str, blocks: bool, tmp_path: Path) -> None:
    files = {
        "package.json": '{"dependencies": {"react-router": "7", "@react-router/node": "7"}}',
        "react-router.config.ts": "export default {};\n",
        "app/routes/desk.$id.tsx": f"export async function action({{ request, params }}) {{ {body} }}\nexport default function Desk() {{ return null; }}\n",
    }
    assert await _certain(tmp_path, files) == ({"POST /desk/{id}"} if blocks else set())


@pytest.mark.parametrize(
    ("client", "blocks"),
    [
        (
            'import { getAccessToken } from "./tokens";\nconst api = xior.create({ baseURL: process.env.API_URL });\napi.interceptors.request.use(async (config) => merge(config, { headers: { Authorization: `Bearer ${await getAccessToken()}` } }));\n',
            False,
        ),
        ("const api = xior.create({ baseURL: process.env.API_URL });\n", True),
    ],
    ids=["with the caller's token", "with nothing"],
)
async def test_actions_in_front_of_a_server(client: str, blocks: bool, tmp_path: Path) -> None:
    files = {
        "package.json": '{"dependencies": {"next": "16", "xior": "0"}}',
        "lib/api.ts": f'import xior from "xior";\n{client}export async function callServer(method, url, data) {{ return (await api.request({{ method, url, data }})).data; }}\n',
        "app/actions.ts": '"use server";\nimport { callServer } from "@/lib/api";\nexport async function deleteNoteAction(id) {\n  return await callServer("DELETE", `/notes/${id}`);\n}\n',
        "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./*"]}}}',
    }
    (found,) = (await ask("LR102", write(tmp_path, files))).findings
    assert ("can perhaps change" not in found.title) == blocks


async def test_where_a_provider_sends_people_back_to_with_a_code(tmp_path: Path) -> None:
    back = 'export default async function handler(req, res) {\n  const { code } = req.query;\n  if (!code) return res.status(400).json({ error: "no code" });\n  const { tokens } = await client.getToken(code);\n  return res.status(200).json({ ok: Boolean(tokens) });\n}\n'
    ask_for = 'export default async function handler(req, res) {\n  const oauth = new google.auth.OAuth2(process.env.ID, process.env.SECRET, "https://desk.example/api/oauth-callback");\n  const url = oauth.generateAuthUrl({ access_type: "offline", scope: ["drive"] });\n  return res.status(200).json({ url });\n}\n'
    files = {
        "package.json": '{"dependencies": {"@vercel/node": "5"}}',
        "api/oauth-callback.ts": back,
        "api/oauth-address.ts": ask_for,
    }
    assert await _certain(tmp_path, files) == set()


@pytest.mark.parametrize(
    ("line", "blocks"),
    [
        ('const tokenSecret = "synthetic-desk205-token-secret-with-32-bytes"', False),
        ('const tokenSecret = "passed_11_checks_7_generations_10_profiles_before_and_after_restart"', False),
        ('const tokenSecret = "sha256_a894eb81bf721f57ce8f925fc024bc6024ee83a67ef24da566642ccf9ab7eab2"', False),
        ('const tokenSecret = "a894eb81bf721f57ce8f925fc024bc6024ee83a67ef24da566642ccf9ab7eab2"', True),
    ],
    ids=["synthetic", "a note", "a digest", "a key"],
)
async def test_values_that_say_what_they_are(line: str, blocks: bool, tmp_path: Path) -> None:
    findings = (
        await ask(
            "LR132", write(tmp_path, {"lib/token.mjs": f"{line};\nexport const sign = (x) => hmac(tokenSecret, x);\n"})
        )
    ).findings
    assert any(one.confidence is Confidence.CERTAIN for one in findings) == blocks
