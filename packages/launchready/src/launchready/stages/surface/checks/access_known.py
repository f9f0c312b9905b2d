"""LR107: for every endpoint, it is known who may call it."""

from launchready.config.policy import load_policy
from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.words import AccessVerdict, Impact, Need, Severity, Stage


async def run(context: Context) -> Result:
    """Count endpoints whose guards could be followed to the end, or that a reviewed policy row answers for; the others are gaps, never passes."""
    # Who reaches tables and functions of a data service is tried, not read: LR121 to LR124.
    endpoints = [one for one in context.surface.endpoints if not one.path.startswith("/rest/") or not one.hosted]
    if not endpoints and context.surface.endpoints:
        raise NotApplicableError("every way in that was found is answered by a data service: see LR121 to LR126")
    if not endpoints:
        raise NotCheckedError("no endpoint was found in the source", "source of a framework we read, or --url")
    policy = load_policy(context.project)
    rows = {e.name: policy.row(e.method, e.path) for e in endpoints} if policy else {}
    said = [name for name, row in rows.items() if row is not None and not row.review]
    unknown = [e for e in endpoints if e.access.verdict is AccessVerdict.UNKNOWN and e.name not in said]
    gaps = tuple(
        Gap(
            one.name,
            "who may call it could not be read from the source",
            f"a look at {one.access.evidence[0].file}:{one.access.evidence[0].line}"
            if one.access.evidence
            else "a policy row for it",
        )
        for one in unknown
    )
    counts = {verdict: sum(one.access.verdict is verdict for one in endpoints) for verdict in AccessVerdict}
    note = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items())
    return Result(len(endpoints) - len(unknown), gaps=gaps, notes=(note,))


CHECK = Check(
    CheckInfo(
        "LR107",
        "It is known who may call each endpoint",
        Stage.SURFACE,
        ("SURF-3", "SURF-F1"),
        (Need.SOURCE,),
        Severity.MEDIUM,
        Impact.OPERATIONS,
        ("SURF-F1",),
    ),
    run,
)
