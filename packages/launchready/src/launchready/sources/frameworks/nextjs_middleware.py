"""The middleware of a Next.js app (``middleware.ts``, since version 16 ``proxy.ts``): which paths it keeps strangers out of.

Sources: nextjs.org/docs (middleware, matcher), clerk.com/docs (clerkMiddleware), authjs.dev, next-auth.js.org (withAuth).
"""

import json
import re
from dataclasses import dataclass, field

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.frameworks.common import Reader
from launchready.sources.gates import Gate, matches
from launchready.sources.readings import Guard, Reading

_SUFFIXES = (".ts", ".js", ".mjs", ".tsx", ".jsx")
_ALWAYS = re.compile(r"next-auth/middleware|withMiddlewareAuthRequired|kinde.*withAuth|withAuth\b.*kinde", re.I)
_LISTS_PUBLIC = re.compile(r"\bauthMiddleware\(|\bauthkitMiddleware\(")
_PUBLIC_LIST = re.compile(r"(?:publicRoutes|unauthenticatedPaths|ignoredRoutes|publicPaths)\s*:\s*\[([^\]]*)\]")
_HARMLESS = re.compile(r"intl|i18n|rewrite|csp|header|locale|sentry|log|clerkMiddleware|NextAuth", re.I)


@dataclass(frozen=True, slots=True)
class Middleware:
    """What stands before the routes of one app. ``matchers`` are the paths it runs for, none for all of them;
    at ``picked`` it runs by what a request brings (``has``, ``missing``). ``gates`` are its own code, ``main``, and that of the functions it
    calls, each by the name that it calls it by."""

    file: str = ""
    matchers: tuple[str, ...] = ()
    picked: tuple[str, ...] = ()
    main: Gate | None = None
    gates: tuple[tuple[str, Gate], ...] = ()
    everywhere: bool = False
    public: tuple[str, ...] = ()
    unsure: tuple[Span, ...] = field(default=())

    @classmethod
    def find(cls, reader: Reader, root: str) -> "Middleware":
        """The middleware of the app in folder ``root``; one that does nothing when there is none."""
        paths = {file.path for file in reader.tree.files}
        for stem in ("middleware", "src/middleware", "proxy", "src/proxy"):
            for suffix in _SUFFIXES:
                if (path := f"{root}{stem}{suffix}") in paths and (module := reader.resolver.module(path)):
                    return cls._read(reader, module, reader.tree.text(path) or "")
        return cls()

    @classmethod
    def _read(cls, reader: Reader, module: Module, text: str) -> "Middleware":
        main = Gate(text, _constants(reader, module))
        gates = [("", main)]
        unsure: list[Span] = []
        for name, entry in module.imports.items():
            local = name.split("@")[0]
            if not re.search(rf"\b{re.escape(local)}\(\s*(?:req|request|event)\b", text):
                continue
            found = reader.resolver.find(module.path, name)
            there = (
                reader.resolver.module(found.path)
                if found and not found.outside and found.path != module.path
                else None
            )
            if there is not None and found is not None:
                gates.append((local, Gate(reader.tree.text(found.path) or "", _constants(reader, there), text)))
            elif not _HARMLESS.search(f"{entry.module} {local}"):
                unsure.append(Span(module.path, 1, f"{local} decides in the middleware, and could not be followed"))
        public = tuple(
            one for group in _PUBLIC_LIST.findall(text) for one in re.findall(r"[\"'`]([^\"'`]+)[\"'`]", group)
        )
        everywhere = bool(_ALWAYS.search(text)) or bool(_LISTS_PUBLIC.search(text))
        refusing = tuple((name, gate) for name, gate in gates if gate.refuses)
        if not refusing and not everywhere and re.search(r"\bauth as (?:middleware|proxy)\b|\bauthorized\b", text):
            unsure.append(Span(module.path, 1, "the middleware decides in a callback, which could not be followed"))
        matchers = _matchers(module)
        always = tuple(path for path, picks in matchers if not picks)
        picked = tuple(path for path, picks in matchers if picks)
        return cls(module.path, always, picked, main, refusing, everywhere, public, tuple(unsure))

    def reading(self, path: str) -> Reading:
        """What a stranger who asks for ``path`` meets."""
        always = not (self.matchers or self.picked) or any(matches(pattern, path) for pattern in self.matchers)
        if not self.file or not (always or any(matches(pattern, path) for pattern in self.picked)):
            return Reading()
        reading = self._met(path)
        if always or not reading.guards:
            return reading
        # Whoever asks chooses the headers, the cookies and the query: without them, or with them, nobody is turned away.
        said = "the middleware turns strangers away, but only by what their request has or misses (matcher)"
        return Reading(unsure=(Span(self.file, 1, said),))

    def _met(self, path: str) -> Reading:
        """What a stranger meets where the middleware runs."""
        open_here = any(matches(pattern, path) for pattern in self.public)
        named = [gate for name, gate in self.gates if not name or self.main is None or self.main.calls(name, path)]
        met = [gate for gate in named if not gate.perhaps(path)]
        if (self.everywhere and not open_here) or any(gate.covers(path) for gate in met):
            roles = tuple(dict.fromkeys(role for gate in met for role in gate.roles(path)))
            return Reading((Guard(Span(self.file, 1, "the middleware turns strangers away"), roles),))
        if len(met) < len(named):
            said = "the middleware turns some away by their path, in a way that could not be followed"
            return Reading(unsure=(*self.unsure, Span(self.file, 1, said)))
        return Reading(unsure=self.unsure)


def _matchers(module: Module) -> tuple[tuple[str, bool], ...]:
    """The paths of the matcher, each with whether it picks requests by more than their path."""
    config = module.bindings.get("config")
    value = config.value.get("matcher") if config is not None else None
    if value is None:
        return ()
    items = value.items if value.kind == "list" else (value,)
    sources = [(item.get("source") if item.kind == "dict" else item, item) for item in items]
    return tuple(
        (one.text, item.get("has") is not None or item.get("missing") is not None)
        for one, item in sources
        if one is not None and one.kind == "str"
    )


def _constants(reader: Reader, module: Module) -> dict[str, str]:
    """Paths and lists of paths that other files define, as source text."""
    found = {}
    for name in module.imports:
        there = reader.resolver.find(module.path, name)
        value: Expr | None = there.binding.value if there and there.binding else None
        if value is not None and value.kind in ("list", "str"):
            told = list(value.strings()) if value.kind == "list" else value.text
            found[name.split("@")[0]] = json.dumps(told)
    return found
