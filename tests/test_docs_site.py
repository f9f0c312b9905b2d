"""The documentation builds without a broken link, from the product's own list of checks and lines, and loads nothing from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from launchready.model.roadmap import roadmap
from launchready.stages.session import all_checks

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "-d", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_every_check_and_every_line_is_listed(site: Path) -> None:
    listed = (site / "checks" / "index.html").read_text()
    lines = (site / "roadmap.html").read_text()
    assert {check.info.id for check in all_checks()} <= set(re.findall(r'href="(LR\d{3})\.html"', listed))
    assert all(f"<td>{line}</td>" in lines for line in roadmap())
    guides = [path.read_text() for path in (site / "stages").glob("*.html")]
    assert len(guides) == 8
    assert all(re.search(r'href="\.\./checks/LR\d{3}\.html"', guide) for guide in guides)
    assert (site / "schema" / "audit-1.json").exists()


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 60
    for page in pages:
        assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']?https?://[^\"'>]+", page.read_text())
