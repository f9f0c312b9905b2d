"""Runs the command line as a person does: its own process, real output, real exit code."""

import os
import subprocess
import sys
from pathlib import Path


def launchready(
    *arguments: str | Path, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``launchready`` and return what it printed and how it ended."""
    return subprocess.run(
        [Path(sys.executable).with_name("launchready"), *map(str, arguments)],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        # For what hangs: an audit alone may take five minutes on a busy machine.
        timeout=600,
        check=False,
    )
