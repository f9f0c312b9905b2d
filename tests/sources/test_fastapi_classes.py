"""Classes of FastAPI whose methods are routes: what their attributes depend on holds for each (fastapi-utils, class-based views)."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who

_DEPS = """
from fastapi import Depends, HTTPException, Request
def signed_in(request: Request):
    user = find(request.headers.get("authorization"))
    if user is None:
        raise HTTPException(status_code=401)
    return user
def only_admins(user=Depends(signed_in)):
    if user.role != "admin":
        raise HTTPException(status_code=403)
    return user
"""
_BASES = """
from deps import signed_in, only_admins
from fastapi import Depends
class Base:
    page: int = 1
class ForMembers(Base):
    user: dict = Depends(signed_in)
class ForAdmins(Base):
    user: dict = Depends(only_admins)
"""
_ROUTES = """
from fastapi import APIRouter
from fastapi_utils.cbv import cbv
from bases import Base, ForAdmins, ForMembers
router = APIRouter(prefix="/notes")
DECORATOR
class Notes(BASE):
    @router.post("")
    def add(self, text: str):
        return db.add(text)
"""


def _app(folder: Path, base: str, decorator: str = "@cbv(router)") -> dict[str, str]:
    return {
        "deps.py": _DEPS,
        "bases.py": _BASES,
        "notes.py": _ROUTES.replace("BASE", base).replace("DECORATOR", decorator),
        "main.py": "from fastapi import FastAPI\nimport notes\napp = FastAPI()\napp.include_router(notes.router)\n",
    }


@pytest.mark.parametrize(
    ("base", "decorator", "to", "roles"),
    [
        ("ForMembers", "@cbv(router)", "guarded", ()),
        ("ForAdmins", "@controller(router)", "guarded", ("admin",)),
        ("Base", "@cbv(router)", "open", ()),
        ("ForMembers", "@dataclass", "open", ()),
    ],
    ids=["inherited", "a rank", "nothing to depend on", "no class of routes"],
)
def test_what_the_class_depends_on(base: str, decorator: str, to: str, roles: tuple[str, ...], tmp_path: Path) -> None:
    found = one(app(tmp_path, _app(tmp_path, base, decorator)), "POST /notes")
    assert (found.access.verdict.value, found.access.roles) == (to, roles)


def test_routers_that_a_file_joins_without_a_word_of_the_framework(tmp_path: Path) -> None:
    files = {
        "routers.py": "from fastapi import APIRouter\nclass AdminRouter(APIRouter):\n    pass\n",
        "users.py": "from routers import AdminRouter\nfrom fastapi import APIRouter\nrouter = APIRouter(prefix='/users')\n"
        "@router.get('')\ndef every():\n    return db.users()\n",
        "admin.py": "from routers import AdminRouter\nimport users\nrouter = AdminRouter(prefix='/admin')\nrouter.include_router(users.router)\n",
        "main.py": "from fastapi import FastAPI\nimport admin\napp = FastAPI()\napp.include_router(admin.router, prefix='/api')\n",
    }
    assert set(who(app(tmp_path, files))) == {"GET /api/admin/users"}


@pytest.mark.parametrize("default", ['"/api"', 'Field("/api")', 'Field(default="/api", description="where it stands")'])
def test_a_prefix_that_is_the_default_of_a_setting(default: str, tmp_path: Path) -> None:
    files = {
        "settings.py": "from pydantic import Field\nfrom pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n"
        f"    prefix: str = {default}\ndef get_settings():\n    return Settings()\n",
        "main.py": "from fastapi import APIRouter, FastAPI\nfrom settings import get_settings\nsettings = get_settings()\napp = FastAPI()\n"
        "router = APIRouter()\n@router.get('/notes')\ndef notes():\n    return []\napp.include_router(router, prefix=settings.prefix)\n",
    }
    assert set(who(app(tmp_path, files))) == {"GET /api/notes"}


@pytest.mark.parametrize(
    ("picks", "to"),
    [("kind = type(ex)\n        if kind == Denied:", "open"), ("if True:", "guarded")],
    ids=["by what was raised", "whatever was raised"],
)
def test_a_helper_that_answers_what_was_raised(picks: str, to: str, tmp_path: Path) -> None:
    source = f"""
from fastapi import APIRouter, FastAPI, HTTPException
app = FastAPI()
def answered(ex):
    for _ in range(1):
        {picks}
            raise HTTPException(status_code=401)
    raise HTTPException(status_code=500)
@app.put("/notes/{{slug}}")
def change(slug: str, text: str):
    try:
        return db.change(slug, text)
    except Exception as ex:
        answered(ex)
"""
    assert who(app(tmp_path, {"main.py": source}))["PUT /notes/{slug}"] == to
