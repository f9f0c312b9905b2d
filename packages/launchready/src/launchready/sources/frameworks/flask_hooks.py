"""Flask: hooks that run before requests, and what they demand of each view by its method, address, name and blueprint."""

import re
from dataclasses import dataclass

from launchready.sources.facts.shape import Function
from launchready.sources.frameworks.doorkeepers import Doorkeeper, doorkeeper
from launchready.sources.guards import Guards
from launchready.sources.passage_names import Scope
from launchready.sources.passage_values import Asked
from launchready.sources.readings import Reading

# That browsers ask first (OPTIONS) does no harm.
_PICKS = re.compile(
    r"\brequest\.(?:path|full_path|url|base_url|endpoint|blueprints?|url_rule|view_args|method\b(?!\s*==\s*[\"']OPTIONS))|\bview_functions\b"
)
_HOPS = 3
# What runs before requests. Those that pull values out of the address are given the name of the view and these values, and run first
# (flask.palletsprojects.com, "Using URL Processors").
BEFORE_ALL = ("before_app_request", "app_url_value_preprocessor")
PULLS = ("url_value_preprocessor", "app_url_value_preprocessor")
BEFORE = ("before_request", *BEFORE_ALL, PULLS[0])


@dataclass(frozen=True, slots=True)
class Hook:
    """A hook that refuses: whoever asks, or by what is asked for."""

    whole: Reading
    door: Doorkeeper | None = None

    def reading(self, asked: Asked) -> Reading:
        """What it demands of one view."""
        return self.whole if self.door is None else self.door.reading(asked)


def hook_of(guards: Guards, scope: Scope, function: Function, method: str) -> Hook | None:
    """The hook that a function is by the ``method`` that registers it; None when it refuses nobody."""
    guard = guards.function(scope.path, function)
    if guard is None:
        return None
    if method in PULLS:
        given = tuple(one.name for one in function.params[:2])
        return Hook(Reading(), doorkeeper(scope, function.code, guard, function.when, returns=True, given=given))
    if _picks(scope, function, _HOPS):
        return Hook(Reading(), doorkeeper(scope, function.code, guard, function.when, returns=True))
    return Hook(Reading((guard,)).asked_when(function.when))


def _picks(scope: Scope, function: Function, hops: int) -> bool:
    """Whether a function looks at what is asked for, itself or by what it calls."""
    if _PICKS.search(function.code):
        return True
    called = (scope.function(call.text) for call in function.calls if call.text) if hops else ()
    return any(found and _picks(*found, hops - 1) for found in called)
