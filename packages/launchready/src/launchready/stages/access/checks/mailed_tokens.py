"""LR219: reset links and invites that do more than they should."""

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage

_LINES = ("AUTH-1", "BAR-1")
_MEANINGS = {
    Harm.RESET: Meaning(
        Severity.BLOCKER,
        Impact.IDENTITY,
        _LINES,
        "Make each token of 32 random bytes, keep it with the account and an end, send it by mail only, and delete it when it is used.",
        2.0,
    ),
}


async def run(context: Context) -> Result:
    """Reset links of accounts of ours, asked for, compared, used, used again and used on another account (CWE-640)."""
    result = await findings("LR219", context, _MEANINGS, ())
    if not result.examined and not result.gaps:
        raise NotApplicableError("no password reset and no invite was found")
    return result


CHECK = Check(
    CheckInfo(
        "LR219",
        "Reset links and invites are for one person, once, and cannot be guessed",
        Stage.ACCESS,
        _LINES,
        (Need.URL,),
        Severity.BLOCKER,
        Impact.IDENTITY,
    ),
    run,
)
