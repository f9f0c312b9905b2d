"""Whether a body that refuses may let those pass who bring nothing, and refuse a bad credential alone."""

from collections.abc import Sequence

from launchready.sources.brought import only_when_brought
from launchready.sources.go_refusals import lets_nothing_through
from launchready.sources.python_ends import perhaps_lets_on
from launchready.sources.signatures import only_tells, places_of
from launchready.sources.sometimes import (
    answers_all_the_same,
    asked_when_sent,
    only_sometimes,
    passes_before,
    passes_by_header,
    passes_in_some_state,
)

SCRIPTS = (".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".jsx", ".tsx", ".svelte", ".vue")


def perhaps_passed(
    path: str, text: str, refused: Sequence[int], given: str, more: Sequence[int] = (), *, settings: bool = True
) -> bool:
    """Of a body in file ``path`` that refuses at some places; ``given`` are its parameters, ``more`` the places where it may answer with a refusal.
    Without ``settings`` it is not asked whether one lets everybody pass."""
    script, python = path.endswith(SCRIPTS), path.endswith(".py")
    if path.endswith(".go"):
        return not lets_nothing_through(text, refused)
    return (
        passes_before(text, refused)
        or answers_all_the_same(text)
        or (python and perhaps_lets_on(text, refused, given, settings=settings))
        or only_when_brought(path, text, [*refused, *more])
        or (script and (only_sometimes(text, [*refused, *more]) or _passed_by_script(text)))
    )


def perhaps_unsigned(path: str, text: str, refused: Sequence[int], *, refuses: bool) -> bool:
    """Of a body in file ``path`` that verifies a signature, and refuses besides at some places or in some other way (``refuses``)."""
    script = path.endswith(SCRIPTS)
    places = places_of(text)
    return (
        (not refuses and only_tells(text))
        or only_when_brought(path, text, [*places, *refused])
        or (script and (asked_when_sent(text, places) or _passed_by_script(text)))
    )


def _passed_by_script(text: str) -> bool:
    return passes_in_some_state(text) or passes_by_header(text)
