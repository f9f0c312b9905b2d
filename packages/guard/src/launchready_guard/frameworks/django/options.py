"""``settings.LAUNCHREADY_GUARD`` made ready: policy, engine, and who calls by Django's own sign-in."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.utils.module_loading import import_string

from launchready_guard.blocking import needs_no_loop
from launchready_guard.call import Call, Identity
from launchready_guard.decisions import Decisions
from launchready_guard.engine import Engine, Options
from launchready_guard.frameworks.django.urlconf import Urls
from launchready_guard.policy import Policy, PolicyError
from launchready_guard.start import loaded, refusal_to_start
from launchready_guard.stores.memory import MemoryStore

KEYS = (
    "policy",
    "identify",
    "tenant",
    "owner",
    "tenants",
    "role",
    "sign_in",
    "csrf_key",
    "store",
    "observe",
    "environment",
    "hear",
    "strict",
)
_SIGNS_IN = "django.contrib.auth.middleware.AuthenticationMiddleware"
_GUARD = "launchready_guard.frameworks.django.GuardMiddleware"


class Door:
    """Engine and routes of the project. ``waits`` says that an event loop runs. ``missing`` are routes without a reviewed row.

    Raises :class:`PolicyError` for settings and policies that cannot be kept, and unless ``check`` is off for missing rows; TypeError for what
    needs an event loop where there is none.
    """

    def __init__(self, *, waits: bool, check: bool = True) -> None:
        given = dict(getattr(settings, "LAUNCHREADY_GUARD", {}))
        for key in given:
            if key not in KEYS:
                raise PolicyError(
                    f"settings.LAUNCHREADY_GUARD has {key!r}, which means nothing. Valid: {', '.join(KEYS)}."
                )
        store = _made(given.get("store")) or MemoryStore()
        identify = _function(given, "identify", waits) or _of_user(given, waits)
        tenant, owner = _function(given, "tenant", waits), _function(given, "owner", waits)
        if not waits:
            needs_no_loop(
                store,
                **{name: one for name, one in (("identify", identify), ("tenant", tenant), ("owner", owner)) if one},
            )
        self.policy = _policy(given.get("policy", "policy.toml"))
        options = Options(
            identify,
            tenant,
            owner,
            str(given.get("sign_in", "")),
            settings.SESSION_COOKIE_NAME,
            given.get("csrf_key", b""),
            bool(given.get("observe", False)),
        )
        self.decisions = Decisions(_made(given.get("hear")))
        self.engine = Engine(self.policy, options, store, store, self.decisions, given.get("environment", os.environ))
        self.urls = Urls(self.policy)
        self.missing = self.engine.mount(self.urls.routes)
        said = refusal_to_start(self.engine, self.missing)
        self.refuses = bool(said)
        if said and check:
            raise PolicyError(said)


def _policy(said: Any) -> Policy:
    if isinstance(said, Policy):
        return said
    return loaded(Path(getattr(settings, "BASE_DIR", ".")) / said)


def _made(said: Any) -> Any:
    """What a setting names: an object, or the dotted name of one."""
    return import_string(said) if isinstance(said, str) else said


def _function(given: dict[str, Any], name: str, waits: bool) -> Callable[[Call], Any] | None:
    function: Callable[[Call], Any] | None = _made(given.get(name))
    if function is None or not waits or iscoroutinefunction(function) or iscoroutinefunction(type(function).__call__):
        return function
    # It may ask the database, which Django forbids where an event loop runs.
    return sync_to_async(function, thread_sensitive=True)


def _of_user(given: dict[str, Any], waits: bool) -> Callable[[Call], Any]:
    """Who calls by ``request.user``. Raises :class:`PolicyError` where nobody sets it before the guard."""
    order = list(settings.MIDDLEWARE)
    if _SIGNS_IN not in order or (_GUARD in order and order.index(_SIGNS_IN) > order.index(_GUARD)):
        raise PolicyError(
            f"The guard stands before {_SIGNS_IN}, and cannot know who calls. Put it behind in MIDDLEWARE, or name a function of your own: "
            'LAUNCHREADY_GUARD = {"identify": "app.auth.identify"}.'
        )
    role, tenants = str(given.get("role", "member")), _made(given.get("tenants")) or (lambda user: ())

    def identify(call: Call) -> Identity | None:
        return _identity(call.request.user, role, tenants)

    async def later(call: Call) -> Identity | None:
        user = await call.request.auser()
        return await sync_to_async(_identity, thread_sensitive=True)(user, role, tenants)

    return later if waits else identify


def _identity(user: Any, role: str, tenants: Callable[[Any], Iterable[object]]) -> Identity | None:
    """``groups`` are the roles, with ``role`` for everybody who is signed in, ``staff``, and ``admin`` for superusers."""
    if not user.is_authenticated or not getattr(user, "is_active", True):
        return None
    groups = getattr(user, "groups", None)
    roles = set(groups.values_list("name", flat=True)) if groups is not None else set()
    roles |= {
        name
        for name, held in ((role, True), ("staff", "is_staff"), ("admin", "is_superuser"))
        if held is True or getattr(user, str(held), False)
    }
    return Identity(str(user.pk), frozenset(roles - {""}), frozenset(str(one) for one in tenants(user)), cookie=True)
