"""A plain client for the tests: it can sign in, and shows whatever comes back."""

import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from functools import cache
from typing import Any

from launchready.demo.server import Running


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    headers: Message

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def call(
    url: str, method: str = "GET", body: bytes | None = None, context: ssl.SSLContext | None = None, **headers: str
) -> Answer:
    request = urllib.request.Request(
        url, body, {name.replace("_", "-"): value for name, value in headers.items()}, method=method
    )
    handlers: list[Any] = [urllib.request.ProxyHandler({}), _NoRedirect()]
    if context:
        handlers.append(urllib.request.HTTPSHandler(context=context))
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=20) as response:
            return Answer(response.status, response.read().decode("utf-8", "replace"), response.headers)
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read().decode("utf-8", "replace"), error.headers)


def send(url: str, method: str, data: object, authorization: str = "") -> Answer:
    return call(url, method, json.dumps(data).encode(), content_type="application/json", authorization=authorization)


def token_of(demo: Running, person: str) -> str:
    return _token(demo.url, person, demo.password)


@cache
def _token(url: str, person: str, password: str) -> str:
    # The guarded variant limits sign-ins, so each person signs in once.
    answer = send(url + "/api/login", "POST", {"email": person, "password": password})
    assert answer.status == 200, answer.text
    return str(answer.json["token"])


def as_person(demo: Running, person: str, path: str, method: str = "GET", data: object = None) -> Answer:
    bearer = f"Bearer {token_of(demo, person)}"
    if data is None:
        return call(demo.url + path, method, authorization=bearer)
    return send(demo.url + path, method, data, authorization=bearer)
