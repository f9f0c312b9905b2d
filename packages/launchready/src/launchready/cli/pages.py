"""The page of each check: in the installed package, or in docs/checks of a working copy."""

from importlib.resources import files
from pathlib import Path


def page(check: str) -> str | None:
    """The Markdown page of a check such as ``LR204``, None when there is none."""
    packaged = files("launchready.cli").joinpath("_pages", f"{check}.md")
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    working_copy = Path(__file__).parents[5] / "docs" / "checks" / f"{check}.md"
    return working_copy.read_text(encoding="utf-8") if working_copy.is_file() else None
