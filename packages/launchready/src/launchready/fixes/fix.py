"""What a fix author writes: a :class:`Fix` whose ``propose`` looks at the app and says what to change."""

from collections.abc import Callable
from dataclasses import dataclass

from launchready.fixes.subject import Subject
from launchready.fixes.work import Work

PYTHON = ("FastAPI", "Starlette", "Flask", "Django")


@dataclass(frozen=True, slots=True)
class Fix:
    """``frameworks`` are those it is known for. ``checks`` are the ids whose findings it ends. ``propose`` writes into the :class:`Work` and reads from it what fixes before it wrote."""

    name: str
    title: str
    checks: tuple[str, ...]
    propose: Callable[["Subject", "Work"], None]
    order: int = 50
    frameworks: tuple[str, ...] = PYTHON
