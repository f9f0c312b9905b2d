"""A library of notes that speaks GraphQL and nothing else: people sign up and in by mutations, and own what they write.

Right as it stands; a test opens it in one way by a field of :class:`Library`.
"""

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from graphql import GraphQLError, build_schema, graphql_sync

from tests.support.web import Got, Reply

SDL = """
    directive @auth(requires: String!) on FIELD_DEFINITION
    interface Node { id: ID! }
    type User implements Node { id: ID! email: String! name: String role: String! phone: String salary: Int @auth(requires: "ADMIN") passwordHash: String }
    type Note implements Node { id: ID! title: String! body: String owner: User! }
    type NoteEdge { node: Note! }
    type NoteConnection { edges: [NoteEdge!]! }
    type Session { token: String! user: User! }
    type NotePayload { note: Note }
    input SignUpInput { email: String! password: String! name: String! %(role)s }
    input NoteInput { title: String! body: String }
    input NotePatch { id: ID! title: String body: String }
    type Query {
      me: User
      notes(first: Int!): NoteConnection!
      note(id: ID!): Note
      node(id: ID!): Node
      people: [User!]!
      adminReport: String @auth(requires: "ADMIN")
      version: String
    }
    type Mutation {
      signUp(input: SignUpInput!): Session
      login(email: String!, password: String!): Session
      createNote(input: NoteInput!): NotePayload
      updateNote(input: NotePatch!): Note
      deleteNote(id: ID!): Boolean
      deleteAccount: Boolean
    }
"""

# What whoever is signed in asks for, where they are known by a token that the field takes.
_BY_ARGUMENT = re.compile(
    r"^(\s*)(me|notes|note|node|people|adminReport|createNote|updateNote|deleteNote|deleteAccount)(?:\((.*?)\))?:", re.M
)


@dataclass
class Library:
    """``reads``, ``node``, ``changes``, ``deletes``, ``reports`` let everybody do what is the owner's or an administrator's;
    ``first_only`` guards the first operation of a request alone, ``roles`` lets people choose theirs, ``hashes`` tells too much.
    ``lists`` names all members to strangers. ``salaries`` shows everybody a field for administrators. ``strangers`` lets nobody in particular write. ``told`` is whether introspection is on, ``deepest`` how deep a query may go, and
    ``closed_email`` keeps addresses to their owners. ``argument`` is whether people are known by a token that fields take as an argument, and by no header. A subclass puts ``more`` behind the schema.
    """

    more: ClassVar[str] = ""
    reads: bool = False
    node: bool = False
    changes: bool = False
    deletes: bool = False
    reports: bool = False
    first_only: bool = False
    roles: bool = False
    hashes: bool = False
    strangers: bool = False
    salaries: bool = False
    lists: bool = False
    closed_email: bool = False
    argument: bool = False
    deepest: int = 99
    told: bool = True
    users: dict[str, dict[str, Any]] = field(init=False, default_factory=dict)
    notes: dict[str, dict[str, Any]] = field(init=False, default_factory=dict)
    tokens: dict[str, str] = field(init=False, default_factory=dict)
    last: int = 40

    def __post_init__(self) -> None:
        text = SDL % {"role": "role: String" if self.roles else ""} + self.more
        if self.argument:
            text = _BY_ARGUMENT.sub(lambda m: f"{m[1]}{m[2]}(accessToken: String{f', {m[3]}' if m[3] else ''}):", text)
        self.schema = build_schema(text)
        self.users["n0"] = {
            "id": "n0", "email": "house@example.com", "name": "House", "password": secrets.token_hex(8), "role": "admin",
            "phone": None, "salary": 9000, "hash": "",
        }  # fmt: skip

    def __call__(self, got: Got) -> Reply:
        """Answer one request; an array of operations is a batch."""
        if got.path != "/graphql" or got.method != "POST":
            return Reply(404 if got.path != "/graphql" else 405, "{}", {"Content-Type": "application/json"})
        given = json.loads(got.body or b"{}")
        batch = given if isinstance(given, list) else [given]
        who = self.users.get(self.tokens.get(got.headers.get("authorization", "").removeprefix("Bearer "), ""))
        answers = [self.operation(one, who, number) for number, one in enumerate(batch)]
        body = answers if isinstance(given, list) else answers[0]
        return Reply(200, json.dumps(body), {"Content-Type": "application/json"})

    def operation(self, given: dict[str, Any], who: dict[str, Any] | None, number: int) -> dict[str, Any]:
        """One operation of a request."""
        query = given.get("query", "")
        if not self.told and "__schema" in query:
            return {"errors": [{"message": "GraphQL introspection is not allowed"}]}
        if _depth(query) > self.deepest and "__schema" not in query:
            return {"errors": [{"message": f"query exceeds the maximum depth of {self.deepest}"}]}
        unwatched = self.first_only and number > 0
        root = ByArgument(self, unwatched) if self.argument else self.root(who, unwatched=unwatched)
        done = graphql_sync(self.schema, query, root, variable_values=given.get("variables"))
        return dict(done.formatted)

    def root(self, who: dict[str, Any] | None, *, unwatched: bool) -> "Root":
        """The resolvers of one operation."""
        return Root(self, who, unwatched=unwatched)

    def number(self) -> str:
        """The next id, opaque as those of Relay are."""
        self.last += 1
        return f"n{self.last * 7919:x}"


def _depth(query: str) -> int:
    deep = most = 0
    for letter in query:
        deep += (letter == "{") - (letter == "}")
        most = max(most, deep)
    return most


class ByArgument:
    """The resolvers, for whoever the argument of each says."""

    def __init__(self, app: Library, unwatched: bool) -> None:
        self.app, self.unwatched = app, unwatched

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def resolved(info: object, accessToken: str | None = None, **given: Any) -> Any:
            if accessToken is None and name not in ("version", "signUp", "login"):
                raise TypeError(f"{name}() missing 1 required positional argument: 'accessToken'")
            who = self.app.users.get(self.app.tokens.get(accessToken or "", ""))
            return getattr(Root(self.app, who, unwatched=self.unwatched), name)(info, **given)

        return resolved


class Root:
    """The resolvers, for one caller. ``unwatched`` operations are those the guard does not look at."""

    def __init__(self, app: Library, who: dict[str, Any] | None, *, unwatched: bool) -> None:
        self.app, self.who, self.unwatched = app, who, unwatched

    def signed_in(self) -> dict[str, Any]:
        if self.who is None:
            raise GraphQLError("sign in first", extensions={"code": "UNAUTHENTICATED"})
        return self.who

    def user(self, user: dict[str, Any]) -> dict[str, Any]:
        shown = {"__typename": "User", **user, "passwordHash": user["hash"] if self.app.hashes else None}
        shown |= {"salary": user["salary"] if self.app.salaries or (self.who or {}).get("role") == "admin" else None}
        return shown | ({"email": self.closed} if self.app.closed_email and user is not self.who else {})

    def closed(self, _info: object) -> str:
        raise GraphQLError("not for you", extensions={"code": "FORBIDDEN"})

    def shown(self, note: dict[str, Any]) -> dict[str, Any]:
        return {"__typename": "Note", **note, "owner": self.user(self.app.users[note["owner_id"]])}

    def one(self, id: str, *, opened: bool) -> dict[str, Any]:
        note, who = self.app.notes.get(id), self.who if self.unwatched else self.signed_in()
        allowed = opened or self.unwatched
        if note is None or not (allowed or (who and note["owner_id"] == who["id"])):
            raise GraphQLError("there is no such note", extensions={"code": "NOT_FOUND"})
        return note

    def me(self, _info: object) -> dict[str, Any] | None:
        return self.user(self.who) if self.who else None

    def notes(self, _info: object, first: int) -> dict[str, Any]:
        who = self.signed_in()
        mine = [self.shown(one) for one in self.app.notes.values() if one["owner_id"] == who["id"]]
        return {"edges": [{"node": one} for one in mine[:first]]}

    def note(self, _info: object, id: str) -> dict[str, Any]:
        return self.shown(self.one(id, opened=self.app.reads))

    def node(self, _info: object, id: str) -> dict[str, Any] | None:
        if id in self.app.users:
            who = self.signed_in()
            return self.user(who) if id == who["id"] else None
        return self.shown(self.one(id, opened=self.app.node))

    def people(self, _info: object) -> list[dict[str, Any]]:
        if self.app.lists:
            return [self.user(one) for one in self.app.users.values() if one["id"] != "n0"]
        return [self.user(self.signed_in())]

    def adminReport(self, _info: object) -> str:
        if self.signed_in()["role"] != "admin" and not self.app.reports:
            raise GraphQLError("for administrators", extensions={"code": "FORBIDDEN"})
        return "17 people, 3 complaints, turnover 1204"

    def version(self, _info: object) -> str:
        return "1.4.2"

    def session(self, user: dict[str, Any]) -> dict[str, Any]:
        token = secrets.token_urlsafe(24)
        self.app.tokens[token], self.who = user["id"], user
        return {"token": token, "user": self.user(user)}

    def signUp(self, _info: object, input: dict[str, Any]) -> dict[str, Any]:
        if any(one["email"] == input["email"] for one in self.app.users.values()):
            raise GraphQLError("that address has an account already", extensions={"code": "BAD_USER_INPUT"})
        if len(input["password"]) < 8:
            raise GraphQLError("password: at least 8 characters", extensions={"code": "BAD_USER_INPUT"})
        user = {
            "id": self.app.number(), "email": input["email"], "name": input["name"], "password": input["password"],
            "role": input.get("role") or "member", "phone": None, "salary": 5200, "hash": "$2b$12$" + secrets.token_hex(20),
        }  # fmt: skip
        self.app.users[user["id"]] = user
        return self.session(user)

    def login(self, _info: object, email: str, password: str) -> dict[str, Any]:
        for one in self.app.users.values():
            if (one["email"], one["password"]) == (email, password):
                return self.session(one)
        raise GraphQLError("wrong address or password", extensions={"code": "UNAUTHENTICATED"})

    def createNote(self, _info: object, input: dict[str, Any]) -> dict[str, Any]:
        owner = self.app.users["n0"] if self.app.strangers and not self.who else self.signed_in()
        note = {"id": self.app.number(), "title": input["title"], "body": input.get("body"), "owner_id": owner["id"]}
        self.app.notes[note["id"]] = note
        return {"note": self.shown(note)}

    def updateNote(self, _info: object, input: dict[str, Any]) -> dict[str, Any]:
        note = self.one(input["id"], opened=self.app.changes)
        note |= {name: value for name, value in input.items() if name != "id" and value is not None}
        return self.shown(note)

    def deleteNote(self, _info: object, id: str) -> bool:
        note = self.app.notes.get(id)
        if note is None or not (self.app.deletes or note["owner_id"] == self.signed_in()["id"]):
            return False
        del self.app.notes[id]
        return True

    def deleteAccount(self, _info: object) -> bool:
        who = self.signed_in()
        del self.app.users[who["id"]]
        return True
