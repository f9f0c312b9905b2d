"""TanStack Start: server functions and server routes, and the middleware before them."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who

AUTH = """
import { createMiddleware } from "@tanstack/react-start";
import { redirect } from "@tanstack/react-router";
import { badRequest } from "./errors";
export const signedIn = createMiddleware({ type: "function" }).server(async ({ next }) => {
  const session = await auth.api.getSession({ headers: getRequestHeaders() });
  if (!session) { throw redirect({ to: "/welcome" }); }
  return next({ context: { user: session.user } });
});
export const asMember = createMiddleware().middleware([signedIn]).server(async ({ next }) => next());
export const withRole = (role) => createMiddleware().server(async ({ next }) => {
  const session = await useAppSession();
  if (session.role !== role) { badRequest("Not yours", 403); }
  return next();
});
export const logged = createMiddleware().server(async ({ next }) => { console.log("called"); return next(); });
"""
ERRORS = "export function badRequest(message, status) { throw json({ error: message }, { status }); }\n"
NOTES = """
import { createServerFn } from "@tanstack/react-start";
import { z } from "zod";
import { signedIn, asMember, withRole, logged } from "./auth";
export const listNotes = createServerFn().handler(async () => db.notes());
export const addNote = createServerFn({ method: "POST" })
  .middleware([%s])
  .inputValidator(z.object({ title: z.string() }))
  .handler(async ({ data }) => db.add(data.title));
"""


@pytest.mark.parametrize(
    ("middleware", "word"),
    [
        ("", "open"),
        ("logged", "open"),
        ("signedIn", "guarded"),
        ("asMember", "guarded"),
        ('withRole("admin")', "guarded"),
    ],
)
def test_server_functions_and_their_middleware(tmp_path: Path, middleware: str, word: str) -> None:
    files = {"src/auth.ts": AUTH, "src/errors.ts": ERRORS, "src/notes.ts": NOTES % middleware}
    found = app(tmp_path, files, "@tanstack/react-start")
    assert who(found) == {"GET /_serverFn/listNotes": "open", "POST /_serverFn/addNote": word}
    assert [(given.name, given.where) for given in one(found, "POST /_serverFn/addNote").inputs] == [("title", "body")]


def test_middleware_of_the_whole_app(tmp_path: Path) -> None:
    start = 'import { createStart } from "@tanstack/react-start";\nimport { signedIn } from "./auth";\nexport const startInstance = createStart(() => ({ functionMiddleware: [signedIn] }));\n'
    files = {"src/auth.ts": AUTH, "src/notes.ts": NOTES % "", "src/start.ts": start}
    assert set(who(app(tmp_path, files, "@tanstack/react-start")).values()) == {"guarded"}


def test_functions_of_one_name_are_told_apart(tmp_path: Path) -> None:
    text = 'import { createServerFn } from "@tanstack/react-start";\nexport const list = createServerFn().handler(async () => []);\n'
    files = {"src/notes.functions.ts": text, "src/tags.ts": text}
    assert set(who(app(tmp_path, files, "@tanstack/react-start"))) == {
        "GET /_serverFn/notes/list",
        "GET /_serverFn/tags/list",
    }


def test_server_routes(tmp_path: Path) -> None:
    files = {
        "src/auth.ts": AUTH,
        "src/routes/api/notes.$id.ts": 'import { createFileRoute } from "@tanstack/react-router";\nimport { signedIn } from "../../auth";\n'
        'export const Route = createFileRoute("/api/notes/$id")({\n  server: { handlers: {\n    GET: async ({ params }) => Response.json(await db.note(params.id)),\n'
        "    DELETE: { middleware: [signedIn], handler: async ({ params }) => new Response() },\n  } },\n});\n",
        "src/routes/api/files/$.ts": 'import { createServerFileRoute } from "@tanstack/react-start/server";\nimport { signedIn } from "../../../auth";\n'
        'export const ServerRoute = createServerFileRoute("/api/files/$").methods({ GET: async ({ request }) => {\n'
        '  if (!request.headers.get("authorization")) return new Response("No", { status: 401 });\n  return new Response(); } });\n',
        "src/routes/index.tsx": 'import { createFileRoute } from "@tanstack/react-router";\nexport const Route = createFileRoute("/")({ component: Home });\n',
    }
    assert who(app(tmp_path, files, "@tanstack/react-start")) == {
        "GET /api/notes/{id}": "open",
        "DELETE /api/notes/{id}": "guarded",
        "GET /api/files/{path}": "guarded",
    }


def test_a_function_is_not_called_by_its_name(tmp_path: Path) -> None:
    text = 'import { createServerFn } from "@tanstack/react-start";\nexport const listNotes = createServerFn().handler(async () => []);\nexport const deleteNote = createServerFn().handler(async () => 1);\n'
    found = app(tmp_path, {"src/notes.ts": text}, "@tanstack/react-start").endpoints
    assert {endpoint.source.what: (endpoint.action, endpoint.hosted) for endpoint in found} == {
        "listNotes": ("read", True),
        "deleteNote": ("write", True),
    }
