"""Open doors that are meant to be, that nobody serves, or that close behind the first; and one that somebody forgot."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence, Severity

from tests.stages.apps import fastapi
from tests.support.ask import ask, write

_CERTAIN = [(Severity.BLOCKER, Confidence.CERTAIN)]
_ASKED = [(Severity.BLOCKER, Confidence.SUSPECTED)]


async def _told(check: str, folder: Path, files: dict[str, str]) -> list[tuple[Severity, Confidence]]:
    return [(one.severity, one.confidence) for one in (await ask(check, write(folder, files))).findings]


_ROUTES = "<?php\nuse Illuminate\\Support\\Facades\\Route;\nuse App\\Http\\Controllers\\BrandController;\nRoute::post('/brands', [BrandController::class, 'store']);\n"
_CONTROLLER = """<?php
namespace App\\Http\\Controllers;
class BrandController extends Controller
{
    /** Keeps a brand { of cars }. */
    public function store(Request $request)
    {
        BODY
    }
}
"""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("//", []),
        ("return response()->json(['message' => 'It\\'s kept {soon}'], 501);", []),
        ("return view('brands.create'); // Brand::create(...)", []),
        ("Brand::create($request->all());", _CERTAIN),
        ("$this->last = $request->name;\n        return back();", _CERTAIN),
        ("return response()->json(new Kept($request));", _CERTAIN),
        ("return response()->json(`touch kept`);", _CERTAIN),
    ],
    ids=["as artisan made it", "a constant", "a page", "keeps", "sets a field", "makes an object", "runs a command"],
)
async def test_an_action_of_laravel_that_nobody_filled(
    body: str, told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    files = {
        "composer.json": '{"require": {"laravel/framework": "^11.0"}}',
        "routes/web.php": _ROUTES,
        "app/Http/Controllers/BrandController.php": _CONTROLLER.replace("\\\\", "\\").replace("BODY", body),
    }
    assert await _told("LR102", tmp_path, {name: text.replace("\\\\", "\\") for name, text in files.items()}) == told


_FIRST = """@app.post("/setup/hr")
def setup(email: str, password: str):
    LOOKS
    db.insert_one({"email": email, "password": hashed(password), "role": "hr"})
    return {"made": True}
"""


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        (
            'there = db.find_one({"role": "HR"})\n    if there:\n        raise HTTPException(400, "there is one")',
            _ASKED,
        ),
        ('if User.query.filter_by(role="admin").first():\n        raise HTTPException(403)', _ASKED),
        ("total = User.objects.count()\n    if total > 0:\n        raise HTTPException(409)", _ASKED),
        ('there = db.find_one({"email": email})\n    if there:\n        raise HTTPException(400, "taken")', _CERTAIN),
        ('there = db.find_one({"role": "HR"})\n    if there:\n        log("one more")', _CERTAIN),
        ('there = db.find_one({"role": "HR"})\n    if not there:\n        raise HTTPException(400)', _CERTAIN),
    ],
    ids=["one of the rank", "asked at once", "anybody", "an address that is taken", "goes on", "only behind another"],
)
async def test_the_first_account_is_for_whoever_comes_first(
    looks: str, told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    assert await _told("LR102", tmp_path, fastapi(_FIRST.replace("LOOKS", looks))) == told


_SET_UP = """const express = require("express");
const app = express();
app.post("/setup", async (req, res) => {
  const somebody = await query.LOOKS;
  if (somebody) {
    throw new Error("It is set up already");
  }
  await query.user.add({ email: req.body.email, password: await hash(req.body.password), level: 9 });
  res.json({ made: true });
});
"""


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ("user.findFirst()", _ASKED),
        ("user.findAny()", _ASKED),
        ("user.findFirst({ where: { email: req.body.email } })", _CERTAIN),
        ("plan.findFirst()", _CERTAIN),
    ],
)
async def test_a_set_up_that_ends_when_anybody_is_there(
    looks: str, told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    files = {"package.json": '{"dependencies": {"express": "4"}}', "app.js": _SET_UP.replace("LOOKS", looks)}
    assert await _told("LR102", tmp_path, files) == told


_WRAPPED = {
    "package.json": '{"dependencies": {"express": "4"}}',
    "wrap.js": "module.exports = (fn) => (req, res, next) => Promise.resolve(fn(req, res, next)).catch(next);\n",
    "setup.js": "async function first(req, res) {\n  const somebody = await User.findOne();\n  if (somebody) {\n    throw new Error('set up');\n  }\n"
    "  await User.add({ email: req.body.email, password: await hash(req.body.password), level: 9 });\n  res.json({});\n}\n"
    "async function keep(req, res) {\n  await notes.add(req.body);\n  res.json({});\n}\nmodule.exports = { first, keep };\n",
    "app.js": "const express = require('express');\nconst wrap = require('./wrap');\nconst setup = require('./setup');\nconst app = express();\n"
    "app.post('/setup', wrap(setup.HANDLER));\n",
}


@pytest.mark.parametrize(("handler", "told"), [("first", _ASKED), ("keep", _CERTAIN)])
async def test_a_handler_inside_of_what_catches_its_errors_is_read(
    handler: str, told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    files = {name: text.replace("HANDLER", handler) for name, text in _WRAPPED.items()}
    assert await _told("LR102", tmp_path, files) == told


_LINK = """const express = require("express");
const app = express();
app.post("/links/:id/open", async (req, res) => {
  const link = await query.link.find({ id: req.params.id });
  ASKS
  await visits.add({ link: link.id, address: req.ip });
  res.json({ target: link.target });
});
"""


@pytest.mark.parametrize(
    ("asks", "told"),
    [
        (
            "const matches = await bcrypt.compare(req.body.password, link.password);\n  if (!matches) {\n    throw new Error('no');\n  }",
            [],
        ),
        ("if (!(await bcrypt.compare(req.body.password, link.password))) return res.status(401).end();", []),
        (
            "const matches = await bcrypt.compare(req.body.password, link.password);\n  if (!matches) log('wrong');",
            _CERTAIN,
        ),
        ("const seen = link.password;", _CERTAIN),
    ],
    ids=["by a name", "at once", "goes on", "asks nothing"],
)
async def test_what_is_behind_the_password_of_a_record(
    asks: str, told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    files = {"package.json": '{"dependencies": {"express": "4"}}', "app.js": _LINK.replace("ASKS", asks)}
    assert await _told("LR102", tmp_path, files) == told


_CONSENT = """@app.get("PATH")
def consented(tenant: str, NAME: str):
    db.add(Consent(tenant, NAME))
    db.commit()
    return {"ok": True}
"""


@pytest.mark.parametrize(
    ("path", "name", "told"),
    [("/onboarding/callback", "state", []), ("/onboarding/callback", "plan", _CERTAIN), ("/consents", "state", _CERTAIN)],
)  # fmt: skip
async def test_who_comes_back_from_a_provider_brings_the_state_they_left_with(
    path: str, name: str, told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    assert await _told("LR102", tmp_path, fastapi(_CONSENT.replace("PATH", path).replace("NAME", name))) == told


_OLD = """from flask import Flask, request
app = Flask(__name__)

@app.route("/brands/<int:one>", methods=["PUT"])
def change(one):
    db.session.merge(Brand(one, request.json))
    db.session.commit()
    return "", 204
"""
_SERVED = "from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef home():\n    return 'home'\n"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"app_legacy.py": _OLD, "run.py": _SERVED}, _ASKED),
        ({"app_legacy.py": _OLD}, _CERTAIN),
        ({"brands.py": _OLD, "run.py": _SERVED}, _CERTAIN),
    ],
    ids=["beside the one that is served", "the only one", "by another name"],
)
async def test_an_app_that_was_left_behind_is_perhaps_served(
    files: dict[str, str], told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    assert await _told("LR102", tmp_path, files) == told


_KEPT = "@app.get('/books/{}')\ndef read_{}(user=Depends(current_user)):\n    return db.query(Row).all()\n"
_ALONE = "@app.get('{}')\ndef alone():\n    return {}\n"


@pytest.mark.parametrize(
    ("kept", "path", "gives", "told"),
    [
        (5, "/books/ledger", "db.query(Row).all()", _ASKED),
        (5, "/books/ledger", "{'open': True}", []),
        (5, "/books/public", "db.query(Row).all()", []),
        (5, "/admin/logout", "db.query(Row).all()", []),
        (3, "/books/ledger", "db.query(Row).all()", []),
    ],
    ids=["forgotten", "reads nothing", "is called public", "signs out", "too few to tell"],
)
async def test_the_one_read_of_a_file_that_asks_nobody(
    kept: int, path: str, gives: str, told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    routes = "".join(_KEPT.format(f"n{one}", one) for one in range(kept)) + _ALONE.format(path, gives)
    assert await _told("LR102", tmp_path, fastapi(routes)) == told


_PAID = """@app.post("/payment-callback")
async def paid(request: Request):
    told = await request.json()
    state = STATE
    if state == "COMPLETED":
        orders.mark_paid(told["id"])
    return {"ok": True}
"""


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ('check_payment_status(told["id"])', [(Severity.MEDIUM, Confidence.SUSPECTED)]),
        ('told["state"]', _CERTAIN),
    ],
    ids=["asks the provider", "believes the caller"],
)
async def test_where_a_provider_reports_a_payment(
    state: str, told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    files = fastapi(_PAID.replace("STATE", state))
    assert await _told("LR110", tmp_path, files) == told
    assert await _told("LR102", tmp_path, files) == []


@pytest.mark.parametrize(("ends", "severity"), [("first_or_404()", Severity.MEDIUM), ("first()", Severity.BLOCKER)])
async def test_a_link_that_shows_a_bill_is_for_whoever_has_it(ends: str, severity: Severity, tmp_path: Path) -> None:
    """What a link has ended for has ended for everybody: that it is refused then is no guard."""
    code = f"""from datetime import datetime
from flask import Flask, render_template
app = Flask(__name__)

@app.route("/export/bill/<token>")
def bill(token):
    bill = Bill.query.filter_by(token=token).{ends}
    if bill.token_expiry and bill.token_expiry < datetime.utcnow():
        return "Link expired", 403
    return render_template("bill.html", bill=bill)
"""
    (finding,) = (await ask("LR102", write(tmp_path, {"app.py": code}))).findings
    assert finding.severity is severity


_VIEWS = """from rest_framework import permissions, viewsets
class Players(viewsets.ModelViewSet):
    queryset = Player.objects.all()
    def get_permissions(self):
        return [permissions.AllowAny()] if self.action in ("list", "retrieve") else [permissions.IsAuthenticated()]
"""
_OTHER = "class {0}(viewsets.ReadOnlyModelViewSet):\n    queryset = {0}.objects.all()\n    permission_classes = [permissions.IsAuthenticated]\n"


async def test_what_somebody_opened_by_name_is_not_forgotten(tmp_path: Path) -> None:
    names = ("Bills", "Fees", "Trips", "Teams", "Votes")
    urls = "".join(f"router.register('{one.lower()}', views.{one}, basename='{one}')\n" for one in ("Players", *names))
    files = {
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'club.settings')\n",
        "club/__init__.py": "",
        "club/settings.py": "ROOT_URLCONF = 'club.urls'\nINSTALLED_APPS = ['rest_framework']\n",
        "club/urls.py": f"from rest_framework.routers import SimpleRouter\nfrom club import views\nrouter = SimpleRouter()\n{urls}urlpatterns = router.urls\n",
        "club/views.py": _VIEWS + "".join(map(_OTHER.format, names)),
    }
    assert await _told("LR102", tmp_path, files) == []


@pytest.mark.parametrize(("method", "told"), [("put", _CERTAIN), ("get", [])])
async def test_the_state_of_an_order_is_not_the_health_of_the_app(
    method: str, told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    route = f"@app.{method}('/orders/{{one}}/status')\ndef state(one: int):\n    db.query(Order).get(one)\n    db.commit() if {method == 'put'} else None\n"
    assert await _told("LR102", tmp_path, fastapi(route)) == told


_SETS_UP = """import { sql } from "drizzle-orm";
export async function POST(req: Request) {
  COUNTS
  const body = await req.json();
  const [made] = await db.insert(people).values({ name: body.name, pin: await hash(body.pin), kind: "Chef" }).returning();
  await prisma.person.create({ data: body });
  return Response.json(made);
}
"""


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ("const [all] = await db\n    .select({ count: sql<number>`count(*)` })\n    .from(people);\n  if (all.count > 0) {\n    return Response.json({}, { status: 400 });\n  }", _ASKED),
        ("const many = await prisma.person.count();\n  if (many > 0) {\n    return Response.json({}, { status: 400 });\n  }", _ASKED),
        ("const [all] = await db\n    .select({ count: sql<number>`count(*)` })\n    .from(others);\n  if (all.count > 0) {\n    return Response.json({}, { status: 400 });\n  }", _CERTAIN),
        ("const [all] = await db\n    .select({ count: sql<number>`count(*)` })\n    .from(people)\n    .where(eq(people.name, name));\n  if (all.count > 0) {\n    return Response.json({}, { status: 400 });\n  }", _CERTAIN),
        ("const [all] = await db\n    .select({ count: sql<number>`count(*)` })\n    .from(people);\n  if (all.count > 0) {\n    log(all);\n  }", _CERTAIN),
    ],
    ids=["a table", "a model", "another table", "some of them", "goes on"],
)  # fmt: skip
async def test_the_first_row_of_a_table_is_for_whoever_comes_first(
    counts: str, told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    files = {
        "package.json": '{"dependencies": {"next": "15"}}',
        "app/api/start/route.ts": _SETS_UP.replace("COUNTS", counts),
    }
    assert await _told("LR102", tmp_path, files) == told


_NEXT = {"package.json": '{"dependencies": {"next": "15", "stripe": "17"}}'}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("const made = await stripe.paymentIntents.create({ amount: 700 });\n  return Response.json({ secret: made.client_secret });", _ASKED),
        ("const paid = await stripe.paymentIntents.retrieve(id);\n  if (paid.status !== 'succeeded') {\n    return Response.json({}, { status: 400 });\n  }\n  await db.orders.insert(paid);\n  return Response.json({});", _ASKED),
        ("const back = await stripe.refunds.create({ payment_intent: id });\n  return Response.json(back);", _CERTAIN),
        ("const made = await stripe.paymentIntents.create({ amount: 700 });\n  await db.orders.insert({ id, paid: true });\n  return Response.json(made);", _CERTAIN),
    ],
    ids=["begins", "was paid", "pays back", "keeps something"],
)  # fmt: skip
async def test_who_buys_has_no_account_yet(body: str, told: list[tuple[Severity, Confidence]], tmp_path: Path) -> None:
    code = f"export async function POST(req: Request) {{\n  const {{ id }} = await req.json();\n  {body}\n}}\n"
    assert await _told("LR102", tmp_path, {**_NEXT, "app/api/buy/route.ts": code}) == told


@pytest.mark.parametrize(
    ("model", "stops", "told"),
    [
        ("enrollmentLink", "if (!link) throw new Error('gone');", [(Severity.MEDIUM, Confidence.SUSPECTED)]),
        ("enrollmentLink", "", _CERTAIN),
        ("school", "if (!link) throw new Error('gone');", _CERTAIN),
    ],
    ids=["a link", "nothing stops", "no link"],
)
async def test_a_row_that_is_a_link(
    model: str, stops: str, told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    code = (
        f"export async function POST(req: Request) {{\n  const {{ code, name }} = await req.json();\n"
        f"  const link = await prisma.{model}.findFirst({{ where: {{ code, status: 'ACTIVE' }} }});\n  {stops}\n"
        "  await prisma.pupil.create({ data: { name } });\n  return Response.json({});\n}\n"
    )
    assert await _told("LR102", tmp_path, {**_NEXT, "app/api/enrol/route.ts": code}) == told


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("throw new NotFoundException('no such share');", _ASKED),
        ("throw await shares.forget(body.id);", _CERTAIN),
    ],
    ids=["says so", "does more"],
)
async def test_a_post_that_only_shows_what_it_is_asked_for(
    missing: str, told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    code = (
        "export async function POST(req: Request) {\n  const body = await req.json();\n  const one = await shares.findById(body.id);\n"
        f"  if (!one) {{\n    {missing}\n  }}\n  return Response.json(one);\n}}\n"
    )
    assert await _told("LR102", tmp_path, {**_NEXT, "app/api/share/route.ts": code}) == told


@pytest.mark.parametrize(
    ("given", "told"),
    [("token", [(Severity.MEDIUM, Confidence.SUSPECTED)]), ("profile", _CERTAIN)],
    ids=["hands the token on", "forgets the token"],
)
async def test_a_link_whose_token_is_handed_on_in_a_line_of_its_own(
    given: str, told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    routes = (
        '@app.post(\n    "/onboarding/{token}",\n)\nasync def submitted(\n    token: str,\n    profile: dict,\n):\n'
        f"    return await people.keep(\n        {given}, profile\n    )\n"
    )
    assert await _told("LR102", tmp_path, fastapi(routes)) == told


@pytest.mark.parametrize(
    ("param", "asks", "told"),
    [
        ("hook_hash", "if hook_hash != expected(app.config['HOOKS']):\n        abort(404)", []),
        ("hook_hash", "print(hook_hash)", [(Severity.BLOCKER, Confidence.CERTAIN)]),
        ("provider", "if provider != KNOWN:\n        abort(404)", [(Severity.BLOCKER, Confidence.CERTAIN)]),
    ],
)
async def test_a_webhook_whose_address_holds_what_only_the_sender_knows(
    param: str, asks: str, told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    code = f"""from flask import Flask, abort, request
app = Flask(__name__)

@app.route("/webhooks/<{param}>", methods=["POST"])
def hook({param}):
    {asks}
    db.session.add(Event(request.get_json()))
    db.session.commit()
    return "ok"
"""
    assert await _told("LR110", tmp_path, {"main.py": code}) == told


@pytest.mark.parametrize(
    ("path", "first", "told"),
    [
        ("/setup", 'if club_of_here() is not None:  # made before\n        return {"done": True}', _ASKED),
        ("/first-run", "if settings.ready:\n        raise HTTPException(404)", _ASKED),
        ("/setup", 'if name == "":\n        name = "club"', _CERTAIN),
        ("/clubs", 'if club_of_here() is not None:\n        return {"done": True}', _CERTAIN),
    ],
    ids=["made before", "ready", "goes on", "no set-up"],
)
async def test_a_set_up_that_ends_at_once_is_for_a_person(
    path: str, first: str, told: list[tuple[Severity, Confidence]], tmp_path: Path
) -> None:
    route = (
        f'@app.post("{path}")\ndef made(name: str, password: str):\n    {first}\n    db.insert_one({{"name": name}})\n'
    )
    assert await _told("LR102", tmp_path, fastapi(route)) == told


async def test_a_route_of_laravel_that_leads_on_and_the_way_back_from_a_provider_change_nothing(tmp_path: Path) -> None:
    routes = """<?php
use Illuminate\\Support\\Facades\\Route;
use App\\Http\\Controllers\\BrandController;
Route::permanentRedirect('/.well-known/carddav', '/dav/');
Route::match(['get', 'post'], '/auth/{driver}/callback', [BrandController::class, 'store']);
Route::post('/brands/{driver}', [BrandController::class, 'store']);
"""
    files = {
        "composer.json": '{"require": {"laravel/framework": "^11.0"}}',
        "routes/web.php": routes.replace("\\\\", "\\"),
        "app/Http/Controllers/BrandController.php": _CONTROLLER.replace("\\\\", "\\").replace(
            "BODY", "Brand::create($request->all());"
        ),
    }
    found = (await ask("LR102", write(tmp_path, files))).findings
    assert [one.target for one in found if one.severity is Severity.BLOCKER] == ["POST /brands/{driver}"]
