"""What every run of calls says in Markdown, as sections: its alarms, what it could not ask and what it made."""

from collections.abc import Sequence

from launchready.model.check import Gap
from launchready.model.created import Created
from launchready.model.finding import Finding
from launchready.report.escaped import markdown
from launchready.report.paint import clean_lines

_FENCE = "~~~~"


def alarms(found: Sequence[Finding]) -> list[str]:
    """The alarms with how to see each and how to mend it; nothing when there is none."""
    lines = ["## Alarms", ""] if found else []
    for finding in found:
        said = f"{finding.confidence.value} · {finding.check} · {markdown(finding.detail)}"
        lines += [f"### {markdown(finding.title)}", "", said, ""]
        if finding.reproduction:
            lines += [*fenced(finding.reproduction, "sh"), ""]
        lines += [f"Fix: {markdown(finding.fix)}", ""]
    return lines


def fenced(text: str, language: str = "") -> list[str]:
    """A block of code that its text cannot end."""
    return [_FENCE + language, clean_lines(text).replace(_FENCE, "").rstrip(), _FENCE]


def not_checked(gaps: Sequence[Gap]) -> list[str]:
    """What could not be asked, as a table; nothing when all could."""
    if not gaps:
        return []
    rows = [f"| {markdown(gap.target)} | {markdown(gap.reason)} | {markdown(gap.give)} |" for gap in gaps]
    return ["## Not checked", "", "| what | why | give us |", "|---|---|---|", *rows, ""]


def made_rows(made: Sequence[Created]) -> list[str]:
    """What the run made as a list, what is still there first."""
    rows = ["## Made by the run", ""]
    for one in sorted(made, key=lambda one: (one.removed, not one.sure)):
        state = (
            "removed" if one.removed else "not seen" if one.unseen else "still there" if one.sure else "perhaps kept"
        )
        rows.append(
            f"- {markdown(one.path)} as {markdown(one.who)} by {markdown(one.route)} ({state}{f': {markdown(one.why)}' if one.why else ''})"
        )
    return rows
