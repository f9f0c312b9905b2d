"""LR213: tokens and session cookies of our own making."""

from launchready.core.check import Check, Context, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage

_LINES = ("AUTH-1", "BAR-1", "BAR-4", "SECRET-1")
_MEANINGS = {
    Harm.TOKEN: Meaning(
        Severity.BLOCKER,
        Impact.IDENTITY,
        _LINES,
        "Verify every token with one fixed algorithm and a key of 32 random bytes out of the environment, and change the key now.",
        1.0,
    ),
}


async def run(context: Context) -> Result:
    """A real token or signed cookie: tampered with, its public key taken for a secret, and its key guessed offline (RFC 8725; CWE-347, CWE-521)."""
    return await findings("LR213", context, _MEANINGS, ())


CHECK = Check(
    CheckInfo(
        "LR213",
        "A tampered token opens nothing, and its key cannot be guessed",
        Stage.ACCESS,
        _LINES,
        (Need.URL,),
        Severity.BLOCKER,
        Impact.IDENTITY,
    ),
    run,
)
