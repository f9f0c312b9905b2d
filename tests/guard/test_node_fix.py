"""What `launchready fix express` and `next` propose for apps of several shapes."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from launchready.fixes.node.propose import express, next_js
from launchready.sources.tree import Tree
from launchready_guard.policy import Policy, parse_policy

from tests.guard.app import POLICY


@dataclass
class Subject:
    tree: Tree
    policy: Policy | None
    policy_file: str = "policy.toml"


@dataclass
class Work:
    root: Path
    files: dict[str, str] = field(default_factory=dict)
    hands: list[tuple[str, str]] = field(default_factory=list)

    def put(self, file: str, text: str, why: str) -> bool:
        self.files[file] = text
        (self.root / file).write_text(text)
        return True

    def hand(self, place: str, why: str, *lines: str) -> None:
        self.hands.append((place, "\n".join(lines) or why))

    def exists(self, file: str) -> bool:
        return (self.root / file).exists()


def proposed(fix: object, root: Path, app: dict[str, str], policy: str | None = POLICY) -> Work:
    for name, text in app.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    work = Work(root)
    assert callable(fix)
    fix(Subject(Tree.read(root, (".",)), parse_policy(policy) if policy else None), work)
    return work


def package(**said: object) -> str:
    return json.dumps({"name": "app", **said})


def test_express_as_a_module(tmp_path: Path) -> None:
    app = {
        "api/package.json": package(type="module", dependencies={"express": "^5"}),
        "api/src/index.js": 'import express from "express";\n\nexport const server = express();\nserver.listen(3000);\n',
        "api/src/auth.js": "export const who = (t) => jwt.verify(t, process.env.JWT_KEY);\n",
        "web/package.json": package(dependencies={"react": "^19"}),
    }
    work = proposed(express, tmp_path, app)
    assert set(work.files) == {
        "api/src/index.js", *(f"api/launchready-{name}" for name in ("guard.mjs", "policy.json", "guard.test.mjs"))
    }  # fmt: skip
    assert work.files["api/src/index.js"].splitlines() == [
        'import express from "express";',
        'import { bearer, expressGuard } from "../launchready-guard.mjs";',
        'import policy from "../launchready-policy.json" with { type: "json" };',
        "",
        "export const server = express();",
        'server.use(expressGuard(policy, { identify: bearer({ key: process.env.JWT_KEY, tenant: "workspace" }) }));',
        "server.listen(3000);",
    ]
    again = Work(tmp_path)
    express(Subject(Tree.read(tmp_path, (".",)), parse_policy(POLICY)), again)
    assert "api/src/index.js" not in again.files
    assert work.hands[0] == ("api/package.json", "WEBSOCKET /live/{workspace_id} passes by middleware: check who calls where the socket is taken.")  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "const app = express(); app.use(one);\n",
        "import x from 'x';\napp.get('/', one);\nconst app = express();\n",
        "const app = express();\n",  # no import to stand beside
        "import x from 'x';\nconst app = express();\nconst app = express();\n",
        "import x from 'x';\r\nconst app = express();\r\n",
    ],
)
def test_what_is_not_plain_is_left_to_a_person(tmp_path: Path, text: str) -> None:
    key = "jwt.verify(token, process.env.JWT_KEY);\n"
    app = {"package.json": package(type="module", dependencies={"express": "5"}), "app.js": text, "auth.js": key}
    work = proposed(express, tmp_path, app)
    assert "app.js" not in work.files and work.hands[-1][0].startswith("app.js:")


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_lines_for_commonjs_run(tmp_path: Path) -> None:
    app = {
        "package.json": package(dependencies={"express": "4"}),
        "app.js": "const app = express();\n",
    }
    assert "import(" in proposed(express, tmp_path, app).hands[-1][1]
    policy = POLICY.replace('signature = "stripe"\n', "")
    work = proposed(express, tmp_path, app, policy)
    script = (
        "const used = []; const app = { use: (one) => used.push(one) };\n" + work.hands[-1][1] + "\n"
        "const req = { method: 'GET', url: '/nowhere', rawHeaders: [], socket: { remoteAddress: '192.0.2.1' }, complete: true };\n"
        "const res = { setHeader() {}, end() { console.log(res.statusCode); } };\n"
        "used[0](req, res, (error) => console.log('next', error));\n"
    )
    (tmp_path / "run.cjs").write_text(script)
    done = subprocess.run(
        ["node", "run.cjs"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | {"TOKEN_KEY": "a key of thirty-two bytes or more"},
    )  # fmt: skip
    assert done.stdout == "404\n", done.stderr


@pytest.mark.parametrize(
    ("version", "typed", "source", "expected"),
    [
        ("^16.0.1", True, "src/app/page.tsx", "src/proxy.ts"),
        ("15.4.0", True, "app/page.tsx", "middleware.ts"),
        ("latest", False, "pages/index.js", "proxy.js"),
        ("~14.2", False, "src/pages/index.js", "src/middleware.js"),
    ],
)
def test_next(tmp_path: Path, version: str, typed: bool, source: str, expected: str) -> None:
    app = {"package.json": package(dependencies={"next": version}), source: "export default () => null;\n"}
    work = proposed(next_js, tmp_path, app | ({"tsconfig.json": "{}"} if typed else {}))
    assert expected in work.files and len(work.files) == 4
    text = work.files[expected]
    assert f"export async function {expected.rpartition('/')[2].split('.')[0]}(request" in text
    assert ("NextRequest" in text) == typed and 'tenant: "workspace"' in text
    assert ("policy.toml", "[clients]\nhops = 1") in work.hands


def test_next_with_a_middleware_of_its_own(tmp_path: Path) -> None:
    app = {
        "package.json": package(dependencies={"next": "16"}),
        "app/page.js": "",
        "proxy.js": "export function proxy() {}\n",
    }
    work = proposed(next_js, tmp_path, app)
    assert "proxy.js" not in work.files and work.hands[-1][0] == "proxy.js"


def test_what_is_missing_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    app = {"package.json": package(dependencies={"express": "5"}), "app.js": "const app = express()\n"}
    assert proposed(express, tmp_path, app, None).hands == [("policy.toml", "launchready policy draft")]
    work = proposed(express, tmp_path, app, POLICY + "review = true\n")
    assert work.files == {} and "review = true" in work.hands[0][1]
    assert proposed(next_js, tmp_path, app).hands == []
