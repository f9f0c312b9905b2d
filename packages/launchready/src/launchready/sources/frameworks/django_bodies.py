"""What the bodies of Django views and their helpers do about a stranger, each way through them looked at."""

import re
from collections.abc import Callable
from dataclasses import replace

from tree_sitter import Node

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, passed_on
from launchready.sources.frameworks.django_classes import Kin, method
from launchready.sources.frameworks.django_permissions import one_of, roles_of
from launchready.sources.frameworks.django_stranger import Case, text
from launchready.sources.frameworks.django_ways import End, always, paths
from launchready.sources.readings import Guard, Reading
from launchready.sources.refusals import REFUSES

NEW_BODIES = ("dispatch", "initial", "setup", "check_permissions")
_TO_LOGIN = re.compile(
    r"^return\b.*(?:redirect|Redirect\w*)\s*\(.*(?:log-?_?in|sign-?_?in)|\b(?:redirect_to_login|handle_no_permission|permission_denied)\s*\(",
    re.I | re.S,
)
_REDIRECT = re.compile(r"^return\b.*(?:redirect|Redirect\w*)\s*\(", re.S)
_NO_PERMISSION = re.compile(r"\b(?:handle_no_permission|permission_denied)\s*\(", re.I)
_OWN_NAME = re.compile(r"\bself\.(\w+)")
_LOOKUPS = ("get_object", "get_queryset")
_SENT = (
    "get_form",
    "get_form_kwargs",
    "form_valid",
    "perform_create",
    "perform_update",
    "get_serializer",
    "get_serializer_class",
)
_HOOKS = {
    "GET": (*_LOOKUPS, "get_context_data", "get_serializer_context"),
    **dict.fromkeys(("POST", "PUT", "PATCH"), (*_LOOKUPS, *_SENT)),
    "DELETE": (*_LOOKUPS, "perform_destroy"),
}
# What an action of REST framework calls on every way to what it does (django-rest-framework.org/api-guide/generic-views).
_RECORD = (*_LOOKUPS, "check_object_permissions")
CALLED = {
    "list": ("get_queryset",),
    "create": ("perform_create",),
    "retrieve": _RECORD,
    "update": (*_RECORD, "perform_update"),
    "partial_update": (*_RECORD, "perform_update"),
    "destroy": (*_RECORD, "perform_destroy"),
}
_OF_ONE_ACTION = frozenset((*_LOOKUPS, "perform_create", "perform_update", "perform_destroy"))
_HANDS_OVER = re.compile(r"\bsuper\(")
_MOST_METHODS = 40
_NOT_ALLOWED = re.compile(r"NotAllowed|METHOD_NOT_ALLOWED|\b405\b")
_DEEPEST = 4


class Bodies:
    """Judges bodies. ``decorators`` reads those of a view that another view hands over to."""

    def __init__(self, reader: Reader, decorators: Callable[[str, tuple[Expr, ...]], Reading]) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._decorators = decorators
        self._known: dict[tuple[str, str, int, str, str], Reading] = {}

    def inline(self, path: str, function: Function, verb: str, order: tuple[Kin, ...] = (), depth: int = 0) -> Reading:
        """What a body does itself about a stranger, each way through it looked at."""
        key = (path, function.name, function.line, verb, order[0].name if order else "")
        if key not in self._known:
            self._known[key] = Reading()  # a view that hands over to itself adds nothing
            self._known[key] = self._inline(path, function, verb, order, depth)
        return self._known[key]

    def _inline(self, path: str, function: Function, verb: str, order: tuple[Kin, ...], depth: int) -> Reading:
        guard = self._reader.guards.function(path, function)
        if guard is not None and guard.signature:
            return Reading((guard,))
        met: list[Guard] = []

        def stops(call: Node) -> bool:
            refuses = self._stops(path, order, call, verb, depth)
            met.extend([refuses] if refuses else [])
            return refuses is not None

        ends = self._with_denials(path, order, paths(function.code, Case(verb, stops=stops)), verb)
        if function.name == "dispatch" and all(end.proved or _sent_away(end) or refuses(end) for end in ends):
            ends = [end if end.proved else replace(end, how="stops") for end in ends]
        own = [(call, found) for call in function.calls if (found := _own(order, call.text))]
        followed = frozenset(call.text for call, _ in own)
        for call, (kin, body) in own:
            helper = self._reader.guards.function(kin.path, body)
            if helper is not None and helper.signature:
                return passed_on(helper, path, call.line, call.text)
        if not ends:
            return self._reader.guards.inside(path, function, followed)
        span = Span(path, function.line, f"{function.name} refuses strangers")
        said = judged(ends)
        if said is True:
            plain = paths(function.code, Case(verb, signed="plain"))
            roles = roles_of(function.code) if any(refuses(end) for end in plain) else ()
            told_apart = roles or any(end.proved and not refuses(end) for end in ends)
            if not told_apart and not self._lets_in(path, order, function, verb):
                # Who is signed in and meets the same end, as behind a logout, was not told apart.
                return Reading()
            own_words = (Guard(span, roles),) if not met or any(end.how != "stops" for end in ends) else ()
            return Reading((*(_with_given(one, guard) for one in met), *own_words))
        if said is None:
            what = f"{function.name} refuses some requests, but not each of a stranger"
            return Reading(unsure=(replace(span, what=what),))
        given_on = self._delegated(path, ends, verb, depth)
        if given_on.guards or given_on.unsure:
            return given_on
        if function.name in NEW_BODIES and "super(" in function.code:
            # These only prepare: whoever they do not refuse goes on to the method, which is looked at by itself.
            return self._reader.guards.handed_on(path, function, followed)
        left = self._reader.guards.inside(path, function, followed)
        if left.guards:
            what = f"{function.name} refuses some requests, but none that a stranger is sure to meet"
            return Reading(unsure=(replace(span, what=what),))
        return left

    def _lets_in(self, path: str, order: tuple[Kin, ...], function: Function, verb: str) -> bool:
        ends = self._with_denials(path, order, paths(function.code, Case(verb, signed="any")), verb)
        return not ends or any(end.how != "raise" and not refuses(end) for end in ends)

    def _with_denials(self, path: str, order: tuple[Kin, ...], ends: list[End], verb: str) -> list[End]:
        """Ends of which those that return a helper's refusal, as in ``return self.deny()``, count as refusals."""
        return [replace(end, how="stops") if self._denies(path, order, end, verb) else end for end in ends]

    def _denies(self, path: str, order: tuple[Kin, ...], end: End, verb: str) -> bool:
        if end.how != "return" or end.value is None or end.value.type != "call":
            return False
        called = end.value.child_by_field_name("function")
        name = text(called) if called is not None else ""
        own = _own(order, name)
        found = None if own else self._resolver.find(path, name)
        helper = own[1] if own else found.function if found else None
        if helper is None or helper.is_class:
            return False
        given = paths(helper.code, Case(verb))
        return bool(given) and all(refuses(one) for one in given)

    def _stops(self, path: str, order: tuple[Kin, ...], call: Node, verb: str, depth: int) -> Guard | None:
        """The guard that a helper is, when a stranger's request never comes back from it."""
        called = call.child_by_field_name("function")
        name = text(called) if called is not None else ""
        target = _own(order, name)
        where, helper = (target[0].path, target[1]) if target else (path, None)
        if helper is None and name and (found := self._resolver.find(path, name)) and found.function:
            where, helper = found.path, found.function
        if helper is None or helper.is_class or depth > _DEEPEST:
            return None
        guard = self._reader.guards.function(where, helper)
        if guard is None or guard.doubt:
            return None
        inner = self.inline(where, helper, verb, order, depth + 1)
        line = Span(where, helper.line, f"{helper.name} refuses strangers")
        return replace(inner.guards[0], span=line) if inner.guards else None

    def _delegated(self, path: str, ends: list[End], verb: str, depth: int) -> Reading:
        """``return create(request)``: the views that a view hands over to, with their decorators."""
        found: list[Reading] = []
        for end in ends:
            if end.value is None or _NOT_ALLOWED.search(text(end.value)):
                continue
            called = end.value.child_by_field_name("function") if end.value.type == "call" else None
            given = end.value.child_by_field_name("arguments") if called is not None else None
            first = given.named_children[0] if given is not None and given.named_children else None
            target = self._resolver.find(path, text(called)) if called is not None and first is not None else None
            passes = first is not None and text(first) == "request"
            if not passes or depth > 3 or target is None or target.function is None or target.function.is_class:
                found.append(Reading())
                continue
            reading = self._decorators(target.path, target.function.decorators)
            found.append(reading + self.inline(target.path, target.function, verb, (), depth + 1))
        return one_of(found) if any(one.guards for one in found) else Reading()

    def reached(self, order: tuple[Kin, ...], body: tuple[Kin, Function] | None, verb: str, action: str) -> Reading:
        """What the methods do that a class view gets to: those it names, and those that inherited code calls.

        A body of ours that leaves nothing to ``super()`` calls only what it names.
        """
        leaves = body is None or "super(" in body[1].code
        surely = body is None or always(body[1].code, _HANDS_OVER)
        called = CALLED.get(action, _LOOKUPS)
        others = _OF_ONE_ACTION.difference(called) if action in CALLED else ()
        waiting = [name for name in _HOOKS.get(verb, ()) if leaves and name not in others]
        waiting += _OWN_NAME.findall(body[1].code) if body is not None else []
        seen = {body[1].name} if body is not None else set()
        unsure: list[Span] = []
        while waiting and len(seen) < _MOST_METHODS:
            name = waiting.pop(0)
            own = method(order, name) if name not in seen and name not in NEW_BODIES else None
            seen.add(name)
            if own is None:
                continue
            reading = self.inline(own[0].path, own[1], verb, order)
            if reading.guards and surely and name in called:
                return reading
            unsure += reading.unsure
            unsure += [replace(guard.span, what=f"{name} refuses, when it is reached") for guard in reading.guards]
            waiting += _OWN_NAME.findall(own[1].code)
        return Reading(unsure=tuple(unsure[:3]))

    def answers(self, function: Function, verb: str) -> bool:
        """Whether a body does anything for a method but say that it is not allowed."""
        ends = paths(function.code, Case(verb, signed="any"))
        return not ends or any(
            end.value is None or not _NOT_ALLOWED.search(text(end.value)) for end in ends if end.how != "raise"
        )


def judged(ends: list[End]) -> bool | None:
    """True when no stranger gets through, False when nothing refuses, None when some do.

    A path that led past a right credential is not a stranger's.
    """
    if all(end.how == "raise" or refuses(end) for end in ends):
        return True
    if not any(refuses(end) for end in ends):
        return False
    return True if all(end.proved or end.how == "raise" or refuses(end) for end in ends) else None


def _own(order: tuple[Kin, ...], name: str) -> tuple[Kin, Function] | None:
    return method(order, name.removeprefix("self.")) if name.startswith("self.") else None


def refuses(end: End) -> bool:
    """Whether a path ends in a refusal: 401, 403, the login page, a denial that is raised, or a helper that does it."""
    if end.value is None or end.how == "stops":
        return end.how == "stops"
    said = f"{end.how} {text(end.values.get(text(end.value), end.value))}"
    # A redirect refuses only when it leads to a login page, not when it starts a sign-in at a third party.
    if _REDIRECT.search(said):
        return bool(_TO_LOGIN.search(said))
    return bool(REFUSES.search(said) or _NO_PERMISSION.search(said))


def _sent_away(end: End) -> bool:
    """Whether who gets to this end is led elsewhere, wherever that is: behind it a ``dispatch`` hands nothing on."""
    said = f"{end.how} {text(end.values.get(text(end.value), end.value))}" if end.value is not None else ""
    return bool(_REDIRECT.search(said))


def _with_given(met: Guard, named: Guard | None) -> Guard:
    """The helper that refuses, with the roles it is handed where it is called: ``require_permission(request, "Roles", "delete")``."""
    same = named is not None and (named.span.file, named.span.line) == (met.span.file, met.span.line)
    return replace(met, roles=named.roles) if named is not None and same and not met.roles else met
