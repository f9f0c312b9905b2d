"""Which third parties an app talks to: by its packages and the environment variables it reads."""

import tomllib
from pathlib import Path

from launchready.model.surface import Integration, Span
from launchready.sources.envnames import env_names
from launchready.sources.tree import Tree


def integrations(tree: Tree, packages: dict[str, str]) -> tuple[Integration, ...]:
    """Every third party of rules/integrations.toml that the tree shows, with where."""
    data = tomllib.loads((Path(__file__).parent / "rules" / "integrations.toml").read_text(encoding="utf-8"))
    reads = env_names(tree)
    found = []
    for row in data["integration"]:
        evidence = [Span("", 0, f"depends on {package}") for package in row["packages"] if package in packages]
        evidence += [
            Span(read.file, read.line, f"reads {read.name}")
            for read in reads
            if read.name.startswith(tuple(row["env"]))
        ]
        if evidence:
            found.append(Integration(row["name"], row["kind"], tuple(evidence[:5])))
    return tuple(found)
