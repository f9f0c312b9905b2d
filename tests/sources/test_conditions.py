"""What is registered only under a condition is neither always there nor always kept."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, surface, who

_HEAD = """
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from .settings import settings

tools = APIRouter()
app = FastAPI()


@tools.post("/wipe")
def wipe():
    drop_everything()
"""


def test_a_router_included_under_a_condition_says_when(tmp_path: Path) -> None:
    found = surface(tmp_path, main_py=_HEAD + "\n\nif settings.debug:\n    app.include_router(tools)\n")
    assert one(found, "POST /wipe").only_when == "settings.debug"


def test_a_condition_on_another_setting_of_what_is_given_is_a_condition(tmp_path: Path) -> None:
    found = surface(tmp_path, main_py=_HEAD + "\n\nif tools.debug:\n    app.include_router(tools)\n")
    assert one(found, "POST /wipe").only_when == "tools.debug"


def test_what_both_branches_include_is_always_there(tmp_path: Path) -> None:
    both = "\n\nif settings.debug:\n    app.include_router(tools)\nelse:\n    app.include_router(tools)\n"
    found = surface(tmp_path, main_py=_HEAD + both)
    assert one(found, "POST /wipe").only_when == ""


@pytest.mark.parametrize("test", ["__name__ == '__main__'", "tools", "tools is not None"])
def test_what_always_holds_is_no_condition(tmp_path: Path, test: str) -> None:
    found = surface(tmp_path, main_py=_HEAD + f"\n\nif {test}:\n    app.include_router(tools)\n")
    assert one(found, "POST /wipe").only_when == ""


def test_middleware_under_a_condition_is_no_certain_guard(tmp_path: Path) -> None:
    guarded = """

app.include_router(tools)

if settings.auth_enabled:
    @app.middleware("http")
    async def keep_strangers_out(request, call_next):
        if not request.headers.get("authorization"):
            raise HTTPException(401)
        return await call_next(request)
"""
    found = one(surface(tmp_path, main_py=_HEAD + guarded), "POST /wipe")
    assert found.access.verdict == "unknown"
    assert any("only when settings.auth_enabled" in span.what for span in found.access.evidence)


def test_dependencies_of_one_side_only_are_no_certain_guard(tmp_path: Path) -> None:
    given = """

def signed_in(token: str = ""):
    if not token:
        raise HTTPException(401)


app.include_router(tools, dependencies=[Depends(signed_in)] if settings.auth_enabled else [])
"""
    found = one(surface(tmp_path, main_py=_HEAD + given), "POST /wipe")
    assert found.access.verdict == "unknown"
    assert any("only when settings.auth_enabled" in span.what for span in found.access.evidence)


def test_a_flask_blueprint_under_a_condition_says_when(tmp_path: Path) -> None:
    main = """
from flask import Blueprint, Flask

app = Flask(__name__)
tools = Blueprint("tools", __name__, url_prefix="/tools")


@tools.post("/wipe")
def wipe():
    return drop_everything()


if app.config["DEBUG_TOOLS"]:
    app.register_blueprint(tools)
"""
    assert one(surface(tmp_path, main_py=main), "POST /tools/wipe").only_when == 'app.config["DEBUG_TOOLS"]'


@pytest.mark.parametrize(
    "mount",
    [
        "if (config.devTools) { app.use('/tools', tools); }",
        "if (config.devTools) app.use('/tools', tools);",
        "config.devTools && app.use('/tools', tools);",
    ],
)
def test_an_express_router_under_a_condition_says_when(tmp_path: Path, mount: str) -> None:
    server = f"""
const express = require("express");
const config = require("./config");
const app = express();
const tools = express.Router();
tools.post("/wipe", (req, res) => {{ dropEverything(); res.end(); }});
app.get("/", (req, res) => res.send("hello"));
{mount}
"""
    found = app(tmp_path, {"server.js": server}, "express")
    assert one(found, "POST /tools/wipe").only_when == "config.devTools"
    assert one(found, "GET /").only_when == ""


@pytest.mark.parametrize(
    "more",
    [
        "if settings.DEBUG:\n    urlpatterns += [path('wipe/', views.wipe)]",
        "if settings.DEBUG:\n    urlpatterns.append(path('wipe/', views.wipe))",
        "urlpatterns += [path('wipe/', views.wipe)] if settings.DEBUG else []",
    ],
)
def test_django_patterns_under_a_condition_say_when(tmp_path: Path, more: str) -> None:
    found = surface(
        tmp_path,
        manage_py="import django\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')\n",
        site__settings_py="ROOT_URLCONF = 'site.urls'\nINSTALLED_APPS = ['django.contrib.auth']\n",
        site__urls_py="from django.conf import settings\nfrom django.urls import path\nfrom site import views\n\n"
        f"urlpatterns = [path('', views.home)]\n\n{more}\n",
        site__views_py="from django.http import HttpResponse\n\n\ndef home(request):\n    return HttpResponse('hello')\n\n\n"
        "def wipe(request):\n    Everything.objects.all().delete()\n    return HttpResponse('gone')\n",
    )
    assert {path for path in who(found) if "wipe" in path}
    assert all((e.only_when == "settings.DEBUG") == ("wipe" in e.path) for e in found.endpoints)


def test_an_app_that_a_setting_only_moves_is_always_there(tmp_path: Path) -> None:
    moved = "\n\nouter = FastAPI()\nif settings.base_path:\n    outer.mount(settings.base_path, app)\nelse:\n    outer.mount('/api', app)\napp.include_router(tools)\n"
    found = surface(tmp_path, main_py=_HEAD + moved)
    assert [(e.name, e.only_when) for e in found.endpoints] == [("POST /api/wipe", "")]
