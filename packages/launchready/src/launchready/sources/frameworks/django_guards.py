"""Guards of Django views: decorators, mixins, and what a view does itself about a stranger.

Decorators and mixins are those of docs.djangoproject.com/en/stable/topics/auth/default and of django-braces.
"""

import re
from dataclasses import replace

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, passed_on
from launchready.sources.frameworks.django_classes import VIEW, Kin, attribute, method
from launchready.sources.frameworks.django_permissions import Permissions, one_of, roles_of
from launchready.sources.frameworks.django_stranger import Case, End, paths, text
from launchready.sources.guards import REFUSES, Guard, Reading

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
_NEW_BODIES = ("dispatch", "initial", "setup", "check_permissions")
_TO_LOGIN = re.compile(
    r"^return\b.*(?:redirect|Redirect\w*)\s*\(.*(?:log-?_?in|sign-?_?in)|\b(?:redirect_to_login|handle_no_permission|permission_denied)\s*\(",
    re.I | re.S,
)
_REDIRECT = re.compile(r"^return\b.*(?:redirect|Redirect\w*)\s*\(", re.S)
_SAYS_NO = re.compile(REFUSES.pattern + r"|\b(?:handle_no_permission|permission_denied)\s*\(", re.X | re.I)
_ROLE_WORD = re.compile(r"role|perm|group|scope", re.I)
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
_MOST_METHODS = 40
_NOT_ALLOWED = re.compile(r"NotAllowed|METHOD_NOT_ALLOWED|\b405\b")


class ViewGuards:
    """Reads what stands before a view."""

    def __init__(self, reader: Reader, permissions: Permissions) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._permissions = permissions
        self._known: dict[tuple[str, str, int, str, str], Reading] = {}

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
            roles = _asked_roles(one)
            if guard := self._reader.guards.function(found.path, found.function):
                return passed_on(guard, path, one.line, f"@{one.text}", roles)
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
                    if given is not None and given.text not in (*_NEW_BODIES, *names):
                        continue
                reading += self.decorator(kin.path, decorator)
            for body in kin.cls.methods:
                if body.name in _NEW_BODIES:
                    reading += self.decorators(kin.path, body.decorators)
                    reading += self.inline(kin.path, body, verb, order)
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
        ends = paths(function.code, Case(verb))
        own = [(call, found) for call in function.calls if (found := _own(order, call.text))]
        followed = frozenset(call.text for call, _ in own)
        if not ends:
            return self._reader.guards.inside(path, function, followed)
        refusing = [end for end in ends if _refuses(end)]
        span = Span(path, function.line, f"{function.name} refuses strangers")
        if all(end in refusing or end.how == "raise" for end in ends):
            met = paths(function.code, Case(verb, signed="any"))
            # Who is signed in and meets the same end, as behind a logout, was not told apart.
            let_in = [end for end in met if end.how != "raise" and not _refuses(end)]
            plain = paths(function.code, Case(verb, signed="plain"))
            roles = roles_of(function.code) if any(_refuses(end) for end in plain) else ()
            return Reading((Guard(span, roles),)) if let_in or not met else Reading()
        if refusing:
            return Reading(
                unsure=(replace(span, what=f"{function.name} refuses some requests, but not each of a stranger"),)
            )
        if (given_on := self._delegated(path, ends, verb, depth)).guards:
            return given_on
        if guard is not None and (guard.span.file, guard.span.line) != (path, function.line) and not given_on.unsure:
            return Reading((guard,))
        for call, (kin, body) in own:
            if helper := self._reader.guards.function(kin.path, body):
                return passed_on(helper, path, call.line, call.text)
        if given_on.unsure:
            return given_on
        if function.name in _NEW_BODIES:
            # These only prepare: whoever they do not refuse goes on to the method, which is looked at by itself.
            return self._reader.guards.handed_on(path, function, followed)
        left = self._reader.guards.inside(path, function, followed)
        if left.guards:
            what = f"{function.name} refuses some requests, but none that a stranger is sure to meet"
            return Reading(unsure=(replace(span, what=what),))
        return left

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
            reading = self.decorators(target.path, target.function.decorators)
            found.append(reading + self.inline(target.path, target.function, verb, (), depth + 1))
        return one_of(found) if any(one.guards for one in found) else Reading()

    def reached(self, order: tuple[Kin, ...], body: tuple[Kin, Function] | None, verb: str) -> Reading:
        """What the methods do that a class view gets to: those it names, and those that inherited code calls.

        A body of ours that leaves nothing to ``super()`` calls only what it names.
        """
        leaves = body is None or "super()" in body[1].code
        waiting = [name for name in _HOOKS.get(verb, ()) if leaves]
        waiting += _OWN_NAME.findall(body[1].code) if body is not None else []
        seen = {body[1].name} if body is not None else set()
        unsure: list[Span] = []
        while waiting and len(seen) < _MOST_METHODS:
            name = waiting.pop(0)
            own = method(order, name) if name not in seen and name not in _NEW_BODIES else None
            seen.add(name)
            if own is None:
                continue
            reading = self.inline(own[0].path, own[1], verb, order)
            if reading.guards and body is None and name in _LOOKUPS:
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


def _refuses(end: End) -> bool:
    if end.value is None:
        return False
    said = f"{end.how} {text(end.values.get(text(end.value), end.value))}"
    # A redirect refuses only when it leads to a login page, not when it starts a sign-in at a third party.
    return bool((_TO_LOGIN if _REDIRECT.search(said) else _SAYS_NO).search(said))


def _own(order: tuple[Kin, ...], name: str) -> tuple[Kin, Function] | None:
    return method(order, name.removeprefix("self.")) if name.startswith("self.") else None


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
