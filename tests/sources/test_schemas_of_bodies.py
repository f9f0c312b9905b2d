"""What a view takes, by what it reads under a name of its own and by the schema it puts it through."""

from pathlib import Path

from launchready.model.surface import Surface

from tests.sources.reading import app, one, surface


def inputs(found: Surface, name: str) -> list[tuple[str, str, str, bool]]:
    """(where, name, type, required), in the order they are named."""
    return sorted((given.where, given.name, given.type, given.required) for given in one(found, name).inputs)


def test_a_body_that_is_named_inside_a_block_is_read(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        from flask import Flask, jsonify, request
        app = Flask(__name__)

        @app.route("/tried", methods=["POST"])
        def tried():
            try:
                data = request.get_json()
                return jsonify(data.get("name"), data["age"])
            except Exception:
                return jsonify("no"), 400

        @app.post("/either")
        def either():
            if request.is_json:
                pass
            else:
                data: dict = request.get_json() or {}
                print(data["color"])
            return "ok"
        """,
    )
    assert {given[1] for given in inputs(found, "POST /tried")} == {"name", "age"}
    assert {given[1] for given in inputs(found, "POST /either")} == {"color"}


def test_schemas_of_marshmallow_and_webargs_are_inputs(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        schemas_py="""
        from marshmallow import Schema, fields, validate

        class Base(Schema):
            id = fields.Int(dump_only=True)
            email = fields.Email(required=True)

        class Address(Schema):
            city = fields.Str(required=True)

        class Person(Base):
            name = fields.String(required=True, data_key="fullName", validate=[validate.Length(min=1, max=80)])
            plan = fields.Str(validate=validate.OneOf(["free", "pro"]))
            age = fields.Integer(validate=validate.Range(min=18, max=120))
            address = fields.Nested(Address, required=True)
        """,
        app_py="""
        from flask import Flask, request
        from flask.views import MethodView
        from flask_smorest import Blueprint
        from webargs import fields
        from webargs.flaskparser import parser, use_args, use_kwargs
        from schemas import Person
        app = Flask(__name__)
        blp = Blueprint("people", __name__)
        person = Person()

        @app.get("/search")
        @use_kwargs({"q": fields.Str(required=True), "limit": fields.Int()}, location="query")
        def search(q, limit): ...

        @app.post("/people")
        @use_args(Person())
        def people(given): ...

        @app.put("/loaded")
        def loaded():
            return person.load(request.get_json())

        @app.post("/made")
        def made():
            given = Person(unknown="exclude").load(request.json)

        @app.patch("/parsed")
        def parsed():
            return parser.parse({"color": fields.Str()}, request, location="form")

        @blp.route("/views")
        class Views(MethodView):
            @blp.arguments(Person)
            def post(self, given): ...

        app.register_blueprint(blp)
        """,
    )
    whole = [
        ("body", "address.city", "string", True),
        ("body", "age", "integer", False),
        ("body", "email", "email", True),
        ("body", "fullName", "string", True),
        ("body", "plan", "string", False),
    ]
    assert inputs(found, "GET /search") == [("query", "limit", "integer", False), ("query", "q", "string", True)]
    for name in ("POST /people", "PUT /loaded", "POST /made", "POST /views"):
        assert inputs(found, name) == whole, name
    assert inputs(found, "PATCH /parsed") == [("form", "color", "string", False)]
    given = {one.name: one for one in one(found, "POST /people").inputs}
    assert (given["fullName"].least, given["fullName"].most) == (1, 80)
    assert (given["age"].least, given["age"].most) == (18, 120)
    assert given["plan"].choices == ("free", "pro")


def test_schemas_inside_of_handlers_of_express_are_inputs(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "schemas.js": """
            import { z } from "zod";
            export const Order = z.object({ title: z.string().min(3).max(60), count: z.number().int().optional() });
            export const Page = z.object({ page: z.coerce.number().optional() });
            """,
            "app.js": """
            import express from "express";
            import { Order, Page } from "./schemas.js";
            const app = express();
            app.use(express.json());
            app.post("/orders", async (req, res) => {
              const done = Order.safeParse(req.body);
              if (!done.success) return res.status(400).json(done.error);
              res.json(done.data);
            });
            app.put("/orders/:id", (req, res) => {
              const { title } = Order.parse(req.body);
              res.json(title);
            });
            app.get("/orders", (req, res) => res.json(Page.parse(req.query)));
            app.post("/other", (req, res) => res.json(JSON.parse(req.body.text)));
            """,
        },
        "express",
    )
    whole = [("body", "count", "int", False), ("body", "title", "string", True)]
    assert inputs(found, "POST /orders") == whole
    assert [one for one in inputs(found, "PUT /orders/{id}") if one[0] == "body"] == whole
    assert inputs(found, "GET /orders") == [("query", "page", "number", False)]
    assert [one[:2] for one in inputs(found, "POST /other")] == [("body", "text")]
    assert next(one for one in one(found, "POST /orders").inputs if one.name == "title").most == 60


def test_models_of_fastapi_in_forms_in_models_and_in_dicts_are_told_field_by_field(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from typing import Annotated, Literal
        from fastapi import Body, FastAPI, Form
        from pydantic import BaseModel, constr, conint

        app = FastAPI()

        class Address(BaseModel):
            city: str
            zip: str | None = None

        class Order(BaseModel):
            title: constr(min_length=3, max_length=60)
            count: conint(ge=1) = 1
            note: str | None = None
            address: Address
            lines: list[Address] = []

        class Login(BaseModel):
            name: str
            word: str

        @app.post("/orders")
        def orders(order: Order): ...

        @app.post("/login")
        def login(given: Annotated[Login, Form()]): ...

        @app.post("/many")
        def many(orders: list[Order]): ...

        @app.post("/plain")
        def plain(data: dict):
            return {"a": data["title"], "b": data.get("color")}

        @app.post("/must")
        def must(size: int = Body(...), color: str = Body("red")): ...
        """,
    )
    assert inputs(found, "POST /orders") == [
        ("body", "address.city", "str", True),
        ("body", "address.zip", "str", False),
        ("body", "count", "int", False),
        ("body", "lines", "list[]", False),
        ("body", "note", "str", False),
        ("body", "title", "str", True),
    ]
    assert inputs(found, "POST /login") == [("form", "name", "str", True), ("form", "word", "str", True)]
    assert inputs(found, "POST /many") == []
    assert {given[:2] for given in inputs(found, "POST /plain")} == {("body", "title"), ("body", "color")}
    assert inputs(found, "POST /must") == [("body", "color", "str", False), ("body", "size", "int", True)]


def test_what_is_stored_by_a_model_of_sqlalchemy_has_its_kinds(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        models_py="""
        import enum
        from flask_sqlalchemy import SQLAlchemy
        from sqlalchemy.orm import Mapped, mapped_column
        db = SQLAlchemy()

        class State(enum.Enum):
            OPEN = "open"
            DONE = "done"

        class Dated:
            due = db.Column(db.Date)

        class Ticket(Dated, db.Model):
            id = db.Column(db.Integer, primary_key=True)
            title = db.Column(db.String(80), nullable=False)
            status = db.Column(db.Enum("open", "closed", name="status"), default="open", nullable=False)
            state = db.Column(db.Enum(State))
            owner_id = db.Column(db.Integer, db.ForeignKey("users.id"), nullable=False)

        class Seat(db.Model):
            id: Mapped[int] = mapped_column(primary_key=True)
            row: Mapped[int]
            label: Mapped[str | None] = mapped_column(db.String(5))
        """,
        app_py="""
        from flask import Flask, request
        from models import Seat, Ticket, db
        app = Flask(__name__)

        @app.post("/tickets")
        def make():
            data = request.get_json()
            db.session.add(Ticket(title=data["title"], status=data.get("status"), due=data["due"], owner_id=data["owner_id"]))
            return {}

        @app.post("/whole")
        def whole():
            db.session.add(Ticket(**request.get_json(), owner_id=1))
            return {}

        @app.post("/seats")
        def seats():
            db.session.add(Seat(row=request.form["row"], label=request.form["label"]))
            return {}

        @app.put("/tickets/<int:key>")
        def change(key):
            ticket = Ticket.query.get(key)
            ticket.state = request.get_json()["state"]
            return {}
        """,
    )
    assert inputs(found, "POST /tickets") == [
        ("body", "due", "date", True),
        ("body", "owner_id", "id of user", True),
        ("body", "status", "enum", False),
        ("body", "title", "string", True),
    ]
    told = {given.name: given for given in one(found, "POST /tickets").inputs}
    assert (told["title"].most, told["status"].choices) == (80, ("open", "closed"))
    assert [given[1] for given in inputs(found, "POST /whole")] == ["due", "state", "status", "title"]
    assert inputs(found, "POST /seats") == [("form", "label", "string", True), ("form", "row", "int", True)]
    assert {
        given.name: given.choices for given in one(found, "PUT /tickets/{key}").inputs if given.where == "body"
    } == {"state": ("OPEN", "DONE")}


def test_what_a_handler_makes_of_a_field_says_what_belongs_there(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        import datetime
        from flask import Flask, request
        app = Flask(__name__)

        @app.route("/events", methods=["GET", "POST"])
        def events():
            data = request.get_json()
            day = datetime.datetime.strptime(data["day"], "%Y-%m-%d")
            place = data.get("place")
            if "note" in data:
                print(data["note"])
            print(data["name"], int(data["seats"]), float(place), data.get("tags", []), data.get("open", False), data.get("fee", 0))
            return str(request.args.get("page", 1, type=int))
        """,
    )
    assert inputs(found, "POST /events") == [
        ("body", "day", "date", True),
        ("body", "fee", "number", False),
        ("body", "name", "", True),
        ("body", "note", "", False),
        ("body", "open", "bool", False),
        ("body", "place", "number", False),
        ("body", "seats", "int", True),
        ("body", "tags", "list", False),
        ("query", "page", "int", False),
    ]
    # The page with the form takes none of it.
    assert inputs(found, "GET /events") == [("query", "page", "int", False)]


def test_what_a_script_makes_of_a_field_says_what_belongs_there(tmp_path: Path) -> None:
    code = """
    const express = require('express');
    const app = express();
    app.post('/events', (req, res) => {
      const { tags = [], day, seats, name } = req.body;
      save(name, new Date(day), parseInt(seats, 10), tags.join(','), Number(req.body.fee));
      res.json({});
    });
    """
    found = app(tmp_path, {"server.js": code}, "express")
    assert inputs(found, "POST /events") == [
        ("body", "day", "date", False),
        ("body", "fee", "number", False),
        ("body", "name", "", False),
        ("body", "seats", "int", False),
        ("body", "tags", "list", False),
    ]
