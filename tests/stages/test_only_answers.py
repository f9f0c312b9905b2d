"""Handlers that answer and do nothing else are no way in to anybody's data, in Python and in Go; nearly the same ones are."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence, Severity

from tests.stages.apps import fastapi
from tests.support.ask import ask, write

_GO = """package main

import (
	"encoding/json"
	"fmt"
	"net/http"
)

var seen int

func main() {
	http.HandleFunc("/info", func(w http.ResponseWriter, r *http.Request) {
		BODY
	})
	http.ListenAndServe(":8080", nil)
}
"""
_FLASK = """from flask import Flask, redirect, render_template, request, url_for
from forms import NewsForm
app = Flask(__name__)

@app.route("/news/add", methods=["POST"])
def add():
    form = NewsForm()
    if form.validate_on_submit():
        BODY
    return render_template("add.html", form=form)
"""


async def _told(check: str, folder: Path, files: dict[str, str]) -> set[tuple[str, Severity, Confidence]]:
    findings = (await ask(check, write(folder, files))).findings
    return {(one.target, one.severity, one.confidence) for one in findings}


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        ('fmt.Fprintln(w, "running (since today)")', False),
        ('w.Header().Set("Content-Type", "application/json")\n\t\tjson.NewEncoder(w).Encode(map[string]string{"a": "b"})', False),
        ('store.Save(r.Body)\n\t\tfmt.Fprintln(w, "ok")', True),
        ('seen++\n\t\tfmt.Fprintln(w, "ok")', True),
        ('seen = 5\n\t\tfmt.Fprintln(w, "ok")', True),
    ],
    ids=["a text", "a document", "keeps", "counts", "sets"],
)  # fmt: skip
async def test_a_handler_of_go_for_any_method(body: str, blocks: bool, tmp_path: Path) -> None:
    told = await _told("LR102", tmp_path, {"go.mod": "module a\n", "main.go": _GO.replace("BODY", body)})
    assert {one for one in told if one[0].startswith(("POST", "DELETE"))} == (
        {(f"{method} /info", Severity.BLOCKER, Confidence.CERTAIN) for method in ("POST", "DELETE")}
        if blocks
        else set()
    )


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        ("return redirect(url_for('index'))", False),
        ("news.publish(form.title.data)\n        return redirect(url_for('index'))", True),
    ],
    ids=["nothing yet", "publishes"],
)
async def test_a_form_of_python(body: str, blocks: bool, tmp_path: Path) -> None:
    told = await _told("LR102", tmp_path, {"app.py": _FLASK.replace("BODY", body)})
    assert told == ({("POST /news/add", Severity.BLOCKER, Confidence.CERTAIN)} if blocks else set())


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        ("rooms[len(rooms)] = room.name", True),
        ("rooms.append(room.name)", True),
        ("kept = STORE['rooms']\n    kept.append(room.name)", True),
        ("names = []\n    names.append(str(room.name))", False),
        ("said = {}\n    said['name'] = str(room.name)", False),
    ],
    ids=["an item", "a list", "a part of what is kept", "a list of its own", "an item of its own"],
)
async def test_what_python_keeps_in_memory_is_a_change(body: str, blocks: bool, tmp_path: Path) -> None:
    code = f"rooms = []\n@app.post('/rooms')\ndef add(room: Room):\n    {body}\n    return {{'name': str(room.name)}}\n"
    told = await _told("LR102", tmp_path, fastapi(code))
    assert told == ({("POST /rooms", Severity.BLOCKER, Confidence.CERTAIN)} if blocks else set())


@pytest.mark.parametrize(("body", "blocks"), [("print(event)", False), ("book(event)", True)], ids=["prints", "books"])
async def test_a_webhook_that_believes_nothing(body: str, blocks: bool, tmp_path: Path) -> None:
    code = f"@app.post('/webhook')\nasync def hook(request: Request):\n    event = await request.json()\n    {body}\n    return JSONResponse({{'ok': True}})\n"
    told = await _told("LR110", tmp_path, fastapi(code))
    assert told == ({("POST /webhook", Severity.BLOCKER, Confidence.CERTAIN)} if blocks else set())


async def test_who_fills_in_djangos_own_form_signs_in(tmp_path: Path) -> None:
    views = """from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
def home(request):
    if request.method == 'POST':
        form = AuthenticationForm(request, data=request.POST)
        if form.is_valid():
            login(request, form.get_user())
            return redirect('dashboard')
    return render(request, 'home.html', {'form': AuthenticationForm()})
def found(request):
    if request.method == 'POST':
        Firm.objects.create(name=request.POST['name'])
    return render(request, 'firm.html')
"""
    told = await _told(
        "LR102",
        tmp_path,
        {
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "shop/__init__.py": "",
            "shop/settings.py": "ROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = ['django.contrib.auth']\n",
            "shop/urls.py": "from django.urls import path\nfrom shop import views\nurlpatterns = [path('', views.home), path('firm/', views.found)]\n",
            "shop/views.py": views,
        },
    )
    assert told == {("POST /firm/", Severity.BLOCKER, Confidence.CERTAIN)}


_TRPC = """import { initTRPC } from "@trpc/server";
import { createHTTPServer } from "@trpc/server/adapters/standalone";
const t = initTRPC.create();
const gone = { success: false };
const answers = () => gone;
const keeps = () => db.notes.insert(gone);
const appRouter = t.router({
  pay: t.procedure.input(z.any()).mutation(HANDLER),
});
createHTTPServer({ router: appRouter }).listen(3000);
"""


@pytest.mark.parametrize(("handler", "blocks"), [("answers", False), ("keeps", True)])
async def test_a_procedure_whose_handler_has_a_name(handler: str, blocks: bool, tmp_path: Path) -> None:
    files = {"package.json": '{"dependencies": {"@trpc/server": "11"}}', "server.ts": _TRPC.replace("HANDLER", handler)}
    assert bool(await _told("LR102", tmp_path, files)) is blocks


@pytest.mark.parametrize(
    ("path", "made", "blocks"),
    [
        ("*", "createRequestHandler(() => build)", False),
        ("*", "makeHandler(() => build)", True),
        ("/api/notes", "createRequestHandler(() => build)", True),
    ],
    ids=["the pages", "something else", "one path"],
)
async def test_the_server_that_hands_everything_to_the_pages(
    path: str, made: str, blocks: bool, tmp_path: Path
) -> None:
    source = (
        "import { Hono } from 'hono';\nimport { createRequestHandler } from 'react-router';\nconst app = new Hono();\n"
        f"const handler = {made};\napp.post('{path}', (c) => handler(c.req.raw));\nexport default app;\n"
    )
    files = {"package.json": '{"dependencies": {"hono": "4"}}', "server.ts": source}
    assert bool(await _told("LR102", tmp_path, files)) is blocks


@pytest.mark.parametrize(
    ("handler", "blocks"), [("auth.handler(c.req.raw)", False), ("notes.handler(c.req.raw)", True)]
)
async def test_the_handler_of_better_auth_at_an_address_of_its_own(handler: str, blocks: bool, tmp_path: Path) -> None:
    source = f"import {{ Hono }} from 'hono';\nconst app = new Hono();\napp.post('/people/*', (c) => {handler});\nexport default app;\n"
    files = {"package.json": '{"dependencies": {"hono": "4"}}', "server.ts": source}
    assert bool(await _told("LR102", tmp_path, files)) is blocks
