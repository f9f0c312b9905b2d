"""Apps that take a write from their own pages alone, known by ``Origin`` (RFC 6454): which pages these are is asked of the app itself."""

import re

from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange

_ASKS = re.compile(
    r"\borigin\b[^.<]{0,60}(?:not (?:allowed|trusted|permitted|valid|match)|invalid|missing|required|forbidden|mismatch|null)"
    r"|(?:invalid|missing|untrusted|unknown|forbidden|null|disallowed)[ _-](?:\w+[ _-])?origin\b|\b(?:origin|referer) check(?:ing)? failed"
    r"|cross-?(?:site|origin) (?:request|post|form)s?[^.<]{0,60}(?:forbidden|blocked|not allowed|denied|rejected)",
    re.I,
)
_REFUSES = frozenset((400, 401, 403, 419))
# Where the pages of an app are on a developer's machine: Next.js and Create React App, Vite, Angular, Vue CLI, and what serves them built.
_PORTS = (3000, 5173, 4200, 8080, 3001, 8000, 5000)
_HOSTS = ("localhost", "127.0.0.1")


def asks_for_origin(exchange: Exchange) -> bool:
    """Whether a refusal is about the page that a request came from."""
    return exchange.status in _REFUSES and bool(_ASKS.search(exchange.text[:3000].replace("_", " ")))


async def learn_origin(caller: Caller, method: str, path: str) -> bool:
    """Find the origin that the app takes writes from, by sending ``{}`` from each until the refusal is about something else; every write
    goes out with it from then on. What a browser forbids pages to say of themselves, any other program may say."""
    site = caller.site
    if site.writes_from:
        return False
    for origin in dict.fromkeys((site.origin, *(f"http://{host}:{port}" for port in _PORTS for host in _HOSTS))):
        told = await caller.send("OPTIONS", path, headers=_asking(origin, method)) if origin != site.origin else None
        if told is not None and told.header("access-control-allow-origin") != origin:
            continue
        answer = await caller.send(method, path, json={}, headers={"Origin": origin, "Referer": f"{origin}/"})
        if not answer.error and not asks_for_origin(answer):
            site.writes_from = origin
            return True
    return False


def _asking(origin: str, method: str) -> dict[str, str]:
    """The headers of a preflight (Fetch, "CORS-preflight request")."""
    return {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"}
