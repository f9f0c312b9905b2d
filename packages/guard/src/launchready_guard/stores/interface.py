"""What keeps counters and remembers deliveries. One store serves one guard; its memory is bounded whatever callers send."""

from collections.abc import Awaitable, Callable
from typing import Literal, Protocol

from launchready_guard.limiter import Count
from launchready_guard.policy.model import Limit


class Store(Protocol):
    """Counters of attempts in this process, or of a server that answers at once."""

    waits: Literal[False]

    def counter(self, name: str, limit: Limit, strict: bool) -> Callable[[str], Count]:
        """What counts an attempt of a key under the limit called ``name``; ``strict`` tightens it while the store cannot be reached."""
        ...


class WaitingStore(Protocol):
    """Counters whose answers have to be waited for on an event loop."""

    waits: Literal[True]

    def counter(self, name: str, limit: Limit, strict: bool) -> Callable[[str], Awaitable[Count]]:
        """As that of :class:`Store`."""
        ...


class Deliveries(Protocol):
    """Which webhooks were delivered before."""

    def begin(self, key: str, seconds: int) -> bool | Awaitable[bool]:
        """Whether this is the first time in ``seconds``; from now on it is not."""
        ...

    def end(self, key: str, *, taken: bool) -> Awaitable[None] | None:
        """The app took it, or did not: then its sender may try again."""
        ...
