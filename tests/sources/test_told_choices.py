"""The values a handler lets pass, by what it refuses."""

from pathlib import Path

import pytest

from tests.sources.reading import one, surface

_FLASK = """
from flask import Flask, abort, request

app = Flask(__name__)

@app.post("/people")
def people():
    data = request.get_json()
    role = data["role"]
    {test}
        {then}
    save(role, data["name"])
    return {{}}, 201
"""


@pytest.mark.parametrize(
    ("test", "then", "choices"),
    [
        ('if role not in ["Lead", "Member"]:', "abort(400)", ("Lead", "Member")),
        ('if data["role"] not in ("Lead", "Member"):', "return {}, 400", ("Lead", "Member")),
        ('if data.get("role", "") not in {"Lead"}:', "raise ValueError", ("Lead",)),
        ('if role.lower() not in ["lead"]:', "abort(400)", ("lead",)),
        # What is let pass all the same says nothing.
        ('if role not in ["Lead", "Member"]:', "role = 'Member'", ()),
        ('if role in ["root"]:', "abort(400)", ()),
    ],
)
def test_what_is_refused_says_what_may_be_chosen(
    tmp_path: Path, test: str, then: str, choices: tuple[str, ...]
) -> None:
    found = surface(tmp_path, main_py=_FLASK.format(test=test, then=then))
    fields = {field.name: field.choices for field in one(found, "POST /people").inputs}
    assert fields["role"] == choices
    assert fields["name"] == ()


@pytest.mark.parametrize(
    ("test", "choices"),
    [
        ("if (!['lead', 'member'].includes(role)) { return res.status(400).end(); }", ("lead", "member")),
        ("if (['root'].includes(role)) { return res.status(400).end(); }", ()),
    ],
)
def test_in_a_script_as_well(tmp_path: Path, test: str, choices: tuple[str, ...]) -> None:
    found = surface(
        tmp_path,
        package_json='{"dependencies": {"express": "4"}}',
        main_js=f"""
        const express = require('express');
        const app = express();
        app.use(express.json());
        app.post('/people', (req, res) => {{
          const {{ role, name }} = req.body;
          {test}
          save(role, name);
          res.status(201).json({{}});
        }});
        app.listen(3000);
        """,
    )
    assert {field.name: field.choices for field in one(found, "POST /people").inputs}["role"] == choices


@pytest.mark.parametrize(
    ("test", "choices"),
    [
        ("if (!ROLES.includes(role)) return res.status(400).end();", ("Finance Team", "Head")),
        ("if (!KNOWN.has(role)) { return res.status(400).end(); }", ("lead", "member")),
        ("if (!OTHERS.includes(role)) return res.status(400).end();", ()),
        ("if (ROLES.includes(role)) return res.status(400).end();", ()),
    ],
)
def test_values_that_stand_in_a_list_with_a_name(tmp_path: Path, test: str, choices: tuple[str, ...]) -> None:
    found = surface(
        tmp_path,
        roles_js='const ROLES = ["Finance Team", "Head"];\nconst KNOWN = new Set(["lead", "member"]);\nconst OTHERS = [first(), "b"];\nmodule.exports = { ROLES, KNOWN, OTHERS };\n',
        app_js=f"""
        const express = require('express');
        const {{ ROLES, KNOWN, OTHERS }} = require('./roles');
        const app = express();
        app.post('/people', (req, res) => {{
          const {{ role, name }} = req.body;
          {test}
          save(role, name);
          res.status(201).json({{}});
        }});
        app.listen(3000);
        """,
    )
    assert {field.name: field.choices for field in one(found, "POST /people").inputs}["role"] == choices


@pytest.mark.parametrize(
    ("test", "choices"), [("if role not in ROLES:", ("Lead", "Member")), ("if role in ROLES:", ())]
)
def test_values_that_stand_in_a_tuple_of_python(tmp_path: Path, test: str, choices: tuple[str, ...]) -> None:
    code = _FLASK.format(test=test, then="abort(400)").replace("app = Flask", 'ROLES = ("Lead", "Member")\napp = Flask')
    fields = {field.name: field.choices for field in one(surface(tmp_path, main_py=code), "POST /people").inputs}
    assert fields["role"] == choices
