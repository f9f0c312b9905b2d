"""The roadmap: every line a launch is judged by, with its id. The data is roadmap.toml beside this file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from launchready.model.words import Stage


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement. Ids with ``-F`` say what must not be, those with ``-D`` what we hand over."""

    id: str
    title: str
    stage: Stage

    @property
    def bar(self) -> bool:
        """Whether it belongs to the minimum bar before launch."""
        return self.id.startswith("BAR-")


@cache
def roadmap() -> dict[str, Line]:
    """Every line by id, in roadmap order."""
    data = tomllib.loads(Path(__file__).with_name("roadmap.toml").read_text(encoding="utf-8"))
    return {row["id"]: Line(row["id"], row["title"], Stage(row["stage"])) for row in data["line"]}
