"""People of each role in the apps that have roles, made by the apps' own means."""

import json
import os
import re
import secrets
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from launchready.model.surface import Endpoint
from roles import harmless

People = Mapping[str, Mapping[str, str]]
# Run by Label Studio's own Python: an organisation with its owner, a member of it, and somebody of the staff, each with a session and a key.
_LABEL_STUDIO = """
import json, sys, django
django.setup()
from django.conf import settings
from django.contrib.auth import SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from organizations.models import Organization
from rest_framework.authtoken.models import Token
from users.models import User
people = {}
for role in ("member", "staff", "owner", "left", "gone"):
    user = User.objects.create_user(f"{role}@example.com", sys.argv[1])
    user.is_staff = user.is_superuser = role == "staff"
    user.save()
    people[role] = user
organization = Organization.create_organization(created_by=people["owner"], title="Bench")
for user in people.values():
    organization.add_user(user)
    user.active_organization = organization
    user.save()
if hasattr(organization, "jwt"):
    organization.jwt.legacy_api_tokens_enabled = True
    organization.jwt.save()
found = {}
for role, user in people.items():
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["keep_me_logged_in"] = True
    session.create()
    token, _ = Token.objects.get_or_create(user=user)
    found[role] = {"id": str(user.pk), "organization": str(organization.pk)} if role in ("left", "gone") else {"Authorization": f"Token {token.key}", "Cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}"}
print("PEOPLE" + json.dumps(found))
"""
_NOTHING = "00000000-0000-4000-8000-000000000000"
# Bodies that get past what is asked of them before anybody's role is.
_FIXED: Mapping[tuple[str, str], object] = {
    ("POST", "/collections"): {"collection": "more", "schema": {}, "meta": {}},
    ("PATCH", "/collections"): [{"collection": "notes", "meta": {"note": "x"}}],
    ("PATCH", "/collections/{collection}"): {"meta": {"note": "x"}},
    ("POST", "/fields/{collection}"): {"field": "more", "type": "string"},
    ("PATCH", "/fields/{collection}"): [{"field": "title", "meta": {"note": "x"}}],
    ("PATCH", "/fields/{collection}/{field}"): {"field": "title", "meta": {"note": "x"}},
    ("POST", "/relations"): {"collection": "notes", "field": "editor", "related_collection": "directus_users"},
    ("PATCH", "/relations/{collection}/{field}"): {
        "collection": "notes",
        "field": "author",
        "related_collection": "directus_users",
        "meta": {"sort_field": None},
    },
}
_ACTIONS = ("create", "read", "update", "delete", "share")


def label_studio(
    python: str, folder: Path, environment: Mapping[str, str]
) -> tuple[People, Callable[[Endpoint], tuple[str, object] | None]]:
    """A member, somebody of the staff and the owner of the organisation, and the calls they make: on the organisation and on members
    that are there, and none that ends a session or gives out another key."""
    ran = subprocess.run(
        (python, "-c", _LABEL_STUDIO, secrets.token_urlsafe(12)),
        cwd=folder,
        env=os.environ | dict(environment),
        check=True,
        capture_output=True,
        text=True,
        timeout=180,
    )
    people: dict[str, dict[str, str]] = json.loads(ran.stdout.rpartition("PEOPLE")[2])
    left, gone = people.pop("left"), people.pop("gone")

    def request(endpoint: Endpoint) -> tuple[str, object] | None:
        path = endpoint.path.replace("{user_pk}", left["id"])
        path = path.replace("/organizations/{pk}", f"/organizations/{left['organization']}")
        known = replace(endpoint, path=path.replace("/users/{pk}", f"/users/{gone['id']}"))
        return None if re.search(r"logout|reset-token|/token/|session-policy", path) else harmless(known)

    return people, request


class Directus:
    """A running Directus with an administrator, and a member who has every permission on every collection there is.

    A record that is not there is refused to the member, and not to the administrator: what a role decides shows with records that are
    there. So each call that needs one gets a new one.
    """

    def __init__(self, url: str, email: str, password: str) -> None:
        self._url = url
        self._admin = self._signed_in(email, password)
        key = {"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}}
        title = {"field": "title", "type": "string"}
        spare = {"field": "spare", "type": "string"}
        people: list[dict[str, object]] = [
            {"field": name, "type": "uuid", "schema": {}} for name in ("author", "editor")
        ]
        self._said(
            "/collections", {"collection": "notes", "schema": {}, "meta": {}, "fields": [key, title, spare, *people]}
        )
        self._said("/collections", {"collection": "spare", "schema": {}, "meta": {}, "fields": [key]})
        self._said("/relations", {"collection": "notes", "field": "author", "related_collection": "directus_users"})
        self._policy = self._said("/policies", {"name": "Members", "admin_access": False, "app_access": True})["id"]
        self._note = self._said("/items/notes", {"title": "first"})["id"]
        secret = secrets.token_urlsafe(12)
        person = {
            "email": "member@example.com",
            "password": secret,
            "policies": {"create": [{"policy": {"id": self._policy}}]},
        }
        self._member = self._said("/users", person)["id"]
        self._flow = self._said("/flows", {"name": "flow", "trigger": "webhook"})["id"]
        self._dashboard = self._said("/dashboards", {"name": "dashboard"})["id"]
        with urllib.request.urlopen(
            urllib.request.Request(f"{url}/collections", headers=self._admin), timeout=20
        ) as answer:
            names = [one["collection"] for one in json.load(answer)["data"]]
        every = {"policy": self._policy, "fields": ["*"], "permissions": {}, "validation": {}}
        self._said(
            "/permissions", [every | {"collection": name, "action": action} for name in names for action in _ACTIONS]
        )
        self.people: People = {"member": self._signed_in("member@example.com", secret), "admin": self._admin}

    def request(self, endpoint: Endpoint) -> tuple[str, object] | None:
        """The path and the body of a call, with a record of its own; None where it needs one that cannot be made (webhooks are retired)."""
        parts = endpoint.path.strip("/").split("/")
        path = endpoint.path.replace("{collection}", "notes").replace(
            "{field}", "author" if parts[0] == "relations" else "title"
        )
        new = self._new().get(parts[0])
        writes = endpoint.method in ("POST", "PUT", "PATCH")
        if parts[0] in ("webhooks", "versions") and endpoint.method != "GET":
            return None
        if endpoint.method == "DELETE" and parts[0] in ("collections", "fields"):
            path = path.replace("notes", "spare") if parts[0] == "collections" else path.replace("title", "spare")
        if new is None or parts[1:] not in ([], ["{pk}"], ["{collection}"], ["{collection}", "{pk}"]):
            fixed = _FIXED.get((endpoint.method, endpoint.path), {"title": "x"} if writes else None)
            return re.sub(r"\{[^{}]*\}", "987654", path), fixed
        if endpoint.method == "POST":
            return path, new
        change = dict(list(new.items())[-1:])
        made = self._said("/items/notes" if parts[0] == "items" else f"/{parts[0]}", new).get("id", _NOTHING)
        if endpoint.path.endswith("{pk}"):
            return path.replace("{pk}", str(made)), change if writes else None
        return path, {"keys": [made], "data": change} if writes else [made] if endpoint.method == "DELETE" else None

    def _new(self) -> Mapping[str, Mapping[str, object]]:
        word = secrets.token_hex(4)
        place = {"position_x": 1, "position_y": 1}
        note: dict[str, object] = {"collection": "notes", "item": str(self._note)}
        return {
            "access": {"policy": self._policy, "user": self._member, "sort": 1},
            "comments": note | {"comment": "x"},
            "dashboards": {"name": word},
            "files": {"storage": "local", "filename_download": "x.txt", "type": "text/plain", "title": word},
            "flows": {"trigger": "webhook", "name": word},
            "folders": {"name": word},
            "items": {"title": word},
            "notifications": {"recipient": self._member, "subject": word},
            "operations": {"flow": self._flow, "key": word, "type": "log", **place, "name": word},
            "panels": {"dashboard": self._dashboard, "type": "label", "width": 4, "height": 4, **place, "name": word},
            "permissions": {"policy": self._policy, "collection": "notes", "action": "read", "fields": ["title"]},
            "policies": {"name": word},
            "presets": {"user": self._member, "collection": "notes"},
            "roles": {"name": word},
            "shares": note | {"name": word},
            "translations": {"language": "en-US", "key": word, "value": word},
            "users": {"email": f"{word}@example.com", "first_name": word},
        }

    def _signed_in(self, email: str, password: str) -> dict[str, str]:
        token = self._said("/auth/login", {"email": email, "password": password})["access_token"]
        return {"Authorization": f"Bearer {token}"}

    def _said(self, path: str, body: object) -> dict[str, str]:
        """What the administrator is answered; empty when the app does not take it."""
        sent = {"Content-Type": "application/json"} | getattr(self, "_admin", {})
        request = urllib.request.Request(self._url + path, json.dumps(body).encode(), sent)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                found = json.load(answer)["data"]
        except urllib.error.HTTPError:
            return {}
        return found if isinstance(found, dict) else {}
