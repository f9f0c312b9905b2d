"""LR204: one member asks for what is another's."""

from launchready.core.check import Check, Context, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage

_LINES = ("AUTH-4", "AUTH-F2", "BAR-2", "AUTH-3", "AUTO-2")
_MEANINGS = {
    Harm.READS: Meaning(
        Severity.BLOCKER,
        Impact.DATA,
        _LINES,
        "Look the record up by its id and by who is asking: WHERE id = ? AND workspace_id = ?, and answer 404 when nothing is found.",
        2.0,
    ),
}


async def run(context: Context) -> Result:
    """Every kind of record a caller has, asked for by every other caller (OWASP API1:2023, CWE-639)."""
    return await findings("LR204", context, _MEANINGS, ("other",), reads=True)


CHECK = Check(
    CheckInfo(
        "LR204",
        "Members cannot read each other's records",
        Stage.ACCESS,
        _LINES,
        (Need.URL,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
