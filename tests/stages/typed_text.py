"""A small app that puts what people type into queries, pages, headers and paths: the right way, or one wrong way by ``fault``.

The queries are SQLite's and the templates Jinja's, so that what is found is found in the real thing.
"""

import contextlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from jinja2 import Environment

from tests.stages.members import Asked, Members
from tests.support.turns import in_turn
from tests.support.web import Got, Reply

JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
CSS = "body { margin: 0; font-family: sans-serif }\n"
_ITEMS = [(1, "Green bicycle", "sport"), (2, "Wooden chair", "home"), (3, "Green lamp", "home"), (4, "Tennis racket", "sport"), (7, "Kettle", "kitchen")]  # fmt: skip


def query(asked: Asked) -> dict[str, str]:
    """The parameters of the address."""
    return dict(parse_qsl(asked.got.query, keep_blank_values=True))


class Shop:
    """``fault`` names what is wrong; ``errors`` how the app speaks of its own: shown, hidden, or swallowed (an empty list)."""

    def __init__(self, fault: str = "", errors: str = "hidden", folder: Path | None = None) -> None:
        self.fault, self.errors, self.folder = fault, errors, folder
        self.app = Members()
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        self.database.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, title TEXT, category TEXT)")
        self.database.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, owner INTEGER, title TEXT)")
        self.database.executemany("INSERT INTO items VALUES (?, ?, ?)", _ITEMS)
        self.people: list[dict[str, Any]] = []
        self._open()
        self._members()

    @in_turn
    def __call__(self, got: Got) -> Reply:
        """Answer one request."""
        if got.path == "/static/site.css":
            return Reply(200, CSS, {"Content-Type": "text/css"})
        if got.path == "/":
            return Reply(200, '<link rel="stylesheet" href="/static/site.css"><h1>Shop</h1>', HTML)
        try:
            return self.app(got)
        except sqlite3.Error as error:
            if self.errors == "swallowed":
                return Reply(200, "[]", JSON)
            return Reply(500, f"sqlite3.{type(error).__name__}: {error}" if self.errors == "shown" else "{}", JSON)

    def rows(self, text: str, values: tuple[object, ...] = ()) -> list[dict[str, Any]]:
        """The rows a query of items gives."""
        found = self.database.execute(f"SELECT id, title, category FROM items WHERE {text}", values)
        return [dict(zip(("id", "title", "category"), row, strict=True)) for row in found]

    def _open(self) -> None:
        route = self.app.route

        @route("GET", "/search", "?q", open=True)
        def search(asked: Asked) -> object:
            text = query(asked).get("q", "")
            if self.fault == "like":
                return self.rows(f"(title LIKE '%{text}%') ORDER BY id")
            return self.rows("title LIKE ? ORDER BY id", (f"%{text}%",))

        @route("GET", "/items", "?category", "?sort", "?limit", open=True)
        def items(asked: Asked) -> object:
            given = query(asked)
            order = given.get("sort") or "id"
            if self.fault != "sort" and order not in ("id", "title"):
                return Reply(422, '{"error": "sort by id or title"}', JSON)
            where, values = ("category = ?", (given["category"],)) if given.get("category") else ("1", ())
            if self.fault == "equal" and given.get("category"):
                where, values = f"category = '{given['category']}'", ()
            return self.rows(f"{where} ORDER BY {order}", values)

        @route("GET", "/items/{id}", open=True)
        def item(asked: Asked) -> object:
            if self.fault == "number":
                found = self.rows(f"id = {asked.ids['id']}")
            else:
                found = self.rows("id = ?", (asked.ids["id"],))
            return found[0] if found else Reply(404, '{"error": "not found"}', JSON)

        @route("GET", "/visits", "?source", open=True)
        def visits(asked: Asked) -> object:
            source = query(asked).get("source", "")
            if self.fault == "silent":
                with contextlib.suppress(sqlite3.Error):
                    self.database.execute(f"SELECT 1 FROM items WHERE title = '{source}'").fetchall()
            return {"counted": True}

        @route("GET", "/go", "?next", open=True)
        def go(asked: Asked) -> object:
            target = query(asked).get("next", "/")
            if self.fault == "header":
                head, _, line = target.partition("\r\n")
                more = dict([line.split(": ", 1)]) if ": " in line else {}
                return Reply(302, "", {"Location": "/" + quote(head.strip("/"))} | more)
            parts = urlsplit(target)
            inside = not parts.scheme and not parts.netloc and "\\" not in target and target.startswith("/")
            address = target if inside or self.fault == "redirect" else "/"
            return Reply(302, "", {"Location": quote(address, safe=":/?&=")})

        @route("GET", "/hello", "?name", open=True)
        def hello(asked: Asked) -> object:
            name = query(asked).get("name", "you")
            if self.fault == "template":
                return Reply(
                    200, Environment(autoescape=True).from_string("<p>Hello " + escape(name) + "</p>").render(), HTML
                )
            kept = {"Content-Security-Policy": "default-src 'self'"} if self.fault == "policed script" else {}
            shown = name if self.fault.endswith("script") else escape(name)
            return Reply(200, f"<!doctype html><title>still</title><p>Hello {shown}</p>", HTML | kept)

        @route("GET", "/manual", "?file", open=True)
        def manual(asked: Asked) -> object:
            name = query(asked).get("file", "")
            if self.folder is None or not name:
                return Reply(404, "{}", JSON)
            path = self.folder / "manuals" / name
            if self.fault != "file" and (self.folder / "manuals").resolve() not in path.resolve().parents:
                return Reply(404, "{}", JSON)
            return (
                Reply(200, path.read_bytes(), {"Content-Type": "text/plain"})
                if path.is_file()
                else Reply(404, "{}", JSON)
            )

        @route("GET", "/log", "?limit", open=True)
        def log(asked: Asked) -> object:
            given = query(asked).get("limit", "")
            size = int(given) if given.lstrip("-").isdigit() else 10
            most = 300 if self.fault == "page" else 50
            return [{"id": number, "line": f"entry {number}"} for number in range(300)][: max(0, min(size, most))]

    def _members(self) -> None:
        route = self.app.route

        @route("POST", "/notes", "title")
        def make(asked: Asked) -> object:
            assert asked.member is not None
            title = str(asked.body.get("title", ""))
            if self.fault == "insert":
                cursor = self.database.execute(
                    f"INSERT INTO notes (owner, title) VALUES ({asked.member.id}, '{title}')"
                )
            else:
                cursor = self.database.execute(
                    "INSERT INTO notes (owner, title) VALUES (?, ?)", (asked.member.id, title)
                )
            return Reply(201, json.dumps({"id": cursor.lastrowid, "title": title}), JSON)

        @route("DELETE", "/notes/{id}")
        def remove(asked: Asked) -> object:
            assert asked.member is not None
            self.database.execute("DELETE FROM notes WHERE id = ? AND owner = ?", (asked.ids["id"], asked.member.id))
            return Reply(204)

        @route("GET", "/contacts", "?email", "?sort")
        def contacts(asked: Asked) -> object:
            given = query(asked)
            people: list[dict[str, Any]] = [
                {"id": one.id, "email": one.email, "password": one.password} for one in self.app.members
            ]
            order = given.get("sort", "").lstrip("-") or "id"
            if self.fault == "order" and order in ("id", "email", "password"):
                people.sort(key=lambda one: one[order], reverse=given.get("sort", "").startswith("-"))
            wanted = given.get("email", "")
            found = [one for one in people if _finds(self.fault, wanted, one)]
            return [{"id": one["id"], "name": f"Contact {one['id']}"} for one in found]

        sign_in = _login(self)
        self.app.routes = [one for one in self.app.routes if one[1] != "/login"]
        route("POST", "/login", "email", "password", open=True)(sign_in)

    def left(self) -> int:
        """How many notes there are."""
        return int(self.database.execute("SELECT count(*) FROM notes").fetchone()[0])


def _finds(fault: str, wanted: str, one: Mapping[str, Any]) -> bool:
    if not wanted:
        return fault == "order"
    return one["email"] == wanted or (fault == "star" and wanted == "%")


def _login(shop: Shop) -> Callable[[Asked], object]:
    def entered(asked: Asked) -> object:
        email, password = asked.body.get("email"), asked.body.get("password")
        members = shop.app.members
        if shop.fault == "entry":
            found = [one for one in members if _is(one.email, email) and _is(one.password, password)]
        elif shop.fault == "login":
            shop.database.execute("CREATE TEMP TABLE IF NOT EXISTS people (email TEXT, password TEXT, place INTEGER)")
            shop.database.execute("DELETE FROM people")
            shop.database.executemany(
                "INSERT INTO people VALUES (?, ?, ?)", [(m.email, m.password, n) for n, m in enumerate(members)]
            )
            rows = shop.database.execute(
                f"SELECT place FROM people WHERE email = '{email}' AND password = '{password}'"
            )
            found = [members[row[0]] for row in rows]
        else:
            found = [one for one in members if (one.email, one.password) == (email, password)]
        if not found:
            return Reply(401, '{"error": "no"}', JSON)
        token = f"t{len(shop.app.sessions)}x" * 8
        shop.app.sessions[token] = found[0]
        return {"access_token": token, "email": found[0].email}

    return entered


def _is(value: str, wanted: object) -> bool:
    """How a document database compares: a table in place of a value is a condition."""
    if isinstance(wanted, dict):
        return all({"$ne": value != given, "$eq": value == given}.get(name, False) for name, given in wanted.items())
    return value == wanted
