"""Who called: the address of the client, and nothing a client could make up.

A forwarding header is read only when the peer is a proxy that the policy declares, and only as far as declared proxies vouch for it
(MDN, "X-Forwarded-For", selecting an IP address; OWASP API4:2023). Everything else about it is the caller's own word.
"""

import ipaddress
from collections.abc import Callable

from launchready_guard.networks import PROVIDERS
from launchready_guard.policy.model import Clients

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_SEEN = 4096


class ClientAddress:
    """Finds the client of a request. Addresses of one IPv6 customer (/64) count as one."""

    def __init__(self, clients: Clients) -> None:
        named = [network for one in clients.proxies for network in _networks(one)]
        self._networks = [ipaddress.ip_network(network) for network in named]
        self._hops, self._header = clients.hops, clients.header
        self._trusts = bool(self._networks or self._hops)
        self._known: dict[str, str] = {}

    def of(self, peer: str, header: Callable[[str], str]) -> str:
        """The client's address in its shortest form; the peer's where no proxy speaks for another. Empty when there is no peer."""
        if not self._trusts:
            return self._known.get(peer) or self._short(peer)
        told = [part.strip() for part in header(self._header).split(",") if part.strip()]
        if self._hops:
            # The last entry was written by the proxy next to us, the one before it by the proxy before that.
            return self._short(told[-self._hops] if len(told) >= self._hops else peer)
        at = peer
        while told and self._is_proxy(at):
            at = told.pop()
            if _parsed(at) is None:
                return self._short(peer)
        return self._short(at)

    def _is_proxy(self, text: str) -> bool:
        address = _parsed(text)
        return address is not None and any(address in network for network in self._networks)

    def _short(self, text: str) -> str:
        found = self._known.get(text)
        if found is None:
            address = _parsed(text)
            if isinstance(address, ipaddress.IPv6Address):
                found = str(ipaddress.ip_network((address, 64), strict=False))
            else:
                found = str(address or text)[:64]
            if len(self._known) >= _SEEN:
                self._known.clear()
            self._known[text] = found
        return found


def _networks(said: str) -> tuple[str, ...]:
    provider = PROVIDERS.get(said)
    return provider.networks if provider else (said,)


def _parsed(text: str) -> _Address | None:
    """An address, with the port some proxies add taken off; None when it is none."""
    bare = text.removeprefix("[").partition("]")[0] if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
