"""Packages of npm for tests, as a lock file beside the tests says."""

import shutil
import subprocess
from pathlib import Path

import pytest


def installed(source: Path, target: Path) -> Path:
    """Copy the files of ``source`` to ``target`` and install what they name. Skips where npm is missing or cannot reach its registry."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    for file in source.iterdir():
        if file.is_file():
            shutil.copy(file, target)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        done = subprocess.run(command, cwd=target, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm could not install in two minutes")
    if done.returncode:
        pytest.skip(f"npm could not install: {done.stderr[-200:]}")
    return target
