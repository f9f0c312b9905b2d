"""Whether a helper that a handler gives the id to asks whose record it is: ``post = get_post(id)``, as the tutorial of Flask has it."""

import re

from launchready.model.surface import PARAMETER, Endpoint
from launchready.sources.bindings import binds
from launchready.sources.branches import closing
from launchready.sources.handlers import body_of
from launchready.sources.resolver import Resolver

# What stands before the id among what a helper is given: a session of the database, the model.
_CALL = r"(?<![\w.])([A-Za-z_]\w*)\(\s*(?:\w+\s*,\s*){0,2}(?:%s)\b"
# `get_post(id, check_author=False)` leaves out what the helper asks otherwise.
_SPARES = re.compile(r"[=:]\s*(?:False|false)\b|,\s*(?:False|false)\b")


def helper_binds(resolver: Resolver, endpoint: Endpoint, code: str) -> bool:
    """Whether one of them turns away who it does not belong to. ``code`` is that of the handler."""
    names = "|".join(re.escape(name.strip("?*")) for name in PARAMETER.findall(endpoint.path))
    body = body_of(code)
    for call in re.finditer(_CALL % names, body) if names else ():
        if _SPARES.search(body, call.end(), closing(body, call.end(1))):
            continue
        found = resolver.find(endpoint.source.file, call[1])
        if found is not None and found.function is not None and binds(found.function.code):
            return True
    return False
