"""Handlers that ask for rows as whoever calls them are kept by the policies of the tables, and by nothing else."""

from pathlib import Path

import pytest
from launchready.model.surface import Surface
from launchready.model.words import AccessVerdict

from tests.sources.reading import app, one
from tests.support.ask import ask
from tests.support.club import Club, Member
from tests.support.web import Got, Reply, serve

_SERVER = """import {{ createServerClient }} from "@supabase/ssr";
import {{ createClient as plain }} from "@supabase/supabase-js";
import {{ cookies }} from "next/headers";
export const createClient = async () => {{
  const held = await cookies();
  return createServerClient(process.env.NEXT_PUBLIC_SUPABASE_URL!, process.env.{key}!, {{ cookies: held }});
}};
export function everything() {{
  return plain(process.env.NEXT_PUBLIC_SUPABASE_URL!, process.env.SUPABASE_SERVICE_ROLE_KEY!);
}}
"""
_ROUTE = """import { NextResponse } from "next/server";
import { createClient, everything } from "@/utils/supabase/server";
import { announce } from "@/lib/mail";
export async function DELETE(request: Request, { params }: { params: Promise<{ id: string }> }) {
  const supabase = await createClient();
  const { id } = await params;
  const { error } = await supabase.from("notes").delete().eq("id", id);
  if (error) throw new Error("fetch (again): new Client()");
  return NextResponse.json({ ok: true });
}
"""
_TABLES = """create table notes (id bigserial primary key, user_id uuid not null references auth.users, body text not null);
create table shouts (id bigserial primary key, body text not null);
alter table notes enable row level security;
create policy "own" on notes for all to authenticated using (auth.uid() = user_id) with check (auth.uid() = user_id);
"""


def _read(root: Path, route: str = _ROUTE, key: str = "NEXT_PUBLIC_SUPABASE_ANON_KEY") -> Surface:
    files = {
        "package.json": '{"dependencies": {"next": "15.0.0", "@supabase/ssr": "0.5.0"}}',
        "utils/supabase/server.ts": _SERVER.format(key=key),
        "app/api/notes/[id]/route.ts": route,
        "supabase/migrations/1_a.sql": _TABLES,
    }
    return app(root, files)


def test_the_policies_of_the_table_keep_strangers_out(tmp_path: Path) -> None:
    access = one(_read(tmp_path), "DELETE /api/notes/{id}").access
    assert (access.verdict, access.how, access.by_data) == (AccessVerdict.GUARDED, "policies", True)
    assert [(span.file.rpartition("/")[2], span.line) for span in access.evidence] == [("route.ts", 4), ("1_a.sql", 4)]


def test_a_client_under_another_name_and_policies_as_a_dump_writes_them(tmp_path: Path) -> None:
    server = """import { createServerClient as makeClient } from "@supabase/ssr";
import { cookies } from "next/headers";
export async function createClient() {
  return makeClient(process.env.NEXT_PUBLIC_SUPABASE_URL!, process.env.NEXT_PUBLIC_SUPABASE_ANON_KEY!, { cookies: await cookies() });
}
export const createServerClient = createClient
"""
    route = """import { createServerClient } from "@/utils/supabase/server";
export async function DELETE(request, { params }) {
  const supabase = await createServerClient();
  const { data } = await supabase.from("notes").select(`
    id,
    author:users!notes_author_fkey (name)
  `).eq("id", (await params).id).single();
  await supabase.from("notes").delete().eq("id", data.id);
  return Response.json({ ok: true });
}
"""
    tables = """create table "public"."notes" ("id" bigint primary key, "author" uuid not null, "desk" uuid);
alter table "public"."notes" enable row level security;
create policy "own" on "public"."notes" for delete using (("author" = "auth"."uid"()));
create policy "desk" on "public"."notes" for select using (("desk" IN ( SELECT "users"."desk" FROM "public"."users" WHERE ("users"."id" = "auth"."uid"()))));
"""
    files = {
        "package.json": '{"dependencies": {"next": "15.0.0", "@supabase/ssr": "0.5.0"}}',
        "utils/supabase/server.ts": server,
        "app/api/notes/[id]/route.ts": route,
        "supabase/migrations/1_a.sql": tables,
    }
    found = app(tmp_path, files)
    names = ("DELETE /api/notes/{id}", "DELETE /rest/v1/notes", "GET /rest/v1/notes")
    assert {one(found, name).access.verdict for name in names} == {AccessVerdict.GUARDED}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('.from("notes").delete().eq("id", id)', '.rpc("close_note", { id })'),
        ("  if (error)", '  await supabase.rpc("close_note");\n  if (error)'),
    ],
    ids=["alone", "besides"],
)
def test_a_function_of_the_database_is_asked_as_the_caller(before: str, after: str, tmp_path: Path) -> None:
    access = one(_read(tmp_path, _ROUTE.replace(before, after)), "DELETE /api/notes/{id}").access
    assert access.verdict is AccessVerdict.UNKNOWN
    assert any("close_note" in span.what for span in access.evidence)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("await createClient()", "everything()"),
        ('.from("notes")', '.from("shouts")'),
        ("  if (error)", '  await fetch("https://mail.example/" + id);\n  if (error)'),
        ("  if (error)", '  await everything().from("shouts").delete();\n  if (error)'),
    ],
    ids=["with every right", "a table without policies", "a service", "both"],
)  # fmt: skip
def test_what_else_it_reaches_is_open_to_strangers(before: str, after: str, tmp_path: Path) -> None:
    assert before in _ROUTE
    access = one(_read(tmp_path, _ROUTE.replace(before, after)), "DELETE /api/notes/{id}").access
    assert access.verdict is AccessVerdict.OPEN


def test_what_a_function_of_the_app_does_is_not_known(tmp_path: Path) -> None:
    route = _ROUTE.replace("  if (error)", "  await announce(id);\n  if (error)")
    access = one(_read(tmp_path, route), "DELETE /api/notes/{id}").access
    assert access.verdict is AccessVerdict.UNKNOWN
    assert any("calls announce" in span.what for span in access.evidence)


def test_functions_beside_the_handler_are_read_with_it(tmp_path: Path) -> None:
    route = _ROUTE.replace("  const supabase = await createClient();\n", "").replace(
        "  const { error } = await supabase", "  const { error } = await drop(id"
    )
    route = route.replace('.from("notes").delete().eq("id", id);', ");")
    beside = 'async function drop(id: string) {{\n  const supabase = await {maker}();\n  return supabase.from("notes").delete().eq("id", id);\n}}\n'
    for maker, verdict in (("createClient", AccessVerdict.GUARDED), ("everything", AccessVerdict.OPEN)):
        surface = _read(tmp_path / maker, route + beside.format(maker=maker))
        assert one(surface, "DELETE /api/notes/{id}").access.verdict is verdict


def test_a_client_with_every_right_acts_for_nobody(tmp_path: Path) -> None:
    access = one(_read(tmp_path, key="SUPABASE_SERVICE_ROLE_KEY"), "DELETE /api/notes/{id}").access
    assert access.verdict is AccessVerdict.OPEN


def test_a_table_that_no_migration_makes_is_not_known(tmp_path: Path) -> None:
    access = one(_read(tmp_path, _ROUTE.replace('"notes"', '"letters"')), "DELETE /api/notes/{id}").access
    assert access.verdict is AccessVerdict.UNKNOWN
    assert any("letters stand in no migration" in span.what for span in access.evidence)


def test_sveltekit_hands_the_client_on(tmp_path: Path) -> None:
    hook = """import {{ createServerClient }} from "@supabase/ssr";
export const handle = async ({{ event, resolve }}) => {{
  event.locals.supabase = createServerClient(PUBLIC_SUPABASE_URL, {key}, {{ cookies: event.cookies }});
  return resolve(event);
}};
"""
    route = """import {{ json }} from "@sveltejs/kit";
export const DELETE = async ({{ params, locals{named} }}) => {{
  await {held}.from("notes").delete().eq("id", params.id);
  return json({{ ok: true }});
}};
"""
    files = {"package.json": '{"devDependencies": {"@sveltejs/kit": "2.0.0"}}', "supabase/migrations/1_a.sql": _TABLES}
    for number, (named, held) in enumerate(((": { supabase }", "supabase"), ("", "locals.supabase"))):
        routes = {"src/routes/notes/[id]/+server.ts": route.format(named=named, held=held)}
        kept = {"src/hooks.server.ts": hook.format(key="PUBLIC_SUPABASE_ANON_KEY")}
        access = one(app(tmp_path / f"kept{number}", files | routes | kept), "DELETE /notes/{id}").access
        assert (access.verdict, access.how) == (AccessVerdict.GUARDED, "policies")
        mighty = {"src/hooks.server.ts": hook.format(key="SUPABASE_SERVICE_ROLE_KEY")}
        access = one(app(tmp_path / f"open{number}", files | routes | mighty), "DELETE /notes/{id}").access
        assert access.verdict is AccessVerdict.OPEN


async def test_to_say_yes_and_change_nothing_is_no_alarm_where_policies_decide(tmp_path: Path) -> None:
    def spoil(club: Club, got: Got, who: Member | None) -> Reply | None:
        yes = Reply(200, '{"ok": true}', {"Content-Type": "application/json"})
        return yes if (got.method, got.path.rpartition("/")[0]) == ("DELETE", "/api/notes") else None

    for name, route, found in (("kept", _ROUTE, False), ("open", _ROUTE.replace('"notes"', '"shouts"'), True)):
        _read(tmp_path / name, route)
        with serve(Club(spoil, {})) as url:
            outcome = await ask("LR203", tmp_path / name, url)
        assert ([one.target for one in outcome.findings] == ["DELETE /api/notes/{id}"]) == found
        assert any("said yes to a stranger" in gap.reason for gap in outcome.gaps) != found
