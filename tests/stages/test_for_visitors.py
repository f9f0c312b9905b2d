"""What is there for whoever comes by is asked about and blocks nothing; records with nearly the same name are not let off by it."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from launchready.model.check import Outcome
from launchready.model.project import Environment, Project
from launchready.model.words import Confidence, Severity, Status
from launchready.stages.request import Request
from launchready.stages.session import audit

from tests.stages.apps import fastapi
from tests.stages.test_proof_care import ended, prove
from tests.support.ask import ask, write
from tests.support.club import Club, Member
from tests.support.web import Got, Reply, serve

_SAVES = '@app.{method}("{path}")\nasync def take(request: Request):\n    db.add(Row(await request.json()))\n    db.commit()\n'


@pytest.mark.parametrize(
    "path",
    [
        "/contact", "/api/contact-us", "/contact_form", "/submitContactUs", "/newsletter/subscribe", "/waitlist", "/access-requests",
        "/request-demo", "/quote-request", "/enquiries", "/api/report-error", "/csp-report", "/track", "/feedback/submit", "/api/chat/anonymous", "/api/public/orders", "/analytics/cta", "/send-support-request",
        "/client/intake", "/posts/{post_id}/view", "/products/view/{product_id}",
    ],
)  # fmt: skip
async def test_a_form_for_visitors_is_asked_about(path: str, tmp_path: Path) -> None:
    (finding,) = (await ask("LR102", write(tmp_path, fastapi(_SAVES.format(method="post", path=path))))).findings
    assert (finding.severity, finding.confidence) == (Severity.MEDIUM, Confidence.SUSPECTED)
    assert "right for a form of visitors" in finding.title


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/contacts"), ("post", "/quotes"), ("post", "/demos"), ("post", "/tracks"), ("post", "/guests"), ("post", "/analytics/reports"), ("post", "/publications"), ("post", "/time-tracking"), ("post", "/feedback-rules"), ("post", "/send-invoice"), ("post", "/verification-rules"), ("post", "/codes"),
        ("put", "/contact"), ("delete", "/newsletter"), ("post", "/admin/newsletter"), ("post", "/contact/{contact_id}/notes"),
        ("post", "/support"), ("post", "/boards/{board_id}/views"), ("post", "/views"),
    ],
)  # fmt: skip
async def test_records_of_nearly_that_name_still_block(method: str, path: str, tmp_path: Path) -> None:
    (finding,) = (await ask("LR102", write(tmp_path, fastapi(_SAVES.format(method=method, path=path))))).findings
    assert (finding.severity, finding.confidence) == (Severity.BLOCKER, Confidence.CERTAIN)


@pytest.mark.parametrize(
    ("path", "fields", "confidence"),
    [
        ("/book", ("name", "room", "email"), Confidence.SUSPECTED),
        ("/api/reservations", ("customerName", "phone", "seats"), Confidence.SUSPECTED),
        ("/book", ("user_id", "room"), Confidence.CERTAIN),
        ("/rooms", ("name", "email"), Confidence.CERTAIN),
    ],
)
async def test_who_books_and_says_who_they_are_may_be_a_visitor(path: str, fields: tuple[str, ...], confidence: Confidence, tmp_path: Path) -> None:  # fmt: skip
    given = "".join(f"    {name}: str\n" for name in fields)
    code = f'class Given(BaseModel):\n{given}\n@app.post("{path}")\nasync def take(given: Given):\n    db.add(Row(given))\n    db.commit()\n'
    (finding,) = (await ask("LR102", write(tmp_path, fastapi(code)))).findings
    assert (finding.severity, finding.confidence) == (Severity.BLOCKER, confidence)


_NEXT = {"package.json": '{"dependencies": {"next": "15.0.0"}}'}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("await supabase.auth.updateUser({ password: form.get('password') });", False),
        ("await supabase.auth.signUp({ email, password }); await sendWelcomeEmail(email);", False),
        ("await supabase.auth.admin.updateUserById(id, { password });", True),
        (
            "await supabase.from('profiles').update({ name }).eq('id', id); await supabase.auth.updateUser({ data: { name } });",
            True,
        ),
        ('await mail(form.get("to")); return { info: "use supabase.auth.resetPasswordForEmail() instead" };', True),
    ],
    ids=["own password", "own account", "anybody's password", "a row beside it", "only said"],
)
async def test_what_a_provider_does_to_ones_own_account(body: str, told: bool, tmp_path: Path) -> None:
    action = f'"use server";\nexport async function change(form: FormData) {{\n  const supabase = await createClient();\n  {body}\n}}\n'
    outcome = await ask("LR102", write(tmp_path, {**_NEXT, "app/actions.ts": action}))
    assert [one.severity for one in outcome.findings] == ([Severity.BLOCKER] if told else [])


@pytest.mark.parametrize(
    ("kept", "severity"),
    [
        ("analyticsEvent", Severity.MEDIUM),
        ("event", Severity.BLOCKER),
        ("analyticsEvent.create({ data }); await prisma.user", Severity.BLOCKER),
    ],
    ids=["what was clicked", "records", "both"],
)
async def test_what_browsers_report_is_asked_about(kept: str, severity: Severity, tmp_path: Path) -> None:
    route = f"export async function POST(req: Request) {{\n  const data = await req.json();\n  await prisma.{kept}.create({{ data }});\n  return Response.json({{ ok: true }});\n}}\n"
    (finding,) = (await ask("LR102", write(tmp_path, {**_NEXT, "app/api/events/route.ts": route}))).findings
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("sent", "confidence"),
    [("request.headers.get('cookie') || ''", Confidence.SUSPECTED), ("process.env.SERVICE_COOKIE", Confidence.CERTAIN)],
    ids=["the caller's own", "one of the server"],
)
async def test_a_server_behind_asks_for_what_the_caller_brought(
    sent: str, confidence: Confidence, tmp_path: Path
) -> None:
    route = f"export async function GET(request) {{\n  const cookie = {sent};\n  const found = await fetch(`${{API}}/tasks`, {{ headers: {{ Cookie: cookie }} }});\n  return new Response(await found.text());\n}}\n"
    (finding,) = (await ask("LR102", write(tmp_path, {**_NEXT, "app/api/export/route.ts": route}))).findings
    assert (finding.severity, finding.confidence) == (Severity.BLOCKER, confidence)


@pytest.mark.parametrize(("path", "told"), [("/admin/register", True), ("/auth/register", False)])
async def test_an_account_of_staff_that_anybody_may_make_is_asked_about(path: str, told: bool, tmp_path: Path) -> None:
    outcome = await ask("LR102", write(tmp_path, fastapi(_SAVES.format(method="post", path=path))))
    assert [one.confidence for one in outcome.findings] == ([Confidence.SUSPECTED] if told else [])


async def test_who_asks_for_a_code_to_sign_in_with_is_a_stranger_by_right(tmp_path: Path) -> None:
    app = fastapi(_SAVES.format(method="post", path="/auth/send-otp"))
    assert (await ask("LR102", write(tmp_path, app))).findings == ()


_LINK = """"use server";
import {{ db }} from "@/lib/db";
export async function rate(token: string, stars: number) {{
  const survey = await findSurvey(token);
  {stops}
  await db.survey.update({{ where: {{ id: survey.id }}, data: {{ stars }} }});
}}
"""


@pytest.mark.parametrize(
    ("stops", "severity"),
    [("if (!survey) return { error: 'gone' };", Severity.MEDIUM), ("log(survey);", Severity.BLOCKER)],
    ids=["stops without it", "goes on all the same"],
)
async def test_who_was_sent_a_link_is_let_in_by_its_token(stops: str, severity: Severity, tmp_path: Path) -> None:
    files = {"package.json": '{"dependencies": {"next": "15.0.0"}}', "app/actions.ts": _LINK.format(stops=stops)}
    (finding,) = (await ask("LR102", write(tmp_path, files))).findings
    assert (finding.target, finding.severity) == ("POST /rate", severity)


_POLICY = '[roles]\norder = ["guest", "member"]\n[[endpoint]]\nroute = "POST /letter-box"\nallow = ["guest"]\n'


async def test_what_a_person_opened_in_the_policy_is_no_finding(tmp_path: Path) -> None:
    files = fastapi(_SAVES.format(method="post", path="/letter-box"))
    assert [one.target for one in (await ask("LR102", write(tmp_path / "none", files))).findings] == [
        "POST /letter-box"
    ]
    decided = await ask("LR102", write(tmp_path / "decided", files | {"policy.toml": _POLICY}))
    assert (decided.status, decided.findings) == (Status.PASS, ())
    assert any("POST /letter-box" in note for note in decided.notes)
    waiting = await ask("LR102", write(tmp_path / "waiting", files | {"policy.toml": _POLICY + "review = true\n"}))
    assert [one.target for one in waiting.findings] == ["POST /letter-box"]


def _taking(path: str) -> Club:
    def spoil(club: Club, got: Got, who: Member | None) -> Reply | None:
        made = Reply(201, json.dumps({"id": 7}), {"Content-Type": "application/json"})
        return made if (got.method, got.path) == ("POST", path) else None

    return Club(spoil, {path: {"post": {}}})


@pytest.mark.parametrize(
    ("path", "found"), [("/api/contacts", True), ("/api/time-tracking", True), ("/api/contact", False)]
)
async def test_a_form_that_may_send_mail_is_left_alone_and_records_are_not(path: str, found: bool) -> None:
    outcome = ended(await prove(_taking(path), checks=("LR203",)), "LR203")
    assert ([one.target for one in outcome.findings] == [f"POST {path}"]) == found
    assert any("form for visitors" in gap.reason for gap in outcome.gaps) != found


async def test_what_a_person_opened_in_the_policy_may_say_yes_to_strangers(tmp_path: Path) -> None:
    write(tmp_path, {"policy.toml": _POLICY})
    project = Project("club", str(tmp_path))
    with serve(_taking("/letter-box")) as url:
        asked = Request(project, Environment("local", url, writes=True), source=False, checks=("LR203",))
        decided = ended(await audit(asked), "LR203")
        undecided = ended(await audit(replace(asked, project=replace(project, policy="other.toml"))), "LR203")
    assert [one.target for one in undecided.findings] == ["POST /letter-box"]
    assert (decided.status, decided.findings) == (Status.PASS, ())


_REQUESTS = """
create table requests (id uuid primary key default gen_random_uuid(), email text not null, status text not null default 'pending');
alter table requests enable row level security;
create policy "ask" on requests for insert to anon, authenticated with check (email is not null and length(trim(email)) > 0 and status = 'pending');
"""
_RIGHTS = """
create table user_roles (id uuid primary key default gen_random_uuid(), user_id uuid not null references auth.users, role text not null default 'member');
alter table user_roles enable row level security;
create policy "join" on user_roles for insert to anon, authenticated with check (true);
"""


def _tables(root: Path, migration: str) -> Outcome:
    return asyncio.run(ask("LR121", write(root, {"supabase/migrations/1_a.sql": migration})))


def test_a_careful_policy_for_adding_alone_is_no_worse_than_a_careless_one(tmp_path: Path) -> None:
    careless = _REQUESTS.replace("email is not null and length(trim(email)) > 0 and status = 'pending'", "true")
    for name, migration in (("careful", _REQUESTS), ("careless", careless)):
        (finding,) = _tables(tmp_path / name, migration).findings
        assert (finding.target, finding.confidence) == ("public.requests", Confidence.SUSPECTED)


def test_whoever_may_add_rights_gives_them_to_themselves(tmp_path: Path) -> None:
    (finding,) = _tables(tmp_path, _RIGHTS).findings
    assert (finding.severity, finding.confidence) == (Severity.BLOCKER, Confidence.PROVEN)


@pytest.mark.parametrize("keeps", [False, True])
async def test_a_yes_of_what_only_looks_up_is_no_change(keeps: bool, tmp_path: Path) -> None:
    does = (
        "db.session.add(Club(name=name)); db.session.commit()"
        if keeps
        else "club = Club.query.filter_by(name=name).first()"
    )
    view = (
        "from flask import Flask, jsonify, request\napp = Flask(__name__)\n\n@app.post('/clubs/check_admin')\ndef check_club_admin():\n"
        f"    name = request.get_json().get('name', '')\n    {does}\n    return jsonify({{'admin_exists': False}})\n"
    )
    with serve(
        lambda got: Reply(200, json.dumps({"admin_exists": False}), {"Content-Type": "application/json"})
    ) as url:
        outcome = await ask("LR203", write(tmp_path, {"main.py": view}), url)
    assert [one.target for one in outcome.findings] == (["POST /clubs/check_admin"] if keeps else [])


async def test_views_of_django_that_sign_people_in_and_out_are_for_strangers_in_any_language(tmp_path: Path) -> None:
    urls = (
        "from django.contrib.auth import views as auth_views\nfrom django.contrib.auth.forms import UserCreationForm\nfrom django.urls import path\n"
        "from django.views.generic import CreateView\n\nclass Register(CreateView):\n    form_class = UserCreationForm\n\nurlpatterns = [\n"
        "    path('kirjaudu/', auth_views.LoginView.as_view()),\n    path('kirjaudu-ulos/', auth_views.LogoutView.as_view()),\n    path('rekisteroidy/', Register.as_view()),\n]\n"
    )
    files = {
        "web/settings.py": 'ROOT_URLCONF = "web.urls"\nMIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]\n',
        "web/urls.py": urls,
        "requirements.txt": "django\n",
    }
    outcome = await ask("LR102", write(tmp_path, files))
    assert (outcome.examined, outcome.findings) == (5, ())


async def test_the_view_of_django_that_keeps_a_language_changes_nothing_at_any_address(tmp_path: Path) -> None:
    files = {
        "web/settings.py": 'ROOT_URLCONF = "web.urls"\nMIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]\n',
        "web/urls.py": "from django.urls import include, path\nfrom django.views.i18n import set_language\nfrom web.views import keep\n\nurlpatterns = [\n"
        "    path('person/tongue', include('django.conf.urls.i18n')),\n    path('tongue/', set_language),\n    path('rows/', keep),\n]\n",
        "web/views.py": "from django.http import HttpResponse\nfrom web.models import Row\n\ndef keep(request):\n    Row.objects.create(word=request.POST['word'])\n"
        "    return HttpResponse('kept')\n",
        "requirements.txt": "django\n",
    }
    outcome = await ask("LR102", write(tmp_path, files))
    assert [one.target for one in outcome.findings] == ["POST /rows/"]
