"""Whether a handler only hands on what its caller brought to a server behind, which asks for it: by a client of HTTP that stands in another file.

Pages and actions of Next.js, SvelteKit and Nuxt in front of an API of their own call ``createProject(data)``, which calls ``api.post("projects")``,
and a hook of that client puts the token of the caller's cookie into each call (ky: hooks, axios: interceptors, openapi-fetch: middleware).
"""

import re

from launchready.model.surface import Endpoint
from launchready.sources.resolver import Resolver
from launchready.sources.tree import Tree

# What the caller's own browser or program says of itself, handed on to the server behind, which asks for it.
HANDS_ON = re.compile(r"headers(?:\(\))?\??\.(?:get\(\s*)?\[?[\"'.]?(?:cookie|authorization)\b", re.I)
BROUGHT_ALONG = re.compile(
    r"\bcookies?\b|\bcookieStore\b|\bheaders\(|\b(?:getServerSession|getSession|getToken|get(?:Access|Auth|Bearer|Session|User)_?Token\w{0,20}|auth)\(",
    re.I,
)
ASKS_BEHIND = re.compile(r"\b(?:fetch|axios|got|ky|ofetch|\$fetch|requests|httpx|client)(?:\.\w+)?\(")
_SIGNS = re.compile(r"\bauthorization\b|\bbearer\b|[\"']x-(?:access|auth)-token", re.I)
# A client that is made once: `ky.create({ … })`, `axios.create({ … })`, `createClient<paths>({ … })`.
_MAKES = re.compile(
    r"^(?:(?:ky|axios|ofetch|\$fetch|got|redaxios|wretch|xior)(?:\.\w+)?|create(?:Fetch|Axios|Api|Http|Rest)?(?:Client|Instance|Fetch)?)$"
)
_CALLS = re.compile(r"(?<![\w$.])(?P<name>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)?)(?:<[^<>()]{0,120}>)?\(")
_OWN_DATA = re.compile(
    r"\b(?:prisma|db|database|knex|sql|mongoose|supabase\w*|pool|redis)\b\s*[.(`]|\.(?:insertOne|findByIdAnd\w+)\("
)
_DEEP = 3


class ServersBehind:
    """Follows the calls of handlers to the clients that carry on what a caller brought."""

    def __init__(self, tree: Tree, resolver: Resolver) -> None:
        self._tree = tree
        self._resolver = resolver
        self._known: dict[tuple[str, str], bool] = {}

    def carries(self, endpoint: Endpoint, code: str) -> bool:
        """Whether what a handler changes it asks of a server behind, in the caller's name. What keeps data of its own does not."""
        return not _OWN_DATA.search(code) and self._calls(endpoint.source.file, code, _DEEP)

    def _calls(self, path: str, code: str, deep: int) -> bool:
        return any(
            self._carried(path, name, deep) for name in dict.fromkeys(one["name"] for one in _CALLS.finditer(code))
        )

    def _carried(self, path: str, name: str, deep: int) -> bool:
        if (path, name) not in self._known:
            self._known[path, name] = False
            self._known[path, name] = self._follow(path, name, deep)
        return self._known[path, name]

    def _follow(self, path: str, name: str, deep: int) -> bool:
        found = self._resolver.find(path, name)
        if found is not None and found.function is not None and not found.function.is_class:
            code = found.function.code
            if _OWN_DATA.search(code):
                return False
            here = bool(ASKS_BEHIND.search(code)) and _in_their_name(code)
            return here or (deep > 1 and self._calls(found.path, code, deep - 1))
        client = self._resolver.find(path, name.partition(".")[0])
        made = client.binding.value if client is not None and client.binding is not None else None
        if client is None or made is None or made.kind != "call" or not _MAKES.match(made.text):
            return False
        return _in_their_name(self._tree.text(client.path) or "")


def _in_their_name(code: str) -> bool:
    return bool(HANDS_ON.search(code) or (_SIGNS.search(code) and BROUGHT_ALONG.search(code)))
