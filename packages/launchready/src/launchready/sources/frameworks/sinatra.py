"""Sinatra, classic and modular: routes with the filters before them, namespaces, and where config.ru maps an app (sinatrarb.com)."""

import re
from dataclasses import dataclass, field

from msgspec import structs

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, join, once
from launchready.sources.frameworks.rails_words import template
from launchready.sources.frameworks.ruby_classes import Chain, Class, RubyClasses
from launchready.sources.frameworks.ruby_guards import judge, knows
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading

NAME = "Sinatra"
_MARK = Mark(
    re.compile(
        rb"require\s*\(?\s*[\"']sinatra(?:/[\w/]+)?[\"']|Sinatra::(?:Base|Application|Namespace)|\bSinatra\.new\b"
    ),
    (b"sinatra", b"Sinatra"),
)
_VERBS = ("get", "post", "put", "patch", "delete", "options", "link", "unlink")
_BASES = frozenset(("Sinatra::Base", "Sinatra::Application"))
_CONDITIONS = frozenset(
    ("auth", "role", "roles", "authorize", "authenticate", "protected", "require_role", "logged_in")
)
_PROTECTS = re.compile(r"^(?:Rack::Auth::Basic|Rack::Auth::Digest::MD5|Warden::Manager|OmniAuth::\w+)$")


@dataclass(slots=True)
class Before:
    """A filter: the pattern of the paths it runs before, empty for all."""

    path: str
    function: Function
    line: int


@dataclass(slots=True)
class App:
    """A Sinatra app: a class, or the top level of a file."""

    name: str
    path: str
    chain: Chain
    parents: list[str] = field(default_factory=list)
    filters: list[Before] = field(default_factory=list)
    routes: list[tuple[str, str, Expr, str]] = field(default_factory=list)
    around: Reading = field(default_factory=Reading)


class Sinatra:
    """Reads every Sinatra app of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._classes = RubyClasses(reader)
        self._apps: dict[str, App] = {}
        self._mounts: dict[str, list[tuple[str, Reading]]] = {}

    def read(self) -> tuple[Endpoint, ...]:
        """All endpoints; an app that no config.ru maps stands at the root."""
        modules: list[Module] = []
        classic: list[Module] = []
        files = self._reader.tree.with_suffix(".rb", ".ru")
        marked = set(_MARK.files(self._reader.tree, ".rb", ".ru"))
        for file in files if marked else ():
            if re.search(r"(?:^|/)(?:vendor|test|spec)/", file.path):
                continue
            if (module := self._reader.resolver.module(file.path)) is not None:
                modules.append(module)
                if file.path in marked and self._is_classic(file.path):
                    classic.append(module)
        if not marked:
            return ()
        self._reader.used.add(NAME)
        self._modular(modules)
        for module in classic:
            helpers = Function(
                "helpers", 1, methods=tuple(f for f in module.functions.values() if not f.is_class), is_class=True
            )
            helpers = structs.replace(helpers, methods=(*helpers.methods, *_helpers(module.calls)))
            app = App("", module.path, Chain((Class(module.path, helpers),)))
            self._lines(app, module.path, module.calls, "", "")
            self._apps[module.path] = app
        for module in modules:
            if module.path.endswith(".ru"):
                self._rackup(module, module.calls, "", Reading())
        found = [one for app in self._apps.values() for one in self._endpoints(app)]
        return once(found)

    def _is_classic(self, path: str) -> bool:
        text = self._reader.tree.bytes(path) or b""
        return (
            bool(re.search(rb"require\s*\(?\s*[\"']sinatra(?:/namespace|/reloader)?[\"']", text))
            and b"Sinatra::Base" not in text
        )

    def _modular(self, modules: list[Module]) -> None:
        """The classes that descend from Sinatra::Base, directly or by a class of the source."""
        for module in modules:
            for name, function in module.functions.items():
                if not function.is_class:
                    continue
                chain = self._classes.chain(Class(module.path, function))
                if _BASES.isdisjoint(chain.outside):
                    continue
                extra = [
                    Class(one.path, structs.replace(one.function, methods=_helpers(one.function.calls)))
                    for one in chain.classes
                ]
                app = App(name, module.path, Chain((*chain.classes, *extra), chain.outside))
                app.parents = [one.function.name for one in chain.classes[1:]]
                self._lines(app, module.path, function.calls, "", "")
                self._apps[name] = app

    def _lines(self, app: App, path: str, calls: tuple[Expr, ...], prefix: str, guard: str) -> None:
        for call in calls:
            inner = call.function
            first = call.items[0] if call.items else None
            if call.on is not None and call.text == "each" and inner is not None:
                self._loop(app, path, call, prefix)
            elif call.text in _VERBS and inner is not None and first is not None:
                for text in _paths(first):
                    app.routes.append((call.text.upper(), join(prefix, text), call, path))
            elif call.text == "route" and inner is not None and len(call.items) > 1:
                *verbs, last = call.items
                for verb in (text for one in verbs for text in one.strings()):
                    for text in _paths(last):
                        app.routes.append((verb.upper(), join(prefix, text), call, path))
            elif call.text == "before" and inner is not None:
                wanted = _paths(first) if first is not None else [""]
                for one in wanted:
                    at = join(prefix, one) if one else f"{prefix}/*" if prefix else ""
                    app.filters.append(Before(at, structs.replace(inner, name="the filter before it"), call.line))
            elif call.text in ("namespace", "configure", "register") and inner is not None:
                inside = prefix if call.text != "namespace" or first is None else join(prefix, *_paths(first)[:1])
                self._lines(app, path, inner.calls, inside, guard)
            elif call.text == "use" and first is not None and _PROTECTS.match(first.text) and "Auth::" in first.text:
                app.around += Reading((Guard(Span(path, call.line, f"use {first.text} asks for a password")),))

    def _loop(self, app: App, path: str, call: Expr, prefix: str) -> None:
        assert call.function is not None and call.on is not None
        names = [param.name for param in call.function.params]
        for item in call.on.items:
            inner = tuple(_filled(one, names[:1], item.text) for one in call.function.calls)
            self._lines(app, path, inner, prefix, "")

    def _rackup(self, module: Module, calls: tuple[Expr, ...], prefix: str, around: Reading) -> None:
        """``map "/x" do run App end``, ``use Rack::Auth::Basic``, ``run Rack::URLMap.new("/x" => App)``."""
        for call in calls:
            first = call.items[0] if call.items else None
            if call.text == "map" and call.function is not None and first is not None:
                self._rackup(module, call.function.calls, join(prefix, first.text), around)
            elif call.text == "use" and first is not None and first.text.startswith("Rack::Auth::"):
                around += Reading((Guard(Span(module.path, call.line, f"use {first.text} asks for a password")),))
            elif call.text in ("run", "use") and first is not None:
                name = first.text.removesuffix(".new")
                self._mounts.setdefault(name, []).append((prefix, around))
                for key, value in first.named:
                    self._mounts.setdefault(value.text.removesuffix(".new"), []).append((join(prefix, key), around))

    def _endpoints(self, app: App) -> list[Endpoint]:
        short = app.name or "Sinatra::Application"
        mounts = self._mounts.get(short) or [("", Reading())]
        found = []
        for prefix, around in mounts:
            for verb, path, call, file in app.routes:
                if call.function is None:
                    continue
                handler = structs.replace(call.function, name=f"{verb} {path}")
                reading = around + app.around + self._before(app, path)
                reading += self._conditions(call, file)
                inline = judge(file, handler, app.chain, action=True)
                if not inline.guards:
                    inline += knows(file, handler)
                route = Route(
                    verb, path, "", file, call.line, handler.code, reading, inline, _inputs(handler.code, verb, path)
                )
                found.append(endpoint(NAME, route, prefix, Reading()))
        return found

    def _before(self, app: App, path: str) -> Reading:
        """What the filters of an app and of the classes it descends from do before a path."""
        reading = Reading()
        for owner in (*reversed(app.parents), app.name or app.path):
            one = self._apps.get(owner)
            for entry in one.filters if one is not None else ():
                runs = _matches(entry.path, path)
                if runs is False or one is None:
                    continue
                demands = judge(one.path, structs.replace(entry.function, line=entry.line), app.chain)
                if runs is None and demands.guards:
                    what = f"whether the filter before {entry.path} runs depends on a parameter"
                    demands = Reading(unsure=(Span(one.path, entry.line, what),))
                reading += demands
        return reading

    @staticmethod
    def _conditions(call: Expr, file: str) -> Reading:
        """``get "/", auth: :user do``: a condition that the app defines itself with ``set(:auth)``."""
        asked = [key for key, _ in call.named if key in _CONDITIONS]
        spans = tuple(Span(file, call.line, f"the condition {key} could not be followed") for key in asked)
        return Reading(unsure=spans)


def _helpers(calls: tuple[Expr, ...]) -> tuple[Function, ...]:
    return tuple(
        method for call in calls if call.text == "helpers" and call.function for method in call.function.methods
    )


def _paths(value: Expr) -> list[str]:
    """The paths of a route or filter as templates; a regular expression stays visible."""
    if value.kind == "list":
        return [path for item in value.items for path in _paths(item)]
    if value.kind != "str":
        return ["{" + (re.sub(r"\W+", "_", value.text).strip("_")[:30] or "path") + "?}"]
    path = re.sub(r"/\*(\w*)", lambda match: "/{" + (match[1] or "splat") + "}", value.text)
    path = re.sub(r"(?<=[./]):(\w+)\?", r":\1", path)
    return [template(re.sub(r"/\?$", "", path))] if path.startswith(("/", "{", ":")) or not path else []


def _matches(pattern: str, path: str) -> bool | None:
    """Whether a filter runs before every request of a path, none, or some (None)."""
    if not pattern:
        return True
    if "?}" in pattern:
        return None
    asked = re.escape(pattern)
    asked = re.sub(r"/\\\{splat\\\}$|/\\\*$", "(?:/.*)?", asked)
    asked = re.sub(r"\\\{\w+\\\}", "[^/]+", asked)
    found = {bool(re.fullmatch(asked, re.sub(r"\{[^{}]*\}", value, path))) for value in ("x", "1", "new")}
    return found.pop() if len(found) == 1 else None


def _filled(call: Expr, names: list[str], value: str) -> Expr:
    items = tuple(
        structs.replace(item, text=item.text.replace("{" + name + "?}", value)) for item in call.items for name in names
    )
    return structs.replace(call, items=items or call.items)


# `data = JSON.parse(request.body.read)`
_PARSED = re.compile(r"\b(\w+)\s*=\s*JSON\.parse\(?\s*request\.body\.(?:read|string)")


def _inputs(code: str, method: str, path: str) -> tuple[Input, ...]:
    where = "query" if method in ("GET", "DELETE") else "form"
    found: dict[tuple[str, str], Input] = {}
    for name in re.findall(r"\bparams(?:\[:?[\"']?|\.(?:fetch|dig)\(\s*:?[\"']?)(\w+)", code):
        if f"{{{name}}}" not in path and name not in ("splat", "captures"):
            found[where, name] = Input(name, where)
    for local in dict.fromkeys(_PARSED.findall(code)):
        asked = rf"\b{local}(?:\[|\.(?:fetch|dig|key\?|has_key\?|include\?)\(?)\s*:?[\"']?(\w+)"
        for name in re.findall(asked, code):
            missing = re.search(rf"\b(?:unless|if\s+!)\s*{local}(?:\.key\?\(|\[)\s*:?[\"']?{name}\b", code)
            found["body", name] = Input(name, "body", required=bool(missing))
    for name in re.findall(r"\brequest\.env\[[\"']HTTP_([\w-]+)", code):
        found["header", name] = Input(name.replace("_", "-").title(), "header")
    for name in re.findall(r"\bcookies\[:?[\"']?(\w+)", code):
        found["cookie", name] = Input(name, "cookie")
    return tuple(found.values())


READS = {NAME: Sinatra}
