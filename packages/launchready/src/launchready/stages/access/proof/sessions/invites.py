"""Invites: two made one after the other are compared, and one is used by two people."""

import re
import secrets

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone
from launchready.ground.survey import send
from launchready.model.words import Confidence, Kind
from launchready.probes.callers.bodies import fields_of
from launchready.probes.callers.caller import Person
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.sessions.letters import (
    MAIL,
    TOKEN,
    Letters,
    Mailed,
    compare,
    found_in,
    takes_token,
)

_ACCEPT = re.compile(r"accept|join|invit(?:e|ation)s?/\{|redeem", re.I)


async def prove_invites(ground: Ground, letters: Letters) -> None:
    """Send two invites to addresses of nobody, and compare their tokens; use one twice."""
    inviter = ground.callers[0]
    for endpoint in [e for e in ground.endpoints if e.method == "POST" and Kind.INVITE in e.kind and not e.hosted]:
        path = ground.path_of(endpoint, inviter) if "{" in endpoint.path else endpoint.path
        named = next((field.name for field in fields_of(endpoint) if re.search("mail", field.name, re.I)), "email")
        if path is None or _ACCEPT.search(endpoint.path.rsplit("/", 1)[-1]):
            continue
        made: list[Mailed] = []
        for _ in range(2):
            address = f"lr{secrets.token_hex(5)}@example.com"
            await letters.mark(address)
            exchange = await send(ground, inviter, endpoint, path, {named: address})
            if alone(exchange) not in (Seen.ALLOWED, Seen.EMPTY):
                break
            one = await found_in(exchange, Person(address, address, address, "", address), letters)
            if not one.token:
                ground.gap(endpoint.name, "invites go out by mail, and the mail was not read", MAIL, Harm.RESET)
                break
            made.append(one)
        if len(made) == 2:
            ground.count(Harm.RESET)
            compare(ground, endpoint, made, [], "An invite")
            await _use_twice(ground, made[-1])


async def _use_twice(ground: Ground, made: Mailed) -> None:
    routes = [e for e in ground.endpoints if e.method == "POST" and _ACCEPT.search(e.path) and takes_token(e)]
    if not routes or len(ground.callers) < 2:
        return
    answers: list[Exchange] = []
    for value in (f"lr{secrets.token_hex(12)}", made.token, made.token):
        someone = ground.callers[-1 if not answers else len(answers) - 2]
        path = re.sub(r"\{[^}]*\}", value, routes[0].path)
        body = {field.name: value for field in fields_of(routes[0]) if TOKEN.search(field.name)}
        answers.append(await ground.call(someone, "POST", path, json=body))
    nonsense, first, second = (alone(answer) in (Seen.ALLOWED, Seen.EMPTY) for answer in answers)
    if first and second and not nonsense:
        ground.alarm(
            Alarm(
                Harm.RESET,
                routes[0].name,
                "An invite to one address was taken by two other people",
                "Where invites are meant for one person, bind each to its address and let it be used once.",
                shown(
                    ("invites an address", made.answer),
                    ("one member takes it", answers[1]),
                    ("so does another", answers[2]),
                ),
                Confidence.SUSPECTED,
                "invite twice",
            )
        )
