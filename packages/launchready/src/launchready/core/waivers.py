"""Accepted risks: a waiver names its finding, its reason, its owner and the day it ends."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase

from launchready.model.check import Outcome
from launchready.model.finding import Finding
from launchready.model.project import Waiver


def apply_waivers(
    outcomes: Sequence[Outcome], waivers: Sequence[Waiver], today: date
) -> tuple[tuple[Outcome, ...], tuple[str, ...]]:
    """Mark the findings that a waiver covers today; also return one note for each waiver that ended or covers nothing."""
    notes: list[str] = []
    live: list[Waiver] = []
    for waiver in waivers:
        if waiver.expires < today:
            notes.append(
                f"the waiver of {waiver.check} on {waiver.target} ended on {waiver.expires}: it counts again "
                f"(ask {waiver.owner})"
            )
        else:
            live.append(waiver)
    used: set[Waiver] = set()

    def mark(finding: Finding) -> Finding:
        for waiver in live:
            if finding.check == waiver.check and fnmatchcase(finding.target, waiver.target):
                used.add(waiver)
                return replace(finding, waived_by=f"{waiver.owner} until {waiver.expires}: {waiver.reason}")
        return finding

    marked = tuple(
        replace(outcome, findings=tuple(mark(finding) for finding in outcome.findings)) for outcome in outcomes
    )
    notes += [
        f"the waiver of {waiver.check} on {waiver.target} covers no finding of this run: remove it if the fault is gone"
        for waiver in live
        if waiver not in used and any(outcome.check == waiver.check and outcome.complete for outcome in outcomes)
    ]
    return marked, tuple(notes)
