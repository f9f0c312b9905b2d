"""LR301: broken bodies and addresses must be answered with a clean refusal, never with a server error."""

from dataclasses import replace

from launchready.core.check import Check, Context, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Kind, Need, Severity, Stage
from launchready.stages.inputs.trials.payloads.alarms import ENDS

_LINES = ("BAR-3", "INPUT-1", "INPUT-F1", "INPUT-D1", "AUTO-3")
_ENTRIES = frozenset((Kind.LOGIN, Kind.SIGNUP, Kind.PASSWORD_RESET, Kind.WEBHOOK))
_MEANINGS = {
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
_KINDS = {
    ENDS: Meaning(
        Severity.HIGH,
        Impact.AVAILABILITY,
        _LINES,
        "Catch what handlers throw: in Node a rejected promise that nobody awaits ends the process, and Express 4 awaits none (Express 5 does; before, "
        "wrap async handlers). Describe the body with a schema, and let a supervisor start the app again.",
        1.0,
    ),
}


async def run(context: Context) -> Result:
    """A valid request to every endpoint that takes anything, with one thing out of place at a time (CWE-20, CWE-755)."""
    done = await findings("LR301", context, _MEANINGS, (), kinds_of=_KINDS)
    entries = {endpoint.name for endpoint in context.surface.endpoints if _ENTRIES.intersection(endpoint.kind)}
    return replace(
        done,
        findings=tuple(replace(one, severity=Severity.HIGH) if one.target in entries else one for one in done.findings),
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
