"""What Laravel's middleware demands: by the names of its own, by the aliases of the app, and by the bodies of the app's classes
(laravel.com/docs: authentication, authorization, middleware)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, passed_on
from launchready.sources.readings import Guard, Reading

_DEMANDS = re.compile(
    r"^(?:auth(?:$|[:.])|verified$|can:|role(?:_or_permission)?:|permission:|abilit(?:y|ies):|scopes?:|client(?:$|:)|password\.confirm$)"
)
# spatie/laravel-permission: `role:admin|owner,web` names a guard of Laravel's behind the comma. What a permission is called says who may, as a role does.
_ROLES = re.compile(r"^(?:role|permission|role_or_permission):([^,]+)")
_SPATIE = re.compile(r"^\\?Spatie\\Permission\\")
_HARMLESS = re.compile(
    r"^(?:web$|api$|guest|throttle|bindings$|cache|cors|session|log|localiz|locale|precognitive|doNotCacheResponse)"
)
_OWN = re.compile(
    r"^Illuminate\\(?:Auth\\Middleware\\(?:Authenticate|Authorize|EnsureEmailIsVerified|RequirePassword)|Session|.*)"
)
# `ThrottleRequests::class.':api'`, as Laravel's own kernel had it until version 10, and `RoleMiddleware::class.':admin'`.
_CLASS_WITH = re.compile(r"^\{(?P<name>\\?[A-Z][\w\\]*)\?\}(?::(?P<given>.*))?$")
_SELECTED = re.compile(r"new\s+Middleware\(\s*(?P<what>\[[^\]]*\]|[^,()\[\]]+)(?P<rest>(?:,[^()]*)?)\)")
_CASHIER = r"Laravel\Cashier\Http\Controllers\WebhookController"
_REFUSING = re.compile(
    r"\\(?:Authenticate(?:WithBasicAuth)?|Authorize|EnsureEmailIsVerified|RequirePassword|CheckAbilities|RoleMiddleware|PermissionMiddleware|RoleOrPermissionMiddleware)$"
)


@dataclass(frozen=True, slots=True)
class Selected:
    """Middleware of a controller: ``only`` or ``but`` these methods, all when both are empty."""

    item: Expr
    only: frozenset[str] = frozenset()
    but: frozenset[str] = frozenset()


class LaravelMiddleware:
    """Judges middleware by name or class, with the aliases and groups that the app's kernel gives."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._php = reader.resolver.php
        self._aliases: dict[str, tuple[str, Expr]] = {}
        self._groups: dict[str, tuple[str, Expr]] = {}
        for file in reader.tree.named("Kernel.php", "app.php"):
            self._kernel(file.path)

    def _kernel(self, path: str) -> None:
        found = self._php.file(path)
        if found is None:
            return
        for made in found.module.functions.values():
            for field in made.fields:
                value = field.default
                if field.name in ("routeMiddleware", "middlewareAliases") and value is not None:
                    self._aliases |= {name: (path, one) for name, one in value.named}
                elif field.name == "middlewareGroups" and value is not None:
                    self._groups |= {name: (path, one) for name, one in value.named}
        for steps in found.steps.values():
            for call in steps:
                if call.text == "middleware.alias" and call.items and call.items[0].kind == "dict":
                    self._aliases |= {name: (path, one) for name, one in call.items[0].named}

    def reading(self, path: str, items: tuple[Expr, ...] | list[Expr], depth: int = 0) -> Reading:
        """What a list of middleware demands, as a file at ``path`` writes it."""
        reading = Reading()
        for item in items:
            if item.kind == "list" or (item.kind == "call" and item.text in ("array_filter", "array_merge")):
                reading += self.reading(path, item.items, depth)
            else:
                reading += self._one(path, item, depth)
        return reading

    def _one(self, path: str, item: Expr, depth: int) -> Reading:
        span = Span(path, item.line, f"middleware {item.text}")
        if item.kind == "function" and item.function is not None:
            guard = self._reader.guards.function(path, item.function)
            return Reading((guard,)) if guard else Reading()
        if item.kind == "str":
            if of_class := _CLASS_WITH.match(item.text):
                given = (of_class["given"] or "").split(",")
                span = replace(span, what=f"middleware {of_class['name']}")
                return self._class(path, of_class["name"], item.line, span, path, tuple(filter(None, given)))
            return self._named(path, item, span, depth)
        return self._class(path, item.text, item.line, span) if item.text else Reading()

    def _named(self, path: str, item: Expr, span: Span, depth: int) -> Reading:
        name = item.text
        if name == "signed" or name.startswith("signed:"):
            return Reading((Guard(replace(span, what="middleware signed verifies a signature"), signature=True),))
        alias, _, given = name.partition(":")
        where, value = self._aliases.get(alias, ("", item))
        if where and (alias not in ("auth", "can", "verified") or self._php.find_class(where, value.text)):
            return self._class(where, value.text, item.line, span, path, tuple(filter(None, given.split(","))))
        if _DEMANDS.search(name):
            roles = _ROLES.match(name)
            said = tuple(roles.group(1).split("|")) if roles else ()
            return Reading((Guard(replace(span, what=f"middleware {name} refuses strangers"), said),))
        if alias in self._groups and depth < 4:
            where, value = self._groups[alias]
            return self.reading(where, [value], depth + 1)
        if _HARMLESS.search(name):
            return Reading()
        return Reading(unsure=(replace(span, what=f"middleware {name} could not be followed"),))

    def _class(
        self, where: str, name: str, line: int, span: Span, path: str = "", roles: tuple[str, ...] = ()
    ) -> Reading:
        found = self._php.find_class(where, name)
        full = self._php.full_name(where, name)
        roles = tuple(one for part in (roles[:1] if _SPATIE.match(full) else roles) for one in part.split("|"))
        if found is None:
            if _REFUSING.search(f"\\{full}"):
                named = roles if full.endswith("\\RoleMiddleware") or _SPATIE.match(full) else ()
                return Reading((Guard(replace(span, what=f"{full} refuses strangers"), named),))
            if _OWN.match(full) or re.search(r"Throttle|Cors|Session|Csrf|Stateful|Guest|Locale|Log", full):
                return Reading()
            return Reading(unsure=(replace(span, what=f"middleware {full} could not be followed"),))
        handle = self._php.method(*found, "handle")
        guard = self._reader.guards.function(*handle) if handle is not None else None
        if guard is not None and handle is not None and handle[1].code.count("$next(") > 1:
            # Handed on in several places: some may pass without being asked.
            guard = replace(guard, by_caller=False)
        if guard is None and handle is None and self._extends_refusing(*found):
            # The app's own Authenticate only says where to send people; Laravel's, which it extends, refuses.
            guard = Guard(Span(found[0], found[1].line, f"{found[1].name} refuses strangers"))
        if (
            guard is None
            and re.search(r"auth|admin|role|permission|access|subscri|member|owner|tenant", name, re.I)
            and "Guest" not in name
            and "Redirect" not in name
        ):
            return Reading(unsure=(replace(span, what=f"middleware {name} was not seen to refuse anybody"),))
        return passed_on(guard, path or span.file, line, span.what.removeprefix("middleware "), roles)

    def _extends_refusing(self, path: str, owner: Function) -> bool:
        """Whether a middleware is one of Laravel's that refuses, under another name: ``class Authenticate extends Middleware``."""
        return any(_REFUSING.search(f"\\{self._php.full_name(path, base.text)}") for base in owner.bases)

    def controller(self, path: str, owner: Function) -> list[tuple[str, Selected]]:
        """The middleware a controller gives itself in its constructor, or in ``middleware()`` (HasMiddleware), with the file it stands in."""
        found: list[tuple[str, Selected]] = []
        built = self._php.method(path, owner, "__construct")
        for call in built[1].calls if built is not None else ():
            links = chain(call)
            if links[0].text == "this.middleware" and links[0].items:
                only = frozenset(
                    text for link in links if link.text == "only" for item in link.items for text in item.strings()
                )
                but = frozenset(
                    text for link in links if link.text == "except" for item in link.items for text in item.strings()
                )
                items = links[0].items[0].items if links[0].items[0].kind == "list" else (links[0].items[0],)
                found += [(built[0] if built else path, Selected(one, only, but)) for one in items]
        listed = next((method for method in owner.methods if method.name == "middleware"), None)
        found += [(path, one) for one in _listed(listed)] if listed is not None else []
        # A chain is met once for each of its calls; the longest says most.
        best: dict[tuple[str, int], tuple[str, Selected]] = {}
        for where, one in found:
            key = (one.item.text, one.item.line)
            if key not in best or one.only or one.but:
                best[key] = (where, one)
        return list(best.values())

    def of_cashier(self, path: str, owner: Function) -> Reading:
        """What Cashier's controller of webhooks asks in its constructor: Stripe's signature, once a secret is set (laravel.com/docs: billing)."""
        if not any(self._php.full_name(path, base.text) == _CASHIER for base in owner.bases):
            return Reading()
        own = next((method for method in owner.methods if method.name == "__construct"), None)
        if own is not None and "parent::__construct" not in own.code:
            return Reading()
        guard = Guard(Span(path, owner.line, "Cashier verifies Stripe's signature"), signature=True)
        return Reading((guard,)).asked_when("config('cashier.webhook.secret')")


def _listed(method: Function) -> Iterator[Selected]:
    """The middleware that ``middleware()`` of a controller lists: ``['auth', new Middleware('admin', except: ['index'])]``."""
    for made in _SELECTED.finditer(method.code):
        only, but = (
            frozenset(re.findall(r"['\"](\w+)['\"]", " ".join(re.findall(rf"\b{word}:\s*([^\]\)]*)", made["rest"]))))
            for word in ("only", "except")
        )
        for name, cls in re.findall(r"['\"]([\w.:,|-]+)['\"]|([\w\\]+)::class", made["what"]):
            line = method.line + method.code.count("\n", 0, made.start())
            yield Selected(Expr("str", name or f"{{{cls}?}}", line=line), only, but)
    for name in re.findall(r"[\[,]\s*'([\w.:,|-]+)'\s*(?=[,\]])", _SELECTED.sub("", method.code)):
        yield Selected(Expr("str", name, line=method.line))


def chain(call: Expr) -> list[Expr]:
    """The calls of a chain, the first one first."""
    links = [call]
    while links[-1].on is not None:
        links.append(links[-1].on)
    return links[::-1]
