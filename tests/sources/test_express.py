"""Express: mounts across files, middleware in the order it runs, compiled code."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, surface, who

GUARD = """
function requireUser(req, res, next) {
  if (!req.session.user) return res.status(401).json({ error: 'sign in' });
  next();
}
const requireRole = (role) => (req, res, next) => {
  if (req.user.role !== role) return res.sendStatus(403);
  next();
};
module.exports = { requireUser, requireRole };
"""


def test_middleware_guards_what_comes_after_it(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        guards_js=GUARD,
        app_js="""
        const express = require('express');
        const helmet = require('helmet');
        const { requireUser, requireRole } = require('./guards');
        const app = express();
        app.use(helmet(), express.json());
        app.get('/before', (req, res) => res.json([]));
        app.delete('/items/:id', requireUser, requireRole('admin'), (req, res) => res.end());
        app.use('/api', requireUser);
        app.get('/api/notes', (req, res) => res.json([]));
        app.get('/apix', (req, res) => res.json([]));
        """,
    )
    assert who(found) == {
        "GET /before": "open",
        "DELETE /items/{id}": "guarded",
        "GET /api/notes": "guarded",
        "GET /apix": "open",
    }
    assert one(found, "DELETE /items/{id}").access.roles == ("admin",)
    assert one(found, "GET /before").source.line == 7
    assert "guards.js:2" in one(found, "GET /api/notes").access.evidence[0].what


def test_what_traces_and_what_answers_refuses_nobody(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_js="""
        const express = require('express');
        const AWSXRay = require('aws-xray-sdk');
        const SuccessResponse = require('./elsewhere/success-response');
        const decide = require('./elsewhere/decide');
        const app = express();
        app.use(AWSXRay.express.openSegment('shop'));
        app.post('/carts', async (req, res) => SuccessResponse(req, res, await carts.create({})));
        app.post('/bins', async (req, res) => decide(req, res, await bins.create({})));
        """,
    )
    assert who(found) == {"POST /carts": "open", "POST /bins": "unknown"}


def test_permissions_given_to_a_guard_are_kept(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_js="""
        const express = require('express');
        const app = express();
        const can = (names) => (req, res, next) => {
          if (!req.user.permissions.includes(names)) return res.sendStatus(403);
          next();
        };
        app.delete('/keys/:id', can('keys:delete, keys:admin'), (req, res) => res.end());
        """,
    )
    assert one(found, "DELETE /keys/{id}").access.roles == ("keys:delete", "keys:admin")
    assert one(found, "DELETE /keys/{id}").access.how == "role"
    assert found.roles == ()


def test_routers_in_other_files_and_their_own_middleware(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        guards_js=GUARD,
        routes__members_js="""
        const { Router } = require('express');
        const { requireUser } = require('../guards');
        const router = Router();
        router.get('/public', (req, res) => res.json([]));
        router.use(requireUser);
        router.route('/:id').get((req, res) => res.json({})).delete((req, res) => res.end());
        module.exports = router;
        """,
        routes__index_js="""
        const express = require('express');
        const router = express.Router();
        router.use('/members', require('./members'));
        module.exports = router;
        """,
        app_js="""
        const server = require('express')();
        server.use('/api', require('./routes'));
        """,
    )
    assert who(found) == {
        "GET /api/members/public": "open",
        "GET /api/members/{id}": "guarded",
        "DELETE /api/members/{id}": "guarded",
    }


def test_typescript_modules_and_a_router_that_a_function_builds(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        src__guards_ts="""
        import type { NextFunction, Request, Response } from 'express';
        export function requireUser(req: Request, res: Response, next: NextFunction) {
          if (!req.headers.authorization) throw new UnauthorizedError('sign in');
          next();
        }
        """,
        src__orders_ts="""
        import { Router } from 'express';
        import { requireUser } from './guards';
        export function makeOrders(options: Options) {
          const orders = Router();
          orders.get('/', requireUser, async (req, res) => { res.json([]); });
          return orders;
        }
        """,
        src__app_ts="""
        import express from 'express';
        import { makeOrders } from './orders';
        const app = express();
        app.use('/orders', makeOrders({ size: 10 }));
        """,
    )
    assert who(found) == {"GET /orders": "guarded"}


def test_code_as_a_compiler_writes_it(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        dist__controller_js="""
        "use strict";
        Object.defineProperty(exports, "__esModule", { value: true });
        const list = async (req, res) => { res.json([]); };
        exports.default = { list };
        """,
        dist__routes_js="""
        "use strict";
        var __importDefault = (this && this.__importDefault) || function (m) { return m && m.__esModule ? m : { "default": m }; };
        Object.defineProperty(exports, "__esModule", { value: true });
        const express_1 = __importDefault(require("express"));
        const controller_1 = __importDefault(require("./controller"));
        const router = express_1.default.Router();
        router.get('/', controller_1.default.list);
        exports.default = router;
        """,
        dist__server_js="""
        "use strict";
        var __importDefault = (this && this.__importDefault) || function (m) { return m && m.__esModule ? m : { "default": m }; };
        const express_1 = __importDefault(require("express"));
        const routes_1 = __importDefault(require("./routes"));
        class Server {
          start() {
            this.app = (0, express_1.default)();
            this.app.use('/api/notes', routes_1.default);
          }
        }
        """,
    )
    assert who(found) == {"GET /api/notes": "open"}


def test_handlers_in_steps_and_controllers_are_followed(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        controller_js="""
        class Notes {
          list(req, res) { res.json([]); }
          remove = async (req, res) => {
            if (!req.user) throw new UnauthorizedError();
            res.end();
          };
        }
        module.exports = { Notes };
        """,
        app_js="""
        const express = require('express');
        const { Notes } = require('./controller');
        const app = express();
        const notes = new Notes();
        const wrap = (fn) => (req, res, next) => fn(req, res, next).catch(next);
        const reply = (req, res) => res.json(res.locals.payload);
        app.get('/notes', notes.list);
        app.delete('/notes/:id', wrap(notes.remove));
        app.post('/steps', wrap(async (req, res, next) => { await save(req.account, req.body); next(); }), reply);
        """,
    )
    assert who(found) == {"GET /notes": "open", "DELETE /notes/{id}": "guarded", "POST /steps": "unknown"}
    assert one(found, "POST /steps").source.file == "app.js"


def test_a_token_that_is_only_checked_when_given_guards_nothing(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_js="""
        const express = require('express');
        const app = express();
        function verify(token) { if (bad(token)) throw new UnauthorizedError(); }
        function load(token) { if (token) { verify(token); } return {}; }
        app.use((req, res, next) => { res.locals.x = load(req.token); next(); });
        app.post('/notes', (req, res) => res.end());
        """,
    )
    assert who(found) == {"POST /notes": "unknown"}


def test_what_cannot_be_followed_is_unknown(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        routes_js="""
        const { Router } = require('express');
        const router = Router();
        router.post('/lost', (req, res) => res.end());
        module.exports = router;
        """,
        app_js="""
        const express = require('express');
        const gate = require('@company/gate');
        const app = express();
        app.post('/a', gate(), (req, res) => res.end());
        app.use((req, res, next) => {
          if (!OPEN.includes(req.path) && !req.headers.authorization) return res.sendStatus(401);
          next();
        });
        app.post('/b', (req, res) => res.end());
        """,
    )
    assert who(found) == {"POST /a": "unknown", "POST /b": "unknown", "POST /lost": "unknown"}


def test_minified_bundles_are_no_source(tmp_path: Path) -> None:
    (tmp_path / "bundle.js").write_text(
        "import e from'express';const a=e();" + ";".join(f"a.get('/x{i}',(q,s)=>s.end())" for i in range(400))
    )
    found = surface(tmp_path, app_js="const a = require('express')();\n")
    assert found.endpoints == ()
    assert any("1 minified script left out" in unread.reason for unread in found.unread)


_GIVEN = """
const express = require("express");
const routes = require("./routes/members");
const app = express();
app.use("/api/members", requireUser);
routes(app);
app.post("/late", (req, res) => { save(req.body); res.end(); });
function requireUser(req, res, next) { if (!req.session.user) return res.status(401).end(); next(); }
"""


def test_a_function_that_is_given_the_app_stands_behind_what_was_used_before_the_call(tmp_path: Path) -> None:
    routes = "module.exports = function (server) {\n  server.delete('/api/members/:id', (req, res) => { remove(req.params.id); });\n"
    routes += "  server.get('/health', (req, res) => res.send('ok'));\n};\n"
    found = who(app(tmp_path, {"app.js": _GIVEN, "routes/members.js": routes}, "express"))
    assert found == {"DELETE /api/members/{id}": "guarded", "GET /health": "open", "POST /late": "open"}


def test_a_router_that_is_given_to_functions_mounts_what_they_register(tmp_path: Path) -> None:
    files = {
        "app.js": "const express = require('express');\nconst { build } = require('./api');\nconst app = express();\napp.use('/api', build());\n",
        "api.js": "const { Router } = require('express');\nconst { tasks } = require('./tasks');\n"
        "exports.build = function () {\n  const api = Router();\n  tasks(api, {});\n  return api;\n};\n",
        "tasks.js": "exports.tasks = function (r, options) {\n  r.get('/tasks', (req, res) => res.json([]));\n};\n",
    }
    assert list(who(app(tmp_path, files, "express"))) == ["GET /api/tasks"]


def test_what_babel_and_typescript_make_of_modules_and_enums_is_followed(tmp_path: Path) -> None:
    files = {
        "urls.js": '"use strict";\nexports.Urls = exports.Names = void 0;\n'
        'let Urls = exports.Urls = /*#__PURE__*/function (Urls) {\n  Urls["all"] = "/tasks";\n  return Urls;\n}({});\n'
        'var Names;\n(function (Names) {\n  Names["one"] = "/tasks/:id";\n})(Names || (exports.Names = Names = {}));\n',
        "paths.js": '"use strict";\nexports.api = api;\nfunction api(path) {\n  return `/api${path}`;\n}\n',
        "index.js": '"use strict";\nvar _urls = require("./urls");\nObject.keys(_urls).forEach(function (key) {\n  if (key === "default") return;\n'
        "  Object.defineProperty(exports, key, { enumerable: true, get: function () { return _urls[key]; } });\n});\n"
        'var _paths = require("./paths");\n'
        'Object.defineProperty(exports, "api", { enumerable: true, get: function () { return _paths.api; } });\n',
        "app.js": '"use strict";\nvar _express = _interopRequireDefault(require("express"));\nvar _all = require("./index");\n'
        "const app = (0, _express.default)();\n"
        "app.get((0, _all.api)(_all.Urls.all), (req, res) => res.json([]));\n"
        "app.get((0, _all.api)(_all.Names.one), (req, res) => res.json({}));\n",
    }
    assert list(who(app(tmp_path, files, "express"))) == ["GET /api/tasks", "GET /api/tasks/{id}"]


def test_middleware_that_lets_those_pass_who_bring_nothing_is_no_certain_guard(tmp_path: Path) -> None:
    server = """
const express = require("express");
const app = express();
app.use((req, res, next) => {
  const key = req.get("x-api-key");
  if (!key) return next();
  if (!known(key)) return res.status(403).end();
  next();
});
app.post("/tasks", (req, res) => { save(req.body); res.end(); });
"""
    assert who(app(tmp_path, {"app.js": server}, "express")) == {"POST /tasks": "unknown"}


_SCHEMA = """
const express = require("express");
const app = express();
app.use(async (_req, res, next) => { res.locals.schema = await loadSchema(); next(); });
async function loadSchema() { return readAs(null); }
function readAs(user) { if (user && !user.admin) throw new ForbiddenError(); return []; }
app.post("/sign-in", async (req, res) => { res.json(await start(req.body)); });
"""


def test_a_helper_that_is_handed_nothing_of_the_request_refuses_nobody(tmp_path: Path) -> None:
    assert who(app(tmp_path, {"app.js": _SCHEMA}, "express")) == {"POST /sign-in": "open"}


def test_a_helper_that_looks_the_request_up_where_the_framework_keeps_it_is_a_guard(tmp_path: Path) -> None:
    body = """
const express = require("express");
const { AsyncLocalStorage } = require("async_hooks");
const calls = new AsyncLocalStorage();
const app = express();
app.use((req, res, next) => { requireUser(); next(); });
function requireUser() { const { user } = calls.getStore(); if (!user) throw new UnauthorizedError(); }
app.post("/tasks", async (req, res) => { res.json(await add(req.body)); });
"""
    assert who(app(tmp_path, {"app.js": body}, "express")) == {"POST /tasks": "guarded"}


_REFUSALS = """
const express = require("express");
const app = express();
app.post("/items/:kind", async (req, res) => {
  const ours = isSystem(req.params.kind);
  if (ours) throw new ForbiddenError();
  res.json(await store(req.body, req.session.locale));
});
app.delete("/files", async (req, res) => { await checkKeys("files", req.body.ids); res.end(); });
app.delete("/notes/:id", async (req, res) => {
  const allowed = await mayDelete(req.user, req.params.id);
  if (!allowed) throw new ForbiddenError();
  res.end();
});
function checkKeys(kind, keys) { if (!keys.every(isUuid)) throw new ForbiddenError(); }
"""


def test_a_refusal_counts_by_the_condition_that_leads_to_it(tmp_path: Path) -> None:
    assert who(app(tmp_path, {"app.js": _REFUSALS}, "express")) == {
        "POST /items/{kind}": "unknown",
        "DELETE /files": "unknown",
        "DELETE /notes/{id}": "guarded",
    }


def test_a_router_inside_an_object_of_options_is_followed_to_its_place(tmp_path: Path) -> None:
    files = {
        "app.js": '"use strict";\nvar _express = require("express");\nvar _web = require("./web");\nvar _api = require("./api");\n'
        "const start = async () => {\n  const app = (0, _express)();\n"
        "  const web = await (0, _web.web)({}, { strict: true, endpoints: (0, _api.makeApi)() });\n  app.use(web);\n};\nstart();\n",
        "web.js": '"use strict";\nvar _express = require("express");\nexports.web = async function (config, parts) {\n'
        "  const router = _express.Router();\n  const { endpoints } = parts;\n  router.use('/-/web', inner(endpoints));\n  return router;\n};\n"
        "function inner(given) {\n  const route = _express.Router();\n  if (typeof given === 'function') {\n    route.use(given);\n  }\n  return route;\n}\n",
        "api.js": '"use strict";\nvar _express = require("express");\nexports.makeApi = function () {\n  const made = _express.Router();\n'
        "  made.get('/packages', (req, res) => res.json([]));\n  return made;\n};\n",
    }
    assert who(app(tmp_path, files, "express")) == {"GET /-/web/packages": "open"}


def test_routes_that_are_named_by_their_method_and_paths_with_a_default(tmp_path: Path) -> None:
    files = {
        "app.js": "const express = require('express');\nconst Pages = require('./pages');\nconst app = express();\napp.get('/health', (req, res) => res.end());\n",
        "pages.js": "class Pages extends Base {\n  constructor(options = {}) {\n    super();\n    this.root = options.root ? options.root : 'apps';\n"
        "    this.more = options.more || find();\n  }\n"
        "  mount() {\n    this.route('GET', `/${this.root}/:id/verify`, (req) => show(req));\n"
        "    this.route('POST', `/${this.more}/x`, (req) => show(req));\n  }\n}\nmodule.exports = Pages;\n",
        "batch.js": "const batchPath = '/batch';\nfunction mountOnto(router) {\n  router.route('POST', batchPath, (req) => all(req));\n}\nmodule.exports = { mountOnto };\n",
    }
    found = set(who(app(tmp_path, files, "express")))
    assert {"GET /apps/{id}/verify", "POST /batch", "GET /health", "POST /{this.more?}/x"} == found


def test_a_status_that_is_named_refuses_like_its_number(tmp_path: Path) -> None:
    body = """
const express = require("express");
const app = express();
app.get("/me", (req, res, next) => {
  if (req.remote_user.name) return next(profile(req.remote_user.name));
  res.status(_constants.HTTP_STATUS.UNAUTHORIZED);
  return next({ message: "sign in first" });
});
"""
    assert who(app(tmp_path, {"app.js": body}, "express")) == {"GET /me": "guarded"}


def test_a_name_that_each_case_gives_another_router_mounts_them_all_under_their_conditions(tmp_path: Path) -> None:
    body = """
const express = require("express");
const app = express();
const makeLocal = () => { const local = express.Router(); local.post("/", (req, res) => res.end()); return local; };
const makeSaml = () => { const saml = express.Router(); saml.search("/acs", (req, res) => res.end()); return saml; };
for (const provider of providers()) {
  let found;
  switch (provider.driver) {
    case "local":
      found = makeLocal();
      break;
    case "saml":
      found = makeSaml();
      break;
  }
  app.use("/login", found);
}
"""
    found = app(tmp_path, {"app.js": body}, "express")
    assert [(e.name, e.only_when) for e in found.endpoints] == [
        ("POST /login", 'provider.driver === "local"'),
        ("SEARCH /login/acs", 'provider.driver === "saml"'),
    ]


def test_a_refusal_that_is_caught_and_answered_is_no_guard(tmp_path: Path) -> None:
    body = """
const express = require("express");
const app = express();
app.get("/me", async (req, res, next) => {
  try {
    if (!req.user) throw new ForbiddenError();
    res.locals.payload = await load(req.user);
  } catch (error) {
    if (isError(error, ErrorCode.Forbidden)) { res.locals.payload = { data: { access: false } }; return next(); }
    throw error;
  }
  return next();
});
"""
    assert who(app(tmp_path, {"app.js": body}, "express")) == {"GET /me": "unknown"}


def test_what_a_handler_reads_of_a_request(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_js="""
        const express = require('express');
        const app = express();
        const checkCaptcha = () => async (req, res, next) => {
          if (req.body.captchaId) next();
        };
        app.post('/opinions', checkCaptcha());
        app.post('/opinions', (req, res) => res.json({ text: req.body?.text, kind: req.body['kind'] }));
        app.get('/password', ({ query, headers }, res, next) => res.json({ done: query.current === query.new }));
        app.get('/whoami', (req, res) => res.json({ by: req.cookies.token, fields: req.query?.fields }));
        """,
    )

    def read(name: str) -> set[tuple[str, str]]:
        return {(given.where, given.name) for given in one(found, name).inputs}

    assert read("POST /opinions") == {("body", "captchaId"), ("body", "text"), ("body", "kind")}
    assert read("GET /password") == {("query", "current"), ("query", "new")}
    assert read("GET /whoami") == {("cookie", "token"), ("query", "fields")}


def test_routers_that_are_built_in_one_chain_are_mounted_where_they_are_exported(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "src/main.ts": "import express from 'express';\nimport routes from './routes';\nconst app = express();\napp.use(routes);\napp.listen(3000);\n",
            "src/routes.ts": "import { Router } from 'express';\nimport notes from './notes';\nimport guards from './guards';\n"
            "const api = Router().use(guards.requireUser).use(notes);\nexport default Router().use('/api', api);\n",
            "src/guards.ts": "export default { requireUser: (req, res, next) => { if (!req.session.user) return res.sendStatus(401); next(); } };\n",
            "src/notes.ts": "import { Router } from 'express';\nconst notes = Router();\nnotes.get('/notes', (req, res) => res.json([]));\nexport default notes;\n",
        },
        "express",
    )
    assert who(found) == {"GET /api/notes": "guarded"}


def test_two_loops_with_one_name_mount_each_what_they_go_through(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "app.js": "const express = require('express');\nconst app = express();\nconst notes = express.Router();\nconst tools = express.Router();\n"
            "notes.get('/', (req, res) => res.json([]));\ntools.get('/', (req, res) => res.json([]));\n"
            "const always = [{ path: '/notes', route: notes }];\nconst local = [{ path: '/tools', route: tools }];\n"
            "always.forEach((route) => {\n  app.use(route.path, route.route);\n});\n"
            "if (config.env === 'development') {\n  local.forEach((route) => {\n    app.use(route.path, route.route);\n  });\n}\n",
        },
        "express",
    )
    assert {one.name: one.only_when for one in found.endpoints} == {
        "GET /notes": "",
        "GET /tools": "config.env === 'development'",
    }


def test_a_token_that_may_be_missing_guards_nothing_and_algorithms_are_no_roles(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "app.js": "const express = require('express');\nconst { expressjwt: jwt } = require('express-jwt');\nconst app = express();\n"
            "const auth = {\n  required: jwt({ secret: key, algorithms: ['HS256'] }),\n"
            "  optional: jwt({ secret: key, credentialsRequired: false, algorithms: ['HS256'] }),\n};\n"
            "app.get('/feed', auth.optional, (req, res) => res.json(all));\napp.get('/mine', auth.required, (req, res) => res.json(mine));\n",
        },
        "express",
    )
    assert who(found) == {"GET /feed": "open", "GET /mine": "guarded"}
    assert one(found, "GET /mine").access.roles == ()


def test_functions_without_a_declaration_are_followed_with_the_role_they_ask_for(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "app.js": "const express = require('express');\nconst auth = require('./auth');\nconst app = express();\n"
            "app.get('/admin', [auth.isAdmin], (req, res) => res.json(all));\n",
            "auth.js": "isAdmin = (req, res, next) => {\n  User.findByPk(req.userId).then((user) => {\n    user.getRoles().then((roles) => {\n"
            "      for (let i = 0; i < roles.length; i++) {\n        if (roles[i].name === 'admin') {\n          next();\n          return;\n        }\n      }\n"
            "      res.status(403).send({ message: 'no' });\n    });\n  });\n};\nmodule.exports = { isAdmin };\n",
        },
        "express",
    )
    assert one(found, "GET /admin").access.roles == ("admin",)


def test_files_that_multer_takes_are_inputs(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_js="""
        const express = require('express');
        const multer = require('multer');
        const upload = multer({ dest: 'uploads/' });
        const app = express();
        app.post('/avatar', upload.single('avatar'), (req, res) => res.json({ title: req.body.title }));
        app.post('/photos', multer({ dest: 'photos/' }).array('photos', 5), (req, res) => res.end());
        app.post('/album', upload.fields([{ name: 'cover' }, { name: 'tracks', maxCount: 9 }]), (req, res) => res.end());
        app.post('/note', validator.single('note'), (req, res) => res.end());
        """,
    )

    def files(name: str) -> list[str]:
        return [given.name for given in one(found, name).inputs if given.where == "file"]

    assert files("POST /avatar") == ["avatar"]
    assert files("POST /photos") == ["photos"]
    assert files("POST /album") == ["cover", "tracks"]
    assert files("POST /note") == []
    assert ("body", "title") in {(given.where, given.name) for given in one(found, "POST /avatar").inputs}


@pytest.mark.parametrize(
    ("written", "compiled"),
    [("src/main.ts", "dist/main.js"), ("api/src/main.mts", "api/build/main.mjs"), ("main.ts", "out/main.js")],
)
def test_places_are_those_of_the_file_that_people_edit(written: str, compiled: str, tmp_path: Path) -> None:
    routes = 'import express from "express";\nconst app = express();\napp.get("/people", (req, res) => res.json([]));\n'
    made = routes.replace('import express from "express"', 'const express = require("express")')
    found = app(tmp_path, {"package.json": '{"dependencies": {"express": "4"}}', written: routes, compiled: made})
    assert [endpoint.source.file for endpoint in found.endpoints] == [written]


def test_a_script_that_was_written_as_such_is_read_wherever_it_stands(tmp_path: Path) -> None:
    routes = (
        'const express = require("express");\nconst app = express();\napp.get("/people", (req, res) => res.json([]));\n'
    )
    found = app(
        tmp_path, {"package.json": '{"dependencies": {"express": "4"}}', "lib/main.js": routes, "src/other.ts": ""}
    )
    assert [endpoint.name for endpoint in found.endpoints] == ["GET /people"]


def test_functions_of_a_list_that_are_each_given_the_app(tmp_path: Path) -> None:
    routes = """
        module.exports = (app, db) => {
          app.get('/PLACE', (req, res) => res.json([]));
        };
        """
    found = surface(
        tmp_path,
        server_js="""
        const express = require('express');
        const attach = require('./attach');
        const app = express();
        attach(app, {});
        """,
        attach_js="""
        const all = [require('./one'), require('./two')];
        module.exports = function attach(app, db) {
          return all.forEach((each) => { each(app, db) });
        };
        """,
        one_js=routes.replace("PLACE", "one"),
        two_js=routes.replace("PLACE", "two"),
    )
    assert who(found) == {"GET /one": "open", "GET /two": "open"}


def test_folders_of_files_are_a_way_in_behind_what_is_used_before(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        guards_js=GUARD,
        app_js="""
        const express = require('express');
        const { requireUser } = require('./guards');
        const app = express();
        app.use(express.static('public'));
        app.use('/pictures', express.static(__dirname + '/pictures'));
        app.use('/papers', requireUser, express.static('papers'));
        """,
    )
    assert who(found) == {"GET /{path}": "open", "GET /pictures/{path}": "open", "GET /papers/{path}": "guarded"}
    assert {one.source.what for one in found.endpoints} == {"static files"}


def test_middleware_on_a_path_stands_before_routers_that_are_mounted_above_it(tmp_path: Path) -> None:
    main = """
const express = require("express");
const app = express();
const api = express.Router();
const late = express.Router();
app.use("/api/admin", (req, res, next) => { if (!req.user) return res.status(401).end(); next(); });
api.get("/admin/users", (req, res) => res.json([]));
api.get("/administrators", (req, res) => res.json([]));
app.use("/api", api);
late.get("/late/one", (req, res) => res.json([]));
app.use("/", late);
app.use("/late", (req, res, next) => { if (!req.user) return res.status(401).end(); next(); });
"""
    assert who(app(tmp_path, {"app.js": main})) == {
        "GET /api/admin/users": "guarded",
        "GET /api/administrators": "open",
        "GET /late/one": "open",
    }


def test_roles_given_to_a_guard_as_members_of_an_object_of_another_file(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        words_js="""
        const ROLES = { CHAIR: 'Chair', CLERK: 'Clerk' };
        const LIMITS = { SMALL: 'small' };
        module.exports = { ROLES, LIMITS };
        """,
        guards_js="""
        const only = (...names) => (req, res, next) => {
          if (!req.user || !names.includes(req.user.role)) return res.status(403).json({});
          next();
        };
        module.exports = { only };
        """,
        app_js="""
        const express = require('express');
        const { ROLES, LIMITS } = require('./words');
        const { only } = require('./guards');
        const app = express();
        app.delete('/minutes/:id', only(ROLES.CHAIR, ROLES.CLERK), (req, res) => res.end());
        app.delete('/drafts/:id', only(LIMITS.SMALL), (req, res) => res.end());
        """,
    )
    assert one(found, "DELETE /minutes/{id}").access.roles == ("Chair", "Clerk")
    assert one(found, "DELETE /drafts/{id}").access.roles == ()


def test_a_router_that_a_required_function_returns_is_mounted_where_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "routes").mkdir()
    (tmp_path / "routes" / "shop.js").write_text(
        "const router = require('express').Router();\n"
        "module.exports = function (db) {\n  router.get('/orders', (req, res) => res.json([]));\n  return router;\n};\n"
    )
    found = surface(
        tmp_path,
        app_js="const express = require('express');\nconst app = express();\napp.use('/shop', require('./routes/shop')(1));\n",
    )
    assert [one.name for one in found.endpoints] == ["GET /shop/orders"]


def test_passports_session_only_restores_who_signed_in_before(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_js="""
        const express = require('express');
        const passport = require('passport');
        const app = express();
        app.use(passport.initialize(), passport.authenticate('session'));
        app.get('/', (req, res) => res.render('landing'));
        app.get('/maybe', passport.authenticate(['jwt', 'anonymous']), (req, res) => res.json([]));
        app.get('/own', passport.authenticate('jwt', { session: false }), (req, res) => res.json([]));
        """,
    )
    assert who(found) == {"GET /": "open", "GET /maybe": "open", "GET /own": "guarded"}


@pytest.mark.parametrize(
    ("parsers", "where"),
    [
        ("app.use(require('body-parser').urlencoded({ extended: false }));", "form"),
        ("app.use(express.urlencoded({ extended: true })); app.use(express.json());", "body"),
        ("app.use(express.json());", "body"),
        ("", "body"),
    ],
)
def test_an_app_that_parses_forms_alone_takes_its_fields_from_forms(tmp_path: Path, parsers: str, where: str) -> None:
    """An answer of ``res.json`` is no parser."""
    found = surface(
        tmp_path,
        app_js=f"""
        const express = require('express');
        const app = express();
        {parsers}
        app.post('/signup', (req, res) => {{ const {{ username, password }} = req.body; res.json({{ username }}); }});
        """,
    )
    assert [(given.name, given.where) for given in one(found, "POST /signup").inputs] == [
        ("username", where),
        ("password", where),
    ]


def test_what_answers_errors_turns_nobody_away(tmp_path: Path) -> None:
    """A function that says what went wrong knows 401 as well, and is called for whoever caused it."""
    files = {
        "app.js": """const express = require("express");
const { failed } = require("./failed");
const app = express();
app.post("/notes", async (req, res) => { try { res.json(await db.note.create(req.body)); } catch (err) { return failed(err, res); } });
app.post("/tasks", async (req, res) => { const user = must(req, res); if (!user) return; res.json(await db.task.create(req.body)); });
function must(req, res) { if (!req.session.user) { res.status(401).end(); return null; } return req.session.user; }
""",
        "failed.js": 'exports.failed = (err, res) => { if (err.message.includes("unauthorized")) return res.status(401).json({}); return res.status(500).json({}); };\n',
    }
    assert who(app(tmp_path, files, "express")) == {"POST /notes": "open", "POST /tasks": "guarded"}


def test_routers_that_are_imported_where_they_are_mounted(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "app.js": 'import express from "express";\nconst server = express();\nserver.use("/a", (await import("./a.js")).default);\n'
            'server.use("/b", (await import("./b.js")).router);\nconst c = (await import("./c.js")).default;\nserver.use("/c", c);\nserver.use("/d", require("./d"));\n',
            "a.js": 'import { Router } from "express";\nconst router = Router();\nrouter.get("/x", (req, res) => res.json([]));\nexport default router;\n',
            "b.js": 'import { Router } from "express";\nexport const router = Router();\nrouter.get("/x", (req, res) => res.json([]));\n',
            "c.js": 'import { Router } from "express";\nconst router = Router();\nrouter.get("/x", (req, res) => res.json([]));\nexport default router;\n',
            "d.js": 'const router = require("express").Router();\nrouter.get("/x", (req, res) => res.json([]));\nmodule.exports = router;\n',
        },
        "express",
    )
    assert set(who(found)) == {"GET /a/x", "GET /b/x", "GET /c/x", "GET /d/x"}


_SERVES = "const app = require('express')();\napp.get('/notes', (req, res) => res.json([]));\n"
_TORN = "const app = require('express')();\nfunction (((\nvar x = {{;\n"


def test_built_output_that_does_not_parse_is_counted_and_not_called_a_file_we_failed_on(tmp_path: Path) -> None:
    """Nobody edits it, and what it was built from is read."""
    found = app(tmp_path, {"server.js": _SERVES, "web/dist/app.js": _TORN, "torn.js": _TORN}, "express")
    assert [(one.file, one.reason.split(":")[0]) for one in found.unread] == [
        ("torn.js", "does not parse"),
        (".", "1 file of built output left out"),
    ]


def test_a_build_that_is_the_app_is_told_file_by_file(tmp_path: Path) -> None:
    """A package that is published as it was built has nothing else."""
    found = app(tmp_path, {"dist/server.js": _SERVES, "dist/roles.js": _TORN}, "express")
    assert [one.file for one in found.unread] == ["dist/roles.js"]


@pytest.mark.parametrize(
    ("said", "verdict"),
    [('errorResponse(res, "UNAUTHORIZED", "Sign in", 401); return;', "guarded"), ("note(res, 200); return;", "open")],
)
def test_a_helper_that_is_given_the_reply_and_a_status_refuses(said: str, verdict: str, tmp_path: Path) -> None:
    server = f"""
const express = require("express");
const router = express();
function authenticate(req, res, next) {{
  if (!req.headers.authorization) {{ {said} }}
  next();
}}
router.use(authenticate);
router.post("/tasks", (req, res) => {{ save(req.body); res.end(); }});
"""
    assert who(app(tmp_path, {"app.js": server}, "express")) == {"POST /tasks": verdict}


def test_who_signs_in_with_a_password_is_not_asked_who_they_are(tmp_path: Path) -> None:
    """passportjs.org: the strategy ``local`` takes the password that the request brings."""
    found = app(
        tmp_path,
        {
            "app.js": 'const app = require("express")();\nconst passport = require("passport");\n'
            'app.post("/enter", passport.authenticate("local"), (req, res) => res.redirect("/"));\n'
            'app.get("/me", passport.authenticate("jwt", { session: false }), (req, res) => res.json(req.user));\n'
        },
        "express",
    )
    assert who(found) == {"POST /enter": "open", "GET /me": "guarded"}


def test_all_with_a_wildcard_stands_before_what_is_below(tmp_path: Path) -> None:
    """expressjs.com, app.all: ``app.all("/api/*", requireAuthentication)``. It is no way in, and covers neither ``/api`` nor what came before."""
    found = app(
        tmp_path,
        {
            "app.js": 'const app = require("express")();\n'
            "const signedIn = (req, res, next) => { if (!req.session.user) return res.status(401).end(); next(); };\n"
            'app.get("/api/early", (req, res) => res.json([]));\napp.all("/api/*", signedIn);\n'
            'app.get("/api", (req, res) => res.json([]));\napp.get("/api/notes", (req, res) => res.json([]));\n'
            'app.get("/other", (req, res) => res.json([]));\napp.all("*splat", signedIn);\napp.get("/last", (req, res) => res.json([]));\n'
        },
        "express",
    )
    assert who(found) == {
        "GET /api/early": "open",
        "GET /api": "open",
        "GET /api/notes": "guarded",
        "GET /other": "open",
        "GET /last": "guarded",
    }


def test_addresses_of_express_5(tmp_path: Path) -> None:
    """expressjs.com, migrating to 5: ``{/:id}`` may be left out, ``*rest`` has a name."""
    found = app(
        tmp_path,
        {
            "app.js": 'const app = require("express")();\napp.get("/notes{/:id}", (req, res) => res.json([]));\n'
            'app.get("/files/*rest", (req, res) => res.json([]));\napp.get("/{*page}", (req, res) => res.render("page"));\n'
        },
        "express",
    )
    assert set(who(found)) == {"GET /notes/{id}", "GET /files/{rest}", "GET /{page}"}


def test_a_list_of_handlers_under_a_name(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "app.js": 'const app = require("express")();\nconst { removed } = require("./removed");\n'
            "const signedIn = (req, res, next) => { if (!req.user) return res.status(401).end(); next(); };\n"
            "const listed = [signedIn, (req, res) => res.json([])];\n"
            'app.get("/a", listed);\napp.get("/b", ...listed);\napp.get("/c", signedIn, removed);\napp.get("/d", removed);\n',
            "removed.js": "exports.removed = [(req, res) => res.json([])];\n",
        },
        "express",
    )
    assert who(found) == {"GET /a": "guarded", "GET /b": "guarded", "GET /c": "guarded", "GET /d": "open"}


@pytest.mark.parametrize("refuses", [False, True])
def test_a_session_that_is_only_looked_at_when_it_came_guards_nothing(tmp_path: Path, refuses: bool) -> None:
    none = "return res.status(401).end();" if refuses else "return next();"
    found = surface(
        tmp_path,
        session_js=f"""
        module.exports.sessions = (queries = {{}}) => async (req, res, next) => {{
          const token = req.cookies?.sid;
          if (!token) {{
            if (logging()) {{ console.log('nobody asks for ' + req.path); }}
            {none}
          }}
          const session = await queries.find(token);
          if (!session) return res.status(401).json({{ error: 'Unauthorized' }});
          req.user = session.user;
          next();
        }};
        """,
        app_js="""
        const express = require('express');
        const { sessions } = require('./session');
        const app = express();
        app.use(sessions(queries));
        app.get('/todo', (req, res) => res.json(todo));
        app.get('/mine', (req, res) => { if (!req.user) return res.sendStatus(401); res.json(mine); });
        """,
    )
    assert who(found) == {"GET /todo": "guarded" if refuses else "unknown", "GET /mine": "guarded"}


def test_a_middleware_that_takes_a_session_or_tries_basic_and_else_leads_to_the_login(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        signed_js="""
        const passport = require('passport');
        const config = require('./config');
        module.exports = function signedIn(req, res, next) {
          if (req.isAuthenticated()) { return next(); }
          if (req.headers.authorization) { return passport.authenticate('basic', { session: false })(req, res, next); }
          res.redirect(config.get('baseUrl') + '/signin');
        };
        """,
        app_js="""
        const express = require('express');
        const signedIn = require('./signed');
        const app = express();
        app.get('/notes', signedIn, (req, res) => res.json(notes));
        app.get('/mine', (req, res) => { if (!req.isAuthenticated()) { return res.redirect('/welcome'); } res.json(mine); });
        app.get('/old', (req, res) => res.redirect(config.get('baseUrl') + '/notes'));
        """,
    )
    assert who(found) == {"GET /notes": "guarded", "GET /mine": "guarded", "GET /old": "open"}


def test_a_router_that_is_pushed_to_a_list_is_there_under_its_condition(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        notes_js="const router = require('express').Router();\nrouter.get('/notes', list);\nmodule.exports = router;\n",
        google_js="const router = require('express').Router();\nrouter.get('/google', away);\nmodule.exports = router;\n",
        app_js="""
        const app = require('express')();
        const routers = [require('./notes')];
        if (googleId) {
          routers.push(require('./google'));
        }
        routers.forEach(function (router) { app.use('/api', router); });
        """,
    )
    assert {one.name: one.only_when for one in found.endpoints} == {"GET /api/notes": "", "GET /api/google": "googleId"}


def test_objects_that_set_up_an_app_which_a_function_of_theirs_makes(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        util_js="""
        const express = require("express");
        module.exports = {
          makeApp: function (settings) {
            const app = express();
            app.set("x-powered-by", false);
            return app;
          }
        };
        """,
        admin_js="""
        const util = require("./util");
        module.exports = {
          init(settings) {
            const admin = util.makeApp(settings);
            admin.get("/flows", asks("flows"), flows.get);
            if (settings.state) { admin.post("/flows/state", asks("flows"), flows.state); }
            return admin;
          },
          // What answers a request sets nothing up.
          list: function (req, res) { const admin = find(req); admin.get("/none", res); }
        };
        """,
        app_js="""
        const express = require("express");
        let api;
        function start(settings) {
          api = express();
          const admin = require("./admin").init(settings);
          api.use("/admin", admin);
        }
        module.exports = { start };
        """,
    )
    assert [one.name for one in found.endpoints] == ["GET /admin/flows", "POST /admin/flows/state"]


def test_a_guard_that_a_setting_switches_on_is_one_only_then(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        asks_js="""
        const settings = require('./settings');
        module.exports = function asks(permission) {
          return function (req, res, next) {
            if (settings && settings.adminAuth) {
              return sessions.load(req, function () {
                if (allowed(req.user, permission)) { return next(); }
                return res.status(401).end();
              });
            } else {
              next();
            }
          };
        };
        """,
        report_js="""
        const settings = require('./settings');
        module.exports = function (req, res) {
          const options = settings.report || {};
          if (options.enabled === false) { reject(req, res, { user: req.user, status: 403 }); } else { res.json(all); }
        };
        """,
        app_js="""
        const app = require('express')();
        const asks = require('./asks');
        const report = require('./report');
        app.get('/flows', asks('read'), (req, res) => res.json(flows));
        app.get('/report', report);
        """,
    )
    flows = one(found, "GET /flows").access
    assert (flows.verdict.value, flows.guarded_when) == ("unknown", "settings.adminAuth")
    assert who(found)["GET /report"] != "guarded"


def test_a_prefix_and_routers_that_functions_hand_on(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        api_js="""
        module.exports = function (app) {
          const express = require('express');
          const first = express.Router();
          const second = express.Router();
          first.get('/notes', list);
          second.get('/notes', listed);
          return { v1: first, second };
        };
        """,
        routes_js="""
        module.exports = function (app, prefix, other) {
          const made = require('./api')(app);
          app.use(`${prefix}/v1`, made.v1);
          app.use(`${prefix}/v2`, made.second);
          app.get(`${other}/far`, far);
        };
        """,
        app_js="""
        const app = require('express')();
        const prefix = config.get('prefix') || '';
        require('./routes')(app, prefix, config.get('other'));
        """,
    )
    assert {one.path for one in found.endpoints} == {"/v1/notes", "/v2/notes", "/{other?}/far"}


@pytest.mark.parametrize(
    ("passes", "when"),
    [
        ("if (req.app.locals.authDisabled) { return next(); }", "not (req.app.locals.authDisabled)"),
        ("if (config.open) return next();", "not (config.open)"),
        ("if (process.env.NODE_ENV === 'test') { return next(); }", ""),
        ("if (req.path === config.health) { return next(); }", ""),
    ],
)
def test_a_middleware_that_lets_everybody_pass_while_a_setting_says_so(tmp_path: Path, passes: str, when: str) -> None:
    found = surface(
        tmp_path,
        app_js=f"""
        const app = require('express')();
        function signedIn(req, res, next) {{
          {passes}
          if (!req.user) {{ return res.status(401).end(); }}
          next();
        }}
        app.get('/notes', signedIn, (req, res) => res.json(notes));
        """,
    )
    access = one(found, "GET /notes").access
    assert (access.verdict.value, access.guarded_when) == (("unknown", when) if when else ("guarded", ""))


def test_a_handler_of_errors_guards_nothing_that_stands_behind_it(tmp_path: Path) -> None:
    code = "const express = require('express');\nconst app = express();\napp.use((err, req, res, next) => {\n  if (err.name === 'UnauthorizedError') return res.status(401).json({ message: 'Invalid token' });\n  next(err);\n});\napp.use(refused);\nfunction refused(err, req, res, next) { res.status(403).end(); }\napp.get('/offers', (req, res) => res.json([]));\napp.get('/mine', ask, (req, res) => res.json([]));\nfunction ask(req, res, next) { if (!req.user) return res.status(401).end(); next(); }\n"
    assert who(app(tmp_path, {"app.js": code}, "express")) == {"GET /offers": "open", "GET /mine": "guarded"}


def test_a_folder_that_exports_all_of_another_file(tmp_path: Path) -> None:
    files = {
        "server.js": 'const express = require("express");\nconst routes = require("./routes");\nconst app = express();\n'
        'app.use("/api", routes.api);\napp.use("/", routes.pages);\napp.listen(3000);\n',
        "routes/index.js": 'module.exports = require("./routes");\n',
        "routes/routes.js": 'const { Router } = require("express");\nconst notes = require("./notes");\n'
        'const api = Router();\napi.use("/notes", notes);\nconst pages = Router();\npages.get("/about", about);\n'
        "module.exports = { api, pages };\n",
        "routes/notes.js": 'const { Router } = require("express");\nconst router = Router();\nrouter.get("/", list);\nmodule.exports = router;\n',
    }
    assert sorted(who(app(tmp_path, files, "express"))) == ["GET /about", "GET /api/notes"]


@pytest.mark.parametrize(("given", "verdict"), [("true", "guarded"), ("false", "unknown"), ("isProduction", "guarded")])
@pytest.mark.parametrize("passes", [True, False], ids=["strict alone", "and one that always asks"])
def test_a_guard_that_is_given_false_for_the_word_it_refuses_by(
    given: str, verdict: str, passes: bool, tmp_path: Path
) -> None:
    always = "" if passes else 'if (!req.headers["x-app"]) return res.status(401).end();'
    source = f"""
const express = require("express");
const app = express();
function authenticate(kind, isStrict) {{
  return function (req, res, next) {{
    {always}
    const user = known(kind, req.headers.authorization);
    if (!user && isStrict) return res.status(401).json({{ error: "sign in first" }});
    req.user = user;
    next();
  }};
}}
const signedIn = authenticate("jwt", {given});
app.get("/notes", signedIn, (req, res) => res.json(notes));
"""
    found = who(app(tmp_path, {"app.js": source}, "express"))
    assert found == {"GET /notes": verdict if passes else "guarded"}
