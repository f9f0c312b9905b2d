"""Convex: which functions any visitor can call, and what they make of who calls them."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who

SERVER = 'import { query, mutation, internalMutation, action, httpAction } from "./_generated/server";\nimport { v } from "convex/values";\n'
HELPERS = """
import { getAuthUserId } from "@convex-dev/auth/server";
export async function signedIn(ctx) {
  const identity = await ctx.auth.getUserIdentity();
  if (identity === null) { throw new Error("Called without a session"); }
  return identity;
}
export async function current(ctx) {
  const userId = await getAuthUserId(ctx);
  if (!userId) return null;
  return await ctx.db.get(userId);
}
"""


def notes(root: Path, code: str, imports: str = "") -> str:
    files = {
        "convex/helpers.ts": HELPERS,
        "convex/notes.ts": f"{SERVER}{imports}export const remove = mutation({{\n  args: {{ id: v.id('notes'), by: v.optional(v.string()) }},\n"
        f"  handler: async (ctx, args) => {{\n    {code}\n    await ctx.db.delete(args.id);\n  }},\n}});\n",
    }
    return one(app(root, files, "convex"), "POST /api/run/notes/remove").access.verdict.value


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("", "open"),
        (
            'const identity = await ctx.auth.getUserIdentity();\nif (!identity) throw new Error("No user here");',
            "guarded",
        ),
        ("const who = await ctx.auth.getUserIdentity();\nif (who === null) { return; }", "guarded"),
        ("await signedIn(ctx);", "guarded"),
        ("const user = await current(ctx);\nif (!user) { throw new ConvexError('Who?'); }", "guarded"),
        # It is looked up, and nothing is made of it.
        ("const user = await current(ctx);\nawait log(user?.name);", "unknown"),
        # A stranger says what the record is told to be like.
        (
            'const note = await ctx.db.get(args.id);\nif (note.by !== args.by) throw new Error("Not authorized");',
            "unknown",
        ),
    ],
)
def test_what_a_mutation_makes_of_who_calls(tmp_path: Path, code: str, word: str) -> None:
    assert notes(tmp_path, code, 'import { signedIn, current } from "./helpers";\n') == word


def test_only_public_functions_are_ways_in(tmp_path: Path) -> None:
    files = {
        "convex/team/notes.ts": SERVER
        + "export const list = query(async (ctx) => ctx.db.query('notes').collect());\nexport const sync = internalMutation({ handler: async (ctx) => {} });\n"
        "export const ask = action({ args: { text: v.string() }, handler: async (ctx, args) => {} });\nexport const size = 3;\n",
        "convex/_generated/server.js": "export const query = queryGeneric;\n",
    }
    found = app(tmp_path, files, "convex")
    assert who(found) == {"POST /api/run/team/notes/list": "open", "POST /api/run/team/notes/ask": "open"}
    assert [one(found, f"POST /api/run/team/notes/{name}").action for name in ("list", "ask")] == ["read", "write"]
    assert all(endpoint.hosted for endpoint in found.endpoints)


def test_a_builder_of_the_app_asks_for_all_that_is_built_with_it(tmp_path: Path) -> None:
    def read(helper: str) -> dict[str, str]:
        files = {
            "convex/helpers.ts": HELPERS,
            "convex/builders.ts": 'import { customQuery, customCtx } from "convex-helpers/server/customFunctions";\nimport { query } from "./_generated/server";\n'
            f'import {{ signedIn, current }} from "./helpers";\nexport const authedQuery = customQuery(query, customCtx(async (ctx) => ({{ user: await {helper}(ctx) }})));\n',
            "convex/notes.ts": 'import { authedQuery } from "./builders";\nimport type { Id } from "./_generated/server";\nexport const mine = authedQuery({ args: {}, handler: async (ctx) => ctx.user });\n',
        }
        return who(app(tmp_path, files, "convex"))

    assert read("signedIn") == {"POST /api/run/notes/mine": "guarded"}
    assert read("current") == {"POST /api/run/notes/mine": "unknown"}


def test_routes_of_the_http_router(tmp_path: Path) -> None:
    files = {
        "convex/http.ts": SERVER
        + 'import { httpRouter } from "convex/server";\nconst http = httpRouter();\n'
        + "const add = httpAction(async (ctx, request) => { const { title } = await request.json(); return new Response(); });\n"
        + 'http.route({ path: "/notes", method: "POST", handler: add });\n'
        + 'http.route({ pathPrefix: "/files/", method: "GET", handler: httpAction(async (ctx, request) => {\n'
        + '  if (request.headers.get("x-api-key") !== process.env.API_KEY) return new Response("No", { status: 401 });\n  return new Response(); }) });\nexport default http;\n',
    }
    found = app(tmp_path, files, "convex")
    assert who(found) == {"POST /notes": "open", "GET /files/{path}": "guarded"}
    assert [given.name for given in one(found, "POST /notes").inputs] == ["title"]


_PEOPLE = """export const current = query({ args: {}, handler: async (ctx) => {
  const userId = await getAuthUserId(ctx);
  if (!userId) return null;
  return await ctx.db.get(userId);
} });
export const named = internalQuery({ args: {}, handler: async (ctx, args) => await ctx.db.get(args.id) });
"""


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("const who = await ctx.runQuery(api.team.people.current, {}); if (!who || !who.plan) throw new Error('no');", "guarded"),
        ("const who = await ctx.runQuery(api.team.people.current, {}); await note(who?.name);", "unknown"),
        ("const who = await ctx.runQuery(internal.team.people.named, { id: args.id }); if (!who) throw new Error('no');", "open"),
    ],
)  # fmt: skip
def test_another_function_of_the_project_may_ask_who_calls(code: str, verdict: str, tmp_path: Path) -> None:
    head = 'import { getAuthUserId } from "@convex-dev/auth/server";\n'
    files = {
        "convex/team/people.ts": SERVER.replace("./_gen", "../_gen") + head + _PEOPLE,
        "convex/pay.ts": f"{SERVER}export const open = action({{ args: {{}}, handler: async (ctx, args) => {{ {code} await bill(); }} }});\n",
    }
    assert one(app(tmp_path, files, "convex"), "POST /api/run/pay/open").access.verdict.value == verdict
