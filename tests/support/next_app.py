"""A notebook as Next.js serves it: accounts and notes by server actions, sessions by Auth.js, one fault at most.

The wire is that of Next.js 15 and React 19: ``Next-Action``, the form of an action as fields ``1_NAME`` and its arguments in the field ``0``, answers as rows of ``text/x-component``,
redirects in ``x-action-redirect``, and 500 with a digest for what an action throws.
"""

import html
import json
import secrets
from dataclasses import dataclass, field
from email.parser import BytesParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from tests.support.web import Got, Reply

ACTIONS = {"register": "60aa01", "createNote": "40aa02", "updateNote": "60aa03", "deleteNote": "40aa04"}
_PAGES = {"register": "register/page", "createNote": "notes/page", "updateNote": "notes/[id]/page", "deleteNote": "notes/[id]/page"}  # fmt: skip
_SOURCE = {
    "package.json": '{"name": "notebook", "dependencies": {"next": "15.3.0", "next-auth": "4.24.0"}}',
    "app/api/auth/[...nextauth]/route.ts": 'import NextAuth from "next-auth";\nconst handler = NextAuth({ providers: [] });\nexport { handler as GET, handler as POST };\n',
    "app/register/page.tsx": '"use client";\nimport { register } from "@/lib/actions";\nexport default function Page() { return <form onSubmit={() => register({}, new FormData())} />; }\n',
    "app/login/page.tsx": "export default function Page() { return <form />; }\n",
    "app/notes/page.tsx": 'import { getServerSession } from "next-auth";\nimport { redirect } from "next/navigation";\nexport default async function Page() { const session = await getServerSession(); if (!session) redirect("/login"); return <ul />; }\n',
    "app/notes/[id]/page.tsx": 'import { getServerSession } from "next-auth";\nimport { redirect } from "next/navigation";\nexport default async function Page({ params }) { const session = await getServerSession(); if (!session) redirect("/login"); return <p />; }\n',
    "lib/actions.ts": """"use server";
import { redirect } from "next/navigation";
import { db, me } from "./db";

export async function register(_state: { error?: string }, formData: FormData) {
  await db.users.add({ email: formData.get("email"), name: formData.get("name"), password: formData.get("password") });
  return { success: true };
}
export async function createNote(formData: FormData) {
  const user = await me();
  await db.notes.add({ owner: user.id, title: formData.get("title") });
  redirect("/notes");
}
export async function updateNote(id: string, formData: FormData) {
  const user = await me();
  await db.notes.change(id, user, { title: formData.get("title") });
  redirect("/notes");
}
export async function deleteNote(formData: FormData) {
  const user = await me();
  await db.notes.remove(formData.get("id"), user);
  return { success: true };
}
""",
}


def write_source(folder: Path, *, built: bool = True) -> None:
    """The source of the app, with what a build leaves beside it."""
    files = dict(_SOURCE)
    if built:
        node = {
            number: {"workers": {f"app/{_PAGES[name]}": {}}, "exportedName": name, "filename": "lib/actions.ts"}
            for name, number in ACTIONS.items()
        }
        files[".next/server/server-reference-manifest.json"] = json.dumps({"node": node, "edge": {}})
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@dataclass
class Notebook:
    """``fault`` is the action that does not ask whose a note is."""

    fault: str = ""
    users: dict[str, dict[str, str]] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    notes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __call__(self, got: Got) -> Reply:
        cookies = dict(part.partition("=")[::2] for part in got.headers.get("cookie", "").split("; "))
        user = self.sessions.get(cookies.get("next-auth.session-token", ""))
        if got.path.startswith("/api/auth/"):
            return self._auth(got, cookies, user)
        if got.method == "POST":
            return self._action(got, user)
        if got.path in ("/register", "/login"):
            return _page("welcome")
        if not got.path.startswith("/notes"):
            return Reply(404, "none")
        if user is None:
            return Reply(307, "", {"location": "/login"})
        if got.path == "/notes":
            mine = {number: note for number, note in self.notes.items() if note["owner"] == user}
            return _page("".join(f'<a href="/notes/{n}">{html.escape(note["title"])}</a>' for n, note in mine.items()))
        note = self.notes.get(got.path.removeprefix("/notes/"))
        return _page(html.escape(note["title"])) if note and note["owner"] == user else Reply(404, "none")

    def _auth(self, got: Got, cookies: dict[str, str], user: str | None) -> Reply:
        what = got.path.removeprefix("/api/auth/")
        if what == "providers":
            return _json({"credentials": {"id": "credentials", "type": "credentials"}})
        if what == "csrf":
            token = secrets.token_hex(16)
            self.tokens.add(token)
            return _json({"csrfToken": token}, {"set-cookie": f"next-auth.csrf-token={token}; Path=/; HttpOnly"})
        if what == "session":
            return _json({"user": {"email": user}} if user else {})
        given = {name: values[0] for name, values in parse_qs(got.body.decode()).items()}
        token = given.get("csrfToken", "")
        if what != "callback/credentials" or token not in self.tokens or cookies.get("next-auth.csrf-token") != token:
            return _json({"url": "/api/auth/signin?csrf=true"})
        known = self.users.get(given.get("email", ""))
        if known is None or known["password"] != given.get("password"):
            return Reply(401, json.dumps({"url": "/api/auth/error?error=CredentialsSignin"}))
        session = secrets.token_hex(16)
        self.sessions[session] = given["email"]
        return _json({"url": "/"}, {"set-cookie": f"next-auth.session-token={session}; Path=/; HttpOnly; SameSite=Lax"})

    def _action(self, got: Got, user: str | None) -> Reply:
        name = next((one for one, number in ACTIONS.items() if number == got.headers.get("next-action")), "")
        if not name:
            return Reply(404, "Server action not found.")
        arguments = _arguments(got)
        if name == "register":
            form = arguments[1]
            if form["email"] in self.users or len(form["password"]) < 8:
                return _said({"error": "taken"})
            self.users[form["email"]] = form
            return _said({"success": True})
        if user is None:
            return Reply(303, "", {"x-action-redirect": "/login;push", "content-type": "text/x-component"})
        if name == "createNote":
            self.notes[f"n{secrets.token_hex(8)}"] = {"owner": user, "title": arguments[0]["title"]}
            return Reply(303, "", {"x-action-redirect": "/notes;push", "content-type": "text/x-component"})
        number = arguments[0] if name == "updateNote" else arguments[0]["id"]
        note = self.notes.get(number)
        if note is None or (note["owner"] != user and self.fault != name):
            return Reply(
                500, '0:{"a":"$@1","f":"","b":"x"}\n1:E{"digest":"12"}\n', {"content-type": "text/x-component"}
            )
        if name == "deleteNote":
            del self.notes[number]
            return _said({"success": True})
        note["title"] = arguments[1]["title"]
        return Reply(303, "", {"x-action-redirect": "/notes;push", "content-type": "text/x-component"})


def _arguments(got: Got) -> list[Any]:
    """What React gives the function: the list in the field ``0``, or the body, with forms in place of ``$K1``."""
    kind = got.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return list(json.loads(got.body))
    parsed = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + got.body)
    form: dict[str, str] = {}
    for part in parsed.get_payload():
        assert not isinstance(part, str)
        name = str(part.get_param("name", header="content-disposition"))
        text = part.get_payload(decode=True).decode()  # type: ignore[union-attr]
        if name == "0":
            return [dict(form) if one == "$K1" else one for one in json.loads(text)]
        form[name.removeprefix("1_")] = text
    raise AssertionError("a call without arguments")


def _said(value: object) -> Reply:
    rows = f'0:{{"a":"$@1","f":"","b":"x"}}\n1:{json.dumps(value)}\n'
    return Reply(200, rows, {"content-type": "text/x-component"})


def _json(value: object, headers: dict[str, str] | None = None) -> Reply:
    return Reply(200, json.dumps(value), {"content-type": "application/json", **(headers or {})})


def _page(inside: str) -> Reply:
    return Reply(200, f"<html><body>{inside}</body></html>", {"content-type": "text/html"})
