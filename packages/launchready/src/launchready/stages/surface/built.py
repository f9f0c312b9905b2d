"""The databases that the source describes, built once per run when the first check asks, and shared by all checks."""

import asyncio
import re
from dataclasses import dataclass

from launchready.core.check import NotApplicableError, NotCheckedError
from launchready.model.check import Gap
from launchready.model.database import Database, Relation, Unrun
from launchready.model.evidence import Evidence
from launchready.model.surface import Span
from launchready.probes.postgres import Postgres, PostgresMissingError
from launchready.probes.trials import examine
from launchready.sources.data.generated import Generated, generated
from launchready.sources.data.schema import Schema, read_schema
from launchready.sources.data.supabase import Project, projects
from launchready.sources.tree import Tree

# Statements that say nothing about who may do what.
_HARMLESS = re.compile(
    r"(?:--.*|\s)*(?:CREATE\s+(?:UNIQUE\s+)?INDEX|COMMENT\s+ON|INSERT|ANALYZE|VACUUM|COPY|REINDEX)\b", re.I
)
_ACCESS = re.compile(r"\b(?:POLICY|ROW\s+LEVEL\s+SECURITY|GRANT|REVOKE)\b", re.I)
# What Stripe calls its prices and products by stands in every page that sells them (docs.stripe.com: products and prices).
_PRIVATE = re.compile(
    r"e?mail|phone|mobile|address|passw|secret|token|api_?key|ssn|birth|(?:^|_)dob(?:_|$)|salary|iban|card|stripe(?!_?(?:price|product))|billing|medic|diagnos|"
    r"passport|tax_?id|latitude|longitude|(?:^|_)ip(?:_|$)|credit|balance|invoice|private",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Built:
    """A project, the statements' own view of it, and the database they made."""

    project: Project
    schema: Schema
    database: Database
    types: Generated

    def gaps(self) -> tuple[Gap, ...]:
        """What is missing from the database, so that its answer is not the whole one."""
        by_file: dict[str, list[Unrun]] = {}
        for one in self.database.unrun:
            if not _harmless(one):
                by_file.setdefault(one.file, []).append(one)
        missing = [_unrun(each) for each in by_file.values()]
        missing += [Gap(one.file, one.reason, "a file that can be read") for one in self.project.unread]
        outside = sorted(one.name for one in self.database.relations if one.lent and not one.rls)
        outside += sorted({name for name, _ in self.types.tables} - {one.name for one in self.database.relations})
        if outside and "public" in self.project.exposed:
            shown = ", ".join(outside[:4]) + (f" and {len(outside) - 4} more" if len(outside) > 4 else "")
            missing.append(
                Gap(
                    self.types.file,
                    f"no migration makes {shown}, which the app's generated types name: whether row level security is on there stands in no file",
                    "what is in the database as a migration: supabase db pull",
                )
            )
        return tuple(missing)

    def notes(self) -> tuple[str, ...]:
        """Statements that did not run and say nothing about access."""
        return tuple(_note(one) for one in self.database.unrun if _harmless(one))

    def place(self, relation: str) -> Span:
        """Where the object of that full name is created, or the types that name it; its migration folder when neither was found."""
        schema, _, name = relation.partition(".")
        found = self.schema.objects.get((schema, name.split("(")[0]))
        if found:
            return found.span
        line = dict(self.types.lines).get(name, 0) if schema == "public" else 0
        if line:
            return Span(self.types.file, line, f"{name}, which no migration makes")
        return Span(f"{self.project.folder}/migrations", 0)


class BuiltData:
    """Every Supabase database of a tree."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._lock = asyncio.Lock()
        self._built: tuple[Built, ...] | None = None
        self._missing: PostgresMissingError | None = None

    async def results(self) -> tuple[Built, ...]:
        """One for each project that has statements.

        Raises :class:`NotApplicableError` when there is no such project, :class:`NotCheckedError` when no database can be had.
        """
        async with self._lock:
            if self._built is None and self._missing is None:
                try:
                    self._built = await asyncio.to_thread(self._build)
                except PostgresMissingError as error:
                    self._missing = error
        if self._missing is not None:
            raise NotCheckedError(str(self._missing), self._missing.give)
        if not self._built:
            raise NotApplicableError("the source holds no Supabase migrations")
        return self._built

    def _build(self) -> tuple[Built, ...]:
        found = [project for project in projects(self._tree) if project.statements or project.buckets]
        # Of several projects it is not known which one the types are of.
        types = generated(self._tree) if len(found) == 1 else Generated()
        built = []
        for project in found:
            # Roles belong to a whole server, so every project has one of its own.
            with Postgres.open() as server:
                spare = dict((*types.types, *types.tables))
                database = examine(server, project.statements, project.exposed, project.buckets, spare)
            built.append(Built(project, read_schema(project.statements), database, types))
        return tuple(built)


def private_columns(relation: Relation) -> tuple[str, ...]:
    """The columns whose names say that they hold something private."""
    return tuple(column for column in relation.columns if is_private(column))


def is_private(column: str) -> bool:
    """Whether the name of a column says that it holds something private."""
    return bool(_PRIVATE.search(column))


def said(commands: list[str]) -> str:
    """``read, change and delete``."""
    words = [{"select": "read", "insert": "add", "update": "change", "delete": "delete"}[one] for one in commands]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def tried(span: Span, role: str, name: str, commands: list[str], why: str) -> tuple[Evidence, ...]:
    """Where it is created, and what was done to a row of member A."""
    acted = "\n".join(f"{command.upper()} on {name}: let through" for command in commands)
    return (
        Evidence("file", why, span.what, span.file, span.line),
        Evidence(
            "config",
            f"the migrations were run in a database of our own, and tried as {role}",
            f"SET ROLE {role};\n{acted}",
        ),
    )


def _harmless(one: Unrun) -> bool:
    """Whether a statement that did not run says nothing about access, or would change nothing: what is there already stays as it is."""
    return bool(_HARMLESS.match(one.what)) or one.reason.endswith("already exists")


def _unrun(each: list[Unrun]) -> Gap:
    first = next((one for one in each if _ACCESS.search(one.what)), each[0])
    said = f"{first.what}: {first.reason}"
    if len(each) == 1:
        return Gap(f"{first.file}:{first.line}", said, "a look at this statement by a person")
    lines = ", ".join(str(one.line) for one in each)
    said = f"{len(each)} statements of {first.file} did not run (lines {lines}), among them: {said}"
    return Gap(f"{first.file}:{first.line}", said, "a look at them by a person")


def _note(one: Unrun) -> str:
    return f"{one.file}:{one.line} did not run, and says nothing about access: {one.reason}"
