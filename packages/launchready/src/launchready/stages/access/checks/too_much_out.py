"""LR209: what answers hold that no page needs."""

from launchready.core.check import Check, Context, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage

_LINES = ("BAR-2", "AUTH-1", "SURF-F2")
_MEANINGS = {
    Harm.SECRETS: Meaning(
        Severity.BLOCKER,
        Impact.IDENTITY,
        _LINES,
        "List the fields an answer may hold (a response model or a serializer) and leave everything else out.",
        1.0,
    ),
    Harm.PERSONAL: Meaning(
        Severity.HIGH,
        Impact.DATA,
        ("BAR-2", "AUTH-4", "AUTH-F1", "AUTH-F2"),
        "List the fields an answer may hold, and leave out what other members need not know.",
        1.0,
    ),
    Harm.SCRIPT: Meaning(
        Severity.HIGH,
        Impact.DATA,
        _LINES,
        "Answer with JSON and nothing else (no callback parameter), and give the session's cookie SameSite=Lax.",
        0.5,
    ),
    Harm.CAPTCHA: Meaning(
        Severity.MEDIUM,
        Impact.OPERATIONS,
        _LINES,
        "Keep the captcha's answer on the server, by its id, and let it count once.",
        1.0,
    ),
}


async def run(context: Context) -> Result:
    """Every answer the callers of this run were given (OWASP API3:2023, CWE-200)."""
    return await findings("LR209", context, _MEANINGS, ("own", "other", "none"))


CHECK = Check(
    CheckInfo(
        "LR209",
        "Answers hold no secrets and no more of other members than is needed",
        Stage.ACCESS,
        _LINES,
        (Need.URL,),
        Severity.BLOCKER,
        Impact.IDENTITY,
    ),
    run,
)
