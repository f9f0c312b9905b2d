"""The fields of schemas that JavaScript and TypeScript put a body through, however they are put together, and of the models it is stored by."""

import json
from pathlib import Path

import pytest
from launchready.model.surface import Input, Surface
from launchready.report.openapi import render_openapi

from tests.sources.reading import app, one


def fields(found: Surface, name: str) -> dict[str, Input]:
    """What the body of an endpoint holds, by name."""
    return {given.name: given for given in one(found, name).inputs if given.where == "body"}


def kinds(found: Surface, name: str) -> dict[str, tuple[str, bool]]:
    """The type of each field of a body, and whether it is required."""
    return {name: (given.type, given.required) for name, given in fields(found, name).items()}


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Surface:
    """An app whose schemas are put together of others in another file."""
    return app(
        tmp_path_factory.mktemp("composed"),
        {
            "schemas.ts": """
            import { z } from "zod";
            export const ROLES = ["admin", "member"] as const;
            const email = z.string().email();
            export const Person = z.object({ name: z.string().min(2), email });
            export const Member = Person.extend({ role: z.enum(ROLES), plan: z.literal("free").optional() });
            export const Located = z.object({ ...Person.shape, address: z.object({ city: z.string(), zip: z.string().optional() }) });
            export const Either = z.discriminatedUnion("kind", [
              z.object({ kind: z.literal("mail"), to: z.string().email() }),
              z.object({ kind: z.literal("call"), phone: z.string() }),
            ]);
            """,
            "index.ts": """
            import express from "express";
            import { z } from "zod";
            import { Either, Located, Member, Person } from "./schemas";
            const app = express();
            app.post("/members", (req, res) => res.json(Member.parse(req.body)));
            app.patch("/members", (req, res) => res.json(Member.partial().parse(req.body)));
            app.post("/names", (req, res) => res.json(Member.pick({ name: true }).strict().parse(req.body)));
            app.post("/rest", (req, res) => res.json(Member.omit({ name: true }).refine((v) => v.email).parse(req.body)));
            app.post("/merged", (req, res) => res.json(Person.merge(z.object({ age: z.coerce.number() })).parse(req.body)));
            app.post("/places", async (req, res) => { const data = await Located.parseAsync(req.body); res.json(data); });
            app.post("/either", (req, res) => { const done = Either.safeParse(req.body); res.json(done); });
            app.post("/inline", (req, res) => res.json(z.object({ when: z.coerce.date(), n: z.number().int().max(9) }).parse(req.body)));
            app.post("/owned", (req, res) => res.json(Member.parse({ ...req.body, email: req.user.email })));
            app.post("/built", (req, res) => {
              const { name } = req.body;
              res.json(Member.parse({ name, email: req.user.email, role: blob.role, plan: req.body.plan }));
            });
            const helpers = { validate: (body) => body, clean: (text) => text };
            app.post("/helped", (req, res) => res.json(helpers.validate(req.body)));
            app.get("/env", (req, res) => res.json(Person.parse(process.env)));
            """,
        },
        "express",
    )


def test_a_schema_that_extends_another_has_the_fields_of_both(composed: Surface) -> None:
    members = fields(composed, "POST /members")
    assert {name: (one.type, one.required, one.choices) for name, one in members.items()} == {
        "name": ("string", True, ()),
        "email": ("email", True, ()),
        "role": ("enum", True, ("admin", "member")),
        "plan": ("", False, ("free",)),
    }
    assert members["name"].least == 2


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("PATCH /members", {"name": False, "email": False, "role": False, "plan": False}),
        ("POST /names", {"name": True}),
        ("POST /rest", {"email": True, "role": True, "plan": False}),
        ("POST /merged", {"name": True, "email": True, "age": True}),
        ("POST /places", {"name": True, "email": True, "address.city": True, "address.zip": False}),
        ("POST /either", {"kind": True, "to": False, "phone": False}),
        ("POST /inline", {"when": True, "n": True}),
        # What the handler puts in itself is brought by nobody.
        ("POST /owned", {"name": True, "role": True, "plan": False}),
        ("POST /built", {"name": True, "plan": False}),
        ("POST /helped", {}),
        ("GET /env", {}),
    ],
)
def test_schemas_that_are_put_together_are_followed(composed: Surface, name: str, wanted: dict[str, bool]) -> None:
    assert {field: given.required for field, given in fields(composed, name).items()} == wanted


def test_each_shape_of_a_union_adds_its_word_to_what_tells_them_apart(composed: Surface) -> None:
    assert fields(composed, "POST /either")["kind"].choices == ("mail", "call")


def test_valibot_yup_and_joi_say_what_is_required_in_their_own_ways(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "index.js": """
            import express from "express";
            import * as v from "valibot";
            import * as yup from "yup";
            import Joi from "joi";
            const app = express();
            const Ticket = v.object({
              title: v.pipe(v.string(), v.minLength(3), v.maxLength(60)), mail: v.pipe(v.string(), v.email()),
              kind: v.picklist(["bug", "wish"]), note: v.optional(v.string()),
            });
            const login = yup.object().shape({ email: yup.string().email().required(), age: yup.number().integer().min(18) });
            const seat = Joi.object().keys({ row: Joi.number().integer().max(5).required(), side: Joi.string().valid("left", "right") });
            app.post("/valibot", (req, res) => res.json(v.parse(Ticket, req.body)));
            app.post("/yup", async (req, res) => res.json(await login.validate(req.body)));
            app.post("/joi", (req, res) => { const { error, value } = seat.validate(req.body); res.json(error || value); });
            """
        },
        "express",
    )
    ticket = fields(found, "POST /valibot")
    assert kinds(found, "POST /valibot") == {
        "title": ("string", True),
        "mail": ("email", True),
        "kind": ("enum", True),
        "note": ("string", False),
    }
    assert (ticket["title"].least, ticket["title"].most, ticket["kind"].choices) == (3, 60, ("bug", "wish"))
    assert kinds(found, "POST /yup") == {"email": ("email", True), "age": ("int", False)}
    assert kinds(found, "POST /joi") == {"row": ("int", True), "side": ("string", False)}
    assert fields(found, "POST /joi")["side"].choices == ("left", "right")


def test_typebox_and_json_schema_of_fastify_are_inputs_with_their_rules(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "server.js": """
            import Fastify from "fastify";
            import { Type } from "@sinclair/typebox";
            const app = Fastify();
            const Base = Type.Object({ name: Type.String({ minLength: 1, maxLength: 80 }), email: Type.String({ format: "email" }) });
            const Person = Type.Intersect([Base, Type.Object({
              age: Type.Integer({ minimum: 18 }), role: Type.Union([Type.Literal("admin"), Type.Literal("member")]),
              tags: Type.Optional(Type.Array(Type.String())),
            })]);
            const raw = { body: { type: "object", required: ["key"], properties: {
              key: { type: "string", format: "uuid" }, size: { type: ["integer", "null"], maximum: 9 }, color: { enum: ["red", "blue"] } } } };
            app.post("/people", { schema: { body: Person } }, async (req) => req.body);
            app.patch("/people", { schema: { body: Type.Partial(Base) } }, async (req) => req.body);
            app.post("/raw", { schema: raw }, async (req) => req.body);
            """
        },
        "fastify",
    )
    assert kinds(found, "POST /people") == {
        "name": ("string", True),
        "email": ("email", True),
        "age": ("int", True),
        "role": ("", True),
        "tags": ("array", False),
    }
    people = fields(found, "POST /people")
    assert (people["name"].most, people["age"].least, people["role"].choices) == (80, 18, ("admin", "member"))
    assert kinds(found, "PATCH /people") == {"name": ("string", False), "email": ("email", False)}
    assert kinds(found, "POST /raw") == {"key": ("uuid", True), "size": ("integer", False), "color": ("", False)}
    assert fields(found, "POST /raw")["color"].choices == ("red", "blue")


TABLES = """
import { boolean, integer, pgEnum, pgTable, serial, text, timestamp, uuid, varchar } from "drizzle-orm/pg-core";
import { createInsertSchema } from "drizzle-zod";
import { z } from "zod";
export const roles = pgEnum("role", ["admin", "member"]);
export const users = pgTable("users", {
  id: serial("id").primaryKey(), name: varchar("name", { length: 40 }).notNull(), secret: text("password").notNull(),
  role: roles("role").notNull().default("member"), createdAt: timestamp("created_at").defaultNow(),
});
export const tickets = pgTable("tickets", {
  id: uuid("id").primaryKey().defaultRandom(), title: text("title").notNull(), status: text("status", { enum: ["open", "closed"] }).notNull(),
  ownerId: integer("owner_id").references(() => users.id).notNull(), done: boolean("done").default(false),
});
export const insertUser = createInsertSchema(users).pick({ name: true, secret: true });
export const insertTicket = createInsertSchema(tickets, { title: (schema) => schema.min(3) }).omit({ ownerId: true });
export const signUp = insertUser.extend({ again: z.string().min(8) });
"""


def test_schemas_made_of_a_table_of_drizzle_have_its_columns(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "shared/schema.ts": TABLES,
            "index.ts": """
            import express from "express";
            import { db } from "./db";
            import { insertTicket, insertUser, signUp, tickets, users } from "./shared/schema";
            const app = express();
            app.post("/users", (req, res) => res.json(insertUser.parse(req.body)));
            app.post("/sign-up", (req, res) => res.json(signUp.parse(req.body)));
            app.post("/tickets", (req, res) => { const data = insertTicket.safeParse(req.body); res.json(data); });
            app.post("/plain", async (req, res) => {
              const { title, status, ownerId } = req.body;
              res.json(await db.insert(tickets).values({ title, status, ownerId }));
            });
            app.patch("/plain/:id", async (req, res) => res.json(await db.update(tickets).set(req.body).where(eq(tickets.id, req.params.id))));
            """,
        },
        "express",
    )
    assert kinds(found, "POST /users") == {"name": ("string", True), "secret": ("string", True)}
    assert fields(found, "POST /users")["name"].most == 40
    assert set(kinds(found, "POST /sign-up")) == {"name", "secret", "again"}
    assert kinds(found, "POST /tickets") == {
        "title": ("string", True),
        "status": ("string", True),
        "done": ("boolean", False),
    }
    assert fields(found, "POST /tickets")["title"].least == 3
    assert kinds(found, "POST /plain") == {
        "title": ("string", True),
        "status": ("string", True),
        "ownerId": ("id of user", True),
    }
    assert fields(found, "POST /plain")["status"].choices == ("open", "closed")
    assert kinds(found, "PATCH /plain/{id}") == {
        "title": ("string", False),
        "status": ("string", False),
        "ownerId": ("id of user", False),
        "done": ("boolean", False),
    }


def test_what_is_stored_by_a_model_of_prisma_has_its_kinds(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "prisma/schema.prisma": """
            enum Priority {
              LOW
              HIGH
            }
            model User {
              id String @id @default(cuid())
              tickets Ticket[]
            }
            // model Ghost { id Int @id }
            model Ticket {
              id Int @id @default(autoincrement())
              title String @db.VarChar(80)
              priority Priority @default(LOW)
              dueAt DateTime
              note String?
              owner User @relation(fields: [ownerId], references: [id])
              ownerId String
            }
            """,
            "index.js": """
            const express = require("express");
            const { PrismaClient } = require("@prisma/client");
            const prisma = new PrismaClient();
            const app = express();
            app.post("/tickets", async (req, res) => {
              const { title, priority, ownerId } = req.body;
              res.json(await prisma.ticket.create({ data: { title, priority, ownerId } }));
            });
            app.put("/tickets/:id", async (req, res) => {
              res.json(await prisma.ticket.update({ where: { id: Number(req.params.id) }, data: req.body }));
            });
            app.post("/mine", async (req, res) => {
              res.json(await prisma.ticket.create({ data: { ...req.body, ownerId: req.user.id } }));
            });
            """,
        },
        "express",
    )
    assert kinds(found, "POST /tickets") == {
        "title": ("string", True),
        "priority": ("enum", False),
        "ownerId": ("id of user", True),
    }
    assert fields(found, "POST /tickets")["priority"].choices == ("LOW", "HIGH")
    assert fields(found, "POST /tickets")["title"].most == 80
    assert {name: given.required for name, given in fields(found, "PUT /tickets/{id}").items()} == dict.fromkeys(
        ("title", "priority", "dueAt", "note", "ownerId"), False
    )
    assert kinds(found, "POST /mine") == {
        "title": ("string", True),
        "priority": ("enum", False),
        "dueAt": ("datetime", True),
        "note": ("string", False),
    }


def test_openapi_says_the_rules_of_a_field_and_nests_objects(composed: Surface) -> None:
    document = json.loads(render_openapi(composed, "app"))

    def body(path: str) -> dict[str, object]:
        schema: dict[str, object] = document["paths"][path]["post"]["requestBody"]["content"]["application/json"][
            "schema"
        ]
        return schema

    assert body("/members")["properties"] == {
        "name": {"type": "string", "minLength": 2},
        "email": {"type": "string", "format": "email"},
        "role": {"type": "string", "enum": ["admin", "member"]},
        "plan": {"type": "string", "enum": ["free"]},
    }
    places = body("/places")
    assert places["required"] == ["address", "email", "name"]
    assert places["properties"]["address"] == {  # type: ignore[index]
        "type": "object",
        "properties": {"city": {"type": "string"}, "zip": {"type": "string"}},
        "required": ["city"],
    }
    inline = body("/inline")["properties"]
    assert inline["n"] == {"type": "integer", "maximum": 9}  # type: ignore[index]


def test_a_server_action_puts_its_form_through_a_schema(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "app/login/actions.ts": """
            "use server";
            import { z } from "zod";
            const Login = z.object({ email: z.string().email(), password: z.string().min(8) });
            export async function login(before: unknown, formData: FormData) {
              return Login.safeParse({ email: formData.get("email"), password: formData.get("password") });
            }
            """,
            "app/login/page.tsx": """
            import { login } from "./actions";
            export default function Page() { return <form action={login}><input name="email" /></form>; }
            """,
        },
        "next",
    )
    posted = next(one for one in found.endpoints if one.method == "POST")
    assert sorted((given.where, given.name, given.type, given.least) for given in posted.inputs) == [
        ("form", "email", "email", None),
        ("form", "password", "string", 8),
    ]


def test_nest_takes_schemas_by_classes_made_of_them_and_by_pipes(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "src/cats.ts": """
            import { Body, Controller, Post, UsePipes } from "@nestjs/common";
            import { createZodDto } from "nestjs-zod";
            import { z } from "zod";
            import { ZodValidationPipe } from "./pipe";
            const Cat = z.object({ name: z.string().min(2), age: z.number().int() });
            class CatDto extends createZodDto(Cat) {}
            @Controller("cats")
            export class Cats {
              @Post("made") made(@Body() cat: CatDto) { return cat; }
              @Post("piped") piped(@Body(new ZodValidationPipe(Cat)) cat: any) { return cat; }
              @Post("used") @UsePipes(new ZodValidationPipe(Cat)) used(@Body() cat: any) { return cat; }
            }
            """
        },
        "@nestjs/core",
    )
    for name in ("made", "piped", "used"):
        assert kinds(found, f"POST /cats/{name}") == {"name": ("string", True), "age": ("int", True)}
