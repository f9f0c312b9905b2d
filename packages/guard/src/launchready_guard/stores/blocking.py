"""Counters and deliveries in Redis for apps without an event loop: the same keys and the same script as :mod:`launchready_guard.stores.redis`."""

import time
from collections.abc import Callable
from typing import Any, Literal

from launchready_guard.limiter import Count
from launchready_guard.policy.model import Limit
from launchready_guard.stores.redis import COUNT, TIMEOUT, Fallback, arguments, count_of


class BlockingRedisStore:
    """``client`` is a ``redis.Redis``; :meth:`at` makes one. ``prefix`` keeps several apps apart in one Redis."""

    waits: Literal[False] = False

    def __init__(self, client: Any, prefix: str = "launchready:", clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._prefix = client, prefix
        self._alone = Fallback(clock)
        self._script = client.register_script(COUNT)

    @classmethod
    def at(
        cls,
        url: str,
        prefix: str = "launchready:",
        seconds: float = TIMEOUT,
        clock: Callable[[], float] = time.monotonic,
    ) -> "BlockingRedisStore":
        """A store at an address such as ``redis://cache:6379/0``. It connects at the first request, and an answer may take so many ``seconds``."""
        from redis import Redis

        return cls(
            Redis.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=None), prefix, clock
        )

    def close(self) -> None:
        """Let go of the connections, when the app ends."""
        self._client.close()

    def counter(self, name: str, limit: Limit, strict: bool = False) -> Callable[[str], Count]:
        """What counts an attempt of a key, in this process while Redis is away."""
        alone, given = self._alone.counter(name, limit, strict), arguments(limit)

        def count(key: str) -> Count:
            found = self._asked(lambda: self._script(keys=[f"{self._prefix}{name}:{key}"], args=given))
            return alone(key) if found is None else count_of(found)

        return count

    def begin(self, key: str, seconds: int) -> bool:
        """Whether a delivery is new; while Redis is away, whether this process has seen it."""
        found = self._asked(lambda: self._client.set(f"{self._prefix}seen:{key}", 1, nx=True, ex=seconds))
        fresh = self._alone.memory.begin(key, seconds)
        # Redis says nothing for a key that was there, which is not the same as being away.
        return fresh if found is None and self._alone.away else bool(found)

    def end(self, key: str, *, taken: bool) -> None:
        """Forget a delivery that the app did not take."""
        self._alone.memory.end(key, taken=taken)
        if not taken:
            self._asked(lambda: self._client.delete(f"{self._prefix}seen:{key}"))

    def _asked(self, question: Callable[[], Any]) -> Any:
        """Redis' answer; None while it is away."""
        from redis.exceptions import RedisError

        if self._alone.away:
            return None
        try:
            return question()
        except (RedisError, OSError) as error:
            self._alone.failed(error)
            return None
