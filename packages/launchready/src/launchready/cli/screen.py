"""The first screen, with commands a person can copy as they stand."""

import os
import shlex
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from launchready.model.audit import Audit
from launchready.report.terminal import Call, render

# A list of settings is written beside keys that move, and never by itself.
_BESIDE = frozenset(("LR135",))


def screen(audit: Audit, path: str, *, kept: bool = True) -> str:
    """The first screen of an audit of ``path`` as it was typed; ``kept`` says whether the run can be asked for again."""
    return render(audit, call=replace(call(path, kept=kept), fixes=_fixes(audit)))


def call(path: str, url: str | None = None, *, kept: bool = True) -> Call:
    """How a person who typed ``path``, and perhaps ``--url``, calls us again."""
    typed = ["" if path == "." else shlex.quote(path), f"--url {shlex.quote(url)}" if url else ""]
    return Call(_program(), " ".join(filter(None, typed)), kept)


def _fixes(audit: Audit) -> frozenset[str]:
    """The checks whose findings `launchready fix` can end in this app."""
    from launchready.fixes.registry import all_fixes

    seen = {one.name for one in audit.surface.frameworks}
    known = frozenset(check for fix in all_fixes().values() if seen & set(fix.frameworks) for check in fix.checks)
    return known - _BESIDE


def _program() -> str:
    """What to type to call us again: the name alone where the shell finds it, else the path it was called by."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{Path(sys.executable).name} -m launchready"
    found = shutil.which(called.name)
    if found is not None and called.exists() and Path(found).samefile(called):
        return called.name
    return shlex.quote(os.path.relpath(called)) if called.exists() else "launchready"
