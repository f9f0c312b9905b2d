"""LR215: what sign-in, reset and sign-up tell about who has an account."""

from launchready.core.check import Check, Context, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage

_LINES = ("AUTH-1", "INPUT-3")
_MEANINGS = {
    Harm.ENUMERATION: Meaning(
        Severity.MEDIUM,
        Impact.IDENTITY,
        _LINES,
        "Answer with the same status and the same words whether or not there is such an account.",
        1.0,
    ),
}


async def run(context: Context) -> Result:
    """The same request for an address that has an account and for one that has none: status, text and time (CWE-204, CWE-208)."""
    return await findings("LR215", context, _MEANINGS, ())


CHECK = Check(
    CheckInfo(
        "LR215",
        "Sign-in and password reset do not tell who has an account",
        Stage.ACCESS,
        _LINES,
        (Need.URL,),
        Severity.MEDIUM,
        Impact.IDENTITY,
    ),
    run,
)
