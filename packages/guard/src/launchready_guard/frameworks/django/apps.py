"""``manage.py check`` says what would keep the project from serving."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from launchready_guard.policy import PolicyError

_NAME = "launchready_guard.frameworks.django"


class GuardConfig(AppConfig):  # type: ignore[misc]
    """The app of the guard."""

    name = _NAME
    label = "launchready_guard"
    verbose_name = "Launch Ready guard"

    def ready(self) -> None:
        """Join Django's system checks."""
        register(routes_have_rows)


def routes_have_rows(app_configs: Any, **given: Any) -> list[CheckMessage]:
    """Errors for routes without a reviewed row, and for what the guard cannot keep."""
    from launchready_guard.frameworks.django.options import Door

    middleware = f"{_NAME}.GuardMiddleware"
    if middleware not in settings.MIDDLEWARE:
        return [
            Error("The guard is installed and guards nothing.", f"Add {middleware!r} to MIDDLEWARE.", id="guard.E001")
        ]
    try:
        door = Door(waits=True, check=False)
    except (PolicyError, TypeError) as error:
        return [Error(str(error), id="guard.E002")]
    if not door.refuses:
        return []
    hint = (
        'Run "launchready policy draft --force" and review the new rows; what a library brings may need a row by hand.'
    )
    return [Error(f"{one}.", hint, id="guard.E003") for one in door.missing]
