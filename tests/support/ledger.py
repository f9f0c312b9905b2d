"""An app that keeps what it is given: accounts and notes in SQLite, and no way to remove either.

``forgetting`` is what its owner would write to remove what a run left: a script that reads the list and deletes by address and id.
"""

import secrets
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.support.club import body, said, takes
from tests.support.web import Got, Reply

_TEXT = {"type": "string"}
# Who was there before any run, and what they wrote.
OWNER, THEIRS = "dana@example.org", "written by a customer"

FORGETS = """
import json, os, sqlite3, sys
given = json.load(sys.stdin)
with open("given.json", "w") as file:
    json.dump({"argv": sys.argv[1:], "given": given}, file)
base = sqlite3.connect(os.environ["LEDGER"], timeout=30)
for one in given["left"]:
    if one["kind"] == "account":
        base.execute("DELETE FROM notes WHERE owner IN (SELECT id FROM accounts WHERE email = ?)", (one["email"],))
        base.execute("DELETE FROM accounts WHERE email = ?", (one["email"],))
    else:
        base.execute("DELETE FROM notes WHERE id = ?", (one["ids"][0],))
base.commit()
print(len(given["left"]), "forgotten")
"""


class Ledger:
    """The app; call it to answer a request. ``calls`` are the requests that came, ``watch`` sees each write before it is done."""

    def __init__(self, file: Path, watch: Callable[[Got], None] = lambda _got: None) -> None:
        self.file, self.watch, self.lock = file, watch, threading.Lock()
        self.tokens: dict[str, int] = {}
        self.calls: list[tuple[str, str]] = []
        self.ask(
            "CREATE TABLE accounts (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT UNIQUE, password TEXT, name TEXT)"
        )
        self.ask("CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, owner INTEGER, text TEXT)")
        self.ask("INSERT INTO accounts (email, password, name) VALUES (?, ?, 'Dana')", OWNER, secrets.token_hex(8))
        self.ask("INSERT INTO notes (owner, text) VALUES (1, ?)", THEIRS)

    def ask(self, statement: str, *values: object) -> list[Any]:
        """Run one statement, and keep what it does."""
        with closing(sqlite3.connect(self.file, timeout=30)) as base, base:
            return base.execute(statement, values).fetchall()

    @property
    def accounts(self) -> set[str]:
        """The addresses of those who were not there before."""
        return {email for (email,) in self.ask("SELECT email FROM accounts WHERE id > 1")}

    @property
    def notes(self) -> dict[int, str]:
        """The notes that were not there before, by id."""
        return dict(self.ask("SELECT id, text FROM notes WHERE id > 1"))

    @property
    def untouched(self) -> bool:
        """Whether what was there before still is."""
        return self.ask(
            "SELECT count(*) FROM accounts JOIN notes ON owner = accounts.id WHERE email = ? AND text = ?",
            OWNER,
            THEIRS,
        ) == [(1,)]

    def __call__(self, got: Got) -> Reply:
        """Answer one request."""
        if got.method != "GET":
            self.watch(got)
        with self.lock:
            self.calls.append((got.method, got.path))
            who = self.tokens.get(got.headers.get("authorization", "").removeprefix("Bearer "), 0)
            # The session of an account that is gone is none.
            return self.answer(got, who if self.ask("SELECT 1 FROM accounts WHERE id = ?", who) else 0)

    def answer(self, got: Got, who: int) -> Reply:
        """What the app says to somebody, 0 for a stranger."""
        match got.method, got.path.strip("/").split("/"):
            case "GET", ["openapi.json"]:
                return said(200, _DESCRIPTION)
            case "POST", ["signup"]:
                return self._sign_up(body(got))
            case "POST", ["login"]:
                return self._sign_in(body(got))
            case _ if not who:
                return said(401, {"detail": "sign in first"})
            case "GET", ["me"]:
                ((email, name),) = self.ask("SELECT email, name FROM accounts WHERE id = ?", who)
                return said(200, {"id": who, "email": email, "name": name})
            case "GET", ["notes"]:
                return said(
                    200,
                    [
                        {"id": key, "text": text}
                        for key, text in self.ask("SELECT id, text FROM notes WHERE owner = ?", who)
                    ],
                )
            case "POST", ["notes"]:
                text = body(got).get("text")
                if not isinstance(text, str) or not 0 < len(text) < 200 or not text.isprintable():
                    return said(422, {"detail": "a text of at most 200 characters"})
                self.ask("INSERT INTO notes (owner, text) VALUES (?, ?)", who, text)
                ((key,),) = self.ask("SELECT max(id) FROM notes")
                return said(201, {"id": key, "text": text})
        return said(404, {"detail": "no such page"})

    def _sign_up(self, given: dict[str, Any]) -> Reply:
        email, password = given.get("email"), given.get("password")
        sound = all(isinstance(one, str) and 0 < len(one) < 200 and one.isprintable() for one in (email, password))
        if not sound or "@" not in str(email) or " " in str(email):
            return said(422, {"detail": "an address and a password are required"})
        if self.ask("SELECT 1 FROM accounts WHERE email = ?", email):
            return said(409, {"detail": "that address is taken"})
        self.ask(
            "INSERT INTO accounts (email, password, name) VALUES (?, ?, ?)",
            email,
            password,
            str(given.get("name", ""))[:200],
        )
        ((key,),) = self.ask("SELECT id FROM accounts WHERE email = ?", email)
        return said(201, {"id": key, "email": email})

    def _sign_in(self, given: dict[str, Any]) -> Reply:
        found = self.ask(
            "SELECT id FROM accounts WHERE email = ? AND password = ?",
            str(given.get("email")),
            str(given.get("password")),
        )
        if not found:
            return said(401, {"detail": "wrong address or password"})
        token = secrets.token_urlsafe(24)
        self.tokens[token] = found[0][0]
        return said(200, {"access_token": token})


_DESCRIPTION = {
    "openapi": "3.1.0",
    "info": {"title": "ledger", "version": "1"},
    "paths": {
        "/signup": {"post": takes(email=_TEXT, password=_TEXT, name=_TEXT)},
        "/login": {"post": takes(email=_TEXT, password=_TEXT)},
        "/me": {"get": {}},
        "/notes": {"get": {}, "post": takes(text=_TEXT)},
    },
}
