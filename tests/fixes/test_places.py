"""Where lines are put: imports in the file's own order, the guard before what serves the app, keys hidden and words not."""

from pathlib import Path

import pytest
from launchready.demo.keys import Keys
from launchready.fixes.imports import add_imports

from tests.cli.run import launchready
from tests.fixes.folder import fixed, folder
from tests.fixes.test_guard import POLICY
from tests.support.ask import repository

LINE = "from launchready_guard import Guard"


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        ("import os\n\nfrom fastapi import FastAPI\n\nfrom app.db import db\n", LINE, "import os\n\nfrom fastapi import FastAPI\n" + LINE + "\n\nfrom app.db import db\n"),
        ("from fastapi import FastAPI\nfrom starlette.routing import Route\n", LINE, "from fastapi import FastAPI\n" + LINE + "\nfrom starlette.routing import Route\n"),
        ("from app.db import db\n", LINE, LINE + "\n\nfrom app.db import db\n"),
        ('"""Docs."""\n\nx = 1\n', "import os", '"""Docs."""\n\nimport os\n\nx = 1\n'),
        ("from __future__ import annotations\n\nimport sys\n", "import os", "from __future__ import annotations\n\nimport os\nimport sys\n"),
        ("from flask import Flask\nimport random\nfrom app import db\nimport requests\n", "from pathlib import Path", "from flask import Flask\nimport random\nfrom pathlib import Path\nfrom app import db\nimport requests\n"),
        ("import os\n", "import os", "import os\n"),
        (LINE + "\n", LINE, LINE + "\n"),
        ("import os", LINE, "import os\n\n" + LINE + "\n"),
    ],
)  # fmt: skip
def test_an_import_goes_where_the_file_has_its_kind(before: str, line: str, after: str) -> None:
    assert add_imports(before, line, own={"app"}) == after


APP = "from fastapi import FastAPI\n\napp = FastAPI(openapi_url=None)\n\n\n@app.get('/')\ndef home(): ...\n\n\n"


@pytest.mark.parametrize(
    "serves", ["import uvicorn\n\nuvicorn.run(app)\n", "if __name__ == '__main__':\n    print(app)\n"]
)
def test_the_guard_stands_before_what_serves(tmp_path: Path, serves: str) -> None:
    root = folder(tmp_path, {"main.py": APP + serves, "policy.toml": POLICY, "requirements.txt": ""})
    fixed(root, "guard")
    text = (root / "main.py").read_text()
    assert 0 < text.index("app = Guard(") < text.index(serves.split("\n")[-2].split("(")[0])


def test_an_app_that_gets_more_behind_that_is_left_to_a_person(tmp_path: Path) -> None:
    more = "if __name__ == '__main__':\n    print(app)\n\n\n@app.get('/late')\ndef late(): ...\n"
    root = folder(tmp_path, {"main.py": APP + more, "policy.toml": POLICY, "requirements.txt": ""})
    done = launchready("fix", "guard", root, "--apply")
    assert done.returncode == 4
    assert "main.py:14" in done.stdout
    assert (root / "main.py").read_text() == APP + more


def test_a_class_of_ones_own_is_an_app(tmp_path: Path) -> None:
    source = APP.replace("app = FastAPI(", "class Shop(FastAPI):\n    pass\n\n\napp = Shop(")
    root = folder(tmp_path, {"main.py": source, "policy.toml": POLICY, "requirements.txt": ""})
    fixed(root, "guard")
    assert "app = Guard(app" in (root / "main.py").read_text()


def test_a_word_is_hidden_where_it_is_a_password_and_not_elsewhere(tmp_path: Path) -> None:
    key = Keys.make().sendgrid
    source = f'MAIL_KEY = "{key}"\npassword = "refused"\n'
    root = repository(
        folder(tmp_path, {"config.py": source, "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"}), {}
    )
    shown = launchready("fix", root).stdout
    assert key not in shown
    assert "async def _refused(" in shown
    assert 'password = "refused"' not in shown


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("fastapi", "fastapi\nlaunchready-guard>=0.1\n"),
        ("-r requirements/prod.txt\n", None),
    ],
)
def test_requirements(tmp_path: Path, before: str, after: str | None) -> None:
    root = folder(
        tmp_path,
        {"main.py": APP, "policy.toml": POLICY, "requirements.txt": before, "requirements/prod.txt": "fastapi\n"},
    )
    fixed(root, "guard")
    changed = root / ("requirements.txt" if after else "requirements/prod.txt")
    assert changed.read_text() == (after or "fastapi\nlaunchready-guard>=0.1\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[project]\nname = "a"\ndependencies = [\n    "fastapi[all]>=0.1",\n]\n', '[project]\nname = "a"\ndependencies = [\n    "fastapi[all]>=0.1",\n    "launchready-guard>=0.1",\n]\n'),
        ('[project]\ndependencies = ["fastapi"]\n', '[project]\ndependencies = ["fastapi", "launchready-guard>=0.1"]\n'),
        ('[project]\ndependencies = []\n', '[project]\ndependencies = ["launchready-guard>=0.1"]\n'),
        ('[tool.poetry.dependencies]\npython = "^3.11"\n\n[tool.x]\na = 1\n', '[tool.poetry.dependencies]\npython = "^3.11"\nlaunchready-guard = ">=0.1"\n\n[tool.x]\na = 1\n'),
    ],
)  # fmt: skip
def test_pyproject(tmp_path: Path, before: str, after: str) -> None:
    root = folder(tmp_path, {"main.py": APP, "policy.toml": POLICY, "pyproject.toml": before})
    fixed(root, "guard")
    assert (root / "pyproject.toml").read_text() == after
