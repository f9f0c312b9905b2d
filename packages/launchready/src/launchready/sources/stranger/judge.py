"""What a stranger's walk through a handler says of it, and of the identity that middleware always brings."""

import contextlib
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.resolver import Resolver
from launchready.sources.stranger.calls import parameters
from launchready.sources.stranger.files import SCRIPTS, Files
from launchready.sources.stranger.names import Ended, Frame, Known, Refused
from launchready.sources.stranger.requests import GUEST, NOBODY, identity, parameter
from launchready.sources.stranger.syntax import Syntax
from launchready.sources.stranger.values import Scope, Value, const
from launchready.sources.stranger.walk import Walk

# What keeps out those who are in nobody's name speaks of a name.
_ASKS_WHO_IS_MISSING = re.compile(r"\bif\s*\(\s*!|={2,3}\s*(?:null|undefined)\b")
_SPEAKS_OF_CALLERS = re.compile(r"auth|session|user|token|account|member|login|signed", re.I)
_SETS = re.compile(r"\.(\w+)\s*=(?!=)")
_ADMIN = re.compile(r"(?:^|\.)(?:is_?)?(?:admin|super_?user|super_?admin|staff)$", re.I)
_ROLE = re.compile(r"role\w*=([\w|-]+)$", re.I)
_ANSWERS = frozenset(("json", "send", "end", "render", "jsonp", "write", "sendFile", "download"))


@dataclass(frozen=True, slots=True)
class Met:
    """The refusal that a stranger meets: the way to it, what of the caller decided, whether permissions that the app stores do, and
    whether some requests are left to other handlers before. It is met by guests, whose request has ``identities``, and by those whose
    request has none when ``by_nobody`` says so; or, when ``only_nobody``, by these alone."""

    chain: tuple[Span, ...]
    by: str
    stored: bool = False
    aside: bool = False
    identities: frozenset[str] = frozenset()
    only_nobody: bool = False
    by_nobody: Callable[[], bool] = field(default=lambda: True, compare=False)

    def doubt(self, brought: frozenset[str]) -> str:
        """Who passes all the same where ``brought`` are in every request, a stranger's as well; empty when nobody does."""
        if self.only_nobody:
            given = self.identities & brought
            return f"but a stranger's request has {' and '.join(sorted(given))} as well" if given else ""
        missing = self.identities - brought
        if not missing or self.by_nobody():
            return ""
        return f"but lets pass whose request has no {' or '.join(sorted(missing))}"

    @property
    def roles(self) -> tuple[str, ...]:
        """The role that is asked for, when that is what decided."""
        if self.stored:
            return ()
        role = _ROLE.search(self.by)
        return tuple(role[1].split("|")) if role else ("admin",) if _ADMIN.search(self.by) else ()


class Strangers:
    """Walks handlers of one tree. Each is walked twice at most: with a guest's identity in the request, and with none."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._files = Files(resolver)
        self._met: dict[int, Met | None] = {}
        self._known = {GUEST: Known(), NOBODY: Known()}

    def _walk(self, mode: str) -> Walk:
        return Walk(self._resolver, self._files, mode, self._known[mode])

    def handler(self, path: str, function: Function) -> Met | None:
        """The refusal that ends every way through a handler, None when some way leads on, or cannot be known."""
        node = self._files.node(path, function) if path.endswith(SCRIPTS) else None
        if node is None:
            return None
        if node.id not in self._met:
            self._met[node.id] = None
            self._met[node.id] = self._both(node, path, None)
        return self._met[node.id]

    def gives(self, path: str, function: Function) -> Value | None:
        """What a function gives back to a stranger, such as ``({ req: { user } }) => Boolean(user)``; None when it gives nothing back."""
        node = self._files.node(path, function) if path.endswith(SCRIPTS) else None
        if node is None:
            return None
        walk = self._walk(NOBODY)
        try:
            return walk.body(node, walk.entry(node, path))
        except Refused as refused:
            return const(False, refused.by)
        except (Ended, RecursionError):
            return None

    def made(self, path: str, call: Expr) -> Met | None:
        """The refusal of the middleware that a call makes, such as ``can("read")``."""
        node = self._files.call(path, call) if path.endswith(SCRIPTS) else None
        if node is None:
            return None
        walk = self._walk(NOBODY)
        try:
            target = walk.value(node, Frame(path, Scope()))
        except (Refused, Ended, RecursionError):
            return None
        takes = target.kind == "code" and target.node is not None and _takes_request(target.node)
        return self._both(target.node, target.path, target.scope) if takes and target.node is not None else None

    def wrapped(self, path: str, call: Expr, inner: int) -> Met | None:
        """The refusal of what is put around a handler, such as ``withAuth(handler, options)``: a stranger never gets to the handler, which is
        argument number ``inner``."""
        node = self._files.call(path, call) if path.endswith(SCRIPTS) else None
        called, arguments = (node.get("function"), node.get("arguments")) if node is not None else (None, None)
        if node is None or called is None or arguments is None:
            return None
        walk, frame = self._walk(NOBODY), Frame(path, Scope())
        listed = [one for one in arguments.named if one.kind != "comment"]
        try:
            target = walk.value(called.bare(), frame)
            given = [Value("handler") if at == inner else walk.value(one, frame) for at, one in enumerate(listed)]
            made = walk.call(target, given, frame, node) if target.kind == "code" else target
        except (Refused, Ended, RecursionError):
            return None
        if made.kind != "code" or made.node is None or walk.passed or not _SPEAKS_OF_CALLERS.search(made.node.text):
            return None
        entry = walk.entry(made.node, made.path, made.scope)
        by, chain, shown = "", list[Span](), False
        try:
            walk.body(made.node, entry)
            # `return <Page {...props} />` is where a page comes to whoever is let through.
            takes = parameters(target.node)[inner : inner + 1] if target.node is not None else []
            named = any(f"<{re.split(r'[^A-Za-z0-9_]', one.text)[0]} " in made.node.text for one in takes)
            shown = named and not _ASKS_WHO_IS_MISSING.search(made.node.text)
        except Refused as refused:
            by, chain = refused.by.label, list(refused.chain)
        except Ended:
            pass
        except RecursionError:
            return None
        if walk.passed or shown:
            return None
        by = by or (entry.decided.label if entry.decided is not None else "")
        return Met(tuple(chain) or (Span(path, call.line, f"{call.text} answers strangers itself"),), by or "a session")

    def _both(self, node: Syntax, path: str, scope: Scope | None) -> Met | None:
        guest, identities = self._walked(node, path, GUEST, scope)
        if guest is not None:
            # Where a guest's identity is always there, nobody has none, and the second walk is saved.
            nobody = functools.cache(lambda: self._walked(node, path, NOBODY, scope)[0] is not None)
            return replace(guest, identities=identities, by_nobody=nobody)
        met, identities = self._walked(node, path, NOBODY, scope)
        return replace(met, identities=identities, only_nobody=True) if met is not None else None

    def _walked(self, node: Syntax, path: str, mode: str, scope: Scope | None) -> tuple[Met | None, frozenset[str]]:
        walk = self._walk(mode)
        try:
            walk.body(node, walk.entry(node, path, scope))
        except Refused as refused:
            if not walk.passed:
                met = Met(refused.chain, refused.by.label, refused.by.stored, walk.aside)
                return met, frozenset(walk.identities)
        except (Ended, RecursionError):
            pass
        return None, frozenset(walk.identities)

    def brings(self, path: str, function: Function) -> frozenset[str]:
        """The identities that are in a request behind a middleware, whoever calls: what it puts there on every way to ``next()``."""
        sets = any(identity(name) for name in _SETS.findall(function.code)) and path.endswith(SCRIPTS)
        node = self._files.node(path, function) if sets else None
        if node is None:
            return frozenset()
        walk = self._walk(NOBODY)
        with contextlib.suppress(Refused, Ended, RecursionError):
            walk.body(node, walk.entry(node, path))
        there = [
            {name for name, value in fields.items() if identity(name) and _is_there(value)} for fields in walk.passed
        ]
        return frozenset(set.intersection(*there)) if there else frozenset()

    def hands_on(self, path: str, function: Function) -> bool:
        """Whether a handler answers with nothing but what handlers before it left in ``res.locals``."""
        node = self._files.node(path, function)
        answers = (
            [
                call
                for call in node.within(frozenset(("call_expression",)))
                if (called := call.get("function"))
                and called.kind == "member_expression"
                and (called.get("property") or called).text in _ANSWERS
                and (found := parameter(re.split(r"\W", called.text, maxsplit=1)[0]))
                and found.kind == "reply"
            ]
            if node is not None
            else []
        )
        given = [(call.get("arguments") or call).text for call in answers]
        return bool(answers) and all(one == "()" or ".locals" in one for one in given)


def _takes_request(node: Syntax) -> bool:
    kinds = [found.kind for one in parameters(node) if (found := parameter(one.text))]
    return "request" in kinds or "next" in kinds


def _is_there(value: Value) -> bool:
    return value.kind in ("thing", "there", "either") and bool(value.truth)
