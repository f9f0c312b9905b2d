"""A call that the app takes, and how it is made again: what a burst begins with."""

from dataclasses import dataclass, replace

from launchready.ground.ground import Ground
from launchready.ground.seen import Seen, alone
from launchready.ground.survey import send as send_valid
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange
from launchready.probes.paths import filled
from launchready.stages.inputs.trials.limits.answers import stopped
from launchready.stages.inputs.trials.limits.asks import again
from launchready.stages.inputs.trials.limits.burst import Ask, Maker


@dataclass(frozen=True, slots=True)
class Taken:
    """A call that was taken: as whom, where, and whether a stranger may."""

    caller: Caller
    ask: Ask
    exchange: Exchange

    @property
    def stranger(self) -> bool:
        """Whether nobody had to sign in for it."""
        return self.caller.guest


async def first_taken(ground: Ground, endpoint: Endpoint, extra: dict[str, object] | None = None) -> Taken | None:
    """The first who is let in, strangers before members; None, and a note, when nobody is."""
    last: Exchange | None = None
    for caller in (ground.guest, *ground.callers):
        knows = ground.callers[0] if caller.guest and ground.callers else caller
        path = ground.path_of(endpoint, knows) or filled(endpoint) if "{" in endpoint.path else endpoint.path
        last = await send_valid(ground, caller, endpoint, path, extra)
        if stopped(last, None) or alone(last) in (Seen.ALLOWED, Seen.EMPTY):
            return Taken(caller, again(last, caller), last)
    return None


def per(found: Taken) -> str:
    """Whom repeated calls are counted for."""
    return "address" if found.stranger else "caller"


def repeated(ask: Ask) -> Maker:
    """The same call each time."""

    async def same(_: int) -> Ask | None:
        return ask

    return same


def as_another(ground: Ground, endpoint: Endpoint, found: Taken) -> Maker | None:
    """The same call as another member, where there is one who is as much: a limit for all of them counts addresses."""
    others = [one for one in ground.callers if one is not found.caller and one.role == found.caller.role]
    if found.stranger or not others or "{" in endpoint.path:
        return None

    async def other(_: int) -> Ask | None:
        return replace(found.ask, caller=others[0])

    return other
