"""oRPC: procedures and routers as an RPCHandler and an OpenAPIHandler serve them."""

from pathlib import Path

from tests.sources.reading import app, one, who

_BASE = """import { os, ORPCError } from "@orpc/server";
const base = os.$context<{ user?: User }>();
export const open = base.use(async ({ next }) => next());
export const signedIn = open.use(async ({ context, next }) => {
  if (!context.user) throw new ORPCError("UNAUTHORIZED");
  return next({ context });
});
export const admins = signedIn.use(({ context, next }) => {
  if (context.user.role !== "admin") throw new ORPCError("FORBIDDEN");
  return next();
});
"""
_NOTES = """import { z } from "zod";
import { open, signedIn, admins } from "./base";
const list = open.route({ method: "GET", path: "/notes" }).handler(async () => db.notes.findMany());
const create = signedIn.route({ method: "POST", path: "/notes" }).input(z.object({ title: z.string() })).handler(async ({ input, context }) => db.notes.insert(input));
export const notes = { list, create, remove: admins.route({ method: "DELETE", path: "/notes/{id}" }).input(z.object({ id: z.string() })).handler(({ input }) => db.notes.remove(input.id)) };
"""
_ROUTER = """import { signedIn } from "./base";
import { notes } from "./notes";
import { os } from "@orpc/server";
const late = os.lazy(() => import("./late"));
export const router = { notes, team: signedIn.prefix("/team").router({ late }), lazily: late };
"""
_LATE = """import { open } from "./base";
export default { ping: open.handler(() => "pong") };
"""
_RPC = """import { RPCHandler } from "@orpc/server/fetch";
import { router } from "../../../router";
const handler = new RPCHandler(router, { plugins: [] });
async function handle(request) {
  const { response } = await handler.handle(request, { prefix: "/rpc", context: await context(request) });
  return response ?? new Response("Not found", { status: 404 });
}
export const POST = handle;
"""
_SERVER = """import { OpenAPIHandler } from "@orpc/openapi/node";
import { createServer } from "node:http";
import { router } from "./router";
const api = new OpenAPIHandler(router);
const server = createServer(async (req, res) => {
  const { matched } = await api.handle(req, res, { context: {}, prefix: "/api" });
  if (!matched) res.end();
});
"""
_FILES = {
    "base.ts": _BASE,
    "notes.ts": _NOTES,
    "router.ts": _ROUTER,
    "late.ts": _LATE,
    "server.ts": _SERVER,
    "app/rpc/[[...rest]]/rpc.ts": _RPC,
}


def test_procedures_as_both_handlers_serve_them(tmp_path: Path) -> None:
    found = app(tmp_path, _FILES)
    assert who(found) == {
        "GET /rpc/notes/list": "open",
        "POST /rpc/notes/list": "open",
        "POST /rpc/notes/create": "guarded",
        "POST /rpc/notes/remove": "guarded",
        "POST /rpc/team/late/ping": "guarded",
        "POST /rpc/lazily/ping": "open",
        "GET /api/notes": "open",
        "POST /api/notes": "guarded",
        "DELETE /api/notes/{id}": "guarded",
        "POST /api/team/late/ping": "guarded",
        "POST /api/lazily/ping": "open",
    }
    assert one(found, "POST /rpc/notes/remove").access.roles == ("admin",)
    # An RPCHandler is sent all that a procedure takes below `json`.
    assert [given.name for given in one(found, "POST /rpc/notes/create").inputs] == ["json.title"]
    assert [(given.name, given.where) for given in one(found, "DELETE /api/notes/{id}").inputs] == [("id", "path")]


def test_a_contract_says_where_its_procedures_are(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "contract.ts": """import { oc } from "@orpc/contract";
const notes = { read: oc.route({ method: "GET", path: "/notes/{id}" }), write: oc.route({ method: "PUT", path: "/notes/{id}" }) };
export const contract = { notes };
""",
            "server.ts": """import { implement, ORPCError } from "@orpc/server";
import { OpenAPIHandler } from "@orpc/openapi/fetch";
import { contract } from "./contract";
const os = implement(contract).use(({ context, next, errors }) => {
  if (!context.session) throw errors.UNAUTHORIZED();
  return next();
});
const handler = new OpenAPIHandler(os.router({ notes: {
  read: os.notes.read.handler(({ input }) => db.find(input.id)),
  write: os.notes.write.handler(({ input }) => db.save(input)),
} }));
export default { fetch: (request) => handler.handle(request, { prefix: "/v1", context: {} }) };
""",
        },
    )
    assert who(found) == {"GET /v1/notes/{id}": "guarded", "PUT /v1/notes/{id}": "guarded"}


def test_middleware_that_speaks_of_a_denial_is_unknown_where_none_is_seen(tmp_path: Path) -> None:
    files = {
        "main.ts": """import { os } from "@orpc/server";
import { RPCHandler } from "@orpc/server/fetch";
const base = os.use(({ context, next, errors }) => {
  const user = context.found.mapErr(() => errors.UNAUTHORIZED()).unwrap();
  return next({ context: { user } });
});
const handler = new RPCHandler({ ping: base.handler(() => "pong") });
export const serve = (request) => handler.handle(request, { prefix: "/rpc" });
"""
    }
    assert who(app(tmp_path, files)) == {"POST /rpc/ping": "unknown"}
