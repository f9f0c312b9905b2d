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
