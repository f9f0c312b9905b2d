"""Next.js: files as routes, the methods they answer, server actions, and the middleware before them (nextjs.org/docs)."""

from pathlib import Path

import pytest
from launchready.core.ways import told_once
from launchready.model.surface import Surface
from launchready.sources.gates import Gate, matches

from tests.sources import reading
from tests.sources.reading import one, who


def app(root: Path, files: dict[str, str]) -> Surface:
    """The surface of a Next.js app with these files."""
    return reading.app(root, files, "next")


def test_folders_are_paths(tmp_path: Path) -> None:
    route = "export async function GET() { return Response.json([]); }\n"
    found = app(
        tmp_path,
        {
            "src/app/api/members/[id]/route.ts": route,
            "src/app/(shop)/api/offers/route.ts": route,
            "src/app/api/files/[...path]/route.ts": route,
            "src/app/_lib/route.ts": route,
            "src/app/@modal/(.)photo/route.ts": route,
            "src/app/page.tsx": "export default function Page() { return null; }",
            "src/app/docs/[[...slug]]/page.tsx": "export default function Page() { return null; }",
            "src/pages/about.tsx": "export default function About() { return null; }",
            "src/pages/_app.tsx": "export default function App() { return null; }",
            "src/components/route.ts": route,
        },
    )
    assert {endpoint.name for endpoint in found.endpoints} == {
        "GET /api/members/{id}",
        "GET /api/offers",
        "GET /api/files/{path}",
        "GET /",
        "GET /docs/{slug}",
        "GET /about",
    }


def test_only_exported_methods_answer(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "lib/handlers.ts": "export async function list() { return Response.json([]); }\nexport const add = async (req: Request) => { const { title, due } = await req.json(); await db.insert(tasks); };\n",
            "app/api/tasks/route.ts": 'export { list as GET, add as POST } from "../../../lib/handlers";\nexport const dynamic = "force-dynamic";\n',
            "pages/api/notes.ts": 'export default function handler(req, res) {\n  switch (req.method) {\n    case "GET": return res.json([]);\n    case "DELETE": return res.json({});\n    default: return res.status(405).end();\n  }\n}\n',
            "pages/api/ping.ts": 'export default (req, res) => { if (req.method !== "POST") return res.status(405).end(); res.end(); }\n',
            "pages/api/any.ts": "export default function handler(req, res) { res.json(req.query.q); }\n",
        },
    )
    names = {endpoint.name for endpoint in found.endpoints}
    assert {"GET /api/tasks", "POST /api/tasks", "GET /api/notes", "DELETE /api/notes", "POST /api/ping"} <= names
    assert {name for name in names if name.endswith("/api/any")} == {
        f"{method} /api/any" for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    }
    assert not {"POST /api/notes", "GET /api/ping", "DELETE /api/tasks"} & names
    assert {given.name for given in one(found, "POST /api/tasks").inputs} == {"title", "due"}


def test_handlers_guard_themselves_or_are_wrapped(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "lib/auth.ts": 'export function withUser(handler) {\n  return async (req) => {\n    const session = await getServerSession(options);\n    if (!session) return new Response("no", { status: 401 });\n    return handler(req, session);\n  };\n}\n',
            "app/api/a/route.ts": 'import { withUser } from "@/lib/auth";\nexport const GET = withUser(async (req) => Response.json([]));\n',
            "app/api/b/route.ts": 'export async function GET() {\n  const { userId } = await auth();\n  if (!userId) return NextResponse.json({ error: "no" }, { status: 401 });\n  return Response.json([]);\n}\n',
            "app/api/c/route.ts": "export async function GET() { return Response.json([]); }\n",
            "app/api/d/route.ts": 'import { gate } from "some-package";\nexport const GET = gate(async () => Response.json([]));\n',
            "app/account/page.tsx": 'export default async function Page() {\n  const user = await currentUser();\n  if (!user) redirect("/login");\n  return null;\n}\n',
            "app/team/layout.tsx": 'export default async function Layout() {\n  const user = await currentUser();\n  if (!user) redirect("/login");\n  return null;\n}\n',
            "app/team/list/page.tsx": "export default function Page() { return null; }",
        },
    )
    assert who(found) == {
        "GET /api/a": "guarded",
        "GET /api/b": "guarded",
        "GET /api/c": "open",
        "GET /api/d": "unknown",
        "GET /account": "guarded",
        "GET /team/list": "unknown",
    }


def test_server_actions_are_ways_in(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "app/actions.ts": '"use server";\nexport async function remove(id: string) { await db.delete(tasks); }\nasync function helper() {}\n',
            "app/page.tsx": 'export default function Page() {\n  async function rename(form: FormData) {\n    "use server";\n    await db.update(form.get("title"));\n  }\n  return null;\n}\n',
        },
    )
    assert {"POST /remove", "POST /rename"} <= set(who(found))
    assert "POST /helper" not in who(found)
    assert one(found, "POST /remove").source.what == "server action remove"


ROUTES = {
    f"app{path}/route.ts": "export async function GET() { return Response.json([]); }\n"
    for path in ("/api/members", "/api/public/offers", "/login", "/dashboard/stats")
}
SUPABASE = """
export async function middleware(request) {
  const { data: { user } } = await supabase.auth.getUser();
  if (!user && !request.nextUrl.pathname.startsWith("/login") && !request.nextUrl.pathname.startsWith("/api/public")) {
    const url = request.nextUrl.clone();
    url.pathname = "/login";
    return NextResponse.redirect(url);
  }
  return response;
}
"""
CLERK = """
import { clerkMiddleware, createRouteMatcher } from "@clerk/nextjs/server";
const isPublic = createRouteMatcher(["/login(.*)", "/api/public(.*)"]);
export default clerkMiddleware(async (auth, req) => {
  if (!isPublic(req)) await auth.protect();
});
"""
CLERK_SOME = (
    CLERK.replace("isPublic", "isProtected")
    .replace("!isProtected", "isProtected")
    .replace('"/login(.*)", "/api/public(.*)"', '"/dashboard(.*)"')
)
NEXTAUTH = 'export { default } from "next-auth/middleware";\nexport const config = { matcher: ["/dashboard/:path*", "/api/((?!public).*)"] };\n'


# The door of a firm that does not pay is shut for everybody, and open for everybody else.
LOCKED_DOWN = """
export default async function middleware(request) {
  const { suspended, blockReason } = await firmAt(request.headers.get("host"));
  const session = request.cookies.get("session");
  const shut = suspended ? "SUSPENDED" : null;
  if (shut) {
    return new NextResponse(page(blockReason), { status: 403 });
  }
  return NextResponse.next();
}
"""
SIGNED_IN_LEAVE = """
const doors = ["/login"];
const HOME_AFTER_LOGIN = "/dashboard/stats";
export default auth((req) => {
  const isLoggedIn = !!req.auth;
  const isDoor = doors.includes(req.nextUrl.pathname);
  if (req.nextUrl.pathname.startsWith("/api/public")) return null;
  if (isDoor) {
    if (isLoggedIn) return Response.redirect(new URL(HOME_AFTER_LOGIN, req.nextUrl));
    return null;
  }
  if (!isLoggedIn) return Response.redirect(new URL("/login", req.nextUrl));
});
"""
# As supabase.com/docs (server-side auth, Next.js) writes it.
SUPABASE_MATCHER = (
    SUPABASE
    + 'export const config = { matcher: ["/((?!_next/static|_next/image|favicon.ico|.*\\\\.(?:svg|png|webp)$).*)"] };\n'
)


@pytest.mark.parametrize(
    ("middleware", "guarded"),
    [
        (SUPABASE, {"/api/members", "/dashboard/stats"}),
        (CLERK, {"/api/members", "/dashboard/stats"}),
        (CLERK_SOME, {"/dashboard/stats"}),
        (NEXTAUTH, {"/api/members", "/dashboard/stats"}),
        ("export function middleware(req) { return NextResponse.next(); }", set()),
        (
            'const open = ["/login", "/api/public/offers"];\nexport function proxy(req) {\n  if (open.includes(req.nextUrl.pathname)) return NextResponse.next();\n  if (!req.cookies.get("session")) return new NextResponse("no", { status: 401 });\n}\nexport const config = { matcher: "/api/:path*" };\n',
            {"/api/members"},
        ),
        (LOCKED_DOWN, set()),
        (
            LOCKED_DOWN.replace("suspended", "!session"),
            {"/api/members", "/dashboard/stats", "/login", "/api/public/offers"},
        ),
        (SIGNED_IN_LEAVE, {"/api/members", "/dashboard/stats"}),
        (SUPABASE_MATCHER, {"/api/members", "/dashboard/stats"}),
    ],
    ids=[
        "supabase",
        "clerk",
        "clerk some",
        "next-auth",
        "nothing",
        "list and matcher",
        "a service that rests",
        "a session",
        "who is signed in leaves",
        "matcher with a group",
    ],
)
def test_a_middleware_guards_what_it_covers(middleware: str, guarded: set[str], tmp_path: Path) -> None:
    name = "proxy.ts" if "function proxy" in middleware else "middleware.ts"
    found = app(tmp_path, {**ROUTES, name: middleware})
    verdicts = {endpoint.path: endpoint.access.verdict.value for endpoint in found.endpoints}
    assert {path for path, verdict in verdicts.items() if verdict == "guarded"} == guarded
    assert set(verdicts.values()) <= {"guarded", "open"}


def test_a_middleware_knows_paths_that_another_file_defines(tmp_path: Path) -> None:
    middleware = 'import { api, doors } from "./routes";\nexport function middleware(req) {\n  const path = req.nextUrl.pathname;\n  if (path.startsWith(api) || doors.includes(path)) return null;\n  if (!req.cookies.get("session")) return Response.redirect(new URL("/login", req.url));\n}\n'
    paths = 'export const api = "/api/public";\nexport const doors = ["/login"];\n'
    found = who(app(tmp_path, {**ROUTES, "middleware.ts": middleware, "routes.ts": paths}))
    assert {name for name, verdict in found.items() if verdict == "guarded"} == {
        "GET /api/members",
        "GET /dashboard/stats",
    }


def test_a_helper_that_only_answers_no_refuses(tmp_path: Path) -> None:
    files = {
        "lib/errors.ts": 'export function apiError(status: number, detail: string) {\n  return NextResponse.json({ detail }, { status });\n}\nexport function unauthorized(detail = "sign in") {\n  return apiError(401, detail);\n}\nexport function notAllowedHere() {\n  return apiError(400, "no");\n}\n',
        "lib/auth.ts": 'import { unauthorized, notAllowedHere } from "./errors";\nexport async function ask(req) {\n  const header = req.headers.get("authorization");\n  const user = await fromHeader(header);\n  if (!user) return unauthorized();\n  return { user };\n}\nexport async function looks(req) {\n  const header = req.headers.get("authorization");\n  const user = await fromHeader(header);\n  if (!user) return notAllowedHere();\n  return { user };\n}\n',
    }
    for name in ("ask", "looks"):
        files[f"app/api/{name}/route.ts"] = (
            f'import {{ {name} }} from "@/lib/auth";\nexport async function GET(req) {{\n  const asked = await {name}(req);\n  if (asked instanceof Response) return asked;\n  return Response.json(await db.all());\n}}\n'
        )
    found = who(app(tmp_path, files))
    assert found["GET /api/ask"] == "guarded"
    assert found["GET /api/looks"] != "guarded"


def test_a_middleware_asks_a_helper_with_two_ways_out(tmp_path: Path) -> None:
    middleware = """
const whole = ["/login"];
const starts = ["/api/public"];
function isOpen(pathname: string): boolean {
  // a page
  if (whole.includes(pathname)) return true;
  return starts.some((one) => pathname.startsWith(one));
}
export default auth((req) => {
  if (isOpen(req.nextUrl.pathname)) return NextResponse.next();
  if (!req.auth) return NextResponse.redirect(new URL("/login", req.url));
});
"""
    found = who(app(tmp_path, {**ROUTES, "middleware.ts": middleware}))
    assert {name for name, verdict in found.items() if verdict == "guarded"} == {
        "GET /api/members",
        "GET /dashboard/stats",
    }


def test_an_action_asks_for_the_role_that_every_page_with_it_asks_for(tmp_path: Path) -> None:
    middleware = """
export async function middleware(request) {
  const { pathname } = request.nextUrl;
  const token = await getToken({ req: request });
  if (!token) return NextResponse.redirect(new URL("/login", request.url));
  if (pathname.startsWith("/admin") && !token?.isAdmin) return NextResponse.redirect(new URL("/unauthorized", request.url));
}
"""
    page = 'import {{ {0} }} from "@/lib/{0}";\nexport default function Page() {{ return <form action={{{0}}} />; }}\n'
    files = {
        "middleware.ts": middleware,
        "app/admin/page.tsx": page.format("both") + 'import { desk } from "@/lib/desk";\n',
        "app/notes/page.tsx": page.format("both"),
        **{
            f"lib/{name}.ts": f'"use server";\nexport async function {name}(form) {{ await db.update(form); }}\n'
            for name in ("both", "desk")
        },
    }
    found = app(tmp_path, files)
    assert [one(found, f"POST /{name}").access.roles for name in ("both", "desk")] == [(), ("admin",)]


def test_a_middleware_asks_for_a_role_on_some_paths(tmp_path: Path) -> None:
    middleware = """
const desks = ["/dashboard"];
export async function middleware(request) {
  const { pathname } = request.nextUrl;
  const isDesk = desks.some((one) => pathname.startsWith(one));
  const token = await getToken({ req: request });
  if (!token && !pathname.startsWith("/login")) return NextResponse.redirect(new URL("/login", request.url));
  if (isDesk && !token?.isAdmin) return NextResponse.redirect(new URL("/unauthorized", request.url));
}
"""
    found = app(tmp_path, {**ROUTES, "middleware.ts": middleware})
    assert one(found, "GET /dashboard/stats").access.roles == ("admin",)
    assert one(found, "GET /api/members").access.roles == ()


def test_a_middleware_that_cannot_be_followed_leaves_everything_unknown(tmp_path: Path) -> None:
    middleware = 'import { check } from "some-package";\nexport function middleware(req) { return check(req); }\n'
    assert set(who(app(tmp_path, {**ROUTES, "middleware.ts": middleware})).values()) == {"unknown"}


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/admin/:path*", "/admin", True),
        ("/admin/:path*", "/admin/a/b", True),
        ("/admin/:path+", "/admin", False),
        ("/admin/:id", "/admin/{id}", True),
        ("/admin/:id", "/admin/a/b", False),
        ("/((?!api|_next/static).*)", "/api/members", False),
        ("/((?!api|_next/static).*)", "/members", True),
        ("/sign-in(.*)", "/sign-in/factor", True),
        ("/(", "/", False),
    ],
)
def test_matchers(pattern: str, path: str, fits: bool) -> None:
    assert matches(pattern, path) is fits


def test_a_redirect_of_members_is_no_refusal_of_strangers() -> None:
    gate = Gate('if (user && pathname === "/login") { return NextResponse.redirect(new URL("/dashboard", req.url)); }')
    assert not gate.refuses


def test_a_condition_on_another_path_covers_nothing_else() -> None:
    gate = Gate('if (pathname.startsWith("/admin")) { if (!user) { return new Response("no", { status: 401 }); } }')
    assert gate.covers("/admin/users")
    assert not gate.covers("/members")


def test_actions_are_guarded_by_what_wraps_them(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "lib/middleware.ts": 'export function withUser(schema, action) {\n  return async (prev, form: FormData) => {\n    const user = await getUser();\n    if (!user) throw new Error("User is not authenticated");\n    return action(schema.parse(form), user);\n  };\n}\nexport function checked(schema, action) {\n  return async (prev, form) => action(schema.parse(form));\n}\n',
            "app/actions.ts": '"use server";\nimport { checked, withUser } from "@/lib/middleware";\nconst name = z.object({ title: z.string() });\nexport const rename = withUser(name, async (data, user) => { await db.update(data.title); });\nexport const signIn = checked(name, async (data) => { return data; });\n',
        },
    )
    assert who(found) == {"POST /rename": "guarded", "POST /signIn": "open"}


def test_a_helper_that_speaks_of_access_is_never_called_open(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "lib/gateway.ts": "export const proxy = async (request: Request) => {\n  const answer = await authorizeGateway({ request, rules });\n  if (!answer.ok) return answer;\n  return fetch(target);\n};\n",
            "app/api/hub/route.ts": 'import { proxy } from "@/lib/gateway";\nexport async function GET(request: Request) { return await proxy(request); }\n',
        },
    )
    assert who(found) == {"GET /api/hub": "unknown"}
    assert "authorizeGateway" in one(found, "GET /api/hub").access.evidence[0].what


def test_clients_of_actions_are_followed_through_their_chain(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "lib/client.ts": 'import { createSafeActionClient } from "next-safe-action";\nexport const base = createSafeActionClient({ handleServerError });\nexport const signedIn = base.use(async ({ next }) => {\n  const session = await getServerSession(options);\n  if (!session) throw new AuthenticationError("Not authenticated");\n  return next({ ctx: { session } });\n});\n',
            "app/actions.ts": '"use server";\nimport { base, signedIn } from "@/lib/client";\nimport { other } from "some-package";\nexport const rename = signedIn.inputSchema(schema).action(async ({ ctx }) => { await db.update(ctx); });\nexport const signal = base.inputSchema(schema).action(async () => { await db.insert(1); });\nexport const foreign = other.schema(schema).action(async () => { await db.insert(1); });\n',
        },
    )
    assert who(found) == {"POST /rename": "guarded", "POST /signal": "open", "POST /foreign": "unknown"}


def test_an_action_that_no_browser_calls_is_less_sure_and_a_reading_one_reads(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "app/actions.ts": '"use server";\nexport async function remove(id: string) { await db.delete(id); }\nexport async function getTasks() { return db.select(); }\nexport async function inner() { await db.delete(1); }\n',
            "app/button.tsx": '"use client";\nimport { getTasks, remove } from "./actions";\nexport function Button() { return remove; }\n',
        },
    )
    assert {endpoint.path: (endpoint.confidence, endpoint.action) for endpoint in found.endpoints} == {
        "/remove": (1.0, "write"),
        "/getTasks": (1.0, "read"),
        "/inner": (0.7, "write"),
    }


_ADMINS = {
    "lib/people.ts": """
import { cookies } from "next/headers";
export async function asAdmin() {
  const who = await lookUp((await cookies()).get("session"));
  if (!who) throw new Error("UNAUTHENTICATED");
  if (who.role !== "ADMIN") throw new Error("FORBIDDEN");
  return who;
}
""",
}
_ANSWERED = """
  } catch (error: any) {
    if (error?.message === "UNAUTHENTICATED") return new Response("sign in", { status: 401 });
    if (error?.message === "FORBIDDEN") return new Response("no", { status: 403 });
    return new Response("", { status: 500 });
  }
}
"""


@pytest.mark.parametrize(
    ("asked", "roles"),
    [
        pytest.param("await asAdmin();", ("ADMIN",), id="each time"),
        pytest.param("const who = await asAdmin();", ("ADMIN",), id="for its result"),
        pytest.param("if (request.headers.get('x-all')) { await asAdmin(); }", (), id="only sometimes"),
        pytest.param("const later = async () => { await asAdmin(); };", (), id="in a function of its own"),
        pytest.param("if (known) return Response.json(known);\n    await asAdmin();", (), id="after an answer"),
    ],
)
def test_a_role_that_is_asked_for_in_a_helper_whose_refusal_is_answered_here(
    asked: str, roles: tuple[str, ...], tmp_path: Path
) -> None:
    route = (
        'import { asAdmin } from "../../../lib/people";\n'
        f"export async function GET(request: Request) {{\n  try {{\n    {asked}\n    return Response.json(await all());{_ANSWERED}"
    )
    found = app(tmp_path, {**_ADMINS, "app/api/people/route.ts": route})
    assert one(found, "GET /api/people").access.roles == roles


def test_each_method_of_an_api_route_is_read_by_itself(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "lib/schemas.ts": 'import { z } from "zod";\nexport const noteSchema = z.object({ title: z.string(), due: z.string().optional() });\n',
            "pages/api/notes/[id].ts": """
import { noteSchema } from "../../../lib/schemas";
import { validated } from "../../../lib/validated";
export default async function handler(req, res) {
  switch (req.method) {
    case "GET":
      await show(req, res);
      break;
    case "PUT":
    case "PATCH":
      await change(req, res);
      break;
    default:
      res.status(405).json({ error: `Method ${req.method} not allowed` });
  }
}
const show = async (req, res) => {
  const { id, full } = req.query;
  res.json(await find(id, full));
};
const change = async (req, res) => {
  if (!(await getServerSession(req, res))) return res.status(401).end();
  const { title } = validated(noteSchema, req.body);
  res.json(await save(title));
};
""",
            "pages/api/say.ts": 'export default async function handler(req, res) {\n  if (req.method === "POST") {\n    const session = await getServerSession(req, res);\n    if (!session) { return res.status(401).end(); }\n  }\n  if (req.method === "GET") { return res.json([]); }\n}\n',
        },
    )
    assert who(found) == {
        "GET /api/notes/{id}": "open",
        "PUT /api/notes/{id}": "guarded",
        "PATCH /api/notes/{id}": "guarded",
        "GET /api/say": "open",
        "POST /api/say": "guarded",
    }
    assert [(i.name, i.where) for i in one(found, "GET /api/notes/{id}").inputs] == [("id", "path"), ("full", "query")]
    assert {(i.name, i.where, i.required) for i in one(found, "PUT /api/notes/{id}").inputs} == {
        ("id", "path", True),
        ("title", "body", True),
        ("due", "body", False),
    }


def test_a_method_that_is_not_allowed_refuses_nobody(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "pages/api/up.ts": 'export default function handler(req, res) {\n  const user = req.headers["user-agent"];\n  if (req.method !== "GET") { throw new Error("Method not allowed"); }\n  res.json({ ok: true });\n}\n'
        },
    )
    assert who(found) == {"GET /api/up": "open"}


def test_a_field_that_is_called_as_the_body_is(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "pages/api/told.ts": 'export default async function handler(req, res) {\n  if (req.method === "POST") {\n    const event = req.body;\n    const { event: kind, data } = event;\n    res.json(kind ? data : event.more);\n  }\n}\n'
        },
    )
    assert {i.name for i in one(found, "POST /api/told").inputs} == {"event", "data", "more"}


def test_a_signature_that_a_function_of_ours_verifies(tmp_path: Path) -> None:
    hook = 'export default async function handler(req, res) {\n  if (req.method !== "POST") return res.status(405).end();\n  if (!%s(req)) { res.end(); return; }\n  await keep(req.body);\n  res.end();\n}\n'
    found = app(
        tmp_path,
        {
            "pages/api/told.ts": hook % "verifyWebhookSignature",
            "pages/api/asked.ts": hook % "isInteresting",
        },
    )
    assert one(found, "POST /api/told").access.how == "signature"
    assert one(found, "POST /api/asked").access.verdict.value == "unknown"


PROXY = """import { auth } from "@/lib/auth";
import { NextResponse } from "next/server";
export const proxy = auth((req) => {
  const open = req.nextUrl.pathname.startsWith("/signup");
  if (!req.auth && !open) return NextResponse.redirect(new URL("/login", req.url));
  return NextResponse.next();
});
"""


def test_a_middleware_stands_before_an_action_where_it_stands_before_every_page_that_brings_it(tmp_path: Path) -> None:
    files = {
        "src/proxy.ts": PROXY,
        "src/app/signup/page.tsx": 'import { Form } from "./form";\nexport default function Page() { return <Form />; }\n',
        "src/app/signup/form.tsx": '"use client";\nimport { begin } from "../actions/begin";\nexport function Form() { return <form action={begin} />; }\n',
        "src/app/board/page.tsx": 'import { add } from "../actions/add";\nexport default function Page() { return <form action={add} />; }\n',
        "src/app/actions/begin.ts": '"use server";\nexport async function begin(form) { await db.begin(form); }\n',
        "src/app/actions/add.ts": '"use server";\nexport async function add(form) { await db.add(form); }\n',
    }
    found = who(app(tmp_path, files))
    assert (found["GET /signup"], found["GET /board"]) == ("open", "guarded")
    assert (found["POST /begin"], found["POST /add"]) == ("open", "guarded")


def test_routes_in_a_folder_that_is_called_like_tests_are_served(tmp_path: Path) -> None:
    files = {
        "src/app/api/e2e/reset/route.ts": "export async function DELETE() { return Response.json({}); }\n",
        "src/app/api/e2e/reset/route.test.ts": "export async function POST() { return Response.json({}); }\n",
        "e2e/app/route.ts": "export async function GET() { return Response.json({}); }\n",
    }
    assert who(app(tmp_path, files)) == {"DELETE /api/e2e/reset": "open"}


def test_the_role_that_a_helper_asks_for_and_tells_its_caller(tmp_path: Path) -> None:
    files = {
        "src/lib/gate.ts": """import { auth } from "./auth";
export function isAgent(role) { return role === "agent" || role === "admin"; }
export async function assertAdmin() {
  const session = await auth();
  if (!session?.user) return { ok: false, error: "Sign in" };
  if (session.user.role !== "admin") return { ok: false, error: "Only for administrators" };
  return { ok: true, id: session.user.id };
}
""",
        "src/app/actions.ts": """"use server";
import { auth } from "../lib/auth";
import { assertAdmin, isAgent } from "../lib/gate";
export async function addCategory(form) {
  const gate = await assertAdmin();
  if (!gate.ok) return { error: gate.error };
  await db.add(form);
}
export async function answer(form) {
  const session = await auth();
  if (!session?.user) throw new Error("Unauthorized");
  if (!isAgent(session.user.role)) throw new Error("Only for agents");
  await db.answer(form);
}
""",
    }
    found = app(tmp_path, files)
    roles = {e.path: e.access.roles for e in found.endpoints}
    assert roles == {"/addCategory": ("admin",), "/answer": ("agent", "admin")}


def test_who_compares_a_password_verifies_no_signature(tmp_path: Path) -> None:
    files = {
        "src/lib/password.ts": """import { scryptSync, timingSafeEqual } from "crypto";
export async function verify(password, stored) {
  const [salt, known] = stored.split(".");
  return timingSafeEqual(scryptSync(password, salt, 64), Buffer.from(known, "hex"));
}
""",
        "src/app/actions.ts": """"use server";
import { verify } from "../lib/password";
export async function changeIt({ userId, current, next }) {
  const user = await db.find(userId);
  if (!(await verify(current, user.password))) throw new Error("That is not it");
  await db.change(userId, next);
}
""",
    }
    assert who(app(tmp_path, files)) == {"POST /changeIt": "open"}


_MADE_ANSWERS = """
function answer(status, message) {
  return new Response(JSON.stringify({ error: message }), { status, headers: { "Content-Type": "application/json" } });
}
const told = (status, message) => NextResponse.json({ error: message }, { status: status });
function tell(message, status) { console.error(message, status); }
export async function POST(request) {
  const token = request.headers.get("x-session");
  %s
  await db.poster.create({ data: await request.json() });
  return Response.json({ ok: true });
}
"""


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ('if (!token) return answer(401, "who are you");', "guarded"),
        ('if (!token) return told(401, "who are you");', "guarded"),
        # What is made and given to nobody turns nobody away, and a number in a log does not either.
        ('if (!token) answer(401, "who are you");', "open"),
        ('if (!token) tell("no token", 401);', "open"),
        ('if (!token) return answer(400, "which one");', "open"),
    ],
)
def test_an_answer_of_the_apps_own_refuses_by_the_status_it_is_given(line: str, verdict: str, tmp_path: Path) -> None:
    found = reading.app(tmp_path, {"app/posters/route.js": _MADE_ANSWERS % line}, "next")
    assert who(found) == {"POST /posters": verdict}


@pytest.mark.parametrize(("first", "verdict"), [('"use client";\n', "unknown"), ("", "guarded")])
def test_a_page_of_the_browser_keeps_nobody_out(first: str, verdict: str, tmp_path: Path) -> None:
    page = f'{first}export default async function Page() {{ const session = await auth(); if (!session) throw new Error("Unauthorized"); return <p>hello</p>; }}\n'
    assert who(reading.app(tmp_path, {"app/desk/page.tsx": page}, "next")) == {"GET /desk": verdict}


def test_a_token_of_another_site_that_comes_with_each_call_is_a_guard(tmp_path: Path) -> None:
    """firebase.google.com/docs/auth/admin/verify-id-tokens: who is called by asks whose the token is that the call brings."""
    helper = """
    import { NextRequest, NextResponse } from "next/server";
    import { adminAuth } from "@/lib/admin";
    async function caller(req: NextRequest) {
      const header = req.headers.get("authorization");
      if (!header || !header.startsWith("Bearer ")) throw new Error("Missing token");
      return (await adminAuth.verifyIdToken(header.replace("Bearer ", ""))).uid;
    }
    export async function GET(req: NextRequest) {
      try {
        const uid = await caller(req);
        return NextResponse.json(await db.collection("workspaces").where("owner", "==", uid).get());
      } catch (error) {
        return NextResponse.json({ error: "Unauthorized" }, { status: 401 });
      }
    }
    """
    found = reading.app(tmp_path, {"app/api/workspaces/route.ts": helper}, "next")
    assert who(found) == {"GET /api/workspaces": "guarded"}


_ORIGIN = """
function denied(code) {
  return NextResponse.json({ code }, { status: 403 });
}
export function middleware(request) {
  const { pathname } = request.nextUrl;
  if (pathname.startsWith("/api/") && CONDITION) {
    return denied("no");
  }
  return NextResponse.next();
}
"""


@pytest.mark.parametrize(
    ("condition", "guarded"),
    [
        ('request.headers.get("origin") !== ORIGIN', set()),
        ('!request.cookies.get("session")', {"/api/members", "/api/public/offers"}),
    ],
    ids=["another site", "no session"],
)
def test_a_refusal_in_a_helper_is_come_to_where_that_is_called(
    condition: str, guarded: set[str], tmp_path: Path
) -> None:
    found = app(tmp_path, {**ROUTES, "middleware.ts": _ORIGIN.replace("CONDITION", condition)})
    assert {e.path for e in found.endpoints if e.access.verdict.value == "guarded"} == guarded


def test_a_helper_that_says_by_its_name_that_another_site_asks(tmp_path: Path) -> None:
    code = _ORIGIN.replace("CONDITION", "!same(request)").replace("{ code }", '{ code: "CSRF_ORIGIN_MISMATCH" }')
    found = who(app(tmp_path, {**ROUTES, "middleware.ts": code}))
    assert set(found.values()) == {"open"}


def test_a_helper_that_hands_on_what_it_was_not_given_looks_the_session_up(tmp_path: Path) -> None:
    lib = """import { createClient } from "./server";
export async function userOf(client?: Client) {
  const supabase = client ?? (await createClient());
  const { data: { user } } = await supabase.auth.getUser();
  return user;
}
export async function signedIn(client?: Client) {
  const user = await userOf(client);
  if (!user) return NextResponse.json({ error: "Unauthorized" }, { status: 401 });
  return user;
}
export async function admin(client?: Client) {
  const result = await signedIn(client);
  if (result instanceof NextResponse) return result;
  if (result.role !== "super_admin") return NextResponse.json({ error: "Forbidden" }, { status: 403 });
  return result;
}
"""
    route = 'import { admin } from "@/lib/auth";\nexport async function POST(request: Request) {\n  const found = await admin();\n  if (isError(found)) return found;\n  return Response.json(await save(await request.json()));\n}\n'
    made = one(app(tmp_path, {"lib/auth.ts": lib, "app/api/tasks/route.ts": route}), "POST /api/tasks")
    assert (made.access.verdict.value, made.access.roles) == ("guarded", ("super_admin",))


def test_an_api_route_that_tells_no_methods_apart_is_told_once(tmp_path: Path) -> None:
    code = "export default async function handler(req, res) {\n  res.json(await prisma.note.create({ data: req.body }));\n}\n"
    found = app(tmp_path, {"pages/api/notes.ts": code})
    told = {e.name for e in told_once(found.endpoints)}
    assert {e.name for e in found.endpoints} > told == {"GET /api/notes", "POST /api/notes"}


@pytest.mark.parametrize(
    ("body", "action"),
    [
        ("return <form action={save} />;", "read"),
        ("await prisma.note.create({ data: props }); return <p>made</p>;", "write"),
    ],
)
def test_a_component_in_a_file_of_actions_only_shows(body: str, action: str, tmp_path: Path) -> None:
    code = f'"use server";\nexport async function NoteForm(props) {{\n  {body}\n}}\n'
    assert one(app(tmp_path, {"app/notes/form.tsx": code}), "POST /NoteForm").action == action


def test_a_middleware_that_runs_by_what_a_request_brings_keeps_nobody_out(tmp_path: Path) -> None:
    """nextjs.org/docs, proxy matcher: with ``missing`` it does not run for who sends the header, and ``has`` is left out as easily."""
    found = reading.app(
        tmp_path,
        {
            "middleware.ts": 'import { NextResponse } from "next/server";\n'
            "export function middleware(req) {\n"
            '  if (!req.cookies.get("session")) return NextResponse.json({}, { status: 401 });\n}\n'
            "export const config = { matcher: [\n"
            '  { source: "/api/missing", missing: [{ type: "header", key: "next-router-prefetch" }] },\n'
            '  { source: "/api/has", has: [{ type: "cookie", key: "member" }] },\n'
            '  { source: "/api/plain" },\n] };\n',
            **{f"app/api/{name}/route.ts": _ANSWERS for name in ("missing", "has", "plain", "else")},
        },
        "next",
    )
    assert who(found) == {
        "GET /api/missing": "unknown",
        "GET /api/has": "unknown",
        "GET /api/plain": "guarded",
        "GET /api/else": "open",
    }


_ANSWERS = "export async function GET() { return Response.json({}); }\n"


def test_the_token_of_forms_in_a_helper_asks_nobody_who_they_are(tmp_path: Path) -> None:
    helper = (
        "export async function check(request) {\n  const isValid = await verifyFormToken(request);\n  if (!isValid) {\n"
        '    return NextResponse.json(\n      { error: "SAID" },\n      { status: 403 },\n    );\n  }\n  return null;\n}\n'
    )
    route = (
        'import { check } from "../../check";\nexport async function POST(request) {\n  const refused = await check(request);\n'
        "  if (refused) return refused;\n  await db.note.create({ data: await request.json() });\n  return Response.json({});\n}\n"
    )

    def found(said: str) -> dict[str, str]:
        return who(app(tmp_path, {"app/check.ts": helper.replace("SAID", said), "app/api/notes/route.ts": route}))

    assert found("Invalid CSRF token")["POST /api/notes"] != "guarded"
    assert found("Sign in first")["POST /api/notes"] == "guarded"


def test_the_first_page_in_a_list_of_open_paths_opens_itself_alone(tmp_path: Path) -> None:
    middleware = (
        'const OPEN = ["/", "/sign-in"];\nexport async function middleware(request) {\n  const { pathname } = request.nextUrl;\n'
        "  if (OPEN.some((p) => TEST)) {\n    return NextResponse.next();\n  }\n"
        '  const token = request.cookies.get("token")?.value;\n  const user = await verifyToken(token);\n'
        '  if (!user) return NextResponse.json({ error: "Unauthorized" }, { status: 401 });\n  return NextResponse.next();\n}\n'
    )
    route = "export async function DELETE(request) {\n  await db.note.delete({ where: { id: 1 } });\n  return Response.json({});\n}\n"

    def found(test: str) -> str:
        files = {"middleware.ts": middleware.replace("TEST", test), "app/api/notes/route.ts": route}
        return who(app(tmp_path, files))["DELETE /api/notes"]

    assert found('pathname === p || pathname.startsWith(p + "/")') == "guarded"
    assert found("pathname === p || pathname.startsWith(`${p}/`)") == "guarded"
    assert found("pathname.startsWith(p)") == "open"


def test_a_helper_that_is_told_to_let_strangers_pass_guards_nothing(tmp_path: Path) -> None:
    helper = (
        "export async function requireTier(req, module, options = {}) {\n  if (options.allowAnonymous !== true) {\n"
        '    const header = req.headers.get("Authorization");\n    if (!header) return { ok: false, response: NextResponse.json({ error: "Unauthorized" }, { status: 401 }) };\n  }\n'
        "  return { ok: true };\n}\n"
    )
    route = (
        'import { requireTier } from "../../tier";\nexport async function POST(req) {\n  const gate = await requireTier(req, "desk"GIVEN);\n'
        "  if (!gate.ok) return gate.response;\n  await db.note.create({ data: await req.json() });\n  return Response.json({});\n}\n"
    )

    def found(given: str) -> str:
        files = {"app/tier.ts": helper, "app/api/notes/route.ts": route.replace("GIVEN", given)}
        return who(app(tmp_path, files))["POST /api/notes"]

    assert found("") == "guarded"
    assert found(", { allowAnonymous: false }") == "guarded"
    assert found(", { allowAnonymous: true }") == "unknown"
    assert found(", { required: false }") == "unknown"


def test_an_action_that_is_given_a_table_takes_its_fields(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "db/schema.ts": 'import { sqliteTable, text, integer } from "drizzle-orm/sqlite-core";\nexport const guests = sqliteTable("guests", {\n  id: integer("id").primaryKey(),\n  name: text("name").notNull(),\n  phone: text("phone"),\n});\nexport type NewGuest = typeof guests.$inferInsert;\n',
            "app/actions.ts": '"use server";\nimport { db } from "@/db";\nimport { guests, type NewGuest } from "@/db/schema";\nexport async function addGuest(newGuest: NewGuest) { await db.insert(guests).values(newGuest); }\nexport async function signUpStaff(staff: Staff) { const { username, password, role } = staff; await db.insert(users).values({ username, password: await hash(password), role }); }\nexport async function rename(id: number, title: string) { await db.update(guests).set({ title }).where(eq(guests.id, id)); }\n',
            "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./*"]}}}',
        },
    )
    fields = {
        name: {given.name for given in one(found, f"POST /{name}").inputs} for name in ("addGuest", "signUpStaff")
    }
    assert {"name", "phone"} <= fields["addGuest"]
    assert fields["signUpStaff"] == {"username", "password", "role"}
    assert not one(found, "POST /rename").inputs


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [("userId === sessionId", "open"), ("!session.isLoggedIn", "guarded"), ("session.id === undefined", "guarded")],
)
def test_who_deletes_their_own_account_is_signed_out_and_not_refused(
    tmp_path: Path, condition: str, verdict: str
) -> None:
    action = f'"use server";\nexport async function deleteUser(userId: number, sessionId: number) {{\n  const session = await getSession();\n  if ({condition}) {{\n    session.destroy();\n    redirect("/log-in");\n  }}\n  await db.delete(users).where(eq(users.id, userId));\n}}\n'
    found = app(tmp_path, {"app/actions.ts": action})
    assert who(found)["POST /deleteUser"] == verdict


_CACHED = """
import { cache } from "react";
import { auth } from "@clerk/nextjs/server";
export const signedIn = WRAP(async () => {
  const { userId } = await auth();
  if (!userId) throw new Error("Unauthorized");
  return { userId };
});
export const settings = cache(async () => { return db.settings.first(); });
"""
_ASKS = """
import { settings, signedIn } from "@/lib/session";
export async function POST(request: Request) {
  const [who, body] = await Promise.all([CALLED(), request.json()]);
  await db.notes.insert(body);
  return Response.json({ ok: true });
}
"""


@pytest.mark.parametrize(
    ("wrap", "called", "to"),
    [("cache", "signedIn", "guarded"), ("React.cache", "signedIn", "guarded"), ("cache", "settings", "open")],
)
def test_a_session_that_is_asked_for_once_a_request(wrap: str, called: str, to: str, tmp_path: Path) -> None:
    files = {
        "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./*"]}}}',
        "lib/session.ts": _CACHED.replace("WRAP", wrap),
        "app/api/notes/route.ts": _ASKS.replace("CALLED", called),
    }
    assert who(reading.app(tmp_path, files, "next"))["POST /api/notes"] == to


@pytest.mark.parametrize(
    ("condition", "to"),
    [("isBlocked(ip)", "open"), ("!user", "guarded"), ("!(await mayWrite(auth))", "guarded")],
    ids=["an address", "a person", "a right"],
)
def test_who_is_told_forbidden(condition: str, to: str, tmp_path: Path) -> None:
    source = f"""
import {{ forbidden }} from "@/lib/answers";
export async function POST(request: Request) {{
  const user = await sessionOf(request); const auth = await sessionOf(request); const ip = addressOf(request);
  if ({condition}) {{ return forbidden(); }}
  await db.hits.insert(await request.json());
  return Response.json({{ ok: true }});
}}
"""
    found = who(reading.app(tmp_path, {"app/api/hits/route.ts": source}, "next"))["POST /api/hits"]
    assert (found == "guarded") is (to == "guarded")
