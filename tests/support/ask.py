"""Asks one check about a folder, a running app or both, as an audit does, and gives back its outcome."""

import subprocess
from dataclasses import replace
from pathlib import Path

from launchready.model.check import Outcome
from launchready.model.project import Environment, Project
from launchready.stages.request import Request
from launchready.stages.session import audit


async def ask(
    check: str,
    root: Path | None = None,
    url: str = "",
    *,
    project: Project | None = None,
    environment: Environment | None = None,
    authorized_by: str = "",
) -> Outcome:
    """The outcome of one check. Loopback URLs may be written to unless ``environment`` says otherwise."""
    base = project or Project("app", str(root or "/nonexistent"))
    if root is not None:
        base = replace(base, root=str(root), source=(str(root),))
    place = environment or Environment("local", url, writes=True)
    done = await audit(Request(base, place, checks=(check,), source=root is not None, authorized_by=authorized_by))
    (outcome,) = [outcome for outcome in done.outcomes if outcome.check == check]
    return outcome


def git(root: Path, *arguments: str) -> str:
    """Run git in a test repository, free of the machine's own configuration."""
    command = [
        "git",
        "-c",
        "user.name=Test",
        "-c",
        "user.email=test@example.invalid",
        "-c",
        "commit.gpgsign=false",
        *arguments,
    ]
    env = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "HOME": str(root),
    }
    return subprocess.run(command, cwd=root, env=env, check=True, capture_output=True, text=True).stdout


def repository(root: Path, files: dict[str, str], message: str = "first") -> Path:
    """A repository with these files in its first commit."""
    git(root, "init", "-q", "-b", "main") if not (root / ".git").exists() else None
    write(root, files)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)
    return root


def write(root: Path, files: dict[str, str]) -> Path:
    """Write files below ``root``."""
    for name, text in files.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return root
