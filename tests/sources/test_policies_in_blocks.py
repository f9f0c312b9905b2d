"""Blocks of code in migrations that change policies: those that every such file has are read, and what others may change is unknown."""

from pathlib import Path

import pytest
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

from tests.sources.reading import who
from tests.support.ask import write

_TABLES = """
create table notes (id int, user_id uuid); alter table notes enable row level security;
create policy everybody on notes for select using (true);
create table files (id int, user_id uuid); alter table files enable row level security;
create policy everybody on files for select using (true);
"""
_MINE = "create policy mine on notes for select using (auth.uid() = user_id);"
_DROPS_ALL = """do $$
declare
  r record;
begin
  -- every policy goes
  for r in (select schemaname, tablename, policyname from pg_policies WHERE) loop
    execute format('drop policy if exists %I on %I.%I', r.policyname, r.schemaname, r.tablename);
  end loop;
end $$;
"""
_UNLESS = """do $$ begin
  if not exists (select 1 from pg_policies where tablename = 'notes' and policyname = 'NAME') then
    create policy NAME on notes for insert with check (true);
  end if;
end $$;
"""


def _access(folder: Path, later: str) -> dict[str, str]:
    return who(read_surface(Tree.read(write(folder, {"supabase/migrations/1_a.sql": _TABLES + later}))))


@pytest.mark.parametrize(
    ("where", "notes", "files"),
    [
        ("", "guarded", "guarded"),
        ("where schemaname = 'public'", "guarded", "guarded"),
        ("where schemaname = 'public' and tablename = 'notes'", "guarded", "open"),
        ("where tablename in ('notes', 'others')", "guarded", "open"),
        ("where schemaname = 'storage' and tablename = 'objects' and policyname like '%pictures%'", "open", "open"),
        ("where policyname like 'every%'", "unknown", "unknown"),
    ],
    ids=["all", "of a schema", "of a table", "of some tables", "of files alone", "by their names"],
)
def test_a_loop_that_drops_policies(where: str, notes: str, files: str, tmp_path: Path) -> None:
    found = _access(tmp_path, _DROPS_ALL.replace("WHERE", where) + _MINE)
    # A policy that lets everybody through stays what it is where it is not dropped.
    assert (found["GET /rest/v1/notes"], found["GET /rest/v1/files"]) == (notes, files)


@pytest.mark.parametrize(
    ("block", "to"),
    [
        (_UNLESS.replace("NAME", "adds"), "open"),
        (_UNLESS.replace("NAME", "everybody"), "guarded"),
        ("do $$ begin create policy adds on notes for insert with check (true); exception when duplicate_object then null; end $$;", "open"),
        ("do $$ begin if exists (select 1 from information_schema.tables where table_name = 'notes') then\n"
         "create policy adds on notes for insert with check (true); end if; end $$;", "open"),
        ("do $$ begin if current_setting('app.mode') = 'open' then create policy adds on notes for insert with check (true); end if; end $$;", "unknown"),
        ("do $$ begin execute 'create policy adds on notes for insert with check (true)'; end $$;", "unknown"),
    ],
    ids=["unless it is there", "it is there", "left as it is", "where there is such a table", "by a setting", "put together"],
)  # fmt: skip
def test_a_policy_that_is_made_in_a_block(block: str, to: str, tmp_path: Path) -> None:
    assert _access(tmp_path, block)["POST /rest/v1/notes"] == to


@pytest.mark.parametrize(
    ("block", "notes", "files"),
    [
        ("do $$ begin if now() > '2026-01-01' then grant select on notes to anon; end if; end $$;", "unknown", "open"),
        ("do $$ declare r record; begin for r in select oid::regprocedure as sig from pg_proc loop\n"
         "execute format('revoke all on function %s from public', r.sig); end loop; end $$;", "open", "open"),
        ("do $$ begin if not exists (select 1 from pg_trigger where tgname = 'touched') then\n"
         "create trigger touched before update on notes for each row execute function touch(); end if; end $$;", "open", "open"),
    ],
    ids=["names a table", "of functions alone", "a trigger"],
)  # fmt: skip
def test_what_a_block_may_have_changed_is_what_it_names(block: str, notes: str, files: str, tmp_path: Path) -> None:
    found = _access(tmp_path, block)
    assert (found["GET /rest/v1/notes"], found["GET /rest/v1/files"]) == (notes, files)
