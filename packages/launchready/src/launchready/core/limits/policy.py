"""The table as the rows of a policy."""

from collections.abc import Sequence

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
