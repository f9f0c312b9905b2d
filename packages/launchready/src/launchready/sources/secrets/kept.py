"""How it is kept what a search of a history found. Loaded only where something is kept: to read and write it takes longer than to begin a search."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

import msgspec

from launchready.sources.secrets.detector import Hit


class Spot(msgspec.Struct, frozen=True, array_like=True):
    """A hit without its value. All of one number held the same value, so that it is read once."""

    number: int
    tier: str
    what: str
    line: int
    money: bool
    test_mode: bool
    signing: bool
    lines: tuple[int, ...]
    span: tuple[int, int]

    def hit(self, value: str) -> Hit:
        """The hit with its value again."""
        return Hit(
            self.tier, self.what, self.line, value, self.money, self.test_mode, self.signing, self.lines, self.span
        )


class Kept(msgspec.Struct, array_like=True):
    """All that is kept: digests of what is clean, spots by the digest of what holds some, and how many values were told apart."""

    clean: bytes
    held: dict[bytes, tuple[Spot, ...]]
    numbers: int


def read(path: Path) -> Kept:
    """What a file keeps; nothing when there is none yet, or one we may not read."""
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError):
        return Kept(b"", {}, 0)


def written(kept: Kept) -> bytes:
    """The bytes of such a file."""
    return msgspec.msgpack.encode(kept)


@cache
def detector() -> str:
    """What searches: with other rules a clean version may hold something."""
    digest = hashlib.blake2b(version("kingfisher-secret-scanner").encode(), digest_size=8)
    package = Path(__file__).parent
    for file in sorted([*package.glob("*.py"), *package.glob("*.yaml"), Path(__file__).parent.parent / "places.py"]):
        digest.update(file.read_bytes())
    return digest.hexdigest()
