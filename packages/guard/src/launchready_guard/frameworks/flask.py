"""``protect(app, policy="policy.toml", identify=…)``: the guard around a Flask app, by Flask's own routing.

What a request reaches is asked of the app's ``url_map`` as Flask itself asks it: converters, slashes, host names, blueprints.
"""

import importlib
import re
from pathlib import Path
from typing import Any

from launchready_guard.policy import Policy, PolicyError
from launchready_guard.routes import Match, Route
from launchready_guard.rules import Identify
from launchready_guard.templates import converter_template
from launchready_guard.wsgi import Environ, WsgiGuard

_NO_PATTERN = re.compile(r"(?!)")
_JUDGED = "launchready.judged"


def protect(
    app: Any, policy: str | Path | Policy = "policy.toml", identify: Identify = lambda call: None, **given: Any
) -> "FlaskGuard":
    """Put the guard around ``app.wsgi_app``, and give it back. Call it last, when all blueprints are registered and all middleware is in place.

    Takes what :class:`~launchready_guard.wsgi.WsgiGuard` takes; relative paths of ``policy`` begin where the app's own do. Handlers find who
    calls in ``request.environ["launchready"].identity``.

    Raises :class:`~launchready_guard.policy.PolicyError` for routes without a reviewed row, and for a policy that cannot be kept. Routes that come
    later are looked at before the first request.
    """
    guard = FlaskGuard(app, policy if isinstance(policy, Policy) else Path(app.root_path) / policy, identify, **given)
    guard.check()
    app.wsgi_app = guard
    app.before_request_funcs.setdefault(None, []).insert(0, guard.same_route)
    return guard


class FlaskGuard(WsgiGuard):
    """See :func:`protect`."""

    def __init__(self, app: Any, *given: Any, **named: Any) -> None:
        inner = app.wsgi_app
        while inner is not None:
            if getattr(inner, "mounts", None):
                raise PolicyError(
                    f"The Flask app has other apps mounted inside its wsgi_app ({', '.join(inner.mounts)}), and its routes say nothing of them. "
                    "Call protect first, mount them after it, and give each a guard of its own."
                )
            inner = getattr(inner, "app", None)
        super().__init__(app.wsgi_app, *given, **named)
        self._flask = app
        self._errors: Any = importlib.import_module("werkzeug.exceptions")
        self._redirect: Any = importlib.import_module("werkzeug.routing").RequestRedirect
        self._known: dict[int, Route] = {}

    def mounted(self) -> list[Route]:
        """The rules of the app's ``url_map``."""
        # By identity: rules have no hash, and the map never lets one go.
        self._known = {id(rule): _route(rule) for rule in self._flask.url_map.iter_rules() if not rule.build_only}
        return list(self._known.values())

    def find(self, environ: Environ, method: str) -> tuple[str, str, Match]:
        """What Flask will run for a request."""
        flask = self._flask
        method = method.upper()
        request = flask.request_class(environ, populate_request=False)
        try:
            adapter = flask.create_url_adapter(request)
            rule, params = adapter.match(method=method, return_rule=True)
        except self._redirect:
            return method, request.path, Match(None, redirects=True)
        except self._errors.MethodNotAllowed as error:
            return method, request.path, Match(None, others=frozenset(error.valid_methods or ()))
        except self._errors.HTTPException:
            return method, request.path, Match(None)
        environ[_JUDGED] = rule, method, params
        texts = {name: str(value) for name, value in params.items()}
        return "WEBSOCKET" if rule.websocket else method, request.path, Match(self._known.get(id(rule)), texts)

    def same_route(self) -> Any:
        """Before Flask runs a handler: it is the one that was judged, whatever middleware between the guard and Flask made of the request."""
        request = importlib.import_module("flask").request
        if request.url_rule is None or not self._engine.stops("unlisted"):
            return None
        rule, *rest = request.environ.get(_JUDGED, (None,))
        if (
            "launchready" in request.environ
            and rule is request.url_rule
            and rest == [request.method, request.view_args]
        ):
            return None
        raise self._errors.NotFound


def _route(rule: Any) -> Route:
    """A rule as rows name it; one for another name than the app's own has it in front: ``//admin/users`` is no ``/users``."""
    name = rule.host or rule.subdomain or ""
    path = converter_template(f"//{name}{rule.rule}" if name else rule.rule)
    return Route(frozenset(() if rule.websocket else rule.methods or ()), path, _NO_PATTERN, bool(rule.websocket))
