"""Starts the app in a process of its own that serves nothing, and reads the route table it leaves."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from launchready.core.ways import shape
from launchready.model.surface import Access, Endpoint, Input, Span
from launchready.sources.frameworks.common import join
from launchready.sources.fromapp.find import Target
from launchready.sources.kinds import action_of, kinds_of

_HERE = Path(__file__).parent
_KEPT = 1_000


class FromAppError(Exception):
    """The app did not give its routes; the message says what we did, what happened and what to do."""


def ask(
    target: Target, root: Path, *, python: str = "", seconds: float = 60.0, more: Mapping[str, str] | None = None
) -> tuple[Endpoint, ...]:
    """The routes of the app as endpoints with ``seen_in=("app",)``; who may call them is unknown.

    The app is imported by ``python`` (default: of a virtual environment in its folder, else ours) or by ``node``, with the
    environment of the user and what ``more`` adds to it. Raises :class:`FromAppError`.
    """
    with tempfile.TemporaryDirectory(prefix="launchready-app-") as scratch:
        result = Path(scratch, "routes.json")
        if target.language == "node":
            node = shutil.which("node")
            if node is None:
                raise FromAppError(
                    f"Asked {target.name} for its routes: node is not installed. Install Node 18 or later."
                )
            patience = str(int(seconds * 500))
            command = [node, str(_HERE / "node_routes.cjs"), str(result), target.name, patience]
        else:
            command = [
                interpreter(target.folder, root, python),
                str(_HERE / "python_routes.py"),
                str(result),
                target.name,
            ]
        said = _run(command, target, seconds, more or {})
        try:
            answer = json.loads(result.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise FromAppError(
                f"Asked {target.name} for its routes: the process ended without an answer. Its last words: {said or 'none'}. "
                "Start the app by hand in the same terminal, and mend what it says."
            ) from error
    if "error" in answer:
        raise FromAppError(_say(target, answer, command[0]))
    return endpoints(answer, root)


def interpreter(folder: Path, root: Path, python: str = "") -> str:
    """The Python of the app. Raises FromAppError when ``python`` names no file."""
    if python:
        given = shutil.which(python)
        if given is None:
            raise FromAppError(
                f"Looked for --python {python}: there is no such program. Give the interpreter of the app."
            )
        return str(Path(given).absolute())
    for place in dict.fromkeys((folder, *folder.parents)):
        for name in (".venv", "venv"):
            for inner in ("bin/python", "Scripts/python.exe"):
                if (place / name / inner).is_file():
                    return str(place / name / inner)
        if place == root:
            break
    return sys.executable


def _run(command: list[str], target: Target, seconds: float, more: Mapping[str, str]) -> str:
    """Run to the end, and return what the app said last on its error stream."""
    environment = os.environ | more | {"PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            cwd=target.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise FromAppError(
                f"Asked {target.name} for its routes: no answer within {seconds:g} s. It may wait for a database while it is "
                "imported: start what it needs, or give it longer with --timeout."
            ) from error
        finally:
            # What the app started goes with it.
            _end(process)
        errors.seek(0, os.SEEK_END)
        errors.seek(max(0, errors.tell() - _KEPT))
        return " ".join(errors.read().decode("utf-8", "replace").split())[-400:]


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _say(target: Target, answer: dict[str, Any], program: str) -> str:
    detail = str(answer.get("detail") or "")
    asked = f"Asked {target.name} for its routes"
    match answer["error"]:
        case "module" if target.language == "node":
            return f"{asked}: the module {detail!r} is missing. Install the app's packages in {target.folder}, such as by `npm ci`."
        case "module":
            return (
                f"{asked}: the module {detail!r} is missing for {program}. Give the app's own interpreter with --python, or "
                "correct the name: --from-app module:attribute."
            )
        case "environment":
            return f"{asked}: it looks for {detail!r} in its environment or settings and does not find it. Set it as for a start of the app, and ask again."
        case "attribute":
            return (
                f"{asked}: {detail}. Give the app object as --from-app module:attribute, or a factory as module:name()."
            )
        case "kind":
            return f"{asked}: {detail}. It is none we can ask: FastAPI, Starlette, Flask, Django, Express or NestJS."
        case _:
            return f"{asked}: it failed while it started ({detail}). A setting or a service it needs may be missing: start it by hand, then ask again."


def endpoints(answer: dict[str, Any], root: Path) -> tuple[Endpoint, ...]:
    """The rows of a route table as endpoints, each method and path once; HEAD and OPTIONS follow from the others."""
    found: dict[tuple[str, str], Endpoint] = {}
    framework = str(answer.get("framework") or "")
    for one in answer.get("routes") or ():
        method, path = str(one["method"]), join(str(one["path"]))
        if method in ("HEAD", "OPTIONS"):
            continue
        handler = "static files" if one.get("static") else str(one.get("handler") or "")
        file, line = _place(str(one.get("file") or ""), int(one.get("line") or 0), root)
        seen = Span(file, line, handler)
        names = dict.fromkeys(part.strip("?") for part in _names(path))
        found.setdefault(
            (method, shape(path)),
            Endpoint(
                method,
                path,
                framework,
                kinds_of(method, path, handler),
                action_of(method, ""),
                Access(evidence=(Span(file, line, "only the app's own route table shows it"),)),
                tuple(Input(name, "path", "", True) for name in names),
                seen,
                1.0,
                ("app",),
            ),
        )
    return tuple(sorted(found.values(), key=lambda e: (e.path, e.method)))


def _names(path: str) -> list[str]:
    return [part.split("}")[0] for part in path.split("{")[1:]]


def _place(file: str, line: int, root: Path) -> tuple[str, int]:
    """The place relative to the source root; a package outside it is named from ``site-packages`` on."""
    if not file:
        return "", 0
    try:
        return Path(file).resolve().relative_to(root.resolve()).as_posix(), line
    except ValueError:
        return file.replace("\\", "/").rpartition("site-packages/")[2].rpartition("dist-packages/")[2].lstrip("/"), line
