"""The guard goes where the app is whole, with an identify that fits; what cannot be known is left to a person, and closed until then."""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.run import launchready
from tests.demo.browser import call
from tests.fixes.folder import files_of, fixed, folder, served

KEY = "a key of thirty-two bytes or more"
POLICY = """[roles]
order = ["guest", "member", "admin"]

[[endpoint]]
route = "GET /"
allow = ["guest"]

[[endpoint]]
route = "GET /me"
allow = ["member", "admin"]

[[endpoint]]
route = "GET /users"
allow = ["admin"]
"""
AUTH = """import os
import time

import jwt
from fastapi import Depends
from fastapi.security import HTTPBearer

SECRET_KEY = os.environ["SECRET_KEY"]


def sign(user):
    return jwt.encode({"sub": user.id, "role": user.role, "exp": int(time.time()) + 60}, SECRET_KEY, algorithm="HS256")


def current(token=Depends(HTTPBearer())):
    return jwt.decode(token.credentials, SECRET_KEY, algorithms=["HS256"])
"""
ROUTES = """

@{app}.get("/")
def home():
    return {{"hello": "you"}}


@{app}.get("/me")
def me():
    return {{"who": "you"}}


@{app}.get("/users")
def users():
    return ["everybody"]
"""
HEAD = "from fastapi import FastAPI\n\nfrom app.auth import current\n\n"
MODULE = HEAD + "app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)\n" + ROUTES.format(app="app")
FACTORY = (
    HEAD
    + "def create_app():\n    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)\n"
    + ROUTES.format(app="app").replace("\n", "\n    ").rstrip()
    + "\n\n    return app\n"
)


def _app(root: Path, main: str, auth: str = AUTH, policy: str = POLICY) -> Path:
    return folder(
        root,
        {
            "requirements.txt": "fastapi\nuvicorn\npyjwt\n",
            "policy.toml": policy,
            "app/__init__.py": "",
            "app/auth.py": auth,
            "app/main.py": main,
        },
    )


def token(role: str) -> str:
    def part(said: bytes) -> str:
        return base64.urlsafe_b64encode(said).rstrip(b"=").decode()

    claims = json.dumps({"sub": "1", "role": role, "exp": int(time.time()) + 60})
    signed = part(b'{"alg":"HS256"}') + "." + part(claims.encode())
    return "Bearer " + signed + "." + part(hmac.digest(KEY.encode(), signed.encode(), hashlib.sha256))


def _keeps_out(url: str) -> None:
    assert call(url + "/").status == 200
    assert call(url + "/me").status == 401
    assert call(url + "/me", authorization=token("member")).status == 200
    assert call(url + "/users", authorization=token("member")).status == 403
    assert call(url + "/users", authorization=token("admin")).status == 200


def test_an_app_at_the_top_of_a_module(tmp_path: Path) -> None:
    root = _app(tmp_path / "shop", MODULE)
    with served(root, "app.main:app", SECRET_KEY=KEY) as url:
        assert call(url + "/users").status == 200
    done = fixed(root, "guard")
    assert done.returncode == 0, "nothing was left to a person"
    assert (root / "app/main.py").read_text() == (
        "from pathlib import Path\n\nfrom fastapi import FastAPI\nfrom launchready_guard import Bearer, Guard\n\n"
        "from app.auth import SECRET_KEY, current\n\n".replace(
            "SECRET_KEY, current", "current\nfrom app.auth import SECRET_KEY"
        )
        + MODULE.removeprefix(HEAD)
        + '\napp = Guard(app, policy=Path(__file__).resolve().parents[1] / "policy.toml", identify=Bearer(SECRET_KEY))\n'
    )
    assert (root / "requirements.txt").read_text() == "fastapi\nuvicorn\npyjwt\nlaunchready-guard>=0.1\n"
    with served(root, "app.main:app", SECRET_KEY=KEY) as url:
        _keeps_out(url)


def test_a_function_that_makes_the_app(tmp_path: Path) -> None:
    root = _app(tmp_path / "shop", FACTORY)
    fixed(root, "guard")
    with served(root, "app.main:create_app", SECRET_KEY=KEY) as url:
        _keeps_out(url)


def test_the_guarded_app_is_seen_as_guarded(tmp_path: Path) -> None:
    root = _app(tmp_path / "shop", MODULE)
    fixed(root, "guard")
    told = json.loads(launchready("surface", root, "--format", "json").stdout)
    access = {f"{one['method']} {one['path']}": one["access"] for one in told["endpoints"]}
    assert access["GET /users"]["verdict"] == "guarded"
    assert access["GET /users"]["roles"] == ["admin"]
    assert access["GET /"]["verdict"] == "open"
    assert "policy.toml" in {one["file"] for one in access["GET /users"]["evidence"]}


def test_a_token_without_a_role_leaves_a_function_that_lets_nobody_in(tmp_path: Path) -> None:
    root = _app(tmp_path / "shop", MODULE, AUTH.replace('"role": user.role, ', ""))
    shown = launchready("fix", "guard", root).stdout
    assert "The token says who calls, and not its role" in shown
    assert fixed(root, "guard").returncode == 4
    written = (root / "app/identity.py").read_text()
    assert "Bearer(SECRET_KEY)" in written and "raise NotImplementedError" in written
    with served(root, "app.main:app", SECRET_KEY=KEY) as url:
        assert call(url + "/").status == 200
        assert call(url + "/me", authorization=token("member")).status == 500


def test_one_role_is_everybody_with_a_valid_token(tmp_path: Path) -> None:
    policy = POLICY.replace(', "admin"]', "]").replace('allow = ["admin"]', 'allow = ["member"]')
    root = _app(tmp_path / "shop", MODULE, AUTH.replace('"role": user.role, ', ""), policy)
    assert fixed(root, "guard").returncode == 0
    with served(root, "app.main:app", SECRET_KEY=KEY) as url:
        assert call(url + "/users").status == 401
        assert call(url + "/users", authorization=token("anything")).status == 200


@pytest.mark.parametrize(
    ("policy", "said"),
    [("", "launchready policy draft"), (POLICY + "review = true\n", "1 of 3 rows wait for a person")],
)
def test_no_reviewed_policy_no_guard(tmp_path: Path, policy: str, said: str) -> None:
    root = _app(tmp_path, MODULE, policy=policy)
    if not policy:
        (root / "policy.toml").unlink()
    before = files_of(root)
    done = launchready("fix", "guard", root, "--apply")
    assert done.returncode == 4
    assert said in done.stdout
    assert files_of(root) == before


def test_an_app_that_others_add_to_is_left_to_a_person(tmp_path: Path) -> None:
    root = _app(tmp_path, MODULE)
    (root / "app/late.py").write_text('from app.main import app\n\n\n@app.get("/late")\ndef late():\n    return 1\n')
    before = (root / "app/main.py").read_bytes()
    done = launchready("fix", "guard", root, "--apply")
    assert done.returncode == 4
    assert "app/late.py:4" in done.stdout
    assert (root / "app/main.py").read_bytes() == before


FLASK = """import os

from flask import Flask, session


def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]

    @app.route("/")
    def home():
        return "hello"

    @app.route("/me")
    def me():
        return str(session["user_id"])

    return app
"""
FLASK_POLICY = (
    POLICY.replace(', "admin"]', "]").replace('allow = ["admin"]', 'allow = ["member"]').replace("/users", "/me2")
)


def test_flask_keeps_its_own_session(tmp_path: Path) -> None:
    root = folder(tmp_path, {"requirements.txt": "flask\n", "policy.toml": FLASK_POLICY, "shop.py": FLASK})
    assert fixed(root, "guard").returncode == 0
    ask = (
        "import shop\n"
        "app = shop.create_app(); client = app.test_client()\n"
        "before = [client.get(path).status_code for path in ('/', '/me', '/static/none.css')]\n"
        "signed = app.session_interface.get_signing_serializer(app).dumps({'user_id': 7})\n"
        "client.set_cookie('session', signed)\n"
        "print(before, client.get('/me').status_code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=root, env=os.environ | {"SECRET_KEY": KEY}, capture_output=True, text=True
    )
    assert done.stdout.strip().split("\n")[-1] == "[200, 401, 404] 200", done.stdout + done.stderr


SETTINGS = """from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

INSTALLED_APPS = [
    'django.contrib.auth',
    'django.contrib.contenttypes'
]

MIDDLEWARE = [
    'django.contrib.sessions.middleware.SessionMiddleware',
    'django.contrib.auth.middleware.AuthenticationMiddleware',
    'django.middleware.clickjacking.XFrameOptionsMiddleware',
]
"""


def test_django_gets_the_middleware_behind_its_sign_in(tmp_path: Path) -> None:
    root = folder(
        tmp_path,
        {
            "requirements.txt": "django\n",
            "policy.toml": POLICY,
            "manage.py": "",
            "site1/__init__.py": "",
            "site1/settings.py": SETTINGS,
        },
    )
    assert fixed(root, "guard").returncode == 0
    text = (root / "site1/settings.py").read_text()
    assert text == SETTINGS.replace(
        "contenttypes'\n", "contenttypes',\n    'launchready_guard.frameworks.django'\n"
    ).replace(
        "AuthenticationMiddleware',\n",
        "AuthenticationMiddleware',\n    'launchready_guard.frameworks.django.GuardMiddleware',\n",
    )


STARLETTE = """import os

from starlette.applications import Starlette
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def home(request):
    return PlainTextResponse("hello")


async def sign_in(request):
    request.session["user_id"] = 7
    request.session["role"] = request.query_params["role"]
    return PlainTextResponse("in")


app = Starlette(routes=[Route("/", home), Route("/me", home), Route("/users", home), Route("/in", sign_in)])
app.add_middleware(SessionMiddleware, secret_key=os.environ["SECRET_KEY"], session_cookie="sid")
"""


def test_starlette_keeps_its_own_session(tmp_path: Path) -> None:
    policy = POLICY + '\n[[endpoint]]\nroute = "GET /in"\nallow = ["guest"]\n'
    root = folder(tmp_path / "shop", {"requirements.txt": "starlette\n", "policy.toml": policy, "main.py": STARLETTE})
    assert fixed(root, "guard").returncode == 0
    with served(root, "main:app", SECRET_KEY=KEY) as url:
        assert call(url + "/me").status == 401
        cookie = {
            role: call(f"{url}/in?role={role}").headers["set-cookie"].split(";")[0] for role in ("member", "admin")
        }
        assert call(url + "/me", cookie=cookie["member"]).status == 200
        assert call(url + "/users", cookie=cookie["member"]).status == 403
        assert call(url + "/users", cookie=cookie["admin"]).status == 200
        assert call(url + "/users", cookie="sid=made.up.cookie").status == 401


def test_tokens_that_never_end_are_said(tmp_path: Path) -> None:
    root = _app(tmp_path, MODULE, AUTH.replace(', "exp": int(time.time()) + 60', ""))
    assert "takes no token that never ends" in launchready("fix", "guard", root).stdout.replace("\n#   ", " ")


def test_sessions_that_are_kept_elsewhere_are_no_cookie_to_read(tmp_path: Path) -> None:
    source = FLASK.replace("from flask import", "from flask_session import Session\nfrom flask import")
    root = folder(tmp_path, {"requirements.txt": "flask\n", "policy.toml": FLASK_POLICY, "shop.py": source})
    assert fixed(root, "guard").returncode == 4
    assert "raise NotImplementedError" in (root / "identity.py").read_text()


def test_django_is_told_where_the_policy_is_when_it_is_not_in_its_own_folder(tmp_path: Path) -> None:
    deep = SETTINGS.replace("from pathlib import Path\n\n", "import os\n\n").replace(
        "Path(__file__).resolve().parent.parent", "os.path.dirname(os.path.dirname(os.path.abspath(__file__)))"
    )
    files = {"requirements.txt": "", "policy.toml": POLICY, "api/manage.py": "", "api/site1/settings.py": deep}
    root = folder(tmp_path, files)
    fixed(root, "guard")
    text = (root / "api/site1/settings.py").read_text()
    assert "\nLAUNCHREADY_GUARD = {'policy': Path(__file__).resolve().parents[2] / \"policy.toml\"}\n" in text
    assert "\nfrom pathlib import Path\n" in text


def test_an_app_that_was_not_found_is_said(tmp_path: Path) -> None:
    made = "from fastapi import FastAPI\n\nmakers = {'shop': FastAPI}\napp = makers['shop']()\n\n\n@app.get('/')\ndef home(): ...\n"
    routes = "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n@router.get('/')\ndef home(): ...\n"
    root = folder(
        tmp_path, {"requirements.txt": "fastapi\n", "policy.toml": POLICY, "main.py": made, "routes.py": routes}
    )
    done = launchready("fix", "guard", root)
    assert done.returncode == 4
    assert "where the app is made was not found" in " ".join(done.stdout.replace("#", "").split())
