"""Runs a pytest suite the way a team does that never installed us: an interpreter that sees pytest and httpx, and no Launch Ready."""

import subprocess
import sys
import sysconfig
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

# -S leaves the .pth files unread through which an editable install of ours would be seen.
_RUN = """
import importlib.util, sys
sys.path.append(sys.argv.pop(1))
assert importlib.util.find_spec("launchready.report") is None
import pytest
raise SystemExit(pytest.main(sys.argv[1:]))
"""


@dataclass(slots=True)
class Ran:
    """Ids of tests (``test_file.py::test_name``) by how they ended, and what was printed."""

    passed: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    said: str = ""


def pytest_alone(suite: Path, **environment: str) -> Ran:
    """Run the suite in a process of its own."""
    report = suite.parent / "ran.xml"
    report.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _RUN, sysconfig.get_path("purelib"), "-p", "no:cacheprovider",
         "--rootdir", suite.parent, f"--junitxml={report}", suite],
        cwd=suite.parent,
        env={"PATH": "/usr/bin:/bin", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )  # fmt: skip
    ran = Ran(said=done.stdout + done.stderr)
    assert report.exists(), ran.said
    for case in ET.parse(report).getroot().iter("testcase"):
        name = f"{(case.get('classname') or '').rpartition('.')[2]}.py::{case.get('name')}"
        ended = {child.tag for child in case}
        kind = "broken" if "error" in ended else "failed" if "failure" in ended else "skipped" if "skipped" in ended else "passed"  # fmt: skip
        getattr(ran, kind).add(name)
    return ran
