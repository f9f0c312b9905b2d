"""The files as the fixes leave them: each fix reads what those before it wrote, so that their changes never collide."""

import ast
from pathlib import Path

from launchready.model.fix import ByHand, Change, Proposal
from launchready.sources.facts.python import read_python
from launchready.sources.tree import LARGEST


class Work:
    """Collects what fixes propose. Nothing is written to the disk."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._now: dict[str, bytes] = {}
        self._changes: list[Change] = []
        self._by_hand: list[ByHand] = []
        self.fix = ""

    def text(self, file: str) -> str | None:
        """A file as it is by now; None when there is none, or when it is no UTF-8 text that could be given back byte for byte."""
        content = self._bytes(file)
        try:
            return None if content is None else content.decode("utf-8")
        except UnicodeDecodeError:
            return None

    def put(self, file: str, text: str, why: str) -> bool:
        """Propose a new text for a file. False, and a line for a person, when it would not be the same language any more."""
        before, after = self._bytes(file), text.encode("utf-8")
        if before == after:
            return True
        if not self._inside(file):
            self.hand(file, f"{why} The file lies outside of the project, or is a link, and was left alone.")
            return False
        if file.endswith(".py") and not _parses(file, before, after):
            self.hand(file, f"{why} What it would become does not parse, so it was left alone.")
            return False
        self._now[file] = after
        self._changes.append(Change(self.fix, file, why, before, after))
        return True

    def hand(self, place: str, why: str, *lines: str) -> None:
        """Say what a person must write, and where."""
        self._by_hand.append(ByHand(self.fix, place, why, lines))

    def exists(self, file: str) -> bool:
        """Whether there is such a file by now."""
        return file in self._now or (self._root / file).exists()

    def wrote(self, fix: str) -> bool:
        """Whether a fix has proposed anything."""
        return any(change.fix == fix for change in self._changes)

    @property
    def proposal(self) -> Proposal:
        """What was proposed so far."""
        return Proposal(tuple(self._changes), tuple(self._by_hand))

    def _bytes(self, file: str) -> bytes | None:
        if file in self._now:
            return self._now[file]
        path = self._root / file
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
            return None
        try:
            return path.read_bytes()
        except OSError:
            return None

    def _inside(self, file: str) -> bool:
        path = self._root / file
        return not path.is_symlink() and path.resolve().is_relative_to(self._root.resolve())


def _parses(file: str, before: bytes | None, after: bytes) -> bool:
    """Whether a file is no worse than it was, by Python itself or, for syntax newer than the running one, by the reader of facts."""
    try:
        ast.parse(after)
    except (SyntaxError, ValueError):
        return before is not None and not _sound(before) and not read_python(file, after).broken
    return True


def _sound(content: bytes) -> bool:
    try:
        ast.parse(content)
    except (SyntaxError, ValueError):
        return False
    return True
