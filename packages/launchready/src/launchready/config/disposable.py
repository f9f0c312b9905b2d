"""Where everything may be lost: only by a setting of a place's own, and only at the place it was said of."""

from urllib.parse import urlsplit

from launchready.model.hosts import is_loopback
from launchready.model.project import Environment


def refusal(environment: Environment) -> str:
    """Why nothing may be destroyed at an environment that is called disposable, with what to do; empty when it may, or is not called so."""
    host = urlsplit(environment.url).hostname or ""
    if not environment.disposable:
        return ""
    if environment.read_only:
        return "it says writes = false as well. Take one of them out"
    if environment.url and not environment.writes and not is_loopback(host):
        return f"{host} is not this machine. Say writes = true as well when all that is there may be destroyed, or take it out"
    return ""
