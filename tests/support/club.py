"""A club with members and their notes: a small app that describes itself, to be spoilt in one way by each test of the proof.

Accounts are made at ``POST /api/signup``, sessions are bearer tokens of ``POST /api/login``. Notes belong to who made them, and everybody
else gets 404. A test overrides one method, or gives ``spoil``, which sees a call before the club does.
"""

import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.web import Got, Reply

_TEXT = {"type": "string"}


@dataclass(slots=True)
class Member:
    """One account."""

    id: int
    email: str
    password: str
    name: str

    @property
    def shown(self) -> dict[str, Any]:
        """What they see of themselves."""
        return {"id": self.id, "email": self.email, "name": self.name}


@dataclass(slots=True)
class Club:
    """``calls`` are (method, path, name of the caller) as they came in; ``more`` are operations for the description."""

    spoil: Callable[["Club", Got, Member | None], Reply | None] = lambda _club, _got, _who: None
    more: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)
    notes: dict[int, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, Member] = field(default_factory=dict)
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    last: int = 100
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, got: Got) -> Reply:
        """Answer one request."""
        with self.lock:
            who = self.who(got)
            self.calls.append((got.method, got.path, who.name if who else ""))
            answer = self.spoil(self, got, who)
        if answer is not None:
            return answer
        with self.lock:
            return self.answer(got, who)

    def who(self, got: Got) -> Member | None:
        """Whose session came along."""
        return self.tokens.get(got.headers.get("authorization", "").removeprefix("Bearer "))

    def answer(self, got: Got, who: Member | None) -> Reply:
        """The club as it should be."""
        match got.method, got.path.strip("/").split("/"):
            case "GET", ["openapi.json"]:
                return said(200, self.description())
            case "POST", ["api", "signup"]:
                return self.sign_up(got)
            case "POST", ["api", "login"]:
                return self.sign_in(got)
            case _ if who is None:
                return said(401, {"detail": "sign in first"})
            case "GET", ["api", "me"]:
                return said(200, who.shown)
            case "DELETE", ["api", "me"]:
                self.members.remove(who)
                self.tokens = {token: one for token, one in self.tokens.items() if one is not who}
                return said(204)
            case "GET", ["api", "notes"]:
                return said(200, [note for note in self.notes.values() if note["owner_id"] == who.id])
            case "POST", ["api", "notes"]:
                self.last += 1
                self.notes[self.last] = {"id": self.last, "owner_id": who.id, **body(got)}
                return said(201, self.notes[self.last])
            case method, ["api", "notes", number] if number.isdigit():
                return self.one_note(method, int(number), got, who)
        return said(404, {"detail": "no such page"})

    def sign_up(self, got: Got) -> Reply:
        """A new account, when nobody has the address."""
        given = body(got)
        if not all(isinstance(given.get(name), str) and given[name] for name in ("email", "password")):
            return said(422, {"detail": "email and password are required"})
        if any(one.email == given.get("email") for one in self.members):
            return said(409, {"detail": "that address is taken"})
        self.last += 1
        self.members.append(Member(self.last, given["email"], given["password"], given.get("name", "")))
        return said(201, self.members[-1].shown)

    def sign_in(self, got: Got) -> Reply:
        """A new token."""
        given = body(got)
        for one in self.members:
            if (one.email, one.password) == (given.get("email"), given.get("password")):
                token = secrets.token_urlsafe(24)
                self.tokens[token] = one
                return said(200, {"access_token": token})
        return said(401, {"detail": "wrong address or password"})

    def mine(self, note: dict[str, Any], who: Member) -> bool:
        """Whether a member may have this note."""
        return bool(note["owner_id"] == who.id)

    def one_note(self, method: str, number: int, got: Got, who: Member) -> Reply:
        """Read, change or delete one note."""
        note = self.notes.get(number)
        if note is None or not self.mine(note, who):
            return said(404, {"detail": "no such note"})
        if method == "PUT":
            note |= {"text": body(got).get("text", note.get("text"))}
        if method == "DELETE":
            del self.notes[number]
            return said(204)
        return said(200, note)

    def description(self) -> dict[str, Any]:
        """The club as an OpenAPI document."""
        number = {"name": "note_id", "in": "path", "required": True, "schema": {"type": "integer"}}
        return {
            "openapi": "3.1.0",
            "info": {"title": "club", "version": "1"},
            "paths": {
                "/api/signup": {"post": takes(email=_TEXT, password=_TEXT, name=_TEXT)},
                "/api/login": {"post": takes(email=_TEXT, password=_TEXT)},
                "/api/me": {"get": {}, "delete": {}},
                "/api/notes": {"get": {}, "post": takes(text=_TEXT)},
                "/api/notes/{note_id}": {
                    "get": {"parameters": [number]},
                    "put": takes(text=_TEXT) | {"parameters": [number]},
                    "delete": {"parameters": [number]},
                },
                **self.more,
            },
        }


def takes(**fields: dict[str, Any]) -> dict[str, Any]:
    """An operation with a JSON body of these fields, all required."""
    schema = {"type": "object", "properties": fields, "required": list(fields)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def said(status: int, value: object = None) -> Reply:
    """A JSON answer."""
    return Reply(status, "" if value is None else json.dumps(value), {"Content-Type": "application/json"})


def body(got: Got) -> dict[str, Any]:
    """The JSON that came in; empty for anything else."""
    try:
        given = json.loads(got.body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}
