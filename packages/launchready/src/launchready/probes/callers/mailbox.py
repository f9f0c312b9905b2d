"""Where letters of the app can be read: a mail sink of ours, a file or folder, a mail catcher, or a page of the app itself."""

import asyncio
import email
import email.policy
import html
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from launchready.model.parsed import json_of
from launchready.model.surface import Endpoint
from launchready.probes.callers.forms import NO_LETTER
from launchready.probes.http import Site

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope
    from aiosmtpd.smtp import Session as SmtpSession

_OUTBOX = re.compile(
    r"/(?:outbox|mailbox|sent[-_]?(?:e?mails?|messages)|letter[-_]?opener|mailhog|mailpit|mailcatcher|dev/e?mails?|debug/e?mails?|test/e?mails?)/?$",
    re.I,
)
# Mailpit, MailHog, MailDev: each lists messages, and two of them want a second call for the text.
_CATCHERS = (("/api/v1/messages", "/api/v1/message/{}"), ("/api/v2/messages", ""), ("/email", ""), ("/messages", "/messages/{}.plain"))  # fmt: skip
WAIT, _STEP = 4.0, 0.25
_NEWEST = 40


class MailError(Exception):
    """The mail sink could not be opened; the message says what to do."""


@dataclass(slots=True)
class Mailbox:
    """``letters`` are those that came to our own sink, as (recipients and text)."""

    outbox: str = ""
    pages: tuple[str, ...] = ()
    site: Site | None = None
    letters: list[str] = field(default_factory=list)
    listening: bool = False

    def __bool__(self) -> bool:
        return bool(self.outbox or self.pages or self.listening)

    def arrived(self) -> int | None:
        """How many letters came to our own sink; None where we have none."""
        return len(self.letters) if self.listening else None

    async def to(self, address: str, wait: float = WAIT) -> list[str]:
        """The texts of letters that name the address, the newest last; waits up to ``wait`` seconds for the first."""
        ends = asyncio.get_running_loop().time() + wait
        while True:
            found = [text for text in await self._all() if address.lower() in text.lower()]
            if found or asyncio.get_running_loop().time() > ends:
                return found
            await asyncio.sleep(_STEP)

    async def count(self, text: str, expected: int = 0, wait: float = WAIT) -> int | None:
        """How many letters hold the text; waits up to ``wait`` seconds for ``expected`` of them. None where no letter at all can be seen,
        since then nothing says that the app's mail comes here."""
        ends = asyncio.get_running_loop().time() + wait
        while True:
            letters = await self._all() if self else []
            found = sum(text.lower() in one.lower() for one in letters)
            if found >= expected or asyncio.get_running_loop().time() > ends:
                return found if letters else None
            await asyncio.sleep(_STEP)

    async def _all(self) -> list[str]:
        found = list(self.letters)
        if self.outbox.startswith(("http://", "https://")):
            found += await _caught(self.outbox)
        elif self.outbox:
            found += await asyncio.to_thread(_written, Path(self.outbox))
        for path in self.pages if self.site else ():
            assert self.site is not None
            exchange = await self.site.send("GET", path)
            found += _split(exchange.text) if exchange.ok else []
        return found


@asynccontextmanager
async def open_mailbox(
    sink: str, outbox: str, root: str, site: Site, endpoints: Sequence[Endpoint]
) -> AsyncIterator[Mailbox]:
    """A mailbox for the length of a run. ``sink`` is a loopback ``host:port``. Raises :class:`MailError` when it is taken."""
    if outbox and not outbox.startswith(("http://", "https://")):
        outbox = str(Path(root, outbox))
    pages = tuple(e.path for e in endpoints if e.method == "GET" and "{" not in e.path and _OUTBOX.search(e.path))
    box = Mailbox(outbox, pages, site)
    if not sink:
        yield box
        return
    from aiosmtpd.smtp import SMTP

    host, _, port = sink.rpartition(":")
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(
            lambda: SMTP(_Sink(box.letters), hostname="launchready", loop=loop, enable_SMTPUTF8=True),
            host.strip("[]"),
            int(port),
        )
    except OSError as error:
        raise MailError(
            f"Opened the mail sink {sink}: {error.strerror or error}. Choose a free port, or name what listens there as outbox."
        ) from error
    box.listening = True
    try:
        yield box
    finally:
        server.close()


class _Sink:
    def __init__(self, letters: list[str]) -> None:
        self._letters = letters

    async def handle_DATA(self, server: "SMTP", session: "SmtpSession", envelope: "Envelope") -> str:
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        self._letters.append("\n".join([*envelope.rcpt_tos, _text(raw)]))
        return "250 OK"


def _text(raw: bytes) -> str:
    """Headers and every text part of a message (RFC 5322, MIME), decoded."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    parts = [f"{name}: {value}" for name, value in message.items() if name.lower() in ("to", "subject")]
    for part in message.walk():
        if part.get_content_maintype() == "text":
            try:
                parts.append(str(part.get_content()))
            except (LookupError, ValueError):
                continue
    return _unescaped("\n".join(parts))


def _written(place: Path) -> list[str]:
    """Letters in a file or in the newest files of a folder."""
    try:
        files = [place] if place.is_file() else [one for one in place.rglob("*") if one.is_file()]
        newest = sorted(files, key=lambda one: one.stat().st_mtime)[-_NEWEST:]
        raws = [one.read_bytes() for one in newest]
    except OSError:
        return []
    found = []
    for raw in raws:
        # Django's file backend writes lines of dashes between messages, mbox writes "From ".
        for part in re.split(rb"(?m)^-{50,}\s*$|^From (?=\S+ \w{3} \w{3})", raw):
            text = part.decode("utf-8", "replace").strip()
            if text.startswith(("{", "[")):
                found += _split(text)
            elif text:
                found.append(_text(part.strip()) if re.match(rb"\s*[\w-]+: ", part) else _unescaped(text))
    return found


async def _caught(url: str) -> list[str]:
    """Letters of a mail catcher, or of whatever JSON or text a URL answers with."""
    parts = urlsplit(url)
    async with Site.open(f"{parts.scheme}://{parts.netloc}") as site:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        ways = ((path, ""),) if parts.path.strip("/") else (*_CATCHERS, (path, ""))
        for listing, one in ways:
            exchange = await site.send("GET", listing)
            if not exchange.ok or (listing != path and "json" not in exchange.content_type):
                continue
            if not one:
                return _split(exchange.text)
            found = []
            for message in _items(json_of(exchange.text))[:_NEWEST]:
                number = message.get("ID", message.get("id")) if isinstance(message, dict) else None
                whole = await site.send("GET", one.format(number))
                found.append(json.dumps(message) + "\n" + _flat(whole.text))
            return found[::-1]
    return []


def _split(text: str) -> list[str]:
    """One text for each letter of a JSON list; otherwise the whole as one."""
    said = json_of(text)
    if said is None:
        return [_unescaped(text)]
    return [_flat(json.dumps(item, ensure_ascii=False)) for item in _items(said)]


def _items(said: Any) -> list[Any]:
    if isinstance(said, dict):
        return next((value for value in said.values() if isinstance(value, list)), [said])
    return said if isinstance(said, list) else [said]


def _flat(text: str) -> str:
    return _unescaped(text.replace("\\n", "\n").replace("\\r", "").replace("\\/", "/").replace('\\"', '"'))


def _unescaped(text: str) -> str:
    return html.unescape(NO_LETTER.sub("", text))
