"""The words that a run has sent, kept beside its copy of the database: by them a row is known as its own, or as somebody else's."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote_plus

_TOKEN = re.compile(r"[^\W_]{3,64}")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
# So much of a body is read, and so many words are kept.
_READ, _MOST = 200_000, 200_000
_SHORTEST = 8
# RFC 5321, 4.5.3.1: what stands before an @, and behind it.
_BEFORE, _BEHIND, _MOST_MAILS = 64, 256, 1000
# What is written in one piece, and the words of it.
_CHUNK, _LETTERS = re.compile(r"[^\s\"'`<>{}\[\](),;]+"), re.compile(r"[^\W\d_]+")
_SHORT, _LONG = 4, 24


class Sent:
    """What was sent so far, in small letters; ``file`` holds what an earlier run sent as well, and is written as it goes. ``names`` are those of
    addresses, ``files`` says that a file was sent."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.words, self.mails, self.files = set[str](), set[str](), False
        if file.exists():
            for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
                (self.mails if "@" in line else self.words).add(line)
        self.names = _names(self.mails)

    def hear(self, line: str, headers: Mapping[str, str], body: bytes) -> None:
        """Note one request, before it is sent: method and path, headers, body."""
        kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
        text = body[:_READ].decode("utf-8", "replace")
        if "urlencoded" in kind:
            text = unquote_plus(text)
        elif "multipart" in kind:
            self.files = self.files or "filename=" in text
        self.note(unquote_plus(line), text, *headers.values())

    def note(self, *texts: str) -> None:
        """Note texts of the run."""
        text = _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), " ".join(texts)).lower()
        mails, words = _mails(text) - self.mails, set(_TOKEN.findall(text)) - self.words
        if len(self.words) > _MOST or not (mails or words):
            return
        self.mails |= mails
        self.names |= _names(mails)
        self.words |= words
        lines = [f"{one}\n" for one in (*mails, *words)]
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, "".join(lines).encode("utf-8", "replace"))
        finally:
            os.close(descriptor)

    def signs(self, texts: Iterable[str]) -> set[str]:
        """Which words of these texts may be the run's alone: the names it gave its people, and what is drawn at random."""
        found = set[str]()
        for text in texts:
            small = text.lower()
            found.update(name for name in self.names if name in small)
            found.update(word for word in _TOKEN.findall(small) if word in self.words and _drawn(word))
        return found

    def unsent(self, text: str) -> set[str]:
        """The words of a text, as people write them, that this run never sent."""
        return {word for word in people_words(text) if word not in self.words}


def people_words(text: str) -> set[str]:
    """The words of a text that somebody may have written, in small letters. What holds a digit, or letters large and small as they come, is a
    key, a token or a date."""
    found = set[str]()
    for chunk in _CHUNK.findall(text):
        parts = _LETTERS.findall(chunk)
        if not any(one.isdigit() for one in chunk) and all(
            one.islower() or one.isupper() or one.istitle() for one in parts
        ):
            found.update(one.lower() for one in parts if _SHORT <= len(one) <= _LONG)
    return found


def _mails(text: str) -> set[str]:
    """The addresses in a text. Looked for around each @, since a text of one long word has none and takes as many looks as it has letters."""
    found, at = set[str](), text.find("@")
    for _ in range(_MOST_MAILS):
        if at < 0:
            break
        found.update(_MAIL.findall(text[max(0, at - _BEFORE) : at + _BEHIND]))
        at = text.find("@", at + 1)
    return found


def _names(mails: Iterable[str]) -> set[str]:
    """What stands before the @, where it is long enough to be nobody else's."""
    return {name for mail in mails if len(name := mail.partition("@")[0]) >= _SHORTEST}


def _drawn(word: str) -> bool:
    return len(word) >= _SHORTEST and not word.isalpha() and not word.isdigit()
