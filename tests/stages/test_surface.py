"""Questions to the source alone: each fails on the vulnerable app and passes on the mended one."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence, Status

from tests.stages.apps import fastapi
from tests.support.ask import ask, write

PAIRS = {
    "LR102": (
        '@app.delete("/members/{member_id}")\ndef remove(member_id: int):\n    db.execute("DELETE FROM members WHERE id = ?", member_id)\n',
        '@app.delete("/members/{member_id}")\ndef remove(member_id: int, user=Depends(admin)):\n    db.execute("DELETE FROM members WHERE id = ?", member_id)\n',
        "DELETE /members/{member_id}",
    ),
    "LR103": (
        '@app.get("/tasks/{task_id}/done")\ndef done(task_id: int, user=Depends(current_user)):\n    db.execute("UPDATE tasks SET done = 1")\n',
        '@app.get("/tasks/{task_id}")\ndef read(task_id: int, user=Depends(current_user)):\n    return db.execute("SELECT * FROM tasks")\n',
        "GET /tasks/{task_id}/done",
    ),
    "LR104": (
        '@app.get("/admin/users")\ndef users(user=Depends(current_user)):\n    return everybody()\n',
        '@app.get("/admin/users")\ndef users(user=Depends(admin)):\n    return everybody()\n',
        "GET /admin/users",
    ),
    "LR105": (
        '@app.get("/invoices/{invoice_id}")\ndef invoice(invoice_id: int, user=Depends(current_user)):\n    return db.execute("SELECT * FROM invoices WHERE id = ?", invoice_id)\n',
        '@app.get("/invoices/{invoice_id}")\ndef invoice(invoice_id: int, user=Depends(current_user)):\n    return db.execute("SELECT * FROM invoices WHERE id = ? AND org = ?", invoice_id, user.org)\n',
        "GET /invoices/{invoice_id}",
    ),
    "LR110": (
        '@app.post("/webhooks/stripe")\nasync def paid(request: Request):\n    event = await request.json()\n    db.execute("UPDATE workspaces SET plan = ?", event["plan"])\n',
        '@app.post("/webhooks/stripe")\nasync def paid(request: Request):\n    event = stripe.Webhook.construct_event(await request.body(), request.headers["stripe-signature"], SECRET)\n    db.execute("UPDATE workspaces SET plan = ?", event["plan"])\n',
        "POST /webhooks/stripe",
    ),
    "LR341": (
        '@app.post("/documents")\nasync def upload(file: UploadFile, user=Depends(current_user)):\n    open("uploads/" + file.filename, "wb").write(await file.read())\n',
        '@app.post("/documents")\nasync def upload(file: UploadFile, user=Depends(current_user)):\n    data = await file.read(MOST)\n    if not data.startswith(b"%PDF-"):\n        raise HTTPException(415)\n    open(f"uploads/{token_hex(16)}", "wb").write(data)\n',
        "POST /documents",
    ),
    "LR342": (
        '@app.patch("/me")\nasync def change(request: Request, user=Depends(current_user)):\n    data = await request.json()\n    for name, value in data.items():\n        setattr(user, name, value)\n',
        '@app.patch("/me")\nasync def change(request: Request, user=Depends(current_user)):\n    data = await request.json()\n    user.name = str(data["name"])\n',
        "PATCH /me",
    ),
    "LR604": (
        '@app.get("/healthz")\ndef health():\n    return {"status": "ok"}\n',
        '@app.get("/healthz")\ndef health():\n    db.execute("SELECT 1")\n    return {"status": "ok"}\n',
        "GET /healthz",
    ),
}


@pytest.mark.parametrize("check", PAIRS)
async def test_fails_on_the_vulnerable_app_and_passes_on_the_mended_one(check: str, tmp_path: Path) -> None:
    vulnerable, mended, target = PAIRS[check]
    bad = await ask(check, write(tmp_path / "bad", fastapi(vulnerable)))
    assert [finding.target for finding in bad.findings] == [target]
    assert bad.findings[0].evidence[0].line > 0
    good = await ask(check, write(tmp_path / "good", fastapi(mended)))
    assert good.findings == ()
    assert good.status in (Status.PASS, Status.NOT_APPLICABLE)


async def test_a_page_that_only_says_that_the_app_runs_is_named_as_that(tmp_path: Path) -> None:
    alone = (
        await ask("LR604", write(tmp_path / "alone", fastapi('@app.get("/ping")\ndef ping():\n    return "PONG"\n')))
    ).findings
    assert [one.target for one in alone] == ["GET /ping"]
    none = (
        await ask("LR604", write(tmp_path / "none", fastapi('@app.get("/notes")\ndef notes():\n    return []\n')))
    ).findings
    assert [one.target for one in none] == ["site"]


FILES = {
    "LR106": (
        {"templates/base.html": '<html><script src="https://www.googletagmanager.com/gtag/js?id=G-1"></script></html>'},
        {"templates/base.html": "<html></html>", "templates/landing.html": "googletagmanager.com"},
        "templates/base.html",
    ),
    "LR109": (
        {
            "package.json": '{"dependencies": {"openai": "6.0.0"}}',
            "src/ask.ts": "export const ask = (q) => post(q, import.meta.env.VITE_OPENAI_API_KEY);\n",
        },
        {
            "package.json": '{"dependencies": {"openai": "6.0.0", "stripe": "19.0.0"}}',
            "server/ask.ts": "const client = new OpenAI({ apiKey: process.env.OPENAI_API_KEY });\n",
            "src/pay.ts": "const stripe = load(import.meta.env.VITE_STRIPE_PUBLISHABLE_KEY);\n",
            "src/cart.ts": "const stripe = load(import.meta.env.VITE_STRIPE_PUB_KEY);\n",
        },
        "src/ask.ts",
    ),
    "LR211": (
        {"auth.py": 'import jwt\nclaims = jwt.decode(token, options={"verify_signature": False})\n'},
        {"auth.py": 'import jwt\nclaims = jwt.decode(token, KEY, algorithms=["HS256"])\n'},
        "auth.py",
    ),
    "LR206": (
        {"app.py": 'response.set_cookie("session", token)\n'},
        {
            "app.py": 'response.set_cookie("session", token, httponly=True, secure=True, samesite="lax")\nresponse.set_cookie("theme", "dark")\n'
        },
        "app.py",
    ),
    "LR605": (
        {"app.py": "from fastapi import FastAPI\napp = FastAPI(title='x', debug=True)\n"},
        {
            "app.py": "app = FastAPI(title='x', debug=settings.debug)\nif __name__ == '__main__':\n    app.run(debug=True)\n"
        },
        "app.py",
    ),
    "LR607": (
        {"jobs.py": "def run(job):\n    try:\n        job()\n    except Exception:\n        pass\n"},
        {
            "jobs.py": "def run(job):\n    try:\n        job()\n    except Exception:\n        log.exception('job failed')\n        raise\n"
        },
        "jobs.py",
    ),
}


@pytest.mark.parametrize("check", FILES)
async def test_files_tell(check: str, tmp_path: Path) -> None:
    vulnerable, mended, target = FILES[check]
    bad = await ask(check, write(tmp_path / "bad", vulnerable))
    assert [finding.target for finding in bad.findings] == [target]
    assert (await ask(check, write(tmp_path / "good", mended))).findings == ()


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ('res.cookie("sid", id);', True),
        ('res.cookie("sid", id, { httpOnly: true, secure: true, sameSite: "lax" });', False),
        ('res.cookie("sid", sign(id, key), options);', False),
        ('res.cookie("csrf", id);', False),
        # Koa's are HttpOnly, and Secure over HTTPS, unless they are told not to be.
        ('ctx.cookies.set("sid", id, { sameSite: "lax" });', False),
        ('ctx.cookies.set("sid", id, { sameSite: "lax", httpOnly: false });', True),
        ('ctx.cookies.set("sid", id, { sameSite: "lax", secure: false });', True),
        ('ctx.cookies.set("sid", id);', True),
    ],
)
async def test_cookies_of_javascript(line: str, missing: bool, tmp_path: Path) -> None:
    outcome = await ask("LR206", write(tmp_path, {"server.js": line}))
    assert bool(outcome.findings) is missing


async def test_unknown_access_is_a_gap_never_a_pass(tmp_path: Path) -> None:
    app = "from fastapi import FastAPI\nfrom somewhere import Gate\napp = FastAPI()\napp.add_middleware(Gate)\n@app.get('/a')\ndef a():\n    return 1\n"
    outcome = await ask("LR107", write(tmp_path, {"main.py": app}))
    assert not outcome.complete


async def test_what_only_a_person_can_tell_is_suspected(tmp_path: Path) -> None:
    vulnerable, _, _ = PAIRS["LR105"]
    outcome = await ask("LR105", write(tmp_path, fastapi(vulnerable)))
    assert outcome.findings[0].confidence is Confidence.SUSPECTED


async def test_known_ways_in_are_counted_and_a_folder_without_any_is_not_checked(tmp_path: Path) -> None:
    known = await ask("LR101", write(tmp_path / "app", fastapi(PAIRS["LR103"][1])))
    assert known.status is Status.PASS
    assert known.examined == 1
    assert (await ask("LR101", write(tmp_path / "none", {"a.py": "x = 1"}))).status is Status.NOT_CHECKED


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ("", True),
        ("    if db.execute('SELECT 1 FROM events WHERE id = ?', event['id']).fetchone():\n        return\n", False),
        ("    if time() - int(request.headers['x-timestamp']) > 300:\n        raise HTTPException(400)\n", False),
    ],
    ids=["neither", "remembered", "recent"],
)
async def test_a_signed_event_must_not_count_twice(extra: str, told: bool, tmp_path: Path) -> None:
    route = (
        '@app.post("/hooks/orders")\nasync def order(request: Request):\n    body = await request.body()\n'
        "    if not hmac.compare_digest(sign(body), request.headers['x-signature']):\n        raise HTTPException(401)\n"
        "    event = json.loads(body)\n" + extra + "    ship(event)\n"
    )
    outcome = await ask("LR110", write(tmp_path, fastapi(route)))
    assert [finding.confidence for finding in outcome.findings] == ([Confidence.SUSPECTED] if told else [])


async def test_a_client_in_the_browser_with_a_key(tmp_path: Path) -> None:
    code = "const client = new OpenAI({ apiKey, dangerouslyAllowBrowser: true });\n"
    outcome = await ask("LR109", write(tmp_path, {"src/Ask.tsx": code}))
    assert [finding.target for finding in outcome.findings] == ["src/Ask.tsx"]


@pytest.mark.parametrize(
    ("route", "confidence"),
    [
        ('@app.get("/admin/users")\ndef users():\n    return everybody()\n', Confidence.CERTAIN),
        ('@app.get("/billing/plans")\ndef plans():\n    return prices()\n', Confidence.SUSPECTED),
        ('@app.post("/billing/plan")\ndef plan():\n    db.execute("UPDATE plans SET price = 0")\n', Confidence.CERTAIN),
    ],
    ids=["admin page", "prices", "change of a plan"],
)
async def test_an_open_page_is_certain_only_when_what_it_shows_is_plain(
    route: str, confidence: Confidence, tmp_path: Path
) -> None:
    outcome = await ask("LR102", write(tmp_path, fastapi(route)))
    assert [finding.confidence for finding in outcome.findings] == [confidence]


@pytest.mark.parametrize(("line", "confidence"), [("if @user", Confidence.SUSPECTED), ("if true", Confidence.CERTAIN)])
async def test_a_handler_that_looks_at_the_caller_is_for_a_person_to_judge(
    line: str, confidence: Confidence, tmp_path: Path
) -> None:
    files = {
        "config/routes.rb": "Rails.application.routes.draw do\n  put 'filters', to: 'filters#update'\nend\n",
        "app/controllers/filters_controller.rb": "class FiltersController < ActionController::Base\n"
        f"  def update\n    {line}\n      Filter.update_all(x: 1)\n    end\n  end\n  def other\n    @user\n  end\nend\n",
    }
    (finding,) = (await ask("LR102", write(tmp_path, files))).findings
    assert finding.confidence is confidence


@pytest.mark.parametrize(
    ("test", "confidence"), [("settings.debug", Confidence.SUSPECTED), ("True", Confidence.CERTAIN)]
)
async def test_what_is_registered_only_under_a_condition_is_no_certain_blocker(
    test: str, confidence: Confidence, tmp_path: Path
) -> None:
    delete = '@app.delete("/members/{member_id}")\ndef remove(member_id: int):\n    db.execute("DELETE FROM members WHERE id = ?", member_id)\n'
    route = f"if {test}:\n" + "".join(f"    {line}\n" for line in delete.splitlines())
    (finding,) = (await ask("LR102", write(tmp_path, fastapi(route)))).findings
    assert finding.confidence is confidence
    assert (f"only when {test}" in finding.detail) == (confidence is Confidence.SUSPECTED)


_ACCOUNTS = '@app.post("/users")\nasync def create(request: Request):\n    data = await request.json()\n    if {missing}:\n        raise HTTPException(400)\n    db.add(User(data))\n'


@pytest.mark.parametrize(
    ("missing", "found"),
    [
        ('"name" not in data or "role" not in data', ["POST /users"]),
        ('"name" not in data or "password" not in data or "role" not in data', ["POST /users"]),
        ('"name" not in data or "password" not in data', []),
    ],
    ids=["made by others", "with rights", "signing up"],
)
async def test_an_account_that_anybody_makes_is_no_blocker_only_when_it_is_their_own(
    missing: str, found: list[str], tmp_path: Path
) -> None:
    outcome = await ask("LR102", write(tmp_path, fastapi(_ACCOUNTS.replace("{missing}", missing))))
    assert [finding.target for finding in outcome.findings] == found
    assert all(finding.confidence is Confidence.CERTAIN for finding in outcome.findings)


@pytest.mark.parametrize(
    ("route", "found"),
    [
        (
            '@app.post("/refresh-tokens")\ndef renew(refresh_token: str):\n    db.execute("UPDATE sessions SET a = 1")\n',
            0,
        ),
        ('@app.post("/verify-email")\ndef verify(token: str):\n    db.execute("UPDATE users SET verified = 1")\n', 0),
        ('@app.post("/verify-email")\ndef verify(email: str):\n    db.execute("UPDATE users SET verified = 1")\n', 1),
        (
            '@app.post("/coupons/{code}/activate")\ndef activate(code: str):\n    db.execute("UPDATE coupons SET on = 1")\n',
            1,
        ),
        (
            '@app.post("/accounts/confirm-email/{key}")\ndef confirm(key: str):\n    db.execute("UPDATE users SET verified = 1")\n',
            0,
        ),
        ('@app.post("/doors/{key}")\ndef open_it(key: str):\n    db.execute("UPDATE doors SET open = 1")\n', 1),
        ('@app.get("/invite-status")\ndef shown(token: str):\n    return db.execute("SELECT * FROM users")\n', 0),
        ('@app.get("/invite-list")\ndef shown():\n    return db.execute("SELECT * FROM users")\n', 1),
    ],
    ids=["renewal", "confirmation", "address alone", "public code", "mailed key", "any key", "invited", "all invited"],
)
async def test_what_was_handed_out_before_lets_people_in(route: str, found: int, tmp_path: Path) -> None:
    assert len((await ask("LR102", write(tmp_path, fastapi(route)))).findings) == found


@pytest.mark.parametrize(
    ("body", "sure"),
    [
        (
            "    return render_template('shop.html', rows=Sale.query.filter_by(shop=request.form['shop']).all())\n",
            False,
        ),
        (
            "    shop = Shop.query.filter(Shop.name.ilike(request.form.get('shop').strip())).first()\n"
            "    if shop:\n        session['shop_id'] = shop.id\n        return redirect(url_for('shop'))\n"
            "    return render_template('enter.html')\n",
            False,
        ),
        (
            "    root = ET.fromstring(request.data)\n    return f\"Read: {root.find('name').text}\"\n",
            False,
        ),
        ("    sql = 'SELECT * FROM sales WHERE shop = ?'\n    return db.execute(sql, (1,)).fetchall()\n", False),
        (
            "    db = get_db_connection()\n    cur = db.cursor()\n    sql = f\"SELECT * FROM sales ORDER BY {request.form['by']}\"\n"
            "    cur.execute(sql)\n    rows = cur.fetchall()\n    db.close()\n    return jsonify(rows)\n",
            False,
        ),
        (
            "    return jsonify(query_db(\"SELECT * FROM sales WHERE shop = '\" + request.form['shop'] + \"'\"))\n",
            False,
        ),
        (
            "    query_db('UPDATE sales SET paid = 1 WHERE shop = ' + request.form['shop'])\n    return redirect('/')\n",
            True,
        ),
        ("    db.execute('UPDATE sales SET paid = {}'.format(request.form['paid']))\n    return redirect('/')\n", True),
        (
            "    sql = 'DELETE FROM sales'\n    if request.form.get('shop'):\n        sql = 'SELECT * FROM sales'\n"
            "    return jsonify(db.execute(sql).fetchall())\n",
            True,
        ),
        ("    db.execute('DELETE FROM sales')\n    return redirect('/')\n", True),
        ("    sale = Sale.query.first()\n    sale.paid = True\n    return render_template('shop.html')\n", True),
        ("    db.session.add(Sale(shop=request.form['shop']))\n    return redirect('/')\n", True),
        ("    return render_template('shop.html', rows=settle(request.form['shop']))\n", True),
        ("    cache.set('shop', request.form['shop'])\n    return redirect('/')\n", True),
        ("    return str(pickle.loads(request.data))\n", True),
    ],
    ids=[
        "shows",
        "own session",
        "parses",
        "selects",
        "of its own connection",
        "by a helper",
        "changes by a helper",
        "changes by a text that is filled in",
        "one of two",
        "deletes",
        "sets",
        "adds",
        "calls on",
        "keeps",
        "runs code",
    ],
)
async def test_a_view_that_only_looks_up_is_a_question(body: str, sure: bool, tmp_path: Path) -> None:
    view = f"from flask import Flask\napp = Flask(__name__)\n\n@app.post('/sales')\ndef sales():\n{body}"
    (finding,) = (await ask("LR102", write(tmp_path, {"main.py": view}))).findings
    assert (finding.confidence is Confidence.CERTAIN) is sure


@pytest.mark.parametrize(
    ("does", "sure"),
    [
        ("const token = jwt.sign({ id: found.id }, SECRET, { expiresIn: '10m' });\n  res.json({ token });", False),
        (
            "const same = await bcrypt.compare(req.body.code, found.code);\n  res.json({ same });",
            False,
        ),
        ("found.tokens.push(jwt.sign({ id: found.id }, SECRET)); await found.save();\n  res.json({});", True),
    ],
    ids=["makes a token", "compares", "keeps the token"],
)
async def test_a_token_that_is_made_is_kept_nowhere(does: str, sure: bool, tmp_path: Path) -> None:
    code = (
        "const express = require('express');\nconst jwt = require('jsonwebtoken');\nconst app = express();\n"
        f"app.post('/people/known', async (req, res) => {{\n  const found = await people.findByEmail(req.body.email);\n  {does}\n}});\n"
    )
    files = {"package.json": '{"dependencies": {"express": "4"}}', "server.js": code}
    (finding,) = (await ask("LR102", write(tmp_path, files))).findings
    assert (finding.confidence is Confidence.CERTAIN) is sure


@pytest.mark.parametrize(
    ("hands", "own"),
    [
        ("await reports.csv(authUser.id, month)", True),
        ("await reports.csv(sessionUser.id)", True),
        ("await reports.csv(targetUser.id)", False),
        ("await reports.csv(authUser.id, req.query.userId)", False),
        ("await reports.csv(month)", False),
    ],
)
async def test_to_export_by_the_own_id_takes_no_role(hands: str, own: bool, tmp_path: Path) -> None:
    code = (
        "const express = require('express');\nconst app = express();\n"
        "function signedIn(req, res, next) {\n  if (!req.user) return res.status(401).end();\n  next();\n}\n"
        "app.get('/export/csv', signedIn, async (req, res) => {\n  const authUser = req.user, sessionUser = req.user;\n"
        f"  const month = req.query.month;\n  res.send({hands});\n}});\n"
    )
    files = {"package.json": '{"dependencies": {"express": "4"}}', "server.js": code}
    assert ((await ask("LR104", write(tmp_path, files))).findings == ()) is own


async def test_to_export_what_is_ones_own_takes_no_role(tmp_path: Path) -> None:
    route = '@app.get("/export-posts")\ndef export(current_user=Depends(current_user)):\n    return {}\n'
    own = "current_user.posts.as_csv()"
    assert (await ask("LR104", write(tmp_path / "own", fastapi(route.format(own))))).findings == ()
    everybodys = "session.execute(select(Post).join(current_user.posts.any()))"
    assert len((await ask("LR104", write(tmp_path / "all", fastapi(route.format(everybodys))))).findings) == 1


@pytest.mark.parametrize(
    "asks",
    [
        pytest.param("if note.author_id != user.id:\n        raise HTTPException(403)", id="the owner alone"),
        pytest.param(
            "if user.id != note_id and user.role != 'admin':\n        raise HTTPException(403)",
            id="the owner and administrators",
        ),
        pytest.param("await notes.delete(note_id, user.id)", id="looked up with the owner"),
    ],
)
async def test_to_delete_what_is_ones_own_takes_no_role(asks: str, tmp_path: Path) -> None:
    route = '@app.delete("/notes/{{note_id}}")\ndef drop(note_id: int, user=Depends(current_user)):\n    note = load(note_id)\n    {}\n    gone(note)\n'
    assert (await ask("LR104", write(tmp_path / "own", fastapi(route.format(asks))))).findings == ()
    assert len((await ask("LR104", write(tmp_path / "any", fastapi(route.format("log(user.id)"))))).findings) == 1


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/user/settings/avatar", True),
        ("/settings/account/delete", True),
        ("/team/settings", False),
        ("/user/settings/{user_id}", False),
    ],
)
async def test_to_change_ones_own_settings_takes_no_role(path: str, own: bool, tmp_path: Path) -> None:
    given = "user_id: int, " if "{" in path else ""
    route = f'@app.post("{path}")\ndef change({given}user=Depends(current_user)):\n    keep()\n'
    assert ((await ask("LR104", write(tmp_path / "app", fastapi(route)))).findings == ()) is own


async def test_to_end_ones_own_session_takes_no_role(tmp_path: Path) -> None:
    end = '@app.delete("/api/tokens{}")\ndef end({}user=Depends(current_user)):\n    db.execute("DELETE FROM tokens")\n'
    other = fastapi('@app.delete("/api/notes")\ndef drop(user=Depends(current_user)):\n    gone()\n')
    assert (await ask("LR104", write(tmp_path / "own", fastapi(end.format("", ""))))).findings == ()
    any_one = fastapi(end.format("/{token_id}", "token_id: int, "))
    assert len((await ask("LR104", write(tmp_path / "any", any_one))).findings) == 1
    assert len((await ask("LR104", write(tmp_path / "notes", other))).findings) == 1


async def test_a_server_action_that_only_keeps_cookies_changes_no_data(tmp_path: Path) -> None:
    files = {
        "package.json": '{"dependencies": {"next": "15.0.0"}}',
        "app/actions.ts": """"use server";
import { cookies } from "next/headers";
export async function keepSession(token: string) {
  const jar = await cookies();
  const cookieStore = jar;
  cookieStore.set("session", token, { httpOnly: true });
}
export async function refreshSession() {
  const old = (await cookies()).get("session")?.value;
  const answer = await fetch(api, { method: "POST", body: old });
  (await cookies()).set("session", await answer.text());
}
export async function keepVisit(page: string) {
  (await cookies()).set("last", page);
  await db.insert(visits, page);
}
""",
    }
    outcome = await ask("LR102", write(tmp_path, files))
    assert [finding.target for finding in outcome.findings] == ["POST /keepVisit"]


async def test_to_answer_an_invitation_and_to_read_settings_takes_no_role(tmp_path: Path) -> None:
    guarded = '@app.{}("{}")\ndef one(user=Depends(current_user)):\n    db.execute("{} invites")\n'
    for method, path, found in (
        ("post", "/invites/{invite_id}/accept", 0),
        ("post", "/invites/{invite_id}/resend", 1),
        ("get", "/invitations", 0),
        ("get", "/club/settings", 0),
        ("put", "/club/settings", 1),
        ("put", "/preferences", 0),
    ):
        folder = write(
            tmp_path / f"{method}{path.replace('/', '-')}",
            fastapi(guarded.format(method, path, "SELECT 1 FROM" if method == "get" else "UPDATE")),
        )
        outcome = await ask("LR104", folder)
        assert len(outcome.findings) == found, path


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('return templates.TemplateResponse("admin.html", {"request": request})', 0),
        ('return FileResponse("static/admin.html")', 0),
        ('return templates.TemplateResponse("admin.html", {"people": db.execute("SELECT * FROM people")})', 1),
        ('return templates.TemplateResponse("admin.html", {"people": list_people()})', 1),
        ("return {'people': people}", 1),
    ],
    ids=["template", "file", "with records", "with a list", "no page"],
)
async def test_an_empty_frame_of_an_administration_shows_nothing(body: str, found: int, tmp_path: Path) -> None:
    route = f'@app.get("/admin")\ndef desk(request: Request):\n    {body}\n'
    assert len((await ask("LR102", write(tmp_path, fastapi(route)))).findings) == found


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (
            '"use client";\nexport default function Admin() { const { data } = useQuery(people); return <Table rows={data} />; }\n',
            0,
        ),
        ("export default function Admin() {\n  return <AdminShell />;\n}\n", 0),
        (
            "export default async function Admin() {\n  const rows = await db.person.findMany();\n  return <Table rows={rows} />;\n}\n",
            1,
        ),
    ],
    ids=["in the browser", "a shell", "with records"],
)
async def test_a_page_that_the_browser_fills_shows_nothing_by_itself(page: str, found: int, tmp_path: Path) -> None:
    files = {"package.json": '{"dependencies": {"next": "15.0.0"}}', "app/admin/page.tsx": page}
    assert len((await ask("LR102", write(tmp_path, files))).findings) == found


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"docker-compose.yml": "command: uvicorn main:app --reload\n"}, ["docker-compose.yml"]),
        (
            {
                "docker-compose.yml": "command: uvicorn main:app --reload\n",
                "docker-compose.prod.yml": "command: uvicorn main:app\n",
            },
            [],
        ),
        (
            {
                "docker-compose.yml": "command: uvicorn main:app\n",
                "docker-compose.prod.yml": "command: uvicorn main:app --reload\n",
            },
            ["docker-compose.prod.yml"],
        ),
        (
            {
                "web/Dockerfile": "CMD npm run dev\n",
                "api/Dockerfile.prod": "CMD npm start\n",
            },
            ["web/Dockerfile"],
        ),
    ],
    ids=["the only one", "beside one for production", "the one for production", "of another part"],
)
async def test_a_development_server_counts_where_customers_would_meet_it(
    files: dict[str, str], found: list[str], tmp_path: Path
) -> None:
    outcome = await ask("LR605", write(tmp_path, files))
    assert [finding.target for finding in outcome.findings] == found
    assert all("development server" in finding.title for finding in outcome.findings)


_POSTS = """
const express = require('express');
const db = require('./db');
const app = express();
app.use(express.json());
%s
"""


@pytest.mark.parametrize(
    ("handler", "confidence"),
    [
        ("(req, res) => { const one = db.data.events.find((e) => e.id === req.body.id); res.json(one.notes || []); }", "suspected"),
        ("(req, res) => { const one = db.data.events.find((e) => e.id === req.body.id); one.notes = []; res.json(one); }", "certain"),
        ("(req, res) => { db.data.events.push(req.body); db.write(); res.json({}); }", "certain"),
        ("async (req, res) => { res.json(await place(req.body)); }", "certain"),
        ("async (req, res) => { res.json(await hotels.getDetails(req.body.id)); }", "suspected"),
        ("async (req, res) => { res.json(await hotels.getOrCreate(req.body.id)); }", "certain"),
        ("async (req, res) => { res.json(await Promise.all(req.body.ids.map((id) => hotels.getDetails(id)))); }", "suspected"),
        ("async (req, res) => { events = events.filter((e) => e.id !== req.body.id); res.json({}); }", "certain"),
        ("async (req, res) => { res.json(await db.get(sql`DELETE FROM events`)); }", "certain"),
    ],
)  # fmt: skip
async def test_a_post_that_only_looks_something_up_is_a_question(handler: str, confidence: str, tmp_path: Path) -> None:
    """A body is how some apps take what to look for; a call of a function that is not known may do anything."""
    files = {
        "app.js": _POSTS % f"app.post('/events/notes', {handler});",
        "package.json": '{"dependencies": {"express": "4"}}',
    }
    (finding,) = (await ask("LR102", write(tmp_path, files))).findings
    assert finding.confidence.value == confidence


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('const page = shell("/admin.js"); return c.html(page);', 0),
        ("const rows = await db.people.all(); return c.html(table(rows));", 1),
        ("return c.json(people);", 1),
    ],
    ids=["a frame", "with records", "no page"],
)
async def test_a_frame_that_a_function_puts_together_shows_nothing(body: str, found: int, tmp_path: Path) -> None:
    code = f'import {{ Hono }} from "hono";\nconst app = new Hono();\napp.get("/admin", async (c) => {{ {body} }});\nexport default app;\n'
    files = {"package.json": '{"dependencies": {"hono": "4.7.7"}}', "src/server.js": code}
    assert len((await ask("LR102", write(tmp_path, files))).findings) == found


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"pages/admin/people.vue": "<script setup>const { data } = await useFetch('/api/people')</script>"}, 0),
        ({"server/api/admin/people.get.ts": "export default defineEventHandler(() => db.people.all());\n"}, 1),
    ],
    ids=["a component", "an endpoint"],
)
async def test_a_component_shows_what_endpoints_give_it(files: dict[str, str], found: int, tmp_path: Path) -> None:
    files = {"package.json": '{"dependencies": {"nuxt": "3.14.0"}}', **files}
    assert len((await ask("LR102", write(tmp_path, files))).findings) == found


_NOTHING = [
    ("app.post('/api/gone', (req, res) => {{ res.status(404).json({{ error: 'not found' }}); }});", 0),
    ("app.all('/api/*', (req, res) => res.status(404).json({{ error: 'not found' }}));", 0),
    ("app.post('/api/seen', (req, res) => {{ console.log(req.body); res.json({{ ok: true }}); }});", 0),
    ("app.post('/api/seen', (req, res) => {{ seen.set(req.body.id, 1); res.json({{ ok: true }}); }});", 1),
    ("app.post('/api/seen', (req, res) => {{ delete seen[req.body.id]; res.json({{ ok: true }}); }});", 1),
]


@pytest.mark.parametrize(("route", "found"), _NOTHING)
async def test_a_handler_that_only_answers_changes_nothing(route: str, found: int, tmp_path: Path) -> None:
    """A catch-all that says 404 is no way in, whatever methods it answers."""
    files = {"app.js": _POSTS % route.format("x"), "package.json": '{"dependencies": {"express": "4"}}'}
    assert len((await ask("LR102", write(tmp_path, files))).findings) == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("const { size } = ctx.request.body; if (size > 9) { ctx.status = 413; return; } ctx.body = { ok: true };", 0),
        ("let sum = 0; for (let i = 0; i < 9; i++) { sum += Math.sqrt(i); } ctx.body = { sum };", 0),
        ("const one = JSON.parse(ctx.request.body.text); ctx.body = { one };", 0),
        (
            "const { size } = ctx.request.body; ctx.body = { say: `${size} bytes taken`, note: 'limited (10 a minute)' };",
            0,
        ),
        ("ctx.body = { note: `${await keep(ctx.request.body)} kept` };", 1),
        ("ctx.body = await sql`DELETE FROM notes`;", 1),
        ("total += 1; ctx.body = { total };", 1),
        ("seen.last = ctx.request.body.name; ctx.body = { ok: true };", 1),
        ("await Note.create(ctx.request.body); ctx.body = { ok: true };", 1),
    ],
    ids=[
        "answers",
        "counts",
        "parses",
        "says something",
        "keeps in a text",
        "a tagged text",
        "counts for all",
        "keeps",
        "makes a record",
    ],
)
async def test_a_handler_of_koa_that_only_answers_changes_nothing(body: str, found: int, tmp_path: Path) -> None:
    """Koa's answer is a field of its context, and what a handler declares is its own."""
    code = f"const Koa = require('koa');\nconst Router = require('@koa/router');\nconst router = new Router();\nlet total = 0;\nrouter.post('/seen', async (ctx) => {{ {body} }});\nconst app = new Koa();\napp.use(router.routes());\n"
    files = {"app.js": code, "package.json": '{"dependencies": {"koa": "2", "@koa/router": "12"}}'}
    assert len((await ask("LR102", write(tmp_path, files))).findings) == found


@pytest.mark.parametrize(
    ("form", "path", "confidence"),
    [
        ("(req, res) => res.render('submit')", "/tickets/submit", "suspected"),
        ("requireAdmin, (req, res) => res.render('submit')", "/tickets/submit", "certain"),
        ("(req, res) => res.render('submit')", "/tickets/close", "certain"),
    ],
    ids=["strangers see the form", "they do not", "nothing is sent in"],
)
async def test_what_strangers_are_shown_a_form_for_is_a_question(
    form: str, path: str, confidence: str, tmp_path: Path
) -> None:
    guard = "function requireAdmin(req, res, next) { if (!req.session.user) return res.status(401).end(); next(); }\n"
    code = _POSTS % (
        f"{guard}app.get('{path}', {form});\n"
        f"app.post('{path}', async (req, res) => {{ await db.tickets.insert(req.body); res.render('submit'); }});"
    )
    files = {"app.js": code, "package.json": '{"dependencies": {"express": "4"}}'}
    told = {one.target: one.confidence.value for one in (await ask("LR102", write(tmp_path, files))).findings}
    assert told == {f"POST {path}": confidence}


async def test_a_method_of_a_class_is_read_below_its_decorators(tmp_path: Path) -> None:
    def controller(body: str) -> dict[str, str]:
        text = "import {{ Body, Controller, HttpCode, Post }} from '@nestjs/common';\n@Controller('hooks')\nexport class Hooks {{\n  @Post('test')\n  @HttpCode(200)\n  @ApiResponse({{\n    status: 200,\n  }})\n  async test(@Body() body: Event): Promise<{{ ok: boolean }}> {{\n    {}\n  }}\n}}\n"
        return {"hooks.controller.ts": text.format(body), "package.json": '{"dependencies": {"@nestjs/common": "10"}}'}

    for number, (body, found) in enumerate(
        [
            ("this.logger.log('seen'); return { ok: true };", 0),
            ("await this.orders.pay(body.id); return { ok: true };", 1),
        ]
    ):
        root = write(tmp_path / str(number), controller(body))
        assert len((await ask("LR110", root)).findings) == found


@pytest.mark.parametrize(
    ("package", "file", "page", "found"),
    [
        ("nuxt", "pages/admin/index.vue", "<script setup>const { data } = await useFetch('/api/admin/people')</script>\n<template><p>{{ data }}</p></template>\n", 0),
        ("next", "pages/admin.tsx", "export default function Admin() { const rows = useQuery(listPeople()); return <p>{rows}</p>; }\n", 0),
        ("next", "pages/admin.tsx", "export default function Admin({ rows }) { return <p>{rows}</p>; }\nexport async function getServerSideProps() { return { props: { rows: await db.person.findMany() } }; }\n", 1),
    ],
)  # fmt: skip
async def test_what_a_page_is_given_by_no_server_is_asked_for_elsewhere(
    package: str, file: str, page: str, found: int, tmp_path: Path
) -> None:
    """Nuxt's own server routes, and functions of the Pages Router, hand out records; the page alone is the same for everybody."""
    files = {"package.json": f'{{"dependencies": {{"{package}": "3.0.0"}}}}', file: page}
    assert len((await ask("LR102", write(tmp_path, files))).findings) == found


_HOOK = """
import express from "express";
import crypto from "node:crypto";
const app = express();
function validSignature(body, signature) {
  return crypto.timingSafeEqual(Buffer.from(signature), hmacOf(body));
}
app.post("/webhooks/orders", async (req, res) => {
  const signature = req.headers["x-signature"];
  const secret = process.env.HOOK_SECRET;
  %s
  await db.order.update({ where: { id: req.body.id }, data: { paid: true, seen: Date.now() } });
  res.json({ ok: true });
});
"""
_CHECKS = "if (!validSignature(req.body, signature)) return res.status(400).end();"


@pytest.mark.parametrize(
    ("asks", "told"),
    [
        (f"if (secret && signature) {{ {_CHECKS} }}", "blocker"),
        (f"if (signature) {{ {_CHECKS} }}", "blocker"),
        (f"if (!signature) return res.status(400).end(); if (signature) {{ {_CHECKS} }}", ""),
        (f"if (signature) {{ {_CHECKS} }} else {{ return res.status(400).end(); }}", ""),
        (_CHECKS, ""),
        ("const event = await stripe.events.retrieve(req.body.id);", "medium"),
        ("log(signature);", "blocker"),
    ],
)
async def test_a_signature_that_may_be_left_out_is_none(asks: str, told: str, tmp_path: Path) -> None:
    files = {"app.js": _HOOK % asks, "package.json": '{"dependencies": {"express": "4"}}'}
    found = (await ask("LR110", write(tmp_path, files))).findings
    assert [one.severity.value for one in found] == ([told] if told else [])


@pytest.mark.parametrize(("given", "found"), [("secret: env.HOOK_SECRET, ", False), ("", True)])
async def test_a_handler_that_a_library_makes_with_the_secret(given: str, found: bool, tmp_path: Path) -> None:
    handler = f'import {{ webhooksHandler }} from "some-webhooks";\nexport const POST = (event) => webhooksHandler({{ {given}request: event.request, onData: (data) => save(data, Date.now()) }});\n'
    files = {
        "package.json": '{"dependencies": {"@sveltejs/kit": "2"}}',
        "src/routes/webhooks/orders/+server.ts": handler,
    }
    told = (await ask("LR110", write(tmp_path, files))).findings
    assert any(one.severity.value == "blocker" for one in told) is found


_NAMED = {
    "package.json": '{"dependencies": {"express": "4"}}',
    "app.js": 'const express = require("express");\nconst notes = require("./notes");\nconst app = express();\napp.post("/notes/by-tag", notes.byTag);\napp.post("/notes", notes.add);\napp.post("/words", notes.words);\n',
    "notes.js": """const db = require("./db");
exports.byTag = async (req, res) => { res.json(await db.note.findMany({ where: { tag: req.body.tag } })); };
exports.add = async (req, res) => { res.json(await db.note.create({ data: req.body })); };
exports.words = async (req, res) => { const said = await openai.chat.completions.create({ model: "m", messages: req.body.said }); res.json(said); };
""",
}


async def test_a_handler_in_another_file_is_read_there(tmp_path: Path) -> None:
    found = {one.target: one for one in (await ask("LR102", write(tmp_path, _NAMED))).findings}
    assert found["POST /notes/by-tag"].confidence is Confidence.SUSPECTED
    assert found["POST /notes"].confidence is Confidence.CERTAIN
    assert found["POST /words"].title == "Anyone on the internet can use the AI that you pay for through POST /words"
    assert "change data" in found["POST /notes"].title


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"app.js": "const express = require('express');\nconst app = express();\nfunction signedIn(req, res, next) { if (!req.session.user) return res.status(401).end(); next(); }\napp.delete('/users/logout', signedIn, (req, res) => { req.session.destroy(); res.end(); });\n", "package.json": '{"dependencies": {"express": "4"}}'}, 0),
        ({"app.js": "const express = require('express');\nconst app = express();\nfunction signedIn(req, res, next) { if (!req.session.user) return res.status(401).end(); next(); }\napp.delete('/users/:id', signedIn, (req, res) => { db.user.delete(req.params.id); res.end(); });\n", "package.json": '{"dependencies": {"express": "4"}}'}, 1),
        ({"app/routes/name.tsx": "export async function action({ request }) {\n  const user = await requireUser(request);\n  await db.user.update({ where: { id: user.id }, data: { name: 'x' } });\n  return null;\n}\nasync function requireUser(request) { const user = await sessionOf(request); if (!user) throw redirect('/login'); return user; }\n", "package.json": '{"dependencies": {"@remix-run/node": "2"}}'}, 0),
    ],
    ids=["to sign out", "to delete others", "one handler for all methods"],
)  # fmt: skip
async def test_what_is_called_with_delete_and_deletes_no_records(
    files: dict[str, str], found: int, tmp_path: Path
) -> None:
    assert len((await ask("LR104", write(tmp_path, files))).findings) == found


_RANKED = {
    "package.json": '{"dependencies": {"next": "15.0.0"}}',
    "lib/who.ts": """export async function adminOf(request) {
  const user = await verify(request.cookies.get("session-token")?.value);
  if (!user) return null;
  return user.role === "admin" ? user : null;
}
export async function accessOf(request) { return verify(request.cookies.get("session-token")?.value); }
""",
}


@pytest.mark.parametrize(
    ("asks", "found"),
    [
        ("const admin = await adminOf(request); if (!admin) return NextResponse.json({}, { status: 403 });", 0),
        ("const access = await accessOf(request); if (!access) return NextResponse.json({}, { status: 403 });", 1),
        ("const access = await accessOf(request); if (!access) return NextResponse.json({}, { status: 403 }); const admin = await adminOf(request); log(admin);", 1),
    ],
    ids=["an administrator", "anybody signed in", "only told"],
)  # fmt: skip
async def test_a_rank_that_a_helper_compares(asks: str, found: int, tmp_path: Path) -> None:
    route = f'import {{ adminOf, accessOf }} from "../../../lib/who";\nexport async function GET(request) {{\n  {asks}\n  return NextResponse.json(await db.user.findMany());\n}}\n'
    files = {**_RANKED, "app/admin/users/route.ts": route}
    assert len((await ask("LR104", write(tmp_path, files))).findings) == found


async def test_a_rank_that_a_controller_in_another_file_compares(tmp_path: Path) -> None:
    """Nobody but administrators gets on in the first, and everybody who is signed in does in the second."""
    controller = "exports.list = async (req, res) => { if (req.user.role !== 'admin') return res.status(403).end(); res.json(await db.all()); };\nexports.plain = async (req, res) => { res.json(await db.all()); };\n"
    app = "const express = require('express');\nconst users = require('./users');\nconst app = express();\nfunction signedIn(req, res, next) { if (!req.session.user) return res.status(401).end(); next(); }\napp.get('/admin/users', signedIn, users.list);\napp.get('/admin/rows', signedIn, users.plain);\n"
    files = {"app.js": app, "users.js": controller, "package.json": '{"dependencies": {"express": "4"}}'}
    assert [one.target for one in (await ask("LR104", write(tmp_path, files))).findings] == ["GET /admin/rows"]


@pytest.mark.parametrize(
    ("line", "found"),
    [("const theme = themeOf(form);", 0), ("const theme = await keepTheme(form);", 1), ("const theme = db.theme.create(form);", 1)],
)  # fmt: skip
async def test_an_action_that_only_sets_a_cookie_changes_no_data(line: str, found: int, tmp_path: Path) -> None:
    action = f"export async function action({{ request }}) {{\n  const form = await request.formData();\n  {line}\n  return new Response(null, {{ headers: {{ 'Set-Cookie': theme }} }});\n}}\n"
    files = {"package.json": '{"dependencies": {"@remix-run/node": "2"}}', "app/routes/resources+/theme.ts": action}
    told = (await ask("LR102", write(tmp_path, files))).findings
    assert len(told) == found
    assert all(one.target.endswith(" /resources/theme") for one in told)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/api/employees", 1), ("/users/:id", 1), ("/orders", 1), ("/users/all", 1), ("/getAllUsers", 1),
        ("/products", 0), ("/users/:username", 0), ("/users/count", 0), ("/clients/logos", 0),
    ],
)  # fmt: skip
async def test_records_of_people_that_anybody_reads_are_a_question(path: str, found: int, tmp_path: Path) -> None:
    route = f"app.get('{path}', async (req, res) => {{ res.json(await db.rows(req.params)); }});"
    files = {"app.js": _POSTS % route, "package.json": '{"dependencies": {"express": "4"}}'}
    told = (await ask("LR102", write(tmp_path, files))).findings
    assert len(told) == found
    assert all(one.confidence is Confidence.SUSPECTED and "perhaps read" in one.title for one in told)


@pytest.mark.parametrize(
    ("path", "body", "found"),
    [
        (
            "/clubs/check-admin",
            "    club = Club.query.filter_by(name=request.json['name']).first()\n    return jsonify({'has_admin': club is not None})\n",
            0,
        ),
        ("/language", "    session['lang'] = request.get_json()['lang']\n    return jsonify({'ok': True})\n", 0),
        # What is shown of others is a question still, and so is what is kept for others.
        (
            "/clubs/members",
            "    return jsonify([one.name for one in Club.query.filter_by(name=request.json['name']).all()])\n",
            1,
        ),
        (
            "/clubs/check-in",
            "    db.session.add(Visit(name=request.json['name']))\n    db.session.commit()\n    return jsonify({'ok': True})\n",
            1,
        ),
    ],
    ids=["says whether", "own language", "shows", "keeps"],
)
async def test_a_post_that_only_says_whether_something_is_there_is_none(
    path: str, body: str, found: int, tmp_path: Path
) -> None:
    view = f"from flask import Flask, jsonify, request, session\napp = Flask(__name__)\n\n@app.post('{path}')\ndef take():\n{body}"
    assert len((await ask("LR102", write(tmp_path, {"main.py": view}))).findings) == found


async def test_who_comes_back_from_another_site_changes_nothing_of_others(tmp_path: Path) -> None:
    back = """
import requests
from flask import Flask, redirect, request

app = Flask(__name__)

@app.get("/auth/google/callback")
def back():
    answer = requests.post(TOKENS, data={"code": request.args["code"], "grant_type": "authorization_code"})
    db.session.add(Person(email=answer.json()["email"]))
    db.session.commit()
    return redirect("/")
"""
    for check in ("LR102", "LR103"):
        assert (await ask(check, write(tmp_path / check, {"main.py": back}))).findings == ()
        other = back.replace(
            '"code": request.args["code"], "grant_type": "authorization_code"', '"note": request.args["note"]'
        )
        assert len((await ask(check, write(tmp_path / f"{check}-other", {"main.py": other}))).findings) == 1


@pytest.mark.parametrize(
    ("path", "own"), [("/accounts/delete", True), ("/notes/delete", False), ("/admin/users/delete", False)]
)
async def test_to_delete_ones_own_account_takes_no_role(path: str, own: bool, tmp_path: Path) -> None:
    route = f'@app.delete("{path}")\ndef drop(user=Depends(current_user)):\n    gone(user)\n'
    assert len((await ask("LR104", write(tmp_path, fastapi(route)))).findings) == (0 if own else 1)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("response.set_cookie('session', token)", 1),
        ("response.set_cookie('session', '', expires=0)", 0),
        ("response.set_cookie('session', '')", 0),
        ("response.set_cookie('session', value='', max_age=0)", 0),
    ],
)
async def test_a_cookie_that_is_taken_back_holds_nothing_to_keep(line: str, found: int, tmp_path: Path) -> None:
    assert (
        len((await ask("LR206", write(tmp_path, {"app.py": f"def end(response, token):\n    {line}\n"}))).findings)
        == found
    )


@pytest.mark.parametrize(
    ("decoded", "confidence"),
    [
        ('jwt.decode(token, KEY, algorithms=["HS256", "none"])', Confidence.SUSPECTED),
        ('jwt.decode(token, options={"verify_signature": False})', Confidence.CERTAIN),
    ],
    ids=["by name alone", "not verified"],
)
async def test_libraries_refuse_none_where_a_key_is_given(tmp_path: Path, decoded: str, confidence: Confidence) -> None:
    code = fastapi(f'import jwt\n\n\n@app.get("/me")\ndef me(token: str):\n    return {decoded}\n')
    (finding,) = (await ask("LR211", write(tmp_path, code))).findings
    assert finding.confidence is confidence


@pytest.mark.parametrize(
    ("look", "told"),
    [("Slip.objects.get(pk=slip_id)", 1), ("Slip.objects.get(pk=slip_id, staff=request.user)", 0)],
    ids=["anybody's", "one's own"],
)
async def test_a_page_of_django_that_is_only_shown_with_the_request(look: str, told: int, tmp_path: Path) -> None:
    views = (
        "from django.contrib.auth.decorators import login_required\n@login_required\ndef slip(request, slip_id):\n"
        f"    found = {look}\n    messages.info(request, 'shown')\n    return render(request, 'slip.html', {{'found': found}})\n"
    )
    outcome = await ask(
        "LR105",
        write(
            tmp_path,
            {
                "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
                "shop/settings.py": "ROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = ['django.contrib.auth']\n",
                "shop/urls.py": "from django.urls import path\nfrom shop import views\nurlpatterns = [path('slips/<int:slip_id>/', views.slip)]\n",
                "shop/views.py": views,
            },
        ),
    )
    assert len(outcome.findings) == told


_SHOP = """const express = require('express');
const session = require('express-session');
const app = express();
app.use(session({ secret: process.env.SECRET }));
const member = (req, res, next) => (req.session.user ? next() : res.redirect('/login'));
app.post('/cart/remove', member, (req, res) => {
  const userId = req.session.user.id;
  db.prepare('DELETE FROM cart WHERE REMOVED').run(req.body.itemId, userId);
  res.redirect('/cart');
});
app.post('/cart/checkout', member, (req, res) => {
  const buyer = req.session.user.id;
  const items = db.prepare('SELECT * FROM cart WHERE BOUGHT').all(buyer);
  order(items);
  res.redirect('/orders');
});
app.listen(3000);
"""


@pytest.mark.parametrize(
    ("removed", "bought", "asked"),
    [
        ("id = ? AND user_id = ?", "user_id = ?", set()),
        ("id = ?", "user_id = ?", {"POST /cart/remove"}),
        ("id = ? AND user_id = ?", "open = 1 OR ?", {"POST /cart/checkout"}),
    ],
    ids=["own", "anybody's item", "everybody's carts"],
)
async def test_the_callers_id_by_another_name_and_an_id_in_the_body(
    removed: str, bought: str, asked: set[str], tmp_path: Path
) -> None:
    code = _SHOP.replace("REMOVED", removed).replace("BOUGHT", bought)
    files = {"app.js": code, "package.json": '{"dependencies": {"express": "4"}}'}
    assert {one.target for one in (await ask("LR104", write(tmp_path, files))).findings} == asked
