"""Who has no session gets nothing: in actions and handlers that say so with no status, and behind wrappers that answer strangers themselves."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who
from tests.support.ask import ask, write

_PACKAGE = {"package.json": '{"dependencies": {"next": "15.0.0", "next-auth": "5.0.0"}}'}
_LIB = {
    "auth.ts": 'import NextAuth from "next-auth";\nexport const { auth, handlers } = NextAuth({});\n',
    "lib/db.ts": 'import { PrismaClient } from "@prisma/client";\nexport const db = new PrismaClient();\n',
    "lib/who.ts": """import { auth } from "@/auth";
import { db } from "@/lib/db";
export async function writer() {
  const session = await auth();
  if (!session?.user) return null;
  const member = await db.member.find(session.user.id);
  if (!["owner", "editor"].includes(member.role)) return null;
  return { user: session.user };
}
export async function personOf(client) {
  const { data: { user } } = await client.auth.getUser();
  if (!user) return null;
  return user.id;
}
export async function checked() {
  const session = await auth();
  if (!session) return { ok: false, error: "sign in" };
  return { ok: true, session };
}
export async function must() {
  const session = await auth();
  if (!session) throw new Error("no");
  return session.user;
}
export async function perhaps() {
  try {
    const user = await must();
    const person = await db.person.find(user.id);
    return person;
  } catch (error) {
    return null;
  }
}
export function useWho() {
  const context = useContext(Who);
  if (!context.user) throw new Error("must be used within Who");
  return context;
}
export async function latest(id) {
  const note = await db.note.find(id);
  if (!note) return null;
  return note;
}
export async function addNote(form) {
  const session = await auth();
  if (!session) return;
  await db.note.create({ data: form });
}
""",
}
_HEAD = '"use server";\nimport { auth } from "@/auth";\nimport { db } from "@/lib/db";\nimport { writer, personOf, checked, must, perhaps, useWho, latest, addNote } from "@/lib/who";\n'
_SAVES = "await db.note.create({ data: {} });"


def _action(root: Path, body: str) -> str:
    files = _PACKAGE | _LIB | {"app/actions.ts": f"{_HEAD}export async function save(form: FormData) {{ {body} }}\n"}
    return one(app(root, files), "POST /save").access.verdict.value


@pytest.mark.parametrize(
    "asks",
    [
        "const session = await auth(); if (!session) return;",
        'const session = await auth(); if (!session?.user) return { status: "error", message: "sign in" };',
        'const session = await auth(); if (!session) { console.log("nobody"); throw new Error("x"); }',
        "const w = await writer(); if (!w) return;",
        "const w = await writer(); if (!w) return { error: DENIED };",
        "const id = await personOf(client); if (!id) return { ok: false };",
        "const check = await checked(); if (!check.ok) return check;",
        "const { error } = await checked(); if (error) return { error };",
        "const user = await must();",
        'const session = await auth()\n  if (!session) return new Response("no", { status: 400 })\n  const body = (await request.json()) as { name?: string }\n',
        "const supabase = await createClient(); const { data: claims } = await supabase.auth.getClaims(); const id = claims?.claims.sub; if (!id) return { success: false };",
        'const supabase = await createClient(); const { data: claims } = await supabase.auth.getClaims(); const rank = claims?.claims.user_role; if (!["owner", "admin"].includes(rank)) return { success: false, error: "no" };',
        'const header = (await headers()).get("authorization"); if (!process.env.KEY || header !== `Bearer ${process.env.KEY}`) return { success: false };',
        f'try {{ const w = await writer(); if (!w) {{ throw new Error("gone"); }} {_SAVES} }} catch (error) {{ return failed(error); }}',
        f'try {{ const session = await auth(); if (!session) throw new Error("gone"); {_SAVES} }} catch (error) {{ throw error; }} finally {{ done(); }}',
    ],
)
def test_who_has_no_session_gets_nothing(asks: str, tmp_path: Path) -> None:
    assert _action(tmp_path, f"{asks} {_SAVES}") == "guarded"


def test_what_is_handed_to_a_wrapper_is_all_there_is(tmp_path: Path) -> None:
    inner = f"const session = await auth(); if (!session?.user?.shop) throw new ServiceError('no shop'); {_SAVES} return null;"
    assert _action(tmp_path, f"return handle(async () => {{ {inner} }}, {{ name: 'save' }});") == "guarded"
    beside = f"return handle(async () => {{ {_SAVES} return null; }}, {{ name: 'save' }});"
    assert _action(tmp_path / "open", beside) == "open"


@pytest.mark.parametrize(
    "body",
    [
        f"const user = await perhaps(); {_SAVES} return user;",
        f"const who = useWho(); {_SAVES}",
        f"const session = await auth(); if (session) console.log(session); {_SAVES} return {{ ok: true }};",
        f"const session = await auth(); if (!session) {{ {_SAVES} return; }} {_SAVES}",
        f"{_SAVES} const session = await auth(); if (!session) return;",
        f"const session = await auth(); if (!session) return db.note.first(); {_SAVES}",
        f'const note = await latest(form.get("id")); if (!note) return; {_SAVES}',
        f'const note = await db.note.find(form.get("id")); if (!note) return {{ error: "gone" }}; {_SAVES}',
        f'try {{ const w = await writer(); if (!w) {{ throw new Error("gone"); }} }} catch (error) {{ return failed(error); }} {_SAVES}'.replace("return failed", "log"),
        f'if (form.get("kind") === "news") {{ const session = await auth(); if (!session) return; }} {_SAVES}',
    ],
    ids=["caught by the helper", "a hook of the browser", "only logs", "saves all the same", "saves before", "gives something", "a record is missing", "no row", "caught and goes on", "sometimes"],
)  # fmt: skip
def test_what_goes_on_without_a_session_is_open(body: str, tmp_path: Path) -> None:
    assert _action(tmp_path, body) == "open"


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (f"const session = await auth(); if (session?.user) {{ {_SAVES} }} return {{ ok: true }};", "guarded"),
        (f"const session = await auth(); if (session && form.get('a')) {{ {_SAVES} }}", "guarded"),
        (f"const session = await auth(); if (session) {{ {_SAVES} }} await db.visit.add(1);", "open"),
        ("const session = await auth(); if (session) { redirect('/desk'); } return { ok: true };", "open"),
        (f"const session = await auth(); if (session || form.get('a')) {{ {_SAVES} }}", "open"),
        (f"const session = await auth(); if (session) {{ console.log(session); }} else {{ {_SAVES} }}", "open"),
    ],
    ids=["all of it", "and more is asked", "something for all", "only leads on", "or something else", "for the others"],
)
def test_what_is_done_for_those_with_a_session_alone(body: str, verdict: str, tmp_path: Path) -> None:
    assert _action(tmp_path, body) == verdict


def test_an_action_may_leave_all_of_it_to_a_function_that_stops(tmp_path: Path) -> None:
    assert _action(tmp_path / "left", "const made = await addNote(form); return made;") == "guarded"
    assert _action(tmp_path / "more", f"await addNote(form); {_SAVES}") == "open"


def test_a_page_that_greets_whom_it_knows_is_open(tmp_path: Path) -> None:
    page = 'import { personOf } from "@/lib/who";\nexport default async function Home() {\n  const id = await personOf(client);\n  return <Welcome id={id} />;\n}\n'
    assert who(app(tmp_path, _PACKAGE | _LIB | {"app/page.tsx": page}))["GET /"] == "open"


def test_the_roles_a_helper_asks_for_are_named(tmp_path: Path) -> None:
    files = (
        _PACKAGE
        | _LIB
        | {
            "app/actions.ts": f"{_HEAD}export async function save() {{ const w = await writer(); if (!w) return; {_SAVES} }}\n"
        }
    )
    assert set(one(app(tmp_path, files), "POST /save").access.roles) == {"owner", "editor"}


_WRAPPERS = """import { auth } from "@/auth";
import { errorOf } from "@/lib/errors";
async function callerOf(req) {
  const session = await auth();
  return session ? { signedIn: true, user: session.user } : { signedIn: false, user: null };
}
export function withCaller(handler, options = { required: true }) {
  return async (req) => {
    try {
      const caller = await callerOf(req);
      if (options.required && !caller.signedIn) return errorOf("AUTH_REQUIRED");
      return await handler(req, caller);
    } catch (error) {
      return errorOf("AUTH_DOWN");
    }
  };
}
export function withMember(handler) {
  return withCaller(handler, { required: true });
}
export function withLimit(handler) {
  return async (req) => {
    const session = await auth();
    if (await tooMany(session?.user?.id ?? "address")) return errorOf("SLOW_DOWN");
    return handler(req);
  };
}
export function withQueue(handler) {
  return async (req) => {
    const caller = await callerOf(req);
    return queue.run({ user: caller.user, work: handler });
  };
}
"""
_ERRORS = """const STATUS = { AUTH_REQUIRED: 401, SLOW_DOWN: 429 };
export function errorOf(code) {
  return new Response(JSON.stringify({ code }), { status: STATUS[code] });
}
"""


@pytest.mark.parametrize(
    ("wrapped", "verdict"),
    [
        ("withMember(save)", "guarded"),
        ("withMember(withLimit(save))", "guarded"),
        ("withLimit(withCaller(save))", "guarded"),
        ("withCaller(save, { required: true })", "guarded"),
        ("withCaller(save, { required: false })", "open"),
        ("withLimit(save)", "open"),
        ("withQueue(save)", "open"),
    ],
)
def test_a_wrapper_that_answers_strangers_itself_is_a_guard(wrapped: str, verdict: str, tmp_path: Path) -> None:
    route = (
        'import { withMember, withCaller, withLimit, withQueue } from "@/lib/wrap";\nimport { db } from "@/lib/db";\n'
        f"async function save(req) {{ {_SAVES} return Response.json({{}}); }}\nexport const POST = {wrapped};\n"
    )
    files = _PACKAGE | _LIB | {"lib/wrap.ts": _WRAPPERS, "lib/errors.ts": _ERRORS, "app/api/notes/route.ts": route}
    assert who(app(tmp_path, files))["POST /api/notes"] == verdict


async def test_what_browsers_ask_before_a_call_is_no_way_in(tmp_path: Path) -> None:
    options = "export async function OPTIONS() { return Response.json({}); }\n"
    reads = "export async function GET() { return Response.json(await db.member.findMany()); }\n"
    for name, code, found in (("options", options, []), ("reads", reads, ["GET /api/admin/members"])):
        head = 'import { db } from "@/lib/db";\n'
        root = write(tmp_path / name, _PACKAGE | _LIB | {"app/api/admin/members/route.ts": head + code})
        assert [finding.target for finding in (await ask("LR102", root)).findings] == found


@pytest.mark.parametrize(
    ("asks", "verdict"), [("if (!session) redirect(to);", "guarded"), ("if (session) redirect(to);", "open")]
)
def test_a_component_around_a_page(asks: str, verdict: str, tmp_path: Path) -> None:
    around = f"""export const withSession = (Component, to) => {{
  const Wrapped = async (props) => {{
    const session = await getPageSession("GET");
    {asks}
    return <Component {{...props}} />;
  }};
  return Wrapped;
}};
"""
    page = 'import { withSession } from "@/hocs";\nconst Page = () => <p>hello</p>;\nexport default withSession(Page, "/");\n'
    found = who(
        app(
            tmp_path,
            {
                **_PACKAGE,
                **_LIB,
                "hocs.tsx": around,
                "app/desk/page.tsx": page,
                "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./*"]}}}',
            },
        )
    )
    assert found["GET /desk"] == verdict
