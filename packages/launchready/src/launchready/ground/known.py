"""Every way in that is known of a running app: what its source shows, and what it says of itself."""

from collections.abc import Sequence

from launchready.core.ways import merged, told_once
from launchready.model.surface import Endpoint, Surface
from launchready.probes.guest import GuestSweep
from launchready.sources.documents.gather import served


async def known_endpoints(surface: Surface, sweep: GuestSweep) -> Sequence[Endpoint]:
    """The endpoints of the surface, with those of the OpenAPI document that the app serves, if it serves one."""
    description = await sweep.described()
    known = told_once(surface.endpoints)
    return merged(known, served(description)) if description else known
