"""What a hostile website reads with a member's session: the caller's own door, asked as the member's browser would ask for it."""

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone
from launchready.probes.callers.caller import Caller
from launchready.stages.access.origins import allowed, first_tricks
from launchready.stages.access.proof.sessions.carried import opened_by


async def prove_cross_site(ground: Ground, caller: Caller) -> None:
    """Ask for a shut door with the caller's cookies and a foreign origin. A session in a header travels with no foreign page."""
    # A cookie that SameSite keeps from other sites would only come along because we send it.
    if "cookie" not in ground.travels or await opened_by(ground, caller) is None:
        return
    for hostile in first_tricks():
        for path in ground.accounts.doors.paths[:2]:
            exchange = await ground.call(caller, "GET", path, headers={"Origin": hostile.origin})
            may = allowed(exchange, hostile.origin)
            if may.reads and may.credentials and not may.wildcard and alone(exchange) is Seen.ALLOWED:
                ground.alarm(
                    Alarm(
                        Harm.ORIGIN,
                        f"GET {path}",
                        hostile.what,
                        f"The answer to {caller.name}'s own session at {path} may be read by {hostile.origin}.",
                        shown((f"asked with {caller.name}'s cookies and Origin: {hostile.origin}", exchange)),
                        key=hostile.origin,
                    )
                )
                return
