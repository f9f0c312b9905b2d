"""Rails: routes, the actions behind them, and the callbacks that refuse (guides.rubyonrails.org: routing, action_controller_overview)."""

import re
from dataclasses import replace

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, Route, endpoint, once, passed_on
from launchready.sources.frameworks.rails_routes import Entry, RailsRoutes
from launchready.sources.guards import Guard, Reading

NAME = "Rails"
_TERMINALS = re.compile(
    r"^(?:authenticate_\w+!|require_login|authenticate_request|doorkeeper_authorize!|authorize_resource|load_and_authorize_resource|http_basic_authenticate_with|require_authentication|verify_authenticity_signature)$"
)
_FILTERS = ("before_action", "prepend_before_action", "append_before_action", "before_filter", "around_action")
_SPEAKS_OF_ACCESS = re.compile(
    r"auth|require|permi|login|signed|ensure|verify|check|admin|moderator|only|access|token|session|role|restrict|member|owner",
    re.I,
)
# A callback ends a request by answering or by raising; one that does neither only looks who is there.
_CAN_REFUSE = re.compile(r"\b(?:head|render|redirect\w*|raise|throw|halt|deny\w*|reject\w*|super)\b|\w!(?=\W|$)")
_ALLOWS = frozenset(("allow_unauthenticated_access", "skip_authorization_check"))
_PARAMS = re.compile(r"\bparams(?:\[|\.(?:fetch|require|expect)\(?\s*)\s*[:\"'](\w+)")
_PERMITTED = re.compile(r"\.permit\(([^()]*)\)")


class Rails:
    """Reads every Rails app of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._ruby = reader.resolver.ruby
        self._engines: dict[str, str] = {}

    def read(self) -> tuple[Endpoint, ...]:
        """All endpoints of every ``config/routes.rb``; engines below where an app mounts them."""
        files = [file.path for file in self._reader.tree.named("routes.rb") if file.path.endswith("config/routes.rb")]
        entries: dict[str, list[Entry]] = {}
        # Once to learn where engines are mounted, once to read.
        for _ in range(2):
            for path in files:
                entries[path] = list(RailsRoutes(self._reader, path, self._engines).read())
        found = [self._endpoint(entry) for path in files for entry in entries[path]]
        found += self._public(files)
        if found:
            self._reader.used.add(NAME)
        return once(found)

    def _public(self, files: list[str]) -> list[Endpoint]:
        """The public folder is served as it is."""
        found = []
        for path in files:
            root = path.removesuffix("config/routes.rb")
            names = [
                one.path
                for one in self._reader.tree.files
                if one.path.startswith(f"{root}public/") and one.suffix in (".html", ".json", ".xml")
            ]
            for name in names:
                if not re.search(r"/(?:assets|packs|4\d\d|5\d\d)", name):
                    route = Route("GET", name.removeprefix(f"{root}public"), "static file", name, 1)
                    found.append(endpoint(NAME, route, "", Reading()))
        return found

    def _endpoint(self, entry: Entry) -> Endpoint:
        before = (
            Reading((Guard(Span(entry.file, entry.line, "authenticate refuses strangers")),))
            if entry.guard
            else Reading()
        )
        controller, _, action = entry.target.partition("#")
        path = self._ruby.named(f"controllers/{controller}_controller.rb", entry.file) if controller else ""
        found = self._controller(path, controller) if path else None
        if found is None:
            known = controller.startswith(("devise/", "rails/", "doorkeeper/")) or entry.target == "redirect"
            said = f"{entry.target or 'what is mounted here'} could not be followed"
            unseen = Reading() if known else Reading(unsure=(Span(entry.file, entry.line, said),))
            route = Route(
                entry.method, entry.path, entry.target or "mounted", entry.file, entry.line, "", before, unseen
            )
            return endpoint(NAME, route, "", Reading())
        where, owner = found
        there = self._ruby.method(where, owner, action)
        file, method = there if there is not None else (where, Function(action, owner.line))
        reading = before + self._callbacks(where, owner, action)
        inline = self._inline(file, method)
        route = Route(
            entry.method,
            entry.path,
            f"{owner.name}#{action}",
            file,
            method.line,
            method.code,
            reading,
            inline,
            self._inputs(where, owner, method),
        )
        return endpoint(NAME, route, "", Reading())

    def _controller(self, path: str, controller: str) -> tuple[str, Function] | None:
        file = self._ruby.file(path)
        made = (
            [one for one in file.module.functions.values() if one.is_class and one.name.endswith("Controller")]
            if file is not None
            else []
        )
        return (path, max(made, key=lambda one: len(one.name))) if made else None

    def _callbacks(self, path: str, owner: Function, action: str) -> Reading:
        """What the callbacks of a controller and its kin demand before an action, from the outermost class in."""
        named: dict[str, Reading] = {}
        for where, one in reversed(self._ruby.kin(path, owner)):
            for call in _declared(one):
                options = dict(call.named)
                names = [item.text for item in call.items if item.kind in ("str", "name")]
                if call.text.startswith("skip_") or call.text in _ALLOWS:
                    gone = names if call.text.startswith("skip_") else [name for name in named if "authenti" in name]
                    for name in gone if _applies(options, action) else ():
                        named.pop(name, None)
                elif call.text in _FILTERS and _applies(options, action):
                    if call.function is not None:
                        guard = self._reader.guards.function(
                            where, replace(call.function, name=f"{call.text} in line {call.line}")
                        )
                        named[f"@{where}:{call.line}"] = self._doubted(
                            Reading((guard,)) if guard else Reading(), options
                        )
                    for name in names:
                        named[name] = self._doubted(self._callback(path, owner, where, name, call.line), options)
                elif _TERMINALS.match(call.text) and _applies(options, action):
                    named[call.text] = self._doubted(
                        Reading((Guard(Span(where, call.line, f"{call.text} refuses strangers")),)), options
                    )
        return sum(named.values(), Reading())

    def _callback(self, path: str, owner: Function, where: str, name: str, line: int) -> Reading:
        found = self._ruby.method(path, owner, name)
        if found is not None:
            guard = self._reader.guards.function(*found)
            if guard is not None:
                return passed_on(guard, where, line, name)
        if _TERMINALS.match(name) and found is None:
            return Reading((Guard(Span(where, line, f"{name} refuses strangers")),))
        if found is not None and not _CAN_REFUSE.search(found[1].code):
            return Reading()
        if _SPEAKS_OF_ACCESS.search(name):
            return Reading(unsure=(Span(where, line, f"{name} was not seen to refuse anybody"),))
        return Reading()

    @staticmethod
    def _doubted(reading: Reading, options: dict[str, Expr]) -> Reading:
        """A callback that runs only if something holds may let people pass."""
        if not reading.guards or not {"if", "unless"} & set(options):
            return reading
        return Reading(
            unsure=tuple(replace(one.span, what=f"{one.span.what}, but not always") for one in reading.guards)
        )

    def _inline(self, path: str, method: Function) -> Reading:
        if re.search(r"^\s*(?:authorize!?|authorize_\w+|policy_scope)[ (]", method.code, re.M):
            return Reading((Guard(Span(path, method.line, f"{method.name} calls authorize, which refuses")),))
        return self._reader.guards.inside(path, method)

    def _inputs(self, path: str, owner: Function, method: Function) -> tuple[Input, ...]:
        """Names of ``params``; those that ``permit`` lists in a helper such as ``user_params`` come with it."""
        code = method.code
        for name in re.findall(r"\b(\w+_params)\b", code):
            helper = self._ruby.method(path, owner, name)
            code += f"\n{helper[1].code}" if helper is not None else ""
        listed = [name for block in _PERMITTED.findall(code) for name in re.findall(r":(\w+)|(\w+):", block)]
        names = [*_PARAMS.findall(code), *(first or second for first, second in listed)]
        return tuple(Input(name, "body") for name in dict.fromkeys(names) if name not in ("id", "format"))


def _declared(owner: Function) -> list[Expr]:
    """The declarations of a class, and those of ``included do … end`` in a concern."""
    found: list[Expr] = []
    for call in owner.calls:
        found.append(call)
        if call.text in ("included", "prepended", "class_methods") and call.function is not None:
            found += call.function.calls
    return found


def _applies(options: dict[str, Expr], action: str) -> bool:
    only = set(options["only"].strings()) if "only" in options else None
    but = set(options["except"].strings()) if "except" in options else set()
    return (only is None or action in only) and action not in but


READS = {NAME: Rails}
