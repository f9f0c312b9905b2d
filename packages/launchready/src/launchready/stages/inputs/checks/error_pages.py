"""LR302: error answers must not show the inside of the app."""

from dataclasses import replace

from launchready.core.check import Check, Context, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage

_LINES = ("INPUT-F1", "INPUT-1")
_MEANINGS = {
    Harm.LEAK: Meaning(
        Severity.HIGH,
        Impact.DATA,
        _LINES,
        "Turn debug mode off and answer errors with a fixed text and a number to find the details in your log (RFC 9457).",
        0.5,
    ),
}


async def run(context: Context) -> Result:
    """Every error the run caused, and that of a page that does not exist (CWE-209). What they show is one finding: it is one setting."""
    done = await findings("LR302", context, _MEANINGS, ())
    if not done.findings:
        return done
    first, *more = done.findings
    kinds = ", ".join(one.title.rpartition(": ")[2] for one in done.findings)
    evidence = tuple(one for found in (first, *more) for one in found.evidence)
    whole = replace(
        first, title=f"{first.title.rpartition(': ')[0]}: {kinds}", evidence=evidence, key="", fingerprint=""
    )
    return replace(done, findings=(whole,))


CHECK = Check(
    CheckInfo(
        "LR302",
        "Errors show nothing of the inside of the app",
        Stage.INPUTS,
        _LINES,
        (Need.URL,),
        Severity.HIGH,
        Impact.DATA,
    ),
    run,
)
