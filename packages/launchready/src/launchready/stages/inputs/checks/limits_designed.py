"""LR338: somebody has decided how often each kind of endpoint may be called."""

from launchready.config.policy import load_policy, policy_path
from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.core.limits.table import limit_table, met
from launchready.ground.prover import Prover
from launchready.model.check import CheckInfo, Gap, Table
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.inputs import LimitRow, LimitSeen
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.http import Site

_LINES = ("INPUT-D2",)


async def run(context: Context) -> Result:
    """Compare the kinds of endpoint the app has with the limits its policy designs (OWASP API4:2023)."""
    if not context.surface.endpoints:
        raise NotCheckedError("no endpoint was found in the source", "source of a framework we read")
    policy = load_policy(context.project)
    rows = limit_table(context.surface.endpoints, policy, await _measured(context))
    if not rows:
        raise NotApplicableError("the app has no endpoint of a kind that wants a limit")
    table = Table(
        "How often each kind of endpoint may be called",
        "As designed in the policy, or as we suggest where it says nothing, and as a burst of calls met it.",
        ("kind", "endpoints", "as designed", "as measured"),
        tuple(_told(row) for row in rows),
    )
    name = policy_path(context.project).name
    open_kinds = [row for row in rows if not row.reviewed]
    if policy is None:
        gap = Gap(
            name, "there is no policy that says how often", "launchready policy draft, and a look at its [limits]"
        )
        return Result(0, gaps=(gap,), tables=(table,))
    if not open_kinds:
        return Result(len(rows), tables=(table,))
    kinds = ", ".join(row.kind for row in open_kinds)
    finding = Finding(
        "LR338",
        name,
        f"Nobody has decided how often these may be called: {kinds}",
        Severity.LOW,
        Confidence.CERTAIN,
        Impact.OPERATIONS,
        _LINES,
        "What has no limit by design gets none, or one that nobody can explain to a customer who meets it.",
        (Evidence("config", f"no limit for {kinds}", "", name),),
        "launchready policy check",
        "Put these into [limits], and change them to what your customers need:\n"
        + "\n".join(f'{row.kind} = "{", ".join(row.designed)}"' for row in open_kinds),
        0.5,
    )
    return Result(len(rows), (finding,), tables=(table,))


async def _measured(context: Context) -> tuple[LimitSeen, ...]:
    """What bursts of this run met; nothing where the app was not called."""
    prover, site = context.resources.get(Prover), context.resources.get(Site)
    if not isinstance(prover, Prover) or not isinstance(site, Site) or not site.active:
        return ()
    return (await prover.proof()).limits


def _told(row: LimitRow) -> tuple[str, ...]:
    designed = ", ".join(row.designed) + ("" if row.reviewed else " (suggested)")
    seen = "; ".join(f"{one.route}: {met(one)}" for one in row.seen)
    return row.kind, ", ".join(row.routes), designed, seen or "not measured"


CHECK = Check(
    CheckInfo(
        "LR338",
        "How often each kind of endpoint may be called is decided",
        Stage.INPUTS,
        _LINES,
        (Need.SOURCE,),
        Severity.LOW,
        Impact.OPERATIONS,
        _LINES,
    ),
    run,
)
