"""Findings as a person works through them: one row per thing to fix, however many checks saw it."""

from collections.abc import Sequence
from dataclasses import dataclass

from launchready.model.audit import Audit
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Severity

_SURE = tuple(Confidence)
_SEVERE = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Row:
    """The finding that says it best, and the others about the same target that share a roadmap line with it."""

    number: int
    finding: Finding
    also: tuple[Finding, ...] = ()

    @property
    def weight(self) -> str:
        """How heavy it weighs, in words: what is only suspected blocks nothing, and must not look as if it did."""
        severity = self.finding.severity
        return "possible blocker" if severity is Severity.BLOCKER and not self.finding.blocks else severity.value

    @property
    def shade(self) -> str:
        """The severity whose colour it gets: red is for what stops the launch."""
        return Severity.HIGH.value if self.weight == "possible blocker" else self.finding.severity.value

    @property
    def checks(self) -> str:
        """``LR201, LR102``."""
        return ", ".join(dict.fromkeys((self.finding.check, *(other.check for other in self.also))))

    @property
    def places(self) -> str:
        """``POST /login, POST /api/login``: the targets of the row, the first three by name."""
        targets = tuple(dict.fromkeys((self.finding.target, *(other.target for other in self.also))))
        return ", ".join(targets[:3]) + (f" and {len(targets) - 3} more" if len(targets) > 3 else "")


def rows(audit: Audit) -> list[Row]:
    """Every finding that is not waived, worst first, those about one thing together."""
    groups: list[list[Finding]] = []
    for finding in audit.findings:
        if finding.waived_by:
            continue
        group = next((group for group in groups if _same(group[0], finding)), None)
        if group is None:
            groups.append([finding])
        else:
            group.append(finding)
    return [_row(number, group) for number, group in enumerate(groups, 1)]


def _same(one: Finding, other: Finding) -> bool:
    if one.check == other.check and one.title == other.title:
        return True
    if _alike(one, other):
        return True
    # Files and hosts carry several unrelated problems; an endpoint that is open is one problem.
    return one.target == other.target and " /" in one.target and bool(set(one.roadmap) & set(other.roadmap))


def _alike(one: Finding, other: Finding) -> bool:
    """Whether two findings differ in nothing but the place, and have one cause more often than not.

    A key in three files is one key to change, and thirty endpoints that break on the same request have one handler of errors. An open
    endpoint that blocks the launch is one of its own.
    """
    if (one.check, one.severity, one.confidence) != (other.check, other.severity, other.confidence):
        return False
    if one.severity is Severity.BLOCKER and " /" in one.target:
        return False
    return bool(one.target) and one.title.replace(one.target, "") == other.title.replace(other.target, "")


def _row(number: int, group: Sequence[Finding]) -> Row:
    best = min(
        group, key=lambda finding: (_SEVERE.index(finding.severity), _SURE.index(finding.confidence), finding.rank)
    )
    return Row(number, best, tuple(finding for finding in group if finding is not best))
