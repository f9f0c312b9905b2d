"""What a limiter counts by, read off the function or the words that make its key."""

import re

ACCOUNT, ADDRESS = "account", "address"
_ADDRESS = re.compile(r"remote_?addr|ipaddr|\bip\b|client\.host|forwarded|real_?ip|ipKeyGenerator", re.I)
_ACCOUNT = re.compile(r"json|body|form|data|email|user|login|account|post:|POST|get_jwt|session", re.I)


def counts(text: str) -> str:
    """``account`` or ``address``; empty when the words tell neither. Whoever is named in a body is counted, also where an address goes into the key."""
    if _ACCOUNT.search(text):
        return ACCOUNT
    return ADDRESS if _ADDRESS.search(text) else ""
