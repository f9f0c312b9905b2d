"""Routes that @hono/zod-openapi describes, in apps whose routers are made by functions of their own."""

from pathlib import Path

from tests.sources.reading import app, one, who

_CREATE = """
import { OpenAPIHono } from "@hono/zod-openapi";
import { signedIn } from "./auth";

export function createRouter() {
  return new OpenAPIHono<AppBindings>({ strict: false });
}

export default function createApp() {
  const app = createRouter().basePath("/api");
  app.use("/private/*", signedIn);
  app.get("/health", (c) => c.text("ok"));
  return app;
}
"""
_AUTH = """
import { createMiddleware } from "hono/factory";
export const signedIn = createMiddleware(async (c, next) => {
  if (!c.get("user")) return c.json({ error: "no" }, 401);
  await next();
});
export function allow(...roles: string[]) {
  return createMiddleware(async (c, next) => {
    if (!roles.includes(c.get("user")?.role)) return c.json({ error: "no" }, 403);
    await next();
  });
}
"""
_ROUTES = """
import { createRoute, z } from "@hono/zod-openapi";
import { allow, signedIn } from "./auth";
export const list = createRoute({ path: "/notes", method: "get", responses: {} });
export const create = createRoute({ path: "/notes", method: "post", middleware: [signedIn] as const,
  request: { body: { content: { "application/json": { schema: z.object({ title: z.string() }) } } } }, responses: {} });
export const remove = createRoute({ path: "/notes/{id}", method: "delete", middleware: allow("admin"), request: { params: z.object({ id: z.string() }) }, responses: {} });
"""
_HANDLERS = """
export const list: AppRouteHandler<ListRoute> = async (c) => c.json([]);
export const create: AppRouteHandler<CreateRoute> = async (c) => { const { title } = c.req.valid("json"); return c.json(await db.insert(notes).values({ title })); };
export const remove = async (c) => c.json({});
"""
_INDEX = """
import { createRouter } from "./create-app";
import * as handlers from "./notes.handlers";
import * as routes from "./notes.routes";
const router = createRouter()
  .openapi(routes.list, handlers.list)
  .openapi(routes.create, handlers.create)
  .openapi(routes.remove, handlers.remove);
export default router;
"""
_PRIVATE = """
import { createRouter } from "./create-app";
export const own = createRouter();
own.openapi({ method: "get", path: "/private/me" }, (c) => c.json({}));
"""
_APP = """
import createApp from "./create-app";
import { own } from "./private.index";
import notes from "./notes.index";
const app = createApp();
const routers = [notes, own] as const;
routers.forEach((router) => { app.route("/", router); });
export default app;
"""
_FILES = {
    "create-app.ts": _CREATE,
    "auth.ts": _AUTH,
    "notes.routes.ts": _ROUTES,
    "notes.handlers.ts": _HANDLERS,
    "notes.index.ts": _INDEX,
    "private.index.ts": _PRIVATE,
    "app.ts": _APP,
}


def test_described_routes_of_routers_that_a_function_makes(tmp_path: Path) -> None:
    found = app(tmp_path, _FILES)
    assert who(found) == {
        "GET /api/health": "open",
        "GET /api/notes": "open",
        "POST /api/notes": "guarded",
        "DELETE /api/notes/{id}": "guarded",
        # What the function that makes the app used on a path stands before routers that are mounted at the root later.
        "GET /api/private/me": "guarded",
    }
    assert one(found, "DELETE /api/notes/{id}").access.roles == ("admin",)
    made = one(found, "POST /api/notes")
    assert (made.source.file, [(given.name, given.where) for given in made.inputs]) == (
        "notes.routes.ts",
        [("title", "body")],
    )


def test_an_app_and_its_function_may_keep_one_name(tmp_path: Path) -> None:
    main = """import { OpenAPIHono } from "@hono/zod-openapi";
const createRouter = () => new OpenAPIHono({ strict: false });
const createApp = () => {
  const app = createRouter().basePath("/v1");
  app.use("*", signedIn);
  return app;
};
const app = createApp();
app.get("/notes", (c) => c.json([]));
async function signedIn(c, next) {
  if (!c.var.session) return failed(c, "UNAUTHORIZED", "Sign in first");
  await next();
}
"""
    assert who(app(tmp_path, {"main.ts": main})) == {"GET /v1/notes": "guarded"}


def test_a_route_that_is_described_out_of_sight_is_named_as_missing(tmp_path: Path) -> None:
    main = """import { Hono } from "hono";
import { routes } from "@acme/contracts";
const app = new OpenAPIHono();
app.openapi(routes.list, (c) => c.json([]));
export default app;
"""
    found = app(tmp_path, {"main.ts": main})
    assert not found.endpoints
    assert ["routes.list" in one.reason for one in found.unread] == [True]


def test_a_function_without_a_block_that_adds_a_route_and_what_hono_brings_itself(tmp_path: Path) -> None:
    main = """import { OpenAPIHono, createRoute } from "@hono/zod-openapi";
import { getCookie } from "hono/cookie";
import { secureHeaders } from "hono/secure-headers";
import { trimTrailingSlash } from "hono/trailing-slash";
import { apiReference } from "@scalar/hono-api-reference";
import { basicAuth } from "hono/basic-auth";
const app = new OpenAPIHono();
app.use(secureHeaders());
app.use(trimTrailingSlash());
const login = createRoute({ method: "post", path: "/login", responses: {} });
const registerLogin = (server) => server.openapi(login, (c) => { getCookie(c, "a"); return c.json({}); });
registerLogin(app);
app.doc("/openapi.json", { openapi: "3.0.0" });
app.get("/reference", apiReference({ url: "/openapi.json" }));
app.get("/metrics", basicAuth({ username: "a", password: "b" }), (c) => c.text(""));
const isAdmin = async (c, next) => { const user = c.get("user"); if (user.isAdmin === false) return c.json({}, 401); await next(); };
app.get("/people", isAdmin, (c) => c.json([]));
export default app;
"""
    found = app(tmp_path, {"main.ts": main})
    assert who(found) == {
        "POST /login": "open",
        "GET /openapi.json": "open",
        "GET /reference": "open",
        "GET /metrics": "guarded",
        "GET /people": "guarded",
    }
    assert next(e for e in found.endpoints if e.path == "/people").access.roles == ("admin",)
