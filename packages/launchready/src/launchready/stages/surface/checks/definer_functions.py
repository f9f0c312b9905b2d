"""LR123: database functions that run with their owner's rights and are there for everyone to call."""

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.database import Routine
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.stages.surface.built import Built, BuiltData

_LINES = ("BAR-1", "SURF-F2", "AUTH-F2")


async def run(context: Context) -> Result:
    """Look at every such function of the exposed schemas: who may call it, does it ask who calls, is its search path its own."""
    findings: list[Finding] = []
    gaps: list[Gap] = []
    examined = 0
    for built in await context.get(BuiltData).results():
        gaps += built.gaps()
        for routine in built.database.routines:
            if not routine.definer:
                continue
            examined += 1
            if "anon" in routine.callers and not routine.asks_caller:
                findings.append(_open(built, routine))
            elif routine.callers and not routine.pinned:
                findings.append(_loose(built, routine))
    if not examined and not gaps:
        raise NotApplicableError("no function that clients can call runs with its owner's rights")
    return Result(examined, tuple(findings), tuple(gaps))


def _open(built: Built, routine: Routine) -> Finding:
    span = built.place(routine.full_name)
    return Finding(
        "LR123",
        routine.full_name,
        f"Anyone on the internet can call {routine.schema}.{routine.name}, which no policy holds back",
        Severity.HIGH,
        Confidence.CERTAIN,
        Impact.DATA,
        _LINES,
        "It runs with its owner's rights (security definer), so row level security does not bind it, strangers may execute it, and "
        "nothing in it asks who is calling.",
        (Evidence("file", "security definer, executable by anon", span.what, span.file, span.line),),
        f'curl -X POST "$SUPABASE_URL/rest/v1/rpc/{routine.name}" -H "apikey: $SUPABASE_ANON_KEY"',
        f"revoke execute on function {routine.full_name} from public, anon; or move it to a schema that is not exposed, or begin it "
        "with a test of auth.uid().",
        1.0,
        "open",
    )


def _loose(built: Built, routine: Routine) -> Finding:
    span = built.place(routine.full_name)
    return Finding(
        "LR123",
        routine.full_name,
        f"{routine.schema}.{routine.name} runs with its owner's rights and lets callers choose what its names mean",
        Severity.MEDIUM,
        Confidence.CERTAIN,
        Impact.DATA,
        _LINES,
        "Without a search_path of its own, a name in it can be made to mean another's table or function (CVE-2018-1058).",
        (Evidence("file", "security definer without set search_path", span.what, span.file, span.line),),
        "",
        f"alter function {routine.full_name} set search_path = ''; and write every name with its schema.",
        0.5,
        "search_path",
    )


CHECK = Check(
    CheckInfo(
        "LR123",
        "Database functions with their owner's rights ask who is calling",
        Stage.SURFACE,
        _LINES,
        (Need.SOURCE,),
        Severity.HIGH,
        Impact.DATA,
    ),
    run,
)
