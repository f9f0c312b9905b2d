"""What a browser does with a file that a site serves (WHATWG MIME Sniffing; Content Security Policy Level 3)."""

import re

from launchready.probes.exchange import Exchange

_PAGES = frozenset(("text/html", "application/xhtml+xml", "image/svg+xml"))
_XML = re.compile(r"^(?:text|application)/xml$|\+xml$")
# Without a kind, or with one of these, a browser tells the kind by the first bytes.
_UNKNOWN = frozenset(("", "unknown/unknown", "application/unknown", "*/*"))
_HTML = re.compile(rb"^[\t\n\x0c\r ]*<(?:!doctype html|html|head|script|iframe|body|svg)\b", re.I)
_INLINE = re.compile(r"'unsafe-inline'")
_STRICT = re.compile(r"'(?:nonce-|sha(?:256|384|512)-|strict-dynamic)")


def runs_script(exchange: Exchange) -> bool:
    """Whether opening this address runs an inline script of the file in the site's own origin."""
    if not exchange.ok or _to_keep(exchange) or not _policy_lets_run(exchange):
        return False
    kind = exchange.content_type
    if kind in _PAGES:
        return True
    if _XML.search(kind):
        return b"http://www.w3.org/1999/xhtml" in exchange.body or b"http://www.w3.org/2000/svg" in exchange.body
    if kind in _UNKNOWN and exchange.header("x-content-type-options").lower() != "nosniff":
        return bool(_HTML.search(exchange.body)) and b"<svg" not in exchange.body[:200].lower()
    return False


def how_served(exchange: Exchange) -> str:
    """In words: as what, and with what a browser is told about it."""
    kept = exchange.header("content-disposition")
    parts = [exchange.content_type or "no kind", f"Content-Disposition: {kept}" if kept else "no Content-Disposition"]
    return ", ".join((*parts, "nosniff" if exchange.header("x-content-type-options") else "no nosniff"))


def _to_keep(exchange: Exchange) -> bool:
    """Whether the browser saves the file and does not show it."""
    said = exchange.header("content-disposition").split(";")[0].strip().lower()
    return bool(said) and said != "inline"


def _policy_lets_run(exchange: Exchange) -> bool:
    """Whether every policy that came along lets an inline script run with the origin of the site."""
    for line in exchange.headers.get("content-security-policy", ()):
        for policy in line.split(","):
            rules = {
                words[0].lower(): " ".join(words[1:]) for rule in policy.split(";") if (words := rule.strip().split())
            }
            sandbox = rules.get("sandbox")
            if sandbox is not None and not ("allow-scripts" in sandbox and "allow-same-origin" in sandbox):
                return False
            names = ("script-src-elem", "script-src", "default-src")
            sources = next((rules[name] for name in names if name in rules), None)
            if sources is not None and (not _INLINE.search(sources) or _STRICT.search(sources)):
                return False
    return True
