"""What keeps counters and remembers deliveries. One store serves one guard; its memory is bounded whatever callers send."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from launchready_guard.limiter import Count
from launchready_guard.policy.model import Limit


class Store(Protocol):
    """Counters of attempts. ``waits`` says that their answers have to be waited for, since they are not in this process."""

    waits: bool

    def counter(self, name: str, limit: Limit, strict: bool) -> Callable[[str], Count | Awaitable[Count]]:
        """What counts an attempt of a key under the limit called ``name``; ``strict`` tightens it while the store cannot be reached."""
        ...


class Deliveries(Protocol):
    """Which webhooks were delivered before."""

    def begin(self, key: str, seconds: int) -> bool | Awaitable[bool]:
        """Whether this is the first time in ``seconds``; from now on it is not."""
        ...

    def end(self, key: str, *, taken: bool) -> Awaitable[None] | None:
        """The app took it, or did not: then its sender may try again."""
        ...
