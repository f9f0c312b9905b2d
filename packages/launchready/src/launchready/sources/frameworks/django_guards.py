"""Guards of Django views: decorators, mixins, and what a view does itself about a stranger.

Decorators and mixins are those of docs.djangoproject.com/en/stable/topics/auth/default and of django-braces.
"""

import re
from dataclasses import replace

from launchready.model.surface import Span
from launchready.sources.callers import about_caller
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, passed_on
from launchready.sources.frameworks.django_bodies import NEW_BODIES, Bodies, judged
from launchready.sources.frameworks.django_classes import VIEW, Kin, attribute, goes_on, leads_on, method
from launchready.sources.frameworks.django_permissions import Permissions, one_of
from launchready.sources.frameworks.django_stranger import Case
from launchready.sources.frameworks.django_ways import wrapper_paths
from launchready.sources.readings import Guard, Reading

_DECORATORS: dict[str, tuple[str, ...]] = {
    "login_required": (),
    "permission_required": (),
    "permission_required_or_403": (),
    "staff_member_required": ("staff",),
    "superuser_required": ("admin",),
    "otp_required": (),
}
_MIXINS: dict[str, tuple[str, ...]] = {
    "LoginRequiredMixin": (),
    "PermissionRequiredMixin": (),
    "StaffuserRequiredMixin": ("staff",),
    "SuperuserRequiredMixin": ("admin",),
    "GroupRequiredMixin": (),
    "OTPRequiredMixin": (),
}
_AUTH_PACKAGES = re.compile(r"^(?:django\.contrib|braces|guardian|django_otp|two_factor|rules\.contrib)\b")
_HARMLESS = re.compile(
    r"^(?:django\.(?:contrib\.auth\.decorators\.login_not_required|views\.decorators|utils|db|core|template|shortcuts)|functools|contextlib|rest_framework\.(?:decorators|mixins|"
    r"generics|viewsets|views|exceptions|parsers|renderers|throttling)|drf_spectacular|drf_yasg|asgiref|ratelimit|django_ratelimit|cacheops|silk|"
    r"waffle|rest_framework_extensions|django_filters|sentry_sdk|prometheus_client|django_htmx|ninja|inject)\b|property$"
)
_HARMLESS_BASE = re.compile(
    r"Serializ|Filter|Pagina|Fields|Cache|Log|Search|Sort|Context|Title|Ajax|JSON|Htmx|Bulk|^ABC$|Generic|Protocol|Form"
)
_ELSEWHERE = re.compile(
    r"\bif\b[^\n]*(?:user|perm|role)[^\n]*:[\s\S]{0,400}?\breturn\s+(?:redirect|HttpResponseRedirect|render)\(", re.I
)
_ROLE_WORD = re.compile(r"role|perm|group|scope", re.I)


class ViewGuards:
    """Reads what stands before a view."""

    def __init__(self, reader: Reader, permissions: Permissions) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._permissions = permissions
        self.bodies = Bodies(reader, self.decorators)

    def decorators(self, path: str, decorators: tuple[Expr, ...], verb: str = "GET") -> Reading:
        """What decorators demand, in any order: each of them wraps the view."""
        return sum((self.decorator(path, one, verb) for one in decorators), Reading())

    def wrapper(self, path: str, one: Expr) -> Reading:
        """What a decorator demands that wraps a view in a urlconf, whatever the method is."""
        return one_of([self.decorator(path, one, "GET"), self.decorator(path, one, "POST")])

    def decorator(self, path: str, one: Expr, verb: str = "GET", depth: int = 0) -> Reading:
        """What one decorator demands of requests of one method."""
        name = one.text.rsplit(".", 1)[-1]
        if name == "method_decorator" and one.items:
            inner = one.items[0].items if one.items[0].kind == "list" else one.items[:1]
            return self.decorators(path, inner, verb)
        found = self._resolver.find(path, one.text) if one.text else None
        outside = found.outside if found else one.text
        span = Span(path, one.line, f"@{one.text} refuses strangers")
        if found and found.function:
            ours = self._ours(path, one, found.path, found.function, verb)
            if ours.guards or ours.unsure:
                return ours
            # A decorator of ours that hands over to one of Django's.
            within = [
                self.decorator(found.path, call, verb, depth + 1)
                for call in found.function.calls
                if depth < 3 and self._gates(call)
            ]
            return sum((reading for reading in within if reading.guards), Reading())
        if found and found.binding and depth < 3 and found.binding.value.kind in ("call", "name"):
            return self.decorator(found.path, found.binding.value, verb, depth + 1)
        if name == "user_passes_test":
            return self._permissions.predicate(
                path, one.items[0] if one.items else one.get("test_func"), f"@{one.text}"
            )
        if name in _DECORATORS:
            roles = _DECORATORS[name]
            if name.startswith("permission_required") and one.items:
                roles = tuple(one.items[0].strings())
            return Reading((Guard(span, roles),))
        if not outside or _HARMLESS.search(outside):
            return Reading()
        return Reading(unsure=(replace(span, what=f"@{one.text} could not be followed"),))

    def _ours(self, path: str, one: Expr, where: str, function: Function, verb: str) -> Reading:
        """A decorator written in the tree: each function it makes must refuse strangers on every way to the view."""
        guard = self._reader.guards.function(where, function)
        made = [ends for ends in wrapper_paths(function.code, Case(verb)) if ends]
        if guard is None and _ELSEWHERE.search(function.code) and about_caller(function):
            what = f"@{one.text} sends some callers elsewhere, by who they are"
            return Reading(unsure=(Span(path, one.line, what),))
        if guard is None or guard.signature or not made:
            return passed_on(guard, path, one.line, f"@{one.text}", _asked_roles(one), function.code)
        said = [judged(ends) for ends in made]
        if all(said):
            # What it refuses is said here; by what it refuses, in its own words.
            sure = replace(guard, by_caller=True, optional=False)
            return passed_on(sure, path, one.line, f"@{one.text}", _asked_roles(one), function.code)
        if any(verdict is not False for verdict in said) or (guard.span.file, guard.span.line) != (
            where,
            function.line,
        ):
            what = f"@{one.text} refuses some requests, but not each of a stranger"
            return Reading(unsure=(Span(path, one.line, what),))
        return Reading()

    @staticmethod
    def _gates(call: Expr) -> bool:
        name = call.text.rsplit(".", 1)[-1]
        return name in _DECORATORS or name == "user_passes_test"

    def of_class(self, order: tuple[Kin, ...], verb: str, names: tuple[str, ...], home: Span) -> Reading:
        """What the class of a view demands for one of its methods (``names``: the method and the action behind it).

        ``home`` is where the class stands, or the route when it comes from a library.
        """
        reading = Reading()
        # What Python finds behind View.dispatch is never called.
        end = next((index for index, kin in enumerate(order) if kin.cls is None and kin.last == VIEW), len(order))
        last = leads_on(order[:end], "dispatch")
        cut = order.index(last) + 1 if last is not None else end
        reading = sum((self._of_kin(kin, order, verb, names, home) for kin in order[:cut]), reading)
        behind = sum((self._of_kin(kin, order, verb, names, home) for kin in order[cut:end]), Reading())
        if last is not None and (behind.guards or behind.unsure):
            reading += _bypassed(last, "dispatch")
        return reading

    def _of_kin(self, kin: Kin, order: tuple[Kin, ...], verb: str, names: tuple[str, ...], home: Span) -> Reading:
        """What one class of the order demands."""
        if kin.cls is None:
            return self._outside(kin, order, home, verb)
        reading = Reading()
        for decorator in kin.cls.decorators:
            if decorator.text.rsplit(".", 1)[-1] == "method_decorator":
                given = decorator.get("name") or (decorator.items[1] if len(decorator.items) > 1 else None)
                if given is not None and given.text not in (*NEW_BODIES, *names):
                    continue
                if given is not None and given.text in names and _replaced(order, kin, given.text):
                    continue
            reading += self.decorator(kin.path, decorator, verb)
        for body in kin.cls.methods:
            if body.name in NEW_BODIES:
                reading += self.decorators(kin.path, body.decorators, verb)
                reading += self.bodies.inline(kin.path, body, verb, order)
        return reading

    def _outside(self, kin: Kin, order: tuple[Kin, ...], home: Span, verb: str) -> Reading:
        span = replace(home, what=f"{kin.last} refuses strangers")
        if kin.last in _MIXINS and (_AUTH_PACKAGES.search(kin.name) or "." not in kin.name):
            wanted = attribute(order, "permission_required") or attribute(order, "group_required")
            roles = (
                tuple(wanted[1].strings())
                if wanted and kin.last in ("PermissionRequiredMixin", "GroupRequiredMixin")
                else ()
            )
            return Reading((Guard(span, roles or _MIXINS[kin.last]),))
        if kin.last == "UserPassesTestMixin":
            own = method(order, "test_func")
            if own is None:
                return Reading(unsure=(replace(span, what="UserPassesTestMixin without a test_func in sight"),))
            owner, body = own
            doubt = Span(owner.path, body.line, "test_func could not be followed")
            return self._permissions.test(owner.path, order, body, Case(verb), "test_func", doubt)
        if kin.last == "PasswordChangeView":
            return Reading((Guard(span),))
        if (
            kin.known
            or kin.is_view
            or (_HARMLESS.search(kin.name) and "." in kin.name)
            or _HARMLESS_BASE.search(kin.last)
        ):
            return Reading()
        what = f"{kin.name} is not in this source, and may refuse strangers"
        return Reading(unsure=(replace(home, what=what),))


def _replaced(order: tuple[Kin, ...], kin: Kin, name: str) -> bool:
    """Whether a class in front of this one writes the method anew, without what was wrapped around it here."""
    own = method(order, name)
    return own is not None and order.index(own[0]) < order.index(kin) and not goes_on(own[1].code, name)


def bypassed(order: tuple[Kin, ...]) -> Reading:
    """What a class of ours leaves out of what REST framework asks before a method is called."""
    for name in ("dispatch", "initial", "check_permissions"):
        if (kin := leads_on(order, name)) is not None:
            return _bypassed(kin, name)
    return Reading()


def _bypassed(kin: Kin, name: str) -> Reading:
    what = f"{name} of {kin.name} does not go on to super(), so what stands behind it may not run"
    return Reading(unsure=(Span(kin.path, kin.line, what),))


def _asked_roles(call: Expr) -> tuple[str, ...]:
    """The roles or permissions given to a decorator: ``@needs("admin")``, ``@needs([Role.ADMIN], level="TEAM")``."""
    found: list[str] = []
    for one in [*call.items, *(value for name, value in call.named if _ROLE_WORD.search(name))]:
        for part in (one, *one.items):
            owner, _, name = part.text.rpartition(".")
            if part.kind == "str":
                found += [word.strip() for word in part.text.split(",")]
            elif part.kind == "name" and _ROLE_WORD.search(owner):
                found.append(name.lower())
    return tuple(dict.fromkeys(word for word in found if re.fullmatch(r"[A-Za-z][\w:.* -]{1,40}", word)))
