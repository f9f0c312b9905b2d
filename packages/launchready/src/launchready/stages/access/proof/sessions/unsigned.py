"""Sessions that say who one is and that nobody signed: a name, an address or a number, plain, as JSON, in Base64 or hashed (CWE-565, CWE-302)."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, unquote

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.model.parsed import json_of
from launchready.probes.callers.caller import Caller
from launchready.stages.access.proof.sessions.carried import Carried, opened_by

_IDS = re.compile(r"^(?:user_?|account_?|member_?)?(?:id|uuid|pk)$", re.I)
_NUMBER = re.compile(r"\d{1,9}")
_BESIDE = 3
_HASHES = ("md5", "sha1", "sha256")
_MOST = 12
# What is wrapped in what, as when a cookie with Base64 in it is quoted for the header.
_DEPTH = 2
Way = tuple[Callable[[str], str | None], Callable[[str], str]]


async def prove_unsigned(ground: Ground, caller: Caller, part: Carried) -> None:
    """Put what everybody may know of another account of ours in the place of the caller's own, and try the door."""
    ground.count(Harm.TOKEN)
    other = next((one for one in ground.callers if one is not caller and one.person), None)
    if other is None or not await _as_another(ground, caller, other, part):
        await _counted(ground, caller, part)


async def _as_another(ground: Ground, caller: Caller, other: Caller, part: Carried) -> bool:
    made = dict.fromkeys(as_other(part.token, known_of(caller), known_of(other)))
    for token in list(made)[:_MOST]:
        exchange = await opened_by(ground, part.alone(caller, token))
        if exchange is None:
            continue
        what = f"The {'cookie' if part.cookie else 'header'} {part.name}"
        as_them = other.person is not None and any(sign in exchange.text.lower() for sign in other.person.signs)
        answered = f", and is answered as {other.name}" if as_them else ""
        ground.alarm(
            Alarm(
                Harm.TOKEN,
                "site",
                "Anyone can sign in as anyone: the session only says who one is, and nobody signed it",
                f"{what} holds what everybody may know of {caller.name}, with no secret in it. The same made for {other.name}, who did not sign in for it, "
                f"opens {exchange.path}{answered}.",
                shown(("a session of our own making", exchange)),
                key=f"unsigned {part.name}",
            )
        )
        return True
    return False


async def _counted(ground: Ground, caller: Caller, part: Carried) -> None:
    """Whether the session is a number, such as that of the account, and one beside it opens a door for who signed in as nobody."""
    if not _NUMBER.fullmatch(part.token):
        return
    ours = {one.cookies.get(part.name) or one.headers.get(part.name) for one in ground.callers}
    own = int(part.token)
    beside = [str(own + step) for step in (1, -1, 2, -2, 3) if own + step > 0]
    for token in [one for one in beside if part.value.replace(part.token, one) not in ours][:_BESIDE]:
        exchange = await opened_by(ground, part.alone(caller, token))
        if exchange is None:
            continue
        ground.alarm(
            Alarm(
                Harm.TOKEN,
                "site",
                "Anyone can sign in as anyone: the session is a number that counts up, and nobody signed it",
                f"The {'cookie' if part.cookie else 'header'} {part.name} of {caller.name} is {part.token}. With {token}, for which nobody signed in, {exchange.path} opens as well.",
                shown(("a session of our own making", exchange)),
                key=f"unsigned {part.name}",
            )
        )
        return


def as_other(token: str, own: dict[str, str], other: dict[str, str], depth: int = _DEPTH) -> Iterator[str]:
    """The token with what is known of one person replaced by the same of another, in every way in which it holds any of it.

    ``own`` and ``other`` are the values by what they are: address, name, ids. A token that holds something else as well keeps it.
    """
    for name, value in own.items():
        if name in other:
            yield from _replaced(token, value, other[name])
    for decode, encode in _WAYS if depth else ():
        inner = decode(token)
        if inner is not None:
            yield from (encode(one) for one in as_other(inner, own, other, depth - 1))


def _replaced(text: str, value: str, by: str) -> Iterator[str]:
    """A text that is the value, its hash, or has it as a part of its own or as a value of its JSON."""
    if text == value:
        yield by
    for kind in _HASHES:
        if text == hashlib.new(kind, value.encode(), usedforsecurity=False).hexdigest():
            yield hashlib.new(kind, by.encode(), usedforsecurity=False).hexdigest()
    said = json_of(text) if text[:1] in ("{", "[") else None
    if said is not None:
        changed = _in_json(said, value, by)
        if changed != said:
            yield json.dumps(changed)
    elif text != value and re.search(rf"(?<![\w@.]){re.escape(value)}(?![\w@.])", text):
        yield re.sub(rf"(?<![\w@.]){re.escape(value)}(?![\w@.])", lambda _: by, text)


def _in_json(said: Any, value: str, by: str) -> Any:
    if isinstance(said, dict):
        return {name: _in_json(one, value, by) for name, one in said.items()}
    if isinstance(said, list):
        return [_in_json(one, value, by) for one in said]
    if isinstance(said, bool):
        return said
    if isinstance(said, int) and str(said) == value:
        return int(by) if by.isdecimal() else by
    return by if said == value else said


def known_of(caller: Caller) -> dict[str, str]:
    """What everybody may know of an account: its address, its name, its number."""
    person = caller.person
    found = {"email": person.email, "username": person.username} if person else {}
    for name, values in caller.facts.items():
        if _IDS.match(name) and len(values) == 1:
            found[name.lower()] = next(iter(values))
    return {name: value for name, value in found.items() if value}


def _unquoted(text: str) -> str | None:
    plain = unquote(text)
    return plain if plain != text else None


def _from_base64(text: str) -> str | None:
    try:
        plain = base64.b64decode(
            text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True
        ).decode()
    except (ValueError, binascii.Error):
        return None
    return plain if plain.isprintable() and plain else None


def _from_hex(text: str) -> str | None:
    try:
        plain = bytes.fromhex(text).decode() if text.isalnum() else ""
    except ValueError:
        return None
    return plain if plain.isprintable() and plain else None


_WAYS: tuple[Way, ...] = (
    (_unquoted, lambda text: quote(text, safe="")),
    (_from_base64, lambda text: base64.b64encode(text.encode()).decode()),
    (_from_hex, lambda text: text.encode().hex()),
)
