"""The proof of one run: people, survey, records, reads, roles, fields, writes, deletes, in this order."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from launchready_guard.policy import Policy

from launchready.core.check import NotCheckedError
from launchready.model.project import Environment, Identity, Project
from launchready.model.surface import Endpoint, Surface
from launchready.probes.callers.accounts import Accounts
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.doors import Doors
from launchready.probes.callers.mailbox import Mailbox, MailError, open_mailbox
from launchready.probes.guest import GuestCall, GuestSweep
from launchready.probes.http import Site, is_loopback
from launchready.probes.private_data import private_data
from launchready.stages.access.known import known_endpoints
from launchready.stages.access.proof.batches import prove_batches
from launchready.stages.access.proof.exposure import prove_exposure
from launchready.stages.access.proof.field_roles import prove_field_roles
from launchready.stages.access.proof.fields import prove_fields
from launchready.stages.access.proof.graphql import graph_calls, learn_graphs, say_untold, with_fields
from launchready.stages.access.proof.ground import Ground
from launchready.stages.access.proof.journal import NAME, Journal
from launchready.stages.access.proof.people import gather, site_is_ours
from launchready.stages.access.proof.picked import prove_picked
from launchready.stages.access.proof.reads import prove_reads
from launchready.stages.access.proof.result import Proof
from launchready.stages.access.proof.roles import prove_role_writes, prove_roles
from launchready.stages.access.proof.sending import OutOfTimeError
from launchready.stages.access.proof.sessions.prove import prove_sessions
from launchready.stages.access.proof.signing import fill
from launchready.stages.access.proof.survey import look, look_at_others, make
from launchready.stages.access.proof.tidy import tidy
from launchready.stages.access.proof.writes import prove_writes

SECONDS = 90.0
_TIDYING = 15.0


class Prover:
    """Made once for a run; the first check that asks starts the work, and all get the same proof.

    ``ground`` is what the proof was made on, None until it was begun.
    """

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
        folder: Path | None = None,
    ) -> None:
        self._site, self._surface, self._sweep = site, surface, sweep
        self._project, self._environment, self._policy = project, environment, policy
        self._seconds, self._words, self._folder = seconds, words, folder
        self._work: asyncio.Future[Proof] | None = None
        self._fields: asyncio.Future[list[GuestCall]] | None = None
        self._untold: list[str] = []
        self.ground: Ground | None = None

    async def proof(self) -> Proof:
        """The proof, made at the first call. Raises NotCheckedError when probing of this host is not allowed."""
        self._site.require_active()
        if self._work is None:
            self._work = asyncio.ensure_future(self._prove())
            self._work.add_done_callback(lambda _: self._site.calm.set())
        # A check that runs out of its time must not end the proof for the others.
        return await asyncio.shield(self._work)

    async def fields(self) -> list[GuestCall]:
        """The queries of the app's GraphQL as a stranger gets them, asked at the first call. Nothing where probing is not allowed."""
        if not self._site.active:
            return []
        if self._fields is None:
            self._fields = asyncio.ensure_future(self._ask_fields())
        return await asyncio.shield(self._fields)

    @property
    def fields_made(self) -> tuple[GuestCall, ...]:
        """These calls when they were made already; nothing is started for it."""
        ended = self._fields is not None and self._fields.done() and not self._fields.cancelled()
        return tuple(self._fields.result()) if ended and self._fields and not self._fields.exception() else ()

    async def _ask_fields(self) -> list[GuestCall]:
        guest, known = Caller("guest", self._site), await known_endpoints(self._surface, self._sweep)
        self._untold = await learn_graphs(guest, known, self._project)
        return await graph_calls(guest, await self._sweep.results())

    async def stop(self) -> None:
        """End a proof that nobody waits for any more. Its journal stays: the next run goes on from there and removes what was made."""
        if self._work is not None and not self._work.done():
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
        if self._fields is not None and not self._fields.done():
            self._fields.cancel()
            await asyncio.gather(self._fields, return_exceptions=True)

    @property
    def made(self) -> Proof | None:
        """The proof when it was made already; nothing is started for it."""
        if self._work is None or not self._work.done() or self._work.cancelled() or self._work.exception():
            return None
        return self._work.result()

    @property
    def policy(self) -> Policy | None:
        """The reviewed policy the proof compares with."""
        return self._policy

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Those of the project file."""
        return self._project.identities

    async def _prove(self) -> Proof:
        given, root = self._environment, self._project.root
        try:
            async with open_mailbox(given.mail_sink, given.outbox, root, self._site, self._surface.endpoints) as mail:
                return await self._prove_with(mail)
        except MailError as error:
            raise NotCheckedError(str(error), "a mail_sink that is free") from error

    async def _prove_with(self, mail: Mailbox) -> Proof:
        began, before = time.monotonic(), self._site.requests
        calls = await self._sweep.results()
        known = await known_endpoints(self._surface, self._sweep)
        # Fields of GraphQL become addresses once the app or its source has told their types.
        endpoints = [endpoint for endpoint in known if "#" not in endpoint.path]
        guest, fields = Caller("guest", self._site), await self.fields()
        endpoints = with_fields(endpoints, self._site)
        writes = site_is_ours(self._environment, is_loopback(self._site.host))
        path = self._folder / NAME if self._folder is not None and writes else None
        ground = Ground(
            endpoints,
            Accounts(self._site, endpoints, Doors((*calls, *fields)), mail),
            guest,
            [],
            writes,
            began + self._seconds,
            Journal(path, self._site.origin + self._site.base),
        )
        self.ground = ground
        with _stopping(ground, self._seconds):
            await gather(ground, self._project, self._environment, make_accounts=writes)
            if ground.callers:
                await self._learn_more(ground, endpoints)
                await self._ask(ground)
        if ground.writes:
            # What was made is removed whatever stopped the proof.
            ground.sending.until = time.monotonic() + _TIDYING
            with _stopping(ground, _TIDYING, "tidying up", "all was removed"):
                await tidy(ground)
            ground.journal.close()
        return Proof(
            tuple((c.name, c.role, c.tenant or ", ".join(sorted(c.known("tenant")))) for c in ground.callers),
            tuple(ground.cells[key] for key in sorted(ground.cells)),
            tuple(sorted(ground.alarms, key=lambda alarm: (alarm.harm, alarm.route, alarm.key))),
            tuple(
                (of, gap)
                for (_, of), gap in sorted(ground.gaps.items(), key=lambda item: (item[0][0], item[0][1] or ""))
            ),
            tuple(ground.made),
            self._site.requests - before,
            round(time.monotonic() - began, 2),
            ground.journal.resumed,
            {
                c.name: fill(ground, c, self._project.identities)
                for c in (*ground.callers, *filter(None, (ground.victim,)))
            },
            frozenset(ground.travels),
            dict(ground.asked),
        )

    async def _learn_more(self, ground: Ground, endpoints: list[Endpoint]) -> None:
        """Ask for the schemas once more as somebody of each role: apps tell some of it, or all, to whoever is signed in."""
        known = await known_endpoints(self._surface, self._sweep)
        for caller in {caller.role: caller for caller in reversed(ground.callers)}.values():
            paths = [*self._site.graphs, *self._untold]
            self._untold = await learn_graphs(caller, known, self._project, paths) if paths else []
        endpoints[:] = with_fields(endpoints, self._site)
        for one in self._untold:
            say_untold(ground, one)

    async def _ask(self, ground: Ground) -> None:
        await look(ground)
        if ground.writes:
            for caller in ground.callers[:2]:
                await make(ground, caller)
            ground.answers.clear()
            await look(ground)
        await look_at_others(ground)
        await ground.sending.settle(ground.callers)
        # From what only reads to what takes most away, so that no question destroys what a later one needs.
        await ground.stage("reads", lambda: prove_reads(ground, self._policy))
        await ground.stage("roles", lambda: prove_roles(ground, self._policy))
        await ground.stage("fields of types", lambda: prove_field_roles(ground, self._policy, self._project))
        await ground.stage("batches", lambda: prove_batches(ground, self._policy))
        if ground.writes:
            await ground.stage("fields", lambda: prove_fields(ground))
            await ground.stage("writes of other roles", lambda: prove_role_writes(ground, self._policy))
            await ground.stage("writes", lambda: prove_writes(ground, self._policy))
        await ground.stage("sessions", lambda: prove_sessions(ground, self._words))
        told = {call.endpoint.name for call in (*self._sweep.made, *self.fields_made) if private_data(call.exchange)}
        await ground.stage("exposure", lambda: prove_exposure(ground, told))
        await ground.stage("what callers pick", lambda: prove_picked(ground))


@contextmanager
def _stopping(ground: Ground, seconds: float, what: str = "the proof", done: str = "all was asked") -> Iterator[None]:
    """Turn the end of the time, or of the requests, into a gap: what was found until then stands."""
    try:
        yield
    except OutOfTimeError:
        said = f"the time for {what} ({seconds:g} s) was over before {done}"
        ground.gap("time", said, "launchready prove --seconds 600")
    except NotCheckedError as error:
        ground.gap("requests", error.reason, error.give)
