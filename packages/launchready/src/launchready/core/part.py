"""A verdict on a part of an audit, and what of it could not be asked."""

from collections.abc import Collection

from launchready.model.audit import Audit
from launchready.model.check import Gap
from launchready.model.words import Confidence, Decision, Status


def part_verdict(audit: Audit, checks: Collection[str], gaps: tuple[Gap, ...]) -> Decision:
    """NO-GO for anything of these checks that counts; INCOMPLETE while something was not asked or a person must look."""
    found = [finding for finding in audit.findings if finding.check in checks and not finding.waived_by]
    if any(finding.counts for finding in found):
        return Decision.NO_GO
    crashed = any(outcome.status is Status.ERROR for outcome in audit.outcomes)
    suspected = any(finding.confidence is Confidence.SUSPECTED for finding in found)
    return Decision.INCOMPLETE if gaps or crashed or suspected else Decision.GO


def part_gaps(audit: Audit) -> list[tuple[str, Gap]]:
    """(check, gap) of everything that was not asked; a check that did not run at all is one gap."""
    found = []
    for outcome in audit.outcomes:
        gaps = outcome.gaps
        if outcome.status in (Status.NOT_CHECKED, Status.ERROR):
            gaps = (Gap(outcome.check, outcome.reason, outcome.give),)
        found += [(outcome.check, gap) for gap in gaps]
    return found
