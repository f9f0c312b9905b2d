"""What two answers to almost the same request say: an engine's own error, or another content, whatever the app makes of it."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import quote

from launchready.ground.seen import telling
from launchready.probes.exchange import Exchange

_SHORTEST = 8


@cache
def _classes() -> Mapping[str, re.Pattern[str]]:
    data = tomllib.loads(Path(__file__).with_name("errors.toml").read_text(encoding="utf-8"))
    return {name: re.compile("|".join(f"(?:{one})" for one in table["says"]), re.I) for name, table in data.items()}


# `/bin/sh: 1: Syntax error: Unterminated quoted string`: a shell's words, not those of a database.
_OF_A_SHELL = re.compile(
    r"(?:/bin/(?:ba|da|a|z|k)?sh|\b(?:ba|da|a|z|k)?sh(?=: (?:-c|line \d{1,6}|\d{1,6}): )): [^\n\\\"]{0,200}"
)


def engine_error(exchange: Exchange, sent: str = "") -> tuple[str, str]:
    """The engine (sql, xpath, ldap, nosql) whose own error an answer shows, and its words; two empty texts when there is none.

    What was ``sent`` and comes back does not count.
    """
    text = _OF_A_SHELL.sub("", without(exchange.text[:200_000], sent))
    for name, pattern in _classes().items():
        if match := pattern.search(text):
            return name, match.group(0)
    return "", ""


def without(text: str, sent: str) -> str:
    """The text without what was sent, however it was written into it: plainly, as JSON, in HTML, or percent-encoded."""
    if len(sent) < _SHORTEST:
        return text
    for form in (
        sent,
        json.dumps(sent)[1:-1],
        escape(sent),
        escape(sent).replace("&#x27;", "&#39;"),
        quote(sent),
        quote(sent, safe=""),
    ):
        text = text.replace(form, "")
    return text


def content(exchange: Exchange, sent: str) -> frozenset[str]:
    """What an answer tells in particular, its status among it, without what was sent."""
    found = {without(one, sent) for one in telling(exchange) if one.partition("=")[2] != sent and one != sent}
    return frozenset((*found, f"status {exchange.status}", *([] if exchange.body.strip() else ["nothing"])))


def mark(first: Exchange, second: Exchange, nothing: Exchange, sent: tuple[str, str]) -> frozenset[str]:
    """What an answer holds each time it is asked for, and the answer to a value that nobody has does not.

    ``sent`` are the value and the one that nobody has.
    """
    return (content(first, sent[0]) & content(second, sent[0])) - content(nothing, sent[1])


def share(marks: frozenset[str], exchange: Exchange, sent: str) -> float:
    """How much of what marks an answer another one holds, from 0 to 1."""
    return len(marks & content(exchange, sent)) / len(marks) if marks else 0.0


def apart(marks: frozenset[str], true: Sequence[tuple[str, Exchange]], false: Sequence[tuple[str, Exchange]]) -> bool:
    """Whether each of the answers to what is true holds most of the marks, and each to what is false clearly less than any of them."""
    if any(one.error or one.status == 429 for _, one in (*true, *false)):
        return False
    highs = [share(marks, one, sent) for sent, one in true]
    lows = [share(marks, one, sent) for sent, one in false]
    return bool(marks) and min(highs) >= 0.5 and min(highs) - max(lows) >= 0.3
