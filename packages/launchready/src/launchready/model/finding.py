"""Finding: a failed check on one target, written for the person who must act on it."""

import hashlib
from dataclasses import dataclass

from launchready.model.evidence import Evidence
from launchready.model.words import Confidence, Impact, Severity

_SEVERITIES = tuple(Severity)
_IMPACTS = tuple(Impact)
_CONFIDENCES = tuple(Confidence)


@dataclass(frozen=True, slots=True)
class Finding:
    """What could happen to customers, where, how we know and what to do.

    ``target`` is ``GET /members/{id}``, a file relative to the source root, a host or mail domain, ``site`` for the running
    app as a whole, a log file, ``git`` or ``handover``. ``title`` says what happens to customers, not which rule
    fired. ``reproduction`` is a command anyone can run, secrets by variable. ``hours`` is the estimated time to fix.
    ``key`` tells several findings of one check on one target apart, and holds nothing that moves with lines.
    """

    check: str
    target: str
    title: str
    severity: Severity
    confidence: Confidence
    impact: Impact
    roadmap: tuple[str, ...]
    detail: str = ""
    evidence: tuple[Evidence, ...] = ()
    reproduction: str = ""
    fix: str = ""
    hours: float = 1.0
    key: str = ""
    fingerprint: str = ""
    waived_by: str = ""

    def __post_init__(self) -> None:
        if not self.fingerprint:
            identity = "\0".join((self.check, self.target, self.key))
            object.__setattr__(self, "fingerprint", hashlib.sha256(identity.encode()).hexdigest()[:16])

    @property
    def rank(self) -> tuple[int, bool, int, int, str, str, str]:
        """Sort key: blockers first, what is only suspected after what is sure, then by whom it hurts and how sure we are; ties by check and
        target."""
        return (
            _SEVERITIES.index(self.severity),
            self.confidence is Confidence.SUSPECTED,
            _IMPACTS.index(self.impact),
            _CONFIDENCES.index(self.confidence),
            self.check,
            self.target,
            self.key,
        )

    @property
    def counts(self) -> bool:
        """Whether it decides anything: neither waived nor only suspected."""
        return not self.waived_by and self.confidence is not Confidence.SUSPECTED

    @property
    def blocks(self) -> bool:
        """Whether it alone makes the verdict NO-GO."""
        return self.counts and self.severity is Severity.BLOCKER
