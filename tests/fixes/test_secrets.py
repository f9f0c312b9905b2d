"""Keys go from the source into the environment, and are shown nowhere on the way. Keys are made when the test runs."""

from pathlib import Path

import pytest
from launchready.demo.keys import Keys

from tests.cli.run import launchready
from tests.fixes.folder import fixed, folder
from tests.support.ask import repository

KEYS = Keys.make()
MAIL, PAY = KEYS.sendgrid, KEYS.stripe


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f'MAIL_KEY = "{MAIL}"\n', 'import os\n\nMAIL_KEY = os.environ["MAIL_KEY"]\n'),
        (f"import os\n\nMAIL_KEY = '{MAIL}'\n", "import os\n\nMAIL_KEY = os.environ['MAIL_KEY']\n"),
        (f'import os\n\nkey = os.getenv("MAIL", "{MAIL}")\n', 'import os\n\nkey = os.environ["MAIL"]\n'),
        (f'import stripe\n\nstripe.api_key = "{PAY}"\n', 'import os\n\nimport stripe\n\nstripe.api_key = os.environ["STRIPE_API_KEY"]\n'),
        (
            f'from flask import Flask\n\napp = Flask(__name__)\napp.config["MAIL_KEY"] = "{MAIL}"\n',
            'import os\n\nfrom flask import Flask\n\napp = Flask(__name__)\napp.config["MAIL_KEY"] = os.environ["MAIL_KEY"]\n',
        ),
        (
            f'from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n    mail_key: str = "{MAIL}"\n    page: int = 10\n',
            "from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n    mail_key: str\n    page: int = 10\n",
        ),
        (
            f'from decouple import config\n\nMAIL_KEY = config("MAIL_KEY", default="{MAIL}")\n',
            'from decouple import config\n\nMAIL_KEY = config("MAIL_KEY")\n',
        ),
        (f'OPTIONS = {{"mail_key": "{MAIL}", "size": 3}}\n', 'import os\n\nOPTIONS = {"mail_key": os.environ["MAIL_KEY"], "size": 3}\n'),
    ],
    # Keys are made anew in each process; the names of tests are not to hold them.
    ids=["plain", "single quotes", "a default", "an attribute", "Flask", "Pydantic", "decouple", "in a table"],
)  # fmt: skip
def test_a_literal_becomes_a_look_into_the_environment(tmp_path: Path, before: str, after: str) -> None:
    root = repository(folder(tmp_path, {"app/config.py": before}), {})
    shown = launchready("fix", "secrets", root)
    assert MAIL not in shown.stdout and PAY not in shown.stdout
    assert "make a new one at its provider" in " ".join(shown.stdout.replace("#", "").split())
    fixed(root, "secrets")
    assert (root / "app/config.py").read_text() == after


def test_names_go_into_the_example_and_files_with_values_out_of_git(tmp_path: Path) -> None:
    source = f'import os\n\nDEBUG = os.getenv("DEBUG")\nMAIL_KEY = "{MAIL}"\n'
    root = repository(folder(tmp_path, {"app/config.py": source, ".gitignore": "*.pyc"}), {})
    fixed(root, "secrets")
    example = (root / ".env.example").read_text()
    assert {"MAIL_KEY=", "DEBUG="} <= set(example.split("\n"))
    assert MAIL not in example
    assert (root / ".gitignore").read_text() == "*.pyc\n.env\n.env.*\n!.env.example\n"


def test_a_place_that_is_not_understood_is_left_to_a_person(tmp_path: Path) -> None:
    source = f'import requests\n\nrequests.get("https://x.example", headers=make("Bearer {MAIL}"))\n'
    root = repository(folder(tmp_path, {"app/call.py": source, "web/api.js": f'const mail_key = "{MAIL}";\n'}), {})
    done = launchready("fix", "secrets", root, "--apply")
    assert done.returncode == 4
    assert "app/call.py:3" in done.stdout and "web/api.js:1" in done.stdout
    assert MAIL not in done.stdout
    assert (root / "app/call.py").read_text() == source


def test_an_environment_file_in_git_is_named_with_the_command(tmp_path: Path) -> None:
    root = repository(folder(tmp_path, {"app/main.py": "x = 1\n", ".env": f"STRIPE_SECRET_KEY={PAY}\n"}), {})
    done = launchready("fix", "secrets", root)
    assert "git rm --cached .env" in done.stdout
    assert PAY not in done.stdout


def test_keys_of_tests_stay(tmp_path: Path) -> None:
    source = f'MAIL_KEY = "{MAIL}"\n'
    root = repository(folder(tmp_path, {"app/main.py": "x = 1\n", "tests/test_mail.py": source}), {})
    done = launchready("fix", "secrets", root)
    assert "tests/test_mail.py" not in done.stdout
