"""Guards of NestJS: on routes, controllers and the whole app, and the metadata by which they let some routes pass (docs.nestjs.com: guards)."""

import re
from dataclasses import replace

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader
from launchready.sources.frameworks.nestjs_optional import lets_strangers_pass
from launchready.sources.readings import Guard, Reading
from launchready.sources.role_names import roles_in
from launchready.sources.sometimes import passes_by_header

_TERMINAL = re.compile(r"^AuthGuard$|^(?:Jwt|Session|Passport|Clerk|Cognito|Firebase)?AuthGuard$")
# AuthGuard("google") leads to the provider and takes who comes back; AuthGuard("local") takes a password.
_SIGNS_IN = re.compile(
    r"^(?:google|github|facebook|twitter|linkedin|microsoft|apple|discord|azure\w*|saml|oauth2?|oidc|openid\w*|local)\b",
    re.I,
)
_COMPOSED = 2
_NO_GUARD = re.compile(r"Throttl|RateLimit|Csrf|Cache|Logging", re.I)
_METADATA = re.compile(r"reflector\s*\.\s*get\w*\s*(?:<[^;]{0,200}?>)?\(\s*([\w.]+|[\"'][\w-]+[\"'])")
_ROLE_WORDS = re.compile(r"role|permission|scope|abilit|polic", re.I)
_LETS_PASS = re.compile(
    r"if\s*\(\s*(?:!\s*\w*(?:role|permission|scope|abilit|polic)\w*|!\s*required\w*)[^)]*\)\s*\{?\s*return\s+true", re.I
)
# `const asked = this.reflector.get(KEY, …)`, and the way out where it is not set: the guard is for routes that ask for it.
_HELD = re.compile(
    r"\b(?:const|let|var)\s+(\w+)[^=;]{0,120}=\s*(?:this\s*\.\s*)?reflector\s*\.\s*get\w*\s*(?:<[^;]{0,200}?>)?\(\s*([\w.]+|[\"'][\w-]+[\"'])"
)
_UNLESS_SET = (
    r"(?:\bif\s*\(|\breturn)\s*(?:!\s*{name}\b(?:\??\.length)?|{name}\s*===?\s*(?:undefined|null|false)|{name}\??\.length\s*===?\s*0)"
    r"\s*(?:\)\s*\{{?\s*return\s+true\b|\|\|)"
)
# A guard of the scope of a request may have it injected.
_REQUEST = re.compile(r"\bthis\s*\.\s*\w*(?:req|request|context|ctx|cls|session)\w*\b", re.I)
_OWN_CALL = re.compile(r"\bthis\s*\.\s*(\w+)\s*\(")
_ALWAYS_TRUE = re.compile(r"^\s*\{?\s*return\s+true;?\s*\}?\s*$")


class NestGuards:
    """What guards demand of the routes of one app."""

    def __init__(self, reader: Reader, modules: list[Module]) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._constants: dict[str, str] = {}
        self._everywhere = [found for module in modules for found in _global(module)]
        self._keys = {
            name: tuple(self._value(module.path, key) for key in keys)
            for module in modules
            for name, keys in _metadata_decorators(module)
        }
        for _ in range(_COMPOSED):
            self._keys |= {name: keys for module in modules for name, keys in _composed(module, self._keys)}

    def reading(self, path: str, owner: Function, method: Function) -> Reading:
        """What stands between a stranger and one method of a controller."""
        given = (*method.decorators, *owner.decorators)
        reading = Reading()
        for where, guard in self._everywhere:
            reading += self._guard(where, guard, given)
        for decorator in given:
            if decorator.text == "UseGuards":
                for item in decorator.items:
                    reading += self._guard(path, item, given)
            elif decorator.kind == "call" or decorator.kind == "name":
                reading += self._composed(path, decorator, given)
        return reading

    def _composed(self, path: str, decorator: Expr, given: tuple[Expr, ...]) -> Reading:
        """A decorator of the app's own that applies others: ``applyDecorators(UseGuards(...), ...)``."""
        found = self._resolver.find(path, decorator.text) if decorator.text else None
        if not found or not found.function or "UseGuards" not in found.function.code:
            return Reading()
        reading = Reading()
        for call in found.function.calls:
            if call.text == "UseGuards":
                for item in call.items:
                    reading += self._guard(found.path, item, given)
        return reading

    def _guard(self, path: str, item: Expr, given: tuple[Expr, ...]) -> Reading:
        name = item.text
        if _NO_GUARD.search(name):
            return Reading()
        found = self._resolver.find(path, name) if name else None
        span = Span(path, item.line, f"guard {name}")
        if found and found.binding and found.binding.value.kind == "call":
            name = found.binding.value.text  # const JwtGuard = AuthGuard("jwt")
        made = found.binding.value if found and found.binding else item
        if _SIGNS_IN.search(" ".join(made.strings())):
            return Reading()
        if found is None or found.function is None:
            if _TERMINAL.match(name.rsplit(".", 1)[-1]):
                return Reading((Guard(Span(path, item.line, f"{name} refuses strangers")),))
            return Reading(unsure=(Span(path, item.line, f"guard {name} could not be followed"),))
        return self._judge(found.path, found.function, given, span)

    def _judge(self, path: str, guard: Function, given: tuple[Expr, ...], span: Span) -> Reading:
        checks = next((method for method in guard.methods if method.name == "canActivate"), None)
        based = any(_TERMINAL.match(base.text) or base.text == "AuthGuard" for base in guard.bases)
        optional = lets_strangers_pass(guard) or bool(checks and passes_by_header(checks.code))
        if checks is None and any(_SIGNS_IN.search(text) for base in guard.bases for text in base.strings()):
            return Reading()
        code = _with_own(guard, checks) if checks else ""
        keys = {self._value(path, key) for key in _METADATA.findall(code)}
        named = {key for decorator in given for key in self._sets(decorator)}
        opted = {self._value(path, key) for key in _asked_for(code)}
        passes = {key for key in keys - opted if not _ROLE_WORDS.search(key)}
        if passes & named:
            return Reading()
        asked = keys - passes
        if asked and (opted or _LETS_PASS.search(code)) and not asked & named:
            return Reading()  # a guard of roles lets pass where no role is named
        roles = tuple(
            text for decorator in given if asked & set(self._sets(decorator)) for text in self._named_roles(decorator)
        )
        if checks is None:
            parent = next((self._resolver.find(path, base.text) for base in guard.bases if base.text), None)
            if not based and parent and parent.function:
                reading = self._judge(parent.path, parent.function, given, span)
                return (
                    replace(reading, guards=tuple(replace(one, optional=True) for one in reading.guards))
                    if optional
                    else reading
                )
            return Reading((Guard(span, roles, optional=optional),)) if based else Reading(unsure=(span,))
        if _ALWAYS_TRUE.match(code):
            return Reading()
        if not checks.params and not _REQUEST.search(code):
            return Reading(unsure=(Span(span.file, span.line, f"{span.what} decides without a look at who asks"),))
        what = f"{guard.name} refuses ({path}:{checks.line})"
        return Reading((Guard(Span(span.file, span.line, what), roles or roles_in(code), optional=optional),))

    def _value(self, path: str, key: str) -> str:
        """A key as it is written, or as the constant says that stands for it: ``IS_PUBLIC_KEY`` and ``"isPublic"`` are one."""
        if key[:1] in "\"'":
            return key.strip("\"'")
        name = key.rsplit(".", 1)[-1]
        if name in self._constants:
            return self._constants[name]
        found = self._resolver.find(path, key) if path else None
        value = found.binding.value if found and found.binding else None
        if value is not None and value.kind == "str":
            self._constants[name] = value.text
            return value.text
        return name

    def _sets(self, decorator: Expr) -> tuple[str, ...]:
        """The metadata keys a decorator on a route sets."""
        if decorator.text == "SetMetadata" and decorator.items:
            return (self._value("", decorator.items[0].text),)
        return self._keys.get(decorator.text.rsplit(".", 1)[-1], ())

    @staticmethod
    def _named_roles(decorator: Expr) -> tuple[str, ...]:
        items = [one for item in decorator.items for one in (item.items if item.kind == "list" else (item,))]
        if decorator.text == "SetMetadata":
            items = items[1:]
        found = [
            item.text if item.kind == "str" else item.text.rsplit(".", 1)[-1].lower()
            for item in items
            if item.kind in ("str", "name")
        ]
        return tuple(found)


def _with_own(guard: Function, checks: Function) -> str:
    """The code of a guard with that of methods of its own that it calls: ``if (this.isPublic(context)) return true``."""
    called = set(_OWN_CALL.findall(checks.code))
    return "\n".join((checks.code, *(method.code for method in guard.methods if method.name in called)))


def _asked_for(code: str) -> set[str]:
    """The metadata keys without which a guard lets everybody pass: ``if (!asked) return true``."""
    return {key for name, key in _HELD.findall(code) if re.search(_UNLESS_SET.format(name=re.escape(name)), code)}


def _global(module: Module) -> list[tuple[str, Expr]]:
    """Guards for the whole app: ``useGlobalGuards(...)`` and providers of APP_GUARD."""
    found: list[tuple[str, Expr]] = []
    for call in module.calls:
        if call.text.rsplit(".", 1)[-1] == "useGlobalGuards":
            found += [(module.path, item) for item in call.items]
    for owner in module.functions.values():
        for decorator in (d for d in owner.decorators if d.text == "Module" and d.items):
            providers = decorator.items[0].get("providers")
            for item in providers.items if providers is not None else ():
                provided = item.get("provide")
                target = item.get("useClass") or item.get("useExisting")
                if provided is not None and provided.text == "APP_GUARD" and target is not None:
                    found.append((module.path, target))
    return found


def _composed(module: Module, keys: dict[str, tuple[str, ...]]) -> list[tuple[str, tuple[str, ...]]]:
    """Decorators of the app's own that apply such: ``ApiPublic = () => applyDecorators(Public(), HttpCode(200))``."""
    found = []
    for name, function in module.functions.items():
        if "applyDecorators(" in function.code and not function.is_class:
            applied = [key for call in function.calls for key in keys.get(call.text, ())]
            if applied:
                found.append((name, tuple(dict.fromkeys((*keys.get(name, ()), *applied)))))
    return found


def _metadata_decorators(module: Module) -> list[tuple[str, tuple[str, ...]]]:
    """Decorators of the app's own that set metadata: ``export const Public = () => SetMetadata(IS_PUBLIC_KEY, true)``."""
    found = []
    for name, function in module.functions.items():
        keys = re.findall(r"SetMetadata(?:<[^()]*?>)?\(\s*([\w.]+|[\"'][\w-]+[\"'])", function.code)
        if keys and not function.is_class:
            found.append((name, tuple(keys)))
    for name, binding in module.bindings.items():
        if binding.value.text.endswith("Reflector.createDecorator"):
            found.append((name, (name,)))
    return found
