"""Flask-AppBuilder: base paths of views and APIs, what ``@expose`` opens, and who ``@protect`` and ``@has_access`` let in."""

from pathlib import Path

from tests.sources.reading import surface, who


def test_an_api_lies_below_its_version_and_a_view_below_its_name(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        from flask_appbuilder import BaseView, expose, has_access
        from flask_appbuilder.api import BaseApi, protect, safe

        class ExampleApi(BaseApi):
            resource_name = "example"

            @expose("/greeting", methods=("GET", "POST"))
            @protect()
            @safe
            def greeting(self): ...

            @expose("/<int:pk>/open")
            @safe
            def open(self, pk): ...

        class MyView(BaseView):
            @expose("/method1/<string:param1>")
            @has_access
            def method1(self, param1): ...

        class Moved(BaseView):
            route_base = "/elsewhere"

            @expose("/")
            def index(self): ...
        """,
    )
    assert who(found) == {
        "GET /api/v1/example/greeting": "guarded",
        "POST /api/v1/example/greeting": "guarded",
        "GET /api/v1/example/{pk}/open": "open",
        "GET /myview/method1/{param1}": "guarded",
        "GET /elsewhere": "open",
    }


def test_a_model_api_brings_its_routes_and_a_base_of_our_own_none_by_itself(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        base_py="""
        from flask_appbuilder.api import ModelRestApi, expose, protect

        class Base(ModelRestApi):
            @expose("/related", methods=["GET"])
            def related(self): ...
        """,
        app_py="""
        # flask_appbuilder
        from base import Base

        class ContactApi(Base):
            resource_name = "contact"
            version = "v2"
            exclude_route_methods = ["info", "put", "delete"]
        """,
    )
    assert who(found) == {
        "GET /api/v2/contact": "guarded",
        "POST /api/v2/contact": "guarded",
        "GET /api/v2/contact/{pk}": "guarded",
        "GET /api/v2/contact/related": "open",
    }


def test_a_hook_that_may_refuse_leaves_a_view_unknown(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        from flask_appbuilder import BaseView, expose
        from flask_appbuilder.hooks import before_request

        class Flagged(BaseView):
            @before_request
            def ensure_enabled(self): ...

            @expose("/a")
            def a(self): ...
        """,
    )
    assert who(found) == {"GET /flagged/a": "unknown"}


def test_the_index_view_lies_at_the_root(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app_py="""
        from flask_appbuilder import IndexView, expose

        class Start(IndexView):
            @expose("/")
            def index(self): ...
        """,
    )
    assert who(found) == {"GET /": "open"}


def test_only_the_methods_that_a_class_includes_are_routes(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        names_py="""
        class RouteMethod:
            LIST = "list"
            GET = "get"
            PUT = "put"
            READS = {GET, PUT}
        """,
        app_py="""
        from flask_appbuilder import ModelView, expose
        from flask_appbuilder.api import ModelRestApi
        from names import RouteMethod

        class Log(ModelView):
            include_route_methods = RouteMethod.LIST

            @expose("/hidden")
            def hidden(self): ...

        class TagApi(ModelRestApi):
            include_route_methods = RouteMethod.READS | {
                "delete",  # for good
            }
        """,
    )
    assert set(who(found)) == {
        "GET /log/list",
        "GET /api/v1/tagapi/{pk}",
        "PUT /api/v1/tagapi/{pk}",
        "DELETE /api/v1/tagapi/{pk}",
    }
