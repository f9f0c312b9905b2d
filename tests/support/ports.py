"""Ports for programs of a test that must be told theirs, and waiting until they listen."""

import itertools
import os
import socket
import subprocess
import time
from collections.abc import Callable

# Below 32768, where Linux begins to hand out ports by itself (ip_local_port_range): what only asks for "any port" never takes one of these
# between the choice and the start of the program. Each process of the suite begins somewhere else.
_FIRST, _LAST = 12_000, 32_000
_next = itertools.count(os.getpid() * 101)

# Not how long a program takes, but when to give up on one: a busy machine may need most of it.
_STARTS = 60.0


def free_port() -> int:
    """A port of loopback nobody listens at, and none that was given before."""
    while True:
        port = _FIRST + next(_next) % (_LAST - _FIRST)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                continue
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def listening(port: int, process: "subprocess.Popen[bytes]", said: Callable[[], str] = str) -> None:
    """Wait until a process takes connections; ``said`` gives what it printed, for when it ends instead."""
    until = time.monotonic() + _STARTS
    while True:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, f"it ended at once: {said()}"
        assert time.monotonic() < until, f"nobody listens: {said()}"
        time.sleep(0.05)
