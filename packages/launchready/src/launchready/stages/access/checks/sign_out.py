"""LR214: sessions that outlive signing out, and tokens that never expire."""

from launchready.core.check import Check, Context, Result
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage
from launchready.stages.access.proof.findings import Meaning, findings
from launchready.stages.access.proof.result import Harm

_LINES = ("AUTH-1",)
_MEANINGS = {
    Harm.SESSION: Meaning(
        Severity.HIGH,
        Impact.IDENTITY,
        _LINES,
        "Keep sessions on the server and delete them at sign-out; give tokens an exp of minutes and a list of revoked ones.",
        3.0,
    ),
}


async def run(context: Context) -> Result:
    """A session used again after signing out (OWASP ASVS 5.0, V7.4; CWE-613)."""
    return await findings("LR214", context, _MEANINGS, ("own", "none"))


CHECK = Check(
    CheckInfo(
        "LR214",
        "Signing out ends the session, and tokens run out",
        Stage.ACCESS,
        _LINES,
        (Need.URL,),
        Severity.HIGH,
        Impact.IDENTITY,
    ),
    run,
)
