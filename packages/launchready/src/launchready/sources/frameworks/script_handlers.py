"""Handlers that files export: the function inside wrappers, what the wrappers demand, and the folders that are apps of a framework."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from launchready.model.parsed import json_of, table_of
from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.callers import asks_caller
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.body_fields import with_fields
from launchready.sources.frameworks.common import Reader, Route, passed_on
from launchready.sources.frameworks.script_given import unbound
from launchready.sources.frameworks.script_inputs import inputs_of
from launchready.sources.gates import Gate
from launchready.sources.readings import Guard, Reading
from launchready.sources.resolver import Resolver

SCRIPTS = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".mts")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOTHING = Reading()
# `await requireUserSession(event)` of nuxt-auth-utils throws.
_TERMINAL = re.compile(
    r"\bawait\s+requireUserSession\(\s*event\b|\bauth(?:\(\))?\.protect\(|\bredirectToSignIn\(|(?:^|[;{}\s(])(?:unauthorized|forbidden)\(\)"
)
_SAYS_NO = re.compile(r"(?:unauthorized|forbidden)\(\)")
# One of them stands in whatever does so.
_TERMINALS = ("requireUserSession(", "protect(", "redirectToSignIn(", "unauthorized()", "forbidden()")
# Clerk: `auth.protect({ role: "org:admin" })`
_PROTECTED_FOR = re.compile(r"\.protect\(\s*\{[^{}]*?\b(?:role|permission)\s*:\s*[\"']([\w:.-]+)")
# What signs people in, all of it in the library: nobody is asked before.
_SIGNS_IN = re.compile(r"^(?:NextAuth|toNextJsHandler|toSvelteKitHandler|toSolidStartHandler)$")
_WRAPS_GUARD = re.compile(
    r"withApiAuthRequired|withPageAuthRequired|withAuthenticationRequired|withApiAuth$|withAuthUser", re.I
)
_MAKES_CLIENT = re.compile(r"^(?:createSafeActionClient|createServerActionProcedure|createServerAction|initTRPC|z)$")
_HARMLESS_WRAP = re.compile(
    r"sentry|cors|error|catch|log|trac|cache|connect|axiom|wrap|handler|highlight|bugsnag|memo|forwardRef|dynamic", re.I
)

_RECEIVER = re.compile(r"webhooks?(?:handler)?$", re.I)
_SECRET = re.compile(r"(?:signing_?|webhook_?)?secret(?:_?key)?", re.I)
_OF_H3 = re.compile(r"(?:define)?\w*EventHandler|eventHandler")
_HOPS = 3


@dataclass(frozen=True, slots=True)
class Handler:
    """A function that answers, where it stands, and what wraps it."""

    function: Function | None
    where: str
    wraps: Reading = NOTHING


class Handlers:
    """Finds exported handlers in one tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._paths = {file.path for file in reader.tree.files}

    def roots(self, packages: frozenset[str], configs: tuple[str, ...]) -> list[str]:
        """The folders that are apps, each with a slash at its end (empty for the tree itself): by manifest or by config file."""
        found = set()
        for file in self._reader.tree.files:
            folder, _, name = file.path.rpartition("/")
            if name.startswith(configs) or (name == "package.json" and self._depends(file.path, packages)):
                found.add(f"{folder}/" if folder else "")
        return sorted(found)

    def _depends(self, manifest: str, packages: frozenset[str]) -> bool:
        data = table_of(json_of(self._reader.tree.text(manifest) or ""))
        return not all(packages.isdisjoint(table_of(data.get(part))) for part in ("dependencies", "devDependencies"))

    def file(self, stem: str) -> str:
        """The script of this name without its suffix, or an empty string."""
        return next((stem + suffix for suffix in SCRIPTS if stem + suffix in self._paths), "")

    def gate(self, path: str) -> Gate | None:
        """What a middleware file refuses; None when it refuses nothing."""
        gate = Gate(self._reader.tree.text(path) or "") if path else None
        return gate if gate is not None and gate.refuses else None

    def exported(self, path: str, symbol: str) -> Handler | None:
        """What a file exports under a name, None when it exports no such thing."""
        module = self._resolver.module(path)
        if module is None or (symbol not in module.exports and not module.stars):
            return None
        found = self._resolver.exported(path, symbol, [], 8)
        if found is None:
            return Handler(None, path) if symbol in module.exports else None
        if found.function:
            return Handler(found.function, found.path)
        return self.unwrapped(found.path, found.binding.value) if found.binding else Handler(None, found.path)

    def imported(self, path: str, name: str) -> Handler | None:
        """The function behind a name that a file imports, None when it leads out of the source."""
        found = self._resolver.find(path, name)
        if found is None or found.outside:
            return None
        if found.function:
            return Handler(found.function, found.path)
        return self.unwrapped(found.path, found.binding.value) if found.binding else None

    def unwrapped(self, path: str, value: Expr, hops: int = 6) -> Handler:
        """The function inside ``withAuth(withCors(handler))``, with what the wrappers demand."""
        value = unbound(value)
        if value.kind == "function":
            return Handler(value.function, path)
        if value.kind == "name" and hops:
            found = self._resolver.find(path, value.text)
            if found and found.function:
                return Handler(found.function, found.path)
            if found and found.binding:
                return self.unwrapped(found.path, found.binding.value, hops - 1)
        if value.kind != "call" or not hops:
            return Handler(None, path)
        if _SIGNS_IN.match(value.text):
            return Handler(Function(value.text, value.line), path)
        if receives(value):
            did = next((one.function for item in value.items for _, one in item.named if one.function), None)
            signed = Guard(Span(path, value.line, f"{value.text} verifies a signature"), signature=True)
            return Handler(did or Function(value.text, value.line), path, Reading((signed,)))
        # withUser(schema, async () => ...): the function, wherever it stands; else what is given last.
        options = next((item for item in value.items if item.kind == "dict"), None)
        answers = options.get("handler") if options is not None and _OF_H3.fullmatch(value.text) else None
        if options is not None and answers is not None:
            # defineEventHandler({ onRequest: [ask], handler })
            handler, asked = self.unwrapped(path, answers, hops - 1), options.get("onRequest")
            return replace(handler, wraps=self._asked(path, asked) + handler.wraps)
        given = [item for item in value.items if item.kind in ("function", "name", "call")]
        inner = next((item for item in given if item.kind == "function"), given[-1] if given else None)
        handler = self.unwrapped(path, inner, hops - 1) if inner is not None else Handler(None, path)
        return Handler(handler.function, handler.where, self._wrapper(path, value, inner) + handler.wraps)

    def _asked(self, path: str, value: Expr | None) -> Reading:
        """What functions demand that run before a handler."""
        reading = NOTHING
        for item in (
            value.items if value is not None and value.kind == "list" else (value,) if value is not None else ()
        ):
            one = self.unwrapped(path, item)
            guard = self._reader.guards.function(one.where, one.function) if one.function else None
            reading += passed_on(guard, path, item.line, item.text or "onRequest")
            if one.function is None:
                reading += Reading(
                    unsure=(Span(path, item.line, f"{item.text} before the handler could not be followed"),)
                )
        return reading

    def _wrapper(self, path: str, call: Expr, inner: Expr | None) -> Reading:
        found = self._resolver.find(path, call.text) if call.text else None
        if found and found.function:
            guard = self._reader.guards.function(found.path, found.function)
            if guard is None and inner is not None:
                at = next((at for at, item in enumerate(call.items) if item is inner), -1)
                if kept := self._reader.guards.wrapped(path, call, at):
                    return Reading((kept,))
            return passed_on(guard, path, call.line, call.text, self._reader.guards.factory_roles(call, path))
        if found and found.binding and found.binding.value.text == "NextAuth":
            # auth(handler) of Auth.js puts the session into the request, and refuses nobody.
            return NOTHING
        if call.on is not None:
            return self._chain(path, call, 6)
        if _WRAPS_GUARD.search(call.text):
            return Reading((Guard(Span(path, call.line, f"{call.text} refuses strangers")),))
        if not call.text or _HARMLESS_WRAP.search(call.text):
            return NOTHING
        return Reading(unsure=(Span(path, call.line, f"{call.text} around the handler could not be followed"),))

    def _chain(self, path: str, call: Expr, hops: int) -> Reading:
        """What a client of actions demands: ``signedIn.schema(...).action(fn)``, where ``signedIn`` is ``base.use(async () => ...)``."""
        links = [call]
        while links[-1].on is not None:
            links.append(links[-1].on)
        for link in links[1:]:
            for item in link.items:
                guard = self._reader.guards.function(path, item.function) if item.function else None
                if guard is not None:
                    return passed_on(guard, path, call.line, link.text or "a step of the chain")
        root = links[-1].text.split(".")[0]
        found = self._resolver.find(path, root) if root and hops else None
        if found and found.binding and found.binding.value.kind == "call":
            reading = self._chain(found.path, Expr("call", "", (), (), call.line, found.binding.value), hops - 1)
            return Reading(
                tuple(replace(g, span=Span(path, call.line, f"{root}: {g.span.what}")) for g in reading.guards),
                reading.unsure,
            )
        if found is None or found.outside:
            return (
                NOTHING
                if _MAKES_CLIENT.search(root)
                else Reading(unsure=(Span(path, call.line, f"{root} could not be followed"),))
            )
        return NOTHING

    def route(
        self, method: str, address: str, name: str, path: str, handler: Handler, above: Reading = NOTHING
    ) -> Route:
        """The route that a handler answers. A page without a function of its own is open; any other handler we cannot see is unknown."""
        function = handler.function
        if function is None:
            unseen = Span(path, 1, f"{name} could not be followed")
            inline = NOTHING if name == "page" else Reading(unsure=(unseen,))
            return Route(method, address, name, path, 1, "", above + handler.wraps, inline)
        inline = self._reader.guards.inside(handler.where, function)
        if not inline.guards and any(word in function.code for word in _TERMINALS) and _ends_for_strangers(function):
            roles = tuple(dict.fromkeys(_PROTECTED_FOR.findall(function.code)))
            inline = Reading((Guard(Span(handler.where, function.line, f"{name} refuses strangers"), roles),))
        inputs: tuple[Input, ...] = ()
        helped = list(with_helpers(self._resolver, handler.where, function))
        for where, one in helped:
            inputs = with_fields(inputs, inputs_of(self._resolver, where, one.code, one.calls))
        code = "\n".join(one.code for _, one in helped)
        return Route(method, address, name, handler.where, function.line, code, above + handler.wraps, inline, inputs)


def _ends_for_strangers(function: Function) -> bool:
    """Whether a handler ends for who has no session in a word of its library.

    What says *forbidden* does so for whatever stands in its condition: ``if (isBlocked(ip)) return forbidden()``.
    """
    return any(
        not _SAYS_NO.search(one.group()) or asks_caller(function, one.start())
        for one in _TERMINAL.finditer(function.code)
    )


def with_helpers(
    resolver: Resolver, path: str, function: Function, hops: int = _HOPS
) -> Iterator[tuple[str, Function]]:
    """A handler, and the functions of ours that it gives the request to, each with its file."""
    yield path, function
    asked = re.split(r"\W", function.params[0].name.strip("{ "))[0] if function.params else ""
    for call in function.calls if hops and asked else ():
        if not call.text or not call.items or call.items[0].text != asked:
            continue
        found = resolver.find(path, call.text)
        if found and found.function and not found.function.is_class and found.function.line != function.line:
            yield from with_helpers(resolver, found.path, found.function, hops - 1)


def receives(call: Expr) -> bool:
    """Whether a library makes a receiver of webhooks of a secret: ``Webhooks({ webhookSecret, onPayload })`` of Polar and others."""
    options = next((item for item in call.items if item.kind == "dict"), None)
    named = options is not None and any(_SECRET.fullmatch(name) for name, _ in options.named)
    return named and _RECEIVER.search(call.text) is not None


def page(found: Endpoint) -> Endpoint:
    """An endpoint that is a page: what it shows may come from endpoints of its own, so that an open one is only suspected."""
    return replace(found, confidence=min(found.confidence, 0.8)) if found.source.what == "page" else found


def address_of(folder: str) -> str | None:
    """The path of a folder of routes: ``a/[id]/(group)`` is ``/a/{id}``; None for folders that are no address."""
    parts = []
    for part in folder.strip("/").split("/") if folder.strip("/") else []:
        if part.startswith("_") or re.match(r"\(\.{1,3}\)", part):
            return None
        if part.startswith("@") or re.fullmatch(r"\(.*\)", part) or part == "index":
            continue
        parts.append(re.sub(r"\[{1,2}(?:\.{3})?([\w-]+)(?:=\w+)?\]{1,2}", r"{\1}", part))
    return "/" + "/".join(parts)
