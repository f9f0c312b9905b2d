"""Hono and Koa, and what all frameworks that register routes share: chains, loops over tables, other ways to write a call."""

from pathlib import Path

import pytest

from tests.sources.reading import app, who


def test_hono(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "members.ts": 'import { Hono } from "hono";\nimport { jwt } from "hono/jwt";\nconst members = new Hono<{ Bindings: Env }>()\n  .use(jwt({ secret }))\n  .get("/", (c) => c.json([]))\n  .delete("/:id{[0-9]+}", (c) => c.json({}));\nexport default members;\n',
            "app.ts": 'import { Hono } from "hono";\nimport members from "./members";\nconst app = new Hono().basePath("/api");\nconst signedIn = createMiddleware(async (c, next) => {\n  if (!c.req.header("authorization")) return c.json({ error: "no" }, 401);\n  await next();\n});\napp.use("/private/*", signedIn);\napp.get("/private/notes", (c) => c.json([]));\napp.get("/offers", (c) => c.json([]));\napp.route("/members", members);\napp.on(["PUT", "PATCH"], ["/a", "/b"], (c) => c.text(""));\napp.get("/own", (c) => { if (!c.get("user")) throw new HTTPException(401); return c.json([]); });\nexport default app;\n',
        },
    )
    assert who(found) == {
        "GET /api/private/notes": "guarded",
        "GET /api/offers": "open",
        "GET /api/members": "guarded",
        "DELETE /api/members/{id}": "guarded",
        "PUT /api/a": "open",
        "PATCH /api/a": "open",
        "PUT /api/b": "open",
        "PATCH /api/b": "open",
        "GET /api/own": "guarded",
    }


def test_koa(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "users.js": "const Router = require('@koa/router');\nconst router = new Router({ prefix: '/users' });\nrouter.get('list', '/', async (ctx) => { ctx.body = []; });\nrouter.del('/:id', requireUser, async (ctx) => { ctx.body = 1; });\nasync function requireUser(ctx, next) { if (!ctx.state.user) ctx.throw(401); await next(); }\nmodule.exports = router.routes();\n",
            "app.js": "const Koa = require('koa');\nconst Router = require('@koa/router');\nconst users = require('./users');\nconst app = new Koa();\nconst api = new Router();\napi.prefix('/api');\napi.get('/ping', (ctx) => { ctx.body = 'pong'; });\napi.use('/v1', users);\napp.use(async (ctx, next) => { await next(); });\napp.use(api.routes()).use(api.allowedMethods());\n",
        },
    )
    assert who(found) == {
        "GET /api/ping": "open",
        "GET /api/v1/users": "open",
        "DELETE /api/v1/users/{id}": "guarded",
    }


LOOPS = """
const express = require('express');
const app = express();
const users = express.Router();
const tasks = express.Router();
users.get('/', (req, res) => res.json([]));
tasks['post']('/add', (req, res) => res.json([]));
const table = [{ path: '/users', route: users }, { route: tasks, path: '/tasks' }];
table.forEach((entry) => { app.use(entry.path, entry.route); });
for (const { path, route } of table) app.use(`/v2`, route);
Object.entries({ '/one': users }).forEach(([prefix, router]) => app.use(prefix, router));
const BASE = '/b';
app
  .get (BASE + '/' + version + '/x', (req, res) => res.json(1));
app.all('*', (req, res) => res.status(404).send('no such page'));
module.exports = app;
"""


def test_tables_of_mounts_and_ways_to_write_a_call(tmp_path: Path) -> None:
    assert set(who(app(tmp_path, {"app.js": LOOPS}))) == {
        "GET /users",
        "POST /tasks/add",
        "GET /v2",
        "POST /v2/add",
        "GET /one",
        "GET /b/{version?}/x",
    }


def test_routes_of_a_class_are_known_though_not_where_they_are_mounted(tmp_path: Path) -> None:
    code = "class Push extends PromiseRouter {\n  mountRoutes() {\n    this.route('GET', '/push', (req) => this.list(req));\n  }\n  list(req) { return []; }\n}\n"
    assert who(app(tmp_path, {"push.js": code})) == {"GET /push": "unknown"}


def test_routers_of_other_packages_are_no_express(tmp_path: Path) -> None:
    code = "import { Router } from '@angular/router';\nconst router = Router();\nrouter.get('/x', () => 1);\n"
    assert who(app(tmp_path, {"app.ts": code})) == {}


def test_base_path_of_an_app_is_the_same_app_below_a_path(tmp_path: Path) -> None:
    """hono.dev/docs/api/hono: basePath() returns an app of its own, and changes nothing in the one it is called on."""
    server = """
import { Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
const app = new Hono()
app.use('/v2/*', bearerAuth({ token }))
const v2 = app.basePath('/v2')
v2.get('/tasks', (c) => c.json([]))
app.basePath('/v3')
app.get('/ping', (c) => c.text('pong'))
export default app
"""
    assert who(app(tmp_path, {"index.ts": server}, "hono")) == {"GET /v2/tasks": "guarded", "GET /ping": "open"}


KOA = """
const Koa = require('koa');
const Router = require('@koa/router');
const { adminRoutes } = require('./admin');
const app = new Koa();
const router = new Router();
%s
app.use(router.routes());
router.get('/ping', (ctx) => { ctx.body = 'pong'; });
app.listen(3000);
"""
ADMIN = "const Router = require('@koa/router');\nconst adminRoutes = new Router();\nadminRoutes.get('/log', (ctx) => { ctx.body = []; });\nmodule.exports = { adminRoutes };\n"


def test_an_app_of_koa_has_no_methods_and_takes_no_address(tmp_path: Path) -> None:
    """Koa's application has use(), which throws when it is given an address: that is Express's (koajs.com, Application)."""
    wrong = "app.get('/simple', (ctx) => { ctx.body = 1; });\napp.use('/admin', adminRoutes.routes());"
    assert set(who(app(tmp_path, {"app.js": KOA % wrong, "admin.js": ADMIN}))) == {"GET /ping"}


def test_an_app_of_koa_mounts_what_a_function_is_made_of(tmp_path: Path) -> None:
    right = "const mount = require('koa-mount');\napp.use(mount('/v1', adminRoutes.routes()));"
    assert set(who(app(tmp_path, {"app.js": KOA % right, "admin.js": ADMIN}))) == {"GET /ping", "GET /v1/log"}


def test_a_router_that_only_gets_routes_serves_nothing(tmp_path: Path) -> None:
    """Neither mounted nor exported nor handed to anything: no request can reach it."""
    lonely = "const lonely = new Router();\nlonely.get('/never', (ctx) => { ctx.body = 1; });"
    assert set(who(app(tmp_path, {"app.js": KOA % lonely, "admin.js": ADMIN}))) == {"GET /ping", "GET /log"}


def test_a_router_that_something_unseen_may_mount_is_kept(tmp_path: Path) -> None:
    handed = "const odd = new Router();\nodd.get('/odd', (ctx) => { ctx.body = 1; });\nregistry.add(odd);"
    assert "GET /odd" in who(app(tmp_path, {"app.js": KOA % handed, "admin.js": ADMIN}))


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ("!host || !allowedHosts.has(host.toLowerCase())", "open"),
        ("!ALLOWED_HOSTS.includes(c.req.header('host'))", "open"),
        ("userAgent.includes('curl')", "open"),
        ("!user || !allowedHosts.has(user.host)", "guarded"),
        ("!session", "guarded"),
    ],
)
def test_whoever_asks_for_the_right_server_is_let_pass(condition: str, verdict: str, tmp_path: Path) -> None:
    """A list of hosts (RFC 9110, 7.2) keeps no stranger out: everybody may name the right one."""
    files = {
        "app.ts": 'import { Hono } from "hono";\nimport { only } from "./only";\nconst app = new Hono();\napp.use(only);\napp.delete("/people/:id", async (c) => c.json(await db.person.delete(c.req.param("id"))));\nexport default app;\n',
        "only.ts": f'import {{ createMiddleware }} from "hono/factory";\nexport const only = createMiddleware(async (c, next) => {{\n  const host = c.req.header("host"), user = c.get("user"), session = c.get("session"), userAgent = c.req.header("x-agent");\n  if ({condition}) {{\n    return c.json({{ error: "no" }}, 403);\n  }}\n  await next();\n}});\n',
    }
    assert who(app(tmp_path, files, "hono")) == {"DELETE /people/{id}": verdict}


def test_a_pattern_with_numbers_of_letters_is_no_part_of_the_address(tmp_path: Path) -> None:
    code = 'import { Hono } from "hono";\nconst app = new Hono();\napp.delete("/notes/:id{[1-9][0-9]{0,8}}/:part?", (c) => c.json({}));\nexport default app;\n'
    found = app(tmp_path, {"index.ts": code}, "hono")
    assert [endpoint.path for endpoint in found.endpoints if endpoint.method == "DELETE"] == ["/notes/{id}/{part}"]


_GATE = 'import { bearerAuth } from "hono/bearer-auth";\nimport { basicAuth } from "hono/basic-auth";\n'


def test_handlers_and_apps_of_a_factory(tmp_path: Path) -> None:
    """hono.dev/docs/helpers/factory: ``createHandlers`` keeps middleware with its handler, ``createApp`` begins with ``initApp``."""
    found = app(
        tmp_path,
        {
            "factory.ts": f'import {{ createFactory }} from "hono/factory";\n{_GATE}'
            "export const factory = createFactory({ initApp: (app) => { app.use(bearerAuth({ token })); } });\n"
            "export const kept = factory.createHandlers(basicAuth({ username, password }), (c) => c.json([]));\n"
            "export const open = factory.createHandlers((c) => c.json([]));\n",
            "main.ts": 'import { Hono } from "hono";\nimport { factory, kept, open } from "./factory";\n'
            'const notes = factory.createApp();\nnotes.get("/a", (c) => c.json([]));\nconst root = new Hono();\n'
            'root.get("/kept", ...kept);\nroot.get("/open", ...open);\nroot.route("/notes", notes);\nexport default root;\n',
        },
        "hono",
    )
    assert who(found) == {"GET /kept": "guarded", "GET /open": "open", "GET /notes/a": "guarded"}


def test_every_and_some(tmp_path: Path) -> None:
    """hono.dev/docs/middleware/builtin/combine: of ``some`` one that lets pass is enough."""
    code = f'import {{ Hono }} from "hono";\nimport {{ every, some }} from "hono/combine";\n{_GATE}const app = new Hono();\n'
    gates = "bearerAuth({ token })", "async (c, next) => { await next(); }"
    code += f'app.use("/both/*", every({", ".join(gates)}));\napp.use("/one/*", some({", ".join(gates)}));\n'
    code += f'app.use("/either/*", some({gates[0]}, basicAuth({{ username, password }})));\n'
    code += "".join(f'app.get("/{name}/x", (c) => c.json([]));\n' for name in ("both", "one", "either"))
    found = app(tmp_path, {"main.ts": f"{code}export default app;\n"}, "hono")
    assert who(found) == {"GET /both/x": "guarded", "GET /one/x": "open", "GET /either/x": "guarded"}


def test_an_app_whose_pages_are_jsx(tmp_path: Path) -> None:
    """hono.dev/docs/guides/jsx: the file is called ``.tsx`` then."""
    files = {
        "src/index.tsx": 'import { Hono } from "hono";\nimport { notes } from "./routes/notes";\nconst app = new Hono();\n'
        'app.get("/", (c) => c.html(<h1>Desk</h1>));\napp.route("/api/notes", notes);\nexport default app;\n',
        "src/routes/notes.ts": 'import { Hono } from "hono";\nexport const notes = new Hono();\nnotes.post("/", async (c) => c.json(await save(await c.req.json())));\n',
    }
    assert set(who(app(tmp_path, files))) == {"GET /", "POST /api/notes"}


HANDED_ON = 'import { Hono } from "hono";\nimport { jwt } from "hono/jwt";\nconst app = new Hono();\napp.use("/api/*", (c, next) => {\n  BODY\n});\napp.post("/api/notes", async (c) => { await db.insert(await c.req.json()); return c.json({}); });\nexport default app;\n'


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        pytest.param("return jwt({ secret: env.SECRET })(c, next);", "guarded", id="always"),
        pytest.param(
            "const ask = jwt({ secret: env.SECRET });\n  return ask(c, next);", "guarded", id="always, under a name"
        ),
        pytest.param(
            'if (c.req.path.includes("private")) {\n    return jwt({ secret: env.SECRET })(c, next);\n  }\n  return next();',
            "unknown",
            id="by the path",
        ),
        pytest.param("return timing({ total: true })(c, next);", "open", id="what asks nobody"),
    ],
)
def test_a_middleware_that_hands_the_request_to_one_of_a_library(tmp_path: Path, body: str, verdict: str) -> None:
    assert who(app(tmp_path, {"app.ts": HANDED_ON.replace("BODY", body)})) == {"POST /api/notes": verdict}


@pytest.mark.parametrize(
    ("options", "verdict"),
    [
        pytest.param("", "guarded", id="for all"),
        pytest.param(".unless({ path: ['/login', /^\\\\/public/] })", "unknown", id="but for some paths"),
    ],
)
@pytest.mark.parametrize("passes", [False, True])
def test_a_library_that_spares_some_paths_guards_none_for_certain(
    tmp_path: Path, options: str, verdict: str, passes: bool
) -> None:
    given = (
        "{ secret, algorithms: ['HS256'], credentialsRequired: false }"
        if passes
        else "{ secret, algorithms: ['HS256'] }"
    )
    code = f"const express = require('express');\nconst {{ expressjwt: expressJwt }} = require('express-jwt');\nconst app = express();\napp.use(expressJwt({given}){options});\napp.get('/public/offers', (req, res) => res.json([]));\n"
    found = app(
        tmp_path,
        {"app.js": code.replace("expressJwt(", "jwt(").replace("expressjwt: expressJwt", "expressjwt: jwt")},
        "express",
    )
    assert who(found) == {"GET /public/offers": "open" if passes else verdict}


def test_a_server_that_a_function_makes_by_default_and_one_that_answers_what_others_raise(tmp_path: Path) -> None:
    files = {
        "web.js": """
const Koa = require("koa");
const mount = require("koa-mount");
const api = require("./api");
module.exports = function init(app = new Koa()) {
  app.use(mount("/api", api));
  return app;
};
""",
        "api.js": """
const Koa = require("koa");
const Router = require("@koa/router");
const failed = require("./failed");
const api = new Koa();
const router = new Router();
router.get("/config", (ctx) => { ctx.body = {}; });
api.use(failed());
api.use(router.routes());
module.exports = api;
""",
        "failed.js": """
const denied = () => createError(403, "denied");
module.exports = function failed() {
  return async function (ctx, next) {
    try {
      await next();
    } catch (err) {
      if (/denied/.test(err.message)) throw denied();
      if (err.code === "EAUTH") ctx.throw(401);
      throw err;
    }
  };
};
""",
    }
    assert who(app(tmp_path / "answers", files, "koa")) == {"GET /api/config": "open"}
    asks = files | {"failed.js": files["failed.js"].replace("await next();", "await signedIn(ctx); await next();")}
    asks["failed.js"] += "const signedIn = async (ctx) => { if (!ctx.session.user) ctx.throw(401); };\n"
    assert who(app(tmp_path / "asks", asks, "koa")) == {"GET /api/config": "guarded"}
