"""LR232: what the policy says is what the code does."""

from collections.abc import Sequence

from launchready.config.policy import load_policy, policy_path
from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.core.policy.compare import Difference, Sort, compare
from launchready.core.policy.guess import Grounds, drafted
from launchready.core.policy.roles import Roles
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import AccessVerdict, Confidence, Impact, Need, Severity, Stage
from launchready.sources.bindings import bindings
from launchready.sources.tree import Tree

_LINES = ("AUTH-D1", "SURF-F1")
_SHOWN = 8


async def run(context: Context) -> Result:
    """Compare every reviewed row with the source: routes without a row, rows without a route, and who lets in more (CWE-862, CWE-863)."""
    policy = load_policy(context.project)
    if policy is None or not policy.rows:
        raise NotApplicableError("there is no policy to compare with: see LR231")
    if not context.surface.endpoints:
        raise NotCheckedError("no endpoint was found in the source", "source of a framework we read")
    bound = bindings(context.get(Tree), context.surface.endpoints)
    rows = drafted(context.surface.endpoints, Grounds(Roles(policy.roles), context.surface.integrations, bound))
    found = compare(policy, rows)
    name = policy_path(context.project).name
    findings = [_weaker(one, name) for one in found if one.sort is Sort.CODE_WEAKER]
    for sort, title, fix in (
        (
            Sort.POLICY_WEAKER,
            "The policy allows more than the code does: {}",
            "Write into the policy what the code asks for, or mend the code.",
        ),
        (
            Sort.UNLISTED,
            "Nobody decided who may use these ways in, for the policy has no row for them: {}",
            "launchready policy draft --force adds them, marked review.",
        ),
        (
            Sort.GONE,
            "The policy names routes the code does not have: {}",
            "Take them out, or find out why the code lost the route.",
        ),
    ):
        if of := [one for one in found if one.sort is sort]:
            findings.append(_several(of, title, fix, name))
    unknown = sum(row.endpoint.access.verdict is AccessVerdict.UNKNOWN for row in rows)
    note = f"{unknown} of {len(rows)} rows could not be compared: their guard could not be followed in source"
    return Result(len(rows), tuple(findings), notes=(note,) if unknown else ())


def _weaker(one: Difference, name: str) -> Finding:
    nobody = one.said.endswith("code: everybody")
    return Finding(
        "LR232",
        one.route,
        f"The policy keeps {one.route} for some, and the code lets {'everybody' if nobody else 'others'} in",
        Severity.HIGH,
        Confidence.CERTAIN if nobody else Confidence.SUSPECTED,
        Impact.IDENTITY,
        _LINES,
        one.said,
        (Evidence("file", one.said, "", *_place(one)), Evidence("config", "the row of the policy", "", name)),
        "launchready policy check",
        "Ask for the role on the server, on the route itself. When the code is right, write into the policy what it does.",
        1.0,
    )


def _several(found: Sequence[Difference], title: str, fix: str, name: str) -> Finding:
    evidence = [
        Evidence("file" if one.place else "config", f"{one.route}: {one.said}", one.write, *_place(one))
        for one in found
    ]
    policy_weaker = found[0].sort is Sort.POLICY_WEAKER
    return Finding(
        "LR232",
        name,
        title.format(len(found)),
        Severity.LOW if found[0].sort is Sort.GONE else Severity.MEDIUM,
        Confidence.CERTAIN,
        Impact.IDENTITY if policy_weaker else Impact.OPERATIONS,
        _LINES,
        ", ".join(one.route for one in found[:_SHOWN])
        + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""),
        tuple(evidence[:_SHOWN]),
        "launchready policy check",
        fix,
        0.5,
        found[0].sort.value,
    )


def _place(one: Difference) -> tuple[str, int]:
    file, _, line = one.place.rpartition(":")
    return (file, int(line)) if file and line.isdigit() else ("", 0)


CHECK = Check(
    CheckInfo(
        "LR232",
        "The policy and the code agree",
        Stage.ACCESS,
        _LINES,
        (Need.SOURCE,),
        Severity.HIGH,
        Impact.IDENTITY,
        ("AUTH-D1",),
    ),
    run,
)
