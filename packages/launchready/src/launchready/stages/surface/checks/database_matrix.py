"""LR128: who can do what to every table, function and bucket that clients reach directly, as one matrix."""

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.model.check import CheckInfo, Gap, Table
from launchready.model.database import Bucket, Relation, Routine
from launchready.model.words import Impact, Need, Severity, Stage
from launchready.probes.catalogue import COMMANDS
from launchready.stages.surface.built import Built, BuiltData

_LINES = ("AUTH-D1", "SURF-F1")
_VERBS = {"select": "read", "insert": "add", "update": "change", "delete": "delete"}
_COLUMNS = ("what", "kind", "stranger", "member A, whose row it is", "member B", "rules")


async def run(context: Context) -> Result:
    """Act as a stranger, as member A and as member B on every table and view, on every function and on every bucket, and write down who could.

    What is wrong about it is told by LR121 to LR124; this is the whole picture for a person to read and to keep.
    """
    tables: list[Table] = []
    gaps: list[Gap] = []
    for built in await context.get(BuiltData).results():
        gaps += built.gaps()
        rows = [_relation(one) for one in built.database.relations if one.schema != "storage"]
        rows += [_routine(one) for one in built.database.routines]
        rows += [_bucket(one) for one in built.database.buckets]
        gaps += [
            Gap(one.full_name, one.untried, "a look by a person at who may use it")
            for one in built.database.relations
            if one.untried and one.grants
        ]
        if rows:
            tables.append(_table(built, rows))
    examined = sum(len(table.rows) for table in tables)
    if not examined and not gaps:
        raise NotApplicableError("the migrations create nothing that the API exposes")
    return Result(examined, (), tuple(gaps), tables=tuple(tables))


def _table(built: Built, rows: list[tuple[str, ...]]) -> Table:
    return Table(
        f"Who can do what in the database ({built.project.folder})",
        "The migrations were run in a PostgreSQL of our own. A row of member A was laid into each table, a file into A's folder of each bucket, and each "
        "was tried as somebody with nothing but the public key, as A and as another member. Functions were called with plain values; everything was rolled back.",
        _COLUMNS,
        tuple(rows),
    )


def _relation(one: Relation) -> tuple[str, ...]:
    rules = f"{len(one.policies)} policies" if one.rls else "row level security is off"
    if one.kind != "table":
        rules = "reads with its owner's rights" if one.bypasses else "reads with the caller's rights"
    if one.untried:
        granted = (
            "may, by its grants: " + _verbs(one.grants, role) for role in ("anon", "authenticated", "authenticated")
        )
        return (one.full_name, one.kind, *granted, f"not tried: {one.untried}")
    return (one.full_name, one.kind, *(_verbs(one.can, actor) for actor in ("anon", "owner", "member")), rules)


def _routine(one: Routine) -> tuple[str, ...]:
    asks = "asks who calls" if one.asks_caller else "does not ask who calls"
    rules = f"runs with its owner's rights, {asks}" if one.definer else "runs with the caller's rights"
    return (one.full_name, "function", *(_called(one, actor) for actor in ("anon", "owner", "member")), rules)


def _called(one: Routine, actor: str) -> str:
    role = "anon" if actor == "anon" else "authenticated"
    if role not in one.callers:
        return "–"
    return "calls it" if f"{actor}:call" in one.can else "is refused by it"


def _bucket(one: Bucket) -> tuple[str, ...]:
    cells = [_verbs(one.can, actor) for actor in ("anon", "owner", "member")]
    rules = "public: whoever has an address of a file reads it" if one.public else "private"
    return (f"bucket {one.name}", "bucket", *cells, f"not tried: {one.untried}" if one.untried else rules)


def _verbs(can: frozenset[str], actor: str) -> str:
    return ", ".join(_VERBS[verb] for verb in COMMANDS if f"{actor}:{verb}" in can) or "–"


CHECK = Check(
    CheckInfo(
        "LR128",
        "It is known who can do what in the database",
        Stage.SURFACE,
        _LINES,
        (Need.SOURCE,),
        Severity.MEDIUM,
        Impact.DATA,
    ),
    run,
)
