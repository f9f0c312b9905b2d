"""LR301: broken bodies and addresses must be answered with a clean refusal, never with a server error."""

from dataclasses import replace

from launchready.core.check import Check, Context, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import ARRIVALS, Impact, Kind, Need, Severity, Stage

_LINES = ("BAR-3", "INPUT-1", "INPUT-F1", "INPUT-D1", "AUTO-3")
_ENTRIES = ARRIVALS | {Kind.WEBHOOK}
_MEANINGS = {
    Harm.ENDS: Meaning(
        Severity.BLOCKER,
        Impact.AVAILABILITY,
        _LINES,
        "Find in the log what was thrown outside of the handler (a callback, a promise nobody waits for, an exit), catch it there, and answer with 400 or "
        "500: in Node a rejected promise that nobody awaits ends the process, and Express 4 awaits none (Express 5 does; before, wrap async handlers). Then let "
        "a supervisor start the app again when it ends all the same.",
        2.0,
    ),
    Harm.CRASH: Meaning(
        Severity.MEDIUM,
        Impact.AVAILABILITY,
        _LINES,
        "Describe the body with a schema (Pydantic, Zod, JSON Schema) and let the framework refuse what does not fit with 400 or 422.",
        1.0,
    ),
    Harm.ADDRESS: Meaning(
        Severity.MEDIUM,
        Impact.AVAILABILITY,
        ("INPUT-2", "INPUT-F1"),
        "Give the parameter a type and limits, so that the framework refuses what does not fit with 400 or 422.",
        1.0,
    ),
}


async def run(context: Context) -> Result:
    """A valid request to every endpoint that takes anything, with one thing out of place at a time (CWE-20, CWE-755)."""
    done = await findings("LR301", context, _MEANINGS, ())
    entries = {endpoint.name for endpoint in context.surface.endpoints if _ENTRIES.intersection(endpoint.kind)}
    return replace(
        done,
        findings=tuple(
            replace(one, severity=Severity.HIGH) if one.target in entries and one.severity is Severity.MEDIUM else one
            for one in done.findings
        ),
    )


CHECK = Check(
    CheckInfo(
        "LR301",
        "Broken requests get a clean refusal",
        Stage.INPUTS,
        (*_LINES, "INPUT-2"),
        (Need.URL,),
        Severity.HIGH,
        Impact.AVAILABILITY,
    ),
    run,
)
