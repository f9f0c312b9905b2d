"""What an answer of a burst says about a limit: refused for coming too often, slowed down, dropped, or counted in a header.

429 and ``Retry-After``: RFC 6585, RFC 9110 (10.2.3). ``RateLimit`` and ``RateLimit-Policy``: draft-ietf-httpapi-ratelimit-headers; the
``X-RateLimit-`` headers before it are those of GitHub, express-rate-limit, Laravel and flask-limiter.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from statistics import median

from launchready.probes.callers.captcha import CAPTCHA
from launchready.probes.exchange import Exchange

_TOO_OFTEN = re.compile(
    r"too many|rate[- _]?limit|slow(?:ing)? down|throttl|try again (?:later|in|after)|temporarily (?:blocked|disabled|suspended|locked)|"
    r"(?:attempts|requests) (?:exceeded|remaining: 0)|exceeded .{0,30}(?:attempts|requests|limit)|zu viele|trop de",
    re.I,
)
_LOCKED = re.compile(
    r"(?:account|user|login)[^.<]{0,40}(?:is |been |was )?(?:locked|blocked|suspended|disabled)|locked out", re.I
)
_WAIT = re.compile(
    r"(?:in|for|after|wait)\s+(?:about\s+)?(\d+)\s*(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:ours?)?)\b", re.I
)
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
# Statuses that apps and proxies answer with instead of 429; each counts only where the same call got another one before.
_INSTEAD = frozenset((403, 418, 420, 423, 444, 503, 509))
_REMAINING = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")
# `"10-in-1min"; r=9; t=60`, or without a name `limit=10, remaining=9`.
_LEFT = re.compile(r'(?:"([^"]*)"[^,]*?)?\br(?:emaining)?=(\d+)')
_QUOTA = ("ratelimit-limit", "x-ratelimit-limit", "x-rate-limit-limit")
_RESET = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
# An answer this many times slower than the first ones, and by this many seconds, was held back on purpose.
_SLOWER, _BY = 4.0, 0.6
_FIRST, _LAST = 3, 2
# What a header announces is a limit up to here; who may come more often is not slowed down by it.
LARGEST_TOLD = 100


@dataclass(frozen=True, slots=True)
class Stopped:
    """A refusal for coming too often: ``how`` in words, ``wait`` in seconds (0 when it did not say), ``locked`` that the account is said to be locked,
    ``slow`` that calls are answered, and held back."""

    how: str
    wait: float = 0.0
    locked: bool = False
    slow: bool = False


def stopped(exchange: Exchange, usual: Exchange | None) -> Stopped | None:
    """Why an answer is a limit, None when it is none. ``usual`` is what the same call got before, None for the first of all."""
    text = exchange.text[:4000]
    if exchange.away:
        # Whoever ends a visitor's calls still listens to those of others.
        return None
    if exchange.error:
        return Stopped("no answer any more") if usual is not None and not usual.error else None
    usual_text = usual.text[:4000] if usual is not None else ""
    locked = bool(_LOCKED.search(text)) and not _LOCKED.search(usual_text)
    wait = wait_of(exchange)
    if exchange.status == 429:
        return Stopped("429", wait, locked)
    if locked:
        return Stopped(f"{exchange.status}: the account is locked", wait, True)
    changed = usual is None or exchange.status != usual.status
    if exchange.header("retry-after") and not exchange.ok and changed and not any(_left(exchange).values()):
        return Stopped(f"{exchange.status} with Retry-After", wait)
    if _TOO_OFTEN.search(text) and not _TOO_OFTEN.search(usual_text):
        return Stopped(f'{exchange.status} with the words "{_words(_TOO_OFTEN, text)}"', wait)
    if usual is not None and CAPTCHA.search(text) and not CAPTCHA.search(usual_text):
        return Stopped("it asks for a captcha", wait)
    # Of a field of GraphQL the status is read from its words, which say no for many reasons.
    if usual is not None and changed and exchange.status in _INSTEAD and exchange.real.status == exchange.status:
        return Stopped(f"{exchange.status} instead of {usual.status}", wait)
    return None


def slowed(seconds: Sequence[float]) -> Stopped | None:
    """Whether the answers were held back more and more: a tarpit. ``seconds`` are how long each took, in their order."""
    if len(seconds) < _FIRST + _LAST + 1:
        return None
    first, last = median(seconds[:_FIRST]), min(seconds[-_LAST:])
    if last > first * _SLOWER and last > first + _BY:
        return Stopped(f"answers are held back, {last:.1f} s instead of {first:.1f} s,", slow=True)
    return None


def wait_of(exchange: Exchange) -> float:
    """The seconds an answer asks to wait for: by Retry-After, by its reset headers, or by its words; 0 when it does not say."""
    said = exchange.header("retry-after").strip()
    if said.isdigit():
        return float(said)
    if said:
        try:
            return max(parsedate_to_datetime(said).timestamp() - time.time(), 0.0)
        except ValueError:
            pass
    if found := re.search(r"\bt=(\d+)", exchange.header("ratelimit")):
        return float(found[1])
    for name in _RESET:
        if (value := exchange.header(name).strip()).isdigit():
            # Some give the moment, and not the seconds until then.
            return max(float(value) - (time.time() if float(value) > 1e8 else 0.0), 0.0)
    if found := _WAIT.search(exchange.text[:2000]):
        return float(found[1]) * _UNITS[found[2][0].lower()]
    return 0.0


def told(exchanges: Sequence[Exchange]) -> str:
    """The limit that headers announce and count down while the burst goes on, in words; empty when there is none, or it is no limit."""
    left = [_left(exchange) for exchange in exchanges]
    for name in left[-1] if left else ():
        counted = [one[name] for one in left if name in one]
        if len(counted) < 2 or counted[-1] >= counted[0]:
            continue
        # Of several limits the headers name each by itself, or the nearest.
        most = _quota(exchanges[-1], name) or counted[0] + 1
        if most <= LARGEST_TOLD:
            return f"{most}{_window(exchanges[-1], name)} by its headers"
    return ""


def quota(exchange: Exchange) -> str:
    """The limit that the headers of an answer name: "5 in 60 s"; empty when they name none."""
    most = _quota(exchange)
    return f"{most}{_window(exchange)}" if most else ""


def window_of(exchange: Exchange) -> float:
    """The seconds that the limit of an answer counts, as its headers name them; 0 when they do not."""
    found = re.search(r"\d+(?= s$)", _window(exchange))
    return float(found[0]) if found else 0.0


def first_number(announced: str) -> int:
    """The number of calls in what :func:`quota` told, 0 when it told nothing."""
    found = re.match(r"\d+", announced)
    return int(found[0]) if found else 0


def _left(exchange: Exchange) -> dict[str, int]:
    """How many calls are left, by the name of the limit that headers tell; empty names are those of headers that know of one limit only."""
    found = {name: int(value) for name, value in _LEFT.findall(_all(exchange, "ratelimit"))}
    plain = [int(value) for name in _REMAINING if (value := exchange.header(name).strip()).isdigit()]
    return found | ({"": min(plain)} if plain else {})


def _quota(exchange: Exchange, limit: str = "") -> int:
    said = ", ".join(_of_limit(_all(exchange, name), limit) for name in ("ratelimit-policy", "ratelimit"))
    found = [int(value) for value in re.findall(r"\b(?:q|limit)=(\d+)", said)]
    found += [int(value[0]) for name in _QUOTA if (value := re.match(r"\d+", exchange.header(name).strip()))]
    return min(found, default=0)


def _all(exchange: Exchange, name: str) -> str:
    return ", ".join(exchange.headers.get(name, ()))


def _of_limit(said: str, limit: str) -> str:
    """The items of a header that are about one limit, all where it has no name."""
    return ", ".join(one for one in said.split(",") if not limit or one.strip().startswith(f'"{limit}"'))


def _window(exchange: Exchange, limit: str = "") -> str:
    policy = _of_limit(_all(exchange, "ratelimit-policy"), limit)
    found = re.search(r"\bw=(\d+)", f"{policy} {exchange.header('ratelimit-limit')}")
    return f" in {found[1]} s" if found else ""


def _words(pattern: re.Pattern[str], text: str) -> str:
    """What stands there, to the end of the sentence or so."""
    found = re.search(rf"(?:{pattern.pattern})[^.<>\"{{}}]{{0,30}}", text, re.I)
    return " ".join(found[0].split()) if found else ""
