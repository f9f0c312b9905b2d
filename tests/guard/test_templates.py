"""Templates out of the ways frameworks write routes: rows of the policy name routes by them."""

import pytest
from launchready_guard.routes import compiled
from launchready_guard.templates import converter_template, regex_template


@pytest.mark.parametrize(
    ("pattern", "template"),
    [
        (r"^a/(?P<pk>\d+)/$", "a/{pk}/"),
        (r"^a/(\d+)/$", "a/{part}/"),
        (r"^a/(?:(?P<pk>\d+)/)?$", "a/{pk}/"),
        (r"^a/(?:page/)?$", "a/"),
        (r"^a/(?:x|y)/$", "a/{part}/"),
        (r"^a/(?:b)/$", "a/b/"),
        (r"^a/[a-z]+/b$", "a/{part}/b"),
        (r"^a/[]x]{2,3}/b$", "a/{part}/b"),
        (r"^a/[a-z", "a/{part}"),
        (r"^a\.b/\w+\Z", "a.b/{part}"),
        (r"^a/.*$", "a/{part}"),
        (r"^a/.+?/b", "a/{part}/b"),
        (r"^a/b?$", "a/"),
        (r"^a|b$", "a"),
        (r"(?i)^a/$", "a/"),
        (r"^a/(?=x)b(?!y)$", "a/b"),
        (r"^a/((?P<x>\d)(?P<y>\d))/$", "a/{x}{y}/"),
        (r"^a/(?P<x>[)(]+)/b", "a/{x}/b"),
        (r"^a/(?P<x>\)\()/b", "a/{x}/b"),
        (r"^a/(?P<x>(a(b)c))/d", "a/{x}/d"),
        (r"^a/(?P<x>[)/b", "a/{x}"),
        (r"^a/(?P<x>", "a/{x}"),
        (r"^a/\d\d/$", "a/{part}/"),
        ("a/{pk?}/b", "a/{pk?}/b"),
        (r"^a/(?P<pk>\d+)?$", "a/{pk}"),
        (r"^a/(x|y)?b$", "a/b"),
        (r"^a/[x]/b$", "a/{part}/b"),
        (r"^a/(?P<x>[)])/b", "a/{x}/b"),
        (r"^a/(?P<x>[(][)])/b", "a/{x}/b"),
        (r"^a/((?P<x>\d)-by)/c$", "a/{x}-by/c"),
    ],
)
def test_a_regular_expression(pattern: str, template: str) -> None:
    assert regex_template(pattern) == template


def test_a_pattern_without_an_end_costs_little() -> None:
    assert len(regex_template("(" * 100 + "a" * 100_000)) <= 2_000


def test_converters() -> None:
    assert converter_template("/a/<int:pk>/<slug>/<path:rest>") == "/a/{pk}/{slug}/{rest}"


def test_a_parameter_is_one_part_and_a_path_is_all_of_the_rest() -> None:
    one = compiled("/a/{id}/b.c/{id}")
    found = one.match("/a/1/b.c/2")
    assert found is not None and found.groupdict() == {"id": "1"}
    for other in ("/a/1/bxc/2", "/a//b.c/2", "/a/1/2/b.c/3", "/a/1/b.c/2/"):
        assert one.match(other) is None
    for rest in ("/files/{path}", "/files/{where:path}"):
        assert compiled(rest).match("/files/a/b\nc") and not compiled(rest).match("/file/a")
    assert compiled("/a/{1st}").match("/a/x") and compiled("/a/{user-id}").match("/a/x")
