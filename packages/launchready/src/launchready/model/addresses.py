"""Web addresses as others write them: a redirect, a link, a setting. Not all of them are addresses."""

import re
from urllib.parse import SplitResult, urljoin, urlsplit

_NONE = SplitResult("", "", "", "", "")


def parts_of(url: str, base: str = "") -> SplitResult:
    """The parts of an address, seen from ``base`` where it is relative; all empty for what is none, such as ``http://[::1`` or port 99999."""
    try:
        parts = urlsplit(urljoin(base, url))
        _ = parts.port  # is read only when it is asked for
    except ValueError:
        return _NONE
    return parts


def without_userinfo(url: str) -> str:
    """An address without the name and password that may stand before its host (RFC 3986, 3.2.1)."""
    return re.sub(r"^([A-Za-z][\w+.-]*://)[^/?#]*@", r"\1", url)


def is_web(url: str) -> bool:
    """Whether this is the whole address of something on the web."""
    parts = parts_of(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
