"""Flask: blueprints, decorators in their order, hooks that run before a request, class views."""

from pathlib import Path

from tests.sources.reading import one, surface, who

GUARD = """
from functools import wraps
from flask import abort, g, redirect, session, url_for

def login_required(view):
    @wraps(view)
    def inner(*args, **kwargs):
        if session.get("user_id") is None:
            return redirect(url_for("auth.login"))
        return view(*args, **kwargs)
    return inner

def role_required(name):
    def outer(view):
        @wraps(view)
        def inner(*args, **kwargs):
            if g.user.role != name:
                abort(403)
            return view(*args, **kwargs)
        return inner
    return outer
"""


def test_decorators_guard_only_below_the_route(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        guards_py=GUARD,
        app_py="""
        from flask import Flask
        from guards import login_required, role_required
        app = Flask(__name__)

        @app.route("/a", methods=["GET", "POST"])
        @login_required
        def a(): ...

        @login_required
        @app.route("/b")
        def b(): ...

        @app.post("/c/<int:c_id>")
        @role_required("admin")
        def c(c_id): ...

        @app.get("/d")
        def d(): ...
        """,
    )
    assert who(found) == {
        "GET /a": "guarded",
        "POST /a": "guarded",
        "GET /b": "open",
        "POST /c/{c_id}": "guarded",
        "GET /d": "open",
    }
    assert one(found, "POST /c/{c_id}").access.roles == ("admin",)
    assert "guards.py:5" in one(found, "GET /a").access.evidence[0].what


def test_blueprints_and_what_runs_before_their_requests(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        shop__staff_py="""
        from flask import Blueprint, abort, g
        staff = Blueprint("staff", __name__, url_prefix="/staff")

        @staff.before_request
        def only_staff():
            if g.user is None:
                abort(401)

        @staff.get("/orders")
        def orders(): ...
        """,
        shop__public_py="""
        from flask import Blueprint
        public = Blueprint("public", __name__, url_prefix="/old")

        @public.get("/offers")
        def offers(): ...
        """,
        wsgi_py="""
        from flask import Flask
        from shop.public import public
        from shop.staff import staff

        def create_app():
            app = Flask(__name__)
            app.register_blueprint(staff)
            app.register_blueprint(public, url_prefix="/new")
            return app
        """,
    )
    assert who(found) == {"GET /staff/orders": "guarded", "GET /new/offers": "open"}


def test_a_hook_that_picks_its_requests_makes_them_unknown(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        from flask import Flask, abort, request, session
        app = Flask(__name__)

        @app.before_request
        def check():
            if request.path.startswith("/admin") and "user" not in session:
                abort(401)

        @app.post("/admin/members")
        def add(): ...
        """,
    )
    assert who(found) == {"POST /admin/members": "unknown"}


def test_class_views_and_library_decorators(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        from flask import Flask
        from flask.views import MethodView
        from flask_jwt_extended import jwt_required
        app = Flask(__name__)

        class Member(MethodView):
            decorators = [jwt_required()]
            def get(self, member_id): ...
            def delete(self, member_id): ...

        class Offer(MethodView):
            def get(self): ...

        app.add_url_rule("/members/<member_id>", view_func=Member.as_view("member"))
        app.add_url_rule("/offers", view_func=Offer.as_view("offer"))

        @app.get("/me")
        @jwt_required(optional=True)
        def me(): ...
        """,
    )
    assert who(found) == {
        "GET /members/{member_id}": "guarded",
        "DELETE /members/{member_id}": "guarded",
        "GET /offers": "open",
        "GET /me": "open",
    }


def test_a_view_that_knows_the_caller_is_not_called_open(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        from flask import Flask
        from flask_login import current_user
        app = Flask(__name__)

        @app.post("/notes")
        def add():
            return store.add(current_user, request.form["text"])
        """,
    )
    assert who(found) == {"POST /notes": "unknown"}


def test_a_blueprint_that_nothing_registers_is_never_called_open(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        plugin_py="""
        from flask import Blueprint
        plugin = Blueprint("plugin", __name__)

        @plugin.post("/wipe")
        def wipe(): ...
        """,
    )
    assert who(found) == {"POST /wipe": "unknown"}


def test_a_class_view_answers_the_methods_it_was_given_and_keeps_what_wraps_it(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        guards_py=GUARD,
        app_py="""
        from flask import Flask
        from flask.views import MethodView, View
        from guards import login_required
        app = Flask(__name__)

        class Users(MethodView):
            def get(self): ...
            def post(self): ...
            def delete(self): ...

        class Report(View):
            methods = ["GET", "POST"]
            def dispatch_request(self): ...

        users = Users.as_view("users")
        app.add_url_rule("/users", view_func=users, methods=["GET", "POST"])
        app.add_url_rule(rule="/mine", view_func=login_required(Users.as_view("mine")), methods=("DELETE",))
        app.add_url_rule("/report", "report", Report.as_view("report"))
        """,
    )
    assert who(found) == {
        "GET /users": "open",
        "POST /users": "open",
        "DELETE /mine": "guarded",
        "GET /report": "open",
        "POST /report": "open",
    }


def test_a_module_that_takes_its_blueprint_from_the_package_is_read(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        pages__shared_py="""
        from flask import Blueprint
        reports = Blueprint("reports", __name__)
        """,
        pages__views_py="""
        from .shared import reports

        @reports.route("/reports")
        def listed(): ...
        """,
        app_py="""
        from flask import Flask
        from pages.views import reports
        app = Flask(__name__)
        app.register_blueprint(reports, url_prefix="/v3")
        """,
    )
    assert who(found) == {"GET /v3/reports": "open"}


def test_resources_lie_below_the_prefix_of_their_api_and_the_blueprint_it_is_on(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        from flask import Blueprint, Flask
        from flask_restful import Api, Resource
        app = Flask(__name__)
        pages = Blueprint("pages", __name__, url_prefix="/pages")
        api = Api(app, prefix="/v2")
        below = Api(pages)
        app.register_blueprint(pages)

        class Health(Resource):
            def get(self): ...

        api.add_resource(Health, "/health", "/up")
        below.add_resource(Health, "/health")
        """,
    )
    assert who(found) == {"GET /v2/health": "open", "GET /v2/up": "open", "GET /pages/health": "open"}
