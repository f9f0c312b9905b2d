"""Serves an ASGI app on loopback, and gathers its people as a proof does."""

import contextlib
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import uvicorn
from launchready.core.ways import merged
from launchready.ground.ground import Ground
from launchready.ground.journal import Journal
from launchready.ground.people import gather
from launchready.model.project import Identity, Project
from launchready.model.surface import Endpoint, Surface
from launchready.probes.callers.accounts import Accounts
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.doors import Doors
from launchready.probes.callers.mailbox import open_mailbox
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.sources.documents.gather import served
from starlette.types import ASGIApp


@contextlib.contextmanager
def serve_asgi(app: ASGIApp) -> Iterator[str]:
    """Serve the app on a free port."""
    # Whoever waits for this thread may hold the loop that would close a request given up half-way, and the server waits for that one.
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextlib.asynccontextmanager
async def gathered(
    url: str,
    *identities: Identity,
    make: bool = True,
    endpoints: Sequence[Endpoint] = (),
    root: Path = Path(),
    mail_sink: str = "",
    outbox: str = "",
) -> AsyncIterator[Ground]:
    """The ground of a proof with its callers on it; endpoints come from the app's own description, beside those given."""
    project = Project("app", str(root), identities=identities)
    surface = Surface(tuple(endpoints))
    async with Site.open(url) as site:
        sweep = GuestSweep(site, surface)
        calls = await sweep.results()
        known = merged(surface.endpoints, served(sweep.description)) if sweep.description else surface.endpoints
        async with open_mailbox(mail_sink, outbox, str(root), site, known) as mail:
            accounts = Accounts(site, known, Doors(calls), mail)
            ground = Ground(
                known, accounts, Caller("guest", site), [], make, time.monotonic() + 300, Journal(None, url)
            )
            await gather(ground, project, make_accounts=make)
            yield ground


def reasons(ground: Ground) -> str:
    """Every gap as one text: why, and what to give."""
    return "\n".join(f"{gap.reason} -> {gap.give}" for gap in ground.gaps.values())
