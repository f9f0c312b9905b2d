"""LR307: the rules at each endpoint's boundary, beside what the app does with what breaks them."""

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.ground.prover import Prover
from launchready.model.check import CheckInfo, Gap, Table
from launchready.model.inputs import BoundaryRules, FieldRule
from launchready.model.words import Impact, Need, Severity, Stage
from launchready.sources.manifests import dependencies
from launchready.sources.tree import Tree
from launchready.stages.inputs.boundary.rules import boundary_rules

_LINES = ("INPUT-D1",)
_NAMED = 3


async def run(context: Context) -> Result:
    """Write down what every field should hold and what it took. What broke the app is LR301's and LR304's finding."""
    proof = await context.get(Prover).proof()
    tree = context.resources.get(Tree)
    packages = dependencies(tree) if isinstance(tree, Tree) else {}
    ground = context.get(Prover).ground
    endpoints = ground.endpoints if ground is not None else context.surface.endpoints
    rules = boundary_rules(endpoints, proof.inputs, packages, ground.examples if ground is not None else {})
    if not rules:
        if not endpoints:
            raise NotCheckedError("no endpoint is known", "the app's source")
        raise NotApplicableError("no endpoint takes anything")
    tried = {one.route for one in proof.inputs}
    without = [one.route for one in rules if one.route not in tried]
    gaps = (
        (
            Gap(
                without[0],
                f"{len(without)} of {len(rules)} endpoints that take something were sent nothing broken",
                "an identity that may call them, and writes = true",
            ),
        )
        if without
        else ()
    )
    table = Table(
        "What each field may hold",
        "Wanted by source, type and name; what the app refused, and what broke it or was kept. `launchready inputs --documents DIR` "
        "writes what is missing as code.",
        ("endpoint", "field", "in", "wanted", "refused", "broke it or was kept"),
        tuple(_told(one, field) for one in rules for field in one.fields),
    )
    return Result(len(rules) - len(without), gaps=gaps, tables=(table,))


def _told(one: BoundaryRules, field: FieldRule) -> tuple[str, ...]:
    wanted = field.type + (", required" if field.required else "")
    bad = (*field.crashed, *field.kept)
    return one.route, field.name, field.where, wanted, _few(field.refused), _few(bad)


def _few(said: tuple[str, ...]) -> str:
    more = f" and {len(said) - _NAMED} more" if len(said) > _NAMED else ""
    return ", ".join(said[:_NAMED]) + more


CHECK = Check(
    CheckInfo(
        "LR307",
        "The rules at each endpoint's boundary are written down",
        Stage.INPUTS,
        _LINES,
        (Need.URL,),
        Severity.LOW,
        Impact.OPERATIONS,
        _LINES,
    ),
    run,
)
