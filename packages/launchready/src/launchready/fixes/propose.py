"""Asks each fix what it would change, one after the other."""

from collections.abc import Iterable

from launchready.fixes.fix import Fix
from launchready.fixes.subject import Subject
from launchready.fixes.work import Work
from launchready.model.fix import Proposal


def propose(subject: Subject, fixes: Iterable[Fix]) -> Proposal:
    """What these fixes change, each on top of those before it. Raises :class:`~launchready.config.load.ConfigError` for a broken policy."""
    work = Work(subject.root)
    for fix in fixes:
        work.fix = fix.name
        fix.propose(subject, work)
    return work.proposal
