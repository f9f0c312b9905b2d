"""A folder with an app in it, what `launchready fix` makes of it, and the app served."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.cli.run import launchready
from tests.support.ports import free_port, listening

PROJECT = '[domains]\nroot = "example.com"\ncanonical = "app.example.com"\n'


def folder(root: Path, files: dict[str, str], project: str = PROJECT) -> Path:
    """Write files below a folder, with a project file that names the app's address."""
    for name, text in {"launchready.toml": project, **files}.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    return root


def fixed(root: Path, *what: str) -> subprocess.CompletedProcess[str]:
    """Apply fixes, and see that nothing went wrong."""
    done = launchready("fix", *what, root, "--apply")
    assert done.returncode in (0, 4), done.stdout + done.stderr
    return done


def files_of(root: Path) -> dict[str, bytes]:
    """Every file of a folder but our own records."""
    return {
        str(file.relative_to(root)): file.read_bytes()
        for file in root.rglob("*")
        if file.is_file() and not {".launchready", ".git", "__pycache__"} & set(file.relative_to(root).parts)
    }


@contextlib.contextmanager
def served(root: Path, app: str, **environment: str) -> Iterator[str]:
    """The address of an ASGI app that runs until the block ends."""
    port = free_port()
    log = root.parent / f"{root.name}-{port}.log"
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--log-level", "warning"]
    with log.open("w") as said:
        process = subprocess.Popen(command, cwd=root, env=os.environ | environment, stdout=said, stderr=said)
    try:
        listening(port, process, log.read_text)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
