"""The limits that the source sets, as each limiter writes them."""

from pathlib import Path

import pytest
from launchready.sources.rates.read import stated_limits
from launchready.sources.rates.words import rates, seconds_of
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

FLASK = """
from flask import Blueprint, Flask
from limits_of import limiter, account, RATE
bp = Blueprint("auth", __name__, url_prefix="/auth")
@bp.post("/login")
@limiter.limit("100 per hour; 6/minute")
@limiter.limit(RATE, key_func=account)
def login():
    return {}
@bp.post("/other")
def other():
    return {}
app = Flask(__name__)
app.register_blueprint(bp)
"""
LIMITER = """
from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
RATE = "5 per 15 minutes"
limiter = Limiter(key_func=get_remote_address)
def account():
    return request.json["email"]
"""
DJANGO = """
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View
from django_ratelimit.decorators import ratelimit
@ratelimit(key="ip", rate="20/h", method="POST")
@ratelimit(key="post:username", rate="5/10m", method="POST")
def login(request):
    pass
@method_decorator(ratelimit(key="user", rate="3/d"), name="dispatch")
class Reset(View):
    def post(self, request):
        pass
urlpatterns = [path("login", login), path("reset", Reset.as_view())]
"""
EXPRESS = """
import express from "express";
import { signIns } from "./limits.js";
import rateLimit from "express-rate-limit";
const app = express();
app.use("/api", rateLimit({ windowMs: 60_000, max: 100 }));
app.post("/login", signIns, (req, res) => res.json({}));
app.post("/api/notes", (req, res) => res.json({}));
app.post("/free", (req, res) => res.json({}));
"""
LIMITS = """
import { rateLimit } from "express-rate-limit";
export const signIns = rateLimit({ windowMs: 15 * 60 * 1000, limit: 9, keyGenerator: (req) => req.body.email });
"""


def told(folder: Path, files: dict[str, str]) -> dict[str, list[tuple[int, int, str]]]:
    """(calls, seconds, what is counted) by path."""
    for name, text in files.items():
        (folder / name).write_text(text)
    tree = Tree.read(folder)
    found = stated_limits(tree, read_surface(tree).endpoints)
    return {
        route.partition(" ")[2]: [(one.count, one.seconds, one.per) for one in limits]
        for route, limits in found.items()
    }


def test_flask_limiter(tmp_path: Path) -> None:
    assert told(tmp_path, {"app.py": FLASK, "limits_of.py": LIMITER}) == {
        "/auth/login": [(100, 3600, "address"), (6, 60, "address"), (5, 900, "account")]
    }


def test_django_ratelimit(tmp_path: Path) -> None:
    assert told(tmp_path, {"urls.py": DJANGO, "manage.py": "import django"}) == {
        "/login": [(20, 3600, "address"), (5, 600, "account")],
        "/reset": [(3, 86_400, "account")],
    }


def test_express_rate_limit(tmp_path: Path) -> None:
    files = {"app.js": EXPRESS, "limits.js": LIMITS, "package.json": '{"type": "module"}'}
    assert told(tmp_path, files) == {"/login": [(9, 900, "account")], "/api/notes": [(100, 60, "address")]}


def test_what_only_looks_like_a_limit_is_none(tmp_path: Path) -> None:
    text = FLASK.replace("limits_of import limiter, account, RATE", "paging import limiter, account, RATE")
    assert told(tmp_path, {"app.py": text, "paging.py": "limiter, account, RATE = Pages(), None, 'all'"}) == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("6 per minute", [(6, 60)]),
        ("10/5minutes", [(10, 300)]),
        ("1/second, 100/day", [(1, 1), (100, 86_400)]),
        ("5/m", [(5, 60)]),
        ("100/2h", [(100, 7200)]),
        ("many", []),
        ("5 per blue moon", []),
    ],
)
def test_notations(text: str, found: list[tuple[int, int]]) -> None:
    assert list(rates(text)) == found


def test_spans() -> None:
    assert [seconds_of(text) for text in ("15 minutes", "60_000", "15 * 60 * 1000", "(2 * 1000)", "soon")] == [
        900,
        60,
        900,
        2,
        0,
    ]
