"""LR304: what no customer can mean must not be kept: prices below nothing, days in no calendar, addresses that are none."""

from launchready.core.check import Check, Context, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage

_LINES = ("INPUT-1", "INPUT-F1", "INPUT-D1", "AUTO-3")
_MEANINGS = {
    Harm.NONSENSE: Meaning(
        Severity.MEDIUM,
        Impact.DATA,
        _LINES,
        "Say in the schema what a value may be (EmailStr, ge=0, a date type, max_length), and answer 422 to the rest.",
        1.0,
    ),
}


async def run(context: Context) -> Result:
    """Records made with one value that is nonsense whatever the app is for, and read back (CWE-20, OWASP ASVS 5.0, V2.2)."""
    return await findings("LR304", context, _MEANINGS, ())


CHECK = Check(
    CheckInfo(
        "LR304",
        "What no customer can mean is not kept",
        Stage.INPUTS,
        _LINES,
        (Need.URL,),
        Severity.MEDIUM,
        Impact.DATA,
    ),
    run,
)
