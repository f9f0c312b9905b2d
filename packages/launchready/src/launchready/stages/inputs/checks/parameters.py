"""LR303: what is typed into addresses must never reach the database as code."""

from launchready.core.check import Check, Context, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage

_LINES = ("INPUT-2", "INPUT-F1")
_MEANINGS = {
    Harm.INJECTION: Meaning(
        Severity.BLOCKER,
        Impact.DATA,
        (*_LINES, "BAR-3"),
        "Pass values as parameters (WHERE title LIKE ?), never by building the query text.",
        1.0,
    ),
}


async def run(context: Context) -> Result:
    """A valid request to every address with a parameter, with a quote in one of them at a time (CWE-89)."""
    return await findings("LR303", context, _MEANINGS, (), strangers=True)


CHECK = Check(
    CheckInfo(
        "LR303",
        "What people type stays data",
        Stage.INPUTS,
        _LINES,
        (Need.URL,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
