"""Whether an endpoint belongs to an app that was left behind: ``app_old.py`` beside the one that is served.

Such a file makes an app of its own, is called after what it was, and nothing says that anybody starts it; nothing says either that nobody does.
"""

import re
from collections.abc import Iterable

from launchready.model.surface import Endpoint
from launchready.sources.tree import Tree

_LEFT = re.compile(
    r"(?:^|/)(?:(?:old|legacy|backup|bak|deprecated|original|orig|previous|unused)[-_.]\w+|\w+[-_.](?:old|legacy|backup|bak|deprecated|original|orig|copy|previous|unused))\.(?:py|js|ts|mjs|cjs)$",
    re.I,
)
_MAKES = re.compile(r"=\s*(?:Flask|FastAPI|Quart|Sanic|express|fastify|Fastify|Koa|Hono)\(|=\s*new\s+(?:Koa|Hono)\(")


def left_behind(tree: Tree, endpoint: Endpoint, endpoints: Iterable[Endpoint]) -> bool:
    """Whether the file of an endpoint says by its name that it is an older app, and another file serves one of the same framework."""
    file = endpoint.source.file
    if not _LEFT.search(file) or not _MAKES.search(tree.text(file) or ""):
        return False
    return any(one.framework == endpoint.framework and not _LEFT.search(one.source.file) for one in endpoints)
