"""What the repository's own pages say about running the app."""

import re
from dataclasses import dataclass

from launchready.sources.tree import Tree

_PAGES = re.compile(r"\.(?:md|mdx|rst|txt|adoc)$", re.I)
_COMMAND = re.compile(r"`[^`\n]*[a-z][^`\n]*`|^\s{4,}\$?\s*\w+|^\s*```", re.M)
_STEP = re.compile(r"^\s*(?:\d+[.)]|[-*])\s+\S", re.M)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a page and what stands below it."""

    file: str
    line: int
    heading: str
    text: str

    @property
    def has_steps(self) -> bool:
        """Whether it tells what to do: at least two steps, or a step with a command."""
        steps = len(_STEP.findall(self.text))
        return steps >= 2 or (steps >= 1 and bool(_COMMAND.search(self.text)))


def sections(tree: Tree, about: re.Pattern[str]) -> list[Section]:
    """The sections whose heading matches, in file order. Changelogs do not count."""
    found = []
    for file in tree.files:
        if not _PAGES.search(file.path) or re.search(r"change-?log|history|news|license", file.path, re.I):
            continue
        lines = (tree.text(file.path) or "").split("\n")
        for number, line in enumerate(lines):
            underlined = number + 1 < len(lines) and re.fullmatch(r"[=\-~^]{4,}\s*", lines[number + 1])
            heading = (
                line.lstrip("# ").strip()
                if line.startswith("#")
                else line.strip()
                if underlined and line.strip()
                else ""
            )
            if heading and about.search(heading):
                found.append(Section(file.path, number + 1, heading, _below(lines, number + (2 if underlined else 1))))
    return found


def _below(lines: list[str], start: int) -> str:
    end = start
    while end < len(lines) and not lines[end].startswith("#"):
        end += 1
    return "\n".join(lines[start:end])
