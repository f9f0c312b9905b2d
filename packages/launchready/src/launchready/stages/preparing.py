"""What checks may look at in one audit: the source, the running site and the domain, or the reason why not."""

import asyncio
import contextlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from launchready_guard.policy import Policy

from launchready.core.check import Check
from launchready.core.events import Announced, Cleaned, Listener, Preparing
from launchready.ground.ground import DANGEROUS
from launchready.ground.people import site_is_ours
from launchready.ground.prover import Prover
from launchready.ground.rounds import Round
from launchready.model.check import Gap
from launchready.model.hosts import is_loopback
from launchready.model.surface import Surface
from launchready.model.words import Need, Stage
from launchready.probes.databases.kept import Kept
from launchready.probes.dns import Resolver
from launchready.probes.edge import Edge
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.probes.stamps import MAILS
from launchready.sources.cache import cached_surface
from launchready.sources.emptying import emptying
from launchready.sources.git import Repository
from launchready.sources.rates.read import stated_limits
from launchready.sources.secrets.detector import Detector
from launchready.sources.secrets.scan import SecretScan
from launchready.sources.seeded import seeded_accounts
from launchready.sources.tree import Tree
from launchready.stages.access.proof.questions import access_questions
from launchready.stages.access.proof.sessions.words import key_words
from launchready.stages.inputs.trials.limits.burst import BURST, MOST_MAILS
from launchready.stages.inputs.trials.questions import (
    LIMITED,
    PAYLOADS,
    TRIED,
    input_questions,
    limit_questions,
    losing_questions,
)
from launchready.stages.keeping import keep_database
from launchready.stages.request import Request
from launchready.stages.surface.built import BuiltData

# The stages that sign people up.
_SIGNED_IN = frozenset((Stage.ACCESS, Stage.INPUTS))


@dataclass(slots=True)
class Prepared:
    """What checks may look at. ``keep`` is the folder in which a run may keep things, None when it is to keep none."""

    policy: Policy | None
    keep: Path | None
    surface: Surface = field(default_factory=Surface)
    root: Path | None = None
    commit: str = ""
    resources: dict[type, object] = field(default_factory=dict)
    absent: dict[Need, Gap] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


async def prepare(
    request: Request,
    ready: Prepared,
    chosen: Sequence[Check],
    stack: contextlib.AsyncExitStack,
    listener: Listener,
) -> None:
    """Put into ``ready`` all that the chosen checks may look at, and for what cannot be had the reason. What was opened ends with ``stack``."""
    await _prepare_source(request, ready, chosen, listener)
    await _prepare_site(request, ready, chosen, stack, listener)
    await _prepare_domain(request, ready, stack)
    if not request.project.logs:
        ready.absent[Need.LOGS] = Gap("logs", "no log file given", '--log FILE, or [project] logs = ["logs/app.log"]')


async def _prepare_source(request: Request, ready: Prepared, chosen: Sequence[Check], listener: Listener) -> None:
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
    ready: Prepared,
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
    _announce(request, ready, chosen, listener)
    # What is read from the source is read before the app is called: from then on it has something to do.
    tree = ready.resources.get(Tree)
    empties = await asyncio.to_thread(emptying, tree, ready.surface.endpoints) if isinstance(tree, Tree) else ()
    seeded = await asyncio.to_thread(seeded_accounts, tree) if isinstance(tree, Tree) else ()
    asked = {check.info.stage for check in chosen if Need.URL in check.info.needs or not check.info.needs}
    rounds = [one for one in await _rounds(request, ready, chosen) if one.stage in asked]
    found = await _knock(request, ready, stack)
    if found is None:
        return
    site, kept = found
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
        kept,
    )


def _announce(request: Request, ready: Prepared, chosen: Sequence[Check], listener: Listener) -> None:
    """Say how much will be sent, before the first of it is."""
    url = request.environment.url
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


async def _knock(
    request: Request, ready: Prepared, stack: contextlib.AsyncExitStack
) -> tuple[Site, Kept | None] | None:
    """The site, once it has answered, and its database with the copy to put back; None, with the reason in ``ready``, when it cannot be called."""
    tree, ca_file = ready.resources.get(Tree), request.project.domains.ca_file
    try:
        site = await stack.enter_async_context(
            Site.open(
                request.environment.url,
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
        return None
    kept = await asyncio.to_thread(keep_database, request.project, request.environment, ready.keep, tree)
    if kept is not None:
        ready.resources[Kept], site.heard = kept, kept.sent.hear
    home = await site.send("GET", "/")
    if home.error:
        ready.absent[Need.URL] = Gap("site", home.error, "a URL that answers from here")
        return None
    location = home.header("location")
    if 300 <= home.status < 400 and (other := site.elsewhere(location)):
        ready.notes.append(
            f"Called {home.url}: it sends visitors on to {other}. Only {site.origin} was asked; when the app lives there, "
            "give that address as --url."
        )
    return site, kept


async def _rounds(request: Request, ready: Prepared, chosen: Sequence[Check]) -> tuple[Round, ...]:
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


async def _prepare_domain(request: Request, ready: Prepared, stack: contextlib.AsyncExitStack) -> None:
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
