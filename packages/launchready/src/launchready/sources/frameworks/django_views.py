"""What stands behind a route of Django: a function, a class view, or one of a library, and every method it answers."""

import re
from dataclasses import dataclass, replace

from launchready.model.surface import Input, Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, Route
from launchready.sources.frameworks.django_classes import (
    ACTIONS,
    OPEN_VIEWS,
    REST_VIEWS,
    VIEW,
    VIEWS,
    Classes,
    Kin,
    attribute,
    method,
    written,
)
from launchready.sources.frameworks.django_guards import ViewGuards, bypassed
from launchready.sources.frameworks.django_hooks import asks_record, ranks
from launchready.sources.frameworks.django_inputs import Inputs, unique
from launchready.sources.frameworks.django_permissions import Permissions, one_of
from launchready.sources.frameworks.django_settings import Project, Settings
from launchready.sources.frameworks.django_stranger import Case
from launchready.sources.passage_values import Asked, Nothing
from launchready.sources.readings import Reading
from launchready.sources.url_names import UrlNames

NAME = "Django"
REST = "Django REST framework"
_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ONLY = {"require_GET": ("GET",), "require_POST": ("POST",), "require_safe": ("GET",)}
_SENDS = re.compile(r"\brequest\.(?:POST|FILES|body)\b")
_METHOD_TEST = re.compile(r"request\.method\s*(?:==|!=|(?:not\s+)?in)\s*([\[({]?[^\n:]{0,80})")
_OWN = {
    "list": "GET",
    "create": "POST",
    "retrieve": "GET",
    "update": "PUT",
    "partial_update": "PATCH",
    "destroy": "DELETE",
}
_RECORD = frozenset(("retrieve", "update", "partial_update", "destroy"))
_LIBRARY = {"serve": "GET", "obtain_auth_token": "POST", "sitemap": "GET", "set_language": "POST"}
_ENTRIES = frozenset(
    ("LoginView", "PasswordResetView", "PasswordResetDoneView", "PasswordResetConfirmView", "PasswordResetCompleteView")
)
_EXEMPT = re.compile(r"'login_not_required'")
_WRAPS_NOTHING = frozenset(("partial", "csrf_exempt"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a route stands: its full template, and whether it is ``exempt`` there from the middleware that asks for a login."""

    path: str
    file: str
    line: int
    inputs: tuple[Input, ...]
    project: Project | None
    exempt: bool = False
    # What Django calls it; None where that is not known, and empty where it has no name.
    name: str | None = None
    urls: UrlNames | None = None


class Views:
    """Turns the view of a route into one :class:`Route` per method, each with the framework that answers."""

    def __init__(self, reader: Reader, classes: Classes, settings: Settings) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._classes = classes
        self._settings = settings
        self._permissions = Permissions(reader, classes, settings.text)
        self.guards = ViewGuards(reader, self._permissions)
        self._inputs = Inputs(reader.resolver, classes)

    def of(self, place: Place, view: Expr, above: Reading = Reading(), hops: int = 0) -> list[tuple[str, Route]]:  # noqa: B008
        """The routes of a view expression as it stands in ``place.file``."""
        if view.kind == "function" and view.function:
            return self._function(place, place.file, view.function, above)
        if view.kind == "call":
            return self._call(place, view, above, hops)
        found = self._resolver.find(place.file, view.text) if view.kind == "name" else None
        if view.kind == "str":
            module, _, name = view.text.rpartition(".")
            file = self._resolver.python_file(place.file, module) if module else None
            found = self._resolver.find(file, name) if file else None
        if found and found.function and not found.function.is_class:
            return self._function(place, found.path, found.function, above)
        if found and found.function:
            return self.of_class(place, self._classes.order(found.path, found.function), above)
        if found and found.binding and hops < 6:
            return self.of(replace(place, file=found.path), found.binding.value, above, hops + 1)
        return self._unknown(place, view, found.outside if found else view.text, above)

    def _call(self, place: Place, view: Expr, above: Reading, hops: int) -> list[tuple[str, Route]]:
        if hops > 6:
            return self._unknown(place, view, view.text, above)
        if view.text.rsplit(".", 1)[-1] == "as_view":
            owner = view.text.removesuffix("as_view").rstrip(".") or (view.on.text if view.on else "")
            actions = next((item for item in view.items if item.kind == "dict"), view.get("actions"))
            chosen = {name.upper(): value.text for name, value in actions.named} if actions else None
            order = self._classes.named(place.file, Expr("name", owner, line=view.line))
            given = view.get("permission_classes")
            return self.of_class(place, order, above, chosen, given=(place.file, given) if given else None)
        wrapped = next((item for item in view.items if self._is_view(place.file, item)), None)
        wrapper = view.on if not view.text and view.on else view
        if wrapped is None:
            if schema := self._schema(place.file, view):
                return self._described(place, *schema, above)
            found = self._resolver.find(place.file, view.text) if view.text else None
            if found and found.function and found.function.is_class:
                return self.of_class(place, self._classes.order(found.path, found.function), above)
            if found and found.function:
                return self._function(place, found.path, found.function, above)
            return self._unknown(place, view, found.outside if found else view.text, above)
        if wrapper.text.rsplit(".", 1)[-1] == "login_not_required":
            place = replace(place, exempt=True)
        elif wrapper.text.rsplit(".", 1)[-1] not in _WRAPS_NOTHING:
            above += self.guards.wrapper(place.file, wrapper)
        return self.of(place, wrapped, above, hops + 1)

    def _schema(self, file: str, view: Expr) -> tuple[str, Expr] | None:
        """The ``get_schema_view(...)`` behind ``schema_view.with_ui("swagger")``, of drf-yasg or REST framework."""
        if view.text.rsplit(".", 1)[-1] == "get_schema_view":
            return file, view
        owner = view.text.rpartition(".")[0]
        found = self._resolver.find(file, owner) if owner else None
        made = found.binding.value if found and found.binding else None
        if found is None or made is None or made.text.rsplit(".", 1)[-1] != "get_schema_view":
            return None
        return found.path, made

    def _described(self, place: Place, file: str, made: Expr, above: Reading) -> list[tuple[str, Route]]:
        case = Case("GET")
        defaults = self.defaults(place.project, case)
        given = made.get("permission_classes")
        reading = above + (self._permissions.every(file, given, case, defaults) if given else defaults)
        return [
            (REST, Route("GET", place.path, "schema", place.file, place.line, "", reading, Reading(), place.inputs))
        ]

    def _is_view(self, file: str, item: Expr) -> bool:
        if item.kind == "function" or (item.kind == "call" and (item.text.endswith("as_view") or item.items)):
            return True
        found = self._resolver.find(file, item.text) if item.kind == "name" else None
        return found is not None and (found.function is not None or bool(found.outside))

    def _unknown(self, place: Place, view: Expr, outside: str, above: Reading) -> list[tuple[str, Route]]:
        last = outside.rsplit(".", 1)[-1]
        name = outside or view.text or "the view"
        verb = _LIBRARY.get(last, "GET")
        reading = above + self._before(place, verb, exempt=False)
        if last not in _LIBRARY:
            reading += Reading(unsure=(Span(place.file, place.line, f"{name} is not in this source"),))
        framework = REST if outside.startswith("rest_framework") else NAME
        return [
            (framework, Route(verb, place.path, last, place.file, place.line, "", reading, Reading(), place.inputs))
        ]

    def _function(self, place: Place, file: str, function: Function, above: Reading) -> list[tuple[str, Route]]:
        framework = NAME
        verbs: tuple[str, ...] = ()
        wanted: Expr | None = None
        for decorator in function.decorators:
            name = decorator.text.rsplit(".", 1)[-1]
            if name == "api_view":
                given = decorator.items[0] if decorator.items else decorator.get("http_method_names")
                framework, verbs = REST, tuple(verb.upper() for verb in given.strings()) if given else ("GET",)
            elif name == "permission_classes" and decorator.items:
                wanted = decorator.items[0]
            elif name in _ONLY:
                verbs = _ONLY[name]
            elif name == "require_http_methods" and decorator.items:
                verbs = tuple(verb.upper() for verb in decorator.items[0].strings())
        exempt = framework == REST or any(one.text.endswith("login_not_required") for one in function.decorators)
        found = []
        for verb in verbs or self._spoken(function):
            if verb not in _VERBS:
                continue
            here = above + self._before(place, verb, exempt=exempt)
            here += self.guards.decorators(file, function.decorators, verb)
            if framework == REST:
                case = Case(verb)
                defaults = self.defaults(place.project, case)
                here += self._permissions.every(file, wanted, case, defaults) if wanted else defaults
            inputs = unique((*place.inputs, *self._inputs.of_code(file, function, verb)))
            inline = self.guards.bodies.inline(file, function, verb)
            if here.guards and not any(guard.roles for guard in (*here.guards, *inline.guards)):
                here += self._named(file, function)
            found.append(
                (
                    framework,
                    Route(verb, place.path, function.name, file, function.line, function.code, here, inline, inputs),
                )
            )
        return found

    def _spoken(self, function: Function) -> tuple[str, ...]:
        """The methods a plain function tells apart. Django itself sends it all of them."""
        named = {
            verb for test in _METHOD_TEST.findall(function.code) for verb in re.findall(r"[\"']([A-Za-z]+)[\"']", test)
        }
        found = {"GET", *(verb.upper() for verb in named)}
        if _SENDS.search(function.code):
            found.add("POST")
        return tuple(verb for verb in _VERBS if verb in found and self.guards.bodies.answers(function, verb)) or (
            "GET",
        )

    @staticmethod
    def _before(place: Place, verb: str, *, exempt: bool) -> Reading:
        """What the project's middleware does. REST framework and ``login_not_required`` opt out of the login middleware."""
        reading = place.project.reading if place.project else Reading()
        name = Nothing() if place.name == "" else place.name
        asked = Asked(verb, place.path, place.path, name, urls=place.urls)
        by_address = (one.reading(asked) for one in place.project.doors) if place.project else ()
        exempt = exempt or place.exempt
        reading = Reading(unsure=reading.unsure) if exempt else reading
        # One of the app's own knows nothing of either, but who brings a token is let in behind it only.
        return sum(
            (Reading(unsure=(one.guards[0].span,)) if exempt and one.guards else one for one in by_address), reading
        )

    def defaults(self, project: Project | None, case: Case) -> Reading:
        """What the settings demand of views of REST framework. Settings that disagree make it unknown."""
        found = [
            self._permissions.every(file, value, case, Reading())
            for file, value in self._settings.rest(project, "DEFAULT_PERMISSION_CLASSES")
        ]
        return found[0] if len(found) == 1 else one_of(found) if found else Reading()

    def of_class(
        self,
        place: Place,
        order: tuple[Kin, ...],
        above: Reading = Reading(),  # noqa: B008
        chosen: dict[str, str] | None = None,
        extra: Expr | None = None,
        given: tuple[str, Expr] | None = None,
    ) -> list[tuple[str, Route]]:
        """The routes of a class view. ``chosen`` maps methods to the actions of a viewset; ``extra`` is its ``@action``."""
        if not order:
            return []
        rest = any(
            kin.cls is None and (kin.last in REST_VIEWS or kin.name.startswith("rest_framework")) for kin in order
        )
        answered = chosen or self._verbs(order)
        if not answered and (whole := method(order, "dispatch")):
            answered = dict.fromkeys(self._spoken(whole[1]), "dispatch")
        verbs = {verb: action for verb, action in answered.items() if self._allowed(order, verb)}
        head = order[0]
        home = Span(head.path, head.line) if head.path else Span(place.file, place.line)
        exempt = any(kin.last in _ENTRIES or (kin.cls and _EXEMPT.search(str(kin.cls.decorators))) for kin in order)
        found = []
        for verb, action in verbs.items():
            body = method(order, action) or method(order, verb.lower())
            names = tuple(dict.fromkeys((verb.lower(), action)))
            reading = above + self._before(place, verb, exempt=rest or exempt)
            reading += self.guards.of_class(order, verb, names, home)
            inline = Reading()
            if body is not None:
                reading += self.guards.decorators(body[0].path, body[1].decorators, verb)
                inline = self.guards.bodies.inline(body[0].path, body[1], verb, order)
            if rest and not self._dispatches(order):
                case = Case(verb, action if chosen else "", record=self._record(place, order, body, action))
                reading += self._demanded(place, order, case, extra, given)
            if reading.guards and not any(guard.roles for guard in reading.guards):
                reading += ranks(order, body, action)
                reading += self._named(body[0].path, body[1]) if body else Reading()
            if not reading.guards:
                inline += self.guards.bodies.reached(order, body, verb, action)
            where, line, name, code = head.path or place.file, head.line or place.line, head.last, ""
            if body is not None:
                where, line, name, code = body[0].path, body[1].line, f"{head.last}.{body[1].name}", body[1].code
            inputs = unique(
                (
                    *place.inputs,
                    *(self._inputs.of_code(where, body[1], verb) if body else ()),
                    *self._inputs.of_view(order, verb),
                )
            )
            if not head.path:
                where, line = place.file, place.line
            found.append(
                (REST if rest else NAME, Route(verb, place.path, name, where, line, code, reading, inline, inputs))
            )
        return found

    def _named(self, path: str, function: Function) -> Reading:
        """The roles that a body asks for by name, behind a door that strangers do not pass."""
        own = self._reader.guards.function(path, function)
        return Reading((own,)) if own is not None and own.roles and not own.doubt else Reading()

    @staticmethod
    def _record(place: Place, order: tuple[Kin, ...], body: tuple[Kin, Function] | None, action: str) -> str:
        """Whether permissions are asked about one record: ``asked``, ``perhaps``, or not at all."""
        if action not in _RECORD and "{" not in place.path:
            return ""
        asked = action in _RECORD if body is None else asks_record(order, body[1])
        return "asked" if asked else "perhaps"

    @staticmethod
    def _dispatches(order: tuple[Kin, ...]) -> bool:
        """Whether a library's view lets everybody in by permissions of its own."""
        own = next(
            (
                i
                for i, kin in enumerate(order)
                if kin.cls and any(f.name == "permission_classes" for f in kin.cls.fields)
            ),
            None,
        )
        library = next((i for i, kin in enumerate(order) if kin.cls is None and kin.last in OPEN_VIEWS), None)
        return library is not None and (own is None or own > library)

    def _demanded(
        self, place: Place, order: tuple[Kin, ...], case: Case, extra: Expr | None, given: tuple[str, Expr] | None
    ) -> Reading:
        if (skipped := bypassed(order)).unsure:
            return skipped
        defaults = self.defaults(place.project, case)
        fallback = defaults
        own = extra.get("permission_classes") if extra is not None else None
        holder = method(order, case.action) if extra is not None else None
        if own is not None and holder is not None:
            fallback = self._permissions.every(holder[0].path, own, case, defaults)
        elif given is not None:
            fallback = self._permissions.every(*given, case, defaults)
        elif wanted := attribute(order, "permission_classes"):
            fallback = self._permissions.every(wanted[0].path, wanted[1], case, defaults)
        elif prop := method(order, "permission_classes"):
            fallback = self._permissions.chosen(prop[0], prop[1], case, defaults, defaults)
        elif foreign := next((kin for kin in order if kin.may_permit), None):
            what = f"{foreign.name} is not in this source, and may set permissions of its own"
            fallback = Reading(unsure=(Span(place.file, place.line, what),))
        if chooser := method(order, "get_permissions"):
            return self._permissions.chosen(chooser[0], chooser[1], case, fallback, defaults)
        return fallback

    @staticmethod
    def _allowed(order: tuple[Kin, ...], verb: str) -> bool:
        named = attribute(order, "http_method_names")
        return named is None or named[1].kind != "list" or verb.lower() in [name.lower() for name in named[1].strings()]

    @staticmethod
    def _verbs(order: tuple[Kin, ...]) -> dict[str, str]:
        """Method -> action, of what the class writes itself and what it inherits."""
        found: dict[str, str] = {}
        for kin in order:
            if kin.cls is not None:
                for verb in _VERBS:
                    if written(kin.cls, verb.lower()):
                        found.setdefault(verb, verb.lower())
                continue
            last = kin.last if kin.last in VIEWS or kin.last in REST_VIEWS else known_by_its_end(kin.last)
            for verb in VIEWS.get(last, ()):
                found.setdefault(verb, verb.lower())
            for verb, action in REST_VIEWS.get(last, {}).items():
                found.setdefault(verb, action)
        if not found and all(kin.cls is not None or kin.known or kin.last == VIEW for kin in order):
            return {}
        return {verb: found[verb] for verb in _VERBS if verb in found} or {"GET": "get"}


def known_by_its_end(name: str) -> str:
    """``CachedListView`` of a library we do not know most likely is a ``ListView``."""
    ends = [known for known in (*VIEWS, *REST_VIEWS, *ACTIONS) if known != VIEW and name.endswith(known)]
    return max(ends, key=len, default="")


def actions_of(order: tuple[Kin, ...]) -> dict[str, str]:
    """The standard actions a viewset really has: action -> method."""
    found: dict[str, str] = {}
    for kin in order:
        if kin.cls is not None:
            found |= {one.name: _OWN[one.name] for one in kin.cls.methods if one.name in _OWN}
        else:
            last = kin.last if kin.last in ACTIONS else known_by_its_end(kin.last)
            found |= {action: _OWN[action] for action in ACTIONS.get(last, ())}
    return found
