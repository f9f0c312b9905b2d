"""The same command in apps of Node."""

from pathlib import Path

from tests.cli.run import launchready
from tests.fixes.folder import files_of, folder

SERVER = 'import express from "express";\nconst app = express();\napp.get("/users", (q, s) => s.json([]));\napp.listen(3000);\n'
PACKAGE = '{"name": "shop", "type": "module", "dependencies": {"express": "^5.0.0"}}'
POLICY = '[roles]\norder = ["guest", "admin"]\n\n[[endpoint]]\nroute = "GET /users"\nallow = ["admin"]\n'


def test_express(tmp_path: Path) -> None:
    root = folder(tmp_path, {"package.json": PACKAGE, "server.js": SERVER, "policy.toml": POLICY})
    before = files_of(root)
    done = launchready("fix", "express", root, "--apply")
    assert done.returncode == 4, done.stderr
    assert "server.js:2" in done.stdout and "expressGuard(policy" in done.stdout
    assert set(files_of(root)) - set(before) == {
        "launchready-guard.mjs",
        "launchready-policy.json",
        "launchready-guard.test.mjs",
    }
    assert launchready("fix", root, "--revert").returncode == 0
    assert files_of(root) == before


def test_express_without_a_reviewed_policy_writes_nothing(tmp_path: Path) -> None:
    root = folder(tmp_path, {"package.json": PACKAGE, "server.js": SERVER})
    for policy in (None, POLICY + "review = true\n"):
        if policy:
            (root / "policy.toml").write_text(policy)
        before = files_of(root)
        done = launchready("fix", root, "--apply")
        assert done.returncode == 4, done.stdout + done.stderr
        assert "by hand" in done.stdout
        assert files_of(root) == before
