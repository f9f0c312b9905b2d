"""What two audits of one app differ in."""

from dataclasses import dataclass

from launchready.model.audit import Audit
from launchready.model.finding import Finding
from launchready.model.words import Status


@dataclass(frozen=True, slots=True)
class Changed:
    """A check that ended otherwise than before; a side is None where the check did not run."""

    check: str
    before: Status | None
    after: Status | None


@dataclass(frozen=True, slots=True)
class Diff:
    """Findings by fingerprint: ``new``, ``gone`` (fixed), ``vanished`` (gone because nobody looked) and ``kept``."""

    before: str
    after: str
    verdicts: tuple[str, str]
    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    vanished: tuple[Finding, ...]
    kept: tuple[Finding, ...]
    changed: tuple[Changed, ...]


def diff(old: Audit, new: Audit) -> Diff:
    """Compare two audits. A finding counts as fixed only when its check ran to the end again."""
    was = {finding.fingerprint: finding for finding in old.findings}
    now = {finding.fingerprint: finding for finding in new.findings}
    complete = {outcome.check for outcome in new.outcomes if outcome.complete}
    missing = [finding for key, finding in was.items() if key not in now]
    before = {outcome.check: outcome.status for outcome in old.outcomes}
    after = {outcome.check: outcome.status for outcome in new.outcomes}
    return Diff(
        old.run,
        new.run,
        (old.verdict.value, new.verdict.value),
        tuple(finding for key, finding in now.items() if key not in was),
        tuple(finding for finding in missing if finding.check in complete),
        tuple(finding for finding in missing if finding.check not in complete),
        tuple(finding for key, finding in now.items() if key in was),
        tuple(
            Changed(check, before.get(check), after.get(check))
            for check in sorted(before.keys() | after.keys())
            if before.get(check) is not after.get(check)
        ),
    )
