"""Django Channels: websockets of ``websocket_urlpatterns``, and what a consumer asks before it accepts (channels.readthedocs.io)."""

import re

from launchready_guard.templates import regex_template

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, Route
from launchready.sources.frameworks.django_classes import Classes, method
from launchready.sources.frameworks.django_paths import path_template
from launchready.sources.frameworks.django_urls import full
from launchready.sources.readings import Guard, Reading

NAMES = ("websocket_urlpatterns", "ws_urlpatterns")
_ENTRIES = ("path", "re_path", "url")
_TURNS_AWAY = re.compile(
    r"if\s+(?:[\w.\[\]\"']+\s+is\s+None\s+or\s+)?(?:not\s+[\w.\[\]\"']*user[\w.\[\]\"']*\.is_authenticated|[\w.\[\]\"']*user[\w.\[\]\"']*\.is_anonymous)"
    r"\s*:\s*\n?\s*(?:await\s+)?(?:self\.close\(|raise\s+DenyConnection)"
)
_KNOWS = re.compile(r"scope\s*(?:\[|\.get\()\s*[\"']user|DenyConnection|self\.close\(|token|cookie", re.I)


class Channels:
    """The websockets that routing modules list."""

    def __init__(self, reader: Reader, classes: Classes) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._classes = classes

    def routes(self, file: str, patterns: Expr) -> list[Route]:
        """One route for each consumer."""
        found = []
        for call in patterns.items:
            if call.kind != "call" or call.text.rsplit(".", 1)[-1] not in _ENTRIES or len(call.items) < 2:
                continue
            route = self._resolver.text(file, call.items[0])
            template, inputs = (
                path_template(route)
                if call.text.endswith("path") and "re_" not in call.text
                else (regex_template(route), ())
            )
            consumer = call.items[1].text.removesuffix(".as_asgi")
            order = self._classes.named(file, Expr("name", consumer, line=call.line))
            body = method(order, "connect") or method(order, "websocket_connect")
            where, line = (order[0].path, order[0].line) if order and order[0].path else (file, call.line)
            reading = self._asks(body[0].path, body[1]) if body else Reading()
            if not order or not order[0].path:
                reading = Reading(unsure=(Span(file, call.line, f"{consumer} is not in this source"),))
            found.append(
                Route(
                    "WEBSOCKET",
                    full(template),
                    consumer.rsplit(".", 1)[-1],
                    where,
                    line,
                    "",
                    reading,
                    Reading(),
                    inputs,
                )
            )
        return found

    @staticmethod
    def _asks(path: str, connect: Function) -> Reading:
        span = Span(path, connect.line, f"{connect.name} closes on strangers")
        if _TURNS_AWAY.search(connect.code):
            return Reading((Guard(span),))
        if _KNOWS.search(connect.code):
            return Reading(unsure=(Span(path, connect.line, f"{connect.name} looks at who connects"),))
        return Reading()
