"""A team's own way to sign in: a Python function, run in a process of its own so that nothing it does can harm the run.

The function is handed one table, ``url``, ``name``, ``role``, ``tenant``, ``username``, ``password`` and ``token``, and returns
one: ``headers``, ``cookies`` and ``query``, each from names to values, and ``expires_in`` in seconds if the session ends.
"""

import asyncio
import contextlib
import json
import sys
from dataclasses import dataclass, field

SECONDS = 60.0
_RUN = """
import contextlib, importlib, json, sys
given = json.load(sys.stdin)
sys.path[:0] = [given.pop("root")]
module, function = given.pop("hook")
with contextlib.redirect_stdout(sys.stderr):
    found = getattr(importlib.import_module(module), function)(given)
json.dump(found, sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class Session:
    """What a hook returned."""

    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    expires_in: float = 0.0


class HookError(Exception):
    """The hook gave no session; the message says what was run, what happened and what to do."""


async def run_hook(login: str, root: str, given: dict[str, str], seconds: float = SECONDS) -> Session:
    """Run ``hook:module:function`` from the project's folder. Raises :class:`HookError`."""
    module, function = login.removeprefix("hook:").split(":")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _RUN, cwd=root or None,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    asked = json.dumps(given | {"root": root or ".", "hook": [module, function]}).encode()
    try:
        out, err = await asyncio.wait_for(process.communicate(asked), seconds)
    except TimeoutError as error:
        raise HookError(
            f"Ran the login hook {module}.{function}: it gave no answer within {seconds:g} s. Make it end."
        ) from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    if process.returncode:
        raise HookError(
            f"Ran the login hook {module}.{function}: {_last(err, given)}. Mend the hook, and try it on its own."
        )
    return _session(f"{module}.{function}", out)


def _session(name: str, out: bytes) -> Session:
    shape = 'a dictionary such as {"headers": {"Authorization": "Bearer …"}}'
    try:
        said = json.loads(out)
    except ValueError as error:
        raise HookError(f"Ran the login hook {name}: what it returned is no plain data. Return {shape}.") from error
    tables: dict[str, dict[str, str]] = {}
    for key in ("headers", "cookies", "query"):
        table = said.get(key, {}) if isinstance(said, dict) else None
        if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
            raise HookError(f"Ran the login hook {name}: it returned no usable {key}. Return {shape}.")
        tables[key] = table
    if not any(tables.values()):
        raise HookError(f"Ran the login hook {name}: it returned no header, cookie or query parameter. Return {shape}.")
    expires = said.get("expires_in", 0)
    return Session(**tables, expires_in=float(expires) if isinstance(expires, int | float) else 0.0)


def _last(err: bytes, given: dict[str, str]) -> str:
    """The last line of a traceback and where it came from, without the secrets that were handed over."""
    lines = [line.strip() for line in err.decode("utf-8", "replace").splitlines() if line.strip()]
    where = [line for line in lines if line.startswith('File "') and "<string>" not in line and "importlib" not in line]
    text = (lines[-1] if lines else "it ended without a word") + (f" ({where[-1]})" if where else "")
    for key in ("password", "token"):
        if given.get(key):
            text = text.replace(given[key], "***")
    return text[:400]
