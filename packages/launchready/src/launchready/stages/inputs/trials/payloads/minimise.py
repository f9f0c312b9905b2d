"""The smallest request that still makes the app fail, in a handful of calls."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.payloads.deviations import Deviation
from launchready.stages.inputs.trials.payloads.examples import Example
from launchready.stages.inputs.trials.payloads.sending import alone

MOST = 6
_SHORTER = (1_000, 300)
_LONG = 1_000

Ask = Callable[[Example, Deviation], Awaitable[Exchange]]
Fails = Callable[[Exchange], bool]


async def smallest(
    one: Example, deviation: Deviation, failed: Exchange, ask: Ask, fails: Fails
) -> tuple[Example, Deviation, Exchange]:
    """Leave out every other field, and where that is too much one after the other; then shorten an overlong text. At most six calls.

    ``failed`` is the answer that is known to fail, and stays the answer when nothing smaller does.
    """
    left = MOST
    if deviation.where in ("body", "form") and isinstance(one.body, dict) and len(one.body) > 1:
        bare = alone(one, deviation)
        answer, left = await ask(bare, deviation), left - 1
        if fails(answer):
            one, failed = bare, answer
        else:
            for name in [name for name in one.body if name != deviation.place[0]][: left - len(_SHORTER)]:
                less = replace(one, body={key: value for key, value in one.body.items() if key != name})
                answer, left = await ask(less, deviation), left - 1
                if fails(answer):
                    one, failed = less, answer
    if isinstance(deviation.value, str) and len(deviation.value) > _LONG:
        for length in _SHORTER[:left]:
            shorter = replace(deviation, value=deviation.value[:length])
            answer = await ask(one, shorter)
            if not fails(answer):
                break
            deviation, failed = shorter, answer
    return one, deviation, failed
