"""Sign-ins by one password for all who run the app, wherever they stand, and what only looks like one."""

from pathlib import Path

import pytest
from launchready.model.words import Kind

from tests.sources.reading import app, one

FLASK = "from flask import Flask, redirect, render_template, request, session\nfrom werkzeug.security import check_password_hash\napp = Flask(__name__)\n\n"
FORM = "    return render_template('admin.html')\n"
PLAIN = "    if request.method == 'POST' and request.form.get('password') == ADMIN_PASSWORD:\n        session['is_admin'] = True\n        return redirect('/admin/notes')\n"
HASHED = "    if request.method == 'POST' and check_password_hash(app.config['ADMIN_PASSWORD'], request.form['password']):\n        session['is_admin'] = True\n"
NODE = "const express = require('express');\nconst app = express();\napp.post('/admin', (req, res) => { HANDLER });\n"


@pytest.mark.parametrize("asks", [PLAIN, HASHED], ids=["compared", "hashed"])
def test_a_page_of_the_administration_that_asks_for_a_password_signs_in(asks: str, tmp_path: Path) -> None:
    code = f"{FLASK}@app.route('/admin', methods=['GET', 'POST'])\ndef admin():\n{asks}{FORM}"
    found = app(tmp_path, {"main.py": code})
    assert {endpoint.kind for endpoint in found.endpoints} == {(Kind.LOGIN,)}


def test_a_handler_of_express_that_compares_a_password_signs_in(tmp_path: Path) -> None:
    handler = "if (req.body.password === process.env.ADMIN_PASSWORD) { req.session.admin = true; return res.redirect('/admin/notes'); } res.render('admin');"
    found = app(tmp_path, {"app.js": NODE.replace("HANDLER", handler)}, "express")
    assert one(found, "POST /admin").kind == (Kind.LOGIN,)


@pytest.mark.parametrize(
    ("does", "method"),
    [
        ("    session['seen'] = True\n    Note.query.delete()\n", "POST"),
        (f"{PLAIN}    db.session.add(Note(request.form['note']))\n", "POST"),
        (f"{PLAIN}    return render_template('admin.html', notes=Note.query.all())\n", "GET"),
    ],
    ids=["no password", "keeps a note", "shows notes"],
)
def test_what_does_more_is_of_the_administration(does: str, method: str, tmp_path: Path) -> None:
    code = f"{FLASK}@app.route('/admin', methods=['GET', 'POST'])\ndef admin():\n{does}{FORM}"
    assert one(app(tmp_path, {"main.py": code}), f"{method} /admin").kind == (Kind.ADMIN,)
