"""What the app mails: tokens out of letters and answers, and what a few of them have in common."""

import asyncio
import re
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.bodies import fields_of
from launchready.probes.callers.caller import Person
from launchready.probes.callers.mailbox import WAIT, Mailbox
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.sessions.guessable import is_short, why_guessable

MAIL = 'mail_sink = "127.0.0.1:1025" or outbox = "…" in [environments.NAME]'
TOKEN = re.compile(r"token|code|otp|\bkey\b|hash|secret|nonce", re.I)
_HOLDS = re.compile(r"token|code|otp|link|url|reset|invit|href", re.I)
_NOT = re.compile(r"csrf|xsrf|status|error|country|zip|postal", re.I)
_IN_LINK = re.compile(r"[?&/](?:\w*(?:token|code|key|hash|t)=)([\w.~%-]{4,})", re.I)
_LAST_PART = re.compile(r"/([\w.~-]{12,})/?(?:[\s\"'<>]|$)")
# In a page only links that speak of it: pages are full of files, versions and other addresses.
_IN_PAGE = re.compile(
    r"/[\w./-]*(?:reset|invit|passw|confirm|activat)[\w.-]*(?:/|\?(?:[\w=&%.-]*&)?\w*(?:token|code|key|hash|t)=)([\w.~%-]{8,})(?=[\s\"'<>&]|$)",
    re.I,
)
_CLOCKS, _STEP = 5.0, 0.25


@dataclass(slots=True)
class Letters:
    """What the app sent to people of ours, where their mail can be read; nothing where it cannot."""

    mail: Mailbox | None
    _known: dict[str, set[str]] = field(default_factory=dict)

    async def mark(self, address: str) -> None:
        """Take what is there for an address as old."""
        self._known[address] = set(await self.mail.to(address, 0)) if self.mail else set()

    async def newest(self, address: str) -> str:
        """The letter that came since the mark, waited for a little; empty when none came."""
        ends = time.monotonic() + WAIT
        while self.mail and time.monotonic() < ends:
            for text in reversed(await self.mail.to(address, 0)):
                if text not in self._known.get(address, set()):
                    return text
            await asyncio.sleep(_STEP)
        return ""


def tokens_of(text: str, said: Any, person: Person) -> list[str]:
    """What a letter or an answer holds that looks like a token: fields named so, and links. The likeliest first."""
    found: list[str] = []
    for name, value in leaves(said) if said is not None else ():
        if not isinstance(value, str | int) or isinstance(value, bool) or not _HOLDS.search(name) or _NOT.search(name):
            continue
        value = str(value)
        if value in (person.email, person.username) or " " in value:
            found += _IN_LINK.findall(value)
        elif "/" in value:
            found += _IN_LINK.findall(value) or _LAST_PART.findall(value)
        elif len(value) >= 4 and TOKEN.search(name) and re.search(r"\d|[A-Za-z0-9_-]{16}", value):
            found.append(value)
    if said is None:
        found += _IN_LINK.findall(text) or _LAST_PART.findall(text)
        found += re.findall(r"(?<![\w@.-])(\d{4,8})(?![\w@.-])", text) if not found else []
    return [one for one in dict.fromkeys(found) if "@" not in one]


@dataclass(frozen=True, slots=True)
class Mailed:
    """A token, empty when none was seen; the answer to asking for it, and when that was; whether the answer itself held it."""

    token: str
    answer: Exchange
    moment: float
    told: bool = False


async def found_in(exchange: Exchange, person: Person, letters: Letters) -> Mailed:
    """The token of the answer itself, else that of the letter it brought."""
    said = parsed(exchange)
    if said is None:
        found = [one for one in _IN_PAGE.findall(exchange.text) if re.search(r"\d", one)]
    else:
        found = tokens_of(exchange.text, said, person)
    if exchange.ok and found:
        return Mailed(found[0], exchange, moment_of(exchange), told=True)
    text = await letters.newest(person.email) if exchange.ok else ""
    found = tokens_of(text, None, person) if text else []
    return Mailed(found[0] if found else "", exchange, moment_of(exchange))


def compare(ground: Ground, endpoint: Endpoint, made: list[Mailed], facts: list[str], what: str) -> None:
    """Raise an alarm where tokens of mail that was made one after the other can be guessed, from each other or from ``facts`` about the account."""
    tokens = [one.token for one in made]
    why = why_guessable(tokens, facts, [one.moment for one in made])
    if not why and not is_short(tokens):
        return
    ground.alarm(
        Alarm(
            Harm.RESET,
            endpoint.name,
            f"{what} can be guessed: {why}" if why else f"{what} may be guessed: it has {len(tokens[0])} characters",
            f"{len(tokens)} tokens that were made one after the other were compared."
            if why
            else "When tries are not limited for one account, all of them can be tried.",
            shown(*(("makes a token", one.answer) for one in made)),
            Confidence.CERTAIN if why else Confidence.SUSPECTED,
            "guessable",
        )
    )


def takes_token(endpoint: Endpoint) -> bool:
    """Whether an endpoint takes what a letter brings: a token, a code or a key."""
    return any(TOKEN.search(field.name) for field in fields_of(endpoint)) or bool(
        re.search(r"\{[^}]*(?:token|code|key|id)[^}]*\}", endpoint.path, re.I)
    )


def moment_of(exchange: Exchange) -> float:
    """The server's clock when it answered; ours, which is finer, when the two agree or the server does not say."""
    ours = time.time()
    try:
        theirs = parsedate_to_datetime(exchange.header("date")).timestamp()
    except (ValueError, TypeError):
        return ours
    return ours if abs(theirs - ours) < _CLOCKS else theirs
