"""Apps and routers that functions build, hand back, and are handed: none of their routes is lost, and none is guarded by what is not asked."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who

_HONO = {
    "ask.ts": """import { createMiddleware } from "hono/factory";
export const signedIn = createMiddleware(async (c, next) => {
  if (!c.req.header("authorization")) return c.json({ error: "no" }, 401);
  await next();
});
""",
    "tasks/route.ts": """import { Hono } from "hono";
export function createTasks() {
  const app = new Hono<{ Variables: { at: string } }>();
  app.use("*", async (c, next) => { c.set("at", new Date().toISOString()); return next(); });
  return app
    .get("/", async (c) => c.json(await db.all()))
    .delete("/:id", async (c) => c.json(await db.remove(c.req.param("id"))));
}
export const tasks = createTasks();
""",
    "tasks/index.ts": 'export * from "./route";\n',
    "app.ts": """import { Hono } from "hono";
import { requestId } from "hono/request-id";
import { signedIn } from "./ask";
import { tasks } from "./tasks";
function make() { const app = new Hono(); app.onError((error, c) => c.json({}, 500)); return app; }
export const app = make();
app.use("*", requestId());
app.use("/mine/*", signedIn);
const routes = app.get("/", (c) => c.json({ id: c.get("requestId") })).route("/mine/tasks", tasks);
function note(c) { const requestId = c.get("requestId"); console.log(requestId); }
""",
}


def test_a_router_of_hono_that_a_function_hands_back_in_one_chain(tmp_path: Path) -> None:
    assert who(app(tmp_path, _HONO, "hono")) == {
        "GET /": "open",
        "GET /mine/tasks": "guarded",
        "DELETE /mine/tasks/{id}": "guarded",
    }


def test_what_is_made_for_later_refuses_nobody_now(tmp_path: Path) -> None:
    people = """import { Hono } from "hono";
import { signIn } from "./sign-in";
class AuthError extends Error {}
const services = (users, secret) => ({ signIn: signIn(users, secret) });
const app = new Hono();
app.use("*", async (c, next) => { c.set("h", services(c.env.USERS, c.env.SECRET)); return next(); });
app.get("/news", (c) => c.json([]));
export default app;
"""
    sign_in = """export function signIn(users, secret) {
  return async (input) => {
    const user = await users.find(input.name);
    if (!user) throw new AuthError("invalid credentials");
    return tokenFor(user, secret);
  };
}
"""
    found = who(app(tmp_path, {"app.ts": people, "sign-in.ts": sign_in}, "hono"))
    assert found["GET /news"] == "open"


_EXPRESS = {
    "auth.ts": """export class Auth {
  constructor(private users: Users) {}
  required() { return (req, res, next) => { if (!req.headers.authorization) return res.status(401).json({}); next(); }; }
  elsewhere() { return this.authenticate({ required: true }); }
}
""",
    "notes.ts": """export class NotesController {
  list = async (req, res) => { res.json(await all()); };
  remove = async (req, res) => { res.json(await drop(req.params.id)); };
}
""",
    "routes.ts": """import { Router } from "express";
import { NotesController } from "./notes";
import { Auth } from "./auth";
export function noteRoutes(notes: NotesController, auth: Auth): Router {
  const router = Router();
  router.get("/", notes.list);
  router.delete("/:id", auth.required(), notes.remove);
  router.put("/:id", auth.elsewhere(), notes.remove);
  return router;
}
""",
    "index.ts": """import express from "express";
import { noteRoutes } from "./routes";
async function createApp() {
  const app = express();
  app.use("/api/notes", noteRoutes(notes, auth));
  return { app, server: listen(app) };
}
async function start() {
  const { app, server } = await createApp();
  server.listen(3000);
}
start();
""",
}


def test_routers_of_express_by_functions_that_are_given_objects(tmp_path: Path) -> None:
    assert who(app(tmp_path, _EXPRESS, "express")) == {
        "GET /api/notes": "open",
        "DELETE /api/notes/{id}": "guarded",
        "PUT /api/notes/{id}": "unknown",
    }


_FASTIFY = {
    "auth.ts": """export async function signedIn(request, reply) {
  if (!request.headers.authorization) return reply.status(401).send({});
}
export function withRole(...roles: string[]) {
  return async (request, reply) => {
    await signedIn(request, reply);
    if (!roles.includes(request.role)) return reply.status(403).send({});
  };
}
""",
    "hours.ts": """import type { FastifyInstance } from "fastify";
import { withRole } from "./auth";
export async function hourRoutes(app: FastifyInstance) {
  const staff = [withRole("payroll")];
  app.get("/", { preHandler: staff }, async () => db.all());
  app.get("/today", async () => db.today());
}
""",
    "router.ts": """import { hourRoutes } from "./hours";
export async function addRoutes(fastify) { await fastify.register(hourRoutes, { prefix: "/hours" }); }
""",
}
_STEPS = """import Fastify from "fastify";
import { addRoutes } from "./router";
const fastify = Fastify();
async function start() {
  const done = await boot.run([
    { name: "routes", action: async () => { await addRoutes(fastify); } },
    { name: "listen", action: async () => { await fastify.listen({ port: 3000 }); } },
  ]);
}
start();
"""


def test_fastify_that_is_put_together_in_steps(tmp_path: Path) -> None:
    found = app(tmp_path, {**_FASTIFY, "server.ts": _STEPS}, "fastify")
    assert who(found) == {"GET /hours": "guarded", "GET /hours/today": "open"}
    assert one(found, "GET /hours").access.roles == ("payroll",)


def test_plugins_of_fastify_that_nothing_is_seen_to_register_are_not_lost(tmp_path: Path) -> None:
    found = app(
        tmp_path, {**_FASTIFY, "server.ts": "import Fastify from 'fastify';\nboot(Fastify(), everything);\n"}, "fastify"
    )
    assert who(found) == {"GET /": "guarded", "GET /today": "unknown"}


@pytest.mark.parametrize(
    ("plugin", "verdict"),
    [
        (
            "({ bearer, set }) => { if (!bearer) { set.status = Status.UNAUTHORIZED; return { ok: false }; } }",
            "guarded",
        ),
        ("({ path }) => { console.log(path); }", "open"),
    ],
)
def test_a_plugin_of_elysia_that_a_function_makes(plugin: str, verdict: str, tmp_path: Path) -> None:
    files = {
        "allow.ts": f"export const allow = (right: string, more?: {{ scope?: boolean }}) =>\n  (app: Elysia) =>\n    app.use(tokens).guard({{ beforeHandle: async {plugin} }});\n",
        "main.ts": 'import { Elysia } from "elysia";\nimport { allow } from "./allow";\nconst notes = new Elysia();\nconst same = notes;\nsame.use(allow("notes.remove")).delete("/notes/:id", ({ params }) => drop(params.id));\nnew Elysia().use(notes).listen(3000);\n',
    }
    found = app(tmp_path, files, "elysia")
    assert who(found) == {"DELETE /notes/{id}": verdict}
    if verdict == "guarded":
        assert one(found, "DELETE /notes/{id}").access.roles == ("notes.remove",)


def test_a_plugin_of_elysia_that_could_not_be_followed_leaves_the_routes_unknown(tmp_path: Path) -> None:
    files = {
        "allow.ts": "export function allow(right: string) { return plugins.get(right); }\n",
        "main.ts": 'import { Elysia } from "elysia";\nimport { allow } from "./allow";\nnew Elysia().get("/news", () => 1).use(allow("x")).delete("/notes/:id", ({ params }) => drop(params.id)).listen(3000);\n',
    }
    files["main.ts"] = files["main.ts"].replace("new Elysia()", "export const app = new Elysia()")
    assert who(app(tmp_path, files, "elysia")) == {"GET /news": "open", "DELETE /notes/{id}": "unknown"}


def test_what_nestjs_trpc_writes_for_its_clients_says_nothing_of_who_may_call(tmp_path: Path) -> None:
    files = {
        "server.ts": """import { initTRPC } from "@trpc/server";
const t = initTRPC.create();
const publicProcedure = t.procedure;
const appRouter = t.router({ notes: t.router({
  add: publicProcedure.input(z.object({ text: z.string() })).mutation(async () => "PLACEHOLDER_DO_NOT_REMOVE" as any),
}) });
export type AppRouter = typeof appRouter;
"""
    }
    (verdict,) = who(app(tmp_path, files, "@trpc/server")).values()
    assert verdict == "unknown"


def test_nuxt_knows_its_server_folder_by_a_name_of_its_own(tmp_path: Path) -> None:
    files = {
        "nuxt.config.ts": "export default defineNuxtConfig({});\n",
        "server/utils/who.ts": "export async function requireUser(event) {\n  const session = await auth.api.getSession({ headers: event.headers });\n  if (!session) throw createError({ statusCode: 401 });\n  return session.user;\n}\n",
        "server/api/notes.post.ts": 'import { requireUser } from "#server/utils/who";\nexport default defineEventHandler(async (event) => { const user = await requireUser(event); return db.add(user.id); });\n',
    }
    assert who(app(tmp_path, files, "nuxt"))["POST /api/notes"] == "guarded"
