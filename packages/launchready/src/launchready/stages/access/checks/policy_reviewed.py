"""LR231: somebody wrote down, and a person confirmed, who may call what."""

from launchready.config.policy import load_policy, policy_path
from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage

_LINES = ("AUTH-D1", "SURF-F1")


async def run(context: Context) -> Result:
    """Look for policy.toml, and for rows of it that nobody has reviewed (OWASP ASVS 5.0, V8.1 authorization documentation)."""
    if not context.surface.endpoints:
        raise NotCheckedError("no endpoint was found in the source", "source of a framework we read")
    policy = load_policy(context.project)
    name = policy_path(context.project).name
    if policy is None or not policy.rows:
        said = "there is no such file" if policy is None else "it has no row"
        return Result(
            1,
            (
                _finding(
                    name,
                    "Nobody can say who may call what: the app has no policy",
                    f"{len(context.surface.endpoints)} ways in, and nothing that says for whom each is meant. "
                    "Without it, no test can tell an administrator's page from everybody's.",
                    said,
                    "Run `launchready policy draft`: it writes a row for every way in from your source. Then read it, and settle the "
                    "rows marked review.",
                    2.0,
                ),
            ),
        )
    waiting = [row for row in policy.rows if row.review]
    if not waiting:
        return Result(len(policy.rows))
    named = ", ".join(row.route for row in waiting[:5]) + (" and others" if len(waiting) > 5 else "")
    return Result(
        len(policy.rows),
        (
            _finding(
                name,
                f"For {len(waiting)} of {len(policy.rows)} ways in, nobody has confirmed who may call them",
                "A row marked review decides nothing: neither the audit nor the guard can hold the app to it.",
                f"review = true: {named}",
                "Search for review = true in the file, put each row right, and take the line out. `launchready policy check` lists them.",
                min(4.0, 0.5 + len(waiting) / 60),
            ),
        ),
    )


def _finding(name: str, title: str, detail: str, seen: str, fix: str, hours: float) -> Finding:
    return Finding(
        "LR231",
        name,
        title,
        Severity.MEDIUM,
        Confidence.CERTAIN,
        Impact.OPERATIONS,
        _LINES,
        detail,
        (Evidence("config", seen, "", name),),
        "launchready policy check",
        fix,
        round(hours, 1),
    )


CHECK = Check(
    CheckInfo(
        "LR231",
        "A reviewed policy says who may call what",
        Stage.ACCESS,
        _LINES,
        (Need.SOURCE,),
        Severity.MEDIUM,
        Impact.OPERATIONS,
    ),
    run,
)
