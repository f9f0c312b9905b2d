"""A live data service, found by what the page shows, and asked as a stranger and as two members of it."""

import base64
import contextlib
import json
from collections.abc import Iterator

from launchready.model.check import Outcome
from launchready.model.project import Environment
from launchready.model.words import Confidence, Severity, Status
from launchready.sources.data.clients import find_client

from tests.support.ask import ask
from tests.support.data_service import DataService, serve_data
from tests.support.web import Got, Reply, serve

TABLES = """
create table members (id uuid primary key default gen_random_uuid(), user_id uuid not null, email text not null);
create table notes (id bigserial primary key, user_id uuid not null, body text not null);
create table countries (code text primary key, name text not null);
insert into members (user_id, email) values ('11111111-1111-4111-8111-111111111111', 'ada.l@corp.test');
insert into countries values ('de', 'Germany');
alter table countries enable row level security;
create policy everybody on countries for select using (true);
"""
BAD = (
    TABLES
    + """
alter table notes enable row level security;
create policy members on notes for all to authenticated using (auth.uid() is not null);
"""
)
GOOD = (
    TABLES
    + """
alter table members enable row level security;
create policy own on members for all to authenticated using (auth.uid() = user_id);
alter table notes enable row level security;
create policy own on notes for all to authenticated using (auth.uid() = user_id);
"""
)


@contextlib.contextmanager
def pages(service_url: str, service: DataService) -> Iterator[str]:
    """An app whose built script makes a client, as a bundler leaves it."""
    script = f'const s=createClient("{service_url}","{service.key}");s.from("notes").select("*");s.storage.from("files").list()'

    def app(got: Got) -> Reply:
        if got.path == "/":
            return Reply(200, '<script src="/assets/index-1a2b3c.js"></script>', {"Content-Type": "text/html"})
        return Reply(200, script, {"Content-Type": "text/javascript"}) if "assets" in got.path else Reply(404)

    with serve(app) as url:
        yield url


async def asked(sql: str, *, confirms: bool = False) -> tuple[Outcome, dict[str, tuple[str, ...]], DataService]:
    with serve_data(sql, confirms=confirms) as (service_url, service), pages(service_url, service) as url:
        outcome = await ask("LR129", url=url)
        rows = {row[0]: row[1:] for table in outcome.tables for row in table.rows}
        return outcome, rows, service


async def test_what_strangers_and_members_reach_is_proven_and_in_the_matrix() -> None:
    outcome, rows, _ = await asked(BAD)
    told = {one.target: one for one in outcome.findings}
    assert set(told) == {"live members", "live notes"}
    assert all((one.severity, one.confidence) == (Severity.BLOCKER, Confidence.PROVEN) for one in told.values())
    assert "Anyone on the internet can read, change and delete rows of other people" in told["live members"].title
    assert "Whoever signs up can read, change and delete rows of other people" in told["live notes"].title
    assert rows["notes"][:3] == ("–", "read, add, change, delete", "read, change, delete")
    assert rows["countries"][:3] == ("read", "read", "read")
    assert rows["wipe()"][0].startswith("not called")


async def test_where_policies_bind_rows_to_their_owner_there_is_no_alarm() -> None:
    outcome, rows, _ = await asked(GOOD)
    assert outcome.findings == ()
    assert rows["members"][:3] == ("–", "read, add, change, delete", "–")
    assert rows["notes"][:3] == ("–", "read, add, change, delete", "–")


async def test_what_was_added_is_gone_and_what_was_there_is_untouched() -> None:
    with serve_data(BAD) as (service_url, service), pages(service_url, service) as url:
        await ask("LR129", url=url)
        rows = service._session.execute("SELECT email FROM members UNION ALL SELECT body FROM notes").fetchall()
    assert rows == [("ada.l@corp.test",)]


async def test_without_accounts_only_strangers_are_asked() -> None:
    outcome, rows, _ = await asked(GOOD, confirms=True)
    assert outcome.findings == ()
    assert [gap.target for gap in outcome.gaps][:1] == ["members"]
    assert len(rows["notes"]) == 2


async def test_a_service_elsewhere_is_left_alone_until_somebody_says_so() -> None:
    key = "sb_publishable_" + "a1" * 12

    def app(got: Got) -> Reply:
        return Reply(
            200, f'<script>createClient("https://db.example.com", "{key}")</script>', {"Content-Type": "text/html"}
        )

    with serve(app) as url:
        outcome = await ask("LR129", url=url)
    assert outcome.status is Status.NOT_CHECKED
    assert "--authorized-by" in outcome.give


async def test_an_app_without_such_a_service_is_not_asked() -> None:
    with serve(lambda got: Reply(200, "<html></html>")) as url:
        assert (await ask("LR129", url=url)).status is Status.NOT_APPLICABLE


async def test_nothing_is_sent_offline() -> None:
    assert (await ask("LR129", environment=Environment("local", ""))).status is Status.NOT_CHECKED


def test_the_address_and_the_key_are_found_as_people_write_them() -> None:
    public, service = (_token(role) for role in ("anon", "service_role"))
    for text in (
        f"NEXT_PUBLIC_SUPABASE_URL=http://127.0.0.1:54321\nNEXT_PUBLIC_SUPABASE_ANON_KEY={public}\n",
        f'VITE_SUPABASE_URL="http://127.0.0.1:54321/"\nVITE_SUPABASE_PUBLISHABLE_KEY="{public}"\n',
        f'const supabase = createClient<Database>(\n  "http://127.0.0.1:54321",\n  "{public}",\n)',
    ):
        found = find_client([("a", text)])
        assert found is not None
        assert (found.url, found.key) == ("http://127.0.0.1:54321", public)
    mighty = f"SUPABASE_URL=http://127.0.0.1:54321\nSUPABASE_SERVICE_ROLE_KEY={service}\n"
    assert find_client([("a", mighty)]) is None


def _token(role: str) -> str:
    head, body = (
        base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=")
        for one in ({"alg": "HS256"}, {"role": role})
    )
    return f"{head}.{body}.c2lnbmF0dXJl"
