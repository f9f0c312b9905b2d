"""Created: something that a run made in the app, and what became of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Created:
    """Something the run made: as whom, by which call, where it stands, and whether it was removed again.

    ``sure`` is False where nothing but a success says that anything was kept; ``why`` says why it is left, or how it went. ``unseen`` says that the
    owner's cleanup command was run for it, and that nothing shows whether it is still there.
    """

    who: str
    route: str
    path: str
    removed: bool = False
    sure: bool = True
    why: str = ""
    unseen: bool = False
