"""tRPC: procedures by their routers, what their middleware demands, and where the handler serves them (trpc.io)."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who

INIT = """
import { initTRPC, TRPCError } from "@trpc/server";
const t = initTRPC.context().create();
export const createTRPCRouter = t.router;
export const publicProcedure = t.procedure;
const signedIn = t.middleware(({ ctx, next }) => {
  if (!ctx.session?.user) { throw new TRPCError({ code: "UNAUTHORIZED" }); }
  return next();
});
export const protectedProcedure = t.procedure.use(signedIn);
export const adminProcedure = protectedProcedure.use(({ ctx, next }) => {
  if (ctx.session.user.role !== "admin") throw new TRPCError({ code: "FORBIDDEN" });
  return next();
});
"""
ROUTERS = """
import { z } from "zod";
import { createTRPCRouter, publicProcedure, protectedProcedure, adminProcedure } from "@app/trpc";
import { timed } from "elsewhere";
export const memberRouter = createTRPCRouter({
  list: publicProcedure.query(() => []),
  rename: protectedProcedure.input(z.object({ id: z.string(), name: z.string().optional() })).mutation(({ input }) => 1),
  remove: adminProcedure.input(z.object({ id: z.string() })).mutation(async ({ input }) => 1),
  mine: publicProcedure.query(({ ctx }) => { if (!ctx.user) throw new TRPCError({ code: "UNAUTHORIZED" }); }),
  slow: timed.query(() => 1),
});
"""
ROOT = """
import { createTRPCRouter, publicProcedure } from "@app/trpc";
import { memberRouter } from "./members";
export const appRouter = createTRPCRouter({ members: memberRouter, health: publicProcedure.query(() => "ok") });
"""
NEXT = """
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { appRouter } from "@app/root";
const handler = (req) => fetchRequestHandler({ endpoint: "/api/trpc", req, router: appRouter, createContext });
export { handler as GET, handler as POST };
"""
TSCONFIG = '{ // aliases\n "compilerOptions": { "baseUrl": ".", "paths": { "@app/*": ["./src/server/*"], }, } }'


def _app(root: Path, **more: str) -> dict[str, str]:
    files = {
        "tsconfig.json": TSCONFIG,
        "src/server/trpc.ts": INIT,
        "src/server/members.ts": ROUTERS,
        "src/server/root.ts": ROOT,
    }
    found = app(root, files | more, "@trpc/server")
    return {name: verdict for name, verdict in who(found).items() if "members" in name or "health" in name}


def test_procedures_and_who_may_call_them(tmp_path: Path) -> None:
    found = _app(tmp_path, **{"src/app/api/trpc/[trpc]/route.ts": NEXT})
    assert found == {
        "GET /api/trpc/health": "open",
        "GET /api/trpc/members.list": "open",
        "POST /api/trpc/members.rename": "guarded",
        "POST /api/trpc/members.remove": "guarded",
        "GET /api/trpc/members.mine": "guarded",
        "GET /api/trpc/members.slow": "unknown",
    }


def test_roles_and_inputs(tmp_path: Path) -> None:
    files = {
        "tsconfig.json": TSCONFIG,
        "src/server/trpc.ts": INIT,
        "src/server/members.ts": ROUTERS,
        "src/server/root.ts": ROOT,
    }
    found = app(tmp_path, files | {"src/app/api/trpc/[trpc]/route.ts": NEXT}, "@trpc/server")
    assert one(found, "POST /api/trpc/members.remove").access.roles == ("admin",)
    rename = one(found, "POST /api/trpc/members.rename")
    assert [(given.name, given.where, given.type, given.required) for given in rename.inputs] == [
        ("id", "body", "string", True),
        ("name", "body", "string", False),
    ]
    assert rename.action == "write"


def test_an_express_mount_gives_the_prefix(tmp_path: Path) -> None:
    server = """
    import express from "express";
    import { createExpressMiddleware } from "@trpc/server/adapters/express";
    import { appRouter } from "./root";
    const app = express();
    app.use("/rpc", createExpressMiddleware({ router: appRouter, createContext }));
    """
    assert "GET /rpc/members.list" in _app(tmp_path, **{"src/server/index.ts": server})


def test_without_a_handler_the_endpoint_stays_visibly_unknown(tmp_path: Path) -> None:
    assert "GET /{endpoint?}/members.list" in _app(tmp_path)


def test_routers_of_version_9(tmp_path: Path) -> None:
    router = """
    import * as trpc from "@trpc/server";
    import { z } from "zod";
    const createRouter = () => trpc.router();
    const notes = createRouter()
      .middleware(({ ctx, next }) => { if (!ctx.user) throw new trpc.TRPCError({ code: "UNAUTHORIZED" }); return next(); })
      .query("all", { resolve() { return []; } })
      .mutation("add", { input: z.object({ text: z.string() }), async resolve({ input }) { return input; } });
    export const appRouter = createRouter().query("ping", { resolve: () => "pong" }).merge("notes.", notes);
    """
    page = """
    import * as trpcNext from "@trpc/server/adapters/next";
    import { appRouter } from "../../../router";
    export default trpcNext.createNextApiHandler({ router: appRouter });
    """
    found = app(tmp_path, {"src/router.ts": router, "src/pages/api/trpc/[trpc].ts": page}, "@trpc/server")
    assert {name: verdict for name, verdict in who(found).items() if "." in name or "ping" in name} == {
        "GET /api/trpc/ping": "open",
        "GET /api/trpc/notes.all": "guarded",
        "POST /api/trpc/notes.add": "guarded",
    }


def test_what_is_served_is_listed_once(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "server/trpc.ts": 'import { initTRPC } from "@trpc/server";\nexport const t = initTRPC.create();\n',
            "server/notes.ts": 'import { t } from "./trpc";\nexport const notes = t.router({ list: t.procedure.query(() => []) });\n',
            "server/index.ts": 'import { t } from "./trpc";\nimport { notes } from "./notes";\nexport const appRouter = t.router({ notes });\n',
            "server/_app.ts": 'import { t } from "./trpc";\nimport { notes } from "./notes";\nexport const appRouter = t.router({ notes });\n',
            "pages/api/trpc/[trpc].ts": 'import { createNextApiHandler } from "@trpc/server/adapters/next";\nimport { appRouter } from "../../../server/_app";\nexport default createNextApiHandler({ router: appRouter });\n',
        },
        "next",
    )
    assert who(found) == {"GET /api/trpc/notes.list": "open"}


@pytest.mark.parametrize(("options", "prefix"), [("", "/trpc"), (', url: "/rpc"', "/rpc")])
def test_a_handle_of_sveltekit(tmp_path: Path, options: str, prefix: str) -> None:
    files = {
        "src/router.ts": 'import { initTRPC } from "@trpc/server";\nconst t = initTRPC.create();\nexport const router = t.router({ ping: t.procedure.query(() => "ok") });\n',
        "src/hooks.server.ts": 'import { createTRPCHandle } from "trpc-sveltekit";\nimport { router } from "./router";\n'
        f"export const handle = createTRPCHandle({{ router, createContext{options} }});\n",
    }
    assert set(who(app(tmp_path, files, "@trpc/server"))) == {f"GET {prefix}/ping"}


def test_helpers_on_the_server_serve_no_procedures(tmp_path: Path) -> None:
    files = {
        "server/root.ts": 'import { initTRPC } from "@trpc/server";\nconst t = initTRPC.create();\n'
        "export const appRouter = t.router({ save: t.procedure.mutation(({ ctx }) => ctx.db.save()) });\n",
        "pages/api/trpc/[trpc].ts": 'import { createNextApiHandler } from "@trpc/server/adapters/next";\nimport { appRouter } from "../../../server/root";\n'
        "export default createNextApiHandler({ router: appRouter });\n",
        "pages/notes/[id].tsx": 'import { createServerSideHelpers } from "@trpc/react-query/server";\nimport { appRouter } from "../../server/root";\n'
        "export async function getServerSideProps() {\n  const helpers = createServerSideHelpers({ router: appRouter, ctx: {} });\n  return { props: { state: helpers.dehydrate() } };\n}\n"
        "export default function Page() { return null; }\n",
    }
    found = who(app(tmp_path, files, "next"))
    assert [name for name in found if "save" in name] == ["POST /api/trpc/save"]


def test_routers_that_are_merged_where_they_are_made(tmp_path: Path) -> None:
    """trpc.io/docs/server/merging-routers: ``mergeRouters`` takes routers by name or as they stand."""
    found = app(
        tmp_path,
        {
            "server.ts": 'import { initTRPC } from "@trpc/server";\nimport { createHTTPServer } from "@trpc/server/adapters/standalone";\n'
            "const t = initTRPC.create();\nconst { router, mergeRouters } = t;\n"
            "const notes = t.router({ list: t.procedure.query(() => []) });\nconst more = t.router({ hello: t.procedure.query(() => 1) });\n"
            "const appRouter = t.mergeRouters(t.router({ notes }), more);\ncreateHTTPServer({ router: appRouter }).listen(3000);\n",
        },
        "@trpc/server",
    )
    assert set(who(found)) == {"GET /notes.list", "GET /hello"}


def test_a_middleware_that_is_piped_on_asks_what_the_first_one_asks(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "server.ts": 'import { initTRPC, TRPCError } from "@trpc/server";\nimport { createHTTPServer } from "@trpc/server/adapters/standalone";\n'
            "const t = initTRPC.create();\n"
            'const signedIn = t.middleware(({ ctx, next }) => { if (!ctx.user) throw new TRPCError({ code: "UNAUTHORIZED" }); return next(); });\n'
            "const counted = signedIn.unstable_pipe(({ next }) => next());\n"
            "const appRouter = t.router({ kept: t.procedure.use(counted).query(() => []), open: t.procedure.query(() => []) });\n"
            "createHTTPServer({ router: appRouter }).listen(3000);\n",
        },
        "@trpc/server",
    )
    assert who(found) == {"GET /kept": "guarded", "GET /open": "open"}


@pytest.mark.parametrize(
    ("condition", "to"),
    [
        ('type !== "mutation" || !ctx.user', "unknown"),
        ("!ctx.user", "unknown"),
        ('type === "subscription"', "guarded"),
    ],
    ids=["or nobody", "nobody", "another kind"],
)
def test_a_middleware_that_lets_pass_who_brings_no_session(condition: str, to: str, tmp_path: Path) -> None:
    source = f"""
import {{ initTRPC, TRPCError }} from "@trpc/server";
import {{ createHTTPServer }} from "@trpc/server/adapters/standalone";
const t = initTRPC.context().create();
const fresh = t.middleware(async ({{ ctx, type, next }}) => {{
  if ({condition}) {{ return next(); }}
  const user = await db.users.byId(ctx.user?.id);
  if (!user) {{ throw new TRPCError({{ code: "UNAUTHORIZED" }}); }}
  return next();
}});
const open = t.procedure.use(fresh);
const appRouter = t.router({{ polls: open.query(() => db.polls.all()) }});
createHTTPServer({{ router: appRouter }}).listen(3000);
"""
    assert who(app(tmp_path, {"server.ts": source}, "@trpc/server"))["GET /polls"] == to
