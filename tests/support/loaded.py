"""The command line with all its modules loaded: each run that is asked for is a process forked from here.

Loading takes most of the time of a run, and is the same for every run of the suite. Called with the path of a socket: each connection to
it asks for one run, and is told its process and how that ended. When standard input ends, so does this. What is loaded only when a
command needs it is proven by ``tests/cli/test_imports.py``, and that the program starts by itself by all who start it themselves.
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

# Standard output and standard error of a run.
STREAMS = 2


def load() -> None:
    """Import what the commands import when they are called."""
    from launchready import cli, fixes, report
    from launchready.fixes.registry import all_fixes
    from launchready.stages.session import all_checks

    for package in (cli, fixes, report):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    all_checks()
    all_fixes()
    gc.collect()
    # What is here stays: no run goes through it again, and copies the pages it stands on.
    gc.freeze()


def become(asked: dict[str, Any], streams: list[int]) -> None:
    """Be the process that was asked for."""
    for number, stream in enumerate(streams, start=1):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    os.chdir(asked["folder"])
    sys.argv = asked["command"]
    sys.path[0] = str(Path(sys.argv[0]).parent)


def keep(line: socket.socket) -> bool:
    """Start the process that a connection asks for and tell how it ended; True in that process."""
    _, streams, _, _ = socket.recv_fds(line, 1, STREAMS)
    with line.makefile("rw") as said:
        asked = json.loads(said.readline())
        process = os.fork()
        if process == 0:
            become(asked, streams)
            return True
        print(process, file=said, flush=True)
        _, status = os.waitpid(process, 0)
        # Whoever asked may have given up.
        with contextlib.suppress(BrokenPipeError):
            print(os.waitstatus_to_exitcode(status), file=said, flush=True)
    os._exit(0)


def serve(path: str) -> None:
    """Fork until nobody is there to ask; returns in each process that is asked for."""
    with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as either:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)
        either.register(listener, selectors.EVENT_READ)
        either.register(0, selectors.EVENT_READ)
        # Nobody waits for those who keep a run.
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while not any(key.fd == 0 for key, _ in either.select()):
            line, _ = listener.accept()
            with line:
                if os.fork() == 0:
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    listener.close()
                    if keep(line):
                        return
    sys.exit(0)


if __name__ == "__main__":
    load()
    serve(sys.argv[1])
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    from launchready.cli import main

    main()
