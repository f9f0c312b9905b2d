"""Guards of Django views: decorators, mixins, and what a view does itself about a stranger.

Decorators and mixins are those of docs.djangoproject.com/en/stable/topics/auth/default and of django-braces.
"""

import re
from dataclasses import replace

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, passed_on
from launchready.sources.frameworks.django_bodies import NEW_BODIES, Bodies, judged
from launchready.sources.frameworks.django_classes import VIEW, Kin, attribute, method
from launchready.sources.frameworks.django_permissions import Permissions
from launchready.sources.frameworks.django_stranger import Case
from launchready.sources.frameworks.django_ways import wrapper_paths
from launchready.sources.guards import Guard, Reading

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
_ROLE_WORD = re.compile(r"role|perm|group|scope", re.I)


class ViewGuards:
    """Reads what stands before a view."""

    def __init__(self, reader: Reader, permissions: Permissions) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._permissions = permissions
        self.bodies = Bodies(reader, self.decorators)

    def decorators(self, path: str, decorators: tuple[Expr, ...]) -> Reading:
        """What decorators demand, in any order: each of them wraps the view."""
        return sum((self.decorator(path, one) for one in decorators), Reading())

    def decorator(self, path: str, one: Expr, depth: int = 0) -> Reading:
        """What one decorator demands."""
        name = one.text.rsplit(".", 1)[-1]
        if name == "method_decorator" and one.items:
            inner = one.items[0].items if one.items[0].kind == "list" else one.items[:1]
            return self.decorators(path, inner)
        found = self._resolver.find(path, one.text) if one.text else None
        outside = found.outside if found else one.text
        span = Span(path, one.line, f"@{one.text} refuses strangers")
        if found and found.function:
            ours = self._ours(path, one, found.path, found.function)
            if ours.guards or ours.unsure:
                return ours
            # A decorator of ours that hands over to one of Django's.
            within = [
                self.decorator(found.path, call, depth + 1)
                for call in found.function.calls
                if depth < 3 and self._gates(call)
            ]
            return sum((reading for reading in within if reading.guards), Reading())
        if found and found.binding and depth < 3 and found.binding.value.kind in ("call", "name"):
            return self.decorator(found.path, found.binding.value, depth + 1)
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

    def _ours(self, path: str, one: Expr, where: str, function: Function) -> Reading:
        """A decorator written in the tree: each function it makes must refuse strangers on every way to the view."""
        guard = self._reader.guards.function(where, function)
        made = [ends for ends in wrapper_paths(function.code, Case("GET")) if ends]
        if guard is None or guard.signature or not made:
            return passed_on(guard, path, one.line, f"@{one.text}", _asked_roles(one))
        said = [judged(ends) for ends in made]
        if all(said):
            # What it refuses is said here; by what it refuses, in its own words.
            sure = replace(guard, by_caller=True, optional=False)
            return passed_on(sure, path, one.line, f"@{one.text}", _asked_roles(one))
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
        for kin in order[:end]:
            if kin.cls is None:
                reading += self._outside(kin, order, home)
                continue
            for decorator in kin.cls.decorators:
                if decorator.text.rsplit(".", 1)[-1] == "method_decorator":
                    given = decorator.get("name") or (decorator.items[1] if len(decorator.items) > 1 else None)
                    if given is not None and given.text not in (*NEW_BODIES, *names):
                        continue
                reading += self.decorator(kin.path, decorator)
            for body in kin.cls.methods:
                if body.name in NEW_BODIES:
                    reading += self.decorators(kin.path, body.decorators)
                    reading += self.bodies.inline(kin.path, body, verb, order)
        return reading

    def _outside(self, kin: Kin, order: tuple[Kin, ...], home: Span) -> Reading:
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
            return self._permissions.test(owner.path, order, body, Case("GET"), "test_func", doubt)
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
