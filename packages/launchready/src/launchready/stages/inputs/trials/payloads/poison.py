"""A value that was taken, and since then a page fails for everybody who opens it (CWE-20, CWE-755)."""

from dataclasses import dataclass

from launchready.core.ways import matches
from launchready.ground.ground import Ground
from launchready.ground.result import Alarm, Harm, Made, Shown
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.payloads import alarms
from launchready.stages.inputs.trials.payloads.deviations import Deviation
from launchready.stages.inputs.trials.payloads.examples import Example
from launchready.stages.inputs.trials.payloads.fields import pages_of
from launchready.stages.inputs.trials.payloads.judge import crashed

# Of what is taken, the first ones are looked at: one page that fails tells it all.
LOOKS = 6


@dataclass(frozen=True, slots=True)
class Poison:
    """``reader`` fails with ``view`` since ``deviation`` was taken with ``answer``."""

    deviation: Deviation
    answer: Exchange
    reader: Endpoint
    view: Exchange


async def poisoned(
    ground: Ground, one: Example, deviation: Deviation, answer: Exchange, made: Made | None
) -> Poison | None:
    """Open what was written, at its own address and in its list, until one fails."""
    path = (made.path if made is not None else one.path).rstrip("/")
    for address in (path, path.rpartition("/")[0], *pages_of(ground, path)):
        reader = next((e for e in ground.endpoints if _shows(e, address)), None)
        if reader is not None:
            view = await ground.call(one.caller, "GET", address)
            if crashed(view):
                return Poison(deviation, answer, reader, view)
    return None


def _shows(endpoint: Endpoint, address: str) -> bool:
    return endpoint.method == "GET" and not endpoint.hosted and bool(address) and matches(endpoint.path, address)


async def raise_poison(ground: Ground, one: Example, found: Poison) -> None:
    """Proven where the page was seen to work: before, or again with the valid value in the same place."""
    before = any(
        answer.ok and matches(found.reader.path, path.partition("?")[0]) for (_, path), answer in ground.answers.items()
    )
    again = one.endpoint.method in ("PUT", "PATCH") and (await ground.call(one.caller, "GET", found.view.path)).ok
    who = "A stranger" if one.stranger else one.caller.name
    ground.alarm(
        Alarm(
            Harm.CRASH,
            found.reader.name,
            f"One wrong value sent to {one.name} makes {found.reader.name} fail for everybody who opens it",
            f"{who} sent {found.deviation.said}, it was answered with {found.answer.status}, and since then {found.reader.name} answers "
            f"{found.view.status or 'nothing'}. The page fails until somebody mends the record by hand.",
            (alarms.told(f"sent {found.deviation.said}", found.answer), Shown.of("opened it afterwards", found.view)),
            Confidence.PROVEN if before or again else Confidence.SUSPECTED,
            key="poison",
        )
    )
