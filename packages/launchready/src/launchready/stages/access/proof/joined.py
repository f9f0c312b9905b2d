"""A sign-up that takes somebody into the workspace that they name: whoever knows what a customer is called is one of them (CWE-284, OWASP API5:2023)."""

import re

from launchready.ground.ground import Ground, shown
from launchready.ground.people import introduce
from launchready.ground.result import Alarm, Harm
from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import named_fields
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.members import roles_to_have
from launchready.probes.callers.values import person

_NAME = re.compile(
    r"(?:company|business|organi[sz]ation|org|workspace|team|tenant)_?name|company|organi[sz]ation|workspace", re.I
)


async def prove_joined(ground: Ground) -> None:
    """Sign up two people who name the same workspace, which the first of them made, and look whether both are of it."""
    first = ground.callers[0]
    signed = ground.journal.signed.get(first.name)
    endpoint = next((e for e in ground.endpoints if signed is not None and e.name == signed.route), None)
    field = _field(endpoint) if endpoint is not None else ""
    if endpoint is None or not field or not first.known("tenant"):
        return
    name = f"Launch House {ground.random('house')}"
    host = await _somebody(ground, "hal", "h", {field: name})
    if host is None or not host.known("tenant"):
        return
    guest = await _somebody(ground, "ida", "i", {field: name})
    if guest is None and (rank := _rank(endpoint)):
        # There is somebody of the first rank already.
        guest = await _somebody(ground, "ina", "j", {field: name, rank: roles_to_have(ground.endpoints)[0]})
    if guest is None:
        return
    ground.count(Harm.FIELDS)
    # What everybody is of is no workspace.
    common = (host.known("tenant") & guest.known("tenant")) - first.known("tenant")
    if not common:
        return
    proof = [(f"{one.name} signs up and names it", ground.accounts.signups[one.name][2]) for one in (host, guest)]
    ground.alarm(
        Alarm(
            Harm.FIELDS,
            endpoint.name,
            f"Whoever signs up is taken into another's workspace by its name: {endpoint.name}",
            f"Two people who do not know each other signed up with the same {field}, and nobody let the second one in. Both are of {sorted(common)[0]}"
            + (f", and the second is {guest.role} there." if guest.role else "."),
            shown(*proof),
            key=field,
        )
    )


def _field(endpoint: Endpoint) -> str:
    return next(
        (
            one.name
            for one in named_fields(endpoint)
            if _NAME.fullmatch(one.name) and not one.key_of and not one.choices
        ),
        "",
    )


def _rank(endpoint: Endpoint) -> str:
    return next((one.name for one in named_fields(endpoint) if re.fullmatch(r"(?:user_?)?role", one.name, re.I)), "")


async def _somebody(ground: Ground, name: str, letter: str, extra: dict[str, object]) -> Caller | None:
    caller = await ground.sign_up(name, person(ground.random(name), letter), extra)
    if caller is not None:
        await introduce(ground, caller)
    return caller
