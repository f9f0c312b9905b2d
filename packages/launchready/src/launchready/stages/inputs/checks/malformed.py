"""LR301: broken bodies must be answered with a clean refusal, never with a server error."""

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Kind, Need, Severity, Stage
from launchready.probes.abuse import AbuseSweep, Attempt
from launchready.probes.http import Site

_LINES = ("BAR-3", "INPUT-1", "INPUT-F1")


async def run(context: Context) -> Result:
    """Look at what every endpoint that takes a body did with five broken ones."""
    context.get(Site).require_active()
    attempts = await context.get(AbuseSweep).bodies()
    if not attempts:
        raise NotCheckedError("no endpoint that takes a body is known", "the app's source")
    broken: dict[str, list[Attempt]] = {}
    refused: set[str] = set()
    examined: set[str] = set()
    gaps = []
    for attempt in attempts:
        name, exchange = attempt.endpoint.name, attempt.exchange
        if exchange.error:
            gaps.append(Gap(name, exchange.error, "an app that answers this call"))
        elif exchange.status in (401, 403) or 300 <= exchange.status < 400:
            refused.add(name)
        else:
            examined.add(name)
            if exchange.status >= 500:
                broken.setdefault(name, []).append(attempt)
    behind = sorted(refused - examined)
    if behind:
        gaps.append(
            Gap(behind[0], f"{len(behind)} endpoints want a signed-in user first", "an identity in launchready.toml")
        )
    return Result(len(examined), tuple(_finding(found) for found in broken.values()), tuple(gaps))


def _finding(attempts: list[Attempt]) -> Finding:
    first = attempts[0]
    endpoint = first.endpoint
    entry = bool({Kind.LOGIN, Kind.SIGNUP, Kind.PASSWORD_RESET, Kind.WEBHOOK} & set(endpoint.kind))
    return Finding(
        "LR301",
        endpoint.name,
        f"A wrong request makes {endpoint.name} fail with a server error",
        Severity.HIGH if entry else Severity.MEDIUM,
        Confidence.PROVEN,
        Impact.AVAILABILITY,
        _LINES,
        f"It crashed on {', '.join(attempt.what for attempt in attempts)}. Every such call looks like an outage in your monitoring, "
        "and customers get no word of what was wrong.",
        (first.exchange.evidence(f"sent {first.what}"),),
        first.exchange.curl(),
        "Describe the body with a schema (Pydantic, Zod, JSON Schema) and let the framework refuse what does not fit with 400 or 422.",
        1.0,
    )


CHECK = Check(
    CheckInfo(
        "LR301",
        "Broken bodies get a clean refusal",
        Stage.INPUTS,
        _LINES,
        (Need.URL,),
        Severity.HIGH,
        Impact.AVAILABILITY,
    ),
    run,
)
