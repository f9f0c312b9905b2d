"""LR302: error answers must not show the inside of the app."""

import re

from launchready.core.check import Check, Context, Result
from launchready.model.check import CheckInfo
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.abuse import AbuseSweep
from launchready.probes.exchange import Exchange
from launchready.probes.http import Site

_LINES = ("INPUT-F1", "INPUT-1")
_LEAKS = (
    (
        "a stack trace",
        re.compile(
            r"Traceback \(most recent call last\)|\bat [\w.$<>]+ \((?:/|[A-Z]:\\|file:|node:)[^)\n]+:\d+:\d+\)|^\s+File \"[^\"]+\", line \d+",
            re.M,
        ),
    ),
    (
        "the debugger of the framework",
        re.compile(
            r"Werkzeug Debugger|__debugger__|DEBUG = True|Starlette Debugger|<title>[^<]*(?:Whoops|Ignition)", re.I
        ),
    ),
    (
        "the text of a database error",
        re.compile(
            r"sqlite3\.\w+Error|psycopg2?\.|SQLSTATE\[|ORA-\d{5}|SequelizeDatabaseError|PrismaClient\w*Error|You have an error in your SQL syntax|unrecognized token: ",
            re.I,
        ),
    ),
    (
        "the paths of the server",
        re.compile(r"(?:/(?:home|usr|var|app|srv|opt|root)/[\w.-]+){1,6}/[\w.-]+\.(?:py|js|ts|rb|php)\b"),
    ),
)


async def run(context: Context) -> Result:
    """Read every error the run caused, and that of a page that does not exist."""
    site = context.get(Site)
    exchanges = [await site.send("GET", "/launchready-asks-for-a-page-that-is-not-there")]
    if site.active:
        sweep = context.get(AbuseSweep)
        exchanges += [attempt.exchange for attempt in (*await sweep.bodies(), *await sweep.addresses())]
    errors = [exchange for exchange in exchanges if exchange.status >= 400]
    for exchange in errors:
        shown = [what for what, pattern in _LEAKS if pattern.search(exchange.text)]
        if shown:
            return Result(len(errors), (_finding(exchange, shown),))
    return Result(len(errors))


def _finding(exchange: Exchange, shown: list[str]) -> Finding:
    return Finding(
        "LR302",
        "site",
        f"Errors show strangers the inside of the app: {', '.join(shown)}",
        Severity.HIGH,
        Confidence.PROVEN,
        Impact.DATA,
        _LINES,
        "It tells an attacker which code to attack, and sometimes shows the data the code was working on (CWE-209).",
        (exchange.evidence(f"answered {exchange.status} with {shown[0]}"),),
        exchange.curl(),
        "Turn debug mode off and answer errors with a fixed text and a number to find the details in your log (RFC 9457).",
        0.5,
    )


CHECK = Check(
    CheckInfo(
        "LR302",
        "Errors show nothing of the inside of the app",
        Stage.INPUTS,
        _LINES,
        (Need.URL,),
        Severity.HIGH,
        Impact.DATA,
    ),
    run,
)
