"""A loopback proxy that passes bytes on untouched and writes down what it saw, so that the requests of two tools are counted the same way.

Nothing is mended or refused on the way: a body that is cut short or a header that is no header reaches the app as it was sent.
"""

import asyncio
import re
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

LARGEST = 1 << 18
_HEAD, _LONGEST_HEAD = 1 << 17, 8192
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.I)
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")


@dataclass(slots=True)
class Call:
    """One request as it went over the wire. ``status`` is 0 when the app closed the connection without an answer, and -1 when
    the caller left before there was one, or when the connection had served others before: servers close those when they like
    (RFC 9112, section 9.5). ``body`` is cut at ``LARGEST`` bytes; ``at`` is seconds of a monotonic clock."""

    method: str
    target: str
    head: bytes
    at: float
    first: bool = True
    body: bytearray = field(default_factory=bytearray)
    status: int = -1

    @property
    def broken(self) -> bool:
        """Whether the app answered with a server error, or not at all. Heads longer than servers read are refused by closing."""
        return self.status >= 500 or (self.status == 0 and len(self.head) < _LONGEST_HEAD)


class _Framing:
    """Cuts one direction of a connection into messages (RFC 9112, section 6): hands out heads, and bytes of bodies."""

    def __init__(self, answers: bool) -> None:
        self._answers, self._held, self._left, self._chunked, self._open = answers, bytearray(), 0, False, False

    def feed(self, data: bytes, asked: "deque[Call]") -> Iterator[tuple[bytes, bytes]]:
        """Pairs of a head and a part of a body, one of them empty. ``asked`` are the calls that wait for an answer."""
        self._held += data
        while self._held:
            if self._open or self._left:
                part = bytes(self._held if self._open else self._held[: self._left])
                del self._held[: len(part)]
                self._left -= 0 if self._open else len(part)
                yield b"", part
            elif self._chunked:
                size, found, _ = self._held.partition(b"\r\n")
                if not found:
                    return
                del self._held[: len(size) + 2]
                if size.strip() == b"":
                    continue
                try:
                    self._left = int(size.split(b";")[0], 16)
                except ValueError:
                    self._open = True
                    continue
                self._chunked = self._left > 0
            else:
                end = self._held.find(b"\r\n\r\n")
                if end < 0 and len(self._held) < _HEAD:
                    return
                head = bytes(self._held[: end + 4 if end >= 0 else len(self._held)])
                del self._held[: len(head)]
                if head.strip():
                    self._measure(head, asked)
                    yield head, b""

    def _measure(self, head: bytes, asked: "deque[Call]") -> None:
        length = _LENGTH.search(head)
        self._chunked = _CHUNKED.search(head) is not None
        self._left = int(length[1]) if length and not self._chunked else 0
        if self._answers:
            status = int(found[1]) if (found := _STATUS.match(head)) else 0
            if status in (101, 204, 304) or status < 200 or (asked and asked[0].method == "HEAD"):
                self._left, self._chunked = 0, False
                self._open = status == 101
            else:
                self._open = not length and not self._chunked


class Wire:
    """The proxy: ``url`` is where callers go, ``calls`` what went through so far."""

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self.calls: list[Call] = []
        self.url = ""
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @classmethod
    @contextmanager
    def before(cls, upstream: int) -> Iterator["Wire"]:
        """A proxy in front of the app at the loopback port ``upstream``, in a thread of its own."""
        wire = cls(upstream)
        wire._thread.start()
        wire._ready.wait(10)
        try:
            yield wire
        finally:
            wire._loop.call_soon_threadsafe(wire._loop.stop)
            wire._thread.join(10)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._take, "127.0.0.1", 0, backlog=512))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        self._loop.run_forever()
        server.close()
        while left := asyncio.all_tasks(self._loop):
            for task in left:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The end of the run cancels what is still open; the server would print that as an error.
        with suppress(asyncio.CancelledError):
            await self._handle(reader, writer)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked: deque[Call] = deque()
        try:
            upstream = await asyncio.open_connection("127.0.0.1", self._upstream)
        except OSError:
            self.calls.append(Call("?", "", b"", time.monotonic(), status=0))
            writer.close()
            return
        going = asyncio.create_task(self._requests(reader, upstream[1], asked))
        try:
            await self._answers(upstream[0], writer, asked)
            if not going.done() or not reader.at_eof():
                for call in asked:
                    call.status = 0 if call.first else -1
        finally:
            going.cancel()
            for one in (writer, upstream[1]):
                one.close()

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: "deque[Call]") -> None:
        framing, now, first = _Framing(answers=False), Call("?", "", b"", 0.0), True
        while data := await _some(reader):
            for head, part in framing.feed(data, asked):
                if head:
                    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
                    now = Call(words[0], " ".join(words[1:-1]), head, time.monotonic(), first)
                    first = False
                    self.calls.append(now)
                    asked.append(now)
                elif len(now.body) < LARGEST:
                    now.body += part[: LARGEST - len(now.body)]
            if not await _pass(writer, data):
                return
        try:
            writer.write_eof()
        except OSError:
            return

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: "deque[Call]") -> None:
        framing = _Framing(answers=True)
        while data := await _some(reader):
            for head, _ in framing.feed(data, asked):
                found = _STATUS.match(head) if head else None
                if found and int(found[1]) >= 101 and asked:
                    asked.popleft().status = int(found[1])
            await _pass(writer, data)


async def _some(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(1 << 16)
    except OSError:
        return b""


async def _pass(writer: asyncio.StreamWriter, data: bytes) -> bool:
    try:
        writer.write(data)
        await writer.drain()
    except OSError:
        return False
    return True
