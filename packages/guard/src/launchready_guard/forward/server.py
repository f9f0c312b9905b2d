"""Serves proxies, and them alone: so many connections and no more, so long for a request and no longer."""

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from launchready_guard.forward.http import Answer, HttpError, Request, read, written
from launchready_guard.forward.proxies import AskedError
from launchready_guard.networks import Network, holds

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter, Task

_LOG = logging.getLogger("launchready.guard")
_BUSY = Answer(503)
_STOPPED = 10.0


class Server:
    """``answer`` says what a request comes to. ``most`` connections are open at once, one more is told 503; a request may take ``slowest`` seconds to
    arrive and as many to be answered, a connection may be ``idle`` for so long. ``trusted`` are the networks whose word counts; all when empty,
    which is for sockets that only the proxy can reach."""

    def __init__(
        self,
        answer: Callable[[Request], Awaitable[Answer]],
        trusted: tuple[Network, ...] = (),
        *,
        most: int = 512,
        slowest: float = 5.0,
        idle: float = 75.0,
    ) -> None:
        self._answer, self._trusted = answer, trusted
        self._most, self._slowest, self._idle = most, slowest, idle
        self._open: dict[Task[None], bool] = {}
        self._stopping = False

    async def connection(self, reader: "StreamReader", writer: "StreamWriter") -> None:
        """Serve one connection to its end."""
        import asyncio

        task = asyncio.current_task()
        assert task is not None
        full = len(self._open) >= self._most
        self._open[task] = False
        try:
            if full:
                await self._send(writer, _BUSY)
            elif self._strange(writer):
                await self._send(writer, Answer(403, (), b"Only the proxy may ask. See --trusted.\n"))
            else:
                await self._serve(reader, writer, task)
        except (OSError, TimeoutError):
            # The proxy is gone, or does not read: nobody is left to tell.
            pass
        finally:
            del self._open[task]
            writer.close()

    async def stop(self) -> None:
        """Finish what is being answered, for at most ten seconds, and end the rest."""
        import asyncio

        self._stopping = True
        for task, busy in list(self._open.items()):
            if not busy:
                task.cancel()
        if self._open:
            await asyncio.wait(self._open, timeout=_STOPPED)

    async def _serve(self, reader: "StreamReader", writer: "StreamWriter", task: "Task[None]") -> None:
        import asyncio

        wait = self._slowest
        while not self._stopping:
            try:
                async with asyncio.timeout(wait):
                    request = await read(reader)
            except HttpError as error:
                await self._send(writer, Answer(error.status))
                return
            except TimeoutError:
                return
            if request is None:
                return
            self._open[task] = True
            answer = await self._answered(request)
            stays = request.stays and not self._stopping
            await self._send(writer, answer, stays=stays, bare=request.method == "HEAD")
            self._open[task] = False
            if not stays:
                return
            wait = self._idle

    async def _answered(self, request: Request) -> Answer:
        """In a task of its own: whatever becomes of it, the answer is one, and lets nothing pass that was not judged."""
        import asyncio

        judging: Task[Answer] = asyncio.ensure_future(self._answer(request))
        await asyncio.wait((judging,), timeout=self._slowest)
        if not judging.done():
            judging.cancel()
            _LOG.error(
                "A question was not decided in %s s, and nothing passes for it: identify or the store hangs.",
                self._slowest,
            )
            return _BUSY
        error = judging.exception()
        if error is None:
            return judging.result()
        if isinstance(error, AskedError):
            _LOG.error("A proxy is not set up as it must be, and nothing passes: %s", error)
            return Answer(403)
        _LOG.error("A question could not be decided, and nothing passes for it.", exc_info=error)
        return _BUSY

    async def _send(self, writer: "StreamWriter", answer: Answer, *, stays: bool = False, bare: bool = False) -> None:
        import asyncio

        writer.write(written(answer, stays=stays, bare=bare))
        async with asyncio.timeout(self._slowest):
            await writer.drain()

    def _strange(self, writer: "StreamWriter") -> bool:
        peer = writer.get_extra_info("peername")
        return bool(self._trusted) and not (isinstance(peer, tuple) and holds(self._trusted, peer[0]))
