"""The process that :mod:`launchready.sources.ahead` starts: does what it is asked to, until nobody asks any more.

A function of ours with its arguments comes in and what it returns goes out, pickled and each after its length in four bytes. Pickled,
because one expression may stand in several places of a module, and some readers ask whether it is the same one.
"""

import gc
import importlib
import pickle
import select
import struct
import sys
from collections.abc import Iterable
from typing import Any, BinaryIO

LENGTH = struct.Struct(">I")


def framed(content: Any) -> bytes:
    """What stands for ``content`` on the way."""
    pickled = pickle.dumps(content, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(pickled)) + pickled


def work(asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer until ``asked`` ends."""
    while length := asked.read(LENGTH.size):
        function, given = pickle.loads(asked.read(*LENGTH.unpack(length)))
        answers.write(framed(function(*given)))
        answers.flush()


def imported(names: Iterable[str], asked: BinaryIO) -> None:
    """Import what may be asked for, as long as nobody asks."""
    for name in names:
        if select.select([asked], [], [], 0)[0]:
            return
        importlib.import_module(name)


if __name__ == "__main__":
    gc.disable()
    facts = importlib.import_module("launchready.sources.facts.read")
    for suffix in sys.argv[1:]:
        facts.reader_of(suffix)
    imported(("launchready.sources.integrations", "launchready.sources.shares"), sys.stdin.buffer)
    work(sys.stdin.buffer, sys.stdout.buffer)
