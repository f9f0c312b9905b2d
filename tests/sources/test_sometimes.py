"""Refusals that stand only in some state of a record, ask for a setting, or are none, in handlers written in TypeScript."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who

_POST = """import { auth } from "@/auth";
export async function GET(request, { params }) {
  const session = await auth();
  const post = await Post.findById(params.id);
  if (!post) return NextResponse.json({ error: "none" }, { status: 404 });
  BODY
  return NextResponse.json(post);
}
"""


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        pytest.param(
            'if (post.hidden) {\n    if (session?.user?.role !== "admin") return NextResponse.json({}, { status: 403 });\n  }',
            "unknown",
            id="a hidden record",
        ),
        pytest.param(
            "if (post.ownerId !== session?.user?.id) return NextResponse.json({}, { status: 403 });",
            "guarded",
            id="owner",
        ),
        pytest.param("if (!session) { return NextResponse.json({}, { status: 401 }); }", "guarded", id="session"),
        pytest.param(
            "if (post.shared) { log(post); }\n  if (!session) return NextResponse.json({}, { status: 401 });",
            "guarded",
            id="beside a state",
        ),
    ],
)
def test_what_is_refused_in_some_state_of_a_record(body: str, verdict: str, tmp_path: Path) -> None:
    found = app(tmp_path, {"app/api/posts/[id]/route.ts": _POST.replace("BODY", body)}, "next")
    assert who(found) == {"GET /api/posts/{id}": verdict}


def test_a_helper_that_is_asked_only_where_the_record_is_missing(tmp_path: Path) -> None:
    main = """import Fastify from "fastify";
const app = Fastify();
const requireUser = async (request, reply) => {
  const user = await sessions.find(request.cookies.sid);
  if (!user) { reply.code(401).send(); return null; }
  return user;
};
app.get("/events/:id", async (request, reply) => {
  let event = await db.event.findFirst({ where: { id: request.params.id, open: true } });
  if (!event) {
    const user = await requireUser(request, reply);
    event = await db.event.findFirst({ where: { ownerId: user.id } });
  }
  return event;
});
app.post("/favorites", async (request, reply) => {
  try {
    const user = await requireUser(request, reply);
    if (!user) return;
    const event = await db.event.findUnique({ where: { id: request.body.id } });
    if (event.closed) {
      if (!event.open) return reply.code(403).send();
    }
    return db.favorite.create({ data: { userId: user.id } });
  } catch (error) { return reply.code(500).send(); }
});
app.get("/numbers/:id", async (request, reply) => {
  const user = await requireUser(request, reply);
  if (!user) return;
  const event = await db.event.findFirst({ where: { id: request.params.id, ownerId: user.id } });
  if (!event) {
    if (user.role !== "ADMIN") return reply.code(403).send();
  }
  return db.numbers(request.params.id);
});
app.get("/dev", async (request, reply) => {
  const isDev = config.env !== "production";
  if (!isDev && !config.demo) { reply.code(403).send({ error: "Forbidden" }); return; }
  return users.all();
});
"""
    assert who(app(tmp_path, {"main.ts": main}, "fastify")) == {
        "GET /events/{id}": "unknown",
        "POST /favorites": "guarded",
        "GET /numbers/{id}": "guarded",
        "GET /dev": "unknown",
    }


def test_a_hook_that_returns_before_it_refuses(tmp_path: Path) -> None:
    main = """import Fastify from "fastify";
const app = Fastify();
const lax = async (request, reply) => { if (!request.headers.authorization) return; if (!check(request.headers.authorization)) return reply.code(401).send(); };
const strict = async (request, reply) => { if (!request.headers.authorization) { return reply.code(401).send(); } };
app.get("/lax", { preHandler: lax }, async () => []);
app.get("/strict", { preHandler: strict }, async () => []);
"""
    assert who(app(tmp_path, {"main.ts": main}, "fastify")) == {"GET /lax": "unknown", "GET /strict": "guarded"}


def test_what_asks_for_a_role_or_a_permission_by_name(tmp_path: Path) -> None:
    files = {
        "app/api/a/route.ts": """export async function GET() {
  const session = await auth();
  if (!session) return NextResponse.json({}, { status: 401 });
  if (session.user.role !== "editor") return NextResponse.json({}, { status: 403 });
  return Response.json(1);
}
export async function POST() {
  const { userId, has } = await auth();
  if (!userId) return new Response("no", { status: 401 });
  if (!has({ permission: "org:notes:write" })) return new Response("no", { status: 403 });
  return Response.json(1);
}
export async function PUT() {
  const { userId } = await auth.protect({ role: "org:admin" });
  return Response.json(userId);
}
export async function DELETE() {
  const session = await auth();
  if (!session) return new Response("no", { status: 401 });
  const may = await hasPermission(session.user.id, "notes:remove");
  if (!may) { return new Response("no", { status: 403 }); }
  return Response.json(1);
}
""",
        "lib/admin.ts": """export const denied = () => NextResponse.json({}, { status: 403 });
export async function asAdmin() {
  const session = await auth();
  if (session?.user?.role !== "admin") return { session: null, error: denied() };
  return { session, error: null };
}
""",
        "app/api/b/route.ts": """import { asAdmin } from "../../../lib/admin";
export async function GET() {
  const { session, error } = await asAdmin();
  if (error) return error;
  return Response.json(session);
}
""",
    }
    found = app(tmp_path, files, "next")
    assert {endpoint.name: endpoint.access.roles for endpoint in found.endpoints} == {
        "GET /api/a": ("editor",),
        "POST /api/a": ("org:notes:write",),
        "PUT /api/a": ("org:admin",),
        "DELETE /api/a": ("notes:remove",),
        "GET /api/b": ("admin",),
    }


def test_a_way_back_and_a_login_of_any_name_are_open(tmp_path: Path) -> None:
    main = """const express = require("express");
const passport = require("passport");
const app = express();
app.get("/auth/google", passport.authenticate("google", { scope: ["email"] }));
app.get("/auth/done/:provider", (req, res) => {
  if (!req.query.code) throw new BadRequestError("code");
  res.redirect(`${env.FRONT}/auth/callback?token=${issue(req.query.code)}`);
});
app.post("/auth/admin-login", async (req, res) => {
  const user = await User.findOne({ email: req.body.email });
  if (!user || !matches(user, req.body.password)) return res.status(401).json({});
  res.json(tokenOf(user));
});
app.get("/last-login", (req, res) => { if (!req.user) return res.status(401).end(); res.json(req.user.lastLogin); });
"""
    assert who(app(tmp_path, {"app.js": main})) == {
        "GET /auth/google": "open",
        "GET /auth/done/{provider}": "open",
        "POST /auth/admin-login": "open",
        "GET /last-login": "guarded",
    }


def test_actions_of_svelte_fail_who_is_not_signed_in(tmp_path: Path) -> None:
    page = """export const actions = {
  rename: async ({ locals, request }) => {
    const { user } = await locals.safeGetSession();
    if (!user) return fail(401, { message: "no" });
    const data = await request.formData();
    await db.rename(data.get("name"));
  },
  send: async ({ request }) => {
    const form = await superValidate(request, schema);
    if (!form.valid) return fail(400, { form });
    await db.send(form.data);
  },
};
"""
    found = app(tmp_path, {"src/routes/notes/+page.server.ts": page}, "@sveltejs/kit")
    assert who(found) == {"GET /notes": "open", "POST /notes?/rename": "guarded", "POST /notes?/send": "open"}


def test_server_actions_of_one_name_are_told_apart(tmp_path: Path) -> None:
    ours = '"use server";\nexport async function remove(id) { const session = await auth(); if (!session) throw new Error("Unauthorized"); await db.notes.remove(id); }\n'
    found = app(
        tmp_path,
        {
            "auth.ts": 'import NextAuth from "next-auth";\nexport const { auth } = NextAuth({});\n',
            "app/(team)/notes/actions.ts": ours,
            # What an exported function keeps for itself is exported by nobody.
            "app/own/actions.ts": '"use server";\nexport async function mine(id) { const kept = members.find((one) => one.id === id); return kept; }\n',
            "app/tasks/actions.ts": '"use server";\nexport async function remove(id) { await db.tasks.remove(id); }\nexport async function add(form) { await db.tasks.add(form); }\n',
            "app/api/me/route.ts": 'import { auth } from "../../../auth";\nexport const GET = auth(function GET(request) { return Response.json(1); });\nexport const POST = auth((request) => { if (!request.auth) return new Response("no", { status: 401 }); return Response.json(1); });\n',
            "app/api/auth/[...nextauth]/route.ts": 'import NextAuth from "next-auth";\nconst handler = NextAuth(options);\nexport { handler as GET, handler as POST };\n',
        },
        "next",
    )
    assert who(found) == {
        "GET /api/auth/{nextauth}": "open",
        "POST /api/auth/{nextauth}": "open",
        "POST /notes/actions/remove": "guarded",
        "POST /tasks/actions/remove": "open",
        "POST /add": "open",
        "POST /mine": "open",
        # The wrapper of Auth.js puts the session into the request and refuses nobody.
        "GET /api/me": "open",
        "POST /api/me": "guarded",
    }
    assert one(found, "POST /notes/actions/remove").source.file == "app/(team)/notes/actions.ts"


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        pytest.param("!closed && healthy", "unknown", id="a state of the app"),
        pytest.param("member", "guarded", id="who is asking"),
    ],
)
def test_a_middleware_that_lets_everybody_pass_in_a_state_of_the_app(
    condition: str, verdict: str, tmp_path: Path
) -> None:
    main = f"""import {{ Hono }} from "hono";
import {{ verify }} from "hono/jwt";
const app = new Hono();
async function open(c, next) {{
  const closed = await getMaintenance();
  const healthy = await checkDatabase();
  const member = await getMember(c);
  if ({condition}) {{
    await next();
    return;
  }}
  const token = c.req.header("Authorization");
  if (!token) {{
    return c.json({{ error: "no" }}, 401);
  }}
  await verify(token, SECRET);
  await next();
}}
app.get("/", open, (c) => c.html(page()));
export default app;
"""
    assert who(app(tmp_path, {"src/server.js": main}, "hono")) == {"GET /": verdict}
