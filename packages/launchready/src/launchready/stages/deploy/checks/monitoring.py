"""LR606: somebody notices when it breaks."""

from launchready.core.check import Check, Context, ManualError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Severity, Stage


async def run(context: Context) -> Result:
    """Ask for an owner of the uptime monitor and for where alerts go, and look for an error tracker in the source."""
    owners = context.project.owners
    trackers = [one for one in context.surface.integrations if one.kind == "errors"]
    if owners.uptime and owners.alerts:
        tracked = f", errors go to {', '.join(one.name for one in trackers)}" if trackers else ""
        raise ManualError(
            f"{owners.uptime} watches uptime; alerts go to {', '.join(owners.alerts)}{tracked}",
            "nothing more",
            owners.uptime,
        )
    if not owners.asked:
        raise ManualError(
            "nobody told us who watches whether it is up, and where alerts go",
            "[owners] uptime and alerts in launchready.toml",
        )
    missing = [
        what
        for what, given in (("an owner of the uptime monitor", owners.uptime), ("where alerts go", owners.alerts))
        if not given
    ]
    seen = tuple(
        Evidence(
            "file", f"errors go to {one.name}: {one.evidence[0].what}", "", one.evidence[0].file, one.evidence[0].line
        )
        for one in trackers
        if one.evidence
    )
    return Result(
        1,
        (
            Finding(
                "LR606",
                "site",
                "Nobody would notice that it breaks before customers say so",
                Severity.HIGH,
                Confidence.CERTAIN,
                Impact.OPERATIONS,
                ("BAR-8", "DEPLOY-3", "DEPLOY-4", "DEPLOY-F1"),
                f"Nobody named {' and '.join(missing)}"
                + ("." if trackers else ", and the source sends its errors nowhere."),
                seen,
                "",
                "Watch the front page, the sign-in and one create action from outside, then name the people in launchready.toml: "
                '[owners] uptime = "Dana <dana@example.com>", alerts = ["slack:#ops", "email:dana@example.com"].',
                2.0,
            ),
        ),
    )


CHECK = Check(
    CheckInfo(
        "LR606",
        "Somebody notices when it breaks",
        Stage.DEPLOY,
        ("BAR-8", "DEPLOY-3", "DEPLOY-4", "DEPLOY-F1"),
        (),
        Severity.HIGH,
        Impact.OPERATIONS,
    ),
    run,
)
