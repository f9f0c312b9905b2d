"""What ``git log`` says: which commit changed which file, and what was said with it.

A merge counts for what it made itself: a file that differs from that of every parent (``git log -c``). What it only took over from one side
was changed by a commit of that side, and is told with that one.
"""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from itertools import chain

# What `git log` and `git diff` must be told so that this module can read them.
RAW = ("--raw", "-z", "--no-abbrev", "--no-renames", "--no-relative")
MERGES = ("-c", "--root")
DATE_ORDER = "--date-order"
FORMAT = "--format=%H %cI%n%B"
_CHANGE = (b":", b"\n:")


@dataclass(frozen=True, slots=True)
class Change:
    """A commit that replaced blob ``old`` by ``new`` at ``path``; zeros mean none. A merge has one ``old`` for each parent.

    ``when`` is the ISO commit date.
    """

    commit: str
    when: str
    path: str
    old: tuple[str, ...]
    new: str


@dataclass(frozen=True, slots=True)
class Message:
    """What was said with a commit or a tag. ``of`` is ``commit`` or ``tag``, ``name`` its id or name, ``when`` an ISO date.

    ``id`` is the object that holds the text.
    """

    of: str
    name: str
    when: str
    text: str
    id: str


@dataclass(frozen=True, slots=True)
class Log:
    """Commits, newest first, as git writes them; each question reads them anew, for most searches ask only one or two.

    They stay bytes: one sign of another script in a message would make a text of all of them four times as large, and as slow to take apart.
    ``paths`` holds every blob the commits brought, with the path it had last.
    """

    texts: tuple[bytes, ...] = field(repr=False)
    paths: dict[str, str] = field(repr=False)

    @classmethod
    def read(cls, texts: Iterable[bytes]) -> "Log":
        """What git wrote, one text after another; the paths of one are read while git writes the next."""
        read: list[bytes] = []
        paths: dict[str, str] = {}
        for text in texts:
            read.append(text)
            found: dict[bytes, bytes] = {}
            keep = found.setdefault
            parts = iter(text.split(b"\0"))
            for part in parts:
                if part.startswith(_CHANGE):
                    keep(part.rsplit(b" ", 2)[1], next(parts))
            for name, path in found.items():
                paths.setdefault(name.decode(), _decoded(path))
        return cls(tuple(read), paths)

    def changes(self, blobs: Set[str] | None = None) -> list[Change]:
        """Every change, or those that brought or took away one of ``blobs``."""
        found = []
        wanted = None if blobs is None else {blob.encode() for blob in blobs}
        head = b""
        for part in (parts := self._parts()):
            if not part.startswith(_CHANGE):
                # Between a merge and its changes stands nothing, where other commits have a line's end.
                head = part or head
                continue
            path = next(parts)
            fields = part.split(b" ")
            if wanted is None or not wanted.isdisjoint(fields):
                commit, _, when = head.partition(b"\n")[0].partition(b" ")
                # A mode and an id for each parent and for the result, then the status.
                *old, new = (one.decode() for one in fields[len(fields) // 2 : -1])
                found.append(Change(commit.decode(), when.decode(), _decoded(path), tuple(old), new))
        return found

    def messages(self) -> list[Message]:
        """What was said with each commit."""
        found = []
        for part in (parts := self._parts()):
            if part.startswith(_CHANGE):
                next(parts)
            elif part:
                head, _, text = part.partition(b"\n")
                commit, _, when = head.decode().partition(" ")
                found.append(Message("commit", commit, when, _decoded(text), commit))
        return found

    def _parts(self) -> Iterator[bytes]:
        return chain.from_iterable(text.split(b"\0") for text in self.texts)


def _decoded(said: bytes) -> str:
    return said.decode("utf-8", "surrogateescape")
