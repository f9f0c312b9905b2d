"""JUnit XML: one suite per stage, one case per check."""

import re
from collections import defaultdict
from xml.etree import ElementTree

from launchready.model.audit import Audit
from launchready.model.check import CheckInfo, Outcome
from launchready.model.words import Stage, Status

# XML 1.0, section 2.2: anything else cannot be part of a document, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(audit: Audit) -> str:
    """The document. What was not checked or needs an owner is *skipped* with its reason, never a silent pass."""
    outcomes = {outcome.check: outcome for outcome in audit.outcomes}
    stages: dict[Stage, list[CheckInfo]] = defaultdict(list)
    for check in audit.checks:
        if check.id in outcomes:
            stages[check.stage].append(check)
    root = ElementTree.Element(
        "testsuites", name=_text(f"{audit.target.project}: {audit.verdict.value}"), time=f"{audit.seconds:.3f}"
    )
    for stage, checks in stages.items():
        ended = [outcomes[check.id] for check in checks]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=f"launchready.{stage.value}",
            tests=str(len(checks)),
            failures=str(sum(_fails(outcome) for outcome in ended)),
            errors=str(sum(outcome.status is Status.ERROR for outcome in ended)),
            skipped=str(sum(_skipped(outcome) for outcome in ended)),
            timestamp=audit.started[:19],
            time=f"{sum(outcome.seconds for outcome in ended):.3f}",
        )
        for check, outcome in zip(checks, ended, strict=True):
            _case(suite, check, outcome)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _case(suite: ElementTree.Element, check: CheckInfo, outcome: Outcome) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=f"launchready.{check.stage.value}",
        name=_text(f"{check.id} {check.title}"),
        time=f"{outcome.seconds:.3f}",
    )
    if _fails(outcome):
        open_findings = [finding for finding in outcome.findings if not finding.waived_by]
        said = "\n\n".join(
            f"{finding.severity.value} · {finding.confidence.value} · {finding.target}\n{finding.title}\n{finding.fix}"
            for finding in open_findings
        )
        failure = ElementTree.SubElement(
            case, "failure", message=_text(open_findings[0].title), type=open_findings[0].severity.value
        )
        failure.text = _text(said)
    elif outcome.status is Status.ERROR:
        ElementTree.SubElement(case, "error", message=_text(outcome.reason)).text = _text(outcome.trace)
    elif _skipped(outcome):
        given = f" Give us: {outcome.give}" if outcome.give else ""
        ElementTree.SubElement(case, "skipped", message=_text(f"{outcome.status.value}: {outcome.reason}{given}"))
    elif outcome.gaps:
        ElementTree.SubElement(case, "system-out").text = _text(
            "Passed, but not everything could be looked at:\n"
            + "\n".join(f"{gap.target}: {gap.reason}" for gap in outcome.gaps)
        )


def _fails(outcome: Outcome) -> bool:
    return outcome.status is Status.FAIL and any(not finding.waived_by for finding in outcome.findings)


def _skipped(outcome: Outcome) -> bool:
    return outcome.status in (Status.NOT_CHECKED, Status.NOT_APPLICABLE, Status.MANUAL)


def _text(text: str) -> str:
    return _FORBIDDEN.sub("", text)
