"""One run of calls as everybody: people, survey, records, the rounds of the stages, and away with what was made."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from launchready_guard.policy import Policy

from launchready.core.check import NotCheckedError
from launchready.ground.actions import learn_actions, say_uncalled, with_actions
from launchready.ground.cleanup import clean_up
from launchready.ground.closing import STAY, accounts_can_go
from launchready.ground.graphs import graph_calls, learn_graphs, say_untold, with_fields
from launchready.ground.ground import Ground
from launchready.ground.handed import hand_over
from launchready.ground.journal import NAME, Journal
from launchready.ground.known import known_endpoints
from launchready.ground.leftovers import markers_of_left
from launchready.ground.people import gather, site_is_ours
from launchready.ground.putback import put_back
from launchready.ground.result import Harm, Proof
from launchready.ground.rounds import Round
from launchready.ground.sending import OutOfTimeError
from launchready.ground.signing import fill
from launchready.ground.strays import remember_what_was_there
from launchready.ground.survey import look, look_at_others, make
from launchready.ground.tidy import keeps_people, note_accounts, people_of, tidy, tidy_records
from launchready.model.hosts import is_loopback
from launchready.model.project import Environment, Identity, Project
from launchready.model.surface import Endpoint, Surface
from launchready.probes.asked_in_query import AskedInQuery, as_forms
from launchready.probes.callers.accounts import Accounts
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.doors import Doors
from launchready.probes.callers.mailbox import Mailbox, MailError, open_mailbox
from launchready.probes.callers.signup import signup_routes
from launchready.probes.databases.kept import Kept
from launchready.probes.guest import GuestCall, GuestSweep
from launchready.probes.http import Site
from launchready.probes.stamps import Stamps
from launchready.sources.seeded import Seeded

SECONDS = 90.0
_TIDYING = 60.0
_EMPTIES = "by its source it takes away whole tables, so it was left alone"
# Seconds that are looked, before and after the cleanup command, once somebody has stopped the run.
_STOPPING = 5.0
# Seconds that a limit which bursts have met is waited for, when there is something to remove.
_PATIENCE = 60.0
# The share of a round that may go into waiting for limits to end.
_WAITING = 2 / 3


class Prover:
    """Made once for a run; the first check that asks starts the work, and all get the same proof.

    ``left_alone`` are routes that take away everything, which are called only where that may be lost. ``seeded`` are accounts whose passwords stand in
    the source, which are tried on loopback alone.
    ``kept`` is the app's database, where it is put back at the end.
    ``ground`` is what the proof was made on, None until it was begun. ``announce`` hears what a person should know before it begins,
    ``cleaned`` what came of the owner's cleanup command when somebody stopped the run, which then has no report to say it.
    """

    def __init__(
        self,
        site: Site,
        surface: Surface,
        sweep: GuestSweep,
        project: Project,
        environment: Environment,
        rounds: Sequence[Round],
        policy: Policy | None = None,
        folder: Path | None = None,
        announce: Callable[[str], None] = lambda said: None,
        cleaned: Callable[[str], None] = lambda said: None,
        left_alone: Collection[str] = (),
        seeded: Sequence[Seeded] = (),
        kept: Kept | None = None,
    ) -> None:
        self._site, self._surface, self._sweep = site, surface, sweep
        self._project, self._environment, self._policy = project, environment, policy
        self._rounds, self._folder, self._announce, self._cleaned = rounds, folder, announce, cleaned
        self._kept = kept
        self._left_alone, self._seeded = left_alone, seeded if is_loopback(site.host) else ()
        self._work: asyncio.Future[Proof] | None = None
        self._fields: asyncio.Future[list[GuestCall]] | None = None
        self._untold: list[str] = []
        self._uncalled: list[Endpoint] = []
        self.ground: Ground | None = None

    async def proof(self) -> Proof:
        """The proof, made at the first call. Raises NotCheckedError when probing of this host is not allowed."""
        self._site.require_active()
        if self._work is None:
            self._work = asyncio.ensure_future(self._prove())
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
        # What a development server has built by now are the pages that the sweep asked for.
        self._site.actions, self._uncalled = learn_actions(self._project, known)
        return await graph_calls(guest, await self._sweep.prompt())

    async def stop(self) -> None:
        """End a proof that nobody waits for any more. Its journal stays: the next run goes on from there and removes what was made;
        unless the owner's cleanup command did so now."""
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
                try:
                    return await self._prove_with(mail)
                except asyncio.CancelledError:
                    await self._stopped()
                    raise
        except MailError as error:
            raise NotCheckedError(str(error), "a mail_sink that is free") from error

    async def _prove_with(self, mail: Mailbox) -> Proof:
        began, before = time.monotonic(), self._site.requests
        ground = await self._prepared(mail, began)
        self.ground = ground
        say_uncalled(ground, self._uncalled)
        self._site.stamps = Stamps.for_endpoints(ground.endpoints, mail.arrived)
        if ground.writes and not accounts_can_go(ground) and signup_routes(ground.endpoints):
            self._announce(STAY)
        ground.sending.hung_before(call.exchange for call in ground.strangers)
        await self._ask_rounds(ground)
        cleaned = await self._leave(ground) if ground.writes else ""
        return self._proof(ground, self._site.requests - before, round(time.monotonic() - began, 2), cleaned)

    async def _prepared(self, mail: Mailbox, began: float) -> Ground:
        """What there is to call, and nobody on it yet but a stranger."""
        calls = await self._sweep.prompt()
        known = await known_endpoints(self._surface, self._sweep)
        fields = await self.fields()
        # Fields of GraphQL become addresses once the app or its source has told their types.
        endpoints = with_fields([endpoint for endpoint in known if "#" not in endpoint.path], self._site)
        endpoints = with_actions(endpoints, self._site)
        writes = site_is_ours(self._environment, is_loopback(self._site.host))
        disposable = writes and self._environment.disposable
        spared = [e for e in endpoints if e.name in self._left_alone and not disposable]
        endpoints = [e for e in endpoints if e not in spared]
        self._site.in_query, endpoints = AskedInQuery(endpoints), as_forms(endpoints)
        doors = Doors((*calls, *fields))
        if not doors.for_all:
            calls = await self._sweep.results()
            doors = Doors((*calls, *fields))
        path = self._folder / NAME if self._folder is not None and writes else None
        ground = Ground(
            endpoints,
            Accounts(self._site, endpoints, doors, mail),
            Caller("guest", self._site),
            [],
            writes,
            began + max((one.seconds for one in self._rounds), default=SECONDS),
            Journal(path, self._site.origin + self._site.base),
            strangers=(*calls, *fields),
            disposable=disposable,
        )
        for left, harm in ((left, harm) for left in spared for harm in (Harm.ROLE, Harm.CRASH)):
            ground.gap(left.name, _EMPTIES, "disposable = true, where everything may be lost", harm)
        return ground

    async def _ask_rounds(self, ground: Ground) -> None:
        """The rounds of the stages, those that are last at the end; people come with the first."""
        asked = sorted(self._rounds, key=lambda one: one.last)
        for number, one in enumerate(asked):
            if number:
                ground.sending.until, ground.about = time.monotonic() + one.seconds, one.harms
            # Bursts are there to meet limits.
            self._site.patience.left = 0.0 if one.last else one.seconds * _WAITING
            with _stopping(ground, one.seconds, one.what, one.longer, harms=one.harms):
                if not number:
                    await self._people(ground)
                if one.last and not (number and asked[number - 1].last):
                    await self._tidied(ground, partial(tidy_records, ground, keep=keeps_people), one.seconds)
                await one.ask(ground)
            if not number:
                # Where the time ended before it came to them, what strangers get is known all the same.
                await self._all_strangers(ground)

    async def _people(self, ground: Ground) -> None:
        """Everybody the app can be called as, and what each of them sees and makes."""
        await gather(ground, self._project, make_accounts=ground.writes, seeded=self._seeded)
        if ground.callers:
            await self._learn_more(ground)
            await self._survey(ground)
        await self._all_strangers(ground)
        if not ground.callers and not ground.journal.resumed:
            await remember_what_was_there(ground)

    async def _leave(self, ground: Ground) -> str:
        """Remove what was made, whatever stopped the proof, also where bursts have used up what the app lets anybody do; what came of the owner's command."""
        patience = _PATIENCE if any(one.last for one in self._rounds) else 0.0
        if patience:
            ground.sending.forgive(patience)
            self._site.patience.at_last(patience)
        await self._tidied(ground, partial(tidy, ground), patience=patience)
        note_accounts(ground)
        done = await clean_up(ground, self._environment, self._project.root, people_of(ground))
        if self._kept is not None:
            await put_back(ground, self._kept, people_of(ground))
        ground.journal.close()
        return done.said if done else ""

    def _proof(self, ground: Ground, requests: int, seconds: float, cleaned: str) -> Proof:
        callers = (*ground.callers, *filter(None, (ground.victim,)))
        gaps = sorted(ground.gaps.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        return Proof(
            people=tuple((c.name, c.role, c.tenant or ", ".join(sorted(c.known("tenant")))) for c in ground.callers),
            cells=tuple(ground.cells[key] for key in sorted(ground.cells)),
            alarms=tuple(sorted(ground.alarms, key=lambda alarm: (alarm.harm, alarm.route, alarm.key))),
            gaps=tuple((of, gap) for (_, of), gap in gaps),
            made=tuple(ground.made),
            requests=requests,
            seconds=seconds,
            resumed=ground.journal.resumed,
            fill={c.name: fill(ground, c, self._project.identities) for c in callers},
            travels=frozenset(ground.travels),
            asked=dict(ground.asked),
            inputs=tuple(ground.inputs),
            limits=tuple(ground.limits),
            markers=markers_of_left(ground),
            cleaned=cleaned,
        )

    async def _stopped(self) -> None:
        """Let the owner's cleanup command remove what was made until somebody stopped the run: by the app's own ways it would take too long."""
        ground = self.ground
        if ground is None or not ground.writes:
            return
        note_accounts(ground)
        done = await clean_up(ground, self._environment, self._project.root, people_of(ground), _STOPPING)
        if done is not None:
            self._cleaned(done.said)
            if done.well:
                ground.journal.close()
        if self._kept is not None and not (await asyncio.to_thread(self._kept.put_back)).why:
            ground.journal.close()

    async def _tidied(
        self, ground: Ground, work: Callable[[], Awaitable[None]], seconds: float = 0.0, patience: float = 0.0
    ) -> None:
        """Remove in a time of its own, with ``patience`` for limits, and leave ``seconds`` for what comes after it."""
        if not ground.writes:
            return
        about, ground.about = ground.about, frozenset()
        ground.sending.until = time.monotonic() + _TIDYING + patience
        with _stopping(ground, _TIDYING, "tidying up", "a look at what is listed as made", "all was removed"):
            await work()
        ground.sending.until, ground.about = time.monotonic() + seconds, about

    async def _all_strangers(self, ground: Ground) -> None:
        """Wait for what was too slow to be waited for before people signed up."""
        ground.strangers = (*await self._sweep.results(), *await self.fields())
        ground.sending.hung_before(call.exchange for call in ground.strangers)

    async def _learn_more(self, ground: Ground) -> None:
        """Ask for the schemas once more as somebody of each role: apps tell some of it, or all, to whoever is signed in."""
        known = await known_endpoints(self._surface, self._sweep)
        for caller in {caller.role: caller for caller in reversed(ground.callers)}.values():
            paths = [*self._site.graphs, *self._untold]
            self._untold = await learn_graphs(caller, known, self._project, paths) if paths else []
        ground.endpoints = ground.accounts.endpoints = with_fields(ground.endpoints, self._site)
        for one in self._untold:
            say_untold(ground, one)

    async def _survey(self, ground: Ground) -> None:
        await look(ground)
        if not ground.journal.resumed:
            await remember_what_was_there(ground)
        if ground.writes:
            for caller in ground.callers[:2]:
                await make(ground, caller)
            # What neither of them may make, somebody of a higher role perhaps may.
            for caller in ground.callers[2:]:
                await make(ground, caller, left_out={route for _, route in ground.created})
                await hand_over(ground, caller)
            ground.look_again()
            await look(ground)
        await look_at_others(ground)
        await ground.sending.settle(ground.callers)


@contextmanager
def _stopping(
    ground: Ground, seconds: float, what: str, give: str, done: str = "all was asked", harms: Collection[Harm] = ()
) -> Iterator[None]:
    """Turn the end of the time, or of the requests, into a gap about ``harms``, or about all: what was found until then stands."""
    try:
        yield
    except OutOfTimeError:
        for harm in harms or (None,):
            said = f"the time for {what} ({seconds:g} s) was over before {done}"
            ground.gap("time", said, give, harm)
    except NotCheckedError as error:
        for harm in harms or (None,):
            ground.gap("requests", error.reason, error.give, harm)
