"""LR305: no short text keeps the app busy."""

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.prover import Prover
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.surface import Endpoint, Input
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.patterns.bombs import Bomb, bomb
from launchready.stages.inputs.trials.slow import SENT

_LINES = ("INPUT-2", "INPUT-1")
_FIX = (
    "Write the pattern so that each text can be read in one way (^[a-z]+(-[a-z]+)*$ and not ^([a-z]+-?)*$), limit the length before it is matched, "
    "or use an engine that is never slow: RE2, or Pydantic's default."
)
_MEANINGS = {Harm.SLOW: Meaning(Severity.HIGH, Impact.AVAILABILITY, _LINES, _FIX, 1.0)}
# Go's engine and that of Rust look at each letter once.
_NEVER_SLOW = (".go", ".rs")


async def run(context: Context) -> Result:
    """What calls measured, and patterns of the source that can be read in two ways and that no call has cleared (CWE-1333)."""
    patterns = [
        (e, one)
        for e in context.surface.endpoints
        for one in e.inputs
        if one.pattern and not e.source.file.endswith(_NEVER_SLOW)
    ]
    measured, cleared = await _measured(context)
    known = {(one.target, one.key) for one in measured.findings} | cleared
    found = [
        _finding(endpoint, given, attack)
        for endpoint, given in patterns
        if (endpoint.name, f"pattern {given.name}") not in known and (attack := bomb(given.pattern))
    ]
    if not patterns and not measured.examined and not measured.gaps:
        raise NotCheckedError(
            "no pattern was found in the source, and no input was known to measure",
            "the app's source, or a running app",
        )
    return Result(max(measured.examined, len(patterns)), (*measured.findings, *found), measured.gaps)


async def _measured(context: Context) -> tuple[Result, set[tuple[str, str]]]:
    """What the calls found, and the inputs that were tried in them; nothing but a gap where there were none."""
    if (gap := context.absent.get(Need.URL)) is not None:
        return Result(0, (), (gap,)), set()
    try:
        result = await findings("LR305", context, _MEANINGS, ())
        proof = await context.get(Prover).proof()
    except NotCheckedError as error:
        return Result(0, (), (Gap("site", error.reason, error.give),)), set()
    return result, {(one.route, f"pattern {one.field}") for one in proof.inputs if one.what == SENT and one.status}


def _finding(endpoint: Endpoint, given: Input, attack: Bomb) -> Finding:
    return Finding(
        "LR305",
        endpoint.name,
        f"A short text may keep {endpoint.name} busy for minutes: the pattern of {given.name} can be read in many ways",
        Severity.HIGH,
        Confidence.SUSPECTED,
        Impact.AVAILABILITY,
        _LINES,
        f"On {attack.text(8)!r} and longer ones, an engine that goes back and tries again takes twice as long for each letter more. It was not measured.",
        (Evidence("file", "the pattern", given.pattern, endpoint.source.file, endpoint.source.line),),
        "",
        _FIX,
        1.0,
        f"pattern {given.name}",
    )


CHECK = Check(
    CheckInfo(
        "LR305",
        "No short text keeps the app busy",
        Stage.INPUTS,
        _LINES,
        (),
        Severity.HIGH,
        Impact.AVAILABILITY,
    ),
    run,
)
