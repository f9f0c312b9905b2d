"""What keeps counters and remembers deliveries. One store serves one guard; its memory is bounded whatever callers send."""

from collections.abc import Awaitable
from typing import Protocol

from launchready_guard.limiter import Count
from launchready_guard.policy.model import Limit


class Store(Protocol):
    """Counters of attempts. ``waits`` says that they are asked by :meth:`count`, since they are not in this process."""

    waits: bool

    def hit(self, name: str, key: str, limit: Limit, strict: bool) -> Count:
        """Count an attempt of ``key`` under the limit called ``name``; ``strict`` tightens it while the store cannot be reached."""
        ...

    async def count(self, name: str, key: str, limit: Limit, strict: bool) -> Count:
        """As :meth:`hit`."""
        ...


class Deliveries(Protocol):
    """Which webhooks were delivered before."""

    def begin(self, key: str, seconds: int) -> bool | Awaitable[bool]:
        """Whether this is the first time in ``seconds``; from now on it is not."""
        ...

    def end(self, key: str, *, taken: bool) -> Awaitable[None] | None:
        """The app took it, or did not: then its sender may try again."""
        ...
