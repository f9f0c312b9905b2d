"""A middleware that leaves some paths to a helper keeps strangers out of those alone; what it asks of other sites it asks of nobody's session."""

from pathlib import Path

import pytest

from tests.sources.reading import app, who

_PAGE = "export default function Page() { return null; }\n"
_PAGES = {f"app/{name}/page.tsx": _PAGE for name in ("login", "news", "admin/people", "desk")}
_SIGNED = """export async function withSignedIn(request, user) {
  if (!user) return NextResponse.redirect(new URL("/login", request.url));
  return NextResponse.next();
}
"""
_PROXY = """import { NextResponse } from "next/server";
import { withSignedIn } from "./lib/signed";
const KEPT = new Set(["/admin", "/desk"]);
export async function proxy(request) {
  const { data: { user } } = await client(request).auth.getUser();
  const { pathname } = request.nextUrl;
  const kept = Array.from(KEPT).some((route) => pathname === route || pathname.startsWith(`${route}/`));
  CHOICE
  return NextResponse.next();
}
"""


@pytest.mark.parametrize(
    "choice",
    [
        'switch (true) {\n    case pathname === "/login":\n      return NextResponse.next();\n    case kept:\n      return await withSignedIn(request, user);\n  }',
        "if (kept) return withSignedIn(request, user);",
        'switch (pathname) {\n    case "/desk":\n      return withSignedIn(request, user);\n    case "/admin/people":\n      return withSignedIn(request, user);\n  }',
    ],
)
def test_a_helper_guards_the_paths_it_is_called_for(choice: str, tmp_path: Path) -> None:
    files = {**_PAGES, "lib/signed.ts": _SIGNED, "proxy.ts": _PROXY.replace("CHOICE", choice)}
    assert who(app(tmp_path, files, "next")) == {
        "GET /login": "open",
        "GET /news": "open",
        "GET /admin/people": "guarded",
        "GET /desk": "guarded",
    }


@pytest.mark.parametrize(("given", "verdict"), [("", "open"), (", { requireAuth: true }", "guarded")])
def test_a_helper_that_asks_nobody_by_default_guards_where_it_is_told_to(
    given: str, verdict: str, tmp_path: Path
) -> None:
    session = """export async function updateSession(request, options = {}) {
  const { requireAuth = false, spared = ["/login"] } = options;
  const { data } = await client(request).auth.getClaims();
  const user = data?.claims;
  if (requireAuth && !user && !spared.some((path) => request.nextUrl.pathname.startsWith(path))) {
    return NextResponse.redirect(new URL("/login", request.url));
  }
  return NextResponse.next();
}
"""
    middleware = f'import {{ updateSession }} from "./lib/session";\nexport async function middleware(request) {{\n  return await updateSession(request{given});\n}}\n'
    found = who(app(tmp_path, {**_PAGES, "lib/session.ts": session, "middleware.ts": middleware}, "next"))
    assert (found["GET /news"], found["GET /login"]) == (verdict, "open")


def test_a_hook_that_refuses_other_sites_guards_nothing(tmp_path: Path) -> None:
    hook = """function isValidOrigin(request, url) { return request.headers.get("origin") === url.origin; }
export const handle = async ({ event, resolve }) => {
  if (event.url.pathname.startsWith("/api/") && !isValidOrigin(event.request, event.url)) {
    if (!event.url.pathname.includes("/webhook")) return new Response("no", { status: 403 });
  }
  if (event.url.pathname.startsWith("/admin") && !event.locals.user) throw redirect(303, "/login");
  return resolve(event);
};
"""
    files = {
        "svelte.config.js": "export default {};\n",
        "src/hooks.server.ts": hook,
        "src/routes/api/bookings/+server.ts": "export async function POST({ request }) { return json(await keep(await request.json())); }\n",
        "src/routes/admin/+page.server.ts": "export const load = async () => ({ people: await everybody() });\n",
    }
    assert who(app(tmp_path, files, "@sveltejs/kit")) == {"POST /api/bookings": "open", "GET /admin": "guarded"}


_KEPT = """import { redirect } from "react-router";
const KEPT = [/^\\/(api(?!\\/hook)|desk)(\\/|$)/, "/chat"];
export const keeper = async ({ request, context }, next) => {
  const current = new URL(request.url).pathname;
  if (isKept(current, KEPT)) {
    const userId = userIdOf(context);
    if (!userId) throw redirect("/login");
  }
  return next();
};
"""
_HELPER = "function isKept(path, kept) {\n  return kept.some((one) => (one instanceof RegExp ? one.test(path) : one === path));\n}\n"


@pytest.mark.parametrize(("helper", "others"), [(_HELPER, "open"), ("", "unknown")], ids=["followed", "out of sight"])
def test_a_middleware_of_react_router_that_asks_a_helper_for_the_path(helper: str, others: str, tmp_path: Path) -> None:
    routes = 'import { route } from "@react-router/dev/routes";\nexport default [route("desk", "routes/desk.tsx"), route("chat", "routes/chat.tsx"), route("store", "routes/store.tsx")];\n'
    page = "export async function loader() { return await shown(); }\nexport default function Page() { return null; }\n"
    files = {
        "react-router.config.ts": "export default {};\n",
        "app/keeper.ts": _KEPT + helper,
        "app/root.tsx": 'import { keeper } from "./keeper";\nexport const middleware = [keeper];\nexport default function Root() { return null; }\n',
        "app/routes.ts": routes,
        **{f"app/routes/{name}.tsx": page for name in ("desk", "chat", "store")},
    }
    found = who(app(tmp_path, files, "react-router"))
    kept = "guarded" if helper else "unknown"
    assert {name: found[name] for name in ("GET /desk", "GET /chat", "GET /store")} == {
        "GET /desk": kept,
        "GET /chat": kept,
        "GET /store": others,
    }


def test_a_middleware_of_nextjs_whose_list_is_out_of_sight_leaves_its_pages_unknown(tmp_path: Path) -> None:
    middleware = """import { isKept } from "@acme/paths";
export async function middleware(request) {
  const { pathname } = request.nextUrl;
  const user = await getUser(request);
  if (!user && isKept(pathname)) return NextResponse.redirect(new URL("/login", request.url));
  return NextResponse.next();
}
"""
    assert set(who(app(tmp_path, {**_PAGES, "middleware.ts": middleware}, "next")).values()) == {"unknown"}
