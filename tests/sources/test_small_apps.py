"""How small teams put their apps together: namespaces in classes, hooks that spare the sign-in, guards in Laravel's own classes."""

from pathlib import Path

import pytest
from launchready.model.words import Kind

from tests.sources.reading import app, one, surface, who

DTO = """
from flask_restx import Namespace, fields
class NoteDto:
    api = Namespace("note", description="notes")
    note = api.model("note", {"text": fields.String})
"""
VIEWS = """
from flask_restx import Resource
from app.dto import NoteDto
api = NoteDto.api

@api.route("/")
class Notes(Resource):
    def get(self): ...
    @api.expect(NoteDto.note)
    def post(self): ...
"""
API = """
from flask import Blueprint, Flask
from flask_restx import Api
from app.views import api as notes
blueprint = Blueprint("api", __name__)
api = Api(blueprint)
api.add_namespace(notes, path="/note")
app = Flask(__name__)
app.register_blueprint(blueprint)
"""


def test_a_namespace_that_is_kept_in_a_class(tmp_path: Path) -> None:
    found = app(tmp_path, {"app/dto.py": DTO, "app/views.py": VIEWS, "app/__init__.py": API})
    assert who(found) == {"GET /note": "open", "POST /note": "open"}


HOOK = """
from flask import Blueprint, Flask, jsonify, request
from flask_login import current_user
bp = Blueprint("api", __name__, url_prefix="/api")
PUBLIC = {"api.login"}

def _json_error(status, code):
    return jsonify({"error": code}), status

@bp.before_request
def ask():
    if request.endpoint in PUBLIC:
        return None
    REFUSAL

@bp.route("/login", methods=["POST"])
def login(): ...

@bp.route("/notes", methods=["POST"])
def add(): ...

app = Flask(__name__)
app.register_blueprint(bp)

@app.route("/hello")
def hello(): ...
"""
REFUSAL = "if not current_user.is_authenticated:\n        return _json_error(401, 'unauthorized')"


@pytest.mark.parametrize(
    ("refusal", "notes"), [(REFUSAL, "guarded"), ("log(request)", "open")], ids=["refuses", "looks"]
)
def test_a_hook_that_spares_the_views_of_a_list(refusal: str, notes: str, tmp_path: Path) -> None:
    found = surface(tmp_path, app_py=HOOK.replace("REFUSAL", refusal))
    assert who(found) == {"POST /api/login": "open", "POST /api/notes": notes, "GET /hello": "open"}


@pytest.mark.parametrize(
    ("condition", "notes"),
    [
        ('request.endpoint not in ["login", "static"] and "user" not in session', "guarded"),
        (
            'request.endpoint not in ["login"] and not request.path.startswith("/n") and "user" not in session',
            "open",
        ),
    ],
    ids=["by names alone", "by an address too"],
)
def test_a_hook_of_the_app_itself(condition: str, notes: str, tmp_path: Path) -> None:
    code = f"""
        from flask import Flask, redirect, request, session, url_for
        app = Flask(__name__)

        @app.before_request
        def ask():
            if {condition}:
                return redirect(url_for("login"))

        @app.route("/login", methods=["POST"])
        def login(): ...

        @app.route("/notes")
        def notes(): ...
        """
    assert who(surface(tmp_path, app_py=code))["GET /notes"] == notes


def test_a_hook_for_the_whole_app_in_a_blueprint(tmp_path: Path) -> None:
    code = """
        from flask import Blueprint, Flask, abort, g
        bp = Blueprint("auth", __name__)
        app = Flask(__name__)

        @bp.before_app_request
        def ask():
            if g.user is None:
                abort(401)

        @app.route("/notes")
        def notes(): ...
        app.register_blueprint(bp)
        """
    assert who(surface(tmp_path, app_py=code)) == {"GET /notes": "guarded"}


def test_an_app_that_a_factory_of_another_file_makes(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        made_py="""
        from flask import Flask
        def create_app(config=None):
            app = Flask(__name__)
            return app
        """,
        old_py="""
        from flask import Flask
        app = Flask(__name__)
        """,
        notes_py="""
        from flask import Blueprint
        bp = Blueprint("notes", __name__)

        @bp.route("/notes")
        def notes(): ...
        """,
        run_py="""
        from made import create_app
        from notes import bp
        app = create_app("development")
        app.register_blueprint(bp, url_prefix="/api")
        """,
    )
    assert who(found) == {"GET /api/notes": "open"}


def test_views_of_flask_admin_are_none_of_flask_appbuilder(tmp_path: Path) -> None:
    code = """
        from LIBRARY import BaseView, expose
        class Letters(BaseView):
            @expose("/", methods=["POST"])
            def index(self): ...
        """
    assert who(surface(tmp_path / "a", views_py=code.replace("LIBRARY", "flask_admin.base"))) == {}
    assert who(surface(tmp_path / "b", views_py=code.replace("LIBRARY", "flask_appbuilder"))) == {
        "POST /letters": "open"
    }


def test_a_helper_that_asks_for_the_role_in_a_claim(tmp_path: Path) -> None:
    code = """
        from fastapi import Depends, FastAPI, HTTPException
        from security import current_user
        app = FastAPI()

        def require_admin(user):
            if not user or user.get("user_role") != "admin":
                raise HTTPException(status_code=403, detail="Admin only")

        @app.get("/admin/notes")
        def notes(user=Depends(current_user)):
            require_admin(user)
            return []

        @app.get("/admin/state")
        def state(user=Depends(current_user)):
            return {"user_role": user.get("user_role")}
        """
    security = """
        from fastapi import Header, HTTPException
        def current_user(authorization: str = Header(None)):
            if not authorization:
                raise HTTPException(status_code=401)
            return read(authorization)
        """
    found = surface(tmp_path, main_py=code, security_py=security)
    assert one(found, "GET /admin/notes").access.roles == ("admin",)
    assert one(found, "GET /admin/state").access.roles == ()


@pytest.mark.parametrize(("name", "roles"), [("get_current_admin_user", ("admin",)), ("get_current_active_user", ())])
def test_a_guard_that_compares_numbers_is_known_by_what_it_is_called(
    name: str, roles: tuple[str, ...], tmp_path: Path
) -> None:
    code = f"""
        from fastapi import Depends, FastAPI, HTTPException
        app = FastAPI()

        def {name}(user=Depends(current)):
            if user.kind_id not in [1, 6]:
                raise HTTPException(status_code=403)
            return user

        @app.delete("/notes/{{note_id}}")
        def remove(note_id: int, user=Depends({name})): ...
        """
    access = one(surface(tmp_path, main_py=code), "DELETE /notes/{note_id}").access
    assert (access.verdict.value, access.roles) == ("guarded", roles)


COMPOSER = '{"require": {"laravel/framework": "^10", "livewire/volt": "^1"}}'
KERNEL = """<?php
namespace App\\Http;
class Kernel extends HttpKernel {
    protected $middlewareGroups = ['api' => [
        \\Illuminate\\Routing\\Middleware\\ThrottleRequests::class.':api',
        \\Illuminate\\Routing\\Middleware\\SubstituteBindings::class,
    ]];
    protected $middlewareAliases = ['auth' => \\App\\Http\\Middleware\\Authenticate::class, 'gate' => Middleware\\MayManage::class];
}
"""
# As `laravel new` wrote it until version 10.
AUTHENTICATE = """<?php
namespace App\\Http\\Middleware;
use Illuminate\\Auth\\Middleware\\Authenticate as Middleware;
class Authenticate extends Middleware {
    protected function redirectTo($request) { return $request->expectsJson() ? null : route('login'); }
}
"""
MANAGE = """<?php
namespace App\\Http\\Middleware;
class MayManage { public function handle($request, $next) { if (!Gate::allows('manage')) { abort(403); } return $next($request); } }
"""
ROUTES = """<?php
use App\\Http\\Controllers\\NoteController;
use Spatie\\Permission\\Middleware\\RoleMiddleware;
Route::middleware('api')->group(function () {
    Route::get('/open', [NoteController::class, 'index']);
    Route::middleware('auth:sanctum')->get('/own', [NoteController::class, 'index']);
    Route::middleware('gate')->get('/managed', [NoteController::class, 'index']);
    Route::middleware(RoleMiddleware::class.':admin|lead')->get('/led', [NoteController::class, 'index']);
});
Volt::route('tickets', 'tickets.index')->middleware('auth');
Volt::route('board', 'pages.board');
"""
NOTES = """<?php
namespace App\\Http\\Controllers;
class NoteController extends Controller {
    public function index(Request $request) { $this->validate($request, ['page' => 'integer']); return []; }
}
"""


def test_laravels_own_middleware_by_its_class(tmp_path: Path) -> None:
    files = {
        "composer.json": COMPOSER,
        "app/Http/Kernel.php": KERNEL,
        "app/Http/Middleware/Authenticate.php": AUTHENTICATE,
        "app/Http/Middleware/MayManage.php": MANAGE,
        "app/Http/Controllers/NoteController.php": NOTES,
        "routes/web.php": ROUTES,
    }
    found = app(tmp_path, files)
    assert who(found) == {
        "GET /open": "open",
        "GET /own": "guarded",
        "GET /managed": "guarded",
        "GET /led": "guarded",
        "GET /tickets": "guarded",
        "GET /board": "unknown",
    }
    assert one(found, "GET /led").access.roles == ("admin", "lead")


RAILS = """Rails.application.routes.draw do
  devise_for :users, controllers: { registrations: "users/registrations" }
  get "desk/enter", to: "sessions#new"
  post "desk/enter", to: "sessions#create"
  resources :rooms, only: [:index, :show]
end
"""
ROOMS = """class RoomsController < ActionController::Base
  include Pundit
  def show; end
end
"""


def test_the_kinds_of_devise_and_actions_that_nobody_wrote(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "config/routes.rb": RAILS,
            "app/controllers/rooms_controller.rb": ROOMS,
            "app/controllers/sessions_controller.rb": "class SessionsController < ActionController::Base\n  def new; end\n  def create; end\nend\n",
            "app/controllers/users/registrations_controller.rb": "class Users::RegistrationsController < Devise::RegistrationsController\nend\n",
        },
    )
    kinds = {endpoint.name: endpoint.kind for endpoint in found.endpoints}
    assert kinds["POST /users/sign_in"] == kinds["POST /desk/enter"] == (Kind.LOGIN,)
    assert kinds["POST /users"] == (Kind.SIGNUP,)
    assert kinds["POST /users/password"] == kinds["PUT /users/password"] == (Kind.PASSWORD_RESET,)
    # Rails answers 404 where neither a method nor a view is there.
    assert "GET /rooms/{id}" in kinds and "GET /rooms" not in kinds


def test_a_view_of_django_that_reads_the_body_takes_posts(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        shop__settings_py='ROOT_URLCONF = "shop.urls"\n',
        shop__urls_py="""
        from django.urls import path
        from shop.views import paid
        urlpatterns = [path("stripe/webhook/", paid)]
        """,
        shop__views_py="""
        import json
        from django.http import HttpResponse
        def paid(request):
            mark_paid(json.loads(request.body)["order"])
            return HttpResponse()
        """,
        manage_py="import django\n",
    )
    assert "POST /stripe/webhook/" in who(found)


BASES = """
from flask import abort
from flask_restful import Resource
from flask_jwt_extended import get_jwt_identity, jwt_required

class Listed(Resource):
    def get(self): ...
    def post(self): ...

class Protected(Resource):
    method_decorators = [jwt_required()]

class ForAdmins(Protected):
    def dispatch_request(self, *args, **kwargs):
        user = find(get_jwt_identity())
        if not user or user.role.name != "admin":
            abort(403)
        return super().dispatch_request(*args, **kwargs)
"""
RESOURCES = """
from flask import Flask
from flask_restful import Api
from bases import ForAdmins, Listed, Protected
app = Flask(__name__)
api = Api(app)

class Notes(Listed):
    def post(self): ...

class Own(Protected):
    def get(self): ...

class Rates(ForAdmins, Listed): ...

api.add_resource(Notes, "/notes")
api.add_resource(Own, "/own")
api.add_resource(Rates, "/rates")
"""


def test_what_a_class_view_inherits(tmp_path: Path) -> None:
    found = surface(tmp_path, bases_py=BASES, app_py=RESOURCES)
    assert who(found) == {
        "GET /notes": "open",
        "POST /notes": "open",
        "GET /own": "guarded",
        "GET /rates": "guarded",
        "POST /rates": "guarded",
    }
    assert one(found, "POST /rates").access.roles == ("admin",)
