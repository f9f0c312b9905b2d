"""A captcha that tells its own answer beside its question: it keeps no program out (CWE-804)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import Body
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange

CAPTCHA = re.compile(r"captcha|(?:human|bot)[ _-]?(?:check|verification)|not a robot", re.I)
_ANSWER = re.compile(r"^(?:captcha_?)?(?:answer|solution|expected(?:_?answer)?)$", re.I)
_ID = re.compile(r"^(?:captcha|challenge)?_?(?:id|key|token|uuid)$", re.I)
_GIVEN = re.compile(r"captcha|^(?:answer|solution)$", re.I)


@dataclass(frozen=True, slots=True)
class Told:
    """A captcha as its endpoint gave it: ``fields`` are its id and its answer, for the body that was refused."""

    route: str
    shown: Exchange
    fields: Body


def asks_for_captcha(exchange: Exchange) -> bool:
    """Whether an answer refuses because of a captcha. Some apps fail where none was sent."""
    return not exchange.ok and exchange.status not in (404, 405, 429) and bool(CAPTCHA.search(exchange.text[:3000]))


async def told_answer(caller: Caller, endpoints: Sequence[Endpoint], body: Body) -> Told | None:
    """A new captcha with its answer, where one of the app's own GETs tells it; None where nothing does."""
    for endpoint in endpoints:
        if endpoint.method != "GET" or "{" in endpoint.path or endpoint.hosted or not CAPTCHA.search(endpoint.path):
            continue
        shown = await caller.send("GET", endpoint.path)
        found = list(leaves(parsed(shown))) if shown.ok else []
        answer = next((value for name, value in found if _ANSWER.match(name) and value not in ("", None)), None)
        number = next(((name, value) for name, value in found if _ID.match(name)), None)
        if answer is None or isinstance(answer, bool):
            continue
        return Told(endpoint.name, shown, dict(_fields(body, answer, number)))
    return None


def _fields(body: Body, answer: object, number: tuple[str, object] | None) -> Iterator[tuple[str, object]]:
    """The fields of the body that are about a captcha: one for its id, the others for the answer; our own where it names none."""
    named = [name for name in body if _GIVEN.search(name)]
    ids = [name for name in named if re.search(r"(?:id|key|token|uuid)$", name, re.I)]
    if number is not None:
        yield from ((name, number[1]) for name in ids or [number[0]])
    yield from ((name, answer) for name in [name for name in named if name not in ids] or ["captcha", "answer"])
