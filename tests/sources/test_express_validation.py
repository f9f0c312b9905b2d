"""Express: what stands before the last handler of a route, and what it checks."""

from pathlib import Path

from tests.sources.reading import app, one, who

START = 'const express = require("express");\nconst app = express();\n'


def test_chains_of_express_validator_are_inputs_and_no_doubt(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "rules.js": """
const { body, query, checkSchema } = require("express-validator");
const member = [
  body("mail").isEmail().normalizeEmail(),
  body("age").optional().isInt({ min: 16, max: 120 }),
  body(["first", "last"]).isLength({ min: 1 }),
  body("plan").isIn(["free", "paid"]).trim(),
];
module.exports = { member, page: query("page").isInt() , thing: checkSchema({ title: { in: ["body"], isString: true }, at: { in: ["query"], optional: true } }) };
""",
            "main.js": START
            + """
const rules = require("./rules");
app.post("/members", rules.member, (req, res) => res.end());
app.get("/members", rules.page, (req, res) => res.end());
""",
        },
        "express",
    )
    assert who(found) == {"POST /members": "open", "GET /members": "open"}
    given = {i.name: i for i in one(found, "POST /members").inputs}
    assert {name: (i.where, i.type, i.required) for name, i in given.items()} == {
        "mail": ("body", "email", True),
        "age": ("body", "int", False),
        "first": ("body", "", True),
        "last": ("body", "", True),
        "plan": ("body", "", True),
    }
    assert (given["age"].least, given["age"].most) == (16, 120)
    assert given["plan"].choices == ("free", "paid")


def test_schemas_given_to_a_middleware_are_inputs_by_their_place(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "schemas.ts": """
import { z } from "zod";
export const change = z.object({ params: z.object({ id: z.string().uuid() }), body: z.object({ title: z.string().max(80), note: z.string().optional() }) });
export const users = { create: { body: Joi.object().keys({ email: Joi.string().email().required() }), query: Joi.object({ dry: Joi.boolean() }) } };
export const search = z.object({ q: z.string() });
""",
            "main.ts": """
import express from "express";
import { change, search, users } from "./schemas";
import { validate } from "./validate";
const app = express();
app.patch("/things/:id", validate(change), (req, res) => res.end());
app.post("/users", validate(users.create), (req, res) => res.end());
app.get("/search", validate(search), (req, res) => res.end());
""",
            "validate.ts": "export const validate = (schema) => (req, res, next) => { schema.parse(req); next(); };",
        },
        "express",
    )

    def places(name: str) -> set[tuple[str, str]]:
        return {(i.name, i.where) for i in one(found, name).inputs}

    assert places("PATCH /things/{id}") == {("id", "path"), ("title", "body"), ("note", "body")}
    assert places("POST /users") == {("email", "body"), ("dry", "query")}
    assert places("GET /search") == {("q", "query")}


def test_a_limit_made_by_a_factory_of_ours_is_no_doubt(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "limits.js": """
const rateLimit = require("express-rate-limit");
const SLOWLY = "Not so fast.";
const slow = (max, message) => rateLimit({ max, message });
module.exports = { gate: slow(5, SLOWLY) };
""",
            "main.js": START
            + 'const { gate } = require("./limits");\napp.post("/contact", gate, (req, res) => res.end());\n',
        },
        "express",
    )
    assert who(found) == {"POST /contact": "open"}


def test_a_login_that_answers_in_steps_is_open(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "main.js": START
            + """
const check = async (req, res, next) => {
  const { mail, password } = req.body;
  const person = await Person.findOne({ mail });
  if (!person || !(await person.matches(password))) return res.status(401).end();
  next();
};
const needsPerson = (req, res, next) => { if (!req.session.user) return res.sendStatus(401); next(); };
app.post("/signin", check, (req, res) => res.json({ token: make(req) }));
app.post("/notes", needsPerson, (req, res) => res.end());
""",
        },
        "express",
    )
    assert who(found) == {"POST /signin": "open", "POST /notes": "guarded"}
    assert {i.name for i in one(found, "POST /signin").inputs} == {"mail", "password"}


def test_middleware_that_takes_files_makes_an_upload(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "files.js": """
const multer = require("multer");
function portrait(req, res, next) {
  const upload = multer({ dest: "portraits" });
  upload.any()(req, res, (error) => (error ? res.status(500).end() : next()));
}
const cover = multer({ dest: "covers" }).single("cover");
module.exports = { portrait, cover };
""",
            "main.js": START
            + """
const { portrait, cover } = require("./files");
app.post("/people", portrait, (req, res) => res.end());
app.post("/books", cover, (req, res) => res.end());
app.post("/notes", (req, res) => res.end());
""",
        },
        "express",
    )
    kinds = {one.name: "upload" in one.kind for one in found.endpoints}
    assert kinds == {"POST /people": True, "POST /books": True, "POST /notes": False}
    assert [(i.name, i.where) for i in one(found, "POST /books").inputs] == [("cover", "file")]


def test_the_rank_of_somebody_whom_the_request_names_keeps_nobody_out(tmp_path: Path) -> None:
    by_body = "const someone = await People.findById(req.body.personId);"
    by_name = "const personId = req.params.id;\n  const someone = await People.findOne({\n    _id: personId,\n  });"
    by_session = "const someone = await People.findById(req.session.user.id);"
    for lookup, verdict, roles in (
        (by_body, "unknown", ()),
        (by_name, "unknown", ()),
        (by_session, "guarded", ("moderator",)),
    ):
        handler = f'async (req, res) => {{\n  {lookup}\n  if (someone.role !== "moderator") {{\n    return res.status(401).json({{}});\n  }}\n  await Posts.clear();\n  res.end();\n}}'
        found = app(tmp_path, {"main.js": f'{START}app.post("/posts/clear/:id", {handler});\n'}, "express")
        access = one(found, "POST /posts/clear/{id}").access
        assert (access.verdict.value, access.roles) == (verdict, roles), lookup


def test_roles_that_are_members_of_an_object(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "roles.js": 'const Roles = { OWNER: "owner-of-all", HELPER: "helper" };\nmodule.exports = { Roles };\n',
            "main.js": START
            + """
const { Roles } = require("./roles");
app.use((req, res, next) => { if (!req.session.user) return res.sendStatus(401); next(); });
app.delete("/club", (req, res) => {
  if (req.session.user.role !== Roles.OWNER && req.session.user.role !== Roles.HELPER) return res.sendStatus(403);
  res.end();
});
app.post("/club", (req, res) => {
  if (![Roles.OWNER].includes(req.session.user.role)) return res.sendStatus(403);
  res.end();
});
""",
        },
        "express",
    )
    assert one(found, "DELETE /club").access.roles == ("owner-of-all", "helper")
    assert one(found, "POST /club").access.roles == ("owner-of-all",)


def test_chains_inside_of_a_wrapper_and_of_lists_that_are_spread(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "rules.js": """
const { body, check, oneOf } = require("express-validator");
const any = oneOf([check("mail").exists(), check("kind").exists()]);
const all = [check("mail").optional().isEmail(), check("kind").optional().isIn(["post", "mail"])];
const key = (name) => check(name).custom((value) => value.length > 3);
module.exports = { any, all, key, lines: [body("lines.*.text").isString()], table: [check("table").isIn(["users", "likes"])] };
""",
            "main.js": START
            + """
const rules = require("./rules");
app.patch("/members/:id", rules.any, validate([rules.key("id"), ...rules.all]), (req, res) => res.end());
app.post("/lines", validate([...rules.lines]), (req, res) => res.end());
app.get("/dump/:table", validate([...rules.table]), (req, res) => res.end());
""",
        },
        "express",
    )
    given = {i.name: (i.where, i.type, i.required, i.choices) for i in one(found, "PATCH /members/{id}").inputs}
    assert given == {
        "id": ("path", "", True, ()),
        "mail": ("body", "email", False, ()),
        "kind": ("body", "", False, ("post", "mail")),
    }
    assert not any("*" in i.name for i in one(found, "POST /lines").inputs)
    assert [(i.where, i.choices) for i in one(found, "GET /dump/{table}").inputs] == [("path", ("users", "likes"))]
