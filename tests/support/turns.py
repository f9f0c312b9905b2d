"""Apps that keep one SQLite connection answer one request at a time: a connection that several threads use at once fails by itself."""

import functools
import threading
from collections.abc import Callable
from typing import TypeVar

from tests.support.web import Got, Reply

_App = TypeVar("_App")
_TURN = threading.RLock()


def in_turn(answer: Callable[[_App, Got], Reply]) -> Callable[[_App, Got], Reply]:
    """An app's ``__call__`` that waits until the request before is answered."""

    @functools.wraps(answer)
    def waits(app: _App, got: Got) -> Reply:
        with _TURN:
            return answer(app, got)

    return waits
