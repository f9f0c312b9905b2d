"""LR303: broken values in addresses must be refused, and must never reach the database as code."""

import re

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.abuse import AbuseSweep, Attempt
from launchready.probes.http import Site

_LINES = ("INPUT-2", "INPUT-F1")
_SQL = re.compile(
    r"sqlite3\.OperationalError|unrecognized token|syntax error at or near|unterminated quoted string|You have an error in your SQL syntax|"
    r"SQLSTATE\[42|ORA-0(?:0933|1756)|SQLITE_ERROR|Unclosed quotation mark",
    re.I,
)


async def run(context: Context) -> Result:
    """Look at what every readable address did with quotes, letters, huge and negative numbers, and nothing."""
    context.get(Site).require_active()
    attempts = await context.get(AbuseSweep).addresses()
    if not attempts:
        raise NotCheckedError("no address with a parameter answers a stranger", "an identity in launchready.toml")
    broken: dict[str, list[Attempt]] = {}
    gaps = []
    for attempt in attempts:
        if attempt.exchange.error:
            gaps.append(Gap(attempt.endpoint.name, attempt.exchange.error, "an app that answers this call"))
        elif attempt.exchange.status >= 500:
            broken.setdefault(attempt.endpoint.name, []).append(attempt)
    return Result(len(attempts), tuple(_finding(found) for found in broken.values()), tuple(gaps))


def _finding(attempts: list[Attempt]) -> Finding:
    quoted = [attempt for attempt in attempts if "'" in attempt.what]
    letters = [attempt for attempt in attempts if "abc" in attempt.what]
    # A quote that breaks what the same address takes as letters breaks out of the query text.
    sql = next(
        (one for one in attempts if _SQL.search(one.exchange.text)),
        quoted[0] if quoted and not letters and len(attempts) == 1 else None,
    )
    proven = sql is not None and bool(_SQL.search(sql.exchange.text))
    first = sql or attempts[0]
    name = first.endpoint.name
    return Finding(
        "LR303",
        name,
        f"Text a visitor types becomes part of a database query at {name}"
        if sql
        else f"A wrong value in the address makes {name} fail with a server error",
        Severity.BLOCKER if proven else Severity.HIGH if sql else Severity.MEDIUM,
        Confidence.PROVEN if proven or not sql else Confidence.SUSPECTED,
        Impact.DATA if sql else Impact.AVAILABILITY,
        (*_LINES, "BAR-3") if sql else _LINES,
        "A single quote broke the query: whoever continues it well reads or changes the whole database (CWE-89)."
        if sql
        else f"It crashed on {', '.join(attempt.what for attempt in attempts[:4])}.",
        (first.exchange.evidence(f"sent {first.what}"),),
        first.exchange.curl(),
        "Pass values as parameters (WHERE title LIKE ?), never by building the query text."
        if sql
        else "Give the parameter a type and limits, so that the framework refuses what does not fit with 400 or 422.",
        1.0,
    )


CHECK = Check(
    CheckInfo(
        "LR303",
        "Broken values in addresses get a clean refusal",
        Stage.INPUTS,
        _LINES,
        (Need.URL,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
