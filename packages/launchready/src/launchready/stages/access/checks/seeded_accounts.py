"""LR216: accounts whose passwords stand in the source."""

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage
from launchready.sources.seeded import seeded_accounts
from launchready.sources.tree import Tree

_LINES = ("AUTH-1", "BAR-1")
_MEANINGS = {
    Harm.SEEDED: Meaning(
        Severity.BLOCKER,
        Impact.IDENTITY,
        _LINES,
        "Change that password where the app runs now. Then take the first administrator's password from the environment, and make no account when it is not set.",
        0.5,
    ),
}


async def run(context: Context) -> Result:
    """Sign in as higher roles that the code makes, with the passwords that stand beside them (CWE-798)."""
    if not seeded_accounts(context.get(Tree)):
        raise NotApplicableError("no account with a password stands in the source")
    return await findings("LR216", context, _MEANINGS, ())


CHECK = Check(
    CheckInfo(
        "LR216",
        "No account whose password stands in the source opens the app",
        Stage.ACCESS,
        _LINES,
        (Need.URL, Need.SOURCE),
        Severity.BLOCKER,
        Impact.IDENTITY,
    ),
    run,
)
