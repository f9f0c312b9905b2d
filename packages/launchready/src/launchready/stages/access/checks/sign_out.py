"""LR214: sessions that do not end when they should, that can be planted, or that stand in an address."""

from launchready.core.check import Check, Context, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage

_LINES = ("AUTH-1",)
_MEANINGS = {
    Harm.SESSION: Meaning(
        Severity.HIGH,
        Impact.IDENTITY,
        _LINES,
        "Keep sessions on the server: a new id at sign-in, deleted at sign-out and when the password changes; give tokens an exp of minutes, check it, and keep both out of addresses.",
        3.0,
    ),
}


async def run(context: Context) -> Result:
    """Sessions used again after signing out, a new password and their own end, and planted before sign-in (OWASP ASVS 5.0, V7.2 and V7.4; CWE-384, CWE-598, CWE-613)."""
    return await findings("LR214", context, _MEANINGS, ())


CHECK = Check(
    CheckInfo(
        "LR214",
        "Sessions end when they should, and nobody can plant or find one",
        Stage.ACCESS,
        _LINES,
        (Need.URL,),
        Severity.HIGH,
        Impact.IDENTITY,
    ),
    run,
)
