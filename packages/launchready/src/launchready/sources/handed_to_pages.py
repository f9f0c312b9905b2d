"""Whether a way in hands every request on to the pages of the app, as the file that starts the server does: ``app.all("*", (c) => handler(c.req.raw))``.

Each page and each route behind it is listed by itself (reactrouter.com: custom server; nextjs.org/docs: custom server).
"""

import re

from launchready.model.surface import Endpoint
from launchready.sources.tree import Tree

_ANY_PATH = re.compile(r"/(?:\*\w*|\{(?:splat|path|all|\*)\*?\})$")
_MAKER = r"(?:createRequestHandler\(|\w+\.getRequestHandler\()"
_BOUND = re.compile(rf"\b(?:const|let|var)\s+(\w+)\s*(?::[^=\n]+)?=\s*(?:await\s+)?{_MAKER}")
_MADE_HERE = re.compile(_MAKER)


def handed_to_pages(tree: Tree, endpoint: Endpoint, code: str) -> bool:
    """Whether all that stands behind an address of everything is what a framework of pages makes of its build."""
    if not _ANY_PATH.search(endpoint.path):
        return False
    made = [one[1] for one in _BOUND.finditer(tree.text(endpoint.source.file) or "")]
    return bool(_MADE_HERE.search(code)) or any(re.search(rf"(?<![\w.$]){re.escape(name)}\b", code) for name in made)
