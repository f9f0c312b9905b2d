"""Every check has a page that says what a person needs, and no page speaks of a check that is gone."""

import re
from pathlib import Path

import pytest
from launchready.cli.pages import page
from launchready.stages.session import all_checks

PAGES = Path(__file__).parent.parent / "docs" / "checks"
CHECKS = {check.info.id: check.info for check in all_checks()}
HEADINGS = ["What we look at", "How sure", "Fix", "Not a problem when", "References"]


def test_no_page_without_a_check() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_a_page_has_what_a_person_needs(name: str) -> None:
    text = page(name) or ""
    assert text.startswith(f"# {name} · {CHECKS[name].title}\n\n")
    assert re.findall(r"^## (.+)$", text, re.M) == HEADINGS
    parts = re.split(r"^#+ .+$", text, flags=re.M)[1:]
    assert all(len(part.strip()) > 5 for part in parts)
    assert text.count("```") % 2 == 0
