"""Django REST framework: routers, the actions viewsets really have, and permissions, wherever they are set."""

from pathlib import Path

import pytest
from launchready.model.surface import Surface

from tests.sources.reading import one, surface, who

SIGNED_IN = 'REST_FRAMEWORK = {"DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"]}'


def api(root: Path, views: str, urls: str, rest: str = "", **files: str) -> Surface:
    """A project with an API app."""
    settings = f'ROOT_URLCONF = "web.urls"\nINSTALLED_APPS = ["rest_framework"]\n{rest}\n'
    return surface(root, web__settings_py=settings, web__urls_py=urls, api__views_py=views, **files)


def routed(root: Path, views: str, rest: str = "", router: str = "SimpleRouter()") -> Surface:
    """A project that registers ``Notes`` under ``notes``."""
    urls = f"""
    from django.urls import include, path
    from rest_framework.routers import DefaultRouter, SimpleRouter
    from api.views import Notes
    router = {router}
    router.register(r"notes", Notes, basename="note")
    urlpatterns = [path("api/", include(router.urls))]
    """
    return api(root, views, urls, rest)


def test_a_model_viewset_has_six_actions_and_its_own(tmp_path: Path) -> None:
    found = routed(
        tmp_path,
        """
        from rest_framework import serializers, viewsets
        from rest_framework.decorators import action

        class NoteSerializer(serializers.ModelSerializer):
            title = serializers.CharField()
            made = serializers.DateTimeField(read_only=True)
            words = serializers.SerializerMethodField()
            writer = serializers.HiddenField(default=serializers.CurrentUserDefault())
            class Meta:
                fields = ["id", "title", "text", "words", "writer"]
                read_only_fields = ["id"]

        class Notes(viewsets.ModelViewSet):
            serializer_class = NoteSerializer

            @action(detail=True, methods=["post"], url_path="share-with")
            def share(self, request, pk=None): ...

            @share.mapping.delete
            def unshare(self, request, pk=None): ...

            @action(detail=False)
            def recent_ones(self, request): ...
        """,
    )
    assert set(who(found)) == {
        "GET /api/notes/",
        "POST /api/notes/",
        "GET /api/notes/{pk}/",
        "PUT /api/notes/{pk}/",
        "PATCH /api/notes/{pk}/",
        "DELETE /api/notes/{pk}/",
        "POST /api/notes/{pk}/share-with/",
        "DELETE /api/notes/{pk}/share-with/",
        "GET /api/notes/recent_ones/",
    }
    inputs = [(i.name, i.where) for i in one(found, "POST /api/notes/").inputs]
    assert inputs == [("title", "body"), ("text", "body")]
    assert one(found, "POST /api/notes/").framework == "Django REST framework"


def test_viewsets_have_only_the_actions_they_inherit(tmp_path: Path) -> None:
    found = api(
        tmp_path,
        """
        from rest_framework import mixins, viewsets

        class ReadOnly(viewsets.ReadOnlyModelViewSet):
            lookup_field = "slug"

        class Inbox(mixins.CreateModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet):
            lookup_field = "uuid"
            lookup_url_kwarg = "message"

        class Plain(viewsets.ViewSet):
            def list(self, request): ...

        class Half(viewsets.ModelViewSet):
            http_method_names = ["get", "head"]
        """,
        """
        from django.urls import include, path
        from rest_framework import routers
        from api import views
        router = routers.DefaultRouter(trailing_slash=False)
        router.register("read", views.ReadOnly)
        router.register("inbox", views.Inbox, basename="inbox")
        router.register(prefix="plain", viewset=views.Plain, basename="plain")
        router.register("half", views.Half)
        urlpatterns = [path("", include(router.urls)), path("one/<int:pk>", views.Half.as_view({"get": "retrieve"}))]
        """,
    )
    assert set(who(found)) == {
        "GET /",
        "GET /read",
        "GET /read/{slug}",
        "POST /inbox",
        "DELETE /inbox/{message}",
        "GET /plain",
        "GET /half",
        "GET /half/{pk}",
        "GET /one/{pk}",
    }


def test_nested_routers(tmp_path: Path) -> None:
    found = api(
        tmp_path,
        """
        from rest_framework import viewsets
        class Domains(viewsets.ReadOnlyModelViewSet): ...
        class Names(viewsets.ReadOnlyModelViewSet): ...
        """,
        """
        from django.urls import include, path
        from rest_framework_nested import routers
        from api.views import Domains, Names
        router = routers.SimpleRouter()
        router.register(r"domains", Domains)
        inner = routers.NestedSimpleRouter(router, r"domains", lookup="domain")
        inner.register(r"names", Names, basename="names")
        urlpatterns = [path("", include(router.urls)), path("", include(inner.urls))]
        """,
    )
    assert set(who(found)) == {
        "GET /domains/",
        "GET /domains/{pk}/",
        "GET /domains/{domain_pk}/names/",
        "GET /domains/{domain_pk}/names/{pk}/",
    }


def test_generic_views_and_functions(tmp_path: Path) -> None:
    found = api(
        tmp_path,
        """
        from rest_framework import generics
        from rest_framework.decorators import api_view, permission_classes
        from rest_framework.permissions import AllowAny, IsAdminUser
        from rest_framework.views import APIView

        class Notes(generics.ListCreateAPIView): ...

        class Note(generics.RetrieveUpdateDestroyAPIView):
            permission_classes = [IsAdminUser]

        class Free(APIView):
            permission_classes = ()
            def get(self, request): ...

        @api_view(["GET", "POST"])
        def shared(request): ...

        @api_view()
        @permission_classes([AllowAny])
        def health(request): ...
        """,
        """
        from django.urls import path
        from rest_framework_simplejwt.views import TokenObtainPairView
        from rest_framework.authtoken.views import obtain_auth_token
        from api import views
        urlpatterns = [
            path("notes/", views.Notes.as_view()),
            path("notes/<int:pk>/", views.Note.as_view()),
            path("free/", views.Free.as_view()),
            path("shared/", views.shared),
            path("up/", views.health),
            path("token/", TokenObtainPairView.as_view()),
            path("old-token/", obtain_auth_token),
        ]
        """,
        SIGNED_IN,
    )
    assert who(found) == {
        "GET /notes/": "guarded",
        "POST /notes/": "guarded",
        "GET /notes/{pk}/": "guarded",
        "PUT /notes/{pk}/": "guarded",
        "PATCH /notes/{pk}/": "guarded",
        "DELETE /notes/{pk}/": "guarded",
        "GET /free/": "open",
        "GET /shared/": "guarded",
        "POST /shared/": "guarded",
        "GET /up/": "open",
        "POST /token/": "open",
        "POST /old-token/": "open",
    }
    assert one(found, "DELETE /notes/{pk}/").access.roles == ("staff",)


PERMISSIONS = """
from rest_framework import permissions, viewsets

class IsManager(permissions.BasePermission):
    def has_permission(self, request, view):
        return bool(request.user and request.user.is_authenticated and request.user.role == "manager")

class Everybody(permissions.BasePermission):
    def has_permission(self, request, view):
        return True

class ReadOnly(permissions.BasePermission):
    def has_permission(self, request, view):
        return request.method in permissions.SAFE_METHODS

class ByKey(permissions.BasePermission):
    def has_permission(self, request, view):
        return request.headers.get("X-Key") in keys()

class Stricter(permissions.IsAuthenticated):
    def has_permission(self, request, view):
        return super().has_permission(request, view) and request.user.is_superuser

class Looser(permissions.IsAuthenticated):
    def has_permission(self, request, view):
        if request.method == "GET":
            return True
        return super().has_permission(request, view)

class OwnerOrRead(permissions.BasePermission):
    def has_object_permission(self, request, view, obj):
        if request.method in permissions.SAFE_METHODS:
            return True
        return obj.owner == request.user

class Notes(viewsets.ModelViewSet):
    permission_classes = [%s]
"""


@pytest.mark.parametrize(
    ("classes", "read", "write", "roles"),
    [
        ("permissions.AllowAny", "open", "open", ()),
        ("permissions.IsAuthenticated", "guarded", "guarded", ()),
        ("permissions.IsAdminUser", "guarded", "guarded", ("staff",)),
        ("permissions.IsAuthenticatedOrReadOnly", "open", "guarded", ()),
        ("IsManager", "guarded", "guarded", ("manager",)),
        ("Everybody", "open", "open", ()),
        ("Everybody, permissions.IsAuthenticated", "guarded", "guarded", ()),
        ("ReadOnly", "open", "guarded", ()),
        ("ByKey", "unknown", "unknown", ()),
        ("Stricter", "guarded", "guarded", ("admin",)),
        ("Looser", "open", "guarded", ()),
        ("permissions.IsAuthenticated | ReadOnly", "open", "guarded", ()),
        ("permissions.IsAuthenticated & ReadOnly", "guarded", "guarded", ()),
        (
            "permissions.IsAuthenticated & (IsManager | permissions.IsAdminUser)",
            "guarded",
            "guarded",
            ("manager", "staff"),
        ),
        ("permissions.IsAuthenticated | ByKey", "unknown", "unknown", ()),
        ("~permissions.IsAuthenticated", "unknown", "unknown", ()),
        ("", "open", "open", ()),
    ],
)
def test_permission_classes(tmp_path: Path, classes: str, read: str, write: str, roles: tuple[str, ...]) -> None:
    found = routed(tmp_path, PERMISSIONS % classes)
    told = who(found)
    assert (told["GET /api/notes/"], told["POST /api/notes/"]) == (read, write)
    assert one(found, "DELETE /api/notes/{pk}/").access.roles == roles


def test_permissions_of_records_guard_records_only(tmp_path: Path) -> None:
    told = who(routed(tmp_path, PERMISSIONS % "OwnerOrRead"))
    assert told["POST /api/notes/"] == "open"
    assert told["GET /api/notes/{pk}/"] == "open"
    assert told["DELETE /api/notes/{pk}/"] == "guarded"


def test_actions_and_get_permissions_choose(tmp_path: Path) -> None:
    found = routed(
        tmp_path,
        """
        from rest_framework import viewsets
        from rest_framework.decorators import action
        from rest_framework.permissions import AllowAny, IsAdminUser, IsAuthenticated

        class Notes(viewsets.ModelViewSet):
            def get_permissions(self):
                if self.action == "destroy":
                    classes = [IsAdminUser]
                elif self.action in ["list", "retrieve"]:
                    classes = [AllowAny]
                elif self.action == "feed":
                    return super().get_permissions()
                else:
                    classes = [IsAuthenticated]
                return [permission() for permission in classes]

            @action(detail=False, permission_classes=[AllowAny])
            def feed(self, request): ...
        """,
        SIGNED_IN,
    )
    assert who(found) == {
        "GET /api/notes/": "open",
        "POST /api/notes/": "guarded",
        "GET /api/notes/{pk}/": "open",
        "PUT /api/notes/{pk}/": "guarded",
        "PATCH /api/notes/{pk}/": "guarded",
        "DELETE /api/notes/{pk}/": "guarded",
        "GET /api/notes/feed/": "open",
    }
    assert one(found, "DELETE /api/notes/{pk}/").access.roles == ("staff",)


def test_an_action_may_be_stricter_than_its_viewset(tmp_path: Path) -> None:
    found = routed(
        tmp_path,
        """
        from rest_framework import viewsets
        from rest_framework.decorators import action
        from rest_framework.permissions import AllowAny, IsAdminUser

        class Notes(viewsets.ViewSet):
            permission_classes = [AllowAny]
            def list(self, request): ...

            @action(detail=False, methods=["delete"], permission_classes=[IsAdminUser])
            def wipe(self, request): ...
        """,
    )
    assert who(found) == {"GET /api/notes/": "open", "DELETE /api/notes/wipe/": "guarded"}


def test_settings_that_disagree_make_it_unknown(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        web__base_py='ROOT_URLCONF = "web.urls"\nINSTALLED_APPS = ["rest_framework"]\n' + SIGNED_IN,
        web__demo_py='from .base import *\nREST_FRAMEWORK = {"DEFAULT_PERMISSION_CLASSES": []}\n# rest_framework\n',
        web__urls_py="""
        from django.urls import path
        from rest_framework import generics
        class Notes(generics.ListAPIView): ...
        urlpatterns = [path("notes/", Notes.as_view())]
        """,
    )
    assert who(found) == {"GET /notes/": "unknown"}


def test_rest_views_opt_out_of_the_login_middleware(tmp_path: Path) -> None:
    found = routed(
        tmp_path,
        "from rest_framework import viewsets\nclass Notes(viewsets.ViewSet):\n    def list(self, request): ...\n",
        'MIDDLEWARE = ["django.contrib.auth.middleware.LoginRequiredMiddleware"]',
    )
    assert who(found) == {"GET /api/notes/": "open"}


def test_a_router_that_nothing_mounts_is_never_called_open(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        kit__api_py="""
        from rest_framework import routers, viewsets
        class Notes(viewsets.ViewSet):
            def list(self, request): ...
        router = routers.SimpleRouter()
        router.register("notes", Notes, basename="n")
        """,
    )
    assert who(found) == {"GET /notes/": "unknown"}


def test_views_of_libraries_may_bring_their_own_permissions(tmp_path: Path) -> None:
    found = api(
        tmp_path,
        """
        from dj_rest_auth.registration.views import RegisterView
        from rest_framework.permissions import AllowAny, IsAuthenticated
        from rest_framework_simplejwt.views import TokenRefreshView
        from drf_yasg.views import get_schema_view
        from some_package.views import FancyView

        class Join(RegisterView): ...

        class Foreign(FancyView): ...

        class Renew(TokenRefreshView): ...

        class Strict(TokenRefreshView):
            permission_classes = [IsAuthenticated]

        schema = get_schema_view(public=True, permission_classes=[AllowAny])
        """,
        """
        from django.urls import path
        from api import views
        urlpatterns = [
            path("join/", views.Join.as_view()), path("foreign/", views.Foreign.as_view()), path("renew/", views.Renew.as_view()), path("strict/", views.Strict.as_view()),
            path("api-description/", views.schema.with_ui("swagger")),
        ]
        """,
        SIGNED_IN,
    )
    assert who(found) == {
        "POST /join/": "open",
        "GET /foreign/": "unknown",
        "POST /renew/": "open",
        "POST /strict/": "guarded",
        "GET /api-description/": "open",
    }


def test_what_a_class_leaves_out_is_not_asked(tmp_path: Path) -> None:
    found = api(
        tmp_path,
        """
        from rest_framework import viewsets
        from rest_framework.permissions import AllowAny, IsAuthenticated

        class SignedIn:
            permission_classes = [IsAuthenticated]

        class Base(viewsets.ViewSet):
            def list(self, request): ...

        class Before(SignedIn, Base): ...

        class Behind(Base, SignedIn): ...

        class Bare(SignedIn, Base):
            def initial(self, request, *args, **kwargs):
                pass

        class Kept(SignedIn, Base):
            def initial(self, request, *args, **kwargs):
                super().initial(request, *args, **kwargs)

        class Told(SignedIn, Base):
            def initial(self, request, *args, **kwargs):
                super(Told, self).initial(request, *args, **kwargs)

        class Own(Base):
            def check_permissions(self, request):
                if not request.user.is_authenticated:
                    self.permission_denied(request)
        """,
        """
        from django.urls import include, path
        from rest_framework.routers import SimpleRouter
        from api import views
        router = SimpleRouter()
        router.register("before", views.Before, basename="a")
        router.register("behind", views.Behind, basename="b")
        router.register("bare", views.Bare, basename="c")
        router.register("kept", views.Kept, basename="d")
        router.register("own", views.Own, basename="e")
        router.register("told", views.Told, basename="f")
        urlpatterns = [path("", include(router.urls))]
        """,
    )
    assert who(found) == {
        "GET /before/": "guarded",
        "GET /behind/": "open",
        "GET /bare/": "unknown",
        "GET /kept/": "guarded",
        "GET /own/": "unknown",
        "GET /told/": "guarded",
    }


def test_routers_that_are_filled_in_a_loop(tmp_path: Path) -> None:
    found = api(
        tmp_path,
        """
        from rest_framework import viewsets
        class Notes(viewsets.ReadOnlyModelViewSet): ...
        class Tags(viewsets.ReadOnlyModelViewSet): ...
        """,
        """
        from django.urls import include, path
        from rest_framework.routers import SimpleRouter
        from api.views import Notes, Tags
        more = {"c": Tags}
        router = SimpleRouter()
        for prefix, viewset in [("a", Notes), ("b", Tags)]:
            router.register(prefix, viewset, basename=prefix)
        last = SimpleRouter()
        for name, view in more.items():
            last.register(name, view, basename=name)
        urlpatterns = [path("", include(router.urls)), path("", include(last.urls))]
        """,
    )
    assert set(who(found)) == {f"GET /{name}/{rest}" for name in "abc" for rest in ("", "{pk}/")}


def test_methods_by_another_name(tmp_path: Path) -> None:
    found = api(
        tmp_path,
        """
        from rest_framework.views import APIView
        class Search(APIView):
            def get(self, request): ...
            post = get
        """,
        "from django.urls import path\nfrom api.views import Search\nurlpatterns = [path('search/', Search.as_view())]\n",
        SIGNED_IN,
    )
    assert who(found) == {"GET /search/": "guarded", "POST /search/": "guarded"}


OWNERS = """
from rest_framework import viewsets
from rest_framework.exceptions import PermissionDenied

class Notes(viewsets.ModelViewSet):
    http_method_names = ["delete", "post", "get"]
    {body}
    def perform_destroy(self, instance):
        if instance.locked:
            raise PermissionDenied("Locked")
        {test}
        super().perform_destroy(instance)
"""


@pytest.mark.parametrize(
    ("test", "body", "roles"),
    [
        ("if not self.request.user.own_organization: raise PermissionDenied()", "", ("owner",)),
        ("if not self.request.user.is_manager: raise PermissionDenied()", "", ("manager",)),
        (
            "if not self.request.user.is_staff: raise PermissionDenied()",
            "def destroy(self, request, *args, **kwargs): return super(Notes, self).destroy(request, *args, **kwargs)",
            ("staff",),
        ),
        ("if not self.request.user.is_manager: log.info('no manager')", "", ()),
        ("if instance.shared and not self.request.user.is_manager: raise PermissionDenied()", "", ()),
        (
            "if not self.request.user.is_staff: raise PermissionDenied()",
            "def destroy(self, request, pk=None): return Response(Note.objects.get(pk=pk).delete())",
            (),
        ),
    ],
    ids=["owner", "manager", "handed over", "not refused", "not always", "not handed over"],
)
def test_a_hook_that_the_framework_calls_asks_for_a_rank(
    test: str, body: str, roles: tuple[str, ...], tmp_path: Path
) -> None:
    found = routed(tmp_path, OWNERS.format(test=test, body=body), SIGNED_IN)
    access = one(found, "DELETE /api/notes/{pk}/").access
    assert (access.verdict.value, access.roles, access.how) == ("guarded", roles, "role" if roles else "authenticated")
    assert one(found, "POST /api/notes/").access.roles == ()


def test_a_hook_that_refuses_strangers_guards_what_permissions_leave_open(tmp_path: Path) -> None:
    found = routed(
        tmp_path,
        """
        from rest_framework import viewsets
        from rest_framework.exceptions import PermissionDenied

        class Notes(viewsets.ModelViewSet):
            permission_classes = []
            http_method_names = ["post", "put", "delete"]
            def get_queryset(self):
                return Note.objects.all()
            def perform_create(self, serializer):
                if not self.request.user.is_authenticated:
                    raise PermissionDenied()
                serializer.save()
            def perform_destroy(self, instance):
                instance.delete()
        """,
    )
    assert who(found) == {
        "POST /api/notes/": "guarded",
        "PUT /api/notes/{pk}/": "open",
        "DELETE /api/notes/{pk}/": "open",
    }


LOADED = """
from django.conf import settings
from django.shortcuts import get_object_or_404
from rest_framework import generics
from rest_framework.permissions import IsAuthenticated
from web.loading import load

ByRank = {loaded}

class Parent:
    @property
    def club(self):
        return self._club()

    def _club(self):
        club = get_object_or_404(Club, pk=self.kwargs["pk"])
        {asks}
        return club

class Member(Parent, generics.RetrieveDestroyAPIView):
    permission_classes = [IsAuthenticated, ByRank]

    def delete(self, request, pk=None, user_pk=None):
        club = self.club
        return Response(club.remove(user_pk))
"""
RANKS = """
from rest_framework.permissions import SAFE_METHODS, BasePermission

class OwnersRemove(BasePermission):
    def has_object_permission(self, request, view, obj):
        if request.method not in SAFE_METHODS and not request.user.own_organization:
            return False
        return True
"""
LOADING = """
from django.utils.module_loading import import_string

def load(dotted):
    return _load(dotted) if isinstance(dotted, str) else dotted

def _load(dotted):
    return import_string(dotted)
"""


@pytest.mark.parametrize(
    ("loaded", "asks", "roles"),
    [
        ("load(settings.BY_RANK)", "self.check_object_permissions(self.request, club)", ("owner",)),
        ("load('api.ranks.OwnersRemove')", "self.check_object_permissions(self.request, club)", ("owner",)),
        ("load(settings.BY_RANK)", "log.info('seen')", ()),
    ],
    ids=["named by a setting", "named there", "never asked"],
)
def test_a_permission_that_a_loader_brings_is_followed(
    loaded: str, asks: str, roles: tuple[str, ...], tmp_path: Path
) -> None:
    urls = "from django.urls import path\nfrom api.views import Member\nurlpatterns = [path('clubs/<int:pk>/members/<int:user_pk>/', Member.as_view())]\n"
    found = api(
        tmp_path,
        LOADED.format(loaded=loaded, asks=asks),
        urls,
        'BY_RANK = "api.ranks.OwnersRemove"',
        api__ranks_py=RANKS,
        web__loading_py=LOADING,
    )
    assert one(found, "DELETE /clubs/{pk}/members/{user_pk}/").access.roles == roles
    assert one(found, "GET /clubs/{pk}/members/{user_pk}/").access.roles == ()


MODELS = """
from django.contrib.auth.models import User
from django.db import models

class Board(models.Model):
    title = models.CharField(max_length=40)

class Card(models.Model):
    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
    board = models.ForeignKey(Board, on_delete=models.CASCADE)
    watchers = models.ManyToManyField(User)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, null=True)
    due = models.DateField()
    points = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    picture = models.ImageField(blank=True)
    made = models.DateTimeField(auto_now_add=True)

    @property
    def label(self): ...
"""


def test_a_serializer_of_all_fields_takes_those_of_its_model(tmp_path: Path) -> None:
    views = """
    from rest_framework import serializers, viewsets
    from .models import *

    class CardSerializer(serializers.ModelSerializer):
        class Meta:
            model = Card
            fields = "__all__"
            extra_kwargs = {"points": {"read_only": True}}

    class Notes(viewsets.ModelViewSet):
        serializer_class = CardSerializer
    """
    urls = """
    from django.urls import include, path
    from rest_framework.routers import SimpleRouter
    from api.views import Notes
    router = SimpleRouter()
    router.register("cards", Notes)
    urlpatterns = [path("api/", include(router.urls))]
    """
    found = api(tmp_path, views, urls, api__models_py=MODELS)
    given = {i.name: (i.type, i.required) for i in one(found, "POST /api/cards/").inputs}
    assert given == {
        "board": ("id of board", True),
        "watchers": ("ids of user", True),
        "owner": ("id of user", False),
        "due": ("date", True),
        "state": ("", False),
    }
    state = next(i for i in one(found, "POST /api/cards/").inputs if i.name == "state")
    assert state.choices == ("open", "done")


@pytest.mark.parametrize(
    ("meta", "names"),
    [
        ('fields = ["id", "board", "label", "due"]', {"board", "due"}),
        ('exclude = ["watchers", "state", "owner", "points"]', {"board", "due"}),
    ],
)
def test_what_a_serializer_lists_is_sent_unless_no_column_takes_it(tmp_path: Path, meta: str, names: set[str]) -> None:
    views = f"""
    from rest_framework import serializers, viewsets
    from .models import Card

    class CardSerializer(serializers.ModelSerializer):
        class Meta:
            model = Card
            {meta}

    class Notes(viewsets.ModelViewSet):
        serializer_class = CardSerializer
    """
    urls = """
    from django.urls import include, path
    from rest_framework.routers import SimpleRouter
    from api.views import Notes
    router = SimpleRouter()
    router.register("cards", Notes)
    urlpatterns = [path("api/", include(router.urls))]
    """
    found = api(tmp_path, views, urls, api__models_py=MODELS)
    assert {i.name for i in one(found, "POST /api/cards/").inputs} == names


def test_the_role_that_a_method_asks_for_behind_a_permission_class(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app__views_py="""
        from rest_framework import status
        from rest_framework.permissions import IsAuthenticated
        from rest_framework.response import Response
        from rest_framework.views import APIView

        class People(APIView):
            permission_classes = (IsAuthenticated,)

            def post(self, request):
                if request.profile.role != "ADMIN":
                    return Response({"error": True}, status=status.HTTP_403_FORBIDDEN)
                else:
                    params = request.data
                    if params:
                        return Response({"error": False}, status=status.HTTP_201_CREATED)

        class Account(APIView):
            permission_classes = (IsAuthenticated,)

            def put(self, request, pk):
                account = find(pk)
                if request.profile.role != "ADMIN":
                    if request.profile != account.created_by:
                        return Response({"error": True}, status=status.HTTP_403_FORBIDDEN)
                return Response({"error": False})
        """,
        app__urls_py="""
        from django.urls import path
        from app import views
        urlpatterns = [path("people/", views.People.as_view()), path("accounts/<int:pk>/", views.Account.as_view())]
        """,
        settings_py='ROOT_URLCONF = "app.urls"\n',
    )
    assert one(found, "POST /people/").access.roles == ("ADMIN",)
    assert one(found, "PUT /accounts/{pk}/").access.roles == ()


def test_choices_by_the_name_of_a_list_and_keys_that_a_serializer_asks_for(tmp_path: Path) -> None:
    found = api(
        tmp_path,
        """
        from rest_framework import generics, serializers
        from api.models import Club, Member, RANKS

        class JoinSerializer(serializers.ModelSerializer):
            club = serializers.PrimaryKeyRelatedField(queryset=Club.objects.all())
            friends = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all(), many=True)
            level = serializers.ChoiceField(choices=Member.LEVELS)
            captain = serializers.StringRelatedField()

            class Meta:
                model = Member
                fields = ["name", "role", "rank", "club", "friends", "level", "captain"]

        class Join(generics.CreateAPIView):
            serializer_class = JoinSerializer
        """,
        """
        from django.urls import path
        from api.views import Join
        urlpatterns = [path("join/", Join.as_view())]
        """,
        api__models_py="""
        from django.db import models

        RANKS = [("low", "Low"), ("high", "High")]

        class Club(models.Model):
            name = models.CharField(max_length=9)

        class Member(models.Model):
            ROLES = (("lead", "Lead"), ("member", "Member"))
            LEVELS = ("one", "two")
            name = models.CharField(max_length=9)
            role = models.CharField(max_length=9, choices=ROLES)
            rank = models.CharField(max_length=9, choices=RANKS)
            club = models.ForeignKey(Club, on_delete=models.CASCADE)
        """,
    )
    fields = {field.name: (field.type, field.choices) for field in one(found, "POST /join/").inputs}
    assert fields == {
        "name": ("", ()),
        "role": ("", ("lead", "member")),
        "rank": ("", ("low", "high")),
        "club": ("id of club", ()),
        "friends": ("ids of member", ()),
        "level": ("choice", ("one", "two")),
    }


@pytest.mark.parametrize(
    ("given", "how", "verdict"),
    [
        ("IsBoss, IsClerk", "any", "guarded"),
        ("IsBoss, IsClerk", "all", "guarded"),
        ("IsBoss, Anybody", "any", "unknown"),
        ("IsBoss, Anybody", "all", "guarded"),
        ("IsBoss, IsOwner", "any", "unknown"),
    ],
)
def test_a_permission_that_asks_each_of_those_it_was_made_with(
    given: str, how: str, verdict: str, tmp_path: Path
) -> None:
    found = routed(
        tmp_path,
        f"""
        from rest_framework import permissions, viewsets

        class IsBoss(permissions.BasePermission):
            def has_permission(self, request, view):
                return request.user.is_authenticated and request.user.role == "boss"

        class IsClerk(permissions.BasePermission):
            def has_permission(self, request, view):
                return request.user.is_authenticated and request.user.role == "clerk"

        class Anybody(permissions.BasePermission):
            def has_permission(self, request, view):
                return True

        class IsOwner(permissions.BasePermission):
            def has_object_permission(self, request, view, obj):
                return obj.owner == request.user

        class Of(permissions.BasePermission):
            def __init__(self, *asked):
                self.asked = [one() for one in asked]

            def has_permission(self, request, view):
                return {how}(one.has_permission(request, view) for one in self.asked)

        class Notes(viewsets.ModelViewSet):
            def get_permissions(self):
                return [Of({given})]
        """,
    )
    assert who(found)["POST /api/notes/"] == verdict


@pytest.mark.parametrize(
    ("ours", "bases", "to"),
    [
        ("GenericViewSet", "ModelViewSet, Ours", "guarded"),
        ("GenericViewSet", "Ours, ModelViewSet", "guarded"),
        # What stands beside all views of the library comes after what those say of themselves.
        ("object", "ModelViewSet, Ours", "open"),
        ("object", "Ours, ModelViewSet", "guarded"),
    ],
    ids=["behind it", "before it", "beside it", "mixed in"],
)
def test_whose_permissions_come_first(ours: str, bases: str, to: str, tmp_path: Path) -> None:
    found = routed(
        tmp_path,
        f"""
        from rest_framework import permissions
        from rest_framework.viewsets import GenericViewSet, ModelViewSet

        class Ours({ours}):
            permission_classes = [permissions.IsAuthenticated]

        class Notes({bases}):
            pass
        """,
    )
    assert who(found)["POST /api/notes/"] == to


@pytest.mark.parametrize(
    ("map_", "deletes", "changes"),
    [
        ("", ("model.delete",), ("model.change",)),
        ('perms_map = {"GET": [], "PATCH": [], "DELETE": ["%(app_label)s.delete_%(model_name)s"]}', ("model.delete",), ()),
    ],
)  # fmt: skip
def test_permissions_of_a_model_are_asked_of_who_changes_something(
    tmp_path: Path, map_: str, deletes: tuple[str, ...], changes: tuple[str, ...]
) -> None:
    found = routed(
        tmp_path,
        f"""
        from rest_framework import permissions, viewsets

        class ByModel(permissions.DjangoModelPermissions):
            {map_ or "pass"}

        class Notes(viewsets.ModelViewSet):
            permission_classes = [ByModel]
        """,
    )
    assert {access.verdict.value for access in (endpoint.access for endpoint in found.endpoints)} == {"guarded"}
    assert one(found, "DELETE /api/notes/{pk}/").access.roles == deletes
    assert one(found, "PATCH /api/notes/{pk}/").access.roles == changes
    assert one(found, "GET /api/notes/{pk}/").access.roles == ()
