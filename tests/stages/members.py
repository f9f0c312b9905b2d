"""A small real app with members, for tests of the prover: it describes itself, signs people up and in, and keeps their records.

Each test adds the routes it is about. What is given here is right: every fault comes from the test.
"""

import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.web import Got, Reply

Body = Any
Handler = Callable[["Asked"], "Reply | Body"]
_PARAMETER = re.compile(r"\{(\w+)\}")
_PLACES = {"?": "query", "@": "header", "~": "cookie", "!": "", "+": ""}


@dataclass(slots=True)
class Member:
    """Somebody with an account."""

    id: int
    email: str
    username: str
    password: str
    more: dict[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """What the app tells them of themselves."""
        return {"id": self.id, "email": self.email, "username": self.username} | self.more


@dataclass(slots=True)
class Asked:
    """A request to one route: who asks (None for a stranger), the ids of the path, and what was sent."""

    member: Member | None
    ids: Mapping[str, str]
    body: dict[str, Any]
    got: Got


@dataclass(slots=True)
class Members:
    """The app; call it to answer a request. ``each`` gives every new member more fields, ``take`` names those a sign-up may set.

    Fields of a route are those of its JSON body; one that begins with ``?`` is of the query, with ``@`` a header, with ``~`` a cookie, with ``!`` a permission it asks for, with ``+`` a file, with ``*`` one of the body that may be left out, with ``%`` a table of the body. ``hidden``
    routes are in no description, and ``fallback`` answers whatever has no route.
    """

    members: list[Member] = field(default_factory=list)
    records: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    sessions: dict[str, Member] = field(default_factory=dict)
    routes: list[tuple[str, str, tuple[str, ...], Handler, bool]] = field(default_factory=list)
    first: int = 1
    each: Callable[[Member], dict[str, Any]] = lambda member: {}
    take: tuple[str, ...] = ()
    fallback: Handler | None = None
    hidden: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.route("POST", "/signup", "email", "username", "password", open=True)(self._sign_up)
        self.route("POST", "/login", "email", "password", open=True)(self._sign_in)
        self.route("GET", "/me")(lambda asked: asked.member.shown() if asked.member else {})

    def route(
        self, method: str, template: str, *fields: str, open: bool = False, hidden: bool = False
    ) -> Callable[[Handler], Handler]:
        """Add a route. Strangers get 401 unless it is ``open``; what the handler returns is sent as JSON with 200."""

        def add(handler: Handler) -> Handler:
            if hidden:
                self.hidden.add((method, template))
            self.routes.append((method, template, fields, handler, open))
            return handler

        return add

    def collection(self, name: str, *fields: str, mine_only: bool = True, start: int = 0) -> None:
        """``POST /name``, ``GET /name`` and ``GET /name/{id}``, each owner by themselves unless ``mine_only`` is False."""
        kept = self.records.setdefault(name, {})

        @self.route("POST", f"/{name}", *fields)
        def make(asked: Asked) -> Body:
            assert asked.member is not None
            key = str((start or self.first) + len(kept))
            kept[key] = {"id": int(key)} | {f: asked.body.get(f, "") for f in fields} | {"ownerId": asked.member.id}
            return Reply(201, json.dumps(kept[key]), {"Content-Type": "application/json"})

        @self.route("GET", f"/{name}")
        def listed(asked: Asked) -> Body:
            return [one for one in kept.values() if self.owns(asked, one)]

        @self.route("GET", f"/{name}/{{id}}")
        def one(asked: Asked) -> Body:
            found = kept.get(asked.ids["id"])
            return found if found and (not mine_only or self.owns(asked, found)) else missing()

    def owns(self, asked: Asked, record: Mapping[str, Any]) -> bool:
        """Whether the record is the asking member's."""
        return asked.member is not None and record.get("ownerId") == asked.member.id

    def _sign_up(self, asked: Asked) -> Body:
        email, username, password = (str(asked.body.get(name, "")) for name in ("email", "username", "password"))
        if not (email and username and password):
            return Reply(400, json.dumps({"error": "email, username and password are required"}))
        member = Member(self.first + len(self.members), email, username, password)
        member.more = self.each(member) | {name: asked.body[name] for name in self.take if name in asked.body}
        self.members.append(member)
        return Reply(201, json.dumps(member.shown()), {"Content-Type": "application/json"})

    def _sign_in(self, asked: Asked) -> Body:
        for member in self.members:
            if (member.email, member.password) == (asked.body.get("email"), asked.body.get("password")):
                token = secrets.token_hex(20)
                self.sessions[token] = member
                return {"access_token": token}
        return Reply(401, json.dumps({"error": "no"}))

    def __call__(self, got: Got) -> Reply:
        if got.path == "/openapi.json":
            return _json(self._description())
        member = self.sessions.get(got.headers.get("authorization", "").removeprefix("Bearer "))
        try:
            said = json.loads(got.body or b"{}")
        except (ValueError, RecursionError):
            said = {}
        for method, template, _, handler, is_open in self.routes:
            match = re.fullmatch(_PARAMETER.sub(r"(?P<\1>[^/]+)", template), got.path)
            if match is None or method != got.method:
                continue
            if member is None and not is_open:
                return Reply(401, json.dumps({"error": "sign in"}), {"Content-Type": "application/json"})
            answer = handler(Asked(member, match.groupdict(), said if isinstance(said, dict) else {}, got))
            return answer if isinstance(answer, Reply) else _json(answer)
        return _json(self.fallback(Asked(member, {}, {}, got))) if self.fallback else missing()

    def _description(self) -> dict[str, Any]:
        paths: dict[str, Any] = {}
        for method, template, given, _, _ in self.routes:
            if (method, template) in self.hidden:
                continue
            places = [(n, "path") for n in _PARAMETER.findall(template)]
            places += [(n[1:], _PLACES[n[0]]) for n in given if _PLACES.get(n[0])]
            files = {name[1:]: {"type": "string", "format": "binary"} for name in given if name[0] == "+"}
            fields = [name for name in given if name[0] not in _PLACES]
            asked = [name[1:] for name in given if name[0] == "!"]
            operation: dict[str, Any] = ({"security": [{"bearer": asked}]} if asked else {}) | {
                "responses": {"200": {"description": "ok"}},
                "parameters": [
                    {"name": n, "in": place, "required": place == "path", "schema": {"type": "string"}}
                    for n, place in places
                ],
            }
            if fields:
                properties = {name.lstrip("*%"): {"type": "object" if name[0] == "%" else "string"} for name in fields}
                needed = [name.lstrip("%") for name in fields if name[0] != "*"]
                schema = {"type": "object", "properties": properties, "required": needed}
                operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
            if files:
                schema = {"type": "object", "properties": files | {n: {"type": "string"} for n in fields}}
                schema["required"] = [*files, *fields]
                operation["requestBody"] = {"content": {"multipart/form-data": {"schema": schema}}}
            paths.setdefault(template, {})[method.lower()] = operation
        schemes = {"bearer": {"type": "http", "scheme": "bearer"}}
        head = {"openapi": "3.0.0", "info": {"title": "members", "version": "1"}}
        return head | {"paths": paths, "components": {"securitySchemes": schemes}}


def missing() -> Reply:
    """What any id gets that is not there."""
    return Reply(404, json.dumps({"error": "not found"}), {"Content-Type": "application/json"})


def _json(value: Any) -> Reply:
    return Reply(200, json.dumps(value), {"Content-Type": "application/json"})
