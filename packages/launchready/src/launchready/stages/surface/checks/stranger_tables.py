"""LR121: what anyone with the public key can do to tables directly, tried on a database built from the migrations."""

import re

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.database import Relation
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.catalogue import COMMANDS
from launchready.stages.surface.built import Built, BuiltData, private_columns, said, tried

_LINES = ("BAR-1", "BAR-2", "SURF-F2", "AUTH-F2")

_GIVES = re.compile(
    r"(?:user_|app_)?roles?(?:_id)?|is_?(?:super_?)?(?:admin|staff|owner)|permissions?|balance|credits?|points|plan|tier",
    re.I,
)


async def run(context: Context) -> Result:
    """Try every table and view of the exposed schemas as the role anon."""
    findings: list[Finding] = []
    gaps: list[Gap] = []
    notes: list[str] = []
    examined = 0
    for built in await context.get(BuiltData).results():
        gaps += built.gaps()
        notes += built.notes()
        for relation in built.database.relations:
            if relation.schema == "storage":
                continue
            examined += 1
            if found := _judge(built, relation):
                findings.append(found)
            elif relation.untried and any(grant.startswith("anon:") for grant in relation.grants):
                gaps.append(Gap(relation.full_name, relation.untried, "a look by a person at who may read it"))
    if not examined and not gaps:
        raise NotApplicableError("the migrations create no table that the API exposes")
    return Result(examined, tuple(findings), tuple(gaps), notes=tuple(notes))


def _judge(built: Built, relation: Relation) -> Finding | None:
    granted = [command for command in COMMANDS if f"anon:{command}" in relation.grants]
    done = [command for command in COMMANDS if f"anon:{command}" in relation.can]
    acted = bool(done)
    if relation.kind != "table" and relation.bypasses and "select" in granted and not done:
        done = ["select"]
    if relation.untried and relation.kind in ("table", "foreign table") and not relation.rls and not done:
        done = granted
    if not done:
        return None
    why = _why(relation)
    # A policy that says true was written on purpose, and so was one that shows rows of nobody in particular; without one nobody decided anything.
    listing = done == ["select"] and relation.policies and not (relation.owner or relation.tenant)
    meant = relation.rls and (
        listing
        or all(
            relation.open_policies(command, "anon") or (command == "insert" and relation.takes_forms)
            for command in done
        )
    )
    harmless = not {"update", "delete"}.intersection(done) and not ("select" in done and private_columns(relation))
    # Whoever adds a row of somebody's rights or money gives it to themselves.
    harmless = harmless and not ("insert" in done and relation.owner and any(map(_GIVES.fullmatch, relation.columns)))
    # A view past the policies that says whose each row is shows what everybody has.
    of_people = relation.bypasses and relation.owner
    shown = relation.kind.endswith("view") and done == ["select"] and not (private_columns(relation) or of_people)
    suspected = (meant and harmless) or shown
    span = built.place(relation.full_name)
    private = ", ".join(private_columns(relation)[:5])
    return Finding(
        "LR121",
        relation.full_name,
        f"Anyone on the internet can {said(done)} rows of {relation.full_name} with the key that is in your page",
        Severity.MEDIUM if suspected else Severity.BLOCKER,
        Confidence.SUSPECTED if suspected else Confidence.PROVEN if acted else Confidence.CERTAIN,
        Impact.DATA,
        _LINES,
        f"{why} The API of the data service answers whoever has the public key, and every visitor has it."
        + (f" Columns that look private: {private}." if private else ""),
        tried(span, "anon", relation.full_name, done if acted else [], why),
        f'curl "$SUPABASE_URL/rest/v1/{relation.name}?select=*" -H "apikey: $SUPABASE_ANON_KEY"',
        f"alter table {relation.full_name} enable row level security; then one policy for each thing members may do, such as "
        f"using ((select auth.uid()) = {relation.owner or 'user_id'})."
        if relation.kind == "table"
        else f"alter view {relation.full_name} set (security_invoker = true); or revoke select on it from anon.",
        1.0,
    )


def _why(relation: Relation) -> str:
    if relation.bypasses:
        return "It reads with its owner's rights, past the row level security of the tables below it."
    if not relation.rls:
        return "Row level security is off."
    return "Its policies let strangers through."


CHECK = Check(
    CheckInfo(
        "LR121",
        "Strangers cannot read or change tables directly",
        Stage.SURFACE,
        _LINES,
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
