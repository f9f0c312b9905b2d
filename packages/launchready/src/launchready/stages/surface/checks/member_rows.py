"""LR122: a signed-in member reaches rows of another member, tried on a database built from the migrations."""

import re

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.database import Relation
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.catalogue import COMMANDS
from launchready.stages.surface.built import Built, BuiltData, private_columns, said, tried

# Supabase docs, "Row Level Security": raw_user_meta_data can be updated by the user and is no place for rights.
_METADATA = re.compile(r"\b(?:raw_)?user_meta_?data\b")
_LINES = ("AUTH-4", "AUTH-F2", "BAR-2")


async def run(context: Context) -> Result:
    """Lay out a row of member A in every table, and try it as member B."""
    findings: list[Finding] = []
    gaps: list[Gap] = []
    examined = 0
    for built in await context.get(BuiltData).results():
        gaps += built.gaps()
        for relation in built.database.relations:
            if relation.schema == "storage" or relation.kind != "table":
                continue
            examined += 1
            findings += _by_own_word(built, relation)
            if found := _judge(built, relation):
                findings.append(found)
            elif relation.untried and any(grant.startswith("authenticated:") for grant in relation.grants):
                gaps.append(Gap(relation.full_name, relation.untried, "a look by a person at whose rows it gives out"))
    if not examined and not gaps:
        raise NotApplicableError("the migrations create no table that the API exposes")
    return Result(examined, tuple(findings), tuple(gaps))


def _judge(built: Built, relation: Relation) -> Finding | None:
    # What a stranger can do too is told by LR121. Row security lets B in where it does not ask whose row it is.
    done = [
        command for command in COMMANDS if f"member:{command}" in relation.can and f"anon:{command}" not in relation.can
    ]
    whose = relation.owner or relation.tenant
    if not whose:
        # Rows of nobody in particular: what every member may read is shared; what every member may change is asked about.
        done = [command for command in done if command != "select"]
    if not done:
        return None
    shared = all(relation.open_policies(command, "authenticated") for command in done)
    mild = done == ["select"] and shared and not private_columns(relation)
    suspected = not whose or mild
    what = (
        "It has no column that says whose a row is."
        if not whose
        else f"Its column {whose} says whose a row is, and no policy asks it."
    )
    if done == ["insert"]:
        what = f"A member can add rows in another's name: {what}"
    return Finding(
        "LR122",
        relation.full_name,
        f"A member can {said(done)} rows of other members in {relation.full_name}",
        Severity.MEDIUM if suspected else Severity.BLOCKER,
        Confidence.SUSPECTED if suspected else Confidence.PROVEN,
        Impact.DATA,
        _LINES,
        f"{what} Signing up is enough to be a member.",
        tried(built.place(relation.full_name), "authenticated", relation.full_name, done, what),
        "",
        f"Ask in every policy whose row it is: using ((select auth.uid()) = {whose or 'user_id'}), and the same as with check.",
        1.0,
    )


def _by_own_word(built: Built, relation: Relation) -> list[Finding]:
    return [
        Finding(
            "LR122",
            relation.full_name,
            f"A member can give themselves the rights that {relation.full_name} asks for",
            Severity.BLOCKER,
            Confidence.CERTAIN,
            Impact.IDENTITY,
            _LINES,
            f"The policy {policy.name} believes user_metadata, which every member may change with one call of their own.",
            tried(
                built.place(relation.full_name),
                "authenticated",
                relation.full_name,
                [],
                f"{policy.using} {policy.check}".strip(),
            ),
            "",
            "Keep roles in app_metadata, which only the server writes, or in a table that members cannot change.",
            2.0,
            f"metadata {policy.name}",
        )
        for policy in relation.policies
        if _METADATA.search(f"{policy.using} {policy.check}")
    ]


CHECK = Check(
    CheckInfo(
        "LR122",
        "Members reach only their own rows",
        Stage.SURFACE,
        _LINES,
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
