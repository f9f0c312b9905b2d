"""Providers that stand in front of apps: their address ranges, and the header in which they say who called.

Cloudflare publishes its ranges at https://www.cloudflare.com/ips/ and the header in its documentation on HTTP headers.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """``networks`` in CIDR notation; ``header`` in small letters."""

    networks: tuple[str, ...]
    header: str


PROVIDERS = {
    "cloudflare": Provider(
        (
            "173.245.48.0/20",
            "103.21.244.0/22",
            "103.22.200.0/22",
            "103.31.4.0/22",
            "141.101.64.0/18",
            "108.162.192.0/18",
            "190.93.240.0/20",
            "188.114.96.0/20",
            "197.234.240.0/22",
            "198.41.128.0/17",
            "162.158.0.0/15",
            "104.16.0.0/13",
            "104.24.0.0/14",
            "172.64.0.0/13",
            "131.0.72.0/22",
            "2400:cb00::/32",
            "2606:4700::/32",
            "2803:f800::/32",
            "2405:b500::/32",
            "2405:8100::/32",
            "2a06:98c0::/29",
            "2c0f:f248::/32",
        ),
        "cf-connecting-ip",
    ),
    "loopback": Provider(("127.0.0.0/8", "::1/128"), "x-forwarded-for"),
}


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def holds(networks: Iterable[Network], address: str) -> bool:
    """Whether an address is of one of these networks; one written as IPv6 that is IPv4 counts as such."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return any((mapped or found) in network for network in networks)
