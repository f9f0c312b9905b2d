"""Django: urlconfs as they include each other, what views answer, and every place a login can be asked for."""

from pathlib import Path

import pytest
from launchready.model.surface import Surface
from launchready.model.words import Kind

from tests.sources.reading import one, surface, who

SETTINGS = """
ROOT_URLCONF = "web.urls"
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "shop"]
"""


HELPER = """
def signed_in(request):
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user
"""


def project(root: Path, urls: str, views: str = "", settings: str = SETTINGS, **files: str) -> Surface:
    """A project with one app: settings, the root urlconf, and views."""
    return surface(root, web__settings_py=settings, web__urls_py=urls, shop__views_py=views, **files)


def test_urlconfs_include_modules_lists_pairs_and_grow(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import include, path, re_path
        from shop import views

        reports = [path("daily/", views.page), path("<slug:name>/", views.page)]
        more = [path("late/", views.page)]

        urlpatterns = [
            # path("gone/", views.page),
            path("", views.page),
            path("shop/", include("shop.urls", namespace="shop")),
            path("reports/", include((reports, "reports"), namespace="r")),
            path("inline/", include([path("a/", views.page)])),
            re_path(r"^legacy/(?P<year>[0-9]{4})/(?P<slug>[\\w-]+)/$", views.page),
        ]
        urlpatterns += [path("added/", views.page)]
        urlpatterns.extend(more)
        urlpatterns = [path("first/", views.page)] + urlpatterns
        """,
        "def page(request, **kwargs): ...",
        shop__urls_py="""
        from django.urls import path
        from . import views
        app_name = "shop"
        urlpatterns = [path("orders/<int:pk>/", views.page), path("orders/<uuid:key>/pay", views.page)]
        """,
    )
    assert set(who(found)) == {
        "GET /",
        "GET /shop/orders/{pk}/",
        "GET /shop/orders/{key}/pay",
        "GET /reports/daily/",
        "GET /reports/{name}/",
        "GET /inline/a/",
        "GET /legacy/{year}/{slug}/",
        "GET /added/",
        "GET /late/",
        "GET /first/",
    }
    types = {i.name: i.type for e in found.endpoints for i in e.inputs if i.where == "path"}
    assert types["pk"] == types["year"] == "int"
    assert types["slug"] == ""
    assert types["key"] == "uuid"


def test_the_first_pattern_takes_every_method(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import path
        from shop import views
        urlpatterns = [path("a/", views.read), path("a/", views.write)]
        """,
        """
        from django.views.decorators.http import require_GET, require_POST

        @require_GET
        def read(request): ...

        @require_POST
        def write(request): ...
        """,
    )
    assert set(who(found)) == {"GET /a/"}


def test_what_a_function_answers(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import path
        from shop import views
        urlpatterns = [
            path("plain", views.plain), path("form", views.form), path("only", views.only),
            path("two", views.two), path("refuses", views.refuses),
        ]
        """,
        """
        from django.http import HttpResponseNotAllowed
        from django.views.decorators.http import require_http_methods, require_POST

        def plain(request):
            return request.GET["q"]

        def form(request):
            if request.method == "POST":
                return request.POST["name"]
            return "form"

        @require_POST
        def only(request): ...

        @require_http_methods(["GET", "DELETE"])
        def two(request): ...

        def refuses(request):
            if request.method != "PUT":
                return HttpResponseNotAllowed(["PUT"])
            return "done"
        """,
    )
    assert set(who(found)) == {
        "GET /plain",
        "GET /form",
        "POST /form",
        "POST /only",
        "GET /two",
        "DELETE /two",
        "PUT /refuses",
    }
    assert [(i.name, i.where) for i in one(found, "POST /form").inputs] == [("name", "form")]


def test_class_views_answer_what_they_write_and_inherit(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import path
        from django.views.generic import RedirectView, TemplateView
        from shop import views
        urlpatterns = [
            path("about/", TemplateView.as_view(template_name="about.html")),
            path("old/", RedirectView.as_view(url="/about/")),
            path("orders/", views.Orders.as_view()),
            path("orders/new/", views.NewOrder.as_view()),
            path("orders/<int:pk>/delete/", views.DropOrder.as_view()),
            path("hook/", views.Hook.as_view()),
            path("half/", views.Half.as_view()),
        ]
        """,
        """
        from django import forms
        from django.views import View
        from django.views.generic import CreateView, DeleteView, ListView

        class OrderForm(forms.Form):
            title = forms.CharField()
            note = forms.CharField(required=False)

        class Base(ListView): ...
        class Orders(Base): ...
        class NewOrder(CreateView):
            form_class = OrderForm
        class DropOrder(DeleteView): ...

        class Hook(View):
            def post(self, request): ...
            def query(self): ...

        class Half(View):
            http_method_names = ["get"]
            def get(self, request): ...
            def post(self, request): ...
        """,
    )
    assert set(who(found)) == {
        "GET /about/",
        "GET /old/",
        "GET /orders/",
        "GET /orders/new/",
        "POST /orders/new/",
        "GET /orders/{pk}/delete/",
        "POST /orders/{pk}/delete/",
        "POST /hook/",
        "GET /half/",
    }
    assert [(i.name, i.required) for i in one(found, "POST /orders/new/").inputs] == [("title", True), ("note", False)]


def test_decorators_on_views_and_around_them(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.contrib.admin.views.decorators import staff_member_required
        from django.contrib.auth.decorators import login_required
        from django.urls import path
        from django.views.decorators.cache import cache_page
        from django.views.generic import TemplateView
        from shop import views
        urlpatterns = [
            path("a", views.a), path("b", views.b), path("c", views.c), path("d", views.d), path("e", views.e),
            path("f", views.f), path("g", views.g), path("h", views.h), path("i", views.i),
            path("wrapped", login_required(TemplateView.as_view())),
            path("staff", staff_member_required(views.d)),
            path("cached", cache_page(60)(views.d)),
        ]
        """,
        """
        from django.contrib.auth.decorators import login_required, permission_required, user_passes_test
        from django.views.decorators.csrf import csrf_exempt
        from unknown_library import shielded

        member = user_passes_test(lambda user: user.is_authenticated)

        def managers(view):
            return user_passes_test(lambda u: u.groups.filter(name="managers").exists())(view)

        @login_required(login_url="/in/")
        def a(request): ...

        @permission_required("shop.add_order", raise_exception=True)
        def b(request): ...

        @user_passes_test(lambda u: u.is_superuser)
        def c(request): ...

        @csrf_exempt
        def d(request): ...

        @user_passes_test(lambda u: u.is_anonymous)
        def e(request): ...

        @member
        def f(request): ...

        @managers
        def g(request): ...

        @shielded
        def h(request): ...

        @user_passes_test(lambda u: u.is_active or True)
        def i(request): ...
        """,
    )
    assert who(found) == {
        "GET /a": "guarded",
        "GET /b": "guarded",
        "GET /c": "guarded",
        "GET /d": "open",
        "GET /e": "open",
        "GET /f": "guarded",
        "GET /g": "guarded",
        "GET /h": "unknown",
        "GET /i": "open",
        "GET /wrapped": "guarded",
        "GET /staff": "guarded",
        "GET /cached": "open",
    }
    assert one(found, "GET /b").access.roles == ("shop.add_order",)
    assert one(found, "GET /c").access.roles == ("admin",)
    assert one(found, "GET /staff").access.roles == ("staff",)
    assert found.roles == ("admin", "managers", "staff")


def test_mixins_guard_only_in_front_of_the_view(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import path
        from shop import views
        urlpatterns = [
            path("a/", views.A.as_view()), path("b/", views.B.as_view()), path("c/", views.C.as_view()),
            path("d/", views.D.as_view()), path("e/", views.E.as_view()), path("f/", views.F.as_view()),
            path("g/", views.G.as_view()), path("h/", views.H.as_view()),
        ]
        """,
        """
        from django.contrib.auth.decorators import login_required
        from django.contrib.auth.mixins import LoginRequiredMixin, PermissionRequiredMixin, UserPassesTestMixin
        from django.shortcuts import redirect
        from django.utils.decorators import method_decorator
        from django.views.generic import FormView, ListView, TemplateView

        class A(LoginRequiredMixin, ListView): ...
        class B(ListView, LoginRequiredMixin): ...

        class C(PermissionRequiredMixin, TemplateView):
            permission_required = ("shop.view_order", "shop.change_order")

        class D(UserPassesTestMixin, TemplateView):
            def test_func(self):
                return self.request.user.is_staff

        @method_decorator(login_required, name="dispatch")
        class E(TemplateView): ...

        class Gate:
            def dispatch(self, request, *args, **kwargs):
                if not request.user.is_authenticated:
                    return self.away()
                return super().dispatch(request, *args, **kwargs)

            def away(self):
                return redirect("account:login")

        class F(Gate, TemplateView): ...

        class G(LoginRequiredMixin, TemplateView):
            def dispatch(self, request, *args, **kwargs):
                return TemplateView.dispatch(self, request, *args, **kwargs)

        class H(UserPassesTestMixin, FormView):
            def test_func(self):
                return self.request.method == "GET" or self.request.user.is_staff
        """,
    )
    assert who(found) == {
        "GET /a/": "guarded",
        "GET /b/": "open",
        "GET /c/": "guarded",
        "GET /d/": "guarded",
        "GET /e/": "guarded",
        "GET /f/": "guarded",
        "GET /g/": "unknown",
        "GET /h/": "open",
        "POST /h/": "guarded",
    }
    assert one(found, "GET /c/").access.roles == ("shop.view_order", "shop.change_order")
    assert one(found, "GET /d/").access.roles == ("staff",)


def test_a_decorator_named_for_one_method_guards_only_that(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import path
        from shop.views import Cart, NewCart
        urlpatterns = [path("cart/", Cart.as_view()), path("new/", NewCart.as_view())]
        """,
        """
        from django.contrib.auth.decorators import login_required
        from django.utils.decorators import method_decorator
        from django.views import View

        @method_decorator(login_required, name="post")
        class Cart(View):
            def get(self, request): ...
            def post(self, request): ...

        class NewCart(Cart):
            def post(self, request): ...
        """,
    )
    assert who(found) == {
        "GET /cart/": "open",
        "POST /cart/": "guarded",
        "GET /new/": "open",
        "POST /new/": "open",
    }


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("if not request.user.is_authenticated:\n    return redirect('login')\nreturn 1", "guarded"),
        ("if request.user.is_authenticated:\n    return 1\nreturn redirect(reverse('user-login'))", "guarded"),
        ("if request.user.is_anonymous:\n    raise PermissionDenied\nreturn 1", "guarded"),
        ("if not request.user.is_staff:\n    raise Http404\nreturn 1", "guarded"),
        ("if request.user != thing.owner:\n    return HttpResponseForbidden()\nreturn 1", "guarded"),
        # Whoever comes is sent to the login: that keeps nobody out.
        ("logout(request)\nreturn redirect('login')", "open"),
        ("if thing.closed and not request.user.is_staff:\n    raise PermissionDenied\nreturn 1", "unknown"),
        ("if request.user.is_authenticated and thing.closed:\n    raise PermissionDenied\nreturn 1", "unknown"),
        ("return Thing.objects.filter(owner=request.user)", "unknown"),
        ("signed_in(request)\nreturn 1", "guarded"),
        ("who = signed_in(request)\nreturn 1", "guarded"),
        ("if request.GET.get('private'):\n    signed_in(request)\nreturn 1", "unknown"),
        ("if request.GET.get('token') != TOKEN:\n    return HttpResponse(status=403)\nreturn 1", "guarded"),
        ("if thing.closed and request.GET.get('token') != TOKEN:\n    raise PermissionDenied\nreturn 1", "unknown"),
        (
            "try:\n    key = Key.objects.get(token=request.GET['t'])\nexcept Key.DoesNotExist:\n    raise PermissionDenied\nreturn key",
            "guarded",
        ),
        ("return 1 if request.user.is_authenticated else redirect('/login/')", "guarded"),
        ("return redirect('/login/') if thing.closed else 1", "unknown"),
        ("return 1", "open"),
    ],
)
def test_what_a_view_does_about_a_stranger(tmp_path: Path, body: str, verdict: str) -> None:
    lines = "\n".join("    " + line for line in body.split("\n"))
    found = project(
        tmp_path,
        "from django.urls import path\nfrom shop import views\nurlpatterns = [path('thing/', views.thing)]\n",
        f"from django.http import Http404, HttpResponseForbidden\n{HELPER}\ndef thing(request):\n{lines}\n",
    )
    assert who(found) == {"GET /thing/": verdict}


def test_the_admin_site_and_the_login_of_django(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.conf import settings
        from django.contrib import admin
        from django.contrib.auth import views as auth
        from django.urls import include, path
        urlpatterns = [
            path(settings.ADMIN_PATH, admin.site.urls),
            path("in/", auth.LoginView.as_view()),
            path("password/", auth.PasswordChangeView.as_view()),
            path("accounts/", include("django.contrib.auth.urls")),
            path("kit/", include("some_kit.urls")),
        ]
        """,
        settings=SETTINGS + 'ADMIN_PATH = "back-office/"\n',
    )
    told = who(found)
    assert told["GET /back-office/"] == "guarded"
    assert one(found, "GET /back-office/").access.roles == ("staff",)
    assert told["POST /back-office/login/"] == "open"
    assert told["POST /in/"] == "open"
    assert told["POST /password/"] == "guarded"
    assert told["POST /accounts/login/"] == "open"
    assert told["POST /accounts/password_change/"] == "guarded"
    assert "some_kit.urls, mounted at /kit/" in found.unread[0].reason


def test_middleware_that_asks_for_a_login(tmp_path: Path) -> None:
    urls = """
    from django.contrib.auth.views import LoginView
    from django.urls import path
    from shop import views
    urlpatterns = [path("a/", views.a), path("b/", views.b), path("in/", LoginView.as_view())]
    """
    views = """
    from django.contrib.auth.decorators import login_not_required

    def a(request): ...

    @login_not_required
    def b(request): ...
    """
    whole = project(
        tmp_path / "whole",
        urls,
        views,
        SETTINGS + 'MIDDLEWARE = ["django.contrib.auth.middleware.LoginRequiredMiddleware"]\n',
    )
    assert who(whole) == {"GET /a/": "guarded", "GET /b/": "open", "GET /in/": "open", "POST /in/": "open"}
    own = project(
        tmp_path / "own",
        urls,
        views,
        SETTINGS + 'MIDDLEWARE = ["shop.gate.Gate"]\n',
        shop__gate_py="""
        from django.shortcuts import redirect

        class Gate:
            def __call__(self, request):
                if not request.user.is_authenticated and not request.path.startswith("/in"):
                    return redirect("/login/")
                return self.get_response(request)
        """,
    )
    assert who(own) == {"GET /a/": "guarded", "GET /b/": "unknown", "GET /in/": "open", "POST /in/": "open"}


@pytest.mark.parametrize(
    ("asks", "verdicts"),
    [
        ("any(re.match(one, path) for one in settings.SPARED)", ["guarded", "open", "guarded"]),
        ("path.startswith(('/b', '/nothing'))", ["guarded", "open", "guarded"]),
        ("is_spared(path)", ["unknown", "unknown", "unknown"]),
        ("resolve(path).url_name in elsewhere()", ["unknown", "unknown", "unknown"]),
        ("path in self.elsewhere", ["unknown", "unknown", "unknown"]),
        ("request.method == 'GET' and path == '/c/'", ["guarded", "guarded", "open"]),
        ("request.method == 'POST' and path == '/c/'", ["guarded", "guarded", "guarded"]),
        ("request.GET.get('key') and path == '/c/'", ["guarded", "guarded", "unknown"]),
        ("request.headers.get('x-from-inside') and path == '/c/'", ["guarded", "guarded", "unknown"]),
        ("request.headers.get('x-key') == settings.KEY and path == '/c/'", ["guarded", "guarded", "guarded"]),
    ],
    ids=[
        *("patterns of the settings", "what it begins with", "somebody else", "names of views", "unseen"),
        *("by method and address", "another method", "by a query", "by a header", "by a key"),
    ],
)
def test_middleware_of_ones_own_spares_addresses(asks: str, verdicts: list[str], tmp_path: Path) -> None:
    found = project(
        tmp_path,
        "from django.urls import path\nfrom shop import views\n"
        "urlpatterns = [path('a/', views.page), path('b/<int:pk>/', views.page), path('c/', views.page)]\n",
        "def page(request, pk=0): ...",
        SETTINGS + 'MIDDLEWARE = ["shop.gate.Members"]\nSPARED = [r"^/b/"]\n',
        shop__gate_py=f"""
        from django.shortcuts import redirect

        class Members:
            def __call__(self, request):
                path = request.path
                if not request.user.is_authenticated:
                    if {asks}:
                        return self.get_response(request)
                    return redirect("/login/")
                return self.get_response(request)
        """,
    )
    assert [one(found, name).access.verdict.value for name in ("GET /a/", "GET /b/{pk}/", "GET /c/")] == verdicts


def test_a_middleware_that_asks_before_a_view_is_gone_through_for_each(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        "from django.urls import path\nfrom shop import views\n"
        "urlpatterns = [path('a/', views.page), path('b/<int:pk>/', views.page), path('c/', views.page)]\n",
        "def page(request, pk=0): ...",
        SETTINGS + 'MIDDLEWARE = ["shop.gate.Members"]\n',
        shop__gate_py="""
        import re
        from django.shortcuts import redirect
        NUMBERED = re.compile(r"^/b/[0-9]+/$")

        class Members:
            def __init__(self, get_response):
                self.get_response = get_response

            def __call__(self, request):
                return self.get_response(request)

            def process_view(self, request, view, args, kwargs):
                if request.method == "GET" and NUMBERED.match(request.path_info):
                    return None
                if getattr(view, "spared", False) and request.path_info == "/c/":
                    return None
                if not request.user.is_authenticated:
                    return redirect("login")
        """,
    )
    assert who(found) == {"GET /a/": "guarded", "GET /b/{pk}/": "unknown", "GET /c/": "unknown"}


def test_languages_stand_in_front(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.conf.urls.i18n import i18n_patterns
        from django.urls import path
        from shop import views
        urlpatterns = [path("api/", views.page)] + i18n_patterns(path("news/", views.page))
        """,
        "def page(request): ...",
    )
    assert set(who(found)) == {"GET /api/", "GET /{language}/news/"}


def test_a_urlconf_that_nothing_mounts_is_never_called_open(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        kit__urls_py="""
        from django.urls import path
        from kit.views import page
        urlpatterns = [path("page/", page)]
        """,
        kit__views_py="def page(request): ...",
    )
    assert who(found) == {"GET /page/": "unknown"}


def test_views_that_cannot_be_found_stay_visible(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import include, path
        from elsewhere import view
        urlpatterns = [path("x/", view), path(f"{PREFIX}/y/", view), *build(), path("z/", include(make()))]
        """,
    )
    assert who(found) == {"GET /x/": "unknown", "GET /{PREFIX?}/y/": "unknown"}
    assert len(found.unread) == 2


@pytest.mark.parametrize(
    "broken", ["urlpatterns = [path('a/', ", "urlpatterns += urlpatterns", "urlpatterns = urlpatterns"]
)
def test_broken_urlconfs_end(tmp_path: Path, broken: str) -> None:
    found = project(tmp_path, f"from django.urls import include, path\n{broken}\n")
    assert all(endpoint.access.verdict.value != "guarded" for endpoint in found.endpoints)


def test_urlconfs_in_a_circle_end(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import include, path
        from shop.views import page
        urlpatterns = [path("a/", page), path("b/", include("shop.urls"))]
        """,
        "def page(request): ...",
        shop__urls_py="""
        from django.urls import include, path
        from shop.views import page
        urlpatterns = [path("c/", page), path("d/", include("web.urls"))]
        """,
    )
    assert {"GET /a/", "GET /b/c/"} <= set(who(found))


def test_lists_of_patterns_that_are_added_up(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from functools import reduce
        from operator import add
        from django.urls import include, path
        from shop import views
        from shop.urls import urlpatterns as shop
        pages = [path("a/", views.page)]
        extras = [path("b/", views.page)]
        groups = [pages]
        groups.append(extras)
        urlpatterns = reduce(add, groups)
        urlpatterns += [*shop]
        pair = ([path("e/", views.page)], "pair")
        urlpatterns += [path("f/", include((pair[0], "other")))]
        for more in [[path("d/", views.page)]]:
            urlpatterns += more
        """,
        "def page(request): ...",
        shop__urls_py="from django.urls import path\nfrom shop import views\nurlpatterns = [path('c/', views.page)]\n",
    )
    assert who(found) == {
        "GET /a/": "open",
        "GET /b/": "open",
        "GET /c/": "open",
        "GET /d/": "open",
        "GET /f/e/": "open",
    }


def test_settings_in_a_class(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        "from django.urls import path\nfrom shop import views\nurlpatterns = [path('a/', views.page)]\n",
        "def page(request): ...",
        settings="""
        from configurations import Configuration
        class Dev(Configuration):
            ROOT_URLCONF = "web.urls"
            INSTALLED_APPS = ["django.contrib.auth"]
        """,
    )
    assert who(found) == {"GET /a/": "open"}


@pytest.mark.parametrize(
    "asks",
    [
        'resolve(request.path_info).url_name in ["in", "join"]',
        'request.resolver_match.view_name in ("in", "club:join")',
        'request.path in [reverse("in"), reverse("club:join")]',
        "request.path == settings.LOGIN_URL or request.path.startswith(resolve_url(settings.JOIN_URL))",
        'any(one.match(request.path_info.lstrip("/")) for one in SPARED)',
        "request.resolver_match.view_name in self.NAMES",
        'not request.path.startswith(get_script_prefix() + "club") and request.path != "/" or request.path == "/club/join/"',
    ],
)
def test_middleware_that_spares_views_by_their_names(asks: str, tmp_path: Path) -> None:
    """docs.djangoproject.com/en/stable/topics/http/urls: names, namespaces, ``reverse`` and ``resolve``"""
    found = project(
        tmp_path,
        """
        from django.urls import include, path
        from shop import views
        urlpatterns = [path("", views.page, name="home"), path("in/", views.page, name="in"), path("club/", include("shop.club"))]
        """,
        "def page(request, pk=0): ...",
        SETTINGS + 'MIDDLEWARE = ["shop.gate.Members"]\nLOGIN_URL = "/in/"\nJOIN_URL = "club:join"\n',
        shop__club_py="""
        from django.urls import path
        from shop import views
        app_name = "club"
        urlpatterns = [path("join/", views.page, name="join"), path("<int:pk>/", views.page, name="one"), path("all/", views.page)]
        """,
        shop__gate_py=f"""
        import re
        from django.conf import settings
        from django.shortcuts import redirect, resolve_url
        from django.urls import get_script_prefix, resolve, reverse

        SPARED = [re.compile(r"^in/"), re.compile("^club/join/$")]

        class Members:
            NAMES = ("in", "club:join")

            def __call__(self, request):
                if not request.user.is_authenticated and not ({asks}):
                    return redirect("in")
                return self.get_response(request)
        """,
    )
    open_ones, kept = ("GET /in/", "GET /club/join/"), ("GET /", "GET /club/{pk}/", "GET /club/all/")
    assert who(found) == dict.fromkeys(open_ones, "open") | dict.fromkeys(kept, "guarded")


def test_middleware_that_blocks_addresses_is_no_door(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        "from django.urls import path\nfrom shop import views\nurlpatterns = [path('a/', views.page)]\n",
        "def page(request): ...",
        SETTINGS + 'MIDDLEWARE = ["shop.gate.Blocked"]\n',
        shop__gate_py="""
        from django.http import HttpResponseForbidden

        class Blocked:
            def process_request(self, request):
                if request.META["REMOTE_ADDR"] in BLOCKED:
                    return HttpResponseForbidden()
        """,
    )
    assert who(found) == {"GET /a/": "open"}


def test_middleware_that_sends_strangers_to_the_login_by_its_library(tmp_path: Path) -> None:
    """docs.djangoproject.com/en/stable/topics/auth/default: redirect_to_login"""
    found = project(
        tmp_path,
        "from django.urls import path\nfrom shop import views\nurlpatterns = [path('a/', views.page)]\n",
        "def page(request): ...",
        SETTINGS + 'MIDDLEWARE = ["shop.gate.Members"]\n',
        shop__gate_py="""
        from django.contrib.auth.views import redirect_to_login

        class Members:
            def __call__(self, request):
                if not request.user.is_authenticated:
                    for pattern in self.spared:
                        if pattern.match(request.path_info):
                            return self.get_response(request)
                    return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
                return self.get_response(request)
        """,
    )
    assert who(found) == {"GET /a/": "unknown"}


def test_a_view_that_hands_over_by_method(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        "from django.urls import path\nfrom shop import views\nurlpatterns = [path('orders/', views.orders)]\n",
        """
        from django.contrib.auth.decorators import login_required

        def shown(request): ...

        @login_required
        def made(request): ...

        def orders(request):
            if request.method == "POST":
                return made(request)
            return shown(request)
        """,
    )
    assert who(found) == {"GET /orders/": "open", "POST /orders/": "guarded"}


def test_records_of_the_caller_only_are_not_called_open(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import path
        from shop import views
        urlpatterns = [path("mine/", views.Mine.as_view()), path("all/", views.All.as_view())]
        """,
        """
        from django.views.generic import ListView

        class Owned:
            def get_queryset(self):
                return self.owned()

            def owned(self):
                return Order.objects.filter(owner=self.request.user)

        class Mine(Owned, ListView): ...

        class All(Owned, ListView):
            def get_queryset(self):
                return Order.objects.all()
        """,
    )
    assert who(found) == {"GET /mine/": "unknown", "GET /all/": "open"}


def test_websockets_are_ways_in(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        "from django.urls import path\nurlpatterns = []\n",
        shop__routing_py="""
        from django.urls import path, re_path
        from shop import consumers
        websocket_urlpatterns = [
            re_path(r"ws/chat/(?P<room>\\w+)/$", consumers.Chat.as_asgi()),
            path("ws/news/", consumers.News.as_asgi()),
            path("ws/token/", consumers.Token.as_asgi()),
        ]
        """,
        shop__consumers_py="""
        from channels.generic.websocket import AsyncWebsocketConsumer

        class Chat(AsyncWebsocketConsumer):
            async def connect(self):
                if self.scope["user"].is_anonymous:
                    await self.close()
                    return
                await self.accept()

        class News(AsyncWebsocketConsumer):
            async def connect(self):
                await self.accept()

        class Token(AsyncWebsocketConsumer):
            async def connect(self):
                if check(self.scope["query_string"]):
                    await self.accept()
                else:
                    await self.close()
        """,
    )
    assert who(found) == {
        "WEBSOCKET /ws/chat/{room}/": "guarded",
        "WEBSOCKET /ws/news/": "open",
        "WEBSOCKET /ws/token/": "unknown",
    }


def test_a_decorator_must_refuse_on_every_way_to_the_view(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import path
        from shop import views
        urlpatterns = [path("a/", views.a), path("b/", views.b), path("c/", views.c), path("d/", views.d)]
        """,
        """
        from functools import wraps
        from django.views.decorators.http import require_http_methods
        from django.http import HttpResponseForbidden
        from django.shortcuts import redirect

        def members(role):
            def outer(view):
                @wraps(view)
                def inner(request, *args, **kwargs):
                    if not request.user.is_authenticated:
                        return redirect("login")
                    if request.user.role != role:
                        return HttpResponseForbidden()
                    return view(request, *args, **kwargs)
                return inner
            return outer

        def sometimes(view):
            def inner(request, *args, **kwargs):
                if PRIVATE and not request.user.is_authenticated:
                    return redirect("login")
                return view(request, *args, **kwargs)
            return inner

        def by_key(view):
            def inner(request, *args, **kwargs):
                api_key = request.headers.get("X-Api-Key")
                if not known(api_key):
                    return HttpResponse(status=401)
                return view(request, *args, **kwargs)
            return inner

        def writers(view):
            def inner(request, *args, **kwargs):
                if request.method == "GET" or request.user.is_authenticated:
                    return view(request, *args, **kwargs)
                raise PermissionDenied
            return inner

        @writers
        @require_http_methods(["GET", "POST"])
        def d(request): ...

        @members("seller")
        def a(request): ...

        @sometimes
        def b(request): ...

        @by_key
        def c(request): ...
        """,
    )
    assert who(found) == {
        "GET /a/": "guarded",
        "GET /b/": "unknown",
        "GET /c/": "guarded",
        "GET /d/": "open",
        "POST /d/": "guarded",
    }
    assert one(found, "GET /a/").access.roles == ("seller",)


def test_a_view_that_is_all_dispatch(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import path
        from shop import views
        urlpatterns = [path("a/", views.A.as_view()), path("b/", views.B.as_view())]
        """,
        """
        from django.views import View

        class A(View):
            def dispatch(self, request, *args, **kwargs):
                if request.method == "POST":
                    return done()
                return page()

        class B(View):
            def dispatch(self, request, *args, **kwargs):
                if request.user.is_anonymous:
                    raise PermissionDenied
                return page()
        """,
    )
    assert who(found) == {"GET /a/": "open", "POST /a/": "open", "GET /b/": "guarded"}


def test_code_made_to_be_endless_ends_as_unknown(tmp_path: Path) -> None:
    doubling = "".join(f"    a{i + 1} = a{i} and a{i}\n" for i in range(60))
    found = project(
        tmp_path,
        "from django.urls import path\nfrom shop import views\nurlpatterns = [path('a/', views.a), path('b/', views.b)]\n",
        f"def a(request):\n    a0 = request.user\n{doubling}    if a60:\n        return 1\n    return 2\n"
        "def b(request):\n    if helper(request):\n        return b(request)\n    return helper(request)\n"
        "def helper(request):\n    return b(request)\n",
    )
    assert set(who(found)) == {"GET /a/", "GET /b/"}
    assert "guarded" not in who(found).values()


def test_a_decorator_lets_in_the_roles_it_is_given_and_those_it_names_itself(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import path
        from shop import views
        urlpatterns = [path("plan/", views.plan)]
        """,
        """
        from django.http import HttpResponseForbidden

        def only_for(allowed):
            def wrap(view):
                def inner(request, *args, **kwargs):
                    if request.user.is_authenticated and (request.user.role == "chair" or request.user.role in allowed):
                        return view(request, *args, **kwargs)
                    return HttpResponseForbidden("not for you")
                return inner
            return wrap

        @only_for(["treasurer", "press"])
        def plan(request): ...
        """,
    )
    assert set(one(found, "GET /plan/").access.roles) == {"treasurer", "press", "chair"}


def test_a_decorator_that_sends_some_elsewhere_is_not_called_open(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import path
        from shop import views
        urlpatterns = [path("people/", views.people), path("front/", views.front)]
        """,
        """
        from django.shortcuts import redirect

        def needs(name):
            def wrap(view):
                def inner(request, *args, **kwargs):
                    if not may(request.user, name):
                        return redirect("board")
                    return view(request, *args, **kwargs)
                return inner
            return wrap

        def counted(view):
            def inner(request, *args, **kwargs):
                count(request.path)
                return view(request, *args, **kwargs)
            return inner

        @needs("see_people")
        def people(request): ...

        @counted
        def front(request): ...
        """,
    )
    assert who(found) == {"GET /people/": "unknown", "GET /front/": "open"}


def test_a_view_that_deletes_whoever_opens_it_writes_and_a_number_it_makes_of_a_field_is_known(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import path
        from shop import views
        urlpatterns = [
            path("<int:pk>/note_delete/", views.take_away),
            path("<int:pk>/ask/", views.ask),
            path("new/", views.new),
        ]
        """,
        """
        def take_away(request, pk):
            note = Note.objects.get(pk=pk)
            note.delete()
            return redirect("/")

        def ask(request, pk):
            if request.method == "POST":
                Note.objects.get(pk=pk).delete()
                return redirect("/")
            return render(request, "ask.html")

        def new(request):
            if request.method == "POST":
                if request.POST.get("due") != "":
                    due = fromtimestamp(int(request.POST.get("due", False)))
                Note.objects.create(due=due, title=request.POST.get("title"))
            return render(request, "new.html")
        """,
    )
    assert {e.path: e.action for e in found.endpoints if e.method == "GET"} == {
        "/{pk}/note_delete/": "write",
        "/{pk}/ask/": "read",
        "/new/": "read",
    }
    (new,) = (e for e in found.endpoints if e.name == "POST /new/")
    assert {i.name: i.type for i in new.inputs} == {"due": "int", "title": ""}


def test_the_fields_of_a_copy_of_the_form_are_those_of_the_form(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        web__settings_py='ROOT_URLCONF = "web.urls"\n',
        web__urls_py="""
        from django.urls import path
        from web import views
        urlpatterns = [path("groups/", views.groups)]
        """,
        web__views_py="""
        def groups(request):
            if request.method == "POST":
                given = request.POST.copy()
                given["seen"] = "yes"
                Member.objects.filter(pk=given.get("user_id")).update(rank=given["rank"])
        """,
    )
    assert {"user_id", "rank"} <= {i.name for i in one(found, "POST /groups/").inputs}


def test_a_view_is_let_off_the_login_middleware_where_it_is_mounted(tmp_path: Path) -> None:
    """docs.djangoproject.com, LoginRequiredMiddleware: ``login_not_required`` may stand around the view in the urlconf as well."""
    found = surface(
        tmp_path,
        web__settings_py="""
        ROOT_URLCONF = "web.urls"
        MIDDLEWARE = ["django.contrib.auth.middleware.LoginRequiredMiddleware"]
        """,
        web__urls_py="""
        from django.contrib.auth.decorators import login_not_required
        from django.urls import path
        from django.views.generic import TemplateView
        urlpatterns = [
            path("", login_not_required(TemplateView.as_view(template_name="home.html"))),
            path("about/", TemplateView.as_view(template_name="about.html")),
        ]
        """,
    )
    assert who(found) == {"GET /": "open", "GET /about/": "guarded"}


def test_a_form_that_makes_an_account_signs_up_wherever_it_stands(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.contrib.auth import views as auth_views
        from django.urls import path
        from shop import views

        urlpatterns = [
            path("kirjaudu/", auth_views.LoginView.as_view(template_name="in.html")),
            path("rekisteroidy/", views.Register.as_view()),
            path("mukaan/", views.join),
            path("tyontekijat/uusi/", views.Hire.as_view()),
        ]
        """,
        """
        from django.contrib.auth.forms import UserCreationForm
        from django.contrib.auth.mixins import LoginRequiredMixin
        from django.contrib.auth.models import User
        from django.shortcuts import redirect, render
        from django.views.generic import CreateView

        class ByAddress(UserCreationForm):
            class Meta:
                model = User
                fields = ["email"]

        class Register(CreateView):
            form_class = UserCreationForm
            template_name = "register.html"

        class Hire(LoginRequiredMixin, Register):
            pass

        def join(request):
            form = ByAddress(request.POST)
            if request.method == "POST" and form.is_valid():
                form.save()
                return redirect("/")
            return render(request, "register.html", {"form": form})
        """,
    )
    assert one(found, "POST /kirjaudu/").kind == (Kind.LOGIN,)
    for path, named in (("/rekisteroidy/", "username"), ("/mukaan/", "email")):
        endpoint = one(found, f"POST {path}")
        assert endpoint.kind == (Kind.SIGNUP,)
        assert [field.name for field in endpoint.inputs] == [named, "password1", "password2"]
    assert Kind.SIGNUP not in one(found, "POST /tyontekijat/uusi/").kind


@pytest.mark.parametrize(
    ("asks", "verdict"),
    [
        ("if not request.user.is_authenticated or not request.user.is_owner:\n            return redirect('home')", "guarded"),
        ("if request.user.is_authenticated:\n            return redirect('home')", "open"),
        ("if not request.session.get('cart'):\n            return redirect('home')", "open"),
        ("if settings.CLOSED:\n            return redirect('home')", "open"),
        ("if not request.user.is_authenticated and settings.CLOSED:\n            return redirect('home')", "open"),
    ],
)  # fmt: skip
def test_a_dispatch_that_leads_strangers_elsewhere_hands_nothing_on(tmp_path: Path, asks: str, verdict: str) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import path
        from shop import views

        urlpatterns = [path("staff/", views.Page.as_view())]
        """,
        f"""
        from django.contrib.auth.mixins import AccessMixin
        from django.shortcuts import redirect
        from django.views.generic import TemplateView

        class OwnersOnly(AccessMixin):
            def dispatch(self, request, *args, **kwargs):
                {asks}
                return super().dispatch(request, *args, **kwargs)

        class Page(OwnersOnly, TemplateView):
            template_name = "staff.html"
        """.replace("            return redirect", "                    return redirect"),
    )
    assert who(found)["GET /staff/"] == verdict


def test_a_list_of_patterns_that_wraps_itself(tmp_path: Path) -> None:
    """As apps give their addresses a namespace, or a place below a setting: what is there without it is what the app has."""
    found = surface(
        tmp_path,
        manage_py="import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'club.settings')\n",
        club__settings_py="INSTALLED_APPS = ['django.contrib.auth']\nROOT_URLCONF = 'club.urls'\n",
        club__urls_py="""
        from django.conf import settings
        from django.urls import include, path
        from club.views import about, notes

        prefix = ""
        if _path := settings.SITE_ROOT.partition("/")[2]:
            prefix = f"{_path}/"
        urlpatterns = [path(f"{prefix}notes/", notes)]
        urlpatterns = [path("", include((urlpatterns, "club")))]
        urlpatterns += [path("about/", about)]
        if settings.BELOW:
            urlpatterns = [path(settings.BELOW, include(urlpatterns))]
        """,
        club__views_py="""
        from django.http import HttpResponse

        def notes(request):
            return HttpResponse("notes")

        def about(request):
            return HttpResponse("about")
        """,
    )
    assert who(found) == {"GET /notes/": "open", "GET /about/": "open"}


def test_patterns_that_a_function_gives_back_and_a_prefix_that_may_be_empty(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
        from django.urls import include, path
        from shop import views

        def crud(at, view, name="x"):
            at = at.rstrip("/")
            return [
                path(f"{at}/{action}", view.as_view(), name=f"{name}.{action}")
                for action, extra in [("list", 1), ("new", 2)]
            ]

        def circle(at):
            return [*circle(at), path(at, views.Notes.as_view())]

        prefix = OPTIONS["Deployment"]["PREFIX"]
        if prefix == "/":
            prefix = ""

        urlpatterns = [
            path(prefix, include([path("about", views.Notes.as_view())])),
            *crud("notes", views.Notes),
            path("v2/", include(crud("orders", views.Orders))),
            *circle("round"),
        ]
        """,
        """
        from django.views import View

        class Notes(View):
            def get(self, request): ...

        class Orders(View):
            def post(self, request): ...
        """,
    )
    assert set(who(found)) == {
        "GET /about",
        "GET /notes/list",
        "GET /notes/new",
        "POST /v2/orders/list",
        "POST /v2/orders/new",
        "GET /round",
    }
