"""Where a rendered result goes: standard output, or a file written whole or not at all."""

import os
import sys
import tempfile
from pathlib import Path

import click

from launchready.cli.exits import Stop


def write(text: str, output: str | None) -> None:
    """Print ``text``, or write it to ``output``. Raises :class:`Stop` when the file cannot be written."""
    if output is None or output == "-":
        encoding = sys.stdout.encoding or "utf-8"
        click.echo(text.encode(encoding, "replace").decode(encoding), nl=not text.endswith("\n"))
        return
    target = Path(output)
    try:
        if target.exists() and not target.is_file():
            # A device or a pipe is written to: taking its place would break it for everybody.
            target.write_text(text, encoding="utf-8")
            return
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o600 if target.suffix == ".json" else 0o644)
        Path(temporary).replace(target)
    except OSError as error:
        raise Stop(
            f"Wrote the result to {output}: {error.strerror}. Give a file in a folder that exists and may be written to."
        ) from error


def finish(result: str, screen: str, output: str | None) -> None:
    """Print the result, or write it and print the screen and where it is. Raises :class:`Stop` as :func:`write` does."""
    write(result, output)
    if output and output != "-":
        write(screen, None)
        click.echo(f"  Written: {output}")


def refuse_unwritable(output: str) -> None:
    """Raise :class:`Stop` when ``output`` cannot be written, before anybody waits for what should go there."""
    folder = Path(output).parent
    if output != "-" and not folder.is_dir():
        raise Stop(f"Looked for the folder of --output {output}: there is no {folder}. Make it first, or give another.")
    if output != "-" and Path(output).is_dir():
        raise Stop(f"Looked at --output {output}: that is a folder. Give the name of a file.")


def refuse_unmakeable(folder: Path, option: str) -> None:
    """Raise :class:`Stop` when ``folder`` is not there and cannot be made, or cannot be written to, before anybody waits for it."""
    there = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    if not there.is_dir():
        raise Stop(f"Looked at {option} {folder}: {there} is no folder. Give another.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise Stop(f"Looked at {option} {folder}: nothing can be written to {there}. Give another.")


def write_file(text: str, target: Path) -> None:
    """Write ``text`` to ``target`` and make its folder when it is missing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    write(text, str(target))
