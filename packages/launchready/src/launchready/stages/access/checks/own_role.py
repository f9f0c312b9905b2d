"""LR210: a caller sets fields that are not theirs to set."""

from launchready.core.check import Check, Context, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage

_LINES = ("BAR-2", "BAR-3", "INPUT-1", "AUTH-2", "AUTH-F1")
_MEANINGS = {
    Harm.FIELDS: Meaning(
        Severity.BLOCKER,
        Impact.IDENTITY,
        _LINES,
        "Take only the fields you name: a model with name and e-mail, not the whole body.",
        1.0,
    ),
}


async def run(context: Context) -> Result:
    """Sign up, and change the own account, with one field too many, and read it back (OWASP API3:2023, CWE-915)."""
    return await findings("LR210", context, _MEANINGS, ("own", "none"))


CHECK = Check(
    CheckInfo(
        "LR210",
        "Nobody can give themselves a role or a balance",
        Stage.ACCESS,
        _LINES,
        (Need.URL,),
        Severity.BLOCKER,
        Impact.IDENTITY,
    ),
    run,
)
