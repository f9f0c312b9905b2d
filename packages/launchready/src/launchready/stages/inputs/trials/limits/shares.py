"""How the time for bursts is shared: sign-ins come last, since they use up most, and must not find it gone where the app is slow."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from launchready.ground.ground import Ground
from launchready.ground.result import Harm
from launchready.ground.sending import OutOfTimeError
from launchready.probes.callers.signin import login_routes

# Attempts at one way in: for one account, for many, and around the limit.
_ATTEMPTS = 45
_LEAST = 5.0
# The most of the time that sign-ins may take from the others.
_SHARE = 0.7
LONGER = "launchready inputs --seconds 900"
_OTHERS = (Harm.RESETS, Harm.INVITES, Harm.LIMIT)


def sign_in_seconds(ground: Ground) -> float:
    """How long one attempt to sign in takes, as those of this run did: hashing a password takes a part of a second or more; 0 when none was made."""
    site = ground.guest.site
    return max((site.seconds_of(e.method, e.path) for e in login_routes(ground.endpoints)[:1]), default=0.0)


def kept_for(ground: Ground) -> float:
    """The seconds that sign-ins need where they take as long as those of this run did."""
    return max(sign_in_seconds(ground) * _ATTEMPTS, _LEAST)


@asynccontextmanager
async def time_kept_for_sign_ins(ground: Ground, seconds: float) -> AsyncIterator[None]:
    """Leave sign-ins their part of so many ``seconds``; what the others had no time for is noted, and says for how long to ask."""
    each = sign_in_seconds(ground)
    kept = min(kept_for(ground), seconds * _SHARE) if ground.writes else 0.0
    ground.sending.until -= kept
    try:
        yield
    except OutOfTimeError:
        said = (
            f"the time for bursts was over: {kept:.0f} s of it were kept for sign-ins, each of which takes {each:.1f} s"
        )
        for harm in _OTHERS:
            ground.gap("time", said, LONGER, harm)
    finally:
        ground.sending.until += kept
