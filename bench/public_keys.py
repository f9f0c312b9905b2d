"""How many keys that are made to be public we call secret: on real code, by the vendors' own formats. It must be none.

    python bench/public_keys.py PLACE… [--misses]

A PLACE is a folder (such as the ``node_modules`` of an app, its built pages, a documentation site) or a Git repository, bare or not;
nothing of it is kept here. Each vendor's public key is found by what the vendor writes of its format and of the code around it,
apart from what our scanner knows: a finding of ours on such a value is a public key called secret. Values are never printed.
"""

import argparse
import base64
import contextlib
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from launchready.sources.git import Repository
from launchready.sources.secrets.detector import Detector
from launchready.sources.secrets.engine import NotScannedError

_MOST = 5_000_000
# Group 1 is the key. Where one format serves both kinds, the code around it has to say that it is the public one.
PUBLIC = {
    "Algolia search key": r"(?i)(?:docsearch|algolia)[\s\S]{0,200}?\bapi_?key[\"']?\s*[:=]\s*[\"']([0-9a-f]{32})[\"']",
    "Amplitude API key": r"(?i)amplitude[\w.()]*\.init\(\s*[\"']([0-9a-f]{32})[\"']",
    "Braintree client key": r"\b((?:sandbox|production)_[a-z0-9]{8}_[a-z0-9]{16})\b",
    "Clerk publishable key": r"\b(pk_(?:test|live)_[A-Za-z0-9]{20,}\$?)",
    "Datadog client token": r"(?i)client_?token[\"']?\s*[:=]\s*[\"'](pub[0-9a-f]{32})[\"']",
    "Firebase web key": r"(?i)api_?key[\"']?\s*[:=]\s*[\"'](AIza[\w-]{35})[\"'][\s\S]{0,120}?(?:authDomain|projectId|databaseURL)",
    "Google Analytics": r"[\"'](G-[A-Z0-9]{10}|UA-\d{5,10}-\d{1,3})[\"']",
    "Google Maps in a page": r"maps\.googleapis\.com/maps/api/js\?[^\"'\s]*?key=(AIza[\w-]{35})",
    "hCaptcha site key": r"(?i)h-?captcha[\s\S]{0,160}?site_?-?key[\"']?\s*[:=]\s*[\"']([0-9a-f]{8}-[0-9a-f-]{27})[\"']",
    "LaunchDarkly client id": r"(?i)(?:client-?side|ldclient\.initialize\(|LDProvider)[\s\S]{0,60}?[\"']([0-9a-f]{24})[\"']",
    "Mapbox public token": r"\b(pk\.eyJ[\w-]{20,}\.[\w-]{10,})",
    "Mixpanel token": r"(?i)mixpanel\.init\(\s*[\"']([0-9a-f]{32})[\"']",
    "PostHog project key": r"\b(phc_[A-Za-z0-9]{30,})\b",
    "Pusher app key": r"new Pusher\(\s*[\"']([0-9a-f]{20})[\"']",
    "reCAPTCHA site key": r"(?i)(?:site_?-?key|recaptcha/api\.js\?render)[\"']?\s*[:=]\s*[\"']?(6L[\w-]{38})\b",
    "Segment write key": r"analytics\.load\(\s*[\"']([A-Za-z0-9]{32})[\"']",
    "Sentry DSN": r"(https://[0-9a-f]{32}@[\w.-]+/\d+)",
    "Stripe publishable key": r"\b(pk_(?:test|live)_[A-Za-z0-9]{20,})",
    "Supabase anon key": r"\b(eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{20,})",
    "Supabase publishable key": r"\b(sb_publishable_[\w-]{20,})",
    "Turnstile site key": r"(?i)(?:site_?-?key|turnstile)[^\n]{0,40}?[\"'](0x4A{4}[\w-]{14,})[\"']",
}
_COMPILED = {vendor: re.compile(pattern) for vendor, pattern in PUBLIC.items()}
# A file without any of these holds none of them; looking for them is far cheaper.
_MARKS = re.compile(
    rb"(?i)algolia|docsearch|amplitude|sandbox_|production_|pk_(?:test|live)_|AIza|[\"'](?:G-[A-Z0-9]{10}|UA-\d)|captcha|client-?side|ldclient|LDProvider"
    rb"|pk\.eyJ|mixpanel\.init|phc_|new Pusher|site_?-?key|analytics\.load|https://[0-9a-f]{32}@|eyJ[\w-]+\.eyJ|sb_publishable_|client_?token"
)


def keys(text: str) -> Iterator[tuple[str, str]]:
    """Every public key in a text with its vendor."""
    for vendor, pattern in _COMPILED.items():
        for match in pattern.finditer(text):
            if vendor != "Supabase anon key" or _is_anon(match[1]):
                yield vendor, match[1]


def _is_anon(token: str) -> bool:
    part = token.split(".")[1]
    with contextlib.suppress(ValueError):
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return isinstance(claims, dict) and claims.get("role") == "anon"
    return False


def files(place: Path) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file of a folder, or of the newest commit of a bare repository."""
    if (place / "HEAD").is_file():
        opened = Repository(place, "HEAD", shallow=True, partial=True)
        paths: dict[str, str] = {}
        for line in filter(None, opened.run("ls-tree", "-r", "-z", "HEAD").split("\0")):
            (mode, _, blob), path = line.split("\t")[0].split(), line.split("\t", 1)[1]
            if mode.startswith("100"):
                paths.setdefault(blob, path)
        for blob, content in opened.contents(list(paths), _MOST):
            yield paths[blob], content
        return
    for path in sorted(place.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size < _MOST:
            yield path.relative_to(place).as_posix(), path.read_bytes()


def main() -> int:
    """Print a line for each vendor; 1 when a public key is called secret."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("places", nargs="+", type=Path, help="folders and repositories")
    options.add_argument("--misses", action="store_true", help="name each place of a public key that is called secret")
    given = options.parse_args()
    detector = Detector()
    seen: dict[str, set[str]] = defaultdict(set)
    wrong: dict[str, set[str]] = defaultdict(set)
    unread = 0
    for place in given.places:
        for path, content in files(place):
            found = list(keys(content.decode("utf-8", "replace"))) if _MARKS.search(content) else []
            if not found:
                continue
            try:
                hits = detector.scan(path, content)
            except NotScannedError:
                unread += 1
                continue
            for vendor, value in found:
                seen[vendor].add(value)
                for hit in hits:
                    if value in hit.value or hit.value in value:
                        wrong[vendor].add(value)
                        if given.misses:
                            print(f"  {vendor}: {place.name}/{path}:{hit.line} is called {hit.what} ({hit.tier})")
    for vendor in PUBLIC:
        print(f"{vendor:<26} {len(seen[vendor]):>4} keys, {len(wrong[vendor])} called secret")
    total, called = (sum(map(len, one.values())) for one in (seen, wrong))
    print(f"{total} public keys, {called} called secret" + (f"; {unread} files not searched" if unread else ""))
    return 1 if called else 0


if __name__ == "__main__":
    sys.exit(main())
