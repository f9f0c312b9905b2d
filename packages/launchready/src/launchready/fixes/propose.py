"""Asks each fix what it would change, one after the other."""

import re
from collections.abc import Iterable

from launchready.fixes.fix import Fix
from launchready.fixes.subject import Subject
from launchready.fixes.work import Work
from launchready.model.fix import Proposal
from launchready.sources.facts.python import read_python

_SETS_UP = re.compile(r"\b(?:FastAPI|Starlette|Flask)\(|CORSMiddleware|\bMIDDLEWARE\b")


def propose(subject: Subject, fixes: Iterable[Fix]) -> Proposal:
    """What these fixes change, each on top of those before it. Raises :class:`~launchready.config.load.ConfigError` for a broken policy."""
    work = Work(subject.root)
    for fix in fixes:
        work.fix = fix.name
        fix.propose(subject, work)
    work.fix = "all"
    for path in subject.python:
        text = work.text(path)
        if text is None:
            work.hand(path, "It is no UTF-8 text, or too large, so it was neither understood nor changed.")
        elif _SETS_UP.search(text) and read_python(path, text.encode("utf-8")).broken:
            work.hand(path, "It does not parse: only a part of it was understood.")
    return work.proposal
