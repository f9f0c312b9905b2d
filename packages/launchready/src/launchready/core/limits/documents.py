"""The table as a document for people, and as the rows of a policy."""

from collections.abc import Sequence

from launchready.core.limits.table import met
from launchready.model.inputs import LimitRow


def limits_toml(table: Sequence[LimitRow]) -> str:
    """The table ``[limits]`` of ``policy.toml``, which the guard enforces. Routes that have limits of their own keep them in their rows."""
    kinds: dict[str, LimitRow] = {}
    for row in table:
        kinds.setdefault(row.kind, row)
    lines = ["[limits]"]
    for kind, row in kinds.items():
        why = f"  # {row.why}" if row.why else ""
        lines.append(f'{kind} = "{", ".join(row.designed)}"{why if row.reviewed else why + "; a suggestion"}')
    return "\n".join(lines) + "\n"


def limits_markdown(project: str, table: Sequence[LimitRow]) -> str:
    """The rate-limit policy by kind of endpoint, as designed and as measured."""
    lines = [
        f"# How often {project} may be called",
        "",
        "*As designed* is what `policy.toml` says, or a suggestion where it says nothing. *As measured* is what a burst of calls met.",
        "",
        "| kind | endpoints | as designed | as measured |",
        "|---|---|---|---|",
    ]
    for row in table:
        designed = ", ".join(row.designed) + ("" if row.reviewed else " *(suggested)*")
        measured = [f"`{_cell(one.route)}`: {met(one)}" for one in row.seen]
        unseen = [route for route in row.routes if not any(one.route == route for one in row.seen)]
        if unseen:
            measured.append(
                "not measured" + (f": {', '.join(f'`{_cell(one)}`' for one in unseen)}" if row.seen else "")
            )
        routes = "<br>".join(f"`{_cell(route)}`" for route in row.routes)
        lines.append(f"| {row.kind} | {routes} | {designed} | {'<br>'.join(measured)} |")
    if not table:
        lines.append("| none | | | |")
    lines += ["", "## What each keeps out", ""]
    lines += [f"- **{row.kind}**: {row.why}" for row in table if row.why]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "")
