"""Classes and what they inherit: the order Python looks things up in, and what the classes of Django and its kin bring."""

import re
from dataclasses import dataclass

from launchready.sources.facts.shape import Expr, Function
from launchready.sources.resolver import Resolver

_DEEPEST = 12
_PACKAGES = ("django", "rest_framework")
_READ, _FORM = ("GET",), ("GET", "POST")
VIEW = "View"
"""The class at the end of every class view's order: what stands behind it never runs."""

# What a browser's form sends. PUT and DELETE reach the same code where Django answers them.
VIEWS: dict[str, tuple[str, ...]] = {
    VIEW: (),
    "TemplateView": _READ,
    "RedirectView": _READ,
    **dict.fromkeys(("ListView", "DetailView", "BaseListView", "BaseDetailView", "ArchiveIndexView"), _READ),
    **dict.fromkeys(
        ("YearArchiveView", "MonthArchiveView", "WeekArchiveView", "DayArchiveView", "TodayArchiveView"), _READ
    ),
    **dict.fromkeys(("DateDetailView", "JavaScriptCatalog", "JSONCatalog"), _READ),
    **dict.fromkeys(("FormView", "CreateView", "UpdateView", "DeleteView", "ProcessFormView", "BaseFormView"), _FORM),
    **dict.fromkeys(("LoginView", "PasswordChangeView", "PasswordResetView", "PasswordResetConfirmView"), _FORM),
    **dict.fromkeys(("PasswordChangeDoneView", "PasswordResetDoneView", "PasswordResetCompleteView"), _READ),
    "LogoutView": ("POST",),
    "GraphQLView": _FORM,
}
# Verb -> the action of a mixin that answers it.
_LIST, _CREATE, _GET, _CHANGE, _REMOVE = (
    {"GET": "list"},
    {"POST": "create"},
    {"GET": "retrieve"},
    {"PUT": "update", "PATCH": "partial_update"},
    {"DELETE": "destroy"},
)
_TOKENS = (
    *("TokenViewBase", "TokenObtainPairView", "TokenRefreshView", "TokenVerifyView", "TokenBlacklistView"),
    *("TokenObtainSlidingView", "TokenRefreshSlidingView", "ObtainAuthToken"),
)
# dj-rest-auth (dj-rest-auth.readthedocs.io: API endpoints), whose permission is AllowAny.
_ENTRIES = ("RegisterView", "VerifyEmailView", "ResendEmailVerificationView", "SocialLoginView")
_SCHEMAS = (
    *("SpectacularAPIView", "SpectacularJSONAPIView", "SpectacularYAMLAPIView", "SpectacularSwaggerView"),
    *("SpectacularRedocView", "SpectacularSwaggerSplitView"),
)
REST_VIEWS: dict[str, dict[str, str]] = {
    "APIView": {},
    "GenericAPIView": {},
    "CreateAPIView": _CREATE,
    "ListAPIView": _LIST,
    "RetrieveAPIView": _GET,
    "DestroyAPIView": _REMOVE,
    "UpdateAPIView": _CHANGE,
    "ListCreateAPIView": _LIST | _CREATE,
    "RetrieveUpdateAPIView": _GET | _CHANGE,
    "RetrieveDestroyAPIView": _GET | _REMOVE,
    "RetrieveUpdateDestroyAPIView": _GET | _CHANGE | _REMOVE,
    "ViewSet": {},
    "GenericViewSet": {},
    "ModelViewSet": {},
    "ReadOnlyModelViewSet": {},
    **{name: {"POST": "post"} for name in (*_TOKENS, *_ENTRIES)},
    **{name: {"GET": "get"} for name in _SCHEMAS},
}
ACTIONS: dict[str, tuple[str, ...]] = {
    "CreateModelMixin": ("create",),
    "ListModelMixin": ("list",),
    "RetrieveModelMixin": ("retrieve",),
    "UpdateModelMixin": ("update", "partial_update"),
    "DestroyModelMixin": ("destroy",),
    "ModelViewSet": ("list", "create", "retrieve", "update", "partial_update", "destroy"),
    "ReadOnlyModelViewSet": ("list", "retrieve"),
}
_OWN_OF_VIEWS = frozenset(
    (
        *("dispatch", "setup", "initial", "get_permissions", "check_permissions", "permission_classes"),
        *("get_queryset", "get_object", "get_context_data", "get_serializer", "get_serializer_class", "form_valid"),
    )
)
OPEN_VIEWS = frozenset((*_TOKENS, *_ENTRIES, *_SCHEMAS))
"""Views of libraries that set permissions of their own, which let everybody in."""


@dataclass(frozen=True, slots=True)
class Kin:
    """A class in the order of lookup: one of ours with its file, or one from outside by its dotted name."""

    path: str
    name: str
    cls: Function | None = None
    line: int = 0

    @property
    def last(self) -> str:
        """The name without its module."""
        return self.name.rsplit(".", 1)[-1]

    @property
    def known(self) -> bool:
        """Whether it comes from a package whose classes we know."""
        named = self.last in VIEWS or self.last in REST_VIEWS or self.last in ACTIONS
        return self.cls is None and (named or self.name.split(".", 1)[0] in _PACKAGES)

    @property
    def may_permit(self) -> bool:
        """Whether it is a view of some library, which may come with permissions of its own."""
        own = self.name.split(".", 1)[0] in _PACKAGES
        return self.cls is None and not own and not self.last.endswith("Mixin") and self.last not in OPEN_VIEWS

    @property
    def is_view(self) -> bool:
        """Whether it brings a view's own ``dispatch``."""
        return self.cls is None and (self.last in VIEWS or self.last in REST_VIEWS)


class Classes:
    """Lookup orders, by the C3 rule of Python (docs.python.org, "The Python 2.3 Method Resolution Order")."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._orders: dict[tuple[str, str, int], tuple[Kin, ...]] = {}

    def order(self, path: str, cls: Function, depth: int = 0) -> tuple[Kin, ...]:
        """The class itself, then everything it inherits."""
        key = (path, cls.name, cls.line)
        if key not in self._orders:
            own = Kin(path, cls.name, cls, cls.line)
            self._orders[key] = (own,)
            lines = [self.named(path, base, depth + 1) for base in cls.bases] if depth < _DEEPEST else []
            self._orders[key] = (own, *_merged([list(line) for line in lines if line]))
        return self._orders[key]

    def value(self, path: str, name: str) -> Expr | None:
        """What a name of a module stands for; None where it is no value that was found."""
        found = self._resolver.find(path, name)
        return found.binding.value if found and found.binding else None

    def named(self, path: str, base: Expr, depth: int = 0) -> tuple[Kin, ...]:
        """The lookup order of the class an expression names."""
        name = base.text.removesuffix("[]")
        if not name or base.kind not in ("name", "call"):
            return ()
        found = self._resolver.find(path, name)
        if found and found.function and found.function.is_class:
            return self.order(found.path, found.function, depth)
        outside = Kin("", found.outside if found and found.outside else name, line=base.line)
        if outside.last == "object":
            return ()
        end = Kin("", f"django.{VIEW}")
        return (
            (outside, end) if outside.is_view and outside.last != VIEW else (end if outside.last == VIEW else outside,)
        )


def _merged(lines: list[list[Kin]]) -> list[Kin]:
    merged: list[Kin] = []
    while lines := [line for line in lines if line]:
        first = next((line[0] for line in lines if not any(line[0] in other[1:] for other in lines)), lines[0][0])
        merged.append(first)
        lines = [[kin for kin in line if kin != first] for line in lines]
    return merged


def method(order: tuple[Kin, ...], name: str) -> tuple[Kin, Function] | None:
    """The first method of that name written in the tree, unless a view of a library that has one comes before it."""
    for kin in order:
        if kin.is_view and name in _OWN_OF_VIEWS:
            return None
        found = written(kin.cls, name) if kin.cls else None
        if found is not None:
            return kin, found
    return None


def written(cls: Function, name: str) -> Function | None:
    """A method of a class body, also by another name: ``post = get``."""
    alias = next(
        (e.default.text for e in cls.fields if e.name == name and e.default and e.default.kind == "name"), name
    )
    return next((one for wanted in (name, alias) for one in cls.methods if one.name == wanted), None)


def attribute(order: tuple[Kin, ...], name: str) -> tuple[Kin, Expr] | None:
    """The value a class body gives to a name, of the first class that gives one; views of libraries give all of theirs."""
    for kin in order:
        if kin.is_view:
            return None
        for entry in reversed(kin.cls.fields if kin.cls else ()):
            if entry.name == name and entry.default is not None:
                return kin, entry.default
    return None


def leads_on(order: tuple[Kin, ...], name: str) -> Kin | None:
    """The first class of ours whose method of that name does not go on to ``super()``: what stands behind it never runs."""
    for kin in order:
        body = next((one for one in kin.cls.methods if one.name == name), None) if kin.cls else None
        if body is not None and not goes_on(body.code, name):
            return kin
    return None


def goes_on(code: str, name: str) -> bool:
    """Whether a body calls the method of that name of the classes behind its own: ``super().initial(…)``, ``super(Logged, self).initial(…)``."""
    return re.search(rf"\bsuper\([^()]*\)\.{name}\(", code) is not None
