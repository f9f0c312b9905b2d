"""Who is asked for in a function of Convex: ``ctx.auth.getUserIdentity()`` is empty for a stranger, and only what is made of that keeps one out."""

import re

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader
from launchready.sources.frameworks.script_handlers import Handlers
from launchready.sources.readings import Guard, Reading

_LOOKS = re.compile(r"\bgetUserIdentity\(|\bgetAuthUserId\(|\bgetAuthSessionId\(|\bsafeGetAuthUser\(")
# `getAuthUser` of the component of Better Auth throws for who is not signed in.
_ASKS = re.compile(r"\bauthComponent\s*\.\s*getAuthUser\(")
# A token of the app's own that is sent along, or a secret of the server.
_BROUGHT = re.compile(r"token|secret|api_?key|session_?id|password|credential|\bprocess\.env\b", re.I)
_HELD = r"\b(?:const|let|var)\s+(?P<name>\w+|\{{[^{{}}]*\}})\s*(?::[^=;\n]{{1,80}})?=\s*[^;\n]{{0,60}}?\b(?:{call})"
_GONE = (
    r"if\s*\(\s*(?:!\s*{name}\b(?:\??\.\w+)*|{name}\b(?:\??\.\w+)*\s*={{2,3}}\s*(?:null|undefined))[^{{;]{{0,160}}?\)\s*\{{?\s*"
    r"(?:throw\b|return\s*(?:;|\}}|null\b|undefined\b|\[\s*\]|false\b|0\b|[\"'`]{{2}}|\{{[^{{}}()]*\}}))"
)
# `ctx.runQuery(api.members.current)`, `ctx.runMutation(internal.members.touch, {…})`: another function of the project.
_RUNS = re.compile(r"(?:^|\.)run(?:Query|Mutation|Action)$")
_PROJECT = re.compile(r"^(?:.*/)?convex/")
_HOPS = 5


class Callers:
    """Judges functions of one project."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._handlers = Handlers(reader)
        self._known: dict[tuple[str, str, int], Guard | None] = {}

    def reading(self, path: str, function: Function) -> Reading:
        """What a function asks of who calls it; unknown where the caller is looked up and nothing seen is made of it."""
        guard = self._guard(path, function, _HOPS)
        known = self._reader.guards.function(path, function)
        if guard is not None:
            roles = known.roles if known is not None and not known.doubt else ()
            return Reading((Guard(guard.span, roles or guard.roles),))
        inside = self._reader.guards.inside(path, function)
        if known is not None and not self._looks(path, function, _HOPS) and not _BROUGHT.search(function.code):
            what = f"{function.name or 'the handler'} refuses by what stands in the request, and not by who sends it"
            return Reading(unsure=(Span(path, function.line, what),))
        if not inside.guards and not inside.unsure and self._looks(path, function, _HOPS):
            what = f"{function.name or 'the handler'} looks up who calls, and what it does for a stranger could not be followed"
            return Reading(unsure=(Span(path, function.line, what),))
        return inside

    def _guard(self, path: str, function: Function, hops: int) -> Guard | None:
        key = (path, function.name, function.line)
        if key not in self._known:
            self._known[key] = None
            self._known[key] = self._judged(path, function, hops)
        return self._known[key]

    def _judged(self, path: str, function: Function, hops: int) -> Guard | None:
        code, said = function.code, function.name or "the handler"
        if _ASKS.search(code):
            return Guard(Span(path, function.line, f"{said} asks for the user, and the library refuses who has none"))
        # Which calls give nothing for a stranger, and which refuse one.
        empty = {
            rf"{name}\s*\(" for name in ("getUserIdentity", "getAuthUserId", "getAuthSessionId", "safeGetAuthUser")
        }
        for call in function.calls if hops else ():
            where, called = self._called(path, call)
            if called is None:
                continue
            inner = self._guard(where, called, hops - 1)
            runs = call.items[0].text if _RUNS.search(call.text) else ""
            if inner is not None and not _throws_nothing(called.code):
                what = f"{runs or call.text} refuses strangers ({where}:{called.line})"
                return Guard(Span(path, call.line, what), inner.roles)
            if inner is not None or self._looks(where, called, hops - 1):
                empty.add(re.escape(call.text.rsplit(".", 1)[-1]) + rf"\s*\(\s*{re.escape(runs)}")
        for held in re.finditer(_HELD.format(call="|".join(sorted(empty))), code):
            for name in re.findall(r"\w+", held["name"]):
                refused = re.search(_GONE.format(name=re.escape(name)), code[held.end() :])
                if refused:
                    return Guard(Span(path, function.line, f"{said} does nothing for who is not signed in"))
        return None

    def _looks(self, path: str, function: Function, hops: int) -> bool:
        if _LOOKS.search(function.code):
            return True
        for call in function.calls if hops > 0 else ():
            where, inner = self._called(path, call)
            if inner is not None and inner is not function and self._looks(where, inner, hops - 2):
                return True
        return False

    def _called(self, path: str, call: Expr) -> tuple[str, Function | None]:
        """The function of ours that a call runs, and its file: a helper, or another function of the project by its reference."""
        if not call.text or not call.items:
            return path, None
        project = _PROJECT.match(path) if _RUNS.search(call.text) else None
        if project is not None:
            folder, *inside = re.split(r"\.", call.items[0].text)
            file = self._handlers.file(project[0] + "/".join(inside[:-1])) if folder in ("api", "internal") else ""
            made = self._resolver.find(file, inside[-1]) if file else None
            described = made.binding.value.items[:1] if made and made.binding else ()
            given = (
                described[0].get("handler")
                if described and described[0].kind == "dict"
                else next(iter(described), None)
            )
            handler = self._handlers.unwrapped(file, given) if given is not None else None
            return (handler.where, handler.function) if handler is not None else (path, None)
        found = self._resolver.find(path, call.text)
        function = found.function if found else None
        return (found.path, function) if found and function and not function.is_class else (path, None)


def _throws_nothing(code: str) -> bool:
    """Whether a helper answers a stranger with nothing instead of an error, so that its caller decides."""
    return not re.search(r"\bthrow\b", code)
