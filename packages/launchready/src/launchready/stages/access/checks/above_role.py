"""LR208: a member calls what is for administrators."""

from launchready.core.check import Check, Context, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage

_LINES = ("AUTH-2", "AUTH-F1", "BAR-2", "AUTH-3", "AUTO-2")
_MEANINGS = {
    Harm.ROLE: Meaning(
        Severity.BLOCKER,
        Impact.IDENTITY,
        _LINES,
        'Ask for the role on the server, on the route itself: dependencies=[Depends(require_role("admin"))], and answer 403.',
        1.0,
    ),
}


async def run(context: Context) -> Result:
    """Endpoints that the policy, the source or their address keep for higher roles, called as an ordinary member (OWASP API5:2023, CWE-285)."""
    return await findings("LR208", context, _MEANINGS, ("none", "own"))


CHECK = Check(
    CheckInfo(
        "LR208",
        "A member cannot call what is for administrators",
        Stage.ACCESS,
        _LINES,
        (Need.URL,),
        Severity.BLOCKER,
        Impact.IDENTITY,
    ),
    run,
)
