"""Hooks that REST framework calls by itself on the way to an answer: what they ask of who is signed in, and whether a record is asked about.

``get_object()`` asks ``check_object_permissions()`` (django-rest-framework.org/api-guide/generic-views).
"""

import re

from launchready.model.surface import Span
from launchready.sources.facts.shape import Function
from launchready.sources.frameworks.django_bodies import CALLED, refuses
from launchready.sources.frameworks.django_classes import Kin, method
from launchready.sources.frameworks.django_permissions import roles_of
from launchready.sources.frameworks.django_stranger import Case
from launchready.sources.frameworks.django_ways import always, paths
from launchready.sources.readings import Guard, Reading

_HANDS_OVER = re.compile(r"\bsuper\(")
_ASKS = re.compile(r"\bself\.(?:check_object_permissions|get_object)\(")
_OWN_NAME = re.compile(r"\bself\.(\w+)")
_DEEPEST = 4


def ranks(order: tuple[Kin, ...], body: tuple[Kin, Function] | None, action: str) -> Reading:
    """The roles without which the hooks of an action refuse whoever is signed in.

    A body of ours reaches them when it goes on to ``super()`` on every way.
    """
    reached = body is None or always(body[1].code, _HANDS_OVER)
    for name in CALLED.get(action, ()) if reached else ():
        own = method(order, name)
        roles = roles_of(own[1].code) if own else ()
        if own is None or not roles:
            continue
        plain = paths(own[1].code, Case("", action, signed="plain"))
        anybody = paths(own[1].code, Case("", action, signed="any"))
        if plain and all(map(refuses, plain)) and not all(map(refuses, anybody)):
            span = Span(own[0].path, own[1].line, f"{name} refuses whoever is not {' or '.join(roles)}")
            return Reading((Guard(span, roles),))
    return Reading()


def asks_record(order: tuple[Kin, ...], function: Function, depth: int = 0) -> bool:
    """Whether a body asks about the record on every way: itself, or by methods and properties of its own."""
    if always(function.code, _ASKS):
        return True
    names = dict.fromkeys(_OWN_NAME.findall(function.code)) if depth < _DEEPEST else ()
    for name in names:
        own = method(order, name) if always(function.code, re.compile(rf"\bself\.{name}\b")) else None
        if own is not None and own[1] is not function and asks_record(order, own[1], depth + 1):
            return True
    return False
