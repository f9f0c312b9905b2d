"""Data services as the source describes them: statements, tables and who may reach them, rules files."""

import subprocess
import sys
from pathlib import Path

import pytest
from launchready.model.words import AccessVerdict
from launchready.sources.data.firebase import allows, judged
from launchready.sources.data.sql import bare, statements
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

from tests.sources.reading import one, who
from tests.support.ask import write


def test_semicolons_in_strings_bodies_and_comments_end_nothing() -> None:
    text = (
        "-- one; two\nselect ';' as \"a;b\", E'it\\'s; fine';\n/* a /* nested; */ ; */\n"
        "create function f() returns int language plpgsql as $body$ begin; return 1; end $body$;\n"
        "create function g() returns int begin atomic select 1; select 2; end;\n\\restrict abc\nselect $$;$$"
    )
    found = statements("a.sql", text)
    assert [(one.line, one.sql.split()[0]) for one in found] == [
        (2, "select"),
        (4, "create"),
        (5, "create"),
        (7, "select"),
    ]
    assert "begin" not in bare(found[1].sql)


def test_rows_of_a_dump_are_no_statements() -> None:
    found = statements("a.sql", "copy a (id) from stdin;\n1;\n2'\n\\.\nselect 1;\n")
    assert [one.line for one in found] == [1, 5]


@pytest.mark.parametrize("text", ["'", '"', "$$", "/*", "$a$ $b$", "\\", "create table (", "alter table", "e'\\"])
def test_broken_files_are_read_to_their_end(text: str, tmp_path: Path) -> None:
    root = write(tmp_path, {"supabase/migrations/1_a.sql": "create table a (id int);\n" + text})
    assert "GET /rest/v1/a" in who(read_surface(Tree.read(root)))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('"x" + "\\n\\\\ a" * 200_000', 1),
        ('"begin atomic" + ";" * 500_000', 1),
        ('"/*" * 500_000', 0),
        ('"select \'" + "\'\'" * 500_000', 1),
        ('"$a$" * 600_001', 1),
    ],
    ids=["commands", "bodies", "comments", "quotes", "dollars"],
)
def test_what_never_ends_swallows_the_rest_of_a_hostile_file(text: str, left: int) -> None:
    # In a process of its own, because nothing else stops a pattern. It needs seconds, and would need many minutes if it read again
    # what it has read: how long it is waited for is for that alone.
    code = (
        f"from launchready.sources.data.sql import statements\nprint([one.line for one in statements('a.sql', {text})])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert ended.stdout.strip() == str([1] * left)


MIGRATION = """
create table bare (id int primary key, total numeric generated always as (1) stored);
create table shut (id int); alter table shut enable row level security;
create table own (id int, user_id uuid); alter table own enable row level security;
create policy mine on own for select using ((select auth.uid()) = user_id);
create policy anyone on own for insert with check (true);
create table odd (id int, shared boolean); alter table odd enable row level security;
create policy some on odd using (shared);
create table private.hidden (id int);
create view past as select * from shut;
create function helper(given int, size integer default 3) returns int language sql security definer as $$ select 1 $$;
create function on_change() returns trigger language plpgsql as $$ begin return new; end $$;
"""


def test_what_the_statements_say_plainly_of_each_table(tmp_path: Path) -> None:
    root = write(
        tmp_path, {"supabase/migrations/1_a.sql": MIGRATION, "supabase/functions/pay/index.ts": "Deno.serve(f);"}
    )
    surface = read_surface(Tree.read(root))
    access = who(surface)
    assert access["GET /rest/v1/bare"] == access["DELETE /rest/v1/bare"] == "open"
    assert access["GET /rest/v1/shut"] == "guarded"
    assert (access["GET /rest/v1/own"], access["POST /rest/v1/own"], access["PATCH /rest/v1/own"]) == (
        "guarded",
        "open",
        "guarded",
    )
    assert access["GET /rest/v1/odd"] == "unknown"
    assert access["GET /rest/v1/past"] == "open"
    assert access["POST /rest/v1/rpc/helper"] == "open"
    assert access["POST /functions/v1/pay"] == "unknown"
    assert not any("hidden" in name or "on_change" in name or name == "POST /rest/v1/past" for name in access)
    assert [field.name for field in one(surface, "POST /rest/v1/bare").inputs] == ["id"]
    assert [field.required for field in one(surface, "POST /rest/v1/rpc/helper").inputs] == [True, False]
    assert all(endpoint.hosted for endpoint in surface.endpoints)
    data = {item.name: item.access.verdict for item in surface.data}
    assert data["public.bare"] is data["public.own"] is AccessVerdict.OPEN
    assert data["public.shut"] is AccessVerdict.GUARDED


@pytest.mark.parametrize(
    "later",
    [
        "revoke all on bare from anon;",
        "do $$ begin execute 'alter table bare enable row level security'; end $$;",
        "revoke all on all tables in schema public from anon;",
    ],
)
def test_what_only_running_would_tell_is_unknown(later: str, tmp_path: Path) -> None:
    root = write(tmp_path, {"supabase/migrations/1_a.sql": "create table bare (id int);\n" + later})
    assert who(read_surface(Tree.read(root)))["GET /rest/v1/bare"] == "unknown"


def test_migrations_count_in_their_order(tmp_path: Path) -> None:
    files = {
        "supabase/migrations/1_a.sql": "create table a (id int, old text);\nalter table a enable row level security;",
        "supabase/migrations/2_b.sql": "alter table a rename column old to new; alter table a disable row level security;\n"
        "create table gone (id int); drop table if exists gone cascade;",
        "supabase/seed.sql": "create table seeded (id int);",
        "supabase/config.toml": '[api]\nschemas = ["public", "api"]\n[storage.buckets.pictures]\npublic = true\n',
    }
    surface = read_surface(Tree.read(write(tmp_path, files)))
    assert set(who(surface)) == {f"{method} /rest/v1/a" for method in ("GET", "POST", "PATCH", "DELETE")}
    assert who(surface)["GET /rest/v1/a"] == "open"
    assert [field.name for field in one(surface, "POST /rest/v1/a").inputs] == ["id", "new"]
    assert ("pictures", AccessVerdict.OPEN) in [(item.name, item.access.verdict) for item in surface.data]


@pytest.mark.parametrize(
    ("condition", "to"),
    [
        ("true", "anyone"),
        ("request.auth != null", "member"),
        ("request.auth.uid != null || true", "anyone"),
        ("request.time < timestamp.date(2026, 1, 1)", "test"),
        ("request.auth != null && request.auth.uid == userId", "some"),
        ("false", "nobody"),
        ("request.auth != null && false", "nobody"),
    ],
)
def test_conditions_of_firebase_rules(condition: str, to: str) -> None:
    assert judged(condition) == to


ROLES = """
create type app_role as enum ('admin', 'member');
create table user_roles (user_id uuid, role app_role);
create table notes (id int, owner uuid, hidden boolean);
alter table notes enable row level security;
create function has_role(_user_id uuid, _role app_role) returns boolean language sql stable security definer as $$
  select exists (select 1 from user_roles where user_id = _user_id and role = _role)
$$;
create function is_staff() returns boolean language plpgsql as $$
begin
  return (select role from user_roles where user_id = auth.uid()) in ('admin', 'member');
end;
$$;
create function lets_in(_user_id uuid) returns boolean language sql as $$
  select exists (select 1 from user_roles where user_id = _user_id or role = 'member')
$$;
do $$ begin if true then execute 'create index on notes (owner)'; end if; end $$;
"""


@pytest.mark.parametrize(
    ("condition", "verdict", "roles"),
    [
        ("has_role(auth.uid(), 'admin')", "guarded", ("admin",)),
        ("public.has_role((select auth.uid()), 'admin'::app_role)", "guarded", ("admin",)),
        ("is_staff()", "guarded", ("admin", "member")),
        ("has_role(auth.uid(), 'admin') or owner = auth.uid()", "guarded", ()),
        ("hidden = false and has_role(auth.uid(), 'admin')", "guarded", ("admin",)),
        (
            "exists (select 1 from user_roles r where r.user_id = auth.uid() and r.role = 'admin')",
            "guarded",
            ("admin",),
        ),
        ("id in (select id from notes where owner = auth.uid())", "guarded", ()),
        ("auth.role() = 'authenticated'", "guarded", ()),
        # What a stranger may be let through by.
        ("hidden = false or has_role(auth.uid(), 'admin')", "unknown", ()),
        ("lets_in(auth.uid())", "unknown", ()),
        ("not has_role(auth.uid(), 'admin')", "unknown", ()),
        ("owner is distinct from auth.uid()", "unknown", ()),
        ("exists (select 1 from user_roles where role = 'admin')", "unknown", ()),
        ("coalesce(has_role(auth.uid(), 'admin'), true)", "unknown", ()),
        ("elsewhere(auth.uid())", "unknown", ()),
    ],
)
def test_what_a_policy_answers_to_a_stranger(
    condition: str, verdict: str, roles: tuple[str, ...], tmp_path: Path
) -> None:
    policy = f"create policy p on notes for select using ({condition});"
    root = write(tmp_path, {"supabase/migrations/1_a.sql": ROLES + policy})
    found = next(e for e in read_surface(Tree.read(root)).endpoints if e.name == "GET /rest/v1/notes")
    assert (found.access.verdict.value, found.access.roles) == (verdict, roles)


@pytest.mark.parametrize(
    ("condition", "to"),
    [
        ("isOwner(uid)", "owner"),
        ("mine()", "owner"),
        ("signedIn() && resource.data.owner == request.auth.uid", "owner"),
        ("request.auth.token.admin == true", "owner"),
        ("signedIn()", "member"),
        # Nobody is signed in; who writes names the owner; anybody's address is verified.
        ("request.auth.uid == null", "some"),
        ("request.auth.uid == request.resource.data.owner", "some"),
        ("request.auth.token.email_verified == true", "some"),
        ("isOwner(uid) || true", "anyone"),
        ("!isOwner(uid)", "some"),
    ],
)
def test_functions_of_firebase_rules_are_written_out_with_what_they_are_given(
    condition: str, to: str, tmp_path: Path
) -> None:
    """firebase.google.com/docs/rules/rules-language: functions take arguments and keep values by ``let``."""
    (tmp_path / "firestore.rules").write_text(
        "service cloud.firestore {\n  match /databases/{database}/documents {\n"
        "    function signedIn() { return request.auth != null; }\n"
        "    function isOwner(id) { return signedIn() && request.auth.uid == id; }\n"
        "    function mine() { let who = request.auth.uid; return who == resource.data.owner; }\n"
        f"    match /users/{{uid}} {{ allow write: if {condition}; }}\n  }}\n}}\n"
    )
    (found,), _ = allows(Tree.read(tmp_path))
    assert found.to == to


@pytest.mark.parametrize(("acts", "to"), [("create", "owner"), ("create, update", "some")])
def test_who_makes_a_record_may_name_only_themselves(acts: str, to: str, tmp_path: Path) -> None:
    """In an update the same condition lets whoever asks take what is another's."""
    (tmp_path / "firestore.rules").write_text(
        "service cloud.firestore { match /databases/{database}/documents {\n"
        f"  match /notes/{{id}} {{ allow {acts}: if request.resource.data.owner == request.auth.uid; }} }} }}\n"
    )
    (found,), _ = allows(Tree.read(tmp_path))
    assert found.to == to
