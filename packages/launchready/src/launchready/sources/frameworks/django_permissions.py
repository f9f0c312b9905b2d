"""Permission classes of Django REST framework, and every other predicate over a request's user.

What the framework's own classes do: django-rest-framework.org/api-guide/permissions. All classes of a list must agree.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from msgspec import structs
from tree_sitter import Node

from launchready.model.surface import Span
from launchready.sources.facts.python_values import Values
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader
from launchready.sources.frameworks.django_classes import Classes, Kin, method
from launchready.sources.frameworks.django_stranger import Case, text, truth
from launchready.sources.frameworks.django_ways import answer, paths
from launchready.sources.readings import Guard, Reading
from launchready.sources.role_names import rank, roles_in

_DEEPEST = 8
_SAFE = ("GET", "HEAD", "OPTIONS")
_OPEN = frozenset(("AllowAny", "BasePermission"))
_READS_OPEN = frozenset(("IsAuthenticatedOrReadOnly", "DjangoModelPermissionsOrAnonReadOnly"))
_REFUSE = frozenset(
    (
        *("IsAuthenticated", "IsAdminUser", "DjangoModelPermissions", "DjangoObjectPermissions"),
        *("HasAPIKey", "BaseHasAPIKey", "TokenHasScope", "TokenHasReadWriteScope", "IsAuthenticatedOrTokenHasScope"),
    )
)
_ROLES = {"IsAdminUser": ("staff",)}
# These ask a caller who changes something for Django's permission to do so with records of the kind.
_BY_MODEL = frozenset(("DjangoModelPermissions", "DjangoObjectPermissions", "DjangoModelPermissionsOrAnonReadOnly"))
_MODEL = {"POST": "model.add", "PUT": "model.change", "PATCH": "model.change", "DELETE": "model.delete"}
_FLAGS = {"is_superuser": "admin", "is_staff": "staff"}
_GROUP = re.compile(r"groups\.filter\(\s*name(?:__in)?\s*=\s*[\[(]?((?:\s*[\"'][\w -]+[\"']\s*,?)+)")
_OF_USER = re.compile(r"\buser\.(\w+)")
_LOADERS = re.compile(r"\b(?:import_string|import_module|locate)\(")
# `return any(one.has_permission(request, view) for one in self.permissions)`
_ASKS_EACH = re.compile(
    r"\breturn\s+(?P<how>any|all)\(\s*+(?:\[\s*+)?(?P<one>\w+)(?:\(\))?\.has_permission\([^()]*\)\s+for\s+(?P=one)\s+in\s+self\.\w+\s*+(?:\]\s*+)?\)\s*$"
)
_PERMISSION = re.compile(r"has_perms?\(\s*[\[(]?\s*[\"']([\w.]+)[\"']")


class Permissions:
    """Says what a stranger meets: a guard, nothing, or something that cannot be followed."""

    def __init__(self, reader: Reader, classes: Classes, setting: Callable[[str], str]) -> None:
        self._resolver = reader.resolver
        self._reader = reader
        self._classes = classes
        self._setting = setting

    def every(self, path: str, value: Expr, case: Case, defaults: Reading, depth: int = 0) -> Reading:
        """A list of permission classes, all of which must agree. ``defaults`` is what the settings demand."""
        if value.kind == "name" and value.text.rsplit(".", 1)[-1] == "DEFAULT_PERMISSION_CLASSES":
            return defaults
        if value.kind == "name" and depth < _DEEPEST:
            found = self._resolver.find(path, value.text)
            if found and found.binding and found.binding.value.kind == "list":
                return self.every(found.path, found.binding.value, case, defaults, depth + 1)
        reading = Reading()
        for item in value.items if value.kind == "list" else (value,):
            if item.kind == "name" and item.text.rsplit(".", 1)[-1].endswith(
                ("permission_classes", "PERMISSION_CLASSES")
            ):
                reading += self._elsewhere(path, item, case, defaults, depth)
            else:
                reading += self.one(path, item, case, depth)
        return reading

    def _elsewhere(self, path: str, item: Expr, case: Case, defaults: Reading, depth: int) -> Reading:
        """``Base.permission_classes`` or a constant, added to a list."""
        if item.text.endswith("DEFAULT_PERMISSION_CLASSES"):
            return defaults
        owner, _, name = item.text.rpartition(".")
        found = self._resolver.find(path, owner) if owner else None
        if depth < _DEEPEST and found and found.function and found.function.is_class:
            for entry in found.function.fields:
                if entry.name == name and entry.default is not None:
                    return self.every(found.path, entry.default, case, defaults, depth + 1)
        return Reading(unsure=(Span(path, item.line, f"{item.text} could not be followed"),))

    def one(self, path: str, value: Expr, case: Case, depth: int = 0) -> Reading:
        """One permission class, or several joined by ``&`` (an ``all``) or ``|`` (a list)."""
        if value.kind == "all":
            return sum((self.one(path, item, case, depth + 1) for item in value.items), Reading())
        if value.kind == "list":
            return any_of([self.one(path, item, case, depth + 1) for item in value.items])
        span = Span(path, value.line, f"{value.text or 'a permission'} could not be followed")
        if depth > _DEEPEST or value.kind not in ("name", "call", "str") or not value.text:
            return Reading(unsure=(span,))
        if value.kind == "str":
            module, _, name = value.text.rpartition(".")
            file = self._resolver.python_file(path, module) if module else None
            found = self._resolver.find(file, name) if file else None
            if found is None:
                return self._outside(Kin("", value.text), case, span)
        else:
            found = self._resolver.find(path, value.text)
        if value.kind == "call" and (loaded := self._loaded(path, value)):
            return self.one(path, Expr("str", loaded, line=value.line), case, depth + 1)
        if found and found.binding and found.binding.value.kind in ("name", "call", "list", "all"):
            return self.one(found.path, found.binding.value, case, depth + 1)
        if found and found.function and found.function.is_class:
            order = self._classes.order(found.path, found.function)
            reading = self._joined(path, value, order, case) or self._order(order, case, span)
            if reading.unsure or any(guard.roles for guard in reading.guards):
                return reading
            record = self._record(order, case)
            # Who is let in may still be refused for the record, by a rank.
            return reading + record if not reading.guards or any(one.roles for one in record.guards) else reading
        return self._outside(Kin("", found.outside if found and found.outside else value.text), case, span)

    def _loaded(self, path: str, call: Expr) -> str:
        """The dotted name that a loader is given, ``import_string(settings.CLASS)`` or a function of ours around it; else empty."""
        given = call.items[0] if len(call.items) == 1 else None
        owner, _, name = given.text.rpartition(".") if given is not None and given.kind == "name" else ("", "", "")
        dotted = given.text if given is not None and given.kind == "str" else ""
        if owner == "settings" or owner.endswith(".settings"):
            dotted = self._setting(name)
        return dotted if "." in dotted and self._loads(path, call.text, 0) else ""

    def _loads(self, path: str, called: str, depth: int) -> bool:
        if _LOADERS.search(f"{called}("):
            return True
        found = self._resolver.find(path, called) if depth < 3 and called else None
        if found is None or found.function is None or found.function.is_class:
            return False
        inner = found.function.calls
        return any(self._loads(found.path, one.text, depth + 1) for one in inner)

    def _order(self, order: tuple[Kin, ...], case: Case, span: Span, skip: int = 0) -> Reading:
        """The first ``has_permission`` in the order of lookup."""
        for index, kin in enumerate(order[skip:], skip):
            if kin.cls is None:
                return self._outside(kin, case, span, maps=_maps(order))
            body = next((one for one in kin.cls.methods if one.name == "has_permission"), None)
            if body is not None:
                return self._body(kin, order, index, body, case)
        return Reading()

    def _joined(self, path: str, value: Expr, order: tuple[Kin, ...], case: Case) -> Reading | None:
        """``AnyOf(IsManager, IsClerk)``: a class of the app's own that asks each of those it was made with, before there is a record."""
        found = method(order, "has_permission") if value.kind == "call" and value.items else None
        asks = _ASKS_EACH.search(found[1].code) if found else None
        if asks is None:
            return None
        there = [self._resolver.find(path, item.text) for item in value.items if item.kind == "name"]
        classes = [one for one in there if one is not None and one.function is not None and one.function.is_class]
        if len(classes) < len(value.items):
            return None
        readings = [
            self._order(self._classes.order(one.path, one.function), case, Span(one.path, one.function.line, one.name))
            for one in classes
            if one.function is not None
        ]
        said = any_of(readings) if asks["how"] == "any" else sum(readings, Reading())
        # One that lets everybody in so far may say no for a record; what the others then say is another matter.
        return said if said.guards else None

    def _record(self, order: tuple[Kin, ...], case: Case) -> Reading:
        """``has_object_permission``: asked by ``get_object()``, so by every handler of the framework that works on one record."""
        found = method(order, "has_object_permission") if case.record else None
        if found is None:
            return Reading()
        kin, body = found
        said = answer(body.code, case)
        if said is True:
            return Reading()
        if said is False and case.record == "asked":
            plain = answer(body.code, replace(case, signed="plain"))
            roles = roles_of(body.code) if plain is False else ()
            return Reading((Guard(Span(kin.path, body.line, f"{kin.name} refuses strangers for each record"), roles),))
        return Reading(unsure=(Span(kin.path, body.line, f"{kin.name} lets everybody in, and decides per record"),))

    def _body(self, kin: Kin, order: tuple[Kin, ...], index: int, body: Function, case: Case) -> Reading:
        def ask(call: Node) -> bool | None:
            function = call.child_by_field_name("function")
            name = text(function) if function is not None else ""
            if name.startswith("super(") and name.endswith(".has_permission"):
                above = self._order(order, case, Span(kin.path, body.line), index + 1)
                return False if above.guards else None if above.unsure else True
            return self._helper(kin.path, order, name, call, case)

        roles = roles_of(body.code)
        case = replace(case, ask=ask)
        said = answer(body.code, case)
        if said is False:
            plain = answer(body.code, replace(case, signed="plain", ask=lambda call: None))
            needed = () if plain is True else roles
            return Reading((Guard(Span(kin.path, body.line, f"{kin.name} refuses strangers"), needed),))
        if said is True:
            return Reading()
        return Reading(unsure=(Span(kin.path, body.line, f"{kin.name} decides in a way that could not be followed"),))

    def _helper(
        self, path: str, order: tuple[Kin, ...], name: str, call: Node, case: Case, depth: int = 0
    ) -> bool | None:
        """What a function of ours answers, when it is called with the user or the request."""
        target: tuple[str, Function] | None = None
        if name.startswith("self.") and (own := method(order, name.removeprefix("self."))):
            target = own[0].path, own[1]
        elif (found := self._resolver.find(path, name)) and found.function and not found.function.is_class:
            target = found.path, found.function
        if target is None or depth > _DEEPEST:
            return None
        where, function = target
        given = call.child_by_field_name("arguments")
        params = [param.name for param in function.params if param.name != "self"]
        pairs = zip(params, given.named_children if given is not None else (), strict=False)
        people = frozenset(
            param for param, item in pairs if text(item).endswith("request.user") or text(item) in case.people
        )

        def deeper(inner: Node) -> bool | None:
            called = inner.child_by_field_name("function")
            return self._helper(where, order, text(called) if called is not None else "", inner, case, depth + 1)

        return answer(function.code, Case(case.verb, case.action, people, deeper, case.signed))

    @staticmethod
    def _outside(kin: Kin, case: Case, span: Span, maps: Expr | None = None) -> Reading:
        if kin.last in _OPEN or (kin.last in _READS_OPEN and case.verb in _SAFE):
            return Reading()
        if kin.last in _REFUSE or kin.last in _READS_OPEN:
            roles = _ROLES.get(kin.last, ())
            if kin.last in _BY_MODEL and case.verb in _MODEL and (maps is None or _asked(maps, case.verb)):
                roles = (_MODEL[case.verb],)
            return Reading((Guard(Span(span.file, span.line, f"{kin.last} refuses strangers"), roles),))
        return Reading(unsure=(replace(span, what=f"{kin.name} could not be followed"),))

    def chosen(self, kin: Kin, body: Function, case: Case, fallback: Reading, defaults: Reading) -> Reading:
        """What ``get_permissions`` or a ``permission_classes`` property returns. ``fallback`` is what ``super()`` would."""
        ends = paths(body.code, case)
        found = [
            self._returned(kin, end.value, end.values, case, fallback, defaults) for end in ends if end.how == "return"
        ]
        if not found or len(found) < len([end for end in ends if end.how != "raise"]):
            return Reading(unsure=(Span(kin.path, body.line, f"{body.name} could not be followed"),))
        return one_of(found)

    def _returned(
        self, kin: Kin, value: Node | None, values: dict[str, Node], case: Case, fallback: Reading, defaults: Reading
    ) -> Reading:
        hops = 0
        while value is not None and hops < _DEEPEST:
            hops += 1
            if value.type == "list_comprehension":
                clause = next((child for child in value.named_children if child.type == "for_in_clause"), None)
                value = clause.child_by_field_name("right") if clause is not None else None
            elif text(value) in values:
                value = values[text(value)]
            else:
                break
        line = Span(kin.path, kin.line, "get_permissions could not be followed")
        if value is None:
            return Reading(unsure=(line,))
        name = text(value)
        if name.startswith("super(") or name in ("self.permission_classes", "self.get_permissions()"):
            changed = values.get("self.permission_classes")
            return self._returned(kin, changed, {}, case, fallback, defaults) if changed is not None else fallback
        if value.type == "conditional_expression" and len(value.named_children) == 3:
            then, condition, other = value.named_children
            known = truth(condition, case, values)
            branches = [then] if known else [other] if known is False else [then, other]
            return one_of([self._returned(kin, one, values, case, fallback, defaults) for one in branches])
        given = _moved(Values(value).expression(value), kin.line)
        if given.kind not in ("list", "name"):
            return Reading(unsure=(line,))
        return self.every(kin.path, given, case, defaults)

    def predicate(self, path: str, test: Expr | None, name: str) -> Reading:
        """A test given to ``user_passes_test``: a lambda or a function that takes the user."""
        span = Span(path, test.line if test else 0, f"{name} with a test that could not be followed")
        function, where = (test.function, path) if test else (None, path)
        if function is None and test is not None and test.text:
            found = self._resolver.find(path, test.text)
            if found and found.binding and found.binding.value.function:
                function, where = found.binding.value.function, found.path
            elif found and found.function:
                function, where = found.function, found.path
        if function is None:
            return Reading(unsure=(span,))
        first = frozenset(param.name for param in function.params[:1])
        return self.test(where, (), function, Case("GET", people=first), f"{name} ({function.name})", span)

    def test(self, path: str, order: tuple[Kin, ...], function: Function, case: Case, name: str, span: Span) -> Reading:
        """A function that must answer true: what it says of a stranger decides."""

        def ask(call: Node) -> bool | None:
            called = call.child_by_field_name("function")
            return self._helper(path, order, text(called) if called is not None else "", call, case)

        said = answer(function.code, replace(case, ask=ask))
        if said is False:
            plain = answer(function.code, replace(case, ask=ask, signed="plain"))
            needed = () if plain is True else roles_of(function.code)
            return Reading((Guard(Span(span.file, span.line, f"{name} refuses strangers"), needed),))
        return Reading() if said else Reading(unsure=(span,))


def any_of(readings: list[Reading]) -> Reading:
    """Each of several is enough to come in."""
    if any(not reading.guards and not reading.unsure for reading in readings):
        return Reading()
    return one_of(readings)


def one_of(readings: list[Reading]) -> Reading:
    """One of several that we cannot tell apart: sure only of what all of them say."""
    if len(readings) == 1:
        return readings[0]
    if all(reading.guards for reading in readings) and readings:
        roles = [role for reading in readings for guard in reading.guards for role in guard.roles]
        asked = all(any(guard.roles for guard in reading.guards) for reading in readings)
        return Reading((replace(readings[0].guards[0], roles=tuple(dict.fromkeys(roles)) if asked else ()),))
    sometimes = [
        replace(guard.span, what=f"{guard.span.what}, but not always") for one in readings for guard in one.guards
    ]
    return Reading(unsure=tuple(span for reading in readings for span in reading.unsure) or tuple(sometimes))


def _moved(value: Expr, line: int) -> Expr:
    return structs.replace(value, line=line, items=tuple(_moved(item, line) for item in value.items))


def roles_of(code: str) -> tuple[str, ...]:
    """The roles, groups and permissions that code asks the user for."""
    found = [role for flag, role in _FLAGS.items() if re.search(rf"\b{flag}\b", code)]
    for match in _GROUP.finditer(code):
        found += re.findall(r"[\"']([\w -]+)[\"']", match.group(1))
    found += _PERMISSION.findall(code)
    found += [rank(name) for name in _OF_USER.findall(code) if name not in _FLAGS and rank(name)]
    found += roles_in(re.sub(r"\bis_(?:staff|superuser)\b", "", code))
    return tuple(dict.fromkeys(found))


def _maps(order: tuple[Kin, ...]) -> Expr | None:
    """The ``perms_map`` that a class of the app's own gives ``DjangoModelPermissions`` instead of the framework's."""
    fields = (field for kin in order if kin.cls is not None for field in kin.cls.fields)
    return next((field.default for field in fields if field.name == "perms_map"), None)


def _asked(maps: Expr, verb: str) -> bool:
    wanted = maps.get(verb)
    return wanted is not None and bool(wanted.items)
