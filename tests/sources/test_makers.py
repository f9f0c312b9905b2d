"""Who makes an app, as its source says: no account to try it with is among them."""

import json
from pathlib import Path

from launchready.sources.makers import makers
from launchready.sources.tree import Tree


def test_makers_stand_in_the_package_and_its_papers_and_templates_and_accounts_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(json.dumps({"author": "Mo <Mo@makers.example>"}, indent=2))
    (tmp_path / "README.md").write_text(
        "Questions: bo@makers.example\nSign in as jo@club.example with the password swordfish.\n"
    )
    (tmp_path / "shop" / "templates" / "shop").mkdir(parents=True)
    (tmp_path / "shop" / "templates" / "shop" / "about.html").write_text(
        '<p>Write to <a href="mailto:al@makers.example">us</a></p>\n<p>Demo: vi@club.example</p>\n'
    )
    (tmp_path / "seeds.json").write_text(json.dumps([{"email": "al@club.example"}]))
    assert makers(Tree.read(tmp_path)) == {"mo@makers.example", "bo@makers.example", "al@makers.example"}
