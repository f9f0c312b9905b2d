"""What makes a function and runs nothing: ``{ login: login(users, secret) }`` for ``function login(users, secret) { return async (input) => … }``.

Whoever comes by such a call is turned away by nothing: what was made is kept under a name, and refuses those who call it later.
"""

import re

from launchready.sources.resolver import Resolver

# A body that is `{ return async (input) => …`, or `async (input) => …` alone, with nothing before it.
_MAKES = re.compile(
    r"^(?:\{\s*return\s+)?(?:async\s+)?(?:function\b|\([^{}()]{0,400}\)\s*(?::[^={}]{1,200})?=>|\w+\s*=>)"
)


def only_kept(resolver: Resolver, path: str, code: str, name: str) -> bool:
    """Whether every call of ``name`` in some code keeps what it makes under a name, and that is a function."""
    made = resolver.find(path, name)
    if made is None or made.function is None or not _MAKES.match(made.function.code.lstrip()):
        return False
    calls = len(re.findall(rf"(?<![\w.]){re.escape(name)}\(", code))
    kept = len(re.findall(rf"\b\w+\s*:\s*{re.escape(name)}\(", code))
    return 0 < calls == kept
