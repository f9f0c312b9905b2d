"""Better Auth: the addresses that its handler answers, which stand in no source of an app.

Source: better-auth.com/docs (basic usage, email and password, the organization and admin plugins).
"""

import re
from collections.abc import Iterator

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, expected, once
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading

NAME = "Better Auth"
_MARK = Mark(re.compile(rb"""["']better-auth(?:/minimal)?["']"""), (b"better-auth",))
_SCRIPTS = (".js", ".ts", ".mjs", ".cjs", ".mts", ".cts")
_BASE = "/api/auth"
_SIGNED_IN = "session"
_Row = tuple[str, str, str, tuple[str, ...]]
# Method, path, who is let in (anybody, whoever is signed in, or a role), the fields of its body.
_ALWAYS: tuple[_Row, ...] = (
    ("GET", "/get-session", "", ()),
    ("POST", "/sign-out", "", ()),
    ("GET", "/list-sessions", _SIGNED_IN, ()),
    ("GET", "/list-accounts", _SIGNED_IN, ()),
    ("POST", "/update-user", _SIGNED_IN, ("name",)),
)
_BY_PASSWORD: tuple[_Row, ...] = (
    ("POST", "/sign-in/email", "", ("email", "password")),
    ("POST", "/change-password", _SIGNED_IN, ("newPassword", "currentPassword")),
)
_SIGN_UP: _Row = ("POST", "/sign-up/email", "", ("name", "email", "password"))
_PLUGINS: dict[str, tuple[_Row, ...]] = {
    "organization": (
        ("POST", "/organization/create", _SIGNED_IN, ("name", "slug")),
        ("GET", "/organization/list", _SIGNED_IN, ()),
        ("GET", "/organization/get-full-organization", _SIGNED_IN, ()),
        ("POST", "/organization/invite-member", _SIGNED_IN, ("email", "role", "organizationId")),
        ("POST", "/organization/accept-invitation", _SIGNED_IN, ("invitationId",)),
    ),
    "admin": (
        ("GET", "/admin/list-users", "admin", ()),
        ("POST", "/admin/set-role", "admin", ("userId", "role")),
    ),
}


class BetterAuth:
    """Reads every ``betterAuth({...})`` of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver

    def read(self) -> tuple[Endpoint, ...]:
        """The addresses of each, by the ways of signing in and the plugins that it is given."""
        found = [
            endpoint(NAME, self._route(module, call, row), self._base(module, options), Reading())
            for module in self._reader.marked(_MARK, *_SCRIPTS)
            for call in _made(module)
            if (options := self._table(module, call.items[0])) is not None
            for row in self._rows(module, options)
        ]
        if found:
            self._reader.used.add(NAME)
        return once(found)

    def _rows(self, module: Module, options: Expr) -> Iterator[_Row]:
        yield from _ALWAYS
        by_password = self._table(module, options.get("emailAndPassword"))
        if by_password is not None and _says(by_password.get("enabled")):
            yield from _BY_PASSWORD
            if not _says(by_password.get("disableSignUp")):
                yield _SIGN_UP
        plugins = options.get("plugins")
        for plugin in plugins.items if plugins is not None else ():
            yield from _PLUGINS.get(plugin.text, ())

    def _table(self, module: Module, value: Expr | None) -> Expr | None:
        if value is not None and value.kind == "name" and value.text:
            found = self._resolver.find(module.path, value.text)
            value = found.binding.value if found and found.binding else None
        return value if value is not None and value.kind == "dict" else None

    def _base(self, module: Module, options: Expr) -> str:
        given = options.get("basePath")
        text = self._resolver.text(module.path, given) if given is not None else ""
        return text if text.startswith("/") else _BASE

    @staticmethod
    def _route(module: Module, call: Expr, row: _Row) -> Route:
        method, path, who, fields = row
        span = Span(module.path, call.line, f"{path} is guarded by Better Auth itself")
        reading = Reading((Guard(span, () if who == _SIGNED_IN else (who,)),)) if who else Reading()
        inputs = tuple(Input(name, "body", "string", True) for name in fields)
        return Route(method, path, f"betterAuth{path}", module.path, call.line, "", reading, Reading(), inputs)


def _made(module: Module) -> list[Expr]:
    """The calls of ``betterAuth``, with a table of options or a name for one, once each."""
    functions = [f for owner in module.functions.values() for f in (owner, *owner.methods)]
    values = [binding.value for binding in module.bindings.values()]
    every = (*values, *module.exports.values(), *module.calls, *(call for f in functions for call in f.calls))
    calls = [
        e
        for e in every
        if e.kind == "call" and e.text == "betterAuth" and e.items and e.items[0].kind in ("dict", "name")
    ]
    return list({call.line: call for call in calls}.values())


def _says(value: Expr | None) -> bool:
    return value is not None and value.text.lower() == "true"


EXPECTS = expected(_MARK, *_SCRIPTS)
READS = {NAME: BetterAuth}
