"""Flask-AppBuilder: exposed methods and what model classes bring, by its documentation on views, REST APIs and security."""

from pathlib import Path

from launchready.model.words import Kind

from tests.sources.reading import one, surface, who

CLASSES = """
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.api import BaseApi, ModelRestApi, protect, safe
from flask_appbuilder.const import RouteMethod

class OurApi(ModelRestApi):
    version = "v2"
    include_route_methods = {RouteMethod.GET, RouteMethod.DELETE, "export", "data", "open"}

    @expose("/export/", methods=("GET",))
    @protect()
    @safe
    def export(self): ...

class Charts(OurApi):
    resource_name = "chart"

    @expose("/<int:pk>/data/", methods=["POST"])
    @protect(allow_browser_login=True)
    def data(self, pk): ...

    @expose("/open/")
    def open(self): ...

class Reports(BaseView):
    route_base = "/reports"

    @expose("/list/")
    @has_access
    def list(self): ...

    @expose("/peek/<token>")
    def peek(self, token):
        return "x"

class Health(BaseApi):
    @expose("/up")
    def up(self): ...

class Unused(BaseView):
    @expose("/x")
    def x(self): ...
"""


def test_registered_classes_and_what_they_inherit(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        classes_py=CLASSES,
        app_py="""
        from flask_appbuilder import AppBuilder
        def start(appbuilder):
            from classes import Charts, Health, Reports
            appbuilder.add_api(Charts)
            appbuilder.add_api(Health)
            appbuilder.add_view(Reports, "Reports")
        """,
    )
    assert who(found) == {
        "GET /api/v2/chart/export": "guarded",
        "POST /api/v2/chart/{pk}/data": "guarded",
        "GET /api/v2/chart/open": "open",
        "GET /api/v2/chart/{pk}": "guarded",
        "DELETE /api/v2/chart/{pk}": "guarded",
        "GET /reports/list": "guarded",
        "GET /reports/peek/{token}": "open",
        "GET /api/v1/health/up": "open",
    }
    assert one(found, "POST /api/v2/chart/{pk}/data").access.evidence[0].file == "classes.py"


def test_without_any_registration_all_classes_count(tmp_path: Path) -> None:
    assert "GET /unused/x" in who(surface(tmp_path, classes_py=CLASSES))


def test_hooks_leave_a_doubt_and_constants_name_the_routes(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        classes_py="""
        from flask import abort, g
        from flask_appbuilder import IndexView, expose
        from flask_appbuilder.api import BaseApi, ModelRestApi
        from flask_appbuilder.const import RouteMethod
        from flask_appbuilder.hooks import before_request
        ONLY = {RouteMethod.GET_LIST}

        class Hooked(BaseApi):
            @before_request
            def gate(self):
                if g.user.is_anonymous:
                    abort(401)
            @expose("/x")
            def x(self): ...

        class Listed(ModelRestApi):
            include_route_methods = ONLY

        class Front(IndexView):
            @expose("/")
            def index(self): ...
        """,
    )
    assert who(found) == {"GET /api/v1/hooked/x": "unknown", "GET /api/v1/listed": "guarded", "GET /": "open"}


def test_a_class_serves_only_the_exposed_methods_it_lists_and_methods_import_what_they_register(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        words_py="""
        class RouteMethod:
            GET = "get"
            RELATED = "related"
            READ_SET = {GET}
        """,
        base_py="""
        from flask_appbuilder import expose
        from flask_appbuilder.api import ModelRestApi
        from flask_appbuilder.security.decorators import protect

        class Base(ModelRestApi):
            @expose("/related/<column>")
            @protect()
            def related(self, column): ...

            @expose("/distinct/<column>")
            @protect()
            def distinct(self, column): ...
        """,
        chart_py="""
        from base import Base
        from words import RouteMethod

        class Chart(Base):
            include_route_methods = RouteMethod.READ_SET | {RouteMethod.RELATED}
        """,
        main_py="""
        class Initializer:
            def views(self):
                from chart import Chart
                if flags.enabled("CHARTS"):
                    self.appbuilder.add_api(Chart)
        """,
    )
    assert {endpoint.only_when for endpoint in found.endpoints} == {'flags.enabled("CHARTS")'}
    assert who(found) == {"GET /api/v1/chart/related/{column}": "guarded", "GET /api/v1/chart/{pk}": "guarded"}


def test_the_sign_in_that_the_library_brings(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        classes_py=CLASSES,
        app_py="""
        from flask_appbuilder import AppBuilder
        from classes import Health
        appbuilder = AppBuilder(app, db.session)
        appbuilder.add_api(Health)
        """,
    )
    login = one(found, "POST /api/v1/security/login")
    assert login.kind == (Kind.LOGIN,)
    assert {(given.name, given.choices) for given in login.inputs if given.required} == {
        ("username", ()),
        ("password", ()),
        ("provider", ("db", "ldap")),
    }
