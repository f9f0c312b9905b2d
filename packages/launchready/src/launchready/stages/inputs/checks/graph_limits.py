"""LR306: one request to GraphQL must not be able to ask for everything at once."""

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.prover import Prover
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage
from launchready.probes.http import Site

_LINES = ("INPUT-2",)
_MEANINGS = {
    Harm.GRAPH: Meaning(
        Severity.HIGH,
        Impact.AVAILABILITY,
        _LINES,
        "Limit the depth of a query (10 is plenty for most) and its cost, before it runs: graphql-armor, graphql-depth-limit, QueryDepthLimiter.",
        1.0,
    ),
}
_MANY = "Limit aliases and root fields (15 or so), and count fields instead of requests where attempts are limited."
_KINDS = {
    "aliases": Meaning(Severity.MEDIUM, Impact.IDENTITY, ("INPUT-2", "INPUT-3"), _MANY, 1.0),
    "batch": Meaning(
        Severity.MEDIUM, Impact.IDENTITY, ("INPUT-2", "INPUT-3"), "Turn batching off, or allow few operations in one request.", 0.5
    ),
    "introspection": Meaning(
        Severity.MEDIUM, Impact.DATA, _LINES, "Turn introspection off where customers are, or ask for a session.", 0.5
    ),
    "introspection-here": Meaning(
        Severity.LOW, Impact.DATA, _LINES, "Turn introspection off where customers are, or ask for a session.", 0.5
    ),
    "suggestions": Meaning(
        Severity.LOW, Impact.DATA, _LINES, 'Take "Did you mean" out of the errors (graphql-armor, block-field-suggestions).', 0.5
    ),
}  # fmt: skip


async def run(context: Context) -> Result:
    """Depth, aliases, batches, introspection and suggestions, at each address (OWASP API4:2023)."""
    await context.get(Prover).proof()
    if not context.get(Site).graphs:
        raise NotApplicableError("no GraphQL was found")
    return await findings("LR306", context, _MEANINGS, (), kinds_of=_KINDS)


CHECK = Check(
    CheckInfo(
        "LR306",
        "One request to GraphQL cannot ask for everything",
        Stage.INPUTS,
        ("INPUT-2", "INPUT-3"),
        (Need.URL,),
        Severity.HIGH,
        Impact.AVAILABILITY,
    ),
    run,
)
