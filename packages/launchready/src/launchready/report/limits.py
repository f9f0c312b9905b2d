"""The rate-limit policy as a document for people."""

from collections.abc import Sequence

from launchready.core.limits.table import met
from launchready.model.inputs import LimitRow
from launchready.report.escaped import code, markdown


def limits_markdown(project: str, table: Sequence[LimitRow]) -> str:
    """The rate-limit policy by kind of endpoint, as designed and as measured."""
    lines = [
        f"# How often {markdown(project)} may be called",
        "",
        "*As designed* is what `policy.toml` says, or a suggestion where it says nothing. *As measured* is what a burst of calls met.",
        "",
        "| kind | endpoints | as designed | as measured |",
        "|---|---|---|---|",
    ]
    for row in table:
        designed = ", ".join(row.designed) + ("" if row.reviewed else " *(suggested)*")
        measured = [f"{code(one.route)}: {markdown(met(one))}" for one in row.seen]
        unseen = [route for route in row.routes if not any(one.route == route for one in row.seen)]
        if unseen:
            measured.append("not measured" + (f": {', '.join(map(code, unseen))}" if row.seen else ""))
        routes = "<br>".join(map(code, row.routes))
        lines.append(f"| {markdown(row.kind)} | {routes} | {designed} | {'<br>'.join(measured)} |")
    if not table:
        lines.append("| none | | | |")
    lines += ["", "## What each keeps out", ""]
    lines += [f"- **{row.kind}**: {row.why}" for row in table if row.why]
    return "\n".join(lines) + "\n"
