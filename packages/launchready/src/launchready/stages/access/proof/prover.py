"""The proof of one run: people, survey, records, reads, roles, fields, writes, deletes, in this order."""

import asyncio
import time
from collections.abc import Sequence

from launchready_guard.policy import Policy

from launchready.core.ways import merged
from launchready.model.project import Environment, Project
from launchready.model.surface import Endpoint, Surface
from launchready.probes.callers.accounts import Accounts
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.doors import Doors
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site, is_loopback
from launchready.sources.documents.gather import served
from launchready.stages.access.proof.exposure import prove_exposure
from launchready.stages.access.proof.fields import prove_fields
from launchready.stages.access.proof.ground import Ground, OutOfTimeError
from launchready.stages.access.proof.people import gather, site_is_ours
from launchready.stages.access.proof.reads import prove_reads
from launchready.stages.access.proof.result import Proof
from launchready.stages.access.proof.roles import prove_role_writes, prove_roles
from launchready.stages.access.proof.sessions import prove_sessions
from launchready.stages.access.proof.survey import look, look_at_others, make
from launchready.stages.access.proof.writes import prove_writes

SECONDS = 100.0


class Prover:
    """Made once for a run; the first check that asks starts the work, and all get the same proof."""

    def __init__(
        self,
        site: Site,
        surface: Surface,
        sweep: GuestSweep,
        project: Project,
        environment: Environment,
        policy: Policy | None = None,
        seconds: float = SECONDS,
        words: Sequence[str] = (),
    ) -> None:
        self._site, self._surface, self._sweep = site, surface, sweep
        self._project, self._environment, self._policy = project, environment, policy
        self._seconds, self._words = seconds, words
        self._lock = asyncio.Lock()
        self._proof: Proof | None = None

    async def proof(self) -> Proof:
        """The proof, made at the first call. Raises NotCheckedError when probing of this host is not allowed."""
        async with self._lock:
            if self._proof is None:
                try:
                    self._site.require_active()
                    self._proof = await self._prove()
                finally:
                    self._site.calm.set()
        return self._proof

    async def _prove(self) -> Proof:
        began, before = time.monotonic(), self._site.requests
        calls = await self._sweep.results()
        endpoints = self._endpoints()
        writes = site_is_ours(self._environment, is_loopback(self._site.host))
        ground = Ground(
            endpoints,
            Accounts(self._site, endpoints, Doors(calls)),
            Caller("guest", self._site),
            [],
            writes,
            began + self._seconds,
        )
        try:
            await gather(ground, self._project, self._environment, make_accounts=writes)
            if ground.callers:
                await self._ask(ground)
        except OutOfTimeError:
            ground.gap(
                "time",
                f"the time for the proof ({self._seconds:g} s) was over before all was asked",
                "launchready prove --seconds 600",
            )
        return Proof(
            tuple((c.name, c.role, c.tenant or ", ".join(sorted(c.known("tenant")))) for c in ground.callers),
            tuple(ground.cells[key] for key in sorted(ground.cells)),
            tuple(sorted(ground.alarms, key=lambda alarm: (alarm.harm, alarm.route, alarm.key))),
            tuple((of, gap) for (_, of), gap in ground.gaps.items()),
            tuple(ground.made),
            self._site.requests - before,
            round(time.monotonic() - began, 2),
            frozenset(ground.travels),
            dict(ground.asked),
        )

    async def _ask(self, ground: Ground) -> None:
        await look(ground)
        if ground.writes:
            for caller in ground.callers[:2]:
                await make(ground, caller)
            ground.answers.clear()
            await look(ground)
        await look_at_others(ground)
        await prove_reads(ground, self._policy)
        await prove_roles(ground, self._policy)
        if ground.writes:
            await prove_fields(ground)
            await prove_role_writes(ground, self._policy)
            await prove_writes(ground, self._policy)
        await prove_sessions(ground, self._words)
        await prove_exposure(ground)

    def _endpoints(self) -> Sequence[Endpoint]:
        known = self._surface.endpoints
        return merged(known, served(self._sweep.description)) if self._sweep.description else known
