"""What one stage asks of the app while the run's people are signed in and their records exist."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from launchready.ground.ground import Ground
from launchready.ground.result import Harm
from launchready.model.words import Stage


@dataclass(frozen=True, slots=True)
class Round:
    """Questions of one stage about ``harms``, asked in ``seconds`` of their own. ``what`` names them in a sentence: "the proof";
    ``longer`` is the command that gives them more time.

    A round that is ``last`` may use up what the app lets anybody do, so it comes after the records of the run are removed.
    """

    stage: Stage
    what: str
    harms: frozenset[Harm]
    seconds: float
    ask: Callable[[Ground], Awaitable[None]]
    longer: str
    last: bool = False
