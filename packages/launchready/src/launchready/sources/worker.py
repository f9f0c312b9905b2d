"""The process that :mod:`launchready.sources.ahead` starts: does what it is asked to, until nobody asks any more.

A function of ours with its arguments comes in and what it returns goes out, pickled and each after its length in four bytes. Pickled,
because one expression may stand in several places of a module, and some readers ask whether it is the same one.
"""

import gc
import importlib
import pickle
import struct
import sys
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


if __name__ == "__main__":
    gc.disable()
    # What it will be asked for, while nobody asks yet: files of these suffixes, and integrations.
    facts = importlib.import_module("launchready.sources.facts.read")
    for suffix in sys.argv[1:]:
        facts.reader_of(suffix)
    importlib.import_module("launchready.sources.integrations")
    work(sys.stdin.buffer, sys.stdout.buffer)
