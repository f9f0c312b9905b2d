"""Launch Ready's runtime side: what a production app carries. Standard library only."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from launchready_guard.call import Call, Identity
    from launchready_guard.cookies import Session
    from launchready_guard.guard import Guard
    from launchready_guard.policy import Policy, PolicyError
    from launchready_guard.tokens import Bearer, TokenError
    from launchready_guard.wsgi import WsgiGuard

__all__ = ["Bearer", "Call", "Guard", "Identity", "Policy", "PolicyError", "Session", "TokenError", "WsgiGuard"]
_WHERE = {
    "Bearer": "tokens",
    "Call": "call",
    "Guard": "guard",
    "Identity": "call",
    "Policy": "policy",
    "PolicyError": "policy",
    "Session": "cookies",
    "TokenError": "tokens",
    "WsgiGuard": "wsgi",
}


def __getattr__(name: str) -> Any:
    # The audit reads the policy and the redactor out of this package, and has no use for the rest.
    if name not in _WHERE:
        raise AttributeError(f"launchready_guard has no {name!r}")
    return getattr(import_module(f"launchready_guard.{_WHERE[name]}"), name)
