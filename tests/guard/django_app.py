"""A Django project in this process, its policy, and clients for it. Import it before anything that asks Django's settings."""

import secrets
from typing import Any

import django
from django.conf import settings
from django.test.utils import override_settings
from launchready_guard import Bearer
from launchready_guard.policy import parse_policy

from tests.guard.app import KEY

GUARD = "launchready_guard.frameworks.django.GuardMiddleware"
DJANGO_POLICY = """
[roles]
order = ["guest", "member", "manager", "staff", "admin"]

[tenant]
claim = "workspace"
param = ["path:workspace_id", "header:x-workspace", "body:workspace"]

[owner]
param = ["path:member_id"]

[limits]
login = "3/minute per account, 20/minute per address"

[cors]
origins = ["https://app.example.com"]
credentials = true

[body]
limit = "2 KB"
""" + "".join(
    f'\n[[endpoint]]\nroute = "{route}"\nallow = {allow}\n{more}'
    for route, allow, more in (
        ("GET /", '["guest"]', ""),
        ("GET /login/", '["guest"]', ""),
        ("POST /login/", '["guest"]', 'kind = "login"\n'),
        ("GET /w/{workspace_id}/tasks/", '["member", "admin"]', "tenant = true\n"),
        ("GET /w/{workspace_id}/old/{number}/", '["member"]', "tenant = true\n"),
        ("POST /tasks", '["member"]', "tenant = true\n"),
        ("GET /members/{member_id}/", '["member", "admin"]', 'own = ["member"]\n'),
        ("GET /report/{year}/{month}/", '["manager"]', ""),
        ("POST /hooks/payments", '["guest"]', 'kind = "webhook"\nsignature = "stripe"\n'),
        ("POST /upload", '["guest"]', ""),
        ("GET /files/{name}", '["guest"]', ""),
        ("GET /stream", '["member"]', "tenant = true\n"),
        ("GET /admin/login/", '["guest"]', ""),
        ("POST /admin/login/", '["guest"]', 'kind = "login"\n'),
        ("ANY /admin/{path}", '["staff"]', ""),
        ("GET /about/", '["guest"]', ""),
        ("GET /{language}/about/", '["guest"]', ""),
    )
)


def set_up() -> None:
    """Make the project, once in a process."""
    if settings.configured:
        return
    settings.configure(
        SECRET_KEY=secrets.token_hex(32),
        ALLOWED_HOSTS=["*"],
        DEBUG=False,
        ROOT_URLCONF="tests.guard.records.urls",
        LANGUAGES=[("en", "English"), ("de", "Deutsch")],
        LANGUAGE_CODE="en",
        USE_I18N=True,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "file:guard?mode=memory&cache=shared"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "tests.guard.records",
            "launchready_guard.frameworks.django",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        MIDDLEWARE=middleware(),
        LAUNCHREADY_GUARD=options(),
    )
    django.setup()


def middleware(*, guard_first: bool = False) -> list[str]:
    """The order that the documentation asks for, or the guard before all others."""
    others = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]
    return [GUARD, *others] if guard_first else [*others[:4], GUARD, others[4]]


def options(**given: Any) -> dict[str, Any]:
    """``LAUNCHREADY_GUARD`` with tokens, unless told otherwise."""
    return {
        "policy": parse_policy(DJANGO_POLICY),
        "identify": Bearer(KEY, tenant="workspace"),
        "environment": {"STRIPE_WEBHOOK_SECRET": "a secret"},
    } | given


def with_options(**given: Any) -> Any:
    """For a while, another ``LAUNCHREADY_GUARD``; None takes a key away."""
    wanted = {name: value for name, value in options(**given).items() if value is not None}
    return override_settings(LAUNCHREADY_GUARD=wanted)


def with_policy(policy: str, **given: Any) -> Any:
    """For a while, another policy."""
    return with_options(policy=parse_policy(policy), **given)


set_up()
