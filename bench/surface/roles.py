"""Which roles and permissions a running app asks for, by the app's own word: what its objects hold, or whom it turns away."""

import asyncio
import json
import os
import re
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launchready.core.ways import shape
from launchready.model.surface import Endpoint
from launchready.probes.guest import turned_away
from launchready.probes.http import Site

# Run by the app's own Python: the permission each route of Flask-AppBuilder is guarded by, as its guards look it up.
_APPBUILDER = """
import importlib, json, sys
result, name = sys.argv[1:3]
module, _, factory = name.rstrip("()").partition(":")
app = getattr(importlib.import_module(module), factory)()
found = []
for rule in app.url_map.iter_rules():
    view = app.view_functions[rule.endpoint]
    owner, step, guarded = getattr(view, "__self__", None), getattr(view, "__func__", view), False
    while step is not None:
        guarded |= step.__code__.co_filename.endswith("flask_appbuilder/security/decorators.py")
        step = getattr(step, "__wrapped__", None)
    if owner is None or not guarded or not hasattr(view, "_permission_name"):
        continue
    renamed = (owner.method_permission_name or {}).get(view.__name__)
    asked = f"can_{renamed or view._permission_name}:{owner.class_permission_name}"
    found += [[method, rule.rule, [asked]] for method in rule.methods - {"HEAD", "OPTIONS"}]
with open(result, "w") as file:
    json.dump(found, file)
"""
_ENDS = re.compile(r"log-?out|sign-?out", re.I)
_CONVERTER = re.compile(r"<(?:[^<>:]+:)?(\w+)>")
# (method, shape of the path) -> the roles or permissions one of which is needed; empty where any signed-in person may.
Truth = Mapping[tuple[str, str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Score:
    """``right`` of ``bound`` operations that a role decides about were read so; ``wrong`` are those we name a role for that ask for none."""

    right: int
    bound: int
    wrong: int
    misses: tuple[str, ...]


def appbuilder(python: str, factory: str, folder: Path, environment: Mapping[str, str]) -> Truth:
    """What the views of an app of Flask-AppBuilder ask for."""
    with tempfile.TemporaryDirectory(prefix="launchready-roles-") as scratch:
        result = Path(scratch, "roles.json")
        command = [python, "-c", _APPBUILDER, str(result), factory]
        subprocess.run(
            command, cwd=folder, env=os.environ | dict(environment), check=True, capture_output=True, timeout=180
        )
        rows = json.loads(result.read_text(encoding="utf-8"))
    return {(method, shape(_CONVERTER.sub(r"{\1}", path))): frozenset(asked) for method, path, asked in rows}


def signed_in(url: str, email: str, password: str) -> dict[str, str]:
    """The headers of a person of our demo."""
    body = json.dumps({"email": email, "password": password}).encode()
    request = urllib.request.Request(f"{url}/api/login", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return {"Authorization": f"Bearer {json.load(answer)['token']}"}


def harmless(endpoint: Endpoint) -> tuple[str, object]:
    """The path and the body of a call that changes no record: the workspace of the people of our demo, and ids that nothing has."""
    path = re.sub(r"\{(\w*)[^{}]*\}", lambda name: "1" if "workspace" in name[1] else "987654", endpoint.path)
    return path, {} if endpoint.method in ("POST", "PUT", "PATCH") else None


async def by_calls(
    url: str,
    people: Mapping[str, Mapping[str, str]],
    endpoints: Sequence[Endpoint],
    request: Callable[[Endpoint], tuple[str, object] | None],
) -> Truth:
    """Whom the app turns away: every operation is called once as each of ``people`` (role -> request headers), the weakest first.

    What deletes comes late, and what ends a session last. Left out is what ``request`` gives no path and body for. Where everybody is told that there is no such record, or everybody is turned away, nothing is decided.
    """
    allowed: dict[tuple[str, str], set[str]] = {}
    refused: set[tuple[str, str]] = set()
    decided: set[tuple[str, str]] = set()
    async with Site.open(url, seconds=20) as site:
        for endpoint in sorted(endpoints, key=lambda one: (bool(_ENDS.search(one.path)), one.method == "DELETE")):
            key = (endpoint.method, shape(endpoint.path))
            for role, headers in people.items():
                asked = request(endpoint)
                if asked is None:
                    break
                answer = await site.send(endpoint.method, asked[0], headers=headers, json=asked[1])
                if answer.status != 404:
                    decided.add(key)
                if turned_away(answer):
                    refused.add(key)
                else:
                    allowed.setdefault(key, set()).add(role)
    return {key: frozenset(roles if key in refused else ()) for key, roles in allowed.items() if key in decided}


def called(
    url: str,
    people: Mapping[str, Mapping[str, str]],
    endpoints: Sequence[Endpoint],
    request: Callable[[Endpoint], tuple[str, object] | None] = harmless,
) -> Truth:
    """:func:`by_calls`, for callers that do not wait."""
    return asyncio.run(by_calls(url, people, endpoints, request))


def scored(endpoints: Sequence[Endpoint], truth: Truth) -> Score:
    """How our roles stand against the app's. An operation the app said nothing about is not counted.

    A permission in the truth is met when it is among ours (code may ask for more); roles must be the same ones.
    """
    right, bound, wrong, misses = 0, 0, 0, []
    for endpoint in endpoints:
        asked = truth.get((endpoint.method, shape(endpoint.path)))
        ours = frozenset(endpoint.access.roles)
        if asked is None:
            continue
        permission = any(":" in one for one in asked)
        fits = asked <= ours if permission else asked == ours
        bound, right, wrong = bound + bool(asked), right + bool(asked and fits), wrong + bool(ours and not asked)
        if not fits:
            misses.append(f"{endpoint.name}: the app asks for {_list(asked)}, we say {_list(ours)}")
    return Score(right, bound, wrong, tuple(misses))


def _list(names: frozenset[str]) -> str:
    return " or ".join(sorted(names)) or "nobody in particular"
