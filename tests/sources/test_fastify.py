"""Fastify: plugins with prefixes, hooks of their context, route options (fastify.dev/docs)."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who


def test_plugins_and_prefixes(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "app.js": 'const fastify = require("fastify")({ logger: true });\nfastify.get("/", async () => "hi");\nfastify.register(require("./members"), { prefix: "/members" });\nfastify.register(async (fastify) => {\n  fastify.post("/pay", async () => 1);\n  fastify.register(import("./deep.mjs"), { prefix: "/deep/:part" });\n}, { prefix: "/v1" });\nfastify.route({ method: ["GET", "HEAD"], url: "/both", handler: async () => 1 });\n',
            "members.js": 'module.exports = async function (fastify, opts) {\n  fastify.get("/:id(^\\\\d+$)", async () => 1);\n};\n',
            "deep.mjs": "export default async function routes(app) { app.all('/x', async () => 1); }\n",
        },
    )
    names = set(who(found))
    assert {"GET /", "GET /members/{id}", "POST /v1/pay", "GET /both", "DELETE /v1/deep/{part}/x"} <= names
    assert "POST /pay" not in names


HOOKS = """
import Fastify from "fastify";
import fp from "fastify-plugin";
const app = Fastify();
app.get("/before", async () => 1);
app.decorate("authenticate", async (request, reply) => { await request.jwtVerify(); });
const staff = fp(async (instance) => {
  instance.addHook("onRequest", async (request, reply) => { if (!request.headers.authorization) return reply.code(401).send(); });
});
app.register(async (inner) => {
  inner.addHook("preHandler", async (request, reply) => { if (!request.user) { reply.code(403).send(); } });
  inner.get("/inner", async () => 1);
});
app.get("/option", { onRequest: [app.authenticate] }, async () => 1);
app.get("/foreign", { preHandler: somewhere }, async () => 1);
app.get("/open", async () => 1);
app.register(async (other) => {
  other.register(staff);
  other.get("/shared", async () => 1);
});
app.get("/inline", async (request, reply) => { if (!request.user) return reply.status(401).send(); return 1; });
"""


def test_hooks_hold_for_their_context(tmp_path: Path) -> None:
    assert who(app(tmp_path, {"app.ts": HOOKS})) == {
        "GET /before": "open",
        "GET /inner": "guarded",
        "GET /option": "guarded",
        "GET /foreign": "unknown",
        "GET /open": "open",
        "GET /shared": "guarded",
        "GET /inline": "guarded",
    }


def test_a_folder_that_is_loaded_by_itself(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "app.ts": 'import fastify from "fastify";\nimport autoload from "@fastify/autoload";\nconst app = fastify();\napp.register(autoload, { dir: path.join(__dirname, "routes"), options: { prefix: "/api" } });\n',
            "routes/root.ts": "export default async function (fastify) { fastify.get('/', async () => 1); }\n",
            "routes/tasks/index.ts": "export default async function (fastify) { fastify.post('/:id', { schema: { body: { type: 'object', required: ['title'], properties: { title: { type: 'string' } } } } }, async () => 1); }\n",
            "routes/odd/index.ts": "export const prefixOverride = '/even';\nexport default async function (fastify) { fastify.get('/x', async () => 1); }\n",
        },
    )
    assert set(who(found)) == {"GET /api", "POST /api/tasks/{id}", "GET /even/x"}
    title = next(given for given in one(found, "POST /api/tasks/{id}").inputs if given.name == "title")
    assert (title.where, title.type, title.required) == ("body", "string", True)


def test_what_cannot_be_followed_is_said(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "app.js": 'const fastify = require("fastify")();\nfastify.register(require("some-routes"));\nfastify.register(require("@fastify/cors"));\n',
            "alone.ts": "export default async function (fastify: FastifyInstance) { fastify.get('/alone', async () => 1); }\n",
        },
    )
    assert who(found) == {"GET /alone": "unknown"}
    assert [unread.reason.split(":")[0] for unread in found.unread if unread.file == "app.js"] == [
        "could not be followed in line 2"
    ]


def test_static_files_are_a_way_in(tmp_path: Path) -> None:
    code = 'const app = require("fastify")();\napp.register(require("@fastify/static"), { root: "public", prefix: "/assets/" });\n'
    assert who(app(tmp_path, {"server.js": code}, "fastify")) == {"GET /assets/{path}": "open"}


def test_decorations_inside_a_wrapped_plugin_and_bound_methods_are_followed(tmp_path: Path) -> None:
    plugin = """import fp from "fastify-plugin";
import { HttpStatusCode } from "axios";
import { makeLimit } from "./limits.js";
export default fp(async (fastify) => {
  const slowly = makeLimit(100);
  fastify.decorate("slowly", slowly);
  fastify.decorate("authenticate", async function (request, reply) {
    const token = request.headers.authorization;
    if (!token) throw new UserError("Missing token", HttpStatusCode.Unauthorized);
    request.user = await users.byToken(token);
  });
});
"""
    tasks = """export default class Tasks {
  async list(request, reply) { return reply.send(await db.tasks()); }
  async own(request, reply) { if (!request.user) return reply.unauthorized(); return db.own(request.user.id); }
}
"""
    main = """import Fastify from "fastify";
import auth from "./auth.js";
import Tasks from "./tasks.js";
const app = Fastify();
const tasks = new Tasks();
app.register(auth);
app.get("/tasks", { preHandler: [app.authenticate] }, tasks.list.bind(tasks));
app.get("/public", { preHandler: [app.slowly] }, tasks.list.bind(tasks));
app.get("/own", tasks.own.bind(tasks));
"""
    limits = "export function makeLimit(most) { return async (request, reply) => { counts.add(request.ip); }; }\n"
    found = app(tmp_path, {"auth.ts": plugin, "tasks.ts": tasks, "main.ts": main, "limits.ts": limits}, "fastify")
    assert who(found) == {"GET /tasks": "guarded", "GET /public": "open", "GET /own": "guarded"}


MODULES = """import fp from "fastify-plugin";
import notes from "./notes";
export const HOME = "/api/home";
export const notesModule = fp(async (fastify, opts) => { await fastify.register(notes, { prefix: opts.prefix ?? HOME }); });
export async function registerModules(fastify) {
  fastify.register(notesModule, { prefix: "/api/notes" });
  fastify.register(notesModule);
}
"""


def test_an_app_that_is_handed_to_a_function_and_a_prefix_that_is_handed_to_a_plugin(tmp_path: Path) -> None:
    notes = 'export default async function notes(fastify) {\n  fastify.get("/all", async () => []);\n}\n'
    main = """import Fastify, { FastifyInstance } from "fastify";
import { registerModules } from "./modules";
let server: FastifyInstance | null = null;
async function main() {
  server = Fastify({ logger: true });
  server.get("/health", async () => "ok");
  await registerModules(server);
}
main();
"""
    found = app(tmp_path, {"main.ts": main, "modules.ts": MODULES, "notes.ts": notes}, "fastify")
    assert who(found) == {"GET /health": "open", "GET /api/notes/all": "open", "GET /api/home/all": "open"}


def test_roles_of_a_library_and_of_an_enumeration_that_is_generated(tmp_path: Path) -> None:
    main = """import fastify from "fastify";
import guard from "fastify-guard";
import { UserRole } from "@prisma/client";
const auth = (...roles: string[]) => async (request) => {
  if (!request.headers.authorization) throw new ApiError(401, "Sign in");
  if (roles.length && !roles.includes(request.user.role)) throw new ApiError(403, "Forbidden");
};
const app = fastify();
app.register(guard);
app.get("/reports", { preHandler: auth(UserRole.ADMIN, UserRole.EDITOR) }, async () => []);
app.post("/people", { preHandler: [app.guard.role("admin")] }, async () => 1);
"""
    found = app(tmp_path, {"main.ts": main}, "fastify")
    assert one(found, "GET /reports").access.roles == ("ADMIN", "EDITOR")
    assert one(found, "POST /people").access.roles == ("admin",)


@pytest.mark.parametrize(
    ("block", "verdict"),
    [
        ("return;", "unknown"),
        ("req.guest = guestOf(req); if (req.guest) { req.who = { name: 'guest' }; }\n    return;", "unknown"),
        ("if (!header) { throw new UnauthorizedError('none'); }\n    return;", "guarded"),
    ],
)
def test_a_hook_that_lets_public_paths_pass_after_a_first_refusal(block: str, verdict: str, tmp_path: Path) -> None:
    """A bad session is refused first, then what is public is let pass: who may call what stands in a list that was not followed."""
    files = {
        "app.js": """const fastify = require("fastify")();
fastify.addHook("onRequest", async (req, reply) => {
  const path = pathOf(req.url);
  const header = req.headers.authorization;
  if (header && !(await good(header))) { throw new UnauthorizedError("bad"); }
  if (isPublic(req.method, path)) {
    BLOCK
  }
  if (!header) { return reply.code(401).send(); }
});
fastify.post("/exchange", async (req) => db.link.use(req.body.code));
""".replace("BLOCK", block),
    }
    assert who(app(tmp_path, files, "fastify")) == {"POST /exchange": verdict}


def test_plugins_that_are_imported_where_they_are_registered(tmp_path: Path) -> None:
    plugin = 'async function routes(app) { app.get("/x", async () => []) }\n'
    found = app(
        tmp_path,
        {
            "app.js": 'import Fastify from "fastify";\nconst app = Fastify();\nawait app.register(import("./a.js"), { prefix: "/a" });\n'
            'await app.register((await import("./b.js")).default, { prefix: "/b" });\nawait app.register((await import("./c.js")).routes, { prefix: "/c" });\n'
            'app.register(require("./d"), { prefix: "/d" });\n',
            "a.js": f"export default {plugin}",
            "b.js": f"export default {plugin}",
            "c.js": f"export {plugin}",
            "d.js": f"module.exports = {plugin}",
        },
        "fastify",
    )
    assert set(who(found)) == {"GET /a/x", "GET /b/x", "GET /c/x", "GET /d/x"}


def test_one_function_that_lets_pass_is_enough_for_any_of_them(tmp_path: Path) -> None:
    """@fastify/auth, README: ``auth([a, b])`` runs until one passes, unless it is told ``relation: "and"``."""
    found = app(
        tmp_path,
        {
            "server.js": 'import Fastify from "fastify";\nimport auth from "@fastify/auth";\nconst app = Fastify();\nawait app.register(auth);\n'
            'app.decorate("signedIn", async (request) => { await request.jwtVerify(); });\n'
            'app.decorate("counted", async (request) => { hits.inc(); });\n'
            'app.get("/either", { preHandler: app.auth([app.signedIn, app.counted]) }, async () => []);\n'
            'app.get("/both", { preHandler: app.auth([app.signedIn, app.counted], { relation: "and" }) }, async () => []);\n'
            'app.get("/one", { preHandler: app.auth([app.signedIn]) }, async () => []);\n',
        },
        "fastify",
    )
    assert who(found) == {"GET /either": "open", "GET /both": "guarded", "GET /one": "guarded"}


def test_a_hook_holds_for_the_routes_that_stand_before_it_in_its_context(tmp_path: Path) -> None:
    """Asked of Fastify 5: hooks are gathered when all is loaded. They stay in their context."""
    found = app(
        tmp_path,
        {
            "server.js": 'import Fastify from "fastify";\nconst app = Fastify();\n'
            "app.register(async (inner) => {\n"
            '  inner.get("/before", async () => 1);\n'
            '  inner.addHook("onRequest", async (request, reply) => { await request.jwtVerify(); });\n'
            '}, { prefix: "/in" });\napp.get("/out", async () => 1);\n',
        },
        "fastify",
    )
    assert who(found) == {"GET /in/before": "guarded", "GET /out": "open"}


def test_a_template_in_a_loop_is_one_address_for_each_entry(tmp_path: Path) -> None:
    code = 'import Fastify from "fastify";\nconst app = Fastify();\nfor (const name of ["a", "b"]) app.get(`/loop/${name}`, async () => name);\n'
    assert set(who(app(tmp_path, {"server.js": code}, "fastify"))) == {"GET /loop/a", "GET /loop/b"}


@pytest.mark.parametrize(("options", "address"), [("", "/orgs/_org"), (", routeParams: true", "/orgs/{org}")])
def test_folders_are_parameters_where_autoload_is_told_so(tmp_path: Path, options: str, address: str) -> None:
    found = app(
        tmp_path,
        {
            "app.js": 'import Fastify from "fastify";\nimport autoload from "@fastify/autoload";\nconst app = Fastify();\n'
            f'app.register(autoload, {{ dir: path.join(__dirname, "routes"){options} }});\n',
            "routes/orgs/_org/index.js": 'export default async function (fastify) { fastify.get("/", async () => []); }\n',
        },
        "fastify",
    )
    assert set(who(found)) == {f"GET {address}"}


def test_an_app_that_a_function_makes_and_plugins_that_a_loop_registers(tmp_path: Path) -> None:
    """The file that registers them does not even name the framework, and a hook of the function holds for all of them."""
    made = """import fastify from "fastify";
export function createApp() {
  const app = fastify({ logger: true });
  app.addHook("onRequest", async (request, reply) => { if (!request.headers.authorization) return reply.code(401).send(); });
  return app;
}
"""
    tasks = """export const addTask = async (app) => {
  app.withTypeProvider().post("/tasks", async (request) => save(request.body));
};
export async function dropTask(app) { app.delete("/tasks/:id", async (request) => drop(request.params.id)); }
"""
    main = """import { createApp } from "./lib/create-app";
import { addTask, dropTask } from "./routes/tasks";
const app = createApp();
const routes = [addTask, dropTask];
for (const route of routes) {
  app.register(route, { prefix: "/api" });
}
export { app };
"""
    files = {"app.ts": main, "lib/create-app.ts": made, "routes/tasks.ts": tasks}
    assert who(app(tmp_path, files, "fastify")) == {"POST /api/tasks": "guarded", "DELETE /api/tasks/{id}": "guarded"}


CLASSES = {
    "container.ts": 'import { Container } from "inversify";\nimport { Asked } from "./asked";\nimport { Boards } from "./boards";\nexport const container = new Container();\ncontainer.bind(Asked).toSelf();\ncontainer.bind(Boards).toSelf();\n',
    "asked.ts": 'export class Asked {\n  constructor(private tokens: Tokens) {}\n  signedIn(request, reply, done) {\n    if (!request.cookies?.token) throw new UnauthorizedError("Unauthorized");\n    done();\n  }\n  logged(request, reply, done) { console.log(request.url); done(); }\n}\n',
    "boards.ts": 'import { Asked } from "./asked";\nexport class Boards {\n  constructor(private asked: Asked, private store: Store) {}\n  async routes(app) {\n    app.get("/", { onRequest: this.asked.signedIn.bind(this.asked) }, this.list.bind(this));\n    app.get("/seen", { onRequest: [this.asked.logged.bind(this.asked)] }, this.list.bind(this));\n  }\n  private async list(request, reply) { reply.send(await this.store.all()); }\n}\n',
    "app.ts": 'import Fastify from "fastify";\nimport { container } from "./container";\nimport { Boards } from "./boards";\nconst app = Fastify();\nconst boards = container.get(Boards);\napp.register(boards.routes.bind(boards), { prefix: "/boards" });\napp.listen({ port: 3000 });\n',
}


def test_a_plugin_is_a_method_of_a_class_and_a_hook_one_of_what_the_class_is_given(tmp_path: Path) -> None:
    assert who(app(tmp_path, CLASSES)) == {"GET /boards": "guarded", "GET /boards/seen": "open"}


_HANDED = """
import Fastify from "fastify";
import { noteRoutes } from "./notes";
const server = Fastify();
noteRoutes(server);
server.addHook("preHandler", async (request, reply) => {
  try {
    PASSES
    verify(request.headers.authorization.split(" ")[1]);
  } catch (error) {
    reply.status(401).send({ message: "no" });
  }
});
"""
_NOTES = """
export function noteRoutes(server) {
  server.post("/login", async (request, reply) => { reply.send(await db.users.byPassword(request.body)); });
  server.get("/login", async (request, reply) => { reply.send(await db.users.all()); });
  server.get("/docs/intro", async (request, reply) => { reply.send(await db.docs.first()); });
  server.post("/notes", async (request, reply) => { reply.send(await db.notes.insert(request.body)); });
}
"""


@pytest.mark.parametrize(
    ("passes", "open_ones"),
    [
        ("", set()),
        ('if (request.url === "/login" && request.method === "POST") { return true; }', {"POST /login"}),
        ('if (["/login", "/health"].includes(request.routerPath)) return;', {"POST /login", "GET /login"}),
        ('if (request.url.startsWith("/docs")) return;', {"GET /docs/intro"}),
    ],
    ids=["nobody", "one path by one method", "a list", "what is below"],
)
def test_a_hook_after_the_routes_that_a_function_adds(passes: str, open_ones: set[str], tmp_path: Path) -> None:
    files = {"app.ts": _HANDED.replace("PASSES", passes), "notes.ts": _NOTES}
    found = who(app(tmp_path, files, "fastify"))
    assert {name for name, to in found.items() if to == "open"} == open_ones
    assert all(to == "guarded" for name, to in found.items() if name not in open_ones)


def test_a_hook_that_lets_pass_by_the_path_in_a_way_that_is_not_read(tmp_path: Path) -> None:
    files = {"app.ts": _HANDED.replace("PASSES", "if (isPublic(request.url)) return;"), "notes.ts": _NOTES}
    assert set(who(app(tmp_path, files, "fastify")).values()) == {"unknown"}
