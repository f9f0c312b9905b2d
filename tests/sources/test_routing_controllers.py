"""Express by decorators: routing-controllers and inversify-express-utils."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who

USERS = """
import { JsonController, Get, Post, Delete, Param, Body, UseBefore, Authorized, CurrentUser } from "routing-controllers";
import { Auth } from "./auth";
export enum Role { Admin = "admin" }
export class NewUser { @IsString() name: string; @IsOptional() age?: number; }
@JsonController("/users")
%s
export class Users {
  @Get() list() { return users.all(); }
  @Post() add(@Body() given: NewUser) { return users.add(given); }
  @Authorized([Role.Admin]) @Delete("/:id([0-9]+)") remove(@Param("id") id: number) {}
  @Get("/me") me(@CurrentUser({ required: true }) user: User) { return user; }
}
"""
AUTH = """
export class Auth implements ExpressMiddlewareInterface {
  use(request, response, next) {
    if (!request.headers.authorization) { return response.status(401).send("No"); }
    next();
  }
}
"""
MAIN = """
import { createExpressServer } from "routing-controllers";
import { Users } from "./users";
const app = createExpressServer({ routePrefix: "/api", controllers: [Users], authorizationChecker: %s, currentUserChecker: async (action) => load(action.request) });
"""


@pytest.mark.parametrize(
    ("checker", "word"),
    [("async (action, roles) => roles.includes(action.request.user?.role)", "guarded"), ("() => true", "open")],
)
def test_controllers_and_the_checker_of_the_server(tmp_path: Path, checker: str, word: str) -> None:
    files = {"users.ts": USERS % "", "auth.ts": AUTH, "main.ts": MAIN % checker}
    found = app(tmp_path, files, "routing-controllers")
    assert who(found) == {
        "GET /api/users": "open",
        "POST /api/users": "open",
        "DELETE /api/users/{id}": word,
        "GET /api/users/me": "guarded",
    }
    assert one(found, "DELETE /api/users/{id}").access.roles == (("admin",) if word == "guarded" else ())
    assert [(given.name, given.required) for given in one(found, "POST /api/users").inputs] == [
        ("name", True),
        ("age", False),
    ]


def test_middleware_before_a_controller(tmp_path: Path) -> None:
    files = {"users.ts": USERS % "@UseBefore(Auth)", "auth.ts": AUTH, "main.ts": MAIN % "() => true"}
    assert set(who(app(tmp_path, files, "routing-controllers")).values()) == {"guarded"}


def test_controllers_of_inversify(tmp_path: Path) -> None:
    text = (
        'import { controller, httpGet, httpPost } from "inversify-express-utils";\n'
        "const signedIn = (req, res, next) => { if (!req.headers.authorization) return res.sendStatus(401); next(); };\n"
        '@controller("/notes")\nexport class Notes {\n  @httpGet("/:id") one() {}\n  @httpPost("/", signedIn) add() {}\n}\n'
    )
    assert who(app(tmp_path, {"notes.ts": text}, "inversify-express-utils")) == {
        "GET /notes/{id}": "open",
        "POST /notes": "guarded",
    }
