"""What happens during a run, as a stream that progress displays and the store listen to."""

from collections.abc import Callable
from dataclasses import dataclass

from launchready.model.check import CheckInfo, Outcome


@dataclass(frozen=True, slots=True)
class Preparing:
    """Something slow starts before any check can run: reading source, opening a connection."""

    what: str


@dataclass(frozen=True, slots=True)
class Announced:
    """What a person should know before it happens: how much is sent, and what may stay."""

    what: str


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The owner's cleanup command was run after somebody had stopped the run, and what came of it."""

    what: str


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The checks about to run, in order."""

    checks: tuple[CheckInfo, ...]


@dataclass(frozen=True, slots=True)
class CheckStarted:
    """One check starts."""

    check: CheckInfo


@dataclass(frozen=True, slots=True)
class CheckEnded:
    """One check ended, however it ended."""

    check: CheckInfo
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Sent:
    """How many requests the app was sent so far; told twice a second while checks run."""

    requests: int


Event = Preparing | Announced | Cleaned | Sent | RunStarted | CheckStarted | CheckEnded
Listener = Callable[[Event], None]


def nobody(_event: Event) -> None:
    """The listener of a silent run."""
