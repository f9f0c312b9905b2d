"""Path templates out of Django's two ways to write a route: converters, and regular expressions."""

import re

from launchready_guard.templates import converter_template

from launchready.model.surface import Input

_NUMBER = re.compile(r"\(\?P<(\w+)>(?:\\d|\[0-9\])(?:\+|\{\d+(?:,\d*)?\})?\)")
_CONVERTER = re.compile(r"<(?:(?P<kind>[^:<>]+):)?(?P<name>\w+)>")


def path_template(route: str) -> tuple[str, tuple[Input, ...]]:
    """The template of ``path("a/<int:pk>/")`` and its parameters: ``a/{pk}/``, ``pk`` of type int."""
    inputs = tuple(
        Input(match.group("name"), "path", match.group("kind") or "str", True) for match in _CONVERTER.finditer(route)
    )
    return converter_template(route), inputs


def numbers_of(pattern: str) -> tuple[Input, ...]:
    """The parameters of a regular expression that take nothing but digits: ``pk`` of ``^a/(?P<pk>\\d+)/$``, of type int."""
    return tuple(Input(name, "path", "int", True) for name in _NUMBER.findall(pattern))
