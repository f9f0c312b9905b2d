"""A surface as OpenAPI and as a page: valid, complete, and honest on what nobody knows."""

import json
import re
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from launchready.model.surface import Access, Endpoint, Input, Span, Surface
from launchready.model.words import AccessVerdict, Kind
from launchready.report.surface import render_surface

from tests.report.schemas import openapi_schema


def _endpoint(method: str, path: str, verdict: AccessVerdict, *inputs: Input, how: str = "") -> Endpoint:
    access = Access(verdict, how, ("admin",) if how == "role" else (), evidence=(Span("a.py", 3, "<b>why</b>"),))
    return Endpoint(method, path, "Flask", (Kind.OTHER,), "read", access, inputs, Span("a.py", 7, "view"))


SURFACE = Surface(
    (
        _endpoint("GET", "/a/{id}", AccessVerdict.GUARDED, Input("id", "path", "int", True), how="role"),
        _endpoint("PUT", "/a/{other}", AccessVerdict.UNKNOWN, Input("name", "body", "str", True)),
        _endpoint("GET", "/b/{prefix?}/{prefix?}", AccessVerdict.OPEN, Input("q", "query"), Input("q", "query")),
        _endpoint("POST", "/b", AccessVerdict.OPEN, Input("file", "file"), Input("title", "form", "str")),
        _endpoint("ANY", "/any", AccessVerdict.GUARDED, how="signature"),
        _endpoint("WEBSOCKET", "/ws", AccessVerdict.UNKNOWN),
        _endpoint("POST", "/graphql#Query.me", AccessVerdict.OPEN),
        _endpoint("POST", "/graphql#Query.you", AccessVerdict.UNKNOWN),
    )
)


def _document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render_surface(SURFACE, "openapi", "demo"))
    return found


def test_the_document_keeps_the_rules_of_openapi() -> None:
    document = _document()
    jsonschema.Draft202012Validator(openapi_schema()).validate(document)
    for path, item in document["paths"].items():
        for operation in item.values():
            declared = [(one["name"], one["in"]) for one in operation.get("parameters", [])]
            assert len(declared) == len(set(declared))
            if "x-launchready-fields" not in operation:
                assert [name for name, where in declared if where == "path"] == re.findall(r"\{(\w+)\}", path)
    schemes = document["components"]["securitySchemes"]
    asked = {
        name for item in document["paths"].values() for o in item.values() for s in o.get("security", []) for name in s
    }
    assert asked == {"signed-in", "signature"} == set(schemes)


def test_security_says_guarded_and_open_and_nothing_of_what_is_unknown() -> None:
    paths = _document()["paths"]
    assert paths["/a/{id}"]["get"]["security"] == [{"signed-in": ["admin"]}]
    assert paths["/b"]["post"]["security"] == []
    # One path for OpenAPI, whatever the parameter is called.
    assert "security" not in paths["/a/{id}"]["put"]
    assert paths["/a/{id}"]["put"]["x-launchready-access"]["verdict"] == "unknown"
    assert paths["/a/{id}"]["get"]["x-launchready-access"]["evidence"] == [
        {"file": "a.py", "line": 3, "what": "<b>why</b>"}
    ]


def test_bodies_and_parameters_have_types() -> None:
    paths = _document()["paths"]
    assert paths["/a/{id}"]["get"]["parameters"][0]["schema"] == {"type": "integer"}
    body = paths["/a/{id}"]["put"]["requestBody"]
    assert body["content"]["application/json"]["schema"]["properties"] == {"name": {"type": "string"}}
    assert body["required"] is True
    assert set(paths["/b"]["post"]["requestBody"]["content"]) == {"multipart/form-data"}


def test_what_openapi_has_no_place_for_is_kept() -> None:
    document = _document()
    assert [one["method"] for one in document["x-launchready-elsewhere"]] == ["WEBSOCKET"]
    fields = document["paths"]["/graphql"]["post"]["x-launchready-fields"]
    assert [one["field"] for one in fields] == ["Query.me", "Query.you"]
    assert set(document["paths"]["/any"]) == {"get", "put", "post", "delete", "patch"}


def test_the_page_escapes_what_the_app_says_and_lists_every_way_in() -> None:
    page = render_surface(SURFACE, "html", "<script>alert(1)</script>")
    assert "<script" not in page
    assert "&lt;b&gt;why&lt;/b&gt;" in page
    assert page.count("<tr>") == len(SURFACE.endpoints) + 1
    assert "default-src 'none'" in page


@pytest.mark.parametrize("form", ["terminal", "html", "json", "markdown", "openapi"])
def test_every_format_says_under_which_condition_a_way_in_is_there(form: str) -> None:
    tools = replace(_endpoint("POST", "/wipe", AccessVerdict.OPEN), only_when="settings.DEBUG")
    with_tools = replace(SURFACE, endpoints=(*SURFACE.endpoints, tools))
    assert render_surface(with_tools, form, "demo").count("settings.DEBUG") == 1
    assert "settings.DEBUG" not in render_surface(SURFACE, form, "demo")
