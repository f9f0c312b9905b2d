"""Who has no session is sent away, wherever to; and what leads to the same pages and is none of it."""

from pathlib import Path

import pytest
from launchready.sources.sent_away import sends_away, signs_in

from tests.sources import reading
from tests.sources.reading import one, who


@pytest.mark.parametrize(
    "code",
    [
        'const session = await getServerSession(options);\nif (!session) { redirect("/welcome"); }',
        'const { data: { user }, error } = await supabase.auth.getUser();\nif (error || !user) redirect("/start")',
        'const user = await getUser();\nif (!user?.id) {\n  return { error: "sign in first" };\n}',
        'const jar = await cookies();\nconst token = jar.get("x");\nconst session = parseCookies(ctx).session;\nif (!session) { return { redirect: { destination: "/hello" } }; }',
        'if (!locals.user) redirect(302, "/");',
        'if (ctx.req.session.user === undefined) { return { redirect: { destination: "/" } }; }',
        'const header = req.headers.get("authorization");\nif (!header || !header.startsWith("Bearer ")) { throw new Error("none"); }\nawait verify(header);',
        'const token = req.headers.authorization?.split(" ")[1];\nif (!token) throw new Error("none");',
        'const header = c.req.header("Authorization");\nconst token = header?.replace("Bearer ", "");\nif (!token) { throw new Error("none"); }',
        'if (!request.headers["authorization"]) throw new Error("none");',
    ],
)
def test_a_session_that_is_missing(code: str) -> None:
    assert sends_away(code)


@pytest.mark.parametrize(
    "code",
    [
        'const user = await prisma.user.findUnique({ where: { resetToken } });\nif (!user) redirect("/login");',
        'const link = await getVerificationToken(token);\nif (!link) { return { redirect: { destination: "/login" } }; }',
        'const session = await auth();\nif (session) redirect("/home");',
        'const session = await auth();\nif (!session) { show("hello"); }\nredirect("/login")',
        'const cart = (await cookies()).get("cart");\nif (!cart) redirect("/shop");',
        'const token = req.body.token?.split(".")[0];\nif (!token) { throw new Error("no token"); }',
        'const type = req.headers.get("content-type");\nif (!type) throw new Error("no type");',
        'const header = req.headers.authorization;\nif (header) { if (!header.length) { throw new Error("empty"); } }',
    ],
)
def test_a_record_that_is_missing_or_a_session_that_is_there(code: str) -> None:
    assert not sends_away(code)


def test_what_a_tool_of_an_assistant_gives_back_sends_nobody_away() -> None:
    tools = """async (req, res) => {
  const tools = { order: tool({ execute: async ({ orderId }) => {
    const user = await getUser(req);
    if (!user) return { error: "not signed in" };
    return orders.find({ orderId });
  } }) };
  res.json(await answer(req.body.messages, tools));
}"""
    assert not sends_away(tools, "req res")
    asked = tools.replace(
        "  const tools", '  const user = await getUser(req);\n  if (!user) return { error: "no" };\n  const tools'
    )
    assert len(sends_away(asked, "req res")) == 1
    # A member of a table that gets the request is a handler.
    actions = "const actions = { save: async ({ locals }) => { if (!locals.user) return { error: 'no' }; } };"
    assert sends_away(actions)


def test_a_code_that_is_brought_is_no_session_that_is_asked_for() -> None:
    exchange = "const { error } = await supabase.auth.exchangeCodeForSession(code);\n"
    assert signs_in(exchange + 'if (error) redirect("/login");')
    assert not signs_in(f'const user = await getUser();\nif (!user) redirect("/login");\n{exchange}')
    assert not signs_in('redirect("/login")')


def test_middleware_sends_strangers_to_any_page(tmp_path: Path) -> None:
    page = "export default function Page() { return null; }"
    found = reading.app(
        tmp_path,
        {
            "middleware.ts": """
import micromatch from "micromatch";
const OPEN = ["/welcome", "/shared/*", "/docs/**"];
export async function middleware(request) {
  const { pathname } = request.nextUrl;
  if (micromatch.isMatch(pathname, OPEN)) { return NextResponse.next(); }
  const welcome = new URL("/welcome", request.url);
  const token = await getToken({ req: request });
  if (!token) { return NextResponse.redirect(welcome); }
  return NextResponse.next();
}
""",
            **{f"app/{name}/page.tsx": page for name in ("welcome", "home", "shared/[id]", "docs", "docs/a/b")},
            "app/shared/[id]/edit/page.tsx": page,
        },
        "next",
    )
    assert who(found) == {
        "GET /welcome": "open",
        "GET /home": "guarded",
        "GET /shared/{id}": "open",
        "GET /shared/{id}/edit": "guarded",
        "GET /docs": "open",
        "GET /docs/a/b": "open",
    }


def test_pages_that_lead_to_the_login_page_for_another_reason_are_not_guarded(tmp_path: Path) -> None:
    def page(body: str) -> str:
        return f"export default function Page() {{ return null; }}\nexport const getServerSideProps = async (ctx) => {{\n{body}\nreturn {{ props: {{}} }};\n}};\n"

    login = 'return { redirect: { destination: "/auth/login" } };'
    found = reading.app(
        tmp_path,
        {
            "pages/home.tsx": page(f"const session = await getSession(ctx);\nif (!session) {{ {login} }}"),
            "pages/unlock.tsx": page(f"const link = await findLink(ctx.query.token);\nawait unlock(link);\n{login}"),
            "pages/auth/callback.tsx": page(""),
            "app/auth/confirm/route.ts": 'export async function GET(request) {\n  const { error } = await supabase.auth.verifyOtp({ type, token_hash });\n  if (!error) redirect("/");\n  redirect("/auth/failed");\n}',
        },
        "next",
    )
    assert who(found) == {
        "GET /home": "guarded",
        "GET /unlock": "unknown",
        "GET /auth/callback": "open",
        "GET /auth/confirm": "open",
    }


def test_a_page_names_the_role_that_a_helper_asks_for_and_not_those_it_shows(tmp_path: Path) -> None:
    found = reading.app(
        tmp_path,
        {
            "lib/roles.ts": 'export async function requireRole(user, role) {\n  if (user.role !== role) throw new Error("Forbidden");\n}\n',
            "app/billing/page.tsx": 'import { requireRole } from "../../lib/roles";\nexport default async function Page() {\n  const user = await getCurrentUser();\n  if (!user) redirect("/");\n  await requireRole(user, "treasurer");\n  return user.role === "owner" ? <Delete /> : null;\n}\n',
            "app/home/page.tsx": 'export default async function Page() {\n  const user = await getCurrentUser();\n  if (!user) redirect("/");\n  return user.role === "owner" ? <Delete /> : null;\n}\n',
        },
        "next",
    )
    assert who(found) == {"GET /billing": "guarded", "GET /home": "guarded"}
    assert one(found, "GET /billing").access.roles == ("treasurer",)
    assert one(found, "GET /home").access.roles == ()


def test_a_layout_that_runs_on_both_sides_leaves_a_doubt(tmp_path: Path) -> None:
    found = reading.app(
        tmp_path,
        {
            "src/routes/account/+layout.ts": 'export const load = async ({ data }) => {\n  const { session } = await getSession(data);\n  if (!session) { redirect(303, "/login"); }\n};\n',
            "src/routes/account/+page.svelte": "<h1>you</h1>",
            "src/routes/+page.svelte": "<h1>all</h1>",
        },
        "@sveltejs/kit",
    )
    assert who(found) == {"GET /account": "unknown", "GET /": "open"}
