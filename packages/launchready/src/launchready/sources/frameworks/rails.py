"""Ruby on Rails: the route table, the controllers behind it and the filters before them."""

import posixpath
import re

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, once
from launchready.sources.frameworks.rails_filters import Filters
from launchready.sources.frameworks.rails_routes import Routes
from launchready.sources.frameworks.rails_scope import Entry, Scope
from launchready.sources.frameworks.ruby_classes import Chain, RubyClasses
from launchready.sources.frameworks.ruby_guards import judge, knows
from launchready.sources.readings import Reading

NAME = "Rails"
_DRAWS = re.compile(r"(?:^|\.)routes\.(?:draw|prepend|append)$")
# What Rails itself answers: nobody is asked, and nothing of the app is behind it.
_OF_RAILS = re.compile(r"^(?:rails/(?:health|pwa|welcome|info|mailers)|devise/\w+|active_storage/\S+)$")
_PERMITTED = re.compile(r"\.permit!?\s*\(?((?:[^()]|\([^()]*\))*)")
_ALWAYS = frozenset(("controller", "action", "format", "id", "utf8", "commit", "authenticity_token"))
# What a controller is of, or takes in, that brings no actions of its own.
_NO_ACTIONS = re.compile(r"^(?:Action|Application|Active|Pundit|CanCan|Pagy|Devise::Controllers)")
_NO_TEMPLATE = frozenset(("create", "update", "destroy"))


class Rails:
    """Reads every Rails app and engine of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._views: set[str] = set()

    def read(self) -> tuple[Endpoint, ...]:
        """All endpoints of all route tables; an engine stands where it is mounted."""
        drawn = list(self._drawn())
        if not drawn:
            return ()
        self._reader.used.add(NAME)
        classes = RubyClasses(self._reader)
        self._views = {file.path.split(".", 1)[0] for file in self._reader.tree.files if "app/views/" in file.path}
        engines: dict[str, list[tuple[str, Module, Expr]]] = {}
        for root, module, draw in drawn:
            engine = re.sub(r"\.routes\.\w+$", "", draw.text)
            if draw.text.endswith((".routes.draw", ".routes.append", ".routes.prepend")) and engine not in (
                "Rails.application",
                "routes",
            ):
                engines.setdefault(engine, []).append((root, module, draw))
        apps: dict[str, Routes] = {}
        mounted: set[str] = set()
        for root, module, draw in drawn:
            if draw.text.startswith("Rails.application") and draw.function:
                if root not in apps:
                    near = {name: _nearest(found, root) for name, found in engines.items()}
                    apps[root] = Routes(self._reader, root, near)
                apps[root].block(module, draw.function.calls, Scope(module.path))
                mounted |= apps[root].mounted
        found = [(root, entry) for root, routes in apps.items() for entry in routes.table.entries]
        for name, draws in engines.items():
            if name not in mounted:
                for root, module, draw in draws:
                    alone = Routes(self._reader, root, {})
                    span = Span(module.path, draw.line, f"nothing in this source mounts {name}")
                    alone.block(
                        module,
                        draw.function.calls if draw.function else (),
                        Scope(module.path, reading=Reading(unsure=(span,))),
                    )
                    found += [(root, entry) for entry in alone.table.entries]
        filters = Filters(self._reader, classes)
        api_only = {root: self._api_only(root) for root, _ in found}
        made = (self._endpoint(entry, classes, filters, api_only[root]) for root, entry in found)
        return once(one for one in made if one is not None)

    def _drawn(self) -> list[tuple[str, Module, Expr]]:
        found = []
        for file in self._reader.tree.with_suffix(".rb"):
            folder, base = posixpath.split(file.path)
            if base != "routes.rb" or posixpath.basename(folder) != "config" or "vendor/bundle/" in file.path:
                continue
            module = self._resolver.module(file.path)
            for call in module.calls if module else ():
                if module and _DRAWS.search(call.text) and call.function:
                    found.append((posixpath.dirname(folder), module, call))
        return found

    def _api_only(self, root: str) -> bool:
        text = self._reader.tree.text(posixpath.join(root, "config/application.rb")) or ""
        return bool(re.search(r"^\s*config\.api_only\s*=\s*true", text, re.M))

    def _endpoint(self, entry: Entry, classes: RubyClasses, filters: Filters, api_only: bool) -> Endpoint | None:
        if entry.implicit and api_only and entry.action in ("new", "edit"):
            return None
        file, line, code, reading, inline = entry.file, entry.line, "", entry.reading, Reading()
        inputs: tuple[Input, ...] = ()
        one = classes.controller(entry.controller, entry.file) if entry.controller else None
        if one is not None:
            chain = classes.chain(one)
            found = chain.method(entry.action)
            if found is None and entry.implicit and not self._answered(entry, chain):
                return None  # Rails answers 404: there is neither an action nor a view
            reading += filters.before(one, entry.action)
            if found is not None:
                file, line, code = found[0], found[1].line, found[1].code
                inline = judge(file, found[1], chain, action=True)
                if not inline.guards:
                    inline += knows(file, found[1])
                inputs = _inputs(found[1], chain, entry.method, entry.path)
        elif entry.controller and not _OF_RAILS.match(entry.controller):
            what = f"the controller {entry.controller} is not in this source"
            reading += Reading(unsure=(Span(entry.file, entry.line, what),))
        route = Route(entry.method, entry.path, entry.what, file, line, code, reading, inline, inputs)
        return endpoint(NAME, route, "", Reading())

    def _answered(self, entry: Entry, chain: Chain) -> bool:
        """Whether something may answer an action that no class of the chain defines: a view, or a class out of sight."""
        if any(not _NO_ACTIONS.match(name) for name in chain.outside):
            return True
        if entry.action in _NO_TEMPLATE:
            return False
        return any(view.endswith(f"app/views/{entry.controller}/{entry.action}") for view in self._views)


def _nearest(found: list[tuple[str, Module, Expr]], root: str) -> list[tuple[Module, Expr]]:
    """The engine of the same app when several apps of a tree have one by that name."""
    own = [(module, draw) for at, module, draw in found if at == root]
    return own or [(module, draw) for _, module, draw in found]


def _inputs(function: Function, chain: Chain, method: str, path: str) -> tuple[Input, ...]:
    """What an action and the methods it calls read from the request, by name."""
    code = function.code
    for call in function.calls:
        helper = chain.method(call.text)
        if helper is not None and "params" in helper[1].code:
            code += "\n" + helper[1].code
    found: dict[tuple[str, str], Input] = {}
    where = "query" if method in ("GET", "DELETE", "QUERY") else "form"
    names = re.findall(r"\bparams(?:\[:?[\"']?|\.(?:fetch|require|dig|expect)\(?\s*:?[\"']?)(\w+)", code)
    wrapped = set(re.findall(r"\bparams\.require\(?\s*:?[\"']?(\w+)[\"']?\)?\s*\.permit", code))
    for listed in _PERMITTED.findall(code):
        names += re.findall(r":(\w+)|[\"'](\w+)[\"']|(\w+):", listed) and [
            next(filter(None, groups)) for groups in re.findall(r":(\w+)|[\"'](\w+)[\"']|(\w+):", listed)
        ]
    for name in names:
        if name not in _ALWAYS and name not in wrapped and f"{{{name}}}" not in path:
            found[where, name] = Input(name, where)
    for name in re.findall(r"\brequest\.(?:headers|env)\[[\"']([\w-]+)", code):
        found["header", name] = Input(name, "header")
    for name in re.findall(r"\bcookies(?:\.(?:signed|encrypted|permanent))*\[:?[\"']?(\w+)", code):
        found["cookie", name] = Input(name, "cookie")
    return tuple(found.values())


READS = {NAME: Rails}
