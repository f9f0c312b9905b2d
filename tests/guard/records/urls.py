"""Routes in all of Django's ways to write one."""

from typing import Any

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.http import JsonResponse, StreamingHttpResponse
from django.urls import include, path, re_path
from django.views import View
from launchready_guard.tenancy import current

REACHED: list[tuple[str, str, str, str]] = []


def _answer(name: str, request: Any) -> JsonResponse:
    REACHED.append((name, request.method, request.path, request.body.decode("latin-1")))
    passed = getattr(request, "launchready", None)
    tenants = current()
    return JsonResponse(
        {
            "view": name,
            "who": passed.identity.subject if passed and passed.identity else None,
            "tenants": sorted(tenants.names) if tenants else None,
        },
        status=500 if request.headers.get("X-Fail") else 200,
    )


def view(name: str) -> Any:
    """A view that takes every method and says that it was reached."""

    def answer(request: Any, **params: Any) -> JsonResponse:
        return _answer(name, request)

    return answer


class Members(View):  # type: ignore[misc]
    """A view that says which methods it takes."""

    def get(self, request: Any, **params: Any) -> JsonResponse:
        """A member."""
        return _answer("members", request)


def parts(request: Any) -> StreamingHttpResponse:
    """A body made while it is sent."""

    def each() -> Any:
        for _ in range(2):
            tenants = current()
            yield ",".join(sorted(tenants.names)) if tenants else "nobody"

    return StreamingHttpResponse(each())


tasks = [path("tasks/", view("tasks")), re_path(r"^old/(?P<number>[0-9]{1,4})/$", view("old"))]
urlpatterns = [
    path("", view("home")),
    path("login/", view("login")),
    path("w/<slug:workspace_id>/", include(tasks)),
    path("tasks", view("new task")),
    path("members/<int:member_id>/", Members.as_view()),
    re_path(r"^report/(?P<year>\d{4})(?:/(?P<month>\d{2}))?/$", view("report")),
    path("hooks/payments", view("hook")),
    path("upload", view("upload")),
    path("files/<path:name>", view("file")),
    path("stream", parts),
    path("admin/", admin.site.urls),
    *i18n_patterns(path("about/", view("about")), prefix_default_language=False),
]
