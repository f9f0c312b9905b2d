"""What ``git log`` says: which commit changed which file, and what was said with it.

A merge counts for what it made itself: a file that differs from that of every parent (``git log -c``). What it only took over from one side
was changed by a commit of that side, and is told with that one.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass, field

# What `git log` and `git diff` must be told so that this module can read them.
RAW = ("--raw", "-z", "--no-abbrev", "--no-renames", "--no-relative")
MERGES = ("-c", "--root")
DATE_ORDER = "--date-order"
FORMAT = "--format=%H %cI%n%B"
_CHANGE = (":", "\n:")


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
    """Commits, newest first, as git writes them; each question reads them anew, for most searches ask only one or two."""

    text: str = field(repr=False)

    def paths(self) -> dict[str, str]:
        """Every blob the commits brought, with the path it had last."""
        found: dict[str, str] = {}
        for _, change, path in self._read():
            found.setdefault(change.rsplit(" ", 2)[1], path)
        return found

    def changes(self, blobs: Set[str] | None = None) -> list[Change]:
        """Every change, or those that brought or took away one of ``blobs``."""
        found = []
        for head, change, path in self._read():
            fields = change.split(" ")
            # A mode and an id for each parent and for the result, then the status.
            ids = fields[len(fields) // 2 : -1]
            if blobs is None or not blobs.isdisjoint(ids):
                commit, _, when = head.partition("\n")[0].partition(" ")
                found.append(Change(commit, when, path, tuple(ids[:-1]), ids[-1]))
        return found

    def messages(self) -> list[Message]:
        """What was said with each commit."""
        found = []
        parts = iter(self.text.split("\0"))
        for part in parts:
            if part.startswith(_CHANGE):
                next(parts)
            elif part:
                head, _, text = part.partition("\n")
                commit, _, when = head.partition(" ")
                found.append(Message("commit", commit, when, text, commit))
        return found

    def _read(self) -> Iterator[tuple[str, str, str]]:
        """What stands over a commit, one of its changes, and the path of that."""
        head = ""
        parts = iter(self.text.split("\0"))
        for part in parts:
            if part.startswith(_CHANGE):
                yield head, part, next(parts)
            elif part:
                # Between a merge and its changes stands nothing, where other commits have a line's end.
                head = part
