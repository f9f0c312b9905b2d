"""Accounts for apps that nobody can sign up to without knowing how: made the way their own manuals say, at most ten lines of configuration."""

import json
import os
import secrets
import subprocess
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from launchready.model.project import Identity, Reference

Maker = Callable[[str, Mapping[str, str], tuple[str, ...]], tuple[Identity, ...]]


def verdaccio(url: str, _environment: Mapping[str, str], _serve: tuple[str, ...]) -> tuple[Identity, ...]:
    """Two users, as ``npm adduser`` makes them; their tokens stand in the environment."""
    found = []
    for name in ("ann", "ben"):
        body = {"name": name, "password": secrets.token_hex(12), "email": f"{name}@example.com", "type": "user"}
        address = f"{url}/-/user/org.couchdb.user:{name}"
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(address, json.dumps(body).encode(), headers, method="PUT")
        with urllib.request.urlopen(request, timeout=30) as answer:
            os.environ[f"BENCH_{name.upper()}"] = json.load(answer)["token"]
        found.append(Identity(name, "member", username=name, login="bearer", token=Reference(f"BENCH_{name.upper()}")))
    return tuple(found)


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
        found.append(
            Identity(name, "admin" if role == "Admin" else "member", username=name, login="form", password=kept)
        )
    return tuple(found)


MAKERS: Mapping[str, Maker] = {"verdaccio": verdaccio, "apache-superset": apache_superset}
