"""Change: what a fix makes of one file; ByHand: what only a person can do; Proposal: all of it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Change:
    """What one fix makes of one file. ``before`` is None for a file that is new; ``why`` is one sentence."""

    fix: str
    file: str
    why: str
    before: bytes | None = field(repr=False)
    after: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ByHand:
    """A place that was not understood, or that only a person can decide: ``lines`` are to be written there."""

    fix: str
    place: str
    why: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """All that was proposed, in the order in which it builds on each other."""

    changes: tuple[Change, ...] = ()
    by_hand: tuple[ByHand, ...] = ()

    def of(self, fix: str) -> "Proposal":
        """The part of one fix."""
        return Proposal(
            tuple(one for one in self.changes if one.fix == fix), tuple(one for one in self.by_hand if one.fix == fix)
        )

    @property
    def files(self) -> dict[str, tuple[bytes | None, bytes]]:
        """Every file with what it is and what it would be, in the order of their names."""
        found: dict[str, tuple[bytes | None, bytes]] = {}
        for one in self.changes:
            found[one.file] = (found[one.file][0] if one.file in found else one.before, one.after)
        return {file: found[file] for file in sorted(found)}
