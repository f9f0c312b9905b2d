"""Refusals of Python that a helper decides, which says yes to everybody where a setting of the app says so.

``if not may("READ"): abort(403)``, and in ``may``: ``if config["READ_ACCESS"] == "ANONYMOUS": return True``. Whether a stranger is refused is up to whoever
runs the app, and a page that answers them is as it was meant.
"""

import re
from collections.abc import Iterator, Sequence

from launchready.sources.facts.conditions import condition
from launchready.sources.facts.shape import Function
from launchready.sources.of_settings import asks_settings
from launchready.sources.python_blocks import asked_at
from launchready.sources.resolver import Resolver

_ASKS = re.compile(r"^not\s+(?:await\s+)?(?P<call>[A-Za-z_][\w.]*)\((?P<given>[^()]*)\)$")
_YES = re.compile(r"^[ \t]+return\s+True\s*$", re.M)
# A helper that only hands on: `return manager.may(permission, user)`.
_HANDS_ON = re.compile(r"^(?:def [^\n]*:\s*)?\s*return\s+(?:await\s+)?[\w.]+\.(?P<method>\w+)\([^()]*\)\s*$")
_TEXT = re.compile(r"[\"'](\w+)[\"']")


def decided_by_setting(resolver: Resolver, path: str, code: str, places: Sequence[int]) -> str:
    """The setting without which nobody passes the refusals at ``places`` as a stranger: each is decided by a helper that asks for one; empty where one is not."""
    found = [_decided(resolver, path, code, place) for place in places]
    return found[0] if found and all(found) else ""


def _decided(resolver: Resolver, path: str, code: str, place: int) -> str:
    for call in filter(None, map(_ASKS.match, asked_at(code, place))):
        there = resolver.find(path, call["call"])
        if there is None or there.function is None:
            continue
        wanted = {word.lower() for word in _TEXT.findall(call["given"])}
        says = (_says_yes(one.code, wanted) for one in _deciding(resolver, there.path, there.function))
        if setting := next(filter(None, says), ""):
            return condition(setting, holds=False)
    return ""


def _deciding(resolver: Resolver, path: str, helper: Function) -> Iterator[Function]:
    """A helper itself, or the methods of its file that it only hands on to."""
    handed = _HANDS_ON.match(helper.code)
    module = resolver.module(path)
    if handed is None or module is None:
        yield helper
        return
    for one in module.functions.values():
        yield from (method for method in one.methods if method.name == handed["method"])


def _says_yes(code: str, wanted: set[str]) -> str:
    """The setting under which a helper says yes before it has looked at anybody: the conditions around it ask for what was ``wanted`` at most."""
    for yes in _YES.finditer(code):
        asked = asked_at(code, yes.end())
        settings = [one for one in asked if asks_settings(code, one)]
        others = [one for one in asked if one not in settings]
        if settings and all(_of_wanted(one, wanted) for one in others):
            return settings[0]
    return ""


def _of_wanted(asked: str, wanted: set[str]) -> bool:
    named = {word.lower() for word in _TEXT.findall(asked)}
    return bool(named) and named <= wanted and not re.search(r"user|session|caller|\bg\.", _TEXT.sub("", asked), re.I)
