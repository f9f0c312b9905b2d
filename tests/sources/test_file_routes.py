"""Frameworks whose routes are files: SvelteKit, Nuxt, Nitro, Remix and React Router, by the conventions of their documentation."""

from pathlib import Path

import pytest
from launchready.core.ways import told_once
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


def test_react_router_lists_its_routes_and_files_beside_them_are_none(tmp_path: Path) -> None:
    action = "export async function action({ request }) { return null; }\n"
    files = {
        "app/routes.ts": 'export default [index("routes/_index.tsx"), route("notes", "routes/notes._index.tsx")];\n',
        "app/routes/_index.tsx": "export default function Home() { return null; }\n" + action,
        "app/routes/notes._index.tsx": action,
        "app/routes/notes.$noteId.tsx": action,
    }
    # An index is sent to by `?index`.
    listed = app(tmp_path / "listed", "@react-router/dev", files)
    assert {one.name for one in told_once(listed.endpoints)} == {"GET /", "POST /?index", "POST /notes"}
    flat = files | {"app/routes.ts": "export default flatRoutes();\n"}
    assert {"POST /notes?index", "POST /notes/{noteId}"} <= set(who(app(tmp_path / "flat", "@react-router/dev", flat)))


def test_an_action_answers_other_methods_and_is_told_by_those_it_asks_for(tmp_path: Path) -> None:
    files = {
        "app/routes/a.ts": 'export async function action({ request }) { if (request.method === "DELETE") { await db.remove(); } return null; }\n',
        "app/routes/b.ts": "export async function action({ request }) { return null; }\n",
    }
    found = app(tmp_path, "@remix-run/node", files)
    # Remix 2 was asked: it answers each of them.
    assert set(who(found)) == {
        f"{method} {path}" for method in ("POST", "PUT", "PATCH", "DELETE") for path in ("/a", "/b")
    }
    assert {one.name for one in told_once(found.endpoints)} == {"POST /a", "DELETE /a", "POST /b"}


_LOGIN = """import { LoginSchema, login, createUserSession } from "~/auth.server";
export async function action({ request }) {
  const given = LoginSchema.safeParse(Object.fromEntries(await request.formData()));
  const user = await login(given.data);
  if (!user) return { error: "no" };
  return createUserSession(user.id, "/desk");
}
"""


def test_a_first_page_that_takes_a_password_signs_in_by_a_form(tmp_path: Path) -> None:
    schema = 'import { z } from "zod";\nexport const LoginSchema = z.object({ email: z.string().email(), password: z.string().min(1) });\n'
    found = app(tmp_path, "@remix-run/node", {"app/routes/_index.tsx": _LOGIN, "app/auth.server.ts": schema})
    endpoint = one(found, "POST /?index")
    assert [kind.value for kind in endpoint.kind] == ["login"]
    assert {(given.name, given.where) for given in endpoint.inputs} == {("email", "form"), ("password", "form")}


_BY_IF = """  if (intent === "create" || intent === "update") {
    const name = form.get("name");
    const noteId = form.get("noteId");
    return intent === "update" ? db.change(noteId, name) : db.make(name);
  }
  if (intent === "delete") {
    return db.remove(form.get("noteId"));
  }"""
_BY_SWITCH = """  switch (intent) {
    case "create": return db.make(form.get("name"));
    case "update": return db.change(form.get("noteId"), form.get("name"));
    case "delete": { return db.remove(form.get("noteId")); }
  }"""


@pytest.mark.parametrize("body", [_BY_IF, _BY_SWITCH], ids=["if", "switch"])
def test_an_action_that_does_several_things_is_told_as_each(body: str, tmp_path: Path) -> None:
    code = f'export async function action({{ request }}) {{\n  const form = await request.formData();\n  const intent = form.get("intent");\n{body}\n  return null;\n}}\n'
    found = app(tmp_path, "@remix-run/node", {"app/routes/notes.tsx": code})
    told = {one.name: {given.name for given in one.inputs} for one in told_once(found.endpoints)}
    assert told == {
        "POST /notes?intent=create": {"intent", "name"},
        "POST /notes?intent=update": {"intent", "name", "noteId"},
        "POST /notes?intent=delete": {"intent", "noteId"},
    }
    deleting = one(found, "POST /notes?intent=delete")
    assert [kind.value for kind in deleting.kind] == ["delete"]
    assert next(given.choices for given in deleting.inputs if given.name == "intent") == ("delete",)


@pytest.mark.parametrize(
    ("code", "action"),
    [
        ("const { session } = parseCookies(event); return { signedIn: Boolean(session) };", "read"),
        ("const body = await readBody(event); return save(body);", "write"),
        ('if (event.method === "DELETE") { await drop(event); } return [];', "write"),
        ("await prisma.visit.create({ data: {} }); return [];", "write"),
        ("return handle(event);", "write"),
        ('const client = await serverSupabaseClient(event); return client.from("notes").select();', "read"),
        ("await new Promise((done) => setTimeout(done, 9)); return pages;", "read"),
    ],
    ids=["cookies", "a body", "a method", "a record", "handed on", "a client that reads", "a pause"],
)
def test_a_handler_for_any_method_that_only_reads_changes_nothing_by_another(
    code: str, action: str, tmp_path: Path
) -> None:
    found = app(
        tmp_path,
        "nuxt",
        {"server/api/check.ts": f"export default defineEventHandler(async (event) => {{ {code} }});\n"},
    )
    assert [one(found, f"{method} /api/check").action for method in ("GET", "PUT", "DELETE")] == [
        "read",
        action,
        action,
    ]


def test_what_a_handler_for_any_method_changes_is_told_once(tmp_path: Path) -> None:
    files = {
        "server/api/note.ts": "export default defineEventHandler(async (event) => { const body = await readBody(event); return save(body); });\n",
        "server/api/both.ts": 'export default defineEventHandler(async (event) => { if (event.method === "DELETE") { await drop(event); } return save(await readBody(event)); });\n',
    }
    told = {endpoint.name for endpoint in told_once(app(tmp_path, "nuxt", files).endpoints)}
    assert {name for name in told if name.endswith("/note")} == {"GET /api/note", "POST /api/note"}
    assert {"DELETE /api/both", "PUT /api/both"} <= told


def test_remote_functions_are_said_to_be_missing(tmp_path: Path) -> None:
    files = {
        "src/routes/+page.svelte": "<h1>Hi</h1>",
        "src/lib/posts.remote.ts": 'import { query } from "$app/server";\nexport const getPosts = query(async () => db.posts());\n',
    }
    found = app(tmp_path, "@sveltejs/kit", files)
    assert ["remote functions" in unread.reason for unread in found.unread] == [True]


_EACH = """export default defineEventHandler(async (event) => {
  const method = getMethod(event);
  switch (method) {
    case 'GET': return await prisma.note.findMany();
    case 'POST': return await prisma.note.create({ data: await readBody(event) });
    default: throw createError({ statusCode: 405 });
  }
});
"""


def test_methods_that_a_route_of_nuxt_refuses_are_no_ways_in(tmp_path: Path) -> None:
    found = app(tmp_path, "nuxt", {"server/api/notes.ts": _EACH})
    assert {e.name: e.action for e in found.endpoints} == {"GET /api/notes": "read", "POST /api/notes": "write"}


def test_a_route_of_nuxt_that_only_handles_one_method_apart_answers_all(tmp_path: Path) -> None:
    code = "export default defineEventHandler(async (event) => { if (event.method === 'OPTIONS') return 'ok'; return await prisma.note.create({ data: await readBody(event) }); });"
    found = who(app(tmp_path, "nuxt", {"server/api/notes.ts": code}))
    assert {"GET /api/notes", "POST /api/notes", "DELETE /api/notes"} <= set(found)


def test_hooks_in_a_sequence_look_at_the_route_and_the_app_may_stand_below_a_path(tmp_path: Path) -> None:
    """svelte.dev/docs/kit: ``route.id`` keeps the groups that the address does not, ``sequence`` runs hooks of other files."""
    found = app(
        tmp_path,
        "@sveltejs/kit",
        {
            "svelte.config.js": 'export default { kit: { paths: { base: "/desk" } } };\n',
            "src/hooks.server.ts": 'import { sequence } from "@sveltejs/kit/hooks";\nimport { keep } from "./keep";\n'
            "const load = async ({ event, resolve }) => resolve(event);\nexport const handle = sequence(load, keep);\n",
            "src/keep.ts": 'import { redirect, error } from "@sveltejs/kit";\nexport const keep = async ({ event, resolve }) => {\n'
            '  if (event.route.id?.startsWith("/(members)") && !event.locals.user) redirect(303, "/login");\n'
            '  if (event.url.pathname.startsWith("/desk/api") && !event.locals.user) error(401, "no");\n  return resolve(event);\n};\n',
            "src/routes/(members)/notes/+page.server.ts": "export const load = async () => ({});\n",
            "src/routes/(public)/about/+page.server.ts": "export const load = async () => ({});\n",
            "src/routes/api/notes/+server.ts": "export const GET = async () => new Response();\n",
        },
    )
    assert who(found) == {
        "GET /desk/notes": "guarded",
        "GET /desk/about": "open",
        "GET /desk/api/notes": "guarded",
    }


_SIGNED_IN = (
    'import { redirect } from "react-router";\nexport async function signedIn({ request }) {\n'
    '  const user = await userOf(request);\n  if (!user) throw redirect("/login");\n}\n'
)


def test_middleware_of_a_route_module_stands_before_what_is_below_it(tmp_path: Path) -> None:
    """reactrouter.com, middleware: that of a layout runs for its children, whether listed or nested by their names."""
    keeps = 'import { signedIn } from "~/signed-in";\nexport const middleware = [signedIn];\nexport default function L() { return null; }\n'
    loads = "export async function loader() { return {}; }\n"
    listed = app(
        tmp_path / "listed",
        "@react-router/node",
        {
            "tsconfig.json": '{"compilerOptions": {"paths": {"~/*": ["./app/*"]}}}',
            "app/signed-in.ts": _SIGNED_IN,
            "app/routes.ts": 'import { index, layout, route } from "@react-router/dev/routes";\n'
            'export default [index("./home.tsx"), layout("./desk.tsx", [route("notes", "./notes.tsx")]), route("one", "./desk.tsx")];\n',
            "app/home.tsx": loads,
            "app/desk.tsx": keeps,
            "app/notes.tsx": loads,
        },
    )
    assert who(listed) == {"GET /": "open", "GET /notes": "guarded", "GET /one": "guarded"}
    named = app(
        tmp_path / "named",
        "@remix-run/react",
        {
            "tsconfig.json": '{"compilerOptions": {"paths": {"~/*": ["./app/*"]}}}',
            "app/signed-in.ts": _SIGNED_IN,
            "app/routes/_desk.tsx": keeps,
            "app/routes/_desk.notes.tsx": loads,
            "app/routes/about.tsx": loads,
        },
    )
    assert {name: verdict for name, verdict in who(named).items() if name != "GET /"} == {
        "GET /notes": "guarded",
        "GET /about": "open",
    }


def test_what_a_handler_of_nuxt_asks_before_it_answers(tmp_path: Path) -> None:
    """h3.dev, event handlers: ``onRequest`` runs first. nuxt-auth-utils: ``requireUserSession`` throws, and is heeded when it is waited for."""
    ask = "(event) => { if (!event.context.user) throw createError({ statusCode: 401 }); }"
    answers = "async handler(event) { return []; }"
    found = app(
        tmp_path,
        "nuxt",
        {
            "server/api/asked.get.ts": f"export default defineEventHandler({{ onRequest: [{ask}], {answers} }});\n",
            "server/api/plain.get.ts": f"export default defineEventHandler({{ {answers} }});\n",
            "server/api/session.get.ts": "export default defineEventHandler(async (event) => {\n"
            "  const { user } = await requireUserSession(event);\n  return { user };\n});\n",
        },
    )
    assert who(found) == {"GET /api/asked": "guarded", "GET /api/plain": "open", "GET /api/session": "guarded"}


def test_middleware_of_react_router_that_picks_paths_keeps_those_alone(tmp_path: Path) -> None:
    code = (
        'import { redirect } from "react-router";\nconst KEPT = ["/desk", "/settings"];\n'
        "const isKept = (pathname) => KEPT.some((one) => pathname.startsWith(one));\n"
        "export async function asks({ request }, next) {\n  const url = new URL(request.url);\n  const session = await getSession(request);\n"
        '  if (isKept(url.pathname)) {\n    if (!session) throw redirect("/sign-in");\n    return next();\n  }\n  return next();\n}\n'
    )
    loads = "export async function loader() { return {}; }\n"
    found = app(
        tmp_path,
        "@react-router/dev",
        {
            "tsconfig.json": '{"compilerOptions": {"paths": {"~/*": ["./app/*"]}}}',
            "app/asks.ts": code,
            "app/root.tsx": 'import { asks } from "~/asks";\nexport const middleware = [asks];\n',
            "app/routes.ts": 'import { index, route } from "@react-router/dev/routes";\n'
            'export default [index("./home.tsx"), route("desk", "./desk.tsx"), route("sign-in", "./sign-in.tsx")];\n',
            "app/home.tsx": loads,
            "app/desk.tsx": loads,
            "app/sign-in.tsx": loads,
        },
    )
    assert who(found) == {"GET /": "open", "GET /desk": "guarded", "GET /sign-in": "open"}


def test_a_hook_of_sveltekit_that_leaves_it_to_a_library_is_unknown(tmp_path: Path) -> None:
    hooks = (
        'import { redirect } from "@sveltejs/kit";\nimport { authGuard } from "$lib/guard";\n'
        "export const handle = async ({ event, resolve }) => {\n  if (!event.route.id) {\n    redirect(302, '/login');\n  }\n  ASKS\n  return resolve(event);\n};\n"
    )
    loads = "export const load = async () => ({ notes: await db.notes() });\n"

    def found(asks: str) -> dict[str, str]:
        files = {"src/hooks.server.ts": hooks.replace("ASKS", asks), "src/routes/notes/+page.server.ts": loads}
        return who(app(tmp_path, "@sveltejs/kit", {**files, "src/routes/notes/+page.svelte": "<p>notes</p>"}))

    assert found("authGuard(event);") == {"GET /notes": "unknown"}
    assert found("") == {"GET /notes": "open"}


@pytest.mark.parametrize(
    ("name", "settings", "folder"),
    [
        ("react-router.config.ts", 'export default { ssr: true, appDirectory: "./src" };\n', "src"),
        (
            "vite.config.ts",
            'export default defineConfig({ plugins: [remix({ appDirectory: "client/app/" })] });\n',
            "client/app",
        ),
        ("react-router.config.ts", "export default { ssr: true };\n", "app"),
    ],
    ids=["its own settings", "those of Vite", "none"],
)
def test_the_folder_of_the_app_is_where_the_settings_say(name: str, settings: str, folder: str, tmp_path: Path) -> None:
    files = {
        name: settings,
        f"{folder}/routes.ts": 'import { flatRoutes } from "@react-router/fs-routes";\nexport default flatRoutes();\n',
        f"{folder}/routes/api.notes.$id.ts": "export async function action({ request }) { await db.notes.update(await request.json()); return {}; }\n",
        "elsewhere/routes/other.ts": "export async function loader() { return db.others.all(); }\n",
    }
    assert set(who(app(tmp_path, "@react-router/dev", files))) >= {"POST /api/notes/{id}"}
    assert "GET /other" not in who(app(tmp_path, "@react-router/dev", files))
