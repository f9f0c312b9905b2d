"""LR101: every way in is known, from source and from the running app."""

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.guest import GuestCall, GuestSweep


async def run(context: Context) -> Result:
    """Count the endpoints of the source; with a running app, look for ones the source does not show."""
    surface = context.surface
    if not surface.endpoints:
        named = ", ".join(framework.name for framework in surface.frameworks)
        reason = (
            f"no endpoint was found in the source; recognised: {named}"
            if named
            else "no framework was found in the source"
        )
        raise NotCheckedError(reason, "source of a framework we read, or a running app with --url")
    gaps = [
        Gap(
            framework.name,
            f"routes of {framework.name} are recognised but not read yet",
            "--url, with an OpenAPI document",
        )
        for framework in surface.frameworks
        if not framework.endpoints
    ]
    unread = [unread for unread in surface.unread if unread.file.endswith((".py", ".js", ".ts", ".mjs", ".cjs"))]
    gaps += [
        Gap(one.file, f"{one.file} {one.reason}", f"a look at {one.file}, or the running app with --url")
        for one in unread[:5]
    ]
    findings: list[Finding] = []
    sweep = context.resources.get(GuestSweep)
    if isinstance(sweep, GuestSweep):
        findings = [_hidden(call) for call in await sweep.results() if call.documented and call.answered]
    writes = sum(endpoint.action == "write" for endpoint in surface.endpoints)
    note = f"{len(surface.endpoints)} endpoints: {len(surface.endpoints) - writes} read, {writes} write"
    return Result(len(surface.endpoints), tuple(findings), tuple(gaps), notes=(note,))


def _hidden(call: GuestCall) -> Finding:
    return Finding(
        "LR101",
        call.endpoint.name,
        f"The running app has a way in that the source does not show: {call.endpoint.name}",
        Severity.MEDIUM,
        Confidence.PROVEN,
        Impact.OPERATIONS,
        ("SURF-1",),
        "It is in the app's own description, and answers strangers. What nobody sees in the source, nobody reviews.",
        (
            Evidence("exchange", f"listed in {call.endpoint.source.file}"),
            call.exchange.evidence("called, and answered"),
        ),
        call.exchange.curl(),
        "Find where it is mounted, decide who may call it, and take it away when nobody needs it.",
        1.0,
    )


CHECK = Check(
    CheckInfo(
        "LR101",
        "Every way in is known",
        Stage.SURFACE,
        ("SURF-1", "SURF-2"),
        (Need.SOURCE,),
        Severity.MEDIUM,
        Impact.OPERATIONS,
        ("SURF-1", "SURF-2"),
    ),
    run,
)
