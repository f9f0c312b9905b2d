"""LR123: database functions that run with their owner's rights and are there for everyone to call."""

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.database import Effect, Routine
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.catalogue import COMMANDS
from launchready.stages.surface.built import Built, BuiltData, is_private, said, tried

_LINES = ("BAR-1", "SURF-F2", "AUTH-F2")
_AND = {
    Effect.WRITES: " It changes rows.",
    Effect.READS: " It gives out what it reads.",
    Effect.COUNTS: " All it changes is a number, by one more each time.",
    Effect.ANSWERS: " It answers with a yes, a number or a date only, which tells who and what there is.",
    Effect.NOTHING: "",
}


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
            if "anon" in routine.callers and not routine.asks_caller and routine.effect is not Effect.NOTHING:
                findings.append(_open(built, routine))
            elif routine.callers and not routine.pinned:
                findings.append(_loose(built, routine))
    if not examined and not gaps:
        raise NotApplicableError("no function that clients can call runs with its owner's rights")
    return Result(examined, tuple(findings), tuple(gaps))


def _open(built: Built, routine: Routine) -> Finding:
    span = built.place(routine.full_name)
    severity, confidence, what = _does(routine)
    acted = [verb for verb in COMMANDS if f"anon:{verb}" in routine.can] if confidence is Confidence.PROVEN else []
    return Finding(
        "LR123",
        routine.name_alone,
        what.format(routine.name_alone),
        severity,
        confidence,
        Impact.DATA,
        _LINES,
        "It runs with its owner's rights (security definer), so row level security does not bind it, strangers may execute it, and "
        f"nothing in it asks who is calling.{_AND[routine.effect]}",
        tried(span, "anon", routine.full_name, acted, "security definer, executable by anon")
        if acted
        else (Evidence("file", "security definer, executable by anon", span.what, span.file, span.line),),
        f'curl -X POST "$SUPABASE_URL/rest/v1/rpc/{routine.name}" -H "apikey: $SUPABASE_ANON_KEY"',
        f"revoke execute on function {routine.full_name} from public, anon; or move it to a schema that is not exposed, or begin it "
        "with a test of auth.uid().",
        1.0,
        f"open {routine.arguments}",
    )


def _does(routine: Routine) -> tuple[Severity, Confidence, str]:
    """How bad it is that strangers may call it, how sure that is, and the title with a place for its name."""
    done = [verb for verb in ("update", "delete") if f"anon:{verb}" in routine.can]
    if routine.effect is Effect.WRITES and done:
        said_so = said(done)
        return Severity.BLOCKER, Confidence.PROVEN, f"Anyone on the internet can {said_so} rows by calling {{}}"
    if routine.effect is Effect.READS and "anon:select" in routine.can and any(map(is_private, routine.gives)):
        return Severity.BLOCKER, Confidence.PROVEN, "Anyone on the internet can read what is private by calling {}"
    if routine.effect in (Effect.WRITES, Effect.READS):
        what = "writes" if routine.effect is Effect.WRITES else "reads"
        title = f"Anyone on the internet can call {{}}, which {what} past every policy"
        return Severity.HIGH, Confidence.CERTAIN, title
    if routine.effect is Effect.COUNTS:
        return Severity.LOW, Confidence.CERTAIN, "Anyone on the internet can count up a number by calling {}"
    return Severity.LOW, Confidence.CERTAIN, "Strangers can ask {} about rows that no policy shows them"


def _loose(built: Built, routine: Routine) -> Finding:
    span = built.place(routine.full_name)
    return Finding(
        "LR123",
        routine.name_alone,
        f"{routine.name_alone} runs with its owner's rights and lets callers choose what its names mean",
        Severity.MEDIUM,
        Confidence.CERTAIN,
        Impact.DATA,
        _LINES,
        "Without a search_path of its own, a name in it can be made to mean another's table or function (CVE-2018-1058).",
        (Evidence("file", "security definer without set search_path", span.what, span.file, span.line),),
        "",
        f"alter function {routine.full_name} set search_path = ''; and write every name with its schema.",
        0.5,
        f"search_path {routine.arguments}",
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
