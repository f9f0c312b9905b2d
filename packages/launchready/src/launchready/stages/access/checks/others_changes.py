"""LR207: one member changes or deletes what is another's."""

from launchready.core.check import Check, Context, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage

_LINES = ("AUTH-4", "AUTH-F2", "BAR-2", "AUTH-3", "AUTO-2")
_MEANINGS = {
    Harm.CHANGES: Meaning(
        Severity.BLOCKER,
        Impact.DATA,
        _LINES,
        "Before changing a record, look it up by its id and by who is asking, and answer 404 when nothing is found.",
        2.0,
    ),
    Harm.DELETES: Meaning(
        Severity.BLOCKER,
        Impact.DATA,
        (*_LINES, "AUTH-2", "AUTH-F1"),
        "Before deleting a record, look it up by its id and by who is asking, and answer 404 when nothing is found.",
        2.0,
    ),
}


async def run(context: Context) -> Result:
    """Records and accounts made for this run, changed and deleted by the other account (OWASP API1:2023, CWE-639)."""
    return await findings("LR207", context, _MEANINGS, ("other",), reads=False)


CHECK = Check(
    CheckInfo(
        "LR207",
        "Members cannot change or delete each other's records",
        Stage.ACCESS,
        _LINES,
        (Need.URL,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
