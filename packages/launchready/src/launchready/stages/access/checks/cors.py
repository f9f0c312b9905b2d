"""LR221: other websites must not read the app's answers with a member's session."""

from launchready.core.check import Check, Context, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.exchange import Exchange
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site

_MOST = 6


async def run(context: Context) -> Result:
    """Ask as a hostile website would, simple and preflighted (Fetch standard, CORS protocol; OWASP API8:2023)."""
    site = context.get(Site)
    calls = await context.get(GuestSweep).results()
    paths = [
        "/",
        *dict.fromkeys(
            call.exchange.path
            for call in calls
            if "/api" in call.endpoint.path or call.exchange.content_type == "application/json"
        ),
    ]
    examined, gaps = 0, []
    for path in paths[:_MOST]:
        for origin in _origins(site.host):
            # Some servers reflect the origin only when a cookie comes along, as a member's browser sends it.
            for method, extra in (
                ("GET", {"Cookie": "visitor=1"}),
                ("OPTIONS", {"Access-Control-Request-Method": "POST"}),
            ):
                exchange = await site.send(method, path, headers={"Origin": origin, **extra})
                if exchange.error:
                    gaps.append(Gap(f"{method} {path}", exchange.error, "an app that answers this call"))
                    continue
                examined += 1
                if _allows(exchange, origin):
                    return Result(examined, (_finding(exchange, origin),), tuple(gaps))
    return Result(examined, gaps=tuple(gaps))


def _origins(host: str) -> tuple[str, ...]:
    return ("https://evil.example", "null", f"https://{host}.evil.example", f"https://evil-{host}")


def _allows(exchange: Exchange, origin: str) -> bool:
    allowed = exchange.header("access-control-allow-origin")
    return allowed == origin or (
        allowed == "*" and exchange.header("access-control-allow-credentials").lower() == "true"
    )


def _finding(exchange: Exchange, origin: str) -> Finding:
    credentials = exchange.header("access-control-allow-credentials").lower() == "true"
    told = exchange.header("access-control-allow-origin")
    return Finding(
        "LR221",
        "site",
        "Any website a member visits can use the app in their name"
        if credentials
        else "Any website can read what the app answers its own visitors",
        Severity.BLOCKER if credentials else Severity.HIGH,
        Confidence.PROVEN,
        Impact.IDENTITY if credentials else Impact.DATA,
        ("BAR-6",),
        f"A page at {origin} is allowed to read the answer ({told}" + (", with cookies)." if credentials else ")."),
        (exchange.evidence(f"asked with Origin: {origin}"),),
        exchange.curl(),
        'List your own addresses and nothing else: allow_origins=["https://app.example.com"]. When the pages and the API share one host, no CORS is needed at all.',
        0.5,
    )


CHECK = Check(
    CheckInfo(
        "LR221",
        "CORS allows known origins only",
        Stage.ACCESS,
        ("BAR-6",),
        (Need.URL,),
        Severity.BLOCKER,
        Impact.IDENTITY,
        ("BAR-6",),
    ),
    run,
)
