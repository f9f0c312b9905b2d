"""CORS, headers and errors: what stands there, what it becomes, and that the app then answers so."""

from pathlib import Path

import httpx
import pytest

from tests.cli.run import launchready
from tests.demo.browser import call
from tests.fixes.folder import fixed, folder, served

ORIGIN = "https://app.example.com"
ASGI = "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\n\napp = FastAPI()\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            ASGI + "app.add_middleware(CORSMiddleware, allow_origins=['*'], allow_credentials=True)\n",
            ASGI + "app.add_middleware(CORSMiddleware, allow_origins=['https://app.example.com'], allow_credentials=True)\n",
        ),
        (
            ASGI.replace("app =", 'ORIGINS = ["*"]\napp =') + "app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)\n",
            ASGI.replace("app =", 'ORIGINS = ["https://app.example.com"]\napp =') + "app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)\n",
        ),
        (
            ASGI + 'app.add_middleware(\n    CORSMiddleware,\n    allow_origin_regex=".*",\n)\n',
            ASGI + 'app.add_middleware(\n    CORSMiddleware,\n    allow_origins=["https://app.example.com"],\n)\n',
        ),
        ("from flask_cors import CORS\n\nCORS(app)\n", 'from flask_cors import CORS\n\nCORS(app, origins=["https://app.example.com"])\n'),
        (
            'from flask_cors import CORS\n\nCORS(app, resources={r"/api/*": {"origins": "*"}})\n',
            'from flask_cors import CORS\n\nCORS(app, resources={r"/api/*": {"origins": ["https://app.example.com"]}})\n',
        ),
        ("CORS_ALLOW_ALL_ORIGINS = True\n", 'CORS_ALLOWED_ORIGINS = ["https://app.example.com"]\n'),
        (ASGI + 'app.add_middleware(CORSMiddleware, allow_origins=["https://a.example"])\n',) * 2,
        ("from flask_cors import CORS\n\nCORS(app, origins=[\"https://a.example\"])\n",) * 2,
    ],
)  # fmt: skip
def test_every_website_becomes_the_apps_own(tmp_path: Path, before: str, after: str) -> None:
    root = folder(tmp_path, {"main.py": before})
    launchready("fix", "cors", root, "--apply")
    assert (root / "main.py").read_text() == after


def test_without_an_address_nobody_guesses_one(tmp_path: Path) -> None:
    source = ASGI + 'app.add_middleware(CORSMiddleware, allow_origins=["*"])\n'
    root = folder(tmp_path, {"main.py": source}, project="")
    done = launchready("fix", "cors", root, "--apply")
    assert done.returncode == 4
    assert "main.py:5" in done.stdout and "canonical" in done.stdout
    assert (root / "main.py").read_text() == source


def test_the_origins_of_the_policy_come_first(tmp_path: Path) -> None:
    policy = '[cors]\norigins = ["https://one.example", "https://two.example"]\n'
    root = folder(
        tmp_path, {"main.py": ASGI + 'app.add_middleware(CORSMiddleware, allow_origins=["*"])\n', "policy.toml": policy}
    )
    fixed(root, "cors")
    assert 'allow_origins=["https://one.example", "https://two.example"]' in (root / "main.py").read_text()


FAILS = """from fastapi import FastAPI

app = FastAPI(title="Shop", debug=True)


@app.get("/fail")
def fail():
    raise RuntimeError("the inside")


@app.get("/number")
def number(n: int):
    return n
"""


def test_errors_say_what_and_not_where(tmp_path: Path) -> None:
    root = folder(tmp_path / "shop", {"main.py": FAILS})
    with served(root, "main:app") as url:
        assert "Traceback" in call(url + "/fail").text
        assert call(url + "/openapi.json").status == 200
    assert fixed(root, "errors").returncode == 0
    with served(root, "main:app") as url:
        failed, wrong = call(url + "/fail"), call(url + "/number?n=secret-word")
        assert (failed.status, failed.json) == (500, {"title": "Something went wrong", "status": 500})
        assert failed.headers["content-type"] == "application/problem+json"
        assert wrong.status == 422
        assert wrong.json["detail"][0]["loc"] == ["query", "n"]
        assert "secret-word" not in wrong.text
        missing = call(url + "/openapi.json")
        assert (missing.status, missing.json["detail"]) == (404, "Not Found")


def test_a_body_that_nothing_describes_is_left_to_a_person(tmp_path: Path) -> None:
    source = "from fastapi import FastAPI, Request\n\napp = FastAPI()\n\n\n@app.post('/signup')\nasync def signup(request: Request):\n"
    root = folder(
        tmp_path / "shop", {"main.py": source + "    data = await request.json()\n    return data['email']\n"}
    )
    shown = launchready("fix", "errors", root).stdout
    assert "main.py:8" in shown and "LR301" in shown.partition("main.py:8")[2]
    fixed(root, "errors")
    with served(root, "main:app") as url:
        broken = httpx.post(url + "/signup", json=[])
    assert broken.status_code == 500, "which is why the fix does not claim it"
    assert "none is written by itself" in launchready("fix", "LR301", root).stderr


def test_a_handler_of_the_apps_own_stays_the_only_one(tmp_path: Path) -> None:
    source = FAILS.replace("debug=True", "docs_url=None, redoc_url=None, openapi_url=None") + (
        "\n\n@app.exception_handler(Exception)\nasync def told(request, error):\n    return None\n"
    )
    root = folder(tmp_path, {"main.py": source})
    assert launchready("fix", "errors", root).returncode == 0


DJANGO = "import os\n\nDEBUG = True\nALLOWED_HOSTS = ['*']\nINSTALLED_APPS = []\nMIDDLEWARE = ['django.middleware.security.SecurityMiddleware']\n"


def test_django_keeps_debug_for_the_machine_that_asks_for_it(tmp_path: Path) -> None:
    root = folder(tmp_path, {"manage.py": "", "site1/settings.py": DJANGO})
    fixed(root, "errors")
    text = (root / "site1/settings.py").read_text()
    assert (
        "DEBUG = os.environ.get('DEBUG') == '1'\nALLOWED_HOSTS = ['app.example.com', 'localhost', '127.0.0.1']\n"
        in text
    )


def test_headers_without_the_guard(tmp_path: Path) -> None:
    source = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/')\ndef home():\n    return {}\n"
    root = folder(tmp_path / "shop", {"main.py": source})
    assert fixed(root, "headers").returncode == 0
    with served(root, "main:app") as url:
        headers = call(url + "/").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "max-age" in headers["strict-transport-security"]
    assert launchready("fix", "headers", root).returncode == 0, "they are sent already"


HOOK = """from fastapi import FastAPI, Request

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.post("/hooks/{name}")
async def hook(request: Request):
    return await request.json()
"""
HOOK_POLICY = '[[endpoint]]\nroute = "POST /hooks/{name}"\nallow = ["guest"]\nkind = "webhook"\n\n# the end\n'


@pytest.mark.parametrize("name", ["stripe", "github"])
def test_the_policy_names_who_signs(tmp_path: Path, name: str) -> None:
    root = folder(
        tmp_path, {"main.py": HOOK.replace("{name}", name), "policy.toml": HOOK_POLICY.replace("{name}", name)}
    )
    done = fixed(root, "webhooks")
    assert "changed  policy.toml" in done.stdout
    assert (root / "policy.toml").read_text() == HOOK_POLICY.replace("{name}", name).replace(
        'kind = "webhook"\n', f'kind = "webhook"\nsignature = "{name}"\n'
    )


def test_a_sender_nobody_names_is_left_to_a_person(tmp_path: Path) -> None:
    root = folder(
        tmp_path,
        {"main.py": HOOK.replace("{name}", "incoming"), "policy.toml": HOOK_POLICY.replace("{name}", "incoming")},
    )
    done = launchready("fix", "webhooks", root, "--apply")
    assert done.returncode == 4
    assert "nothing says who sends it" in done.stdout
    assert (root / "policy.toml").read_text() == HOOK_POLICY.replace("{name}", "incoming")
