"""Flask: blueprints, decorators in their order, hooks that run before a request, class views."""

from pathlib import Path

import pytest
from launchready.model.words import Kind

from tests.sources.reading import app, one, surface, who

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


HOOKED = """
import re
from flask import Blueprint, Flask, abort, jsonify, redirect, request, session, url_for
import company
from gate import is_open, watch, watched
app = Flask(__name__)
notes = Blueprint("notes", __name__, url_prefix="/notes")
NUMBERED = re.compile(r"^/notes/\\d+$")
OPEN = {"notes.listed", "login"}

@app.before_request
def ask():
HOOK

@app.post("/login")
def login(): ...

@notes.get("")
def listed(): ...

@notes.post("")
def add(): ...

@notes.patch("/<int:number>")
def change(number): ...

@notes.patch("/<name>")
def rename(name): ...

app.register_blueprint(notes)
"""
GATE = """
from flask import abort, request, session

def is_open():
    for prefix in ("/log", "/sign"):
        if request.path.startswith(prefix):
            return True
    return request.method == "GET"

def watched():
    watch()

def watch():
    if not request.path.startswith("/login") and not session.get("user"):
        abort(401)
"""
REFUSES = '    if "user" not in session:\n        return jsonify({"error": "sign in"}), 401'


@pytest.mark.parametrize(
    ("hook", "login", "listed", "add", "change", "rename"),
    [
        (
            "    path = request.path or ''\n    if not path.startswith('/notes'):\n        return None\n"
            "    if request.method == 'PATCH' and NUMBERED.match(path):\n        return None\n" + REFUSES,
            *("open", "guarded", "guarded", "open", "unknown"),
        ),
        (
            "    if request.endpoint in OPEN or request.method == 'OPTIONS':\n        return\n" + REFUSES,
            *("open", "open", "guarded", "guarded", "guarded"),
        ),
        (
            "    if request.blueprint != 'notes' or (request.method == 'POST' and request.endpoint.split('.')[-1] == 'add'):\n        return\n"
            + REFUSES,
            *("open", "guarded", "open", "guarded", "guarded"),
        ),
        ("    if is_open():\n        return\n" + REFUSES, *("open", "open", "guarded", "guarded", "guarded")),
        ("    watch()", *("open", "guarded", "guarded", "guarded", "guarded")),
        ("    watched()", *("open", "guarded", "guarded", "guarded", "guarded")),
        (
            "    company.require_login()\n    if request.path != '/login':\n        return\n" + REFUSES,
            *("guarded", "unknown", "unknown", "unknown", "unknown"),
        ),
        (
            "    if app.view_functions[request.endpoint] in app.spared:\n        return\n" + REFUSES,
            *("unknown", "unknown", "unknown", "unknown", "unknown"),
        ),
        (
            "    spared = False\n    for one in ('/login', '/other'):\n        if request.path == one:\n            spared = True\n            break\n"
            "    if not spared:\n        if not session.get('user'):\n            return redirect(url_for('login'))",
            *("open", "guarded", "guarded", "guarded", "guarded"),
        ),
        (
            "    if request.method == 'POST' and session.pop('_csrf', None) != request.form.get('_csrf'):\n        abort(403)\n"
            "    if request.path == '/login':\n        return\n" + REFUSES,
            *("open", "guarded", "guarded", "guarded", "guarded"),
        ),
        (
            "    if request.method == 'POST':\n        sent, known = request.form.get('csrf_token', ''), session.get('csrf', '')\n"
            "        if not known or not compare_digest(sent, known):\n            abort(400)\n"
            "    if request.endpoint in {'login'}:\n        return None\n"
            "    value = session.get('who')\n    if not (isinstance(value, str) and compare_digest(value, OWNER)):\n        abort(401)",
            *("open", "guarded", "guarded", "guarded", "guarded"),
        ),
        (
            "    if request.endpoint in ('notes.add', 'notes.listed') and 'user' not in session:\n        if request.method == 'POST':\n"
            "            return jsonify({}), 401\n        return redirect(url_for('front'))",
            *("open", "guarded", "guarded", "open", "open"),
        ),
        (
            "    if request.path.startswith('/notes'):\n        if 'role' in session:\n            if session.get('since') != SINCE:\n"
            "                return redirect('/login')",
            *("open", "open", "open", "open", "open"),
        ),
    ],
    ids=[
        *("by method and path", "by names", "by blueprint", "by a helper", "all of it in a helper"),
        *("two helpers down", "somebody else is asked first"),
        *("by marks on views", "in a loop", "tokens of forms beside it"),
        *("the token of forms by another name", "sent away from some", "only who is known"),
    ],
)
def test_a_hook_is_gone_through_for_each_view(
    hook: str, login: str, listed: str, add: str, change: str, rename: str, tmp_path: Path
) -> None:
    found = surface(tmp_path, app_py=HOOKED.replace("HOOK", hook), gate_py=GATE)
    assert who(found) == {
        "POST /login": login,
        "GET /notes": listed,
        "POST /notes": add,
        "PATCH /notes/{number}": change,
        "PATCH /notes/{name}": rename,
    }


@pytest.mark.parametrize(
    "hook",
    [
        "if request.headers.get('host') not in HOSTS:\n                    abort(403)",
        "if not request.args.get('lang'):\n                    return redirect(request.path + '?lang=en')",
        "if MAINTENANCE.on:\n                    abort(403)",
    ],
    ids=["hosts", "sent on", "closed"],
)
def test_what_a_hook_asks_of_everybody_guards_nothing(hook: str, tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py=f"""
        from flask import Flask, abort, redirect, request, session
        from settings import HOSTS, MAINTENANCE
        app = Flask(__name__)

        @app.before_request
        def ask():
            if request.path == "/open":
                {hook}
            elif "user" not in session:
                abort(401)

        @app.post("/open")
        def add(): ...

        @app.get("/inside")
        def inside(): ...
        """,
    )
    assert who(found) == {"POST /open": "unknown", "GET /inside": "guarded"}


def test_what_a_function_is_handed_is_what_its_routes_and_hooks_hang_on(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        notes_py="""
        from flask import abort, session
        from flask_login import login_required

        def register_gate(application):
            @application.before_request
            def ask():
                if "user" not in session:
                    abort(401)

        def register_notes(target):
            @target.get("/notes")
            def notes(): ...

        def register_staff(bp):
            @bp.before_request
            @login_required
            def ask():
                pass

            @bp.get("/orders")
            def orders(): ...
        """,
        app_py="""
        from flask import Blueprint, Flask
        from notes import register_gate, register_notes, register_staff
        inner = Flask("inner")
        outer = Flask("outer")
        staff = Blueprint("staff", __name__, url_prefix="/staff")
        register_gate(inner)
        register_notes(outer)
        register_staff(staff)
        outer.register_blueprint(staff)

        @inner.get("/inside")
        def inside(): ...
        """,
    )
    assert who(found) == {"GET /inside": "guarded", "GET /notes": "open", "GET /staff/orders": "guarded"}


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


def test_views_are_registered_in_many_ways(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        from flask import Flask
        from flask.views import MethodView, View
        app = Flask(__name__)

        class Items(MethodView):
            def get(self): ...
            def post(self): ...

        class Report(View):
            methods = ["GET", "POST"]
            def dispatch_request(self): ...

        def plain(): ...

        items = Items.as_view("items")
        app.add_url_rule("/a", view_func=items)
        app.add_url_rule("/b", view_func=items, methods=["GET"])
        app.add_url_rule(rule="/c", view_func=Items.as_view("c"), methods=("POST",))
        app.add_url_rule("/d", "d", plain, methods=["PUT"])
        app.add_url_rule("/e", view_func=Report.as_view("e"))
        app.add_url_rule("/f", view_func=missing)
        app.add_url_rule("/g", view_func=Missing.as_view("g"))
        """,
    )
    assert set(who(found)) == {"GET /a", "POST /a", "GET /b", "POST /c", "PUT /d", "GET /e", "POST /e", "GET /f"}
    assert who(found)["GET /f"] == "unknown"
    assert any("Missing, given to add_url_rule" in unread.reason for unread in found.unread)


def test_apis_and_namespaces_of_restful_and_restx(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        users_py="""
        from flask_restx import Namespace, Resource
        users = Namespace("users")

        @users.route("/<int:user_id>", "/by/<int:user_id>")
        class User(Resource):
            method_decorators = [login_required]
            def get(self, user_id): ...

        from flask_login import login_required
        """,
        app_py="""
        from flask import Blueprint, Flask
        from flask_restful import Api as Plain
        from flask_restx import Api
        from users import users
        app = Flask(__name__)
        v1 = Blueprint("v1", __name__, url_prefix="/v1")
        api = Api(v1)
        api.add_namespace(users, path="/people")
        app.register_blueprint(v1)

        class Scoped(Plain):
            def add_team_resource(self, resource, *urls): return self.add_resource(resource, *urls)

        class Ping(Resource):
            def get(self): ...

        plain = Scoped(app, prefix="/v2")
        plain.add_team_resource(Ping, "/ping", "/pong")
        """,
    )
    assert who(found) == {
        "GET /v1/people/{user_id}": "guarded",
        "GET /v1/people/by/{user_id}": "guarded",
        "GET /v2/ping": "open",
        "GET /v2/pong": "open",
    }


def test_what_wraps_a_view_at_its_registration_guards_it(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        guards_py=GUARD,
        app_py="""
        from flask import Flask
        from flask.views import MethodView
        from guards import login_required
        app = Flask(__name__)
        class Items(MethodView):
            def get(self): ...
        def plain(): ...
        app.add_url_rule("/a", view_func=login_required(Items.as_view("a")))
        app.add_url_rule("/b", view_func=login_required(plain))
        app.add_url_rule("/c", view_func=Items.as_view("c"))
        """,
    )
    assert who(found) == {"GET /a": "guarded", "GET /b": "guarded", "GET /c": "open"}


def test_an_api_class_of_the_app_itself_may_be_made_in_a_file_that_says_no_more(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        rest_py="""
        from flask_restx import Api as Plain
        class Rest(Plain): ...
        """,
        extensions_py="""
        from flask_login import LoginManager
        from rest import Rest
        manager, rest = LoginManager(), None
        rest = Rest(prefix="/v1")
        """,
        app_py="""
        from flask import Flask
        from extensions import rest
        app = Flask(__name__)

        @rest.route("/orders")
        class Orders(Resource):
            def get(self): ...

        rest.init_app(app)
        """,
    )
    assert set(who(found)) == {"GET /v1/orders"}


def test_routes_by_verb_and_hooks_are_found_without_any_other_word(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        from flask import Flask
        app = Flask(__name__)
        """,
        views_py="""
        import flask
        from app import app
        @app.get("/orders")
        def orders(): ...
        """,
        hooks_py="""
        from flask import abort, session
        from app import app
        @app.before_request
        def signed_in():
            if "user" not in session:
                abort(401)
        """,
    )
    assert who(found) == {"GET /orders": "guarded"}


def test_a_token_that_may_be_missing_guards_nothing(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        from flask import Flask
        from flask_httpauth import HTTPTokenAuth
        app = Flask(__name__)
        token_auth = HTTPTokenAuth("Bearer")
        optional_auth = HTTPTokenAuth("Bearer")

        @token_auth.verify_token
        def verify(token):
            return User.by_token(token) if token else None

        @optional_auth.verify_token
        def verify_when_given(token):
            if token == "":
                # nobody is signed in
                g.current_user = None
                return True
            return verify(token)

        @app.get("/mine")
        @token_auth.login_required
        def mine(): ...

        @app.get("/all")
        @optional_auth.login_required
        def everything(): ...
        """,
    )
    assert who(found) == {"GET /mine": "guarded", "GET /all": "open"}


def test_a_get_does_not_do_what_only_a_sent_form_does(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        from flask import Flask, redirect, render_template, request
        app = Flask(__name__)

        @app.route("/profile", methods=["GET", "POST"])
        def profile():
            form = ProfileForm()
            if form.validate_on_submit():
                db.session.commit()
                return redirect("/")
            return render_template("profile.html", form=form)

        @app.route("/posts", methods=["GET", "POST"])
        def posts():
            if current_user.can(WRITE) and form.validate_on_submit():
                db.session.add(Post())
            return render_template("posts.html")

        @app.route("/names", methods=["GET", "POST"])
        def names():
            if request.method == "GET":
                return render_template("names.html")
            db.session.commit()
            return redirect("/")

        @app.route("/seen", methods=["GET", "POST"])
        def seen():
            if form.validate_on_submit():
                db.session.add(Post())
            current_user.seen = now()
            db.session.commit()
            return render_template("seen.html")

        @app.route("/either", methods=["GET", "POST"])
        def either():
            if form.validate_on_submit() or request.args.get("now"):
                db.session.commit()
            return render_template("either.html")
        """,
    )
    gets = {endpoint.path: endpoint.action for endpoint in found.endpoints if endpoint.method == "GET"}
    assert gets == {"/profile": "read", "/posts": "read", "/names": "read", "/seen": "write", "/either": "write"}


def test_a_converter_says_of_what_kind_a_parameter_is(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        from flask import Flask
        app = Flask(__name__)
        @app.route("/photos/<int:photo_id>/<uuid:version>/<slug>")
        def photo(photo_id, version, slug):
            return ""
        """,
    )
    inputs = one(found, "GET /photos/{photo_id}/{version}/{slug}").inputs
    assert {given.name: given.type for given in inputs} == {"photo_id": "int", "version": "uuid", "slug": ""}


def test_a_link_that_ends_at_the_login_page_is_open(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from flask import Flask, redirect, url_for
        app = Flask(__name__)

        @app.route("/confirm/<token>")
        def confirm(token):
            User.query.filter_by(email=serializer.loads(token)).first_or_404().confirm()
            return redirect(url_for("login"))

        @app.route("/desk")
        def desk():
            if current_user.is_authenticated:
                return "desk"
            return redirect(url_for("login"))
        """,
    )
    assert who(found) == {"GET /confirm/{token}": "open", "GET /desk": "guarded"}


def test_a_page_that_links_the_sign_in_page_refuses_nobody(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from flask import Flask, redirect, request, session, url_for
        app = Flask(__name__)

        @app.route("/")
        def index():
            theme = {}
            if request.cookies.get("theme"):
                theme = request.cookies["theme"]
            return f"<p>Welcome! <a href=\\"{url_for('auth.login')}\\">Sign in</a></p>"

        @app.route("/desk")
        def desk():
            if "user_id" not in session:
                return redirect(f"{url_for('auth.login')}?next=/desk")
            return "desk"

        @app.route("/notes")
        def notes():
            if "user_id" not in session:
                target = url_for("auth.login", next="/notes")
                return redirect(target)
            return "notes"

        @app.route("/welcome")
        def welcome():
            login_link = url_for("auth.login") if "user_id" not in session else ""
            return render_template("welcome.html", login_link=login_link)
        """,
    )
    assert who(found) == {
        "GET /": "open",
        "GET /desk": "guarded",
        "GET /notes": "guarded",
        "GET /welcome": "open",
    }


def test_a_role_without_which_one_is_led_elsewhere(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from flask import Flask, flash, redirect, session, url_for
        from flask_login import current_user, login_required
        app = Flask(__name__)

        @app.route("/events/create", methods=["POST"])
        @login_required
        def create():
            if current_user.role != "admin":
                flash("No access.", "danger")
                return redirect(url_for("index"))
            db.session.add(Event())
            return redirect(url_for("index"))

        @app.route("/desk")
        @login_required
        def desk():
            if not current_user.is_admin():
                flash("No access.", "danger")
                return redirect(url_for("index"))
            return render_template("desk.html")

        @app.route("/rooms", methods=["POST"])
        def rooms():
            if session.get("role") != "staff":
                return redirect(url_for("index"))
            db.session.add(Room())
            return redirect(url_for("index"))

        @app.route("/home")
        @login_required
        def home():
            if current_user.role == "admin":
                return redirect(url_for("desk"))
            return render_template("home.html")

        @app.route("/notes/<int:id>")
        @login_required
        def note(id):
            note = Note.query.get(id)
            if current_user.role != "admin" and note.owner_id != current_user.id:
                return redirect(url_for("home"))
            return render_template("note.html", note=note)
        """,
    )
    assert {one.name: one.access.roles for one in found.endpoints} == {
        "POST /events/create": ("admin",),
        "GET /desk": ("admin",),
        "POST /rooms": ("staff",),
        "GET /home": (),
        "GET /notes/{id}": (),
    }
    assert set(who(found).values()) == {"guarded"}


def test_the_fields_of_a_form_are_those_of_its_class(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        forms_py="""
        from flask_wtf import FlaskForm
        from wtforms import BooleanField, FileField, IntegerField, PasswordField, StringField, SubmitField, validators
        from wtforms.validators import DataRequired, Length

        class Named(FlaskForm):
            name = StringField("Name", validators=[DataRequired(), Length(min=3, max=20)])

        class AccountForm(Named):
            age = IntegerField("Age")
            is_admin = BooleanField("Is Admin")
            picture = FileField("Picture")
            password = PasswordField("Password", [validators.InputRequired()])
            send = SubmitField("Save")
        """,
        app_py="""
        from flask import Flask
        from forms import AccountForm
        app = Flask(__name__)

        @app.route("/account", methods=["POST"])
        def account():
            form = AccountForm()
            if form.validate_on_submit():
                save(form)
            return "saved"
        """,
    )
    given = {i.name: (i.where, i.type, i.required, i.least, i.most) for i in one(found, "POST /account").inputs}
    assert given == {
        "name": ("form", "", True, 3, 20),
        "age": ("form", "int", False, None, None),
        "is_admin": ("form", "bool", False, None, None),
        "picture": ("file", "", False, None, None),
        "password": ("form", "", True, None, None),
    }


def test_what_stands_on_a_view_counts_where_its_address_is_given_elsewhere(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        views_py="""
        from functools import wraps
        from flask import Response, request

        def signed_in(view):
            @wraps(view)
            def inner(*args, **kwargs):
                token = request.headers.get("Authorization")
                if not token:
                    return Response("Unauthorized", status=401)
                return view(token, *args, **kwargs)
            return inner

        @signed_in
        def note(token, note_id): ...

        def notes(): ...
        """,
        main_py="""
        from flask import Flask
        from views import note, notes

        app = Flask(__name__)
        app.add_url_rule("/notes/<int:note_id>", view_func=note, methods=["GET"])
        app.add_url_rule("/notes", view_func=notes, methods=["GET"])
        """,
    )
    assert who(found) == {"GET /notes/{note_id}": "guarded", "GET /notes": "open"}


def test_routes_of_a_module_that_a_factory_imports_while_its_app_is_current(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        desk__factory_py="""
        from flask import Flask

        def create_app():
            app = Flask(__name__)
            with app.app_context():
                from desk import routes
            return app
        """,
        desk__routes_py="""
        from flask import current_app as app, render_template
        from flask_login import login_required

        @app.route("/")
        def home():
            return render_template("home.html")

        @app.route("/tickets/<int:id>", methods=["POST"])
        @login_required
        def ticket(id): ...
        """,
    )
    assert who(found) == {"GET /": "open", "POST /tickets/{id}": "guarded"}


def test_roles_of_an_enumeration_that_a_decorator_hands_to_another(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        models_py="""
        import enum

        class UserRole(enum.Enum):
            ADMIN = "Admin"
            CLERK = "Clerk"
        """,
        auth_py="""
        from functools import wraps
        from flask import jsonify
        from models import UserRole
        from people import get_current_user

        def role_required(*allowed_roles):
            def decorator(f):
                @wraps(f)
                def decorated(*args, **kwargs):
                    user = get_current_user()
                    if not user:
                        return jsonify({"error": "sign in"}), 401
                    if user.role not in allowed_roles:
                        return jsonify({"error": "not yours"}), 403
                    return f(user, *args, **kwargs)
                return decorated
            return decorator

        def admin_required(f):
            return role_required(UserRole.ADMIN)(f)

        def signed_in(f):
            return role_required()(f)
        """,
        main_py="""
        from flask import Flask, redirect, render_template, url_for
        from auth import admin_required, signed_in
        from people import get_current_user

        app = Flask(__name__)

        @app.delete("/api/admin/users/<int:id>")
        @admin_required
        def leave(user, id): ...

        @app.get("/api/mine")
        @signed_in
        def mine(user): ...

        @app.get("/admin/users")
        def page():
            user = get_current_user()
            if not user or user.role.value != "Admin":
                return redirect(url_for("desk"))
            return render_template("users.html", user=user)

        @app.get("/desk")
        def desk():
            user = get_current_user()
            if not user:
                return redirect(url_for("login"))
            if user.role.value == "Admin":
                return render_template("admin.html")
            return render_template("desk.html")
        """,
    )
    assert {one.name: one.access.roles for one in found.endpoints} == {
        "DELETE /api/admin/users/{id}": ("Admin",),
        "GET /api/mine": (),
        "GET /admin/users": ("Admin",),
        "GET /desk": (),
    }
    assert set(who(found).values()) == {"guarded"}


def test_who_comes_back_from_another_site_signs_in(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from flask import Flask, redirect, request
        import requests

        app = Flask(__name__)

        @app.get("/auth/google/callback")
        def back():
            answer = requests.post(TOKENS, data={"code": request.args["code"], "grant_type": "authorization_code"})
            person = Person(email=answer.json()["email"])
            db.session.add(person)
            db.session.commit()
            return redirect("/")

        @app.get("/notes/callback")
        def other():
            db.session.add(Note(text=request.args["code"]))
            db.session.commit()
            return redirect("/")
        """,
    )
    assert {one.path: [kind.value for kind in one.kind] for one in found.endpoints} == {
        "/auth/google/callback": ["login"],
        "/notes/callback": ["other"],
    }


def test_a_decorator_of_ones_own_asks_for_a_token(tmp_path: Path) -> None:
    """flask-jwt-extended.readthedocs.io: ``verify_jwt_in_request`` raises where there is no token, unless it is optional."""
    made = """
        from functools import wraps
        from flask import Flask, jsonify
        from flask_jwt_extended import verify_jwt_in_request
        app = Flask(__name__)

        def asks():
            def outer(view):
                @wraps(view)
                def inner(*args, **kwargs):
                    verify_jwt_in_request()
                    return view(*args, **kwargs)
                return inner
            return outer

        def answers(view):
            @wraps(view)
            def inner(*args, **kwargs):
                try:
                    load_token()
                except Exception as error:
                    return jsonify({
                        "error": True,
                        "details": {"token": str(error)},
                    }), 401
                return view(*args, **kwargs)
            return inner

        def wide(view):
            @wraps(view)
            def inner(*args, **kwargs):
                if not session.get("authenticated"):
                    return (
                        jsonify(
                            {
                                "error": "Sign in first",
                            }
                        ),
                        401,
                    )
                return view(*args, **kwargs)
            return inner

        def looks(view):
            @wraps(view)
            def inner(*args, **kwargs):
                verify_jwt_in_request(optional=True)
                return view(*args, **kwargs)
            return inner

        def forgives(view):
            @wraps(view)
            def inner(*args, **kwargs):
                try:
                    verify_jwt_in_request()
                except Exception:
                    pass
                return view(*args, **kwargs)
            return inner
        """
    views = "".join(
        f"\n        @app.get('/{name}')\n        @{name}{'()' if name == 'asks' else ''}\n        def get_{name}():\n            return db.all()\n"
        for name in ("asks", "answers", "wide", "looks", "forgives")
    )
    found = who(surface(tmp_path, app_py=made + views, requirements_txt="flask"))
    assert {name: found[f"GET /{name}"] == "guarded" for name in ("asks", "answers", "wide", "looks", "forgives")} == {
        "asks": True,
        "answers": True,
        "wide": True,
        "looks": False,
        "forgives": False,
    }


def test_a_hook_that_does_nothing_but_bear_a_guard(tmp_path: Path) -> None:
    """flask-login and flask-jwt-extended: ``@bp.before_request`` over ``@login_required`` guards the blueprint; under it, nothing."""
    found = surface(
        tmp_path,
        app_py="""
        from flask import Blueprint, Flask
        from flask_login import login_required
        app = Flask(__name__)
        called = Blueprint("called", __name__)
        inner = Blueprint("inner", __name__)
        outer = Blueprint("outer", __name__)

        @inner.before_request
        @login_required
        def ask():
            pass

        @login_required
        @outer.before_request
        def too_late():
            pass

        @login_required
        def nothing():
            pass

        called.before_request(nothing)

        @inner.get("/a")
        def a(): ...

        @outer.get("/b")
        def b(): ...

        @called.get("/c")
        def c(): ...

        app.register_blueprint(inner)
        app.register_blueprint(outer)
        app.register_blueprint(called)
        """,
    )
    assert who(found) == {"GET /a": "guarded", "GET /b": "open", "GET /c": "guarded"}


def test_namespaces_of_an_api_and_what_stands_around_all_their_views(tmp_path: Path) -> None:
    """Flask-RESTX: ``api.namespace`` makes and mounts one, ``decorators`` are put around its views, ``method_decorators`` by their method."""
    found = surface(
        tmp_path,
        app_py="""
        from flask import Flask
        from flask_jwt_extended import jwt_required
        from flask_restx import Api, Namespace, Resource, fields
        app = Flask(__name__)
        api = Api(app, prefix="/v1")
        notes = api.namespace("notes", description="Notes")
        own = Namespace("own", path="/mine", decorators=[jwt_required()])
        note = api.model("Note", {"id": fields.Integer(readonly=True), "title": fields.String(required=True)})

        @notes.route("/")
        class Notes(Resource):
            def get(self): ...

            @notes.expect(note)
            @jwt_required()
            def post(self): ...

        @notes.route("/<int:id>")
        class Note(Resource):
            method_decorators = {"delete": [jwt_required()]}
            def get(self, id): ...
            def delete(self, id): ...

        @own.route("/")
        class Own(Resource):
            def get(self): ...

        api.add_namespace(own)
        """,
    )
    assert who(found) == {
        "GET /v1/notes": "open",
        "POST /v1/notes": "guarded",
        "GET /v1/notes/{id}": "open",
        "DELETE /v1/notes/{id}": "guarded",
        "GET /v1/mine": "guarded",
    }
    assert [(i.name, i.where, i.required) for i in one(found, "POST /v1/notes").inputs] == [("title", "body", True)]


def test_apps_of_apiflask_and_a_blueprint_under_another_name(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        from apiflask import APIFlask, HTTPTokenAuth, Schema
        from apiflask.fields import String
        from flask.views import MethodView
        from flask_smorest import Api, Blueprint as Resources
        app = APIFlask(__name__)
        auth = HTTPTokenAuth()
        api = Api(app)
        pets = Resources("pets", __name__, url_prefix="/pets")

        class PetIn(Schema):
            name = String(required=True)

        @app.post("/add")
        @app.input(PetIn)
        @app.auth_required(auth, roles=["admin"])
        def add(json_data): ...

        @app.get("/seen")
        def seen(): ...

        @pets.route("/")
        class Pets(MethodView):
            def get(self): ...

        api.register_blueprint(pets)
        """,
    )
    assert who(found) == {"POST /add": "guarded", "GET /seen": "open", "GET /pets": "open"}
    assert one(found, "POST /add").access.roles == ("admin",)
    assert [i.name for i in one(found, "POST /add").inputs] == ["name"]


def test_decorators_of_apifairy(tmp_path: Path) -> None:
    """apifairy.readthedocs.io: ``authenticate`` refuses who brings nothing unless it is optional, ``body`` and ``arguments`` take schemas."""
    found = surface(
        tmp_path,
        app_py="""
        from apifairy import arguments, authenticate, body, response
        from flask import Flask
        from flask_httpauth import HTTPTokenAuth
        from flask_marshmallow import Marshmallow
        app = Flask(__name__)
        tokens, ma = HTTPTokenAuth(), Marshmallow(app)

        class NoteSchema(ma.Schema):
            title = ma.String(required=True)

        class PageSchema(ma.Schema):
            limit = ma.Integer()

        class UserSchema(ma.SQLAlchemySchema):
            id = ma.auto_field(dump_only=True)
            email = ma.auto_field(required=True)
            password = ma.String(required=True, load_only=True)

        class AddressSchema(ma.Schema):
            email = ma.String(required=True)

        user_schema = UserSchema()
        part_of_note = NoteSchema(partial=True)

        @app.route("/users", methods=["POST"])
        @body(user_schema)
        def sign_up(args): return args

        @app.route("/tokens/reset", methods=["POST"])
        @body(AddressSchema)
        def ask_for_reset(args): return {}

        @app.route("/notes/<int:id>", methods=["PUT"])
        @authenticate(tokens)
        @body(part_of_note)
        def change(args, id): return args

        @app.route("/notes", methods=["POST"])
        @authenticate(tokens)
        @body(NoteSchema)
        @response(NoteSchema)
        def make(args): return args

        @app.route("/notes")
        @authenticate(tokens, optional=True)
        @arguments(PageSchema)
        def listed(args): return []

        @app.route("/people", methods=["POST"])
        @body(NoteSchema())
        def join(args): return args
        """,
    )
    assert {e.name for e in found.endpoints if e.access.verdict.value == "guarded"} == {
        "POST /notes",
        "PUT /notes/{id}",
    }
    assert {e.name for e in found.endpoints if e.access.verdict.value == "unknown"} == set()
    assert Kind.SIGNUP in one(found, "POST /users").kind
    assert Kind.PASSWORD_RESET in one(found, "POST /tokens/reset").kind
    taken = {(e.name, i.where, i.name, i.required) for e in found.endpoints for i in e.inputs if i.where != "path"}
    assert taken == {
        ("POST /users", "body", "email", True),
        ("POST /users", "body", "password", True),
        ("POST /tokens/reset", "body", "email", True),
        ("PUT /notes/{id}", "body", "title", False),
        ("POST /notes", "body", "title", True),
        ("GET /notes", "query", "limit", False),
        ("POST /people", "body", "title", True),
    }


def test_a_route_that_is_given_its_view_by_a_call(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        from flask import Flask
        from routes import api

        app = Flask(__name__)
        app.register_blueprint(api, url_prefix="/api")
        """,
        routes_py="""
        from flask import Blueprint
        import controllers

        api = Blueprint("api", __name__)
        api.route("/notes", methods=["GET", "POST"])(controllers.notes)
        api.delete("/notes/<int:note_id>")(controllers.remove)
        """,
        controllers_py="""
        from flask_jwt_extended import jwt_required

        def notes():
            return all_notes()

        @jwt_required()
        def remove(note_id):
            return gone(note_id)
        """,
    )
    assert who(found) == {
        "GET /api/notes": "open",
        "POST /api/notes": "open",
        "DELETE /api/notes/{note_id}": "guarded",
    }


def test_blueprints_that_functions_make_and_hand_back_stand_where_they_are_registered(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        shop__tags_py="""
        from flask import Blueprint
        from shop.colours import create_colours

        def create_blueprint(store):
            tags = Blueprint("tags", __name__)
            tags.register_blueprint(create_colours(), url_prefix="/colours")

            @tags.route("/list")
            def listed():
                def by_name(one):
                    return one
                return sorted(store, key=by_name)

            return tags
        """,
        shop__colours_py="""
        from flask import Blueprint

        def create_colours():
            colours = Blueprint("colours", __name__)

            @colours.post("/")
            def add(): ...

            return colours
        """,
        shop__feeds_py="""
        from flask import Blueprint

        def create_blueprint():
            feeds = Blueprint("feeds", __name__)

            @feeds.route("/rss")
            def rss(): ...

            return feeds
        """,
        app_py="""
        from flask import Flask

        def create_app(store):
            app = Flask(__name__)
            import shop.tags as tags
            app.register_blueprint(tags.create_blueprint(store), url_prefix="/tags")
            import shop.feeds as feeds
            made = feeds.create_blueprint()
            app.register_blueprint(made, url_prefix="/feeds")
            return app
        """,
    )
    assert who(found) == {"GET /tags/list": "open", "POST /tags/colours": "open", "GET /feeds/rss": "open"}
    assert not found.unread


SWITCHED = """
from functools import wraps
import os
from flask import current_app, jsonify, make_response, request
from flask_login import current_user

def signed_in(view):
    @wraps(view)
    def inner(*args, **kwargs):
        {switch}
        if {asks}current_user.is_authenticated is False:
            return current_app.login_manager.unauthorized()
        return view(*args, **kwargs)
    return inner

def keyed(view):
    @wraps(view)
    def inner(*args, **kwargs):
        if request.headers.get("x-api-key") != current_app.config["API_KEY"]:
            return make_response(jsonify("The key is wrong."), 403)
        return view(*args, **kwargs)
    return inner
"""


@pytest.mark.parametrize(
    ("switch", "asks", "verdict", "when"),
    [
        ("pass", "", "guarded", ""),
        ("has_password = store['settings'].get('password')", "has_password and ", "unknown", "has_password"),
        ("pass", "current_app.config['LOGIN'] and ", "unknown", "current_app.config['LOGIN']"),
        ("pass", "request.path and ", "guarded", ""),
        # What is let pass while one develops is no switch of the app as it is served.
        ("pass", "not current_app.config['DEBUG'] and ", "guarded", ""),
    ],
)
def test_a_guard_that_a_setting_switches_on_is_one_only_then(
    switch: str, asks: str, verdict: str, when: str, tmp_path: Path
) -> None:
    found = surface(
        tmp_path,
        guards_py=SWITCHED.format(switch=switch, asks=asks),
        app_py="""
        from flask import Flask
        from guards import keyed, signed_in
        app = Flask(__name__)

        @app.get("/mine")
        @signed_in
        def mine(): ...

        @app.get("/api")
        @keyed
        def api(): ...
        """,
    )
    assert who(found) == {"GET /mine": verdict, "GET /api": "guarded"}
    assert one(found, "GET /mine").access.guarded_when == when


def test_a_method_of_its_own_that_a_class_calls_turns_strangers_away(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        base_py="""
        from flask import abort, session
        from flask.views import MethodView

        class Base(MethodView):
            def ask(self):
                if not session.get("user_id"):
                    abort(401)
            def shown(self, note):
                return note
        """,
        app_py="""
        from flask import Flask, abort, session
        from base import Base
        app = Flask(__name__)

        class Mine(Base):
            def get(self):
                self.ask()
                return self.shown("x")

        class Rules(Base):
            def ask(self):
                return True
            def get(self):
                self.ask()
                return self.shown("rules")

        class Closed(Base):
            def refuse(self):
                abort(403)
            def get(self):
                self.refuse()

        app.add_url_rule("/mine", view_func=Mine.as_view("mine"))
        app.add_url_rule("/rules", view_func=Rules.as_view("rules"))
        app.add_url_rule("/closed", view_func=Closed.as_view("closed"))
        """,
    )
    assert who(found) == {"GET /mine": "guarded", "GET /rules": "open", "GET /closed": "unknown"}


@pytest.mark.parametrize(
    ("constant", "given", "roles"),
    [
        ("ROLE_ADMIN = 1", "constants.ROLE_ADMIN", ("admin",)),
        ('OWNER_ROLE = "proprietor"', "constants.OWNER_ROLE", ("proprietor",)),
        ("MOST = 10", "constants.MOST", ()),
    ],
    ids=["a number", "a text", "no role"],
)
def test_roles_that_are_constants(constant: str, given: str, roles: tuple[str, ...], tmp_path: Path) -> None:
    files = {
        "constants.py": f"{constant}\n",
        "gate.py": "from functools import wraps\nfrom flask import jsonify\nfrom flask_jwt_extended import get_jwt_identity, jwt_required\n"
        "def role_required(allowed):\n    def decorator(fn):\n        @wraps(fn)\n        @jwt_required()\n        def wrapper(*args, **kwargs):\n"
        "            if not any(role in roles_of(get_jwt_identity()) for role in allowed):\n                return jsonify({'error': 'no'}), 403\n"
        "            return fn(*args, **kwargs)\n        return wrapper\n    return decorator\n",
        "main.py": "import constants\nfrom flask import Flask\nfrom gate import role_required\napp = Flask(__name__)\n"
        f"@app.route('/club', methods=['DELETE'])\n@role_required([{given}])\ndef end():\n    return db.end()\n",
    }
    assert one(app(tmp_path, files), "DELETE /club").access.roles == roles


@pytest.mark.parametrize(
    ("key", "enters", "verdict"),
    [
        ("harbour_id", "harbour = Harbour.query.filter_by(name=request.form['name']).first()", "unknown"),
        ("harbour_id", "harbour = Harbour.query.filter_by(name=request.form['name'], password=request.form['password']).first()", "guarded"),
        ("harbour_id", "harbour = Harbour.query.first()", "guarded"),
        ("user_id", "harbour = User.query.filter_by(name=request.form['name']).first()", "guarded"),
    ],
)  # fmt: skip
def test_a_key_of_the_session_that_a_page_gives_to_whoever_asks_is_no_guard(
    tmp_path: Path, key: str, enters: str, verdict: str
) -> None:
    found = surface(
        tmp_path,
        main_py=f"""
        from functools import wraps
        from flask import Flask, redirect, request, session
        app = Flask(__name__)

        def inside(view):
            @wraps(view)
            def inner(*args, **kwargs):
                if '{key}' not in session:
                    return redirect('/')
                return view(*args, **kwargs)
            return inner

        @app.route('/', methods=['POST'])
        def enter():
            {enters}
            if harbour:
                session['{key}'] = harbour.id
            return redirect('/boats')

        @app.route('/boats', methods=['DELETE'])
        @inside
        def boats():
            Boat.query.filter_by(harbour_id=session['{key}']).delete()
            return 'gone'
        """,
    )
    access = one(found, "DELETE /boats").access
    assert access.verdict.value == verdict
    assert ("enter (main.py" in access.evidence[0].what) is (verdict == "unknown")


_OWN_CLASS = """
from flask import Blueprint, Flask


class Club(Flask):
    pass


class Part(Blueprint):
    pass


class Room(Part):
    def __init__(self, name, import_name, **more):
        more.setdefault("url_prefix", "/" + name.lower())
        super().__init__(name, import_name, **more)
"""


def test_blueprints_and_apps_of_classes_of_ones_own(tmp_path: Path) -> None:
    """``class PgAdminModule(Blueprint)``: a prefix that the class gives itself is not known, and two of them are no one route."""
    parts = """
        from club.kinds import Part, Room

        notes = Part("notes", __name__, url_prefix="/clubs/<int:club_id>")
        hall = Room("hall", __name__)
        yard = Room("yard", __name__)

        @notes.get("/notes")
        def all_notes(club_id):
            return "notes"

        @hall.get("/doors")
        def doors():
            return "doors"

        @yard.get("/doors")
        def gates():
            return "gates"

        def init_app(app):
            app.register_blueprint(notes)
            app.register_blueprint(hall)
            app.register_blueprint(yard)
    """
    made = """
        from club import parts
        from club.kinds import Club

        def create_app():
            app = Club(__name__)
            parts.init_app(app)
            return app
    """
    kinds = {"club____init___py": "", "club__kinds_py": _OWN_CLASS}
    found = who(surface(tmp_path, **kinds, club__parts_py=parts, club__main_py=made))
    assert found == dict.fromkeys(
        ("GET /clubs/{club_id}/notes", "GET /{hall_prefix?}/doors", "GET /{yard_prefix?}/doors"), "open"
    )


def test_a_rule_whose_view_cannot_be_followed_is_kept_and_nobody_is_said_to_be_kept_out(tmp_path: Path) -> None:
    rules = """
        from flask import Flask
        from elsewhere import make_view, shown

        app = Flask(__name__)

        class Handler:
            def process(self):
                return "done"

        app.add_url_rule("/made", "made", make_view("made"))
        app.add_url_rule("/shown", "shown", shown, methods=["POST"])
        app.add_url_rule("/handled/<int:number>", "handled", Handler, methods=["GET", "DELETE"])
    """
    found = who(surface(tmp_path, main_py=rules))
    assert found == dict.fromkeys(
        ("GET /made", "POST /shown", "GET /handled/{number}", "DELETE /handled/{number}"), "unknown"
    )


def test_a_prefix_that_is_made_of_itself_is_no_end_of_the_reading(tmp_path: Path) -> None:
    rules = """
        from flask import Flask

        app = Flask(__name__)
        prefix = "/club"
        prefix = f"{prefix}/notes"
        before, after = f"/{after}", f"/{before}"

        @app.route(prefix + "/all")
        def notes():
            return "notes"

        @app.get("/last")
        def last():
            return "last"
    """
    found = who(surface(tmp_path, main_py=rules))
    assert "GET /last" in found
    assert any(name.endswith("/notes/all") for name in found)


def test_decorators_of_a_class_that_takes_over_those_of_another(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        guards_py=GUARD,
        base_py="""
        from flask_restful import Resource
        from guards import login_required

        class Members(Resource):
            decorators = [login_required]

        class Open(Resource):
            decorators = []
        """,
        main_py="""
        from flask import Flask
        from flask_limiter import Limiter
        from flask_restful import Api
        from base import Members, Open

        app = Flask(__name__)
        api = Api(app)
        limiter = Limiter(app)

        class People(Members):
            decorators = Members.decorators + [limiter.limit("200/day")]
            def get(self): ...

        class Notes(Open):
            decorators = [limiter.limit("200/day")] + Open.decorators
            def get(self): ...

        api.add_resource(People, scoped("/people/<int:number>"))
        api.add_resource(Notes, scoped("/notes"))
        """,
    )
    assert who(found) == {"GET /{scoped?}/people/{number}": "guarded", "GET /{scoped?}/notes": "open"}


def test_decorators_that_are_another_name_for_one_that_is_made(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        rights_py="""
        from functools import wraps
        from flask import abort
        from flask_login import current_user

        class asks:
            def __init__(self, rights):
                self.rights = rights

            def __call__(self, view):
                @wraps(view)
                def inner(*args, **kwargs):
                    if current_user.has_rights(self.rights):
                        return view(*args, **kwargs)
                    else:
                        abort(403)
                return inner

        def asks_for(right):
            return asks((right,))

        def admins(view):
            return asks_for("admin")(view)

        def traced(view):
            return wrapped(view)
        """,
        main_py="""
        from flask import Flask
        from flask_login import login_required
        from rights import admins, asks_for, traced

        app = Flask(__name__)

        @app.get("/people")
        @login_required
        @admins
        def people(): ...

        @app.get("/lists")
        @login_required
        @asks_for("list_people")
        def lists(): ...

        @app.get("/own")
        @login_required
        @traced
        def own(): ...
        """,
    )
    roles = {endpoint.path: endpoint.access.roles for endpoint in found.endpoints}
    assert roles == {"/people": ("admin",), "/lists": ("list_people",), "/own": ()}
