"""Edge functions of Supabase: who gets through their code. The public key of a project is a valid token, so that one alone keeps nobody out."""

from pathlib import Path

import pytest
from launchready.model.words import Severity, Status
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

from tests.sources.reading import one
from tests.support.ask import ask, write

CLIENT = """import { createClient } from "https://esm.sh/@supabase/supabase-js@2";
const admin = createClient(Deno.env.get("SUPABASE_URL")!, Deno.env.get("SUPABASE_SERVICE_ROLE_KEY")!);
"""
SERVES = """
Deno.serve(async (req) => {
  if (req.method === "OPTIONS") return new Response(null, { headers: cors });
  try {
%s
    const { id } = await req.json();
    await admin.from("orders").delete().eq("id", id);
    return new Response(JSON.stringify({ ok: true }));
  } catch (error) {
    return new Response(JSON.stringify({ error: error.message }), { status: 500 });
  }
});
"""
NOBODY = ""
HEADER = """
    const header = req.headers.get("Authorization");
    if (!header) return new Response("Unauthorized", { status: 401 });
"""
USER = (
    HEADER
    + """
    const { data: { user } } = await admin.auth.getUser(header.replace("Bearer ", ""));
    if (!user) return new Response("Unauthorized", { status: 401 });
"""
)
STAFF = (
    USER
    + """
    const { data: profile } = await admin.from("profiles").select("role").eq("id", user.id).single();
    if (profile.role !== "staff") return new Response("Forbidden", { status: 403 });
"""
)
CLAIMS = """
    const token = (req.headers.get("Authorization") ?? "").replace("Bearer ", "");
    const { sub } = JSON.parse(atob(token.split(".")[1]));
    if (!sub) return new Response("Unauthorized", { status: 401 });
"""
CODE = """
    const { code } = await req.json();
    const { data: licence } = await admin.from("licences").select().eq("code", code).single();
    if (!licence.active) return new Response("Expired", { status: 403 });
"""
CRON = """
    if (req.headers.get("x-cron-secret") !== Deno.env.get("CRON_SECRET")) return new Response("Forbidden", { status: 403 });
"""


def access(
    root: Path, body: str, *, name: str = "tidy", verifies: bool = True, client: str = CLIENT
) -> tuple[str, list[str], str]:
    config = f"[functions.{name}]\nverify_jwt = {str(verifies).lower()}\n"
    write(root, {"supabase/config.toml": config, f"supabase/functions/{name}/index.ts": client + SERVES % body})
    found = one(read_surface(Tree.read(root)), f"POST /functions/v1/{name}").access
    return found.verdict.value, list(found.roles), " ".join(span.what for span in found.evidence)


@pytest.mark.parametrize(
    ("body", "verdict", "roles"),
    [
        (NOBODY, "open", []),
        (USER, "guarded", []),
        (STAFF, "guarded", ["staff"]),
        (CRON, "guarded", []),
        # Whoever has the page has a token that is there.
        (HEADER, "unknown", []),
        (CODE, "unknown", []),
    ],
    ids=["nobody is asked", "user", "staff", "shared secret", "header alone", "a record"],
)
def test_who_gets_through(tmp_path: Path, body: str, verdict: str, roles: list[str]) -> None:
    assert access(tmp_path, body)[:2] == (verdict, roles)


def test_a_token_that_is_only_read_counts_where_the_platform_has_verified_it(tmp_path: Path) -> None:
    assert access(tmp_path / "a", CLAIMS)[0] == "guarded"
    assert access(tmp_path / "b", CLAIMS, verifies=False)[0] == "unknown"


def test_a_name_that_sounds_like_signing_in_does_not_undo_a_guard(tmp_path: Path) -> None:
    assert access(tmp_path, USER, name="reset-password-of-member")[0] == "guarded"


def test_what_acts_with_the_token_of_its_caller_is_left_to_the_policies(tmp_path: Path) -> None:
    client = CLIENT.replace("SERVICE_ROLE_KEY", "ANON_KEY")
    passing = '    const own = createClient(url, key, { global: { headers: { Authorization: req.headers.get("Authorization")! } } });\n'
    verdict, _, said = access(tmp_path / "a", passing, client=client)
    assert verdict == "unknown" and "policies of the tables" in said
    # With the service key beside it nothing is left to them.
    assert access(tmp_path / "b", passing)[0] == "open"


def test_handlers_that_are_named_or_imported_are_followed(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "supabase/functions/named/index.ts": 'import { serve } from "https://deno.land/std/http/server.ts";\n'
            f"const handler = async (req: Request) => {{{USER.replace('admin.auth', 'client.auth')} return new Response('x'); }};\nserve(handler);\n",
            "supabase/functions/apart/index.ts": 'import { handler } from "../_shared/handler.ts";\nDeno.serve({ port: 8000 }, handler);\n',
            "supabase/functions/_shared/handler.ts": f"export async function handler(req: Request) {{{USER} return new Response('x'); }}\n",
        },
    )
    surface = read_surface(Tree.read(tmp_path))
    assert [one(surface, f"POST /functions/v1/{name}").access.verdict.value for name in ("named", "apart")] == [
        "guarded",
        "guarded",
    ]
    assert not any("_shared" in endpoint.path for endpoint in surface.endpoints)


async def test_what_holds_a_key_and_asks_nobody_is_told(tmp_path: Path) -> None:
    mail = 'const key = Deno.env.get("RESEND_API_KEY");\n'
    for name, start, body in (
        ("wipe", CLIENT, NOBODY),
        ("mail", mail, NOBODY),
        ("kept", CLIENT, USER),
        ("ping", "", NOBODY),
    ):
        write(tmp_path, {f"supabase/functions/{name}/index.ts": start + SERVES % body})
    write(tmp_path, {"supabase/functions/stripe-webhook/index.ts": CLIENT + SERVES % NOBODY})
    write(tmp_path, {"supabase/functions/contact-form/index.ts": mail + SERVES % NOBODY})
    # The key may stand in a file beside it, or in one that functions share.
    write(
        tmp_path,
        {
            "supabase/functions/_shared/mail.ts": mail,
            "supabase/functions/letters/index.ts": 'import { send } from "../_shared/mail.ts";\n' + SERVES % NOBODY,
            "supabase/functions/notes/index.ts": 'import { send } from "./mail.ts";\n' + SERVES % NOBODY,
            "supabase/functions/notes/mail.ts": mail,
        },
    )
    found = await ask("LR111", tmp_path)
    assert found.examined == 8
    assert {
        one.target: (one.severity, one.title.rpartition(" works with ")[2].partition(":")[0]) for one in found.findings
    } == {
        "POST /functions/v1/contact-form": (Severity.MEDIUM, "a key of yours"),
        "POST /functions/v1/wipe": (Severity.HIGH, "the key that passes every policy"),
        **{f"POST /functions/v1/{name}": (Severity.HIGH, "a key of yours") for name in ("mail", "letters", "notes")},
    }
    assert (await ask("LR111", write(tmp_path / "none", {"app.py": ""}))).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ("    await admin.auth.admin.updateUserById(id, { password });\n", Severity.BLOCKER),
        ("    await admin.auth.admin.deleteUser(id);\n", Severity.BLOCKER),
        ('    await admin.auth.admin.createUser({ email, user_metadata: { role: "admin" } });\n', Severity.BLOCKER),
        ("    await admin.auth.admin.createUser({ email });\n", Severity.HIGH),
    ],
    ids=["password", "removal", "rank", "account"],
)
async def test_what_changes_accounts_of_others_and_asks_nobody_blocks(
    body: str, severity: Severity, tmp_path: Path
) -> None:
    write(tmp_path, {"supabase/functions/manage-people/index.ts": CLIENT + SERVES % body})
    assert [one.severity for one in (await ask("LR111", tmp_path)).findings] == [severity]
    kept = CLIENT + SERVES % (USER + body)
    outcome = await ask("LR111", write(tmp_path / "kept", {"supabase/functions/manage-people/index.ts": kept}))
    assert not outcome.findings


async def test_who_registers_may_choose_a_kind_of_account(tmp_path: Path) -> None:
    body = "    const { data } = await admin.auth.admin.createUser({ email, user_metadata: { role } });\n    await admin.auth.admin.deleteUser(data.user.id);\n"
    write(tmp_path, {"supabase/functions/secure-registration/index.ts": CLIENT + SERVES % body})
    assert [one.severity for one in (await ask("LR111", tmp_path)).findings] == [Severity.HIGH]
