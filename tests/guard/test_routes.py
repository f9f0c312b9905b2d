"""Which route a request reaches: the first that takes its path, method and host, in the order of the app."""

import re

from launchready_guard.policy import parse_policy
from launchready_guard.routes import NOTHING, Match, Route, Table, compiled, of_policy


def _route(method: str, path: str, host: str = "", opaque: bool = False) -> Route:
    methods = frozenset((method,)) if method else frozenset[str]()
    return Route(methods, path, compiled(path), opaque=opaque, host=re.compile(host + r"\Z") if host else None)


def test_a_parameter_that_stands_first_is_asked_in_its_place() -> None:
    early, late = _route("GET", "/{team}/tasks"), _route("GET", "/north/tasks")
    table = Table([early, late])
    assert table.find("GET", "/south/tasks") == Match(early, {"team": "south"})
    assert table.find("GET", "/north/tasks") == Match(early, {"team": "north"})
    assert Table([late, early]).find("GET", "/north/tasks") == Match(late, {})


def test_an_address_of_another_method_names_those_it_takes_and_an_unknown_one_none() -> None:
    table = Table([_route("GET", "/a/{id}"), _route("POST", "/a/{id}"), _route("", "/b")])
    assert table.find("PUT", "/a/1") == Match(None, {}, frozenset(("GET", "POST")))
    assert table.find("GET", "/c") is NOTHING and not NOTHING.redirects
    assert not table.find("GET", "/a/1").redirects
    assert {table.find(method, "/b").route for method in ("GET", "PURGE")} == {table.routes[2]}
    assert table.find("WEBSOCKET", "/b").route is None


def test_a_route_for_one_host_is_left_alone_by_all_others() -> None:
    admin = _route("GET", "/users", r"(?P<team>\w+)\.admin\.example")
    other, shop = _route("GET", "/users", r"shop\.example"), _route("GET", "/users")
    table = Table([admin, other, shop])
    assert table.by_host and not Table([shop]).by_host
    assert table.find("GET", "/users", "north.admin.example") == Match(admin, {"team": "north"})
    assert table.find("GET", "/users", "shop.example") == Match(other, {})
    assert table.find("GET", "/users", "example.org") == Match(shop, {})
    assert Table([admin]).find("GET", "/users", "example.org") is NOTHING


def test_another_app_takes_all_and_two_routes_of_one_template_are_two() -> None:
    mount = _route("GET", "/files/{path}", opaque=True)
    assert mount.takes("WEBSOCKET") and mount.takes("PURGE")
    one, same = _route("GET", "/a"), _route("GET", "/a")
    assert len({one, same}) == 2 and one.listed


def test_rows_as_routes_are_asked_from_the_plainest_to_the_widest() -> None:
    policy = parse_policy(
        "".join(
            f'[[endpoint]]\nroute = "{route}"\nallow = ["guest"]\n'
            for route in (
                "GET /{path}",
                "GET /{id}/b",
                "GET /a/{id}",
                "GET /a/new",
                "ANY /any",
                "WEBSOCKET /live",
                "POST /live",
            )
        )
    )
    table = Table(of_policy(policy))

    def reached(method: str, path: str) -> str:
        route = table.find(method, path).route
        return route.path if route is not None else ""

    assert reached("GET", "/a/new") == "/a/new" and reached("HEAD", "/a/new") == "/a/new"
    assert reached("GET", "/a/b") == "/a/{id}" and reached("GET", "/c/b") == "/{id}/b"
    assert reached("GET", "/c") == "/{path}" and reached("POST", "/c") == ""
    assert reached("DELETE", "/any") == "/any" and reached("WEBSOCKET", "/any") == ""
    live = table.find("WEBSOCKET", "/live").route
    assert live is not None and live.websocket and table.find("POST", "/live").route is not live
    assert table.find("PUT", "/live").others == {"GET", "HEAD", "POST"}
