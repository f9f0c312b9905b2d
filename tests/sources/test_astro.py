"""Astro: endpoints, pages and actions, and what stands before them."""

from pathlib import Path

from tests.sources.reading import app, one, who

ACTIONS = """
import { defineAction, ActionError } from "astro:actions";
import { z } from "astro:schema";
export const server = {
  notes: {
    add: defineAction({ accept: "form", input: z.object({ title: z.string() }), handler: async (input, context) => { %s return save(input); } }),
  },
  ping: defineAction({ handler: async () => "ok" }),
};
"""
DENIED = 'if (!context.locals.user) throw new ActionError({ code: "UNAUTHORIZED", message: "Sign in" });'


def test_actions(tmp_path: Path) -> None:
    def read(code: str) -> dict[str, str]:
        return who(app(tmp_path, {"src/actions/index.ts": ACTIONS % code}, "astro"))

    assert read("") == {"POST /_actions/notes.add": "open", "POST /_actions/ping": "open"}
    assert read(DENIED)["POST /_actions/notes.add"] == "guarded"
    found = app(tmp_path, {"src/actions/index.ts": ACTIONS % ""}, "astro")
    assert [given.name for given in one(found, "POST /_actions/notes.add").inputs] == ["title"]


def test_endpoints_and_pages_by_their_files(tmp_path: Path) -> None:
    files = {
        "src/pages/index.astro": "---\nconst a = 1;\n---\n<h1>Hi</h1>\n",
        "src/pages/account.astro": '---\nconst user = Astro.locals.user;\nif (!user) return Astro.redirect("/welcome");\n---\n<h1>You</h1>\n',
        "src/pages/_draft.astro": "<h1>No</h1>\n",
        "src/pages/api/notes/[id].ts": "export const GET = async ({ params }) => new Response();\n"
        'export const DELETE = async ({ locals }) => { if (!locals.user) return new Response("No", { status: 401 }); return new Response(); };\n',
        "src/pages/feed.json.js": "export const prerender = true;\nexport async function GET() { return new Response(); }\n",
    }
    assert who(app(tmp_path, files, "astro")) == {
        "GET /": "open",
        "GET /account": "guarded",
        "GET /api/notes/{id}": "open",
        "DELETE /api/notes/{id}": "guarded",
        "GET /feed.json": "open",
    }


def test_a_middleware_before_a_part_of_the_site(tmp_path: Path) -> None:
    files = {
        "src/middleware.ts": 'import { defineMiddleware } from "astro:middleware";\nexport const onRequest = defineMiddleware(async (context, next) => {\n'
        '  if (context.url.pathname.startsWith("/admin") && !context.locals.user) { return context.redirect("/login"); }\n  return next();\n});\n',
        "src/pages/admin/users.astro": "<h1>Users</h1>\n",
        "src/pages/about.astro": "<h1>About</h1>\n",
    }
    assert who(app(tmp_path, files, "astro")) == {"GET /admin/users": "guarded", "GET /about": "open"}
