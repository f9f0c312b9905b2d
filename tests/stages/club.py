"""A small club with accounts, for tests of sessions: sound as it is, and wrong in whatever way a test names.

It keeps its state, answers over HTTP as a server would, and describes itself at ``/openapi.json``.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.support.web import Got, Reply

JSON = {"Content-Type": "application/json"}
PRIVATE = rsa.generate_private_key(65537, 2048)
PEM = PRIVATE.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _fields(**given: str) -> dict[str, Any]:
    properties = {name: {"type": kind} for name, kind in given.items()}
    schema = {"type": "object", "properties": properties, "required": list(given)}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


DESCRIBED: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Club", "version": "1"},
    "paths": {
        "/signup": {"post": _fields(email="string", password="string", name="string")},
        "/login": {"post": _fields(email="string", password="string"), "get": {}},
        "/logout": {"post": {}},
        "/me": {"get": {}},
        "/me/password": {"post": _fields(current_password="string", new_password="string")},
        "/invites": {"post": _fields(email="string")},
        "/invites/accept": {"post": _fields(token="string")},
        "/forgot-password": {"post": _fields(email="string")},
        "/reset-password": {"post": _fields(token="string", email="string", password="string")},
    },
}


# Sessions that say who one is, and hold no secret.
UNSIGNED: dict[str, Callable[[dict[str, Any]], str]] = {
    "name": lambda user: quote(user["email"], safe=""),
    "number": lambda user: str(user["id"]),
    "json": lambda user: base64.b64encode(json.dumps({"email": user["email"], "since": 0}).encode()).decode(),
    "hash": lambda user: hashlib.md5(user["email"].encode(), usedforsecurity=False).hexdigest(),
}


@dataclass
class Club:
    """``style`` is how a session travels: ``jwt``, ``rs256``, ``cookie`` (an id the server keeps) or ``signed`` (keygrip).

    ``wrong`` names what is wrong with it. ``key`` signs tokens and cookies. Letters go into the folder ``outbox``, else nowhere. A token ends after as many seconds as it ``lasts``.
    """

    style: str = "jwt"
    wrong: str = ""
    key: str = field(default_factory=lambda: secrets.token_hex(32))
    outbox: Path | None = None
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    resets: dict[str, str] = field(default_factory=dict)
    invites: dict[str, str] = field(default_factory=dict)
    made: int = 4711
    lasts: int = 3600

    def __call__(self, got: Got) -> Reply:
        routes: dict[tuple[str, str], Callable[[Got, dict[str, Any]], Reply]] = {
            ("POST", "/signup"): self._sign_up,
            ("POST", "/login"): self._sign_in,
            ("POST", "/logout"): self._sign_out,
            ("GET", "/me"): self._me,
            ("POST", "/me/password"): self._change,
            ("GET", "/me/change-password"): self._change_by_address,
            ("POST", "/forgot-password"): self._forgot,
            ("POST", "/invites"): self._invite,
            ("POST", "/invites/accept"): self._accept,
            ("POST", "/reset-password"): self._reset,
        }
        if got.path == "/openapi.json":
            return _said(self._described())
        if got.path == "/.well-known/jwks.json" and self.style == "rs256":
            numbers = PRIVATE.public_key().public_numbers()
            return _said({"keys": [{"kty": "RSA", "kid": "1", "n": _number(numbers.n), "e": _number(numbers.e)}]})
        if (got.method, got.path) == ("GET", "/login"):
            return Reply(200, "<html><body>Sign in</body></html>", self._visited(got))
        route = routes.get((got.method, got.path))
        if route is None:
            return Reply(404, "{}", JSON)
        try:
            body = json.loads(got.body or b"{}")
        except ValueError:
            return Reply(400, "{}", JSON)
        return route(got, body if isinstance(body, dict) else {})

    def _described(self) -> dict[str, Any]:
        if self.wrong != "address":
            return DESCRIBED
        names = ("current", "new", "repeat")
        asked = [{"name": name, "in": "query", "required": True, "schema": {"type": "string"}} for name in names]
        paths = {path: one for path, one in DESCRIBED["paths"].items() if path != "/me/password"}
        return DESCRIBED | {"paths": paths | {"/me/change-password": {"get": {"parameters": asked}}}}

    def _visited(self, got: Got) -> dict[str, str]:
        if self.style == "cookie" and self.wrong == "fixation" and "sid" not in _cookies(got):
            session = secrets.token_hex(16)
            self.sessions[session] = ""
            return self._cookie("sid", session)
        return {"Content-Type": "text/html"}

    def _sign_up(self, got: Got, body: dict[str, Any]) -> Reply:
        email, password = body.get("email"), body.get("password")
        if not email or not password:
            return _said({"detail": "email and password are required"}, 400)
        if email in self.users:
            return _said({"detail": "Check your inbox"}, 201)
        self.users[email] = {
            "id": len(self.users) + 1,
            "email": email,
            "name": body.get("name"),
            "password": password,
            "since": 0,
        }
        return _said({"detail": "Check your inbox"}, 201)

    def _sign_in(self, got: Got, body: dict[str, Any]) -> Reply:
        user = self.users.get(str(body.get("email")))
        if user is not None and self.wrong == "slow":
            time.sleep(0.2)
        left_out = self.wrong == "empty" and not body.get("password")
        if user is None or (user["password"] != body.get("password") and not left_out):
            if self.wrong == "tells" and user is None:
                return _said({"detail": "No such account"}, 404)
            return _said({"detail": "E-mail address or password is wrong"}, 401)
        if self.style in ("jwt", "rs256"):
            return _said({"access_token": self._token(user)})
        if self.style == "signed":
            value = base64.b64encode(json.dumps({"user": user["email"], "since": user["since"]}).encode()).decode()
            return Reply(200, "{}", JSON | self._signature(value))
        if self.wrong in UNSIGNED:
            return Reply(200, "{}", JSON | self._cookie("sid", UNSIGNED[self.wrong](user)))
        session = _cookies(got).get("sid", "") if self.wrong == "fixation" else ""
        session = session if session in self.sessions else secrets.token_hex(16)
        self.sessions[session] = user["email"]
        return Reply(200, "{}", JSON | self._cookie("sid", session))

    def _token(self, user: dict[str, Any]) -> str:
        said = {"sub": user["email"], "jti": secrets.token_hex(8), "since": user["since"]}
        if self.wrong != "no end":
            said["exp"] = int(time.time()) + self.lasts
        return token(said, self.key if self.style == "jwt" else None)

    def _cookie(self, name: str, value: str) -> dict[str, str]:
        flags = "; Path=/" if self.wrong == "flags" else "; Path=/; HttpOnly; SameSite=Lax"
        return {"Set-Cookie": f"{name}={value}{flags}"}

    def _signature(self, value: str) -> dict[str, str]:
        made = hmac.new(self.key.encode(), f"club={value}".encode(), hashlib.sha1).digest()
        # Two lines under one name: names of headers are the same in any case.
        return {
            "Set-Cookie": f"club={value}; HttpOnly; SameSite=Lax",
            "set-cookie": f"club.sig={_url(made)}; HttpOnly; SameSite=Lax",
        }

    def _user(self, got: Got) -> dict[str, Any] | None:
        cookies = _cookies(got)
        if self.wrong in UNSIGNED:
            held = cookies.get("sid", "")
            return next((one for one in self.users.values() if UNSIGNED[self.wrong](one) == held), None)
        if self.style == "cookie":
            return self.users.get(self.sessions.get(cookies.get("sid", ""), ""))
        if self.style == "signed":
            value = cookies.get("club", "")
            if not value or self._signature(value)["set-cookie"].split(";")[0] != f"club.sig={cookies.get('club.sig')}":
                return None
            said = json.loads(base64.b64decode(value))
            user = self.users.get(said["user"])
            return user if user and said["since"] == user["since"] else None
        said = self._claims(got.headers.get("authorization", "").removeprefix("Bearer "))
        user = self.users.get(str(said.get("sub"))) if said else None
        if user is None or said is None or said.get("jti") in self.ended:
            return None
        return user if said.get("since") == user["since"] or self.wrong == "keeps others" else None

    def _claims(self, given: str) -> dict[str, Any] | None:
        parts = given.split(".")
        if len(parts) != 3:
            return None
        try:
            head, said = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in parts[:2])
        except ValueError:
            return None
        if not self._verified(str(head.get("alg")), parts):
            return None
        return said if self.wrong == "expired" or said.get("exp", time.time() + 1) > time.time() else None

    def _verified(self, algorithm: str, parts: list[str]) -> bool:
        signed, signature = f"{parts[0]}.{parts[1]}".encode(), base64.urlsafe_b64decode(parts[2] + "==")
        if self.wrong == "none" and algorithm == "none":
            return True
        if algorithm == "HS256" and (self.style == "jwt" or self.wrong == "confused"):
            key = PEM if self.style == "rs256" else self.key.encode()
            return hmac.compare_digest(hmac.new(key, signed, hashlib.sha256).digest(), signature)
        if algorithm != "RS256" or self.style != "rs256":
            return False
        try:
            PRIVATE.public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True

    def _me(self, got: Got, body: dict[str, Any]) -> Reply:
        user = self._user(got)
        if user is None:
            return _said({"detail": "Sign in"}, 401)
        said: dict[str, Any] = {name: user[name] for name in ("id", "email", "name")}
        if self.wrong == "link":
            said["avatar"] = f"/avatar?session={got.headers.get('authorization', '').split()[-1]}"
        return _said(said)

    def _sign_out(self, got: Got, body: dict[str, Any]) -> Reply:
        if self._user(got) is None:
            return _said({"detail": "Sign in"}, 401)
        if self.wrong != "sign out":
            self.sessions.pop(_cookies(got).get("sid", ""), None)
            said = self._claims(got.headers.get("authorization", "").removeprefix("Bearer "))
            self.ended.add(str(said.get("jti")) if said else "")
        return Reply(204, "", {})

    def _change(self, got: Got, body: dict[str, Any]) -> Reply:
        user = self._user(got)
        left_out = self.wrong == "old left out" and not body.get("current_password")
        if user is None or not (left_out or body.get("current_password") == user["password"]):
            return _said({"detail": "Sign in"}, 401)
        self._set(user, str(body.get("new_password")))
        return Reply(204, "", {})

    def _change_by_address(self, got: Got, body: dict[str, Any]) -> Reply:
        given = dict(parse_qsl(got.query))
        if self.wrong != "address" or not given.get("new") or given["new"] != given.get("repeat"):
            return _said({"detail": "No such page"}, 404)
        return self._change(got, {"current_password": given.get("current"), "new_password": given["new"]})

    def _set(self, user: dict[str, Any], password: str) -> None:
        user["password"] = password
        if self.wrong != "keeps others":
            user["since"] += 1
            self.sessions = {one: email for one, email in self.sessions.items() if email != user["email"]}

    def _invite(self, got: Got, body: dict[str, Any]) -> Reply:
        if self._user(got) is None:
            return _said({"detail": "Sign in"}, 401)
        self.made += 1
        made = f"INV-{self.made:08d}" if self.wrong == "invites" else secrets.token_urlsafe(24)
        self.invites[made] = str(body.get("email"))
        return _said({"invited": body.get("email"), "token": made}, 201)

    def _accept(self, got: Got, body: dict[str, Any]) -> Reply:
        user, given = self._user(got), str(body.get("token"))
        if user is None or given not in self.invites:
            return _said({"detail": "This invite is not valid"}, 404)
        if self.wrong != "invites" and self.invites.pop(given) != user["email"]:
            return _said({"detail": "This invite is for somebody else"}, 403)
        return _said({"detail": f"Welcome, {user['email']}"})

    def _forgot(self, got: Got, body: dict[str, Any]) -> Reply:
        user = self.users.get(str(body.get("email")))
        told = {"detail": "If there is an account, we sent a link to it"}
        if user is None:
            return _said(told)
        made = secrets.token_urlsafe(32)
        if self.wrong == "counts":
            self.made += 3
            made = f"{self.made:08d}"
        elif self.wrong == "time":
            made = f"{user['id']}-{int(time.time())}"
        self.resets[made] = user["email"]
        in_answer = self.wrong in ("told", "counts", "twice", "bound") and self.outbox is None
        if self.outbox is not None:
            letter = f"To: {user['email']}\nSubject: New password\n\nhttps://club.example.com/reset?token={made}\n"
            (self.outbox / f"{len(self.resets)}.eml").write_text(letter)
        return _said(told | ({"reset_token": made} if in_answer else {}))

    def _reset(self, got: Got, body: dict[str, Any]) -> Reply:
        given = str(body.get("token"))
        email = self.resets.get(given)
        if email is None or (self.wrong != "bound" and body.get("email") != email) or not body.get("password"):
            return _said({"detail": "This link is not valid"}, 400)
        if self.wrong != "twice":
            del self.resets[given]
        self._set(self.users[str(body.get("email"))], str(body["password"]))
        return _said({"detail": "Password changed"})


def token(said: dict[str, Any], key: str | None) -> str:
    """A JWT, signed by HMAC with ``key``, or by the club's RSA key when there is none."""
    head = {"alg": "HS256" if key else "RS256", "typ": "JWT"}
    signed = ".".join(_url(json.dumps(part).encode()) for part in (head, said))
    made = (
        hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest()
        if key
        else PRIVATE.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    )
    return f"{signed}.{_url(made)}"


def _said(value: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value), JSON)


def _cookies(got: Got) -> dict[str, str]:
    return {name: one.value for name, one in SimpleCookie(got.headers.get("cookie", "")).items()}


def _number(value: int) -> str:
    return _url(value.to_bytes((value.bit_length() + 7) // 8))


def _url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
