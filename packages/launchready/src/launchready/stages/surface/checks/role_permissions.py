"""LR126: what Hasura and PostgREST hand out to strangers, by their own configuration."""

import re

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.sources.data.hasura import Permission, permissions
from launchready.sources.data.postgrest import Exposure, exposures
from launchready.sources.tree import Tree

_LINES = ("BAR-1", "BAR-2", "SURF-F2", "AUTH-F2")
_STRANGER = re.compile(r"^(?:anonymous|anon|public|guest|unauthori[sz]ed|visitor)$", re.I)
_MEMBER = re.compile(r"^(?:user|member|customer|authenticated|client)$", re.I)
_PRIVATE = re.compile(
    r"user|account|member|customer|profile|order|payment|invoice|message|session|token|secret|patient|contact", re.I
)
_COLUMN = re.compile(r"mail|phone|passw|token|secret|address|birth|card|\*", re.I)


async def run(context: Context) -> Result:
    """Judge the permissions of strangers and of plain members, and how each service knows who is calling."""
    tree = context.get(Tree)
    granted, unread = permissions(tree)
    doors, gaps = exposures(tree)
    missing = [Gap(one.file, one.reason, "a metadata file that parses") for one in unread] + list(gaps)
    if not granted and not doors and not missing:
        raise NotApplicableError("the source holds no Hasura metadata and no PostgREST configuration")
    findings = [found for one in granted if (found := _judge(one))] + [_door(one) for one in doors if one.problem]
    return Result(len(granted) + len(doors), tuple(findings), tuple(missing))


def _judge(one: Permission) -> Finding | None:
    if not one.everything:
        return None
    if _STRANGER.match(one.role):
        mild = one.act in ("select", "insert") and not (
            one.act == "select" and (_PRIVATE.search(one.table) or any(_COLUMN.search(name) for name in one.columns))
        )
        return _finding(one, "Anyone on the internet", mild)
    if _MEMBER.match(one.role):
        return _finding(one, "Any member", not (_PRIVATE.search(one.table) or one.act in ("update", "delete")))
    return None


def _finding(one: Permission, who: str, mild: bool) -> Finding:
    act = {"select": "read", "insert": "add", "update": "change", "delete": "delete"}[one.act]
    return Finding(
        "LR126",
        one.table,
        f"{who} can {act} every row of {one.table}",
        Severity.MEDIUM if mild else Severity.BLOCKER,
        Confidence.SUSPECTED if mild else Confidence.CERTAIN,
        Impact.DATA,
        _LINES,
        f"The role {one.role} may {act} this table, and no condition leaves any row out.",
        (Evidence("file", f"{one.act} for {one.role} without a condition", "", one.span.file, one.span.line),),
        "",
        "Give the permission a filter such as {user_id: {_eq: X-Hasura-User-Id}}, or take it away from this role.",
        1.0,
        f"{one.role} {one.act}",
    )


def _door(one: Exposure) -> Finding:
    return Finding(
        "LR126",
        one.span.file,
        one.title,
        Severity.BLOCKER,
        Confidence.CERTAIN,
        Impact.DATA,
        _LINES,
        one.problem,
        (Evidence("file", one.span.what, "", one.span.file, one.span.line),),
        "",
        one.fix,
        1.0,
        one.key,
    )


CHECK = Check(
    CheckInfo(
        "LR126",
        "Hasura and PostgREST leave out rows that are not the caller's",
        Stage.SURFACE,
        _LINES,
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
