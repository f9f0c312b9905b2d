"""What this repository promises about itself: it holds no secret, and names no machine, registry or private place."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.cli.run import launchready

ROOT = Path(__file__).parent.parent


def _tracked() -> list[str]:
    done = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True, check=True)
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_we_pass_our_own_secret_scan() -> None:
    done = launchready("audit", ROOT, "--offline", "--stage", "secrets", "--no-store", "--format", "json")
    found = json.loads(done.stdout)
    ended = {outcome["check"]: outcome for outcome in found["outcomes"]}
    assert min(ended[check]["examined"] for check in ("LR131", "LR132", "LR134")) > 100
    ours = ("LR131", "LR132", "LR133", "LR134")
    assert [one for one in found["findings"] if one["check"] in ours and not one["waived_by"]] == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"https?://(?:[\w.-]*\.)?(?:pypi\.org|pythonhosted\.org|npmjs\.org|npmjs\.com)",
        r"(?<![\w.-])/(?:work|root|home/\w+)/(?!\[)\w",
        r"--(?:extra-)?index-url",
    ],
    ids=["registry hosts", "paths of a machine", "index options"],
)
def test_nothing_names_a_registry_or_a_machine(pattern: str) -> None:
    allowed = {"tests/test_repository.py", "Makefile"}
    named = []
    for name in _tracked():
        text = (ROOT / name).read_bytes().decode("utf-8", "replace")
        named += [(name, found) for found in re.findall(pattern, text) if name not in allowed]
    assert not named


def test_pinned_packages_have_hashes_and_free_licences_by_name() -> None:
    pinned = (ROOT / "requirements" / "dev.txt").read_text()
    packages = re.findall(r"^([\w.-]+)==", pinned, re.M)
    assert len(packages) > 40
    assert len(re.findall(r"^    # via|--hash=sha256:", pinned, re.M)) > len(packages)
    assert not {"pglast", "sslyze", "tree-sitter-language-pack"} & set(packages)
