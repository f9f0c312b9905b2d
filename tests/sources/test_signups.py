"""Who makes an account, by what the endpoint takes: names that a body is asked for, in every language they are read in."""

from pathlib import Path

import pytest
from launchready.model.surface import Endpoint
from launchready.model.words import Kind

from tests.sources.reading import app, one

FLASK = "from flask import Flask, abort, jsonify, request\napp = Flask(__name__)\n\n@app.post('/api/users')\ndef create():\n"
EXPRESS = "const express = require('express');\nconst { create } = require('./people');\nconst app = express();\napp.post('/api/users', async (req, res) => {\n"
GIN = """package main

import "github.com/gin-gonic/gin"

type account struct {
	Name     string `json:"name" binding:"required"`
	Password string `json:"password" binding:"required,min=8"`
	Nick     string `json:"nick"`
	Hash     string `json:"-"`
}

func main() {
	r := gin.Default()
	r.POST("/api/users", create)
	r.Run()
}

func create(c *gin.Context) {
	var in account
	if err := c.ShouldBindJSON(&in); err != nil {
		c.JSON(400, gin.H{"error": "invalid"})
		return
	}
	db.Create(&in)
}
"""
SPRING = """
@RestController
class Accounts {
  @PostMapping("/api/users")
  public Account create(@RequestBody NewAccount body) { return accounts.save(body); }
}
"""
APPS: dict[str, tuple[dict[str, str], str]] = {
    "asked by membership": (
        {
            "app.py": FLASK
            + "    data = request.get_json()\n    if 'name' not in data or 'password' not in data:\n        return bad_request('both')\n"
            "    if 'nick' in data:\n        nick = data['nick']\n    db.session.add(User(data))\n"
        },
        "",
    ),
    "asked by get": (
        {
            "app.py": FLASK
            + "    data = request.json or {}\n    name = data.get('name')\n    password = data.get('password', '')\n    nick = data.get('nick')\n"
            "    if not name or not password:\n        abort(400)\n    db.session.add(User(name, password, nick))\n"
        },
        "",
    ),
    "asked one by one": (
        {
            "app.py": FLASK
            + "    data = request.get_json(force=True)\n    for field in ('name', 'password'):\n        if field not in data:\n            abort(400)\n"
            "    db.session.add(User(data['name'], data['password'], data.get('nick')))\n"
        },
        "",
    ),
    "asked where it is handed to": (
        {
            "app.py": FLASK.replace("import Flask", "import Flask\nfrom people import User\nfrom flask import Flask")
            + "    user = User.create(request.get_json() or {})\n    db.session.add(user)\n",
            "people.py": "class User:\n    @staticmethod\n    def create(data):\n        user = User()\n        user.fill(data)\n        return user\n\n"
            "    def fill(self, data):\n        if not data.get('name') or not data.get('password'):\n            abort(400)\n        self.nick = data.get('nick')\n",
        },
        "",
    ),
    "taken apart": (
        {
            "app.js": EXPRESS
            + "  const data = req.body;\n  const { name, password, nick } = data;\n  if (!name || !password) return res.status(400).end();\n  await db.users.insertOne(data);\n});\n",
            "people.js": "",
        },
        "express",
    ),
    "handed on": (
        {
            "app.js": EXPRESS + "  res.json(await create({ ...req.body }));\n});\n",
            "people.js": "exports.create = async (input) => {\n  const name = input.name;\n  if (!name) throw new Error('name');\n"
            "  if (!input.password) throw new Error('password');\n  return users.insertOne({ name, nick: input.nick });\n};\n",
        },
        "express",
    ),
    "decoded into a struct": ({"main.go": GIN, "go.mod": "module club\n\ngo 1.22\n"}, ""),
    "a class": (
        {
            "src/main/java/club/Accounts.java": f"package club;\nimport org.springframework.web.bind.annotation.*;\n{SPRING}",
            "src/main/java/club/NewAccount.java": "package club;\npublic class NewAccount {\n  private static final long serialVersionUID = 1L;\n"
            "  @NotBlank private String name;\n  @NotBlank private String password;\n  private String nick;\n}\n",
        },
        "",
    ),
    "a record": (
        {
            "src/main/java/club/Accounts.java": f"package club;\nimport org.springframework.web.bind.annotation.*;\n{SPRING}",
            "src/main/java/club/NewAccount.java": "package club;\npublic record NewAccount(@NotNull String name, @NotNull String password, String nick) {}\n",
        },
        "",
    ),
    "a data class": (
        {
            "src/main/kotlin/club/Accounts.kt": "package club\nimport org.springframework.web.bind.annotation.*\n\n@RestController\nclass Accounts {\n"
            '  @PostMapping("/api/users")\n  fun create(@RequestBody body: NewAccount): Account = accounts.save(body)\n}\n\n'
            "data class NewAccount(@field:NotBlank val name: String, @field:NotBlank val password: String, val nick: String? = null)\n",
        },
        "",
    ),
    "an array": (
        {
            "src/Controller/Accounts.php": "<?php\nnamespace App\\Controller;\nuse Symfony\\Component\\Routing\\Attribute\\Route;\nclass Accounts {\n"
            "  #[Route('/api/users', methods: ['POST'])]\n  public function create(Request $request) {\n    $data = json_decode($request->getContent(), true);\n"
            "    if (empty($data['name']) || empty($data['password'])) {\n      return new JsonResponse([], 400);\n    }\n    $nick = $data['nick'] ?? '';\n  }\n}\n",
            "composer.json": '{"require": {"symfony/framework-bundle": "7.*"}}',
        },
        "",
    ),
    "a hash": (
        {
            "app.rb": "require 'sinatra'\nrequire 'json'\npost '/api/users' do\n  data = JSON.parse(request.body.read)\n"
            "  return 400 unless data['name']\n  return 400 unless data['password']\n  User.create(name: data['name'], nick: data['nick'])\nend\n",
            "Gemfile": "gem 'sinatra'\n",
        },
        "",
    ),
}


@pytest.mark.parametrize("how", APPS)
def test_what_a_body_is_asked_for_says_that_an_account_is_made(how: str, tmp_path: Path) -> None:
    files, package = APPS[how]
    created = one(app(tmp_path, files, package), "POST /api/users")
    assert {given.name: given.required for given in created.inputs} == {"name": True, "password": True, "nick": False}
    assert {given.where for given in created.inputs} == {"body"}
    assert created.kind == (Kind.SIGNUP,)


def _flask(tmp_path: Path, route: str, fields: str, guard: str = "") -> Endpoint:
    body = f"    data = request.get_json()\n    db.session.add(User(*[data[name] for name in ({fields})]))\n"
    code = f"from flask import Flask, request\nfrom flask_login import login_required\napp = Flask(__name__)\n\n@app.post('{route}')\n{guard}def create():\n"
    found = app(tmp_path, {"app.py": code + body})
    return found.endpoints[0]


@pytest.mark.parametrize(
    ("route", "fields", "guard"),
    [
        ("/users", "'name', 'role'", ""),
        ("/users", "'name', 'password', 'role'", ""),
        ("/users", "'name', 'password', 'is_admin'", ""),
        ("/users", "'name', 'password'", "@login_required\n"),
        ("/admin/users", "'name', 'password'", ""),
        ("/notes", "'name', 'password'", ""),
        ("/users/<int:user_id>", "'name', 'password'", ""),
        ("/rooms/<room>/members", "'name', 'password'", ""),
    ],
    ids=["no password", "role", "flag", "guarded", "admin", "no people", "one of them", "of a room"],
)
def test_who_is_made_by_somebody_else_or_chooses_rights_does_not_sign_up(
    route: str, fields: str, guard: str, tmp_path: Path
) -> None:
    assert Kind.SIGNUP not in _flask(tmp_path, route, fields, guard).kind


@pytest.mark.parametrize("route", ["/users", "/api/v1/account", "/customers/", "/create_user", "/users/add"])
def test_a_password_for_an_account_of_ones_own_signs_up(route: str, tmp_path: Path) -> None:
    assert Kind.SIGNUP in _flask(tmp_path, route, "'email', 'password'").kind


def test_fields_of_an_object_in_the_body_keep_their_place(tmp_path: Path) -> None:
    files = {
        "app.js": EXPRESS + "  res.json(await create({ ...req.body.user, demo: false }));\n});\n",
        "people.js": "exports.create = async (input) => {\n  const { email, password } = input;\n  if (!email) throw new Error('email');\n};\n",
    }
    created = one(app(tmp_path, files, "express"), "POST /api/users")
    assert {given.name: given.required for given in created.inputs} == {"user.email": True, "user.password": False}
    assert created.kind == (Kind.SIGNUP,)


def test_what_is_only_asked_for_together_with_something_else_is_not_required(tmp_path: Path) -> None:
    body = "    data = request.get_json()\n    if 'name' in data and not data.get('nick'):\n        abort(400)\n    db.session.commit()\n"
    created = one(app(tmp_path, {"app.py": FLASK + body}), "POST /api/users")
    assert {given.name: given.required for given in created.inputs} == {"name": False, "nick": False}


def test_who_joins_with_a_password_signs_up(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "main.js": 'const express = require("express");\nconst app = express();\napp.post("/api/auth/join", (req, res) => res.json(make(req.body.email, req.body.password)));\napp.post("/rooms/join", (req, res) => res.json(enter(req.body.name, req.body.password)));\n'
        },
        "express",
    )
    assert Kind.SIGNUP in one(found, "POST /api/auth/join").kind
    assert Kind.SIGNUP not in one(found, "POST /rooms/join").kind


def test_a_function_that_takes_whatever_it_is_given(tmp_path: Path) -> None:
    files = {"main.py": FLASK + "    keep(request.get_json())\n\ndef keep(*what, **more):\n    print(what, more)\n"}
    assert one(app(tmp_path, files), "POST /api/users").inputs == ()


@pytest.mark.parametrize(
    ("route", "signs_up"),
    [
        ("/events/register/<int:id>/", False),
        ("/courses/<int:course_id>/register", False),
        ("/register/<token>", True),
        ("/orgs/<int:org_id>/register", True),
        ("/register", True),
    ],
)
def test_who_registers_for_something_makes_no_account(route: str, signs_up: bool, tmp_path: Path) -> None:
    assert (Kind.SIGNUP in _flask(tmp_path, route, "'email'").kind) is signs_up


@pytest.mark.parametrize(
    ("path", "fields", "signs_up"),
    [
        ("/members/apply", ("username", "email", "password", "password2"), True),
        ("/members/apply", ("username", "email", "password", "confirm_password"), True),
        ("/members/apply", ("username", "email", "password"), False),
        ("/account/word", ("old_password", "password", "password2"), False),
    ],
)
def test_who_names_themselves_and_types_a_password_twice_signs_up(
    tmp_path: Path, path: str, fields: tuple[str, ...], signs_up: bool
) -> None:
    reads = "".join(f"    {name} = request.form['{name}']\n" for name in fields)
    text = FLASK.replace("/api/users", path) + reads + "    db.add(locals())\n    return 'ok'\n"
    assert (Kind.SIGNUP in one(app(tmp_path, {"main.py": text}), f"POST {path}").kind) is signs_up


def test_who_registers_for_an_event_makes_no_account(tmp_path: Path) -> None:
    text = (
        FLASK.replace("/api/users", "/register_for_event") + "    db.add(request.form['event_id'])\n    return 'ok'\n"
    )
    assert Kind.SIGNUP not in one(app(tmp_path, {"main.py": text}), "POST /register_for_event").kind


@pytest.mark.parametrize(
    ("route", "fields", "guard", "signs_up"),
    [
        ("/api/tenants", "'company', 'admin_email', 'admin_password'", "", True),
        ("/organizations/create", "'name', 'email', 'password', 'role'", "", True),
        ("/onboarding", "'company', 'owner_email', 'owner_password'", "", True),
        ("/api/tenants", "'company', 'admin_email', 'admin_password'", "@login_required\n", False),
        ("/api/tenants", "'company', 'email'", "", False),
        ("/teams", "'name', 'door_password'", "", False),
        ("/teams/<int:team>", "'email', 'password'", "", False),
    ],
    ids=["first account", "with a role", "onboarding", "guarded", "no password", "of a door", "one of them"],
)
def test_who_opens_a_workspace_signs_up_with_it(
    route: str, fields: str, guard: str, *, signs_up: bool, tmp_path: Path
) -> None:
    assert (Kind.SIGNUP in _flask(tmp_path, route, fields, guard).kind) is signs_up


@pytest.mark.parametrize(
    ("merged", "python"),
    [
        ('{"plan": "free", "team_id": 1} | data', True),
        ('{"plan": "free", "team_id": 1, **data}', True),
        ("{ plan: 'free', 'team_id': 1, ...req.body }", False),
    ],
    ids=["united", "unpacked", "spread"],
)
def test_what_has_a_value_of_the_apps_own_unless_it_is_sent_may_be_sent(
    merged: str, python: bool, tmp_path: Path
) -> None:
    files = (
        {"app.py": FLASK + f"    data = request.get_json()\n    db.session.add(User(**({merged})), data['name'])\n"}
        if python
        else {
            "app.js": EXPRESS + f"  const {{ name }} = req.body;\n  await db.users.insertOne({merged});\n}});\n",
            "people.js": "",
        }
    )
    created = one(app(tmp_path, files, "" if python else "express"), "POST /api/users")
    assert {given.name for given in created.inputs} == {"name", "plan", "team_id"}


def test_what_is_set_after_all_that_was_sent_may_not_be_sent(tmp_path: Path) -> None:
    files = {"app.js": EXPRESS + "  await db.users.insertOne({ ...req.body, team_id: 1 });\n});\n", "people.js": ""}
    assert {given.name for given in one(app(tmp_path, files, "express"), "POST /api/users").inputs} == set()


@pytest.mark.parametrize(
    ("path", "fields", "signs_up"),
    [
        ("/api/registro", "nombre, correo, contrasena", True),
        ("/auth/cadastro", "nome, email, senha", True),
        ("/inscription", "nom, courriel, mot_de_passe", True),
        ("/usuarios", "usuario, clave", True),
        ("/api/users", "login, psw, pswConf", True),
        # Spanish for a record, which nobody signs in by.
        ("/api/registro", "nombre, fecha", False),
        ("/usuarios", "nombre, correo, clave, rol, role", False),
    ],
)
def test_words_of_other_languages(tmp_path: Path, path: str, fields: str, signs_up: bool) -> None:
    code = (
        EXPRESS.replace("/api/users", path)
        + f"  const {{ {fields} }} = req.body;\n  res.json(await create({{ {fields} }}));\n}});\n"
    )
    found = app(tmp_path, {"app.js": code, "people.js": "exports.create = async (row) => db.insert(row);\n"}, "express")
    assert (Kind.SIGNUP in one(found, f"POST {path}").kind) is signs_up
