"""Imports by the aliases of tsconfig.json and by the names of workspace packages (typescriptlang.org: paths; nodejs.org: exports)."""

from pathlib import Path

import pytest
from launchready.sources.resolver import Resolver
from launchready.sources.tree import Tree

FILES = {
    "tsconfig.json": '{"compilerOptions": {"paths": {"#root/*": ["./shared/*"]}}}',
    "apps/web/tsconfig.json": """{
      // the app's own
      "compilerOptions": { "baseUrl": "./src", "paths": { "@web/*": ["./*"], "@one": ["./lib/one.ts"], } }
    }""",
    "apps/web/src/lib/one.ts": "export const one = 1;",
    "apps/web/src/pages/a.ts": "",
    "shared/util.ts": "",
    "packages/db/package.json": '{"name": "@acme/db", "exports": {".": "./src/main.ts", "./q/*": {"types": "./x.d.ts", "import": "./src/queries/*.ts"}}}',
    "packages/db/src/main.ts": "",
    "packages/db/src/queries/members.ts": "",
    "packages/plain/package.json": '{"name": "plain"}',
    "packages/plain/src/index.ts": "",
    "broken/tsconfig.json": "{ nothing",
}


@pytest.mark.parametrize(
    ("specifier", "target"),
    [
        ("@web/lib/one", "apps/web/src/lib/one.ts"),
        ("@one", "apps/web/src/lib/one.ts"),
        ("lib/one", "apps/web/src/lib/one.ts"),
        ("#root/util", "shared/util.ts"),
        ("@acme/db", "packages/db/src/main.ts"),
        ("@acme/db/q/members", "packages/db/src/queries/members.ts"),
        ("plain", "packages/plain/src/index.ts"),
        ("react", None),
    ],
)
def test_where_an_import_leads(specifier: str, target: str | None, tmp_path: Path) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert Resolver(Tree.read(tmp_path)).script_file("apps/web/src/pages/a.ts", specifier) == target
