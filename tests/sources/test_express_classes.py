"""Express apps in the form of TypeScript starters: routers that classes keep, controllers that are injected, apps that are given a list of routes."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who

AUTH = """
import { Request, Response, NextFunction } from "express";
export class Auth {
  static getInstance(): Auth { return new Auth(); }
  private say(req: Request, res: Response, next: NextFunction) {
    if (!req.headers.authorization) { return res.status(401).json({ error: "Who are you?" }); }
    next();
  }
  public signedIn = (req: Request, res: Response, next: NextFunction) => { this.say(req, res, next); };
}
export const auth = Auth.getInstance();
"""
CONTROLLER = """
import { Request, Response } from "express";
export class UserController {
  public list = async (req: Request, res: Response) => { res.json(await users.find()); };
  async add(req: Request, res: Response) { res.json(await users.create({ name: req.body.name })); }
}
"""
ROUTES = """
import { Router } from "express";
import { UserController } from "./controller";
import { auth } from "./auth";
export class UserRoutes {
  public path = "/users";
  public router = Router();
  constructor(private readonly controller: UserController) { this.initialise(); }
  private initialise() {
    this.router.get(`${this.path}`, %s this.controller.list);
    this.router.post(`${this.path}/new`, auth.signedIn, this.controller.add.bind(this.controller));
    this.router.route(`${this.path}/:id`).delete(auth.signedIn, this.remove);
  }
  private remove = (req, res) => { res.sendStatus(204); };
}
"""
APP = """
import express, { Application } from "express";
export class App {
  public app: Application;
  constructor(routes: Routes[]) {
    this.app = express();
    this.initialise(routes);
  }
  private initialise(routes: Routes[]) {
    routes.forEach((route) => { this.app.use("/api", route.router); });
  }
}
"""
SERVER = """
import { App } from "./app";
import { UserRoutes } from "./routes";
import { UserController } from "./controller";
const app = new App([new UserRoutes(new UserController())]);
"""


def starter(root: Path, guard: str) -> dict[str, str]:
    files = {
        "auth.ts": AUTH,
        "controller.ts": CONTROLLER,
        "routes.ts": ROUTES % guard,
        "app.ts": APP,
        "server.ts": SERVER,
    }
    return who(app(root, files, "express"))


def test_the_routes_of_classes_that_an_app_is_given(tmp_path: Path) -> None:
    assert starter(tmp_path, "") == {
        "GET /api/users": "open",
        "POST /api/users/new": "guarded",
        "DELETE /api/users/{id}": "guarded",
    }


def test_the_path_of_a_class_or_else_the_root(tmp_path: Path) -> None:
    routes = (ROUTES % "").replace("`${this.path}`", '"/"').replace("`${this.path}/", "`/")
    files = {
        "auth.ts": AUTH,
        "controller.ts": CONTROLLER,
        "routes.ts": routes,
        "app.ts": APP.replace('this.app.use("/api", route.router)', 'this.app.use(route.path || "/", route.router)'),
        "server.ts": SERVER,
    }
    assert who(app(tmp_path, files, "express")) == {
        "GET /users": "open",
        "POST /users/new": "guarded",
        "DELETE /users/{id}": "guarded",
    }


def test_a_guard_of_an_object_that_another_method_says_no_in(tmp_path: Path) -> None:
    assert starter(tmp_path, "auth.signedIn,")["GET /api/users"] == "guarded"


@pytest.mark.parametrize(
    "mounts",
    [
        'app.use("/v1", new UserRoutes(new UserController()).router);',
        'const users = new UserRoutes(new UserController());\napp.use("/v1", users.router);',
        'const users = container.resolve(UserRoutes);\napp.use("/v1", users.getRouter());',
        'app.use("/v1", new UserRoutes(new UserController()).getRouter());',
        'for (const one of [new UserRoutes(new UserController())]) app.use("/v1", one.router);',
    ],
)
def test_ways_to_mount_the_router_of_an_object(tmp_path: Path, mounts: str) -> None:
    routes = (ROUTES % "auth.signedIn,").rstrip()[:-1] + "  getRouter() { return this.router; }\n}\n"
    imports = (
        'import express from "express";\nimport { UserRoutes } from "./routes";\nimport { UserController } from "./controller";\n'
        'import { container } from "tsyringe";\nconst app = express();\n'
    )
    files = {"auth.ts": AUTH, "controller.ts": CONTROLLER, "routes.ts": routes, "main.ts": imports + mounts}
    assert who(app(tmp_path, files, "express")) == {
        "GET /v1/users": "guarded",
        "POST /v1/users/new": "guarded",
        "DELETE /v1/users/{id}": "guarded",
    }


def test_a_class_has_a_router_of_its_own_of_the_class_it_extends(tmp_path: Path) -> None:
    files = {
        "base.ts": 'import { Router } from "express";\nexport abstract class Base {\n  protected router: Router;\n  constructor() { this.router = Router(); this.add(); }\n'
        "  abstract add(): void;\n  getRouter() { return this.router; }\n}\n",
        "notes.ts": 'import { Base } from "./base";\nexport class Notes extends Base { add() { this.router.get("/", (req, res) => res.json([])); } }\n',
        "tags.ts": 'import { Base } from "./base";\nexport class Tags extends Base { add() { this.router.get("/", (req, res) => res.json([])); } }\n',
        "main.ts": 'import express from "express";\nimport { Notes } from "./notes";\nimport { Tags } from "./tags";\nconst app = express();\n'
        'app.use("/notes", new Notes().getRouter());\napp.use("/tags", new Tags().getRouter());\n',
    }
    assert who(app(tmp_path, files, "express")) == {"GET /notes": "open", "GET /tags": "open"}


def test_a_router_that_a_module_makes_when_it_is_asked_for(tmp_path: Path) -> None:
    files = {
        "routes.ts": 'import { Router } from "express";\nexport class NoteRoutes {\n  readonly router: Router;\n  constructor() { this.router = Router(); this.router.get("/", (req, res) => res.json([])); }\n'
        "  getRouter() { return this.router; }\n}\n",
        "base.ts": 'import { Router } from "express";\nexport abstract class BaseModule {\n  protected _router?: Router;\n'
        "  get router(): Router { if (!this._router) { this._router = this.createRouter(); } return this._router; }\n"
        "  protected abstract createRouter(): Router;\n}\n",
        "notes.ts": 'import { Router } from "express";\nimport { BaseModule } from "./base";\nimport { NoteRoutes } from "./routes";\n'
        "class NoteModule extends BaseModule { protected createRouter(): Router { return new NoteRoutes().getRouter(); } }\nexport const noteModule = new NoteModule();\n",
        "main.ts": 'import express from "express";\nimport { noteModule } from "./notes";\nconst app = express();\n'
        'const table = [{ path: "/notes", route: noteModule.router }];\ntable.forEach((one) => { app.use(one.path, one.route); });\n',
    }
    assert who(app(tmp_path, files, "express")) == {"GET /notes": "open"}


def test_modules_that_name_their_prefix_and_their_router(tmp_path: Path) -> None:
    files = {
        "notes.ts": 'import { Router } from "express";\nconst router = Router();\nrouter.get("/:id", (req, res) => res.json({}));\nexport default { prefix: "/notes", routes: router };\n',
        "modules.ts": 'import notes from "./notes";\nexport default [{ prefix: notes.prefix, router: notes.routes }];\n',
        "main.ts": 'import express from "express";\nimport modules from "./modules";\nconst VERSION = "/v2";\nconst app = express();\n'
        "modules.map((one) => { app.use(VERSION + one.prefix, one.router); });\n",
    }
    assert who(app(tmp_path, files, "express")) == {"GET /v2/notes/{id}": "open"}


def test_a_class_that_is_given_the_app_stands_behind_what_was_used_before(tmp_path: Path) -> None:
    def read(before: str) -> dict[str, str]:
        files = {
            "routes.ts": 'import { Application } from "express";\nexport class Notes {\n  constructor(private app: Application) { this.app.get("/notes", (req, res) => res.json([])); }\n}\n',
            "main.ts": 'import express from "express";\nimport { Notes } from "./routes";\nconst app = express();\n'
            f"{before}new Notes(app);\n",
        }
        return who(app(tmp_path, files, "express"))

    signed = "app.use((req, res, next) => { if (!req.headers.authorization) return res.status(401).end(); next(); });\n"
    assert read("") == {"GET /notes": "open"}
    assert read(signed) == {"GET /notes": "guarded"}


def test_the_status_that_an_error_has_unless_it_is_told_another(tmp_path: Path) -> None:
    def read(status: str) -> str:
        files = {
            "errors.ts": "export enum Status { GONE = 410, UNAUTHORISED = 401 }\nexport class NotSignedIn extends Error {\n  public statusCode: number;\n"
            f'  constructor(message = "Sign in", statusCode: number = Status.{status}) {{ super(message); this.statusCode = statusCode; }}\n}}\n',
            "main.ts": 'import express from "express";\nimport { NotSignedIn } from "./errors";\nconst app = express();\n'
            "const asks = (req, res, next) => { if (!req.headers.authorization) { return next(new NotSignedIn()); } next(); };\n"
            'app.get("/notes", asks, (req, res) => res.json([]));\n',
        }
        return one(app(tmp_path, files, "express"), "GET /notes").access.verdict.value

    assert read("UNAUTHORISED") == "guarded"
    assert read("GONE") == "open"


def test_a_file_that_is_exported_as_typescript_does_for_node(tmp_path: Path) -> None:
    files = {
        "notes.ts": 'import express from "express";\nconst router = express.Router();\nrouter.get("/:id", (req, res) => res.json({}));\nexport = router;\n',
        "main.ts": 'import express from "express";\nimport notes from "./notes";\nconst app = express();\napp.use("/notes", notes);\n',
    }
    assert who(app(tmp_path, files, "express")) == {"GET /notes/{id}": "open"}


def test_objects_that_are_made_of_each_other_end(tmp_path: Path) -> None:
    text = 'import express from "express";\nconst a = b.make();\nconst b = a.make();\nconst app = express();\napp.use(a.router);\napp.get("/", a.list);\n'
    assert set(who(app(tmp_path, {"main.js": text}, "express"))) == {"GET /"}
