"""The list of stored runs, and what two of them differ in."""

import json
from collections.abc import Sequence

from launchready.core.diff import Diff
from launchready.core.store import RunRow
from launchready.model.finding import Finding
from launchready.report.paint import clean


def render_history(rows: Sequence[RunRow], form: str) -> str:
    """The runs, newest first, as text or JSON."""
    if form == "json":
        runs = [
            {"run": r.id, "started": r.started, "environment": r.environment, "verdict": r.verdict or None}
            for r in rows
        ]
        return json.dumps({"schema": 1, "runs": runs}, indent=2)
    if not rows:
        return "No run is stored yet. Run `launchready audit`."
    return "\n".join(
        f"{row.id}  {row.started}  {row.verdict or 'stopped':<10}  {clean(row.environment)}" for row in rows
    )


def render_diff(diff: Diff, form: str) -> str:
    """What changed, as text or JSON."""
    if form == "json":
        body = {
            "schema": 1,
            "before": diff.before,
            "after": diff.after,
            "verdicts": diff.verdicts,
            "new": [_row(f) for f in diff.new],
            "fixed": [_row(f) for f in diff.gone],
            "not_looked_at_again": [_row(f) for f in diff.vanished],
            "unchanged": len(diff.kept),
            "outcomes": [{"check": c.check, "before": c.before, "after": c.after} for c in diff.changed],
        }
        return json.dumps(body, indent=2)
    lines = [f"{diff.before}  {diff.verdicts[0]}", f"{diff.after}  {diff.verdicts[1]}", ""]
    for title, mark, findings in (
        ("New", "+", diff.new),
        ("Fixed", "-", diff.gone),
        ("Gone, but not looked at again", "?", diff.vanished),
    ):
        if findings:
            lines += [title, *(f"  {mark} {_said(f)}" for f in findings), ""]
    turned: dict[str, list[str]] = {}
    for change in diff.changed:
        turn = f"{change.before or 'did not run'} → {change.after or 'did not run'}"
        turned.setdefault(turn, []).append(change.check)
    if turned:
        lines.append("Checks that ended otherwise")
        lines += [f"  {turn}: {', '.join(checks)}" for turn, checks in turned.items()] + [""]
    lines.append(f"{len(diff.kept)} {'finding' if len(diff.kept) == 1 else 'findings'} unchanged.")
    return "\n".join(lines)


def _said(finding: Finding) -> str:
    where = "" if finding.target in finding.title else f"{clean(finding.target)}: "
    return f"{finding.check} {where}{clean(finding.title)}"


def _row(finding: Finding) -> dict[str, str]:
    return {
        "check": finding.check,
        "target": finding.target,
        "title": finding.title,
        "fingerprint": finding.fingerprint,
    }
