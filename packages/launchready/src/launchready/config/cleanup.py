"""The owner's way to remove what a run leaves behind: a command of one place's own, and where it may be run."""

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from launchready.model.hosts import is_loopback
from launchready.model.project import Environment


def refusal(environment: Environment) -> str:
    """Why the cleanup command of an environment may not be run there, with what to do; empty when it may, or there is none."""
    host = urlsplit(environment.url).hostname or ""
    if not environment.cleanup:
        return ""
    if not environment.cleanup[0].strip():
        return "its first word names no command"
    if environment.read_only:
        return "it says writes = false as well, where a run makes nothing. Take one of them out"
    if environment.url and not environment.writes and not is_loopback(host):
        return f"{host} is not this machine. Say writes = true as well when records may be made and removed there, or take it out"
    return ""


def absent(environment: Environment, root: str) -> str:
    """Why the cleanup command cannot be started from the app's folder; empty when it can, or there is none."""
    if not environment.cleanup:
        return ""
    name = environment.cleanup[0]
    if os.sep in name:
        place = Path(root) / name
        if not place.is_file():
            return f"there is no file {place}"
        return "" if os.access(place, os.X_OK) else f"{place} may not be executed"
    return "" if shutil.which(name) else f"no command {name!r} is on the PATH"
