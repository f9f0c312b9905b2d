"""Elysia: hooks by scope and order, guards, groups, macros, and plugins that are instances or functions. What a stranger gets of
``MAIN`` was asked of Elysia 1.3."""

from pathlib import Path

from tests.sources.reading import app, one, who

MAIN = """import { Elysia, t } from "elysia";
const auth = new Elysia({ name: "auth" }).derive({ as: "scoped" }, ({ headers, status }) => { if (!headers.authorization) return status(401); return { user: 1 }; });
const local = new Elysia().onBeforeHandle(({ headers, status }) => { if (!headers.authorization) return status(401); }).get("/in-local", () => 1);
const macros = new Elysia({ name: "m" }).macro({
  auth: { async resolve({ headers, status }) { if (!headers.authorization) return status(401); return { user: 1 }; } },
  role: (name) => ({ beforeHandle({ headers, status }) { if (headers.role !== name) return status(403); } }),
});
const notes = new Elysia({ prefix: "/notes" }).get("/before", () => 1).use(auth).get("/", () => 1).post("/", () => 1, { body: t.Object({ title: t.String() }) });
const inside = new Elysia().guard({ beforeHandle: ({ status }) => status(401) }, (app) => app.get("/inside", () => 1)).get("/outside", () => 1);
const later = new Elysia().get("/g-before", () => 1).guard({ beforeHandle: ({ status }) => status(401) }).get("/g-after", () => 1);
const given = new Elysia().use(macros).get("/m-auth", () => 1, { auth: true }).get("/m-role", () => 1, { role: "admin" }).get("/m-none", () => 1)
  .get("/hook", () => 1, { beforeHandle: [({ status }) => status(401)] });
const signedIn = (app) => app.derive(({ headers, status }) => { if (!headers.authorization) return status(401); return {}; });
const byFunction = new Elysia({ prefix: "/fn" }).use(signedIn).get("/", () => 1);
const child = new Elysia({ prefix: "/child" }).get("/:id", () => 1);
const parent = new Elysia({ prefix: "/p" }).use(new Elysia().get("/early", () => 1)).onBeforeHandle(({ headers, status }) => { if (!headers.authorization) return status(401); }).use(child);
const sibling = new Elysia({ prefix: "/s" }).use(new Elysia({ name: "inner" }).use(auth)).get("/nested", () => 1);
const makeOwn = (database) => new Elysia({ prefix: "/own" }).group("/v1", (app) => app.get("/x", () => database.all()));
new Elysia({ prefix: "/api" }).use(notes).use(local).use(inside).use(later).use(given).use(byFunction).use(parent).use(sibling).use(makeOwn(database))
  .get("/after", () => 1).route("GET", "/routed", () => 1)
  .use(new Elysia({ name: "g" }).onBeforeHandle({ as: "global" }, ({ headers, status }) => { if (!headers.authorization) return status(401); })).get("/last", () => 1).listen(3000);
"""


def test_hooks_stand_before_what_their_scope_reaches(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "main.ts": MAIN.replace(
                'new Elysia({ prefix: "/api" })', 'export const app = new Elysia({ prefix: "/api" })'
            )
        },
    )
    assert who(found) == {
        "GET /api/notes/before": "open",
        "GET /api/notes": "guarded",
        "POST /api/notes": "guarded",
        "GET /api/in-local": "guarded",
        "GET /api/inside": "guarded",
        "GET /api/outside": "open",
        "GET /api/g-before": "open",
        "GET /api/g-after": "guarded",
        "GET /api/m-auth": "guarded",
        "GET /api/m-role": "guarded",
        "GET /api/m-none": "open",
        "GET /api/hook": "guarded",
        "GET /api/fn": "guarded",
        "GET /api/p/early": "open",
        "GET /api/p/child/{id}": "guarded",
        "GET /api/s/nested": "open",
        "GET /api/own/v1/x": "open",
        "GET /api/after": "open",
        "GET /api/routed": "open",
        "GET /api/last": "guarded",
    }
    assert one(found, "GET /api/m-role").access.roles == ("admin",)
    assert [given.name for given in one(found, "POST /api/notes").inputs] == ["title"]


def test_a_hook_that_lets_pass_who_brings_nothing_is_unknown(tmp_path: Path) -> None:
    main = """import { Elysia } from "elysia";
const auth = (app) => app.derive(async ({ headers, error, path, jwt }) => {
  if (path === "/sign-in" || path === "/up") return;
  const token = headers.authorization;
  PASSES
  if (!(await jwt.verify(token))) throw error("Unauthorized");
});
export const app = new Elysia().use(auth).post("/sign-in", () => 1).get("/up", () => 1).get("/notes", () => 1).listen(3000);
"""
    strict = app(tmp_path, {"main.ts": main.replace("PASSES", 'if (!token) throw error("Unauthorized");')})
    assert who(strict) == {"POST /sign-in": "open", "GET /up": "open", "GET /notes": "guarded"}
    lax = app(tmp_path, {"main.ts": main.replace("PASSES", "if (!token) return;")})
    assert who(lax) == {"POST /sign-in": "open", "GET /up": "open", "GET /notes": "unknown"}


def test_an_instance_that_no_other_uses_is_not_served_by_what_can_be_seen(tmp_path: Path) -> None:
    main = 'import { Elysia } from "elysia";\nexport const lost = new Elysia().get("/lost", () => 1);\nconst app = new Elysia();\napp.get("/up", () => 1).listen(3000);\n'
    assert who(app(tmp_path, {"main.ts": main})) == {"GET /up": "open", "GET /lost": "unknown"}
