"""Starts a command of the owner's, word by word and by no shell, and ends it and whatever it started when its time is over."""

import asyncio
import contextlib
import os
import shlex
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from launchready_guard.redact import redact

_KEPT, _SHOWN = 4_000, 600


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: ``why`` says what went wrong, empty when it ended with 0; ``output`` is the last it said, masked."""

    why: str = ""
    output: str = ""


async def started(command: Sequence[str], folder: str, given: bytes, seconds: float) -> Ended:
    """Run a command in a folder with the environment of this process, and ``given`` on its standard input."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder or None, start_new_session=True,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
    except OSError as error:
        return Ended(f"could not be started: {error.strerror or error}")
    said = bytearray()
    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(_write(process, given), _read(process, said))
            code = await process.wait()
    except TimeoutError:
        return Ended(f"did not end within {seconds:g} s and was stopped", _shown(said))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    return Ended(f"ended with {code}" if code else "", _shown(said))


def in_words(command: Sequence[str]) -> str:
    """The command as it would be typed, masked."""
    return redact(shlex.join(command))


async def _write(process: asyncio.subprocess.Process, given: bytes) -> None:
    assert process.stdin is not None
    # A command may have no use for the list.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(given)
        await process.stdin.drain()
    process.stdin.close()


async def _read(process: asyncio.subprocess.Process, said: bytearray) -> None:
    """Keep the end of what it says, however much that is."""
    assert process.stdout is not None
    while chunk := await process.stdout.read(65_536):
        said += chunk
        del said[:-_KEPT]


def _shown(said: bytearray) -> str:
    text = redact(" ".join(said.decode("utf-8", "replace").split()), emails=True, phones=True)
    return text if len(text) <= _SHOWN else "… " + text[-_SHOWN:]
