"""Frameworks whose routes are files: SvelteKit, Nuxt, Nitro, Remix and React Router, by the conventions of their documentation."""

from pathlib import Path

from launchready.model.surface import Surface

from tests.sources import reading
from tests.sources.reading import one, who


def app(root: Path, package: str, files: dict[str, str]) -> Surface:
    """The surface of an app that depends on ``package``."""
    return reading.app(root, files, package)


def test_sveltekit(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        "@sveltejs/kit",
        {
            "src/hooks.server.ts": 'export async function handle({ event, resolve }) {\n  if (event.url.pathname.startsWith("/api/admin") && !event.locals.user) {\n    throw error(401, "no");\n  }\n  return resolve(event);\n}\n',
            "src/routes/+page.svelte": "<h1>Hi</h1>",
            "src/routes/(app)/members/[id=int]/+page.server.ts": 'export async function load({ locals }) {\n  if (!locals.user) redirect(303, "/login");\n  return {};\n}\nexport const actions = {\n  default: async ({ request }) => { const data = await request.formData(); await db.update(data.get("name")); },\n  remove: async ({ locals }) => { if (!locals.user) throw error(403); },\n};\n',
            "src/routes/(app)/members/[id=int]/+page.svelte": "<h1>Member</h1>",
            "src/routes/api/admin/users/+server.ts": "export const GET = async () => json(await everybody());\nexport async function DELETE() { await db.delete(users); }\n",
            "src/routes/api/offers/[...path]/+server.js": "export function GET() { return json([]); }\n",
            "src/routes/team/+layout.server.ts": 'export const load = async ({ locals }) => { if (!locals.user) throw redirect(302, "/login"); };\n',
            "src/routes/team/list/+page.svelte": "<h1>Team</h1>",
            "src/lib/+server.ts": "export function GET() {}\n",
        },
    )
    assert who(found) == {
        "GET /": "open",
        "GET /members/{id}": "guarded",
        "POST /members/{id}": "open",
        "POST /members/{id}?/remove": "guarded",
        "GET /api/admin/users": "guarded",
        "DELETE /api/admin/users": "guarded",
        "GET /api/offers/{path}": "open",
        "GET /team/list": "unknown",
    }
    assert {given.name for given in one(found, "POST /members/{id}").inputs} == {"id", "name"}


def test_nuxt(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        "nuxt",
        {
            "server/middleware/auth.ts": 'export default defineEventHandler((event) => {\n  if (event.path.startsWith("/api/public")) return;\n  if (event.path.startsWith("/api/") && !event.context.user) throw createError({ statusCode: 401 });\n});\n',
            "server/api/members/[id].get.ts": "export default defineEventHandler(async (event) => member(event));\n",
            "server/api/public/offers.get.ts": "export default defineEventHandler(() => offers());\n",
            "server/routes/ping.post.ts": "export default eventHandler(() => 'pong');\n",
            "server/utils/db.ts": "export default 1;\n",
            "pages/index.vue": "<template><h1>Hi</h1></template>",
            "pages/admin/[id].vue": '<script setup>definePageMeta({ middleware: "auth" })</script>',
        },
    )
    assert who(found) == {
        "GET /api/members/{id}": "guarded",
        "GET /api/public/offers": "open",
        "POST /ping": "open",
        "GET /": "open",
        "GET /admin/{id}": "unknown",
    }


def test_a_route_without_a_method_answers_any(tmp_path: Path) -> None:
    found = app(tmp_path, "nitropack", {"routes/users/index.ts": "export default defineEventHandler(() => []);\n"})
    assert set(who(found)) == {f"{method} /users" for method in ("GET", "POST", "PUT", "PATCH", "DELETE")}


def test_remix_files(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        "@remix-run/node",
        {
            "app/session.server.ts": 'export async function requireUser(request) {\n  const user = await currentUser(request);\n  if (!user) throw redirect("/login");\n  return user;\n}\n',
            "app/routes/_index.tsx": "export default function Home() { return null; }\n",
            "app/routes/members.$id_.edit.tsx": 'import { requireUser } from "~/session.server";\nexport async function loader({ request }) { await requireUser(request); return null; }\nexport default function Edit() { return null; }\n',
            "app/routes/_auth.login/route.tsx": "export async function action({ request }) { const form = await request.formData(); return form.get('email'); }\nexport default function Login() { return null; }\n",
            "app/routes/sitemap[.]xml.ts": "export const loader = () => new Response('');\n",
            "app/routes/files.$.ts": "export async function loader() { return null; }\n",
        },
    )
    assert who(found)["GET /members/{id}/edit"] == "guarded"
    assert {"GET /", "GET /login", "POST /login", "GET /sitemap.xml", "GET /files/{splat}"} <= set(who(found))
    assert "GET /_auth/login" not in who(found)


def test_react_router_by_configuration(tmp_path: Path) -> None:
    page = "export default function Page() { return null; }\n"
    found = app(
        tmp_path,
        "@react-router/dev",
        {
            "app/routes.ts": 'export default [\n  index("./home.tsx"),\n  layout("./frame.tsx", [route("teams/:teamId", "./team.tsx", [route("members", "./members.tsx")])]),\n  ...prefix("admin", [route("users", "./users.tsx")]),\n  made(),\n];\n',
            "app/home.tsx": page,
            "app/frame.tsx": page,
            "app/team.tsx": page,
            "app/members.tsx": "export async function action() { return null; }\n",
            "app/users.tsx": "export async function loader() { return null; }\n",
        },
    )
    assert {"GET /", "GET /teams/{teamId}", "POST /teams/{teamId}/members", "GET /admin/users"} <= set(who(found))
    assert any("made" in unread.reason for unread in found.unread)


def test_a_hook_that_refuses_other_sites_asks_nobody_and_a_layout_of_what_a_hook_keeps_does(tmp_path: Path) -> None:
    files = {
        "src/hooks.server.ts": """export const handle = async ({ event, resolve }) => {
  event.locals.user = await whoever(event);
  if (event.request.method !== "GET" && event.url.pathname.startsWith("/account")) {
    const origin = event.request.headers.get("origin");
    if (!origin || origin !== event.url.origin) return new Response("Cross-site", { status: 403 });
  }
  return resolve(event);
};
""",
        "src/routes/account/+page.svelte": "<h1>Account</h1>\n",
        "src/routes/account/+page.server.ts": "export const actions = { tidy: async () => { await db.tidy(); } };\n",
        "src/routes/desk/+layout.server.ts": """import { redirect } from "@sveltejs/kit";
export const load = async ({ locals }) => {
  const u = (locals as App.Locals)?.user ?? null;
  if (!u) {
    throw redirect(303, "/login");
  }
};
""",
        "src/routes/desk/+page.svelte": "<h1>Desk</h1>\n",
        "src/routes/people/[id]/+page.server.ts": """import { redirect } from "@sveltejs/kit";
function ensureId(id) { if (!id) throw redirect(303, "/login"); return String(id); }
export const load = async ({ params }) => ({ person: await db.find(ensureId(params.id)) });
""",
        "src/routes/test/mail/+server.ts": "export const GET = async () => new Response('');\n",
    }
    assert who(app(tmp_path, "@sveltejs/kit", files)) == {
        "GET /account": "open",
        "POST /account?/tidy": "open",
        "GET /desk": "unknown",
        "GET /people/{id}": "open",
        "GET /test/mail": "open",
    }
