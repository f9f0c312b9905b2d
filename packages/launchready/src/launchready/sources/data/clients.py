"""The address and the public key with which pages call a data service: out of scripts, as built or as written, and of environment files."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from launchready.model.parsed import jwt_part

_JWT = r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+"
_MADE = re.compile(
    rf"createClient\w*\s*(?:<[^()]*>)?\(\s*[\"'`](https?://[^\"'`\s]+)[\"'`]\s*,\s*[\"'`]({_JWT}|sb_publishable_[\w-]+)[\"'`]"
)
_HOSTED = re.compile(r"https://[a-z0-9-]+\.supabase\.(?:co|in)\b")
_KEY = re.compile(rf"(?<![\w.-])({_JWT}|sb_publishable_[\w-]+)")
_URL_SET = re.compile(r"SUPABASE_URL[\"']?\s*[:=]\s*[\"'`]?(https?://[^\s\"'`,;]+)")
_KEY_SET = re.compile(
    rf"SUPABASE_(?:ANON|PUBLISHABLE)(?:_DEFAULT)?_KEY[\"']?\s*[:=]\s*[\"'`]?({_JWT}|sb_publishable_[\w-]+)"
)
_TABLE = re.compile(r"(?<!storage)\.from\(\s*[\"'`](\w+)[\"'`]\s*\)")
_BUCKET = re.compile(r"storage\s*\.from\(\s*[\"'`]([\w.-]+)[\"'`]\s*\)")


@dataclass(frozen=True, slots=True)
class Client:
    """``url`` of the service without a slash at its end, ``key`` that every visitor has, and the ``place`` that shows both.

    ``tables`` and ``buckets`` are those that the same texts name.
    """

    url: str
    key: str
    place: str
    tables: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()


def find_client(texts: Iterable[tuple[str, str]]) -> Client | None:
    """The first client of these (place, text) pairs, None when none shows both an address and a public key."""
    found: tuple[str, str, str] | None = None
    tables: set[str] = set()
    buckets: set[str] = set()
    for place, text in texts:
        if "supabase" not in text.lower() and "createClient" not in text:
            continue
        tables.update(_TABLE.findall(re.sub(r"storage\s*\.from", "storage_from", text)))
        buckets.update(_BUCKET.findall(text))
        found = found or _both(place, text)
    if found is None:
        return None
    return Client(found[0].rstrip("/"), found[1], found[2], tuple(sorted(tables)), tuple(sorted(buckets)))


def _both(place: str, text: str) -> tuple[str, str, str] | None:
    for match in _MADE.finditer(text):
        if _is_public(match[2]):
            return match[1], match[2], place
    url = _URL_SET.search(text) or _HOSTED.search(text)
    key = next((one for one in (*_KEY_SET.findall(text), *_KEY.findall(text)) if _is_public(one)), None)
    return (url[url.lastindex or 0], key, place) if url and key else None


def _is_public(key: str) -> bool:
    """Whether a key is one that visitors are meant to have: a service key must not be used by us."""
    if key.startswith("sb_publishable_"):
        return True
    return bool(jwt_part(key, 1).get("role") == "anon")
