"""Accounts for apps that nobody can sign up to without knowing how: made the way their own manuals say, at most ten lines of configuration."""

import json
import os
import secrets
import subprocess
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from launchready.model.project import Identity, Reference

Maker = Callable[[str, Mapping[str, str], tuple[str, ...]], tuple[Identity, ...]]


def directus(url: str, environment: Mapping[str, str], _serve: tuple[str, ...]) -> tuple[Identity, ...]:
    """The administrator Directus starts with, and two users made by them, each with a static token."""
    given = {"email": environment["ADMIN_EMAIL"], "password": environment["ADMIN_PASSWORD"]}
    admin = _send("POST", f"{url}/auth/login", given)["data"]["access_token"]
    for name in ("ann", "ben", "root"):
        token = os.environ[f"BENCH_{name.upper()}"] = secrets.token_urlsafe(24)
        if name == "root":
            _send("PATCH", f"{url}/users/me", {"token": token}, admin)
        else:
            _send("POST", f"{url}/users", {"email": f"{name}@example.com", "first_name": name, "token": token}, admin)
    return (_bearer("ann", "member"), _bearer("ben", "member"), _bearer("root", "admin"))


def apache_superset(_url: str, environment: Mapping[str, str], serve: tuple[str, ...]) -> tuple[Identity, ...]:
    """An administrator and two users of the role Alpha, made by Superset's own command."""
    command = str(Path(serve[0]).parent / "superset")
    found = []
    for name, role in (("ann", "Alpha"), ("ben", "Alpha"), ("root", "Admin")):
        password = os.environ[f"BENCH_{name.upper()}"] = secrets.token_hex(12)
        given = (
            "--username",
            name,
            "--firstname",
            name,
            "--lastname",
            "Bench",
            "--email",
            f"{name}@example.com",
            "--password",
            password,
        )
        subprocess.run(
            (command, "fab", "create-user", "--role", role, *given),
            env=os.environ | dict(environment),
            check=True,
            capture_output=True,
        )
        kept = Reference(f"BENCH_{name.upper()}")
        found.append(Identity(name, "admin" if role == "Admin" else "member", username=name, password=kept))
    return tuple(found)


def _bearer(name: str, role: str) -> Identity:
    return Identity(name, role, username=name, login="bearer", token=Reference(f"BENCH_{name.upper()}"))


def _send(method: str, address: str, body: Mapping[str, Any], token: str = "") -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(address, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or b"null")


MAKERS: Mapping[str, Maker] = {"directus": directus, "apache-superset": apache_superset}
