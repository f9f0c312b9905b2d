"""Counters and deliveries in Redis, shared by all processes of an app (extra ``redis``).

One script counts, by Redis' own clock, so that processes with wrong clocks agree and no two count at once. While Redis is away this process counts
by itself, more strictly where guessing pays: the app never answers with an error for it, and no limit is off.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from launchready_guard.limiter import EXACT, Count
from launchready_guard.policy.model import Limit
from launchready_guard.stores.memory import MemoryStore

_LOG = logging.getLogger("launchready.guard")
_RETRY = 1.0
TIMEOUT = 0.25
# The same sliding window as launchready_guard.limiter: KEYS[1] the counter; ARGV count, seconds, up to how many are remembered each. Gives within, what is left, milliseconds to wait.
COUNT = """
local now = redis.call('TIME')
local seconds = tonumber(now[1]) + tonumber(now[2]) / 1000000
local most, span = tonumber(ARGV[1]), tonumber(ARGV[2])
if most <= tonumber(ARGV[3]) then
  local times = redis.call('LRANGE', KEYS[1], 0, -1)
  local fresh = 0
  for number = 1, #times do if tonumber(times[number]) > seconds - span then fresh = number end end
  if fresh >= most then return {0, 0, math.ceil((tonumber(times[most]) + span - seconds) * 1000)} end
  redis.call('LPUSH', KEYS[1], string.format('%.6f', seconds))
  redis.call('LTRIM', KEYS[1], 0, most - 1)
  redis.call('EXPIRE', KEYS[1], span + 1)
  local oldest = fresh > 0 and tonumber(times[fresh]) or seconds
  return {1, most - fresh - 1, math.ceil((oldest + span - seconds) * 1000)}
end
local at = seconds / span
local index = math.floor(at)
local gone = at - index
local kept = redis.call('HMGET', KEYS[1], 'i', 'c', 'b')
local i, current, before = tonumber(kept[1] or index), tonumber(kept[2] or 0), tonumber(kept[3] or 0)
if i ~= index then
  if i == index - 1 then before = current else before = 0 end
  current = 0
end
local room = most - 1
local weight = before * (1 - gone) + current
if weight > room then
  local wait
  if before > 0 and current <= room then wait = math.max(1 - (room - current) / before - gone, 0)
  elseif current > 0 then wait = 1 - gone + math.max(1 - room / current, 0)
  else wait = 1 - gone end
  return {0, 0, math.ceil(wait * span * 1000)}
end
redis.call('HSET', KEYS[1], 'i', index, 'c', current + 1, 'b', before)
redis.call('EXPIRE', KEYS[1], span * 2 + 1)
return {1, math.floor(room - weight), math.ceil((1 - gone) * span * 1000)}
"""


class Fallback:
    """What this process counts by itself while Redis is away, and since when it is."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self.memory = clock, MemoryStore(clock=clock)
        self._away_until = float("-inf")

    @property
    def away(self) -> bool:
        """Whether Redis failed a moment ago: it is left alone then, so that requests do not queue for it."""
        return self._clock() < self._away_until

    def failed(self, error: BaseException) -> None:
        """Redis could not be reached."""
        self._away_until = self._clock() + _RETRY
        _LOG.warning("the store of the limits cannot be reached; this process counts alone: %s", type(error).__name__)

    def counter(self, name: str, limit: Limit, strict: bool) -> Callable[[str], Count]:
        """What counts in this process alone, more strictly where guessing pays."""
        if strict:
            limit = Limit(max(limit.count // 2, 1), limit.seconds, limit.per)
        return self.memory.counter(name, limit)


def arguments(limit: Limit) -> list[int]:
    """What the script is told of a limit."""
    return [limit.count, limit.seconds, EXACT]


def count_of(found: Any) -> Count:
    """What the script says."""
    return Count(bool(found[0]), int(found[1]), int(found[2]) / 1000)


class RedisStore:
    """``client`` is a ``redis.asyncio.Redis``; :meth:`at` makes one. ``prefix`` keeps several apps apart in one Redis."""

    waits: Literal[True] = True

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
    ) -> "RedisStore":
        """A store at an address such as ``redis://cache:6379/0``. It connects at the first request, and an answer may take so many ``seconds``."""
        from redis.asyncio import Redis

        client = Redis.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=None)
        return cls(client, prefix, clock)

    async def close(self) -> None:
        """Let go of the connections, when the app ends."""
        await self._client.aclose()

    def counter(self, name: str, limit: Limit, strict: bool = False) -> Callable[[str], Awaitable[Count]]:
        """What counts an attempt of a key, in this process while Redis is away."""
        alone, given = self._alone.counter(name, limit, strict), arguments(limit)

        async def count(key: str) -> Count:
            found = await self._asked(lambda: self._script(keys=[f"{self._prefix}{name}:{key}"], args=given))
            return alone(key) if found is None else count_of(found)

        return count

    async def begin(self, key: str, seconds: int) -> bool:
        """Whether a delivery is new; while Redis is away, whether this process has seen it."""
        found = await self._asked(lambda: self._client.set(f"{self._prefix}seen:{key}", 1, nx=True, ex=seconds))
        fresh = self._alone.memory.begin(key, seconds)
        # Redis says nothing for a key that was there, which is not the same as being away.
        return fresh if found is None and self._alone.away else bool(found)

    async def end(self, key: str, *, taken: bool) -> None:
        """Forget a delivery that the app did not take."""
        self._alone.memory.end(key, taken=taken)
        if not taken:
            await self._asked(lambda: self._client.delete(f"{self._prefix}seen:{key}"))

    async def _asked(self, question: Callable[[], Awaitable[Any]]) -> Any:
        """Redis' answer; None while it is away."""
        from redis.exceptions import RedisError

        if self._alone.away:
            return None
        try:
            return await question()
        except (RedisError, OSError, TimeoutError) as error:
            self._alone.failed(error)
            return None
