"""The modules that say who calls, as they are written into an app."""

STUB = '''"""Who calls: asked by the guard for every request."""

from launchready_guard import Call, Identity


def identify(call: Call) -> Identity | None:
    """The identity of whoever calls, None for a guest. Until this is written, every request ends with an error: nobody gets through."""
    # Read what signs somebody in, such as call.cookies["session"] or call.header("authorization"), look it up, and answer
    #     Identity(subject, roles=frozenset({{"…"}}), tenants=frozenset({{"…"}}), cookie=True or False)
    # subject is the id of the account as text; roles are those of policy.toml: {roles}; cookie says that the browser brought it by itself.
{told}    raise NotImplementedError("identify: say who calls, see the comment in this function")
'''
ONE_ROLE = '''"""Who calls: asked by the guard for every request."""

from dataclasses import replace

{imports}

_token = {made}


def identify(call: Call) -> Identity | None:
    """The account a valid token names. The policy has one role, so whoever has an account holds it."""
    known = _token(call)
    return replace(known, roles=frozenset({{"{role}"}})) if known else None
'''
HALF = '''"""Who calls: asked by the guard for every request."""

{imports}

_token = {made}


def identify(call: Call) -> Identity | None:
    """The identity of whoever calls, None for a guest."""
    known = _token(call)
    if known is None:
        return None
    # {told}# Then: return dataclasses.replace(known, roles=frozenset({{"…"}}), tenants=frozenset({{"…"}}))
    # The roles of policy.toml: {roles}. Until this is written, nobody who is signed in gets through.
    raise NotImplementedError("identify: look up the account, see the comment in this function")
'''
SESSION = '''"""Who calls: asked by the guard for every session."""

from collections.abc import Mapping
from typing import Any

from launchready_guard import Identity


def signed_in(said: Mapping[str, Any]) -> Identity | None:
    """The identity of a session; None for one that nobody signed in to."""
    if not said.get("{subject}"):
        return None
    return {made}
'''
HALF_SESSION = '''"""Who calls: asked by the guard for every session."""

from collections.abc import Mapping
from typing import Any

from launchready_guard import Identity


def signed_in(said: Mapping[str, Any]) -> Identity | None:
    """The identity of a session; None for one that nobody signed in to."""
    # {told}. Look the account up, and answer
    #     Identity(subject, roles=frozenset({{"…"}}), tenants=frozenset({{"…"}}), cookie=True)
    # The roles of policy.toml: {roles}. Until this is written, nobody with a session gets through.
    raise NotImplementedError("signed_in: look up the account, see the comment in this function")
'''
