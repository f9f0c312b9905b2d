"""The broken inputs of one run: each endpoint's valid request, then its deviations one at a time, and what came of them."""

import re
import time
from functools import partial

from launchready.ground.ground import DANGEROUS, Ground, safe_reads
from launchready.ground.result import Harm
from launchready.ground.sending import together
from launchready.ground.survey import MY_ACCESS, make
from launchready.ground.tidy import take_away
from launchready.model.surface import Endpoint
from launchready.model.words import ARRIVALS, Kind
from launchready.probes.callers.caller import Person
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.payloads.case import (
    Case,
    note_leaks,
    remember_made,
    settle,
)
from launchready.stages.inputs.trials.payloads.deviating import Trying, deviate
from launchready.stages.inputs.trials.payloads.examples import ENTRIES, Example, example, stranger
from launchready.stages.inputs.trials.payloads.fields import as_field, fields_to_ask, whole_graph
from launchready.stages.inputs.trials.payloads.judge import crashed, shut
from launchready.stages.inputs.trials.payloads.lists import is_list_removal
from launchready.stages.inputs.trials.payloads.sending import ask

# Of the round's time, this part is for broken inputs; the rest is for searches, files and bursts.
_SHARE = 0.5
_SECONDS = 8.0
_AT_ONCE = 4
# These refuse by their nature: whoever is turned away there has been answered.
_REFUSES = ENTRIES - {Kind.HEALTH}
_OUT = re.compile(r"log-?_?out|sign-?_?out|logoff", re.I)
_NOWHERE = "/launchready-asks-for-a-page-that-is-not-there"


async def begin(ground: Ground, until: float, *, deep: bool) -> Trying:
    """Ask for what is not there, which the answers that say so are known by."""
    return Trying(until, deep, await ground.call(ground.guest, "GET", _NOWHERE))


async def try_payloads(ground: Ground, *, deep: bool = False) -> None:
    """Ask every endpoint, reads side by side and writes one after the other, those first that nobody signs in by."""
    until = time.monotonic() + _SHARE * (ground.sending.until - time.monotonic())
    run = await begin(ground, until, deep=deep)
    note_leaks(ground, "asked for a page that is not there", run.nowhere)
    if ground.writes and not ground.callers:
        # Where nobody can sign in, a stranger is whom the app is for.
        await make(ground, ground.guest)
    reads = [e for e in safe_reads(ground.endpoints) if "#" not in e.path and "?}" not in e.path]
    failed = _failed(ground)
    asked = [e for e in reads if "{" in e.path or e.inputs or e.path.rstrip("/") in failed]
    asked += [e for e in safe_reads(fields_to_ask(ground, writes=False)) if e.action == "read"]
    await together([partial(_read, ground, e, run) for e in asked], _AT_ONCE)
    for path in ground.guest.site.graphs:
        await ground.stage(f"broken operations to {path}", partial(_frame, ground, path, run))
    writes = [e for e in ground.endpoints if "#" not in e.path and _writes(e)]
    writes += [e for e in fields_to_ask(ground, writes=True) if _writes(e)]
    if not ground.writes:
        if writes:
            for harm in (Harm.CRASH, Harm.NONSENSE):
                ground.gap(
                    "bodies", "this environment allows reads only", "writes = true in its [environments] table", harm
                )
        return
    for endpoint in sorted(writes, key=_order):
        if not _over(ground, endpoint, until):
            await ground.step(f"broken inputs to {endpoint.name}", partial(_endpoint, ground, endpoint, run))


def _order(endpoint: Endpoint) -> tuple[bool, bool, int, str, str]:
    """The shallow ones first, then lists that are removed, the inner ones first, since nothing that stands in them is needed any more; doors last."""
    depth, whole = endpoint.path.count("/"), is_list_removal(endpoint)
    return bool(ARRIVALS.intersection(endpoint.kind)), whole, -depth if whole else depth, endpoint.path, endpoint.method


def _failed(ground: Ground) -> set[str]:
    """Addresses that failed already when somebody only looked at them."""
    looked = (*((call.exchange) for call in ground.strangers), *ground.answers.values())
    return {answer.path.partition("?")[0].rstrip("/") for answer in looked if crashed(answer)}


def _writes(endpoint: Endpoint) -> bool:
    changes = endpoint.method in ("POST", "PUT", "PATCH")
    return (changes or (endpoint.method == "DELETE" and "{" in endpoint.path)) and may_be_sent(endpoint)


def may_be_sent(endpoint: Endpoint) -> bool:
    """Whether a write is at an address of its own, and by its name neither ends anybody's session nor resets anything."""
    return (
        endpoint.path.startswith("/")
        and not endpoint.hosted
        and not any(mark in endpoint.path for mark in ("*", "?}"))
        and Kind.DOCS not in endpoint.kind
        and not _OUT.search(endpoint.path)
        and (
            bool(ARRIVALS.intersection(endpoint.kind))
            or not (DANGEROUS.search(endpoint.path) or MY_ACCESS.search(endpoint.path))
        )
    )


async def _read(ground: Ground, endpoint: Endpoint, run: Trying) -> None:
    if not _over(ground, endpoint, run.until):
        await ground.stage(f"broken addresses of {endpoint.name}", partial(_endpoint, ground, endpoint, run))


def _over(ground: Ground, endpoint: Endpoint, until: float) -> bool:
    """Whether the time is over; said of the endpoint that is left out."""
    if time.monotonic() < until:
        return False
    for harm in (Harm.ADDRESS, Harm.CRASH, Harm.NONSENSE):
        ground.gap(
            endpoint.name, "the time for broken inputs was over before it", "launchready inputs --seconds 600", harm
        )
    return True


async def _endpoint(ground: Ground, endpoint: Endpoint, run: Trying) -> None:
    """One endpoint, from its valid request to what it keeps; what was made on the way is taken away at the end."""
    made = len(ground.made)
    one = as_field(await example(ground, endpoint), _person(ground))
    baseline = await _baseline(ground, one)
    if one.stranger and shut(baseline) and ground.callers and not _REFUSES.intersection(endpoint.kind):
        # Nothing said that a stranger may not: the app did.
        one = as_field(await example(ground, endpoint, ground.callers[0]), _person(ground))
        baseline = await _baseline(ground, one)
    await _all_of(ground, Case(one.answered_at(baseline), baseline), run, made)


async def try_example(ground: Ground, one: Example, run: Trying) -> None:
    """Everything out of place in one valid request; what was made on the way is taken away at the end."""
    made = len(ground.made)
    baseline = await _baseline(ground, one)
    await _all_of(ground, Case(one.answered_at(baseline), baseline), run, made)


async def _frame(ground: Ground, path: str, run: Trying) -> None:
    """What is around every operation of a GraphQL; no more than reading."""
    one = whole_graph(ground, path)
    await _all_of(ground, Case(one, await ask(ground, one)), run, len(ground.made))


async def _all_of(ground: Ground, case: Case, run: Trying, made: int) -> None:
    """All broken inputs of one case; what was made since the first ``made`` is taken away at the end."""
    ends = min(run.until, time.monotonic() + (5 if run.deep else 1) * _SECONDS)
    try:
        await deviate(ground, case, ends, run)
        await settle(ground, case)
    finally:
        await take_away(ground, made)


def _person(ground: Ground) -> Person:
    """Who gives a field of GraphQL the values that it cannot do without."""
    someone = stranger(ground).person
    assert someone is not None
    return someone


async def _baseline(ground: Ground, one: Example) -> Exchange:
    """The answer to the valid request: that of before, or of now where there was none or it was no success."""
    if one.answer is not None and (one.answer.ok or 300 <= one.answer.status < 400):
        if one.new:
            remember_made(ground, one, one.answer)
        return one.answer
    answer = await ask(ground, one)
    remember_made(ground, one, answer)
    return answer
