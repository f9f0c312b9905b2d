"""One audit, end to end: prepare what checks may look at, run them, keep every outcome, give the verdict."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import launchready.stages
from launchready.config.policy import load_policy
from launchready.core.assemble import RunFacts, assemble
from launchready.core.check import Check, Context
from launchready.core.events import CheckEnded, Cleaned, Event, Listener, Sent, nobody
from launchready.core.matrix import matrix
from launchready.core.registry import discover, select
from launchready.core.runner import CHECK_SECONDS, run_checks
from launchready.core.store import Header, Store
from launchready.ground.prover import Prover
from launchready.ground.tidy import about_left, created, notes
from launchready.model.audit import Audit, EnvironmentName, Target
from launchready.model.check import Outcome
from launchready.model.words import Stage
from launchready.probes.databases.kept import Kept
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.sources.bindings import bindings
from launchready.sources.tree import Tree
from launchready.stages.access.matrix import calls
from launchready.stages.access.refused import answered, doubted
from launchready.stages.keeping import put_back_line
from launchready.stages.preparing import Prepared, prepare
from launchready.stages.request import Request

_TICK = 0.5
# Removing what was made, waiting for a limit meanwhile, and the owner's cleanup command.
_TIDYING = 320.0


def all_checks() -> tuple[Check, ...]:
    """Every check there is, by id."""
    return discover(launchready.stages)


def lasting(request: Request, seconds: float) -> Request:
    """The request with ``seconds`` in all for calling as everybody and for broken inputs, in the shares they have by default; whole for one
    when nobody asks for the other. Bursts keep a time of their own."""
    asked = {check.info.stage for check in select(all_checks(), request.stages, request.checks)}
    proof, inputs = request.proof_seconds, request.input_seconds
    whole = proof * (Stage.ACCESS in asked) + inputs * (Stage.INPUTS in asked) or proof + inputs
    return replace(
        request,
        proof_seconds=round(seconds * proof / whole, 1),
        input_seconds=round(seconds * inputs / whole, 1),
    )


async def audit(request: Request, store: Store | None = None, listener: Listener = nobody) -> Audit:
    """Run one audit. Outcomes are kept in ``store`` as they arrive; a cancelled audit can be read back from it.

    Raises :class:`~launchready.core.store.StoreError` when the store cannot be written, and
    :class:`~launchready.config.load.ConfigError` when the policy cannot be used.
    """
    return (await run(request, store, listener))[0]


async def run(
    request: Request, store: Store | None = None, listener: Listener = nobody, folder: Path | None = None
) -> tuple[Audit, Mapping[type, object]]:
    """What :func:`audit` does, and what was prepared for it and learned on the way, by type.

    ``folder`` is where a stopped proof is taken up again from, when there is no store to tell.
    """
    began = time.monotonic()
    policy = load_policy(request.project)
    now = datetime.now(UTC)
    checks = all_checks()
    chosen = select(checks, request.stages, request.checks)
    infos = tuple(check.info for check in checks)
    async with contextlib.AsyncExitStack() as stack:
        ready = Prepared(policy, store.path.parent if store else folder)
        await prepare(request, ready, chosen, stack, listener)
        facts = _begun(request, ready, now, len(chosen))
        if store:
            stack.enter_context(store.held())
            store.begin(Header(facts, request.project, infos, ready.surface))

        def heard(event: Event) -> None:
            if store and isinstance(event, CheckEnded):
                store.add(facts.id, event.outcome)
            listener(event)

        outcomes, back = await _asked(request, ready, chosen, heard, listener)
        site, prover = ready.resources.get(Site), ready.resources.get(Prover)
        proof = prover.made if isinstance(prover, Prover) else None
        strangers = sweep.made if isinstance(sweep := ready.resources.get(GuestSweep), GuestSweep) else ()
        strangers += prover.fields_made if isinstance(prover, Prover) else ()
        requests = site.requests if isinstance(site, Site) else 0
    tree = ready.resources.get(Tree)
    line = (
        await asyncio.to_thread(put_back_line, request.project, request.environment, tree, now.timestamp())
        if proof and proof.markers
        else ""
    )
    ended = replace(
        facts,
        seconds=round(time.monotonic() - began, 2),
        requests=requests,
        notes=facts.notes + ((*notes(proof), *about_left(proof, line)) if proof else ()) + ((back,) if back else ()),
        made=created(proof),
    )
    shown = matrix(
        ready.surface,
        policy,
        calls(proof, strangers, ready.surface),
        [one.role for one in request.project.identities],
        bindings(tree, ready.surface.endpoints) if isinstance(tree, Tree) else {},
    )
    cells = proof.cells if proof else ()
    outcomes = answered(doubted(outcomes, cells, strangers), cells)
    done = assemble(ended, request.project, infos, outcomes, ready.surface, now.date(), shown)
    if store:
        store.finish(done)
    return done, ready.resources


def _begun(request: Request, ready: Prepared, now: datetime, selected: int) -> RunFacts:
    """What is known of a run before its first check."""
    return RunFacts(
        id=now.strftime("%Y%m%dT%H%M%S") + "-" + secrets.token_hex(3),
        started=now.isoformat(timespec="seconds"),
        seconds=0.0,
        target=Target(
            request.project.name,
            str(ready.root or ""),
            "" if request.offline else request.environment.url,
            request.project.domains.root,
            ready.commit,
        ),
        environment=EnvironmentName(request.environment.name, request.authorized_by),
        selected=selected,
        notes=tuple(ready.notes),
    )


async def _asked(
    request: Request, ready: Prepared, chosen: Sequence[Check], heard: Listener, listener: Listener
) -> tuple[tuple[Outcome, ...], str]:
    """The outcomes of the checks, and what is to be said of the database that was put back after them."""
    context = Context(request.project, request.environment, ready.root, ready.surface, ready.resources, ready.absent)
    site, prover, kept = (ready.resources.get(kind) for kind in (Site, Prover, Kept))
    # Every check of a run may wait for all of it: what it asks, and what it takes to remove.
    longest = request.proof_seconds + request.input_seconds + request.limit_seconds + _TIDYING
    stopped = True
    try:
        async with _counting(site, listener), _looking(kept):
            outcomes = await run_checks(chosen, context, heard, seconds=max(CHECK_SECONDS, longest))
        stopped = False
    finally:
        # Also when somebody stops the run: the app can still be called here.
        try:
            if isinstance(prover, Prover):
                await prover.stop()
        finally:
            # Nothing is sent any more, so that all that was sent is in what is put back.
            back = _put_back(kept, prover)
            if stopped and back:
                listener(Cleaned(back))
    return outcomes, back


def _put_back(kept: object, prover: object) -> str:
    """The app's database as it was before the run, and what came of it; nothing where none is named."""
    if not isinstance(kept, Kept):
        return ""
    kept.put_back()
    ground = prover.ground if isinstance(prover, Prover) else None
    return kept.end(made=bool(ground and ground.made))


@contextlib.asynccontextmanager
async def _looking(kept: object) -> AsyncIterator[None]:
    """Look at the app's database now and then, so that a kill leaves known what the run had done."""

    async def look() -> None:
        while isinstance(kept, Kept):
            await asyncio.sleep(_TICK)
            await asyncio.to_thread(kept.look)

    task = asyncio.create_task(look())
    try:
        yield
    finally:
        task.cancel()


@contextlib.asynccontextmanager
async def _counting(site: object, listener: Listener) -> AsyncIterator[None]:
    """Tell the listener now and then how many requests were sent."""

    async def count() -> None:
        while isinstance(site, Site):
            listener(Sent(site.requests))
            await asyncio.sleep(_TICK)

    task = asyncio.create_task(count())
    try:
        yield
    finally:
        task.cancel()
