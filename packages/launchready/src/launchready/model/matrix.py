"""Matrix: which role reaches which endpoint, as designed, as found in source, and as proven by calls."""

from dataclasses import dataclass
from enum import StrEnum


class Reach(StrEnum):
    """How far a role gets: ``allowed``, only to its ``own`` records, only inside its ``tenant``, or ``denied``.

    ``broken`` is a server error. ``unknown`` means that nobody could say: the policy has no reviewed row, the source could not
    be followed, no call decided it.
    """

    ALLOWED = "allowed"
    OWN = "own"
    TENANT = "tenant"
    DENIED = "denied"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One role at one endpoint: as ``designed`` in the policy, as ``found`` in source, as ``proven`` by calls.

    ``others`` is what the calls got of records that are another's, ``foreign`` of those of another tenant. ``identities`` are the
    callers whose calls decided it.
    """

    role: str
    designed: Reach = Reach.UNKNOWN
    found: Reach = Reach.UNKNOWN
    proven: Reach = Reach.UNKNOWN
    others: Reach = Reach.UNKNOWN
    foreign: Reach = Reach.UNKNOWN
    identities: tuple[str, ...] = ()

    @property
    def exceeds(self) -> bool:
        """Whether calls got further than the policy allows."""
        if self.designed is Reach.DENIED:
            return self.proven is Reach.ALLOWED
        if self.designed is Reach.TENANT:
            return self.foreign is Reach.ALLOWED
        return self.designed is Reach.OWN and self.others is Reach.ALLOWED

    @property
    def differs(self) -> bool:
        """Whether two of the three columns disagree on whether the role gets in at all, or calls got further than designed."""
        known = [one for one in (self.designed, self.found, self.proven) if one not in (Reach.UNKNOWN, Reach.BROKEN)]
        return self.exceeds or len({one is Reach.DENIED for one in known}) > 1


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One endpoint (``GET /members/{id}``). ``policy`` is reviewed, review (nobody confirmed the row), or unlisted (there is none)."""

    endpoint: str
    kind: str
    policy: str
    file: str
    line: int
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """``roles`` are the columns, from guest up; ``drafted`` is True when no policy file says what was designed."""

    roles: tuple[str, ...] = ()
    rows: tuple[MatrixRow, ...] = ()
    drafted: bool = False
