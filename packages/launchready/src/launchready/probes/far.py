"""Whether an app answers a stranger only because the stranger sits on its own machine.

A loopback target is called again from another loopback address and with the headers a proxy would add (RFC 7239 and what came before
it), naming an address of TEST-NET-3 (RFC 5737). An app that trusts ``127.0.0.1`` refuses then, as it would refuse customers.
"""

import ipaddress

import aiohttp

from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away
from launchready.probes.http import USER_AGENT, Site

_FROM = "127.0.0.2"
_CUSTOMER = "203.0.113.9"
_HEADERS = {
    "X-Forwarded-For": _CUSTOMER,
    "X-Real-IP": _CUSTOMER,
    "Forwarded": f"for={_CUSTOMER}",
    "User-Agent": USER_AGENT,
}
_SECONDS = 10.0


async def only_here(site: Site, exchange: Exchange) -> bool:
    """Whether a GET that was answered is refused to the same stranger from elsewhere; False when that cannot be tried."""
    try:
        if not ipaddress.IPv4Address("127.0.0.1" if site.host == "localhost" else site.host).is_loopback:
            return False
    except ValueError:
        return False
    site.requests += 1
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    connector = aiohttp.TCPConnector(local_addr=(_FROM, 0))
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(exchange.url, headers=_HEADERS, allow_redirects=False) as response,
        ):
            headers = {name.lower(): tuple(response.headers.getall(name)) for name in response.headers}
            body = await response.content.read(65_536)
    except (aiohttp.ClientError, OSError, ValueError):
        return False
    return turned_away(Exchange("GET", exchange.url, exchange.path, response.status, headers, body)) or (
        response.status == 404
    )
