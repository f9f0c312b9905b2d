"""SARIF 2.1.0, for code hosts that show findings beside the code (OASIS Standard, 27 March 2020)."""

import json
import re
from urllib.parse import quote

from launchready.model.audit import Audit
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Severity, Status
from launchready.report.paint import clean

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.BLOCKER: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
# GitHub orders by this number, which stands for a CVSS score.
_WEIGHTS = {Severity.BLOCKER: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.0", Severity.LOW: "2.0"}
_FILE = re.compile(r"^[^\s:]+(?:/[^\s:]+)*$")


def render(audit: Audit) -> str:
    """The log: one result per finding, accepted risks as suppressed, and what was not checked as notifications."""
    rules = [check for check in audit.checks if any(check.id == outcome.check for outcome in audit.outcomes)]
    index = {check.id: number for number, check in enumerate(rules)}
    left_out = [outcome for outcome in audit.outcomes if outcome.status in (Status.NOT_CHECKED, Status.ERROR)]
    run = {
        "tool": {
            "driver": {
                "name": "Launch Ready",
                "version": audit.tool.version,
                "rules": [_rule(check) for check in rules],
            }
        },
        "automationDetails": {"id": f"launchready/{audit.environment.name}/"},
        "invocations": [
            {
                "executionSuccessful": audit.complete,
                "startTimeUtc": audit.started.replace("+00:00", "Z"),
                "toolExecutionNotifications": [
                    {
                        "level": "error" if outcome.status is Status.ERROR else "note",
                        "message": {"text": f"{outcome.check} was not checked: {outcome.reason}"},
                        "associatedRule": {"id": outcome.check, "index": index[outcome.check]},
                    }
                    for outcome in left_out
                ],
            }
        ],
        "results": [_result(finding, index) for finding in audit.findings],
        "columnKind": "unicodeCodePoints",
        "properties": {"verdict": audit.verdict.value},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(check: CheckInfo) -> dict[str, object]:
    return {
        "id": check.id,
        "name": re.sub(r"[^A-Za-z0-9]", "", check.title.title()),
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": f"{check.title}. Serves {', '.join(check.roadmap)}."},
        "help": {"text": f"launchready explain {check.id}"},
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
        "properties": {
            "tags": ["security", check.stage.value, *check.roadmap],
            "security-severity": _WEIGHTS[check.severity],
        },
    }


def _result(finding: Finding, index: dict[str, int]) -> dict[str, object]:
    text = clean(f"{finding.title}. {finding.detail} Fix: {finding.fix}")
    result: dict[str, object] = {
        "ruleId": finding.check,
        "ruleIndex": index[finding.check],
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [_location(finding)],
        "partialFingerprints": {"launchReady/v1": finding.fingerprint},
        "properties": {
            "confidence": finding.confidence.value,
            "severity": finding.severity.value,
            "impact": finding.impact.value,
        },
    }
    if finding.waived_by:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": clean(finding.waived_by)}]
    return result


def _location(finding: Finding) -> dict[str, object]:
    location: dict[str, object] = {
        "logicalLocations": [{"fullyQualifiedName": clean(finding.target), "kind": "resource"}]
    }
    place = next((evidence for evidence in finding.evidence if evidence.file), None)
    file = place.file if place else finding.target if _is_file(finding.target) else ""
    if file:
        location["physicalLocation"] = _physical(file, place)
    return location


def _is_file(target: str) -> bool:
    return bool(_FILE.match(target)) and ("/" in target or target.startswith("."))


def _physical(file: str, place: Evidence | None) -> dict[str, object]:
    physical: dict[str, object] = {"artifactLocation": {"uri": quote(file.lstrip("/")), "uriBaseId": "%SRCROOT%"}}
    physical["region"] = {"startLine": max(1, place.line if place else 1)}
    return physical
