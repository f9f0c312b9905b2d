"""Handlers that reach their tables as whoever calls them: the policies of the tables decide there, and not the handler.

``@supabase/ssr`` makes a client of the server out of the cookies of the request, with the public key (Supabase docs, "Creating a Supabase client
for SSR"). What a stranger may not do at ``/rest/v1/TABLE`` they may not do through such a handler either.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from launchready.model.surface import Access, Endpoint, Span
from launchready.model.words import AccessVerdict
from launchready.sources.handlers import code_at, handler_code
from launchready.sources.tree import Tree

_SCRIPTS = (".ts", ".tsx", ".js", ".jsx", ".mjs")
_OF_REQUEST = (
    r"create(?:Server|RouteHandler|ServerComponent|ServerAction|PagesServer|ServerSupabase|Middleware)Client(?=[(<])"
)
_MAKES = re.compile(rf"\b_?{_OF_REQUEST}")
_RENAMED = re.compile(rf"\b{_OF_REQUEST.removesuffix('(?=[(<])')}\s+as\s+(\w+)")
_SAME = re.compile(r"^export\s+const\s+(\w+)\s*=\s*(\w+)\s*;?\s*$", re.M)
_PACKAGE = re.compile(r"[\"']@supabase/(?:ssr|auth-helpers-[\w-]+)[\"']")
_ALL_RIGHTS = re.compile(r"SERVICE_?(?:ROLE|KEY)|SECRET_KEY|serviceRole", re.I)
_FUNCTION = re.compile(
    r"^export\s+(?:default\s+)?(?:async\s+)?(?:function\s+(?P<name>\w+)|const\s+(?P<held>\w+)\s*=)[\s\S]*?^\}", re.M
)
_IMPORT = re.compile(r"import\s*\{(?P<names>[^}]*)\}\s*from\s*[\"'](?P<place>[^\"']+)[\"']")
_LOCALS = re.compile(rf"\blocals\.supabase\s*=\s*_?{_OF_REQUEST}(?P<given>[^{{]*)")
_HOOKS = ("hooks.server.ts", "hooks.server.js")
_HANDED = r"(?:event\.)?locals\.supabase"
_QUERY = re.compile(
    r"(?P<client>[\w.]+)\s*\.(?:from\(\s*[\"'`](?P<table>\w+)[\"'`]\s*\)\s*\.(?P<verb>select|insert|update|upsert|delete)\(|rpc\(\s*[\"'`](?P<called>\w+)[\"'`])"
)
_ANY_QUERY = re.compile(r"(?<!Array)(?<!Buffer)\.from\(|\.rpc\(|\.storage\b|\.functions\b")
_METHODS = {
    "select": ("GET",),
    "insert": ("POST",),
    "update": ("PATCH",),
    "upsert": ("POST", "PATCH"),
    "delete": ("DELETE",),
    # A function of the database is called at `/rest/v1/rpc/NAME`.
    "rpc": ("POST",),
}
_REACHES = re.compile(
    r"\b(?:fetch|axios|prisma|redis|stripe|openai|resend)\b|\bnew\s+(?!(?:URL|Date|\w*Error|Response|NextResponse|Map|Set|URLSearchParams)\b)[A-Z]"
)
_TEXTS = re.compile(r"[\"'`](?:[^\"'`\\\n]|\\.)*[\"'`]")
# What is asked for over several lines: `*, author:users (name)`.
_TEMPLATES = re.compile(r"`[^`$]*`")
# Functions of the language and of the frameworks that touch no data; what else is called by its name alone may do anything.
_CALLED = re.compile(r"(?<![.\w$])(?<!\bnew )([A-Za-z_$][\w$]*)\(")
_BESIDE = re.compile(r"^(?:export\s+)?(?:async\s+)?function\s+(?P<name>\w+)", re.M)
_PLAIN = re.compile(
    r"(?:if|for|while|switch|catch|return|await|function|async|super|typeof|parseInt|parseFloat|isNaN|Number|String|Boolean|Array|Object|Date|RegExp|Symbol"
    r"|BigInt|encodeURIComponent|decodeURIComponent|structuredClone|redirect|permanentRedirect|notFound|revalidatePath|revalidateTag|headers|cookies"
    r"|json|error|fail|GET|POST|PUT|PATCH|DELETE)$"
)


class AsCaller:
    """The handlers of a tree that act with no more than their caller's rights."""

    def __init__(self, tree: Tree, endpoints: Iterable[Endpoint]) -> None:
        self._tree = tree
        self._tables = {(one.method, one.path.rpartition("/")[2]): one.access for one in endpoints if one.hosted}
        self._makers = frozenset(_makers(tree)) if self._tables else frozenset()
        self._handed = bool(self._tables) and _handed(tree)

    def access(self, endpoint: Endpoint) -> Access | None:
        """What the policies of the tables say, None where the handler does more than ask for rows as its caller, or where they let strangers in."""
        if not (self._makers or self._handed) or endpoint.hosted or not endpoint.source.file.endswith(_SCRIPTS):
            return None
        code = self._code(endpoint)
        asked, others = self._asked(endpoint.source.file, code)
        if not asked:
            return None
        if wrote := [one for one in asked if one[1] != "select"]:
            asked = wrote
        found = {
            (table, method): self._tables.get((method, table)) for table, verb in asked for method in _METHODS[verb]
        }
        place = replace(
            endpoint.source, what=f"reaches {', '.join(sorted({table for table, _ in asked}))} as whoever calls it"
        )
        if any(one is not None and one.verdict is AccessVerdict.OPEN for one in found.values()):
            return None
        missing = sorted({table for (table, _), one in found.items() if one is None})
        why = f"the policies of {', '.join(missing)} stand in no migration" if missing else ""
        if others and not why:
            why = f"calls {', '.join(others[:3])}, which may do more"
        if why:
            return Access(AccessVerdict.UNKNOWN, evidence=(place, replace(place, what=why)))
        policies = [span for one in found.values() if one is not None for span in one.evidence[:1]]
        sure = all(one is not None and one.verdict is AccessVerdict.GUARDED for one in found.values())
        verdict = AccessVerdict.GUARDED if sure else AccessVerdict.UNKNOWN
        return Access(verdict, "policies" if sure else "", evidence=(place, *dict.fromkeys(policies)))

    def _code(self, endpoint: Endpoint) -> str:
        """The handler, and the functions of its file that it calls."""
        code = handler_code(self._tree, endpoint)
        text = self._tree.text(endpoint.source.file) or ""
        beside = [
            Span(endpoint.source.file, text.count("\n", 0, match.start()) + 1)
            for match in _BESIDE.finditer(text)
            if match["name"] in _CALLED.findall(code)
        ]
        return "\n".join([code, *(code_at(self._tree, span) for span in beside if span.line != endpoint.source.line)])

    def _asked(self, file: str, code: str) -> tuple[list[tuple[str, str]], list[str]]:
        """The tables it asks and the verbs, none when something else is reached or somebody else asks; and the other functions it calls."""
        names = self._imported(file)
        clients = {
            name
            for maker in names
            for name in re.findall(rf"\b(?:const|let|var)\s+(\w+)\s*=\s*(?:await\s+)?{maker}\(", code)
        }
        if self._handed and re.search(
            r"\blocals\s*:\s*\{[^}]*\bsupabase\b|\{\s*supabase\b[^}]*\}\s*=\s*(?:event\.)?locals\b", code
        ):
            clients.add("supabase")
        queries = list(_QUERY.finditer(code))
        ours = [
            one
            for one in queries
            if one["client"] in clients or (self._handed and re.fullmatch(_HANDED, one["client"]))
        ]
        if not ours or len(ours) != len(_ANY_QUERY.findall(code)):
            return [], []
        code = _TEMPLATES.sub("''", _TEXTS.sub("''", code))
        if _REACHES.search(code) or _ALL_RIGHTS.search(code):
            return [], []
        own = set(re.findall(r"\b(?:function\s+|(?:const|let)\s+)(\w+)\s*(?:=\s*(?:async\s*)?\(|\()", code))
        others = sorted(name for name in set(_CALLED.findall(code)) - set(names) - own if not _PLAIN.match(name))
        return [(one["called"] or one["table"], one["verb"] or "rpc") for one in ours], others

    def _imported(self, file: str) -> list[str]:
        """The names under which a file holds functions that make such a client."""
        names = []
        for match in _IMPORT.finditer(self._tree.text(file) or ""):
            tail = (
                re.sub(r"^(?:[@~]|\$lib|\.{1,2})?/|(?:\.{1,2}/)+", "", match["place"])
                .removesuffix(".js")
                .removesuffix(".ts")
            )
            made = {name for path, name in self._makers if path == tail or path.endswith(f"/{tail}")}
            for one in match["names"].split(","):
                name, _, held = one.strip().partition(" as ")
                if name.strip() in made:
                    names.append((held or name).strip())
        return names


def _handed(tree: Tree) -> bool:
    """Whether a hook of SvelteKit hands such a client to every handler."""
    hooks = [tree.text(file.path) or "" for file in tree.files if file.path.endswith(_HOOKS)]
    return any(not _ALL_RIGHTS.search(match["given"]) for text in hooks for match in _LOCALS.finditer(text))


def _makers(tree: Tree) -> Iterator[tuple[str, str]]:
    """``(path without its suffix, name)`` of each exported function that makes a client of the request's cookies."""
    for file in tree.files:
        if not file.path.endswith(_SCRIPTS) or not _PACKAGE.search(text := tree.text(file.path) or ""):
            continue
        path = re.sub(r"(?:/index)?\.\w+$", "", file.path)
        # `import { createServerClient as makeClient } from "@supabase/ssr"`
        renamed = [re.compile(rf"\b{re.escape(name)}(?=[(<])") for name in _RENAMED.findall(text)]
        made = {
            match["name"] or match["held"]
            for match in _FUNCTION.finditer(text)
            if any(one.search(match[0]) for one in (_MAKES, *renamed)) and not _ALL_RIGHTS.search(match[0])
        }
        # `export const createServerClient = createClient`
        made |= {name for name, value in _SAME.findall(text) if value in made}
        yield from ((path, name) for name in sorted(made))


def as_caller(tree: Tree, endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    """The endpoints, with the word of the policies where nothing else keeps strangers out."""
    asking = AsCaller(tree, endpoints)
    return tuple(
        replace(one, access=access)
        if one.access.verdict is AccessVerdict.OPEN and (access := asking.access(one)) is not None
        else one
        for one in endpoints
    )
