"""Choices of inputs by what the database lets their columns have."""

from pathlib import Path

import pytest

from tests.sources.reading import one, surface

APP = """from flask import Flask, request
app = Flask(__name__)

@app.post("/orders")
def order():
    return keep(request.json["status"], request.json["payKind"], request.json["title"])

@app.post("/tickets")
def ticket():
    return keep(request.json["status"])

@app.post("/else")
def other():
    return keep(request.json["status"])
"""
TABLES = {
    "check": "CREATE TABLE orders (\n  id INTEGER,\n  status TEXT CHECK(status IN ('new', 'it''s paid')) NOT NULL,\n  pay_kind TEXT CHECK (pay_kind IN ('card','cash')), title TEXT\n);\n"
    "CREATE TABLE \"tickets\" (status TEXT, CHECK (\"status\" IN ('open', 'done')));\n",
    "enum": "create table if not exists orders (\n  `status` ENUM('new','it''s paid') NOT NULL,\n  pay_kind enum('card','cash')\n);\ncreate table tickets (\n  status enum('open', 'done')\n);\n",
    "type": "CREATE TYPE order_status AS ENUM ('new', 'it''s paid');\nCREATE TYPE pay AS ENUM ('card', 'cash');\nCREATE TYPE public.state AS ENUM ('open', 'done');\n"
    "CREATE TABLE orders (\n  status order_status NOT NULL,\n  pay_kind pay\n);\nCREATE TABLE public.tickets (\n  status public.state\n);\n",
}


@pytest.mark.parametrize("how", TABLES)
@pytest.mark.parametrize("where", ["schema_sql", "database_py"])
def test_an_input_takes_what_its_column_may_have(how: str, where: str, tmp_path: Path) -> None:
    text = TABLES[how] if where == "schema_sql" else f'TABLES = """\n{TABLES[how]}"""\n'
    found = surface(tmp_path, app_py=APP, **{where: text})
    choices = {
        (route, given.name): given.choices
        for route in ("POST /orders", "POST /tickets", "POST /else")
        for given in one(found, route).inputs
    }
    assert choices == {
        ("POST /orders", "status"): ("new", "it's paid"),
        ("POST /orders", "payKind"): ("card", "cash"),
        ("POST /orders", "title"): (),
        ("POST /tickets", "status"): ("open", "done"),
        # Two tables have one of that name, and the path names neither.
        ("POST /else", "status"): (),
    }
