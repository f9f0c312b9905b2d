"""A comment for a pull request: the verdict, what is new to a reviewer, the rest folded away."""

from launchready.model.audit import Audit
from launchready.model.roadmap import roadmap
from launchready.model.words import Decision, Status
from launchready.report.escaped import markdown
from launchready.report.ranking import Row, rows

_MARKS = {Decision.GO: "✅", Decision.NO_GO: "⛔", Decision.INCOMPLETE: "⚠️"}
_MOST = 50


def render(audit: Audit) -> str:
    """Markdown as GitHub and GitLab read it. What an app or its source says cannot form links, mentions or HTML."""
    found, cover = rows(audit), audit.coverage
    lines = [
        f"## {_MARKS[audit.verdict]} {audit.verdict.value} · {markdown(audit.target.project)} · {markdown(audit.environment.name)}",
        "",
        f"{markdown(' · '.join(audit.reasons))}. Minimum bar: {cover.bar_proven} of {cover.bar_total} proven, {cover.bar_failed} failed, "
        f"{cover.bar_not_checked} not checked. {cover.ran} of {cover.checks} checks ran.",
        "",
    ]
    if found:
        lines += [
            "| | What could happen | Sure | Where | Check |",
            "|---|---|---|---|---|",
            *(_row(row) for row in found[:10]),
            "",
        ]
    if len(found) > 10:
        lines += [
            "<details><summary>" + f"{len(found) - 10} more</summary>",
            "",
            "| | What could happen | Sure | Where | Check |",
            "|---|---|---|---|---|",
        ]
        lines += [*(_row(row) for row in found[10:_MOST]), ""]
        lines += [f"… and {len(found) - _MOST} more in the report.", ""] if len(found) > _MOST else []
        lines += ["</details>", ""]
    lines += ["<details><summary>Go / no-go list</summary>", "", "| Line | State | |", "|---|---|---|"]
    lines += [
        f"| {line} {markdown(state.title)} | {state.proof.value} | {markdown(state.owner or state.reason)} |"
        for line, state in audit.roadmap.items()
        if roadmap()[line].bar
    ]
    lines += ["", "</details>", ""]
    missing = [outcome for outcome in audit.outcomes if outcome.status in (Status.NOT_CHECKED, Status.ERROR)]
    if missing:
        lines += [f"<details><summary>{len(missing)} checks could not be made</summary>", ""]
        lines += [
            f"- {outcome.check}: {markdown(outcome.reason)}"
            + (f" (give us: {markdown(outcome.give)})" if outcome.give else "")
            for outcome in missing
        ]
        lines += ["", "</details>", ""]
    left = [made for made in audit.made if not made.removed]
    if left:
        lines += [
            f"<details><summary>{len(left)} things that this run made, or may have made, are still there</summary>",
            "",
        ]
        lines += [
            f"- {markdown(made.path)} as {markdown(made.who)} by {markdown(made.route)}: {markdown(made.why)}"
            for made in left[:_MOST]
        ]
        lines += [f"… and {len(left) - _MOST} more in the report.", ""] if len(left) > _MOST else []
        lines += ["", "</details>", ""]
    return "\n".join(lines)


def _row(row: Row) -> str:
    finding = row.finding
    place = next((e.place for e in finding.evidence if e.place), "")
    where = row.places if not place or place.split(":")[0] == finding.target else f"{row.places} ({place})"
    return f"| {row.weight} | {markdown(finding.title)} | {finding.confidence.value} | {markdown(place if place.startswith(finding.target) else where)} | {row.checks} |"
