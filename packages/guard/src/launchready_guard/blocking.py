"""What a server without an event loop needs: rules that run to their end at once, and a body that is read once and seen twice."""

from collections.abc import Awaitable, Callable, Generator
from io import RawIOBase
from typing import Any, TypeVar

_PIECE = 65_536
Result = TypeVar("Result")


class PartialError(OSError):
    """The client left before its body was complete."""


class SlowError(OSError):
    """The body did not arrive in the time the server gives it."""


class OverError(OSError):
    """A body turned out larger than it may be while the app was reading it."""


def done(waiting: Awaitable[Result]) -> Result:
    """The result of an awaitable that never waits. Raises TypeError for one that does."""
    steps: Generator[Any, Any, Any] = waiting.__await__()
    try:
        steps.send(None)
    except StopIteration as ended:
        result: Result = ended.value
        return result
    steps.close()
    raise TypeError(
        "The guard of a WSGI app was given something that waits on an event loop, and there is none. Give identify, tenant and owner "
        "as plain functions, and a store that does not wait: memory, or BlockingRedisStore."
    )


def needs_no_loop(store: Any, **given: Callable[..., Any] | None) -> None:
    """Raise TypeError for what could only run in an event loop."""
    # Loaded here: it is slow to import, and an app that only reads the policy has no use for it.
    from inspect import iscoroutinefunction

    for name, function in given.items():
        if iscoroutinefunction(function) or iscoroutinefunction(type(function).__call__):
            raise TypeError(f"{name} is async, and a WSGI app has no event loop. Give a plain function.")
    if store.waits:
        raise TypeError(
            f"{type(store).__name__} waits on an event loop, and a WSGI app has none. Give a launchready_guard.stores.blocking.BlockingRedisStore."
        )


class WsgiBody(RawIOBase):
    """The body as the app reads it: what the guard has read comes first; ``largest`` is counted while the rest arrives, -1 for any size.

    Ends where ``Content-Length`` says, whatever else stands on the connection; a body that ends earlier is an error, never a shorter body.
    """

    def __init__(self, stream: Any, length: int | None) -> None:
        super().__init__()
        self._stream, self._left = stream, length
        self._held, self._at, self._size = b"", 0, 0
        self.largest, self.over, self.unclear = -1, False, False

    @classmethod
    def of(cls, environ: dict[str, Any]) -> "WsgiBody":
        """The body of a request. ``unclear`` when nobody can say where it ends (RFC 9112, section 6.3)."""
        said = str(environ.get("CONTENT_LENGTH") or "")
        chunked = bool(environ.get("HTTP_TRANSFER_ENCODING"))
        ends = bool(environ.get("wsgi.input_terminated"))
        length = int(said) if said.isascii() and said.isdigit() and len(said) < 16 else 0
        found = cls(environ["wsgi.input"], None if chunked and ends and not said else length)
        found.unclear = chunked and (bool(said) or not ends)
        if not (chunked and ends):
            # Frameworks then tell a body that is cut short from a whole one by its length.
            environ.pop("wsgi.input_terminated", None)
        return found

    async def content(self, largest: int) -> bytes:
        """All of it, or a little more than ``largest`` bytes. Raises :class:`PartialError`, :class:`SlowError`."""
        parts = bytearray()
        while len(parts) <= largest:
            piece = self._next(min(_PIECE, largest + 1 - len(parts)))
            if not piece:
                break
            parts += piece
        self._held, self._at = bytes(parts), 0
        return self._held

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer``. Raises :class:`OverError`, :class:`PartialError`, :class:`SlowError`."""
        if self._at < len(self._held):
            piece = self._held[self._at : self._at + len(buffer)]
            self._at += len(piece)
        else:
            piece = self._next(len(buffer))
            if 0 <= self.largest < self._size:
                self.over = True
                raise OverError("The body is larger than it may be.")
        buffer[: len(piece)] = piece
        return len(piece)

    def _next(self, size: int) -> bytes:
        size = size if self._left is None else min(size, self._left)
        if not size:
            return b""
        try:
            piece: bytes = self._stream.read(size)
        except TimeoutError as error:
            raise SlowError("The body did not arrive in time.") from error
        except OSError as error:
            raise PartialError("The client left before its body was complete.") from error
        if self._left is not None:
            self._left -= len(piece)
            if not piece:
                raise PartialError("The client left before its body was complete.")
        self._size += len(piece)
        return piece
