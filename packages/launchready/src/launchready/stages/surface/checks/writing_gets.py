"""LR103: a GET that changes data, so that a link or a picture can."""

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.surface import Endpoint
from launchready.model.words import AccessVerdict, Confidence, Impact, Kind, Need, Severity, Stage


async def run(context: Context) -> Result:
    """Report every GET whose handler plainly writes (RFC 9110, section 9.2.1: GET is safe)."""
    gets = [endpoint for endpoint in context.surface.endpoints if endpoint.method == "GET"]
    if not gets:
        raise NotCheckedError("no GET was found in the source", "source of a framework we read")
    # Whoever comes back from another site that signs people in comes by a link, with a code that is good once.
    told = (endpoint for endpoint in gets if endpoint.action == "write" and Kind.LOGIN not in endpoint.kind)
    return Result(len(gets), tuple(map(_finding, told)))


def _finding(endpoint: Endpoint) -> Finding:
    guarded = endpoint.access.verdict is AccessVerdict.GUARDED
    return Finding(
        "LR103",
        endpoint.name,
        f"A link in an e-mail or chat can change a member's data: {endpoint.name} writes",
        Severity.HIGH if guarded else Severity.MEDIUM,
        Confidence.CERTAIN,
        Impact.DATA,
        ("SURF-2",),
        "Browsers, previews and crawlers call GET addresses by themselves, with the member's session when there is one.",
        (Evidence("file", f"{endpoint.source.what} writes", "", endpoint.source.file, endpoint.source.line),),
        "",
        "Make it a POST (or DELETE), and protect it against cross-site calls as your other forms are.",
        0.5,
    )


CHECK = Check(
    CheckInfo(
        "LR103",
        "No GET changes data",
        Stage.SURFACE,
        ("SURF-2",),
        (Need.SOURCE,),
        Severity.HIGH,
        Impact.DATA,
    ),
    run,
)
