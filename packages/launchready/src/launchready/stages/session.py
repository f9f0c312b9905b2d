"""One audit, end to end: prepare what checks may look at, run them, keep every outcome, give the verdict."""

import asyncio
import contextlib
import secrets
import threading
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from launchready_guard.policy import Policy

import launchready.stages
from launchready.config.policy import load_policy
from launchready.core.assemble import RunFacts, assemble
from launchready.core.check import Check, Context
from launchready.core.events import Announced, CheckEnded, Cleaned, Event, Listener, Preparing, Sent, nobody
from launchready.core.matrix import matrix
from launchready.core.registry import discover, select
from launchready.core.runner import CHECK_SECONDS, run_checks
from launchready.core.store import Header, Store
from launchready.ground.ground import DANGEROUS
from launchready.ground.people import site_is_ours
from launchready.ground.prover import SECONDS as PROOF_SECONDS
from launchready.ground.prover import Prover
from launchready.ground.rounds import Round
from launchready.ground.tidy import about_left, created, notes
from launchready.model.audit import Audit, EnvironmentName, Target
from launchready.model.check import Gap, Outcome
from launchready.model.hosts import is_loopback
from launchready.model.project import Environment, Project
from launchready.model.surface import Surface
from launchready.model.words import Need, Stage
from launchready.probes.dns import Resolver
from launchready.probes.edge import Edge
from launchready.probes.guest import GuestSweep
from launchready.probes.http import AT_ONCE, BUDGET, SECONDS, Site
from launchready.probes.stamps import MAILS
from launchready.sources.bindings import bindings
from launchready.sources.cache import cached_surface
from launchready.sources.emptying import emptying
from launchready.sources.git import Repository
from launchready.sources.rates.read import stated_limits
from launchready.sources.secrets.detector import Detector
from launchready.sources.secrets.scan import SecretScan
from launchready.sources.seeded import seeded_accounts
from launchready.sources.tree import Tree
from launchready.stages.access.matrix import calls
from launchready.stages.access.proof.questions import access_questions
from launchready.stages.access.proof.sessions.words import key_words
from launchready.stages.inputs.trials.limits.burst import BURST, MOST_MAILS
from launchready.stages.inputs.trials.questions import (
    LIMIT_SECONDS,
    LIMITED,
    PAYLOADS,
    TRIED,
    input_questions,
    limit_questions,
    losing_questions,
)
from launchready.stages.inputs.trials.questions import SECONDS as INPUT_SECONDS
from launchready.stages.surface.built import BuiltData

_TICK = 0.5
# Removing what was made, waiting for a limit meanwhile, and the owner's cleanup command.
_TIDYING = 320.0
# The stages that sign people up.
_SIGNED_IN = frozenset((Stage.ACCESS, Stage.INPUTS))


@dataclass(frozen=True, slots=True)
class Request:
    """What to audit. ``stages`` and ``checks`` (ids) both empty mean all; ``source`` False leaves the source alone;
    ``seconds`` is the longest wait for one answer of the app, ``proof_seconds`` how long calling as every identity may take,
    ``input_seconds`` how long sending broken inputs may take, ``limit_seconds`` how long bursts may, ``deep`` whether all of those are sent,
    ``requests`` the most it is sent, ``at_once`` the most in flight."""

    project: Project
    environment: Environment
    stages: tuple[str, ...] = ()
    offline: bool = False
    authorized_by: str = ""
    source: bool = True
    checks: tuple[str, ...] = ()
    seconds: float = SECONDS
    requests: int = BUDGET
    at_once: int = AT_ONCE
    proof_seconds: float = PROOF_SECONDS
    input_seconds: float = INPUT_SECONDS
    limit_seconds: float = LIMIT_SECONDS
    deep: bool = False


@dataclass(slots=True)
class _Prepared:
    """What checks may look at. ``keep`` is the folder in which a run may keep things, None when it is to keep none."""

    policy: Policy | None
    keep: Path | None
    surface: Surface = field(default_factory=Surface)
    root: Path | None = None
    commit: str = ""
    resources: dict[type, object] = field(default_factory=dict)
    absent: dict[Need, Gap] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


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
        ready = _Prepared(policy, store.path.parent if store else folder)
        await _prepare(request, ready, chosen, stack, listener)
        facts = RunFacts(
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
            selected=len(chosen),
            notes=tuple(ready.notes),
        )
        if store:
            stack.enter_context(store.held())
            store.begin(Header(facts, request.project, infos, ready.surface))

        def heard(event: Event) -> None:
            if store and isinstance(event, CheckEnded):
                store.add(facts.id, event.outcome)
            listener(event)

        context = Context(
            request.project, request.environment, ready.root, ready.surface, ready.resources, ready.absent
        )
        site = ready.resources.get(Site)
        prover = ready.resources.get(Prover)
        try:
            async with _counting(site, listener):
                outcomes: tuple[Outcome, ...] = await run_checks(
                    chosen,
                    context,
                    heard,
                    # Every check of a run may wait for all of it: what it asks, and what it takes to remove.
                    seconds=max(
                        CHECK_SECONDS, request.proof_seconds + request.input_seconds + request.limit_seconds + _TIDYING
                    ),
                )
        finally:
            # Also when somebody stops the run: the app can still be called here.
            if isinstance(prover, Prover):
                await prover.stop()
        proof = prover.made if isinstance(prover, Prover) else None
        strangers = sweep.made if isinstance(sweep := ready.resources.get(GuestSweep), GuestSweep) else ()
        strangers += prover.fields_made if isinstance(prover, Prover) else ()
        requests = site.requests if isinstance(site, Site) else 0
    ended = RunFacts(
        id=facts.id,
        started=facts.started,
        seconds=round(time.monotonic() - began, 2),
        target=facts.target,
        environment=facts.environment,
        selected=facts.selected,
        requests=requests,
        notes=facts.notes + ((*notes(proof), *about_left(proof)) if proof else ()),
        made=created(proof),
    )
    shown = matrix(
        ready.surface,
        policy,
        calls(proof, strangers, ready.surface),
        [one.role for one in request.project.identities],
        bindings(tree, ready.surface.endpoints) if isinstance(tree := ready.resources.get(Tree), Tree) else {},
    )
    done = assemble(ended, request.project, infos, outcomes, ready.surface, now.date(), shown)
    if store:
        store.finish(done)
    return done, ready.resources


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


async def _prepare(
    request: Request,
    ready: _Prepared,
    chosen: Sequence[Check],
    stack: contextlib.AsyncExitStack,
    listener: Listener,
) -> None:
    await _prepare_source(request, ready, chosen, listener)
    await _prepare_site(request, ready, chosen, stack, listener)
    await _prepare_domain(request, ready, stack)
    if not request.project.logs:
        ready.absent[Need.LOGS] = Gap("logs", "no log file given", '--log FILE, or [project] logs = ["logs/app.log"]')


async def _prepare_source(request: Request, ready: _Prepared, chosen: Sequence[Check], listener: Listener) -> None:
    project = request.project
    if not request.source or not project.source:
        gap = Gap("source", "no source given", "the folder that holds the app's source: launchready audit PATH")
        ready.absent |= {Need.SOURCE: gap, Need.GIT: gap}
        return
    root = Path(project.root)
    detector = Detector()
    if any(check.info.stage is Stage.SECRETS for check in chosen):
        # It takes as long as reading the source of a young app, and the first time on a machine ten times as long.
        threading.Thread(target=detector.load, daemon=True).start()
    listener(Preparing("reading the source"))
    tree = await asyncio.to_thread(Tree.read, root, project.source)
    ready.root, ready.resources[Tree] = root, tree
    listener(Preparing(f"finding every way in: {len(tree.files)} files"))
    ready.surface = await asyncio.to_thread(cached_surface, tree)
    repository = await asyncio.to_thread(Repository.open, root)
    if repository is None:
        ready.absent[Need.GIT] = Gap("git", "the folder is no Git repository", "a clone with its whole history")
    else:
        ready.resources[Repository], ready.commit = repository, repository.head
    ready.resources[BuiltData] = BuiltData(tree)
    ready.resources[SecretScan] = SecretScan(tree, repository, detector)


async def _prepare_site(
    request: Request,
    ready: _Prepared,
    chosen: Sequence[Check],
    stack: contextlib.AsyncExitStack,
    listener: Listener,
) -> None:
    url = request.environment.url
    give = "--url http://127.0.0.1:8000, or [environments.NAME] url"
    if request.offline:
        ready.absent[Need.URL] = Gap("site", "--offline was asked for", "a run without --offline")
        return
    if not url:
        ready.absent[Need.URL] = Gap("site", "no running app given", give)
        return
    listener(Preparing(f"knocking at {urlsplit(url).netloc}"))
    most = f"at most {request.requests:,} requests go out, {request.at_once} at a time"
    writes = site_is_ours(request.environment, is_loopback(urlsplit(url).hostname or ""))
    if request.environment.disposable and writes:
        ready.notes.append(
            f"disposable = true: everything at {url} might be changed or destroyed by this run, whole lists and records of others too."
        )
    if _bursts(chosen):
        most += f", in bursts of at most {BURST}"
    if writes and any(check.info.stage in _SIGNED_IN for check in chosen):
        most += f"; they cause at most {MAILS + (MOST_MAILS if _bursts(chosen) else 0)} mails"
    listener(Announced(most))
    # What is read from the source is read before the app is called: from then on it has something to do.
    tree = ready.resources.get(Tree)
    empties = await asyncio.to_thread(emptying, tree, ready.surface.endpoints) if isinstance(tree, Tree) else ()
    seeded = await asyncio.to_thread(seeded_accounts, tree) if isinstance(tree, Tree) else ()
    asked = {check.info.stage for check in chosen if Need.URL in check.info.needs or not check.info.needs}
    rounds = [one for one in await _rounds(request, ready, chosen) if one.stage in asked]
    ca_file = request.project.domains.ca_file
    try:
        site = await stack.enter_async_context(
            Site.open(
                url,
                ca_file=ca_file,
                authorized_by=request.authorized_by,
                seconds=request.seconds,
                budget=request.requests,
                at_once=request.at_once,
            )
        )
    except OSError as error:
        said = f"Read the trust anchor {ca_file}: {error.strerror or error}."
        ready.absent[Need.URL] = Gap("site", said, "a certificate in PEM as [domains] ca_file")
        return
    home = await site.send("GET", "/")
    if home.error:
        ready.absent[Need.URL] = Gap("site", home.error, "a URL that answers from here")
        return
    location = home.header("location")
    if 300 <= home.status < 400 and (other := site.elsewhere(location)):
        ready.notes.append(
            f"Called {home.url}: it sends visitors on to {other}. Only {site.origin} was asked; when the app lives there, "
            "give that address as --url."
        )
    ready.resources[Site] = site
    guest = GuestSweep(
        site, ready.surface, lambda endpoint: endpoint.name in empties or bool(DANGEROUS.search(endpoint.path))
    )
    ready.resources[GuestSweep] = guest
    ready.resources[Prover] = Prover(
        site,
        ready.surface,
        guest,
        request.project,
        request.environment,
        rounds,
        ready.policy,
        ready.keep,
        lambda said: listener(Announced(said)),
        lambda said: listener(Cleaned(said)),
        empties,
        seeded,
    )


async def _rounds(request: Request, ready: _Prepared, chosen: Sequence[Check]) -> tuple[Round, ...]:
    """What the stages ask while people are signed in, in the order that lets none destroy what a later one needs; bursts only for those who ask."""
    tree = ready.resources.get(Tree)
    words = await asyncio.to_thread(key_words, tree) if isinstance(tree, Tree) else ()
    ids = {check.info.id for check in chosen}
    found = [access_questions(request.project, ready.policy, words, request.proof_seconds)]
    integrations = ready.surface.integrations
    if not TRIED.isdisjoint(ids):
        inputs = input_questions(
            ids, request.input_seconds, deep=request.deep, policy=ready.policy, integrations=integrations
        )
        found.append(inputs)
    if _bursts(chosen):
        stated = await asyncio.to_thread(stated_limits, tree, ready.surface.endpoints) if isinstance(tree, Tree) else {}
        found.append(limit_questions(request.limit_seconds, integrations=integrations, stated=stated))
    if request.environment.disposable and not PAYLOADS.isdisjoint(ids):
        found.append(losing_questions(request.input_seconds / 2, deep=request.deep))
    return tuple(found)


def _bursts(chosen: Sequence[Check]) -> bool:
    return any(check.info.id in LIMITED for check in chosen)


async def _prepare_domain(request: Request, ready: _Prepared, stack: contextlib.AsyncExitStack) -> None:
    domains = request.project.domains
    if request.offline:
        ready.absent[Need.DOMAIN] = Gap("domain", "--offline was asked for", "a run without --offline")
        return
    if not domains.root:
        ready.absent[Need.DOMAIN] = Gap("domain", "no domain given", "--domain example.com, or [domains] root")
        return
    try:
        resolver = Resolver.open(domains.resolver)
    except ValueError as error:
        ready.absent[Need.DOMAIN] = Gap("domain", str(error), '[domains] resolver = "192.0.2.53:53"')
        return
    try:
        edge = await stack.enter_async_context(Edge.open(domains, resolver))
    except OSError as error:
        said = f"Read the trust anchor {domains.ca_file}: {error.strerror or error}."
        ready.absent[Need.DOMAIN] = Gap("domain", said, "a certificate in PEM as [domains] ca_file")
        return
    ready.resources |= {Resolver: resolver, Edge: edge}
