"""Waits for Ctrl-C or a polite request to end, and lets with-blocks clean up in both cases."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType


@contextlib.contextmanager
def until_stopped() -> Iterator[Callable[[], None]]:
    """Gives a function that returns when SIGINT, SIGTERM or SIGHUP arrives; the old handlers come back afterwards."""
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    def wait() -> None:
        stopped.wait()

    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {name: signal.signal(name, stop) for name in names}
    try:
        yield wait
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
