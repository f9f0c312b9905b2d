"""Where a name leads."""

from dataclasses import dataclass

from launchready.sources.facts.shape import Binding, Function


@dataclass(frozen=True, slots=True)
class Found:
    """Where a name leads: the file, the name there, and the function or binding it stands for (None: outside our source)."""

    path: str
    name: str
    function: Function | None = None
    binding: Binding | None = None
    outside: str = ""
