"""The app of :mod:`tests.guard.app` once more, in Flask."""

from typing import Any

from flask import Blueprint, Flask, request
from launchready_guard import Bearer
from launchready_guard.frameworks.flask import FlaskGuard, protect
from launchready_guard.policy import parse_policy

from tests.guard.app import KEY, POLICY

_WITHOUT_SOCKETS = POLICY.replace('route = "WEBSOCKET /live/{workspace_id}"', 'route = "GET /live/{workspace_id}"')
FLASK_POLICY = _WITHOUT_SOCKETS + '\n[[endpoint]]\nroute = "GET /static/{filename}"\nallow = ["guest"]\n'


def bare() -> Flask:
    """The app alone: it lets everybody do everything, and counts what reached it in ``app.config["REACHED"]``."""
    app = Flask("tests.guard.flask_app")
    app.config["REACHED"] = []
    tasks = Blueprint("tasks", __name__, url_prefix="/w/<workspace_id>")

    def answer(**params: str) -> Any:
        body = request.get_data().decode("latin-1")
        app.config["REACHED"].append((request.method, request.path, body))
        passed = request.environ.get("launchready")
        if app.config.get("FAILS"):
            return {}, 500
        return {"path": request.path, "who": passed.identity.subject if passed and passed.identity else None}

    tasks.add_url_rule("/tasks", "tasks", answer, methods=["GET"])
    app.register_blueprint(tasks)
    for number, route in enumerate(
        (
            "GET /",
            "POST /login",
            "POST /tasks",
            "GET /members/<member_id>/",
            "POST /admin/jobs",
            "POST /hooks/payments",
            "GET /live/<workspace_id>",
            "POST /upload",
        )
    ):
        method, _, path = route.partition(" ")
        app.add_url_rule(path, f"answer{number}", answer, methods=[method])
    return app


def guarded(app: Flask, policy: str = FLASK_POLICY, **given: Any) -> FlaskGuard:
    """The app with its guard."""
    named: dict[str, Any] = {
        "identify": Bearer(KEY, tenant="workspace"),
        "environment": {"STRIPE_WEBHOOK_SECRET": "a secret"},
    } | given
    return protect(app, parse_policy(policy), **named)
