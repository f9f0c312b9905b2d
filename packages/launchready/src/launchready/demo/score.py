"""How many of the planted faults an audit found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from launchready.demo.faults import Fault


@dataclass(frozen=True, slots=True)
class Score:
    """``missed`` are (id, first roadmap line); ``unexpected`` are (check, target) of findings that match no fault."""

    planted: int
    found: int
    missed: tuple[tuple[str, str], ...]
    unexpected: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, object]:
        """The published shape."""
        return {
            "planted": self.planted,
            "found": self.found,
            "missed": [{"id": name, "roadmap": line} for name, line in self.missed],
            "unexpected": [{"check": check, "target": target} for check, target in self.unexpected],
        }


def score(audit: Mapping[str, Any], planted: Sequence[Fault]) -> Score:
    """Compare the findings of an audit (its JSON) with the faults that are there.

    A fault is found when a finding names one of its targets and serves one of its roadmap lines. Raises ValueError for
    JSON that is no audit.
    """
    findings = audit.get("findings")
    if not isinstance(findings, list):
        raise ValueError(
            "Read the audit: it has no list of findings. Give the file `launchready audit --format json` wrote."
        )
    matched: set[int] = set()
    missed = []
    for fault in planted:
        hits = {number for number, finding in enumerate(findings) if _matches(finding, fault)}
        matched |= hits
        if not hits:
            missed.append((fault.id, fault.roadmap[0]))
    unexpected = [
        (str(finding["check"]), str(finding["target"]))
        for number, finding in enumerate(findings)
        if number not in matched
    ]
    return Score(len(planted), len(planted) - len(missed), tuple(missed), tuple(unexpected))


def _matches(finding: Mapping[str, Any], fault: Fault) -> bool:
    target = str(finding.get("target", ""))
    return bool(set(finding.get("roadmap", ())) & set(fault.roadmap)) and any(
        fnmatchcase(target, _literal_braces(pattern)) for pattern in fault.target
    )


def _literal_braces(pattern: str) -> str:
    return pattern.replace("[", "[[]")
