"""``Guard(app, policy="policy.toml", identify=…)``: the whole integration."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from launchready_guard.asgi import AsgiGuard, Scope
from launchready_guard.decisions import Decisions
from launchready_guard.engine import Engine, Options, unused
from launchready_guard.frameworks import starlette
from launchready_guard.policy import Policy
from launchready_guard.routes import Route, of_policy
from launchready_guard.rules import Identify, Resolve
from launchready_guard.start import loaded, refusal_to_start
from launchready_guard.stores.memory import MemoryStore


class Guard(AsgiGuard):
    """An ASGI app that lets through to ``app`` what the reviewed policy allows, and nothing else.

    ``identify`` says who calls: :class:`~launchready_guard.tokens.Bearer`, :class:`~launchready_guard.cookies.Session`, or a function of a
    :class:`~launchready_guard.call.Call`, async or not, that gives an :class:`~launchready_guard.call.Identity` or None. ``tenant`` and ``owner`` are functions
    of a call that look up whose record an address names, where the address does not say so. ``sign_in`` is the page browsers are led to.
    ``store`` keeps counts and seen deliveries: the memory of this process, or a :class:`~launchready_guard.stores.redis.RedisStore`.

    Raises :class:`~launchready_guard.policy.PolicyError` for a policy that cannot be kept. The app does not start while it has routes without a reviewed row, unless the
    policy says ``unlisted = "deny"``: those are answered with 404 then.
    """

    def __init__(
        self,
        app: Any,
        policy: str | Path | Policy = "policy.toml",
        identify: Identify = lambda call: None,
        *,
        tenant: Resolve | None = None,
        owner: Resolve | None = None,
        sign_in: str = "",
        session_cookie: str = "session",
        csrf_key: bytes = b"",
        store: Any = None,
        observe: bool = False,
        routes: list[Route] | None = None,
        environment: Mapping[str, str] = os.environ,
        hear: Callable[[dict[str, object]], None] | None = None,
    ) -> None:
        if hasattr(app, "wsgi_app"):
            raise TypeError(
                "Guard takes ASGI apps, and this is a Flask app. Say: from launchready_guard.frameworks.flask import protect; protect(app)"
            )
        self.policy = loaded(policy)
        self.decisions = Decisions(hear)
        kept = store or MemoryStore()
        options = Options(identify, tenant, owner, sign_in, session_cookie, csrf_key, observe)
        self._routes = routes
        known = starlette.knows(app)
        engine = Engine(self.policy, options, kept, kept, self.decisions, environment)
        path_of = starlette.path_of if known else _path
        super().__init__(app, engine, path_of, known and starlette.redirects(app))

    def review(self) -> tuple[list[str], list[str]]:
        """The routes that lack a reviewed row, and the rows that no route is for."""
        routes = self._mounted()
        return self.engine.mount(routes), unused(self.policy, routes)

    def metrics(self) -> str:
        """Counters in the text format of Prometheus."""
        return self.decisions.text()

    def _mounted(self) -> list[Route]:
        if self._routes is not None:
            return self._routes
        return starlette.routes_of(self.app) if starlette.knows(self.app) else of_policy(self.policy)

    def missing(self) -> str:
        """What keeps the app from starting, in one text; empty when nothing does."""
        return refusal_to_start(self.engine, self.engine.mount(self._mounted()))


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path
